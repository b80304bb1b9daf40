-- Grain: one total figure of a published operation, beside ours of the same metric and unit.
-- Totals only: figures of one country or of a part are left out, so that like stands beside like.
CREATE VIEW operation_comparison AS
WITH totals AS (
    SELECT
        operations.origin,
        operations.name,
        operations.start_date,
        operations.end_date,
        operation_metrics.metric,
        operation_metrics.unit,
        operation_metrics.value,
        operation_metrics.qualifier,
        operation_metrics.quote
    FROM operation_metrics
    INNER JOIN operations ON operations.operation_id = operation_metrics.operation_id
    WHERE
        operation_metrics.country IS NULL
        AND operation_metrics.subset IS NULL
        AND operation_metrics.is_best
),

ours AS (SELECT * FROM totals WHERE totals.origin = 'own'),

published AS (SELECT * FROM totals WHERE totals.origin = 'published')

SELECT
    coalesce(ours.metric, published.metric) AS metric,
    coalesce(ours.unit, published.unit) AS unit,
    ours.name AS own_operation,
    ours.value AS own_value,
    published.name AS published_operation,
    published.start_date AS published_start,
    published.end_date AS published_end,
    published.value AS published_value,
    published.qualifier AS published_qualifier,
    published.quote AS published_quote
FROM ours
FULL OUTER JOIN published
    ON published.metric = ours.metric AND published.unit IS NOT DISTINCT FROM ours.unit
ORDER BY metric, published_start, published_operation;

COMMENT ON VIEW operation_comparison IS 'Our own figures beside published ones of the same metric and unit. Grain: published total figure.';
