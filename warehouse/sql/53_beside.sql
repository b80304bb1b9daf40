-- Grain: one metric that our operation or a chosen published operation has, with both values.
CREATE MACRO beside(chosen) AS TABLE
WITH totals AS (
    SELECT
        operation_metrics.operation_id,
        operations.origin,
        operation_metrics.metric,
        operation_metrics.unit,
        max(operation_metrics.value) AS value,
        arg_max(operation_metrics.qualifier, operation_metrics.value) AS qualifier,
        arg_max(operation_metrics.quote, operation_metrics.value) AS quote
    FROM operation_metrics
    INNER JOIN operations ON operations.operation_id = operation_metrics.operation_id
    WHERE operation_metrics.country IS NULL AND operation_metrics.subset IS NULL AND operation_metrics.is_best
    GROUP BY ALL
),

published AS (
    SELECT operations.operation_id, operations.name, operations.start_date
    FROM operations
    WHERE
        operations.origin = 'published'
        AND (operations.operation_id = chosen OR contains(lower(operations.name), lower(chosen)))
),

pairs AS (
    SELECT DISTINCT published.operation_id, published.name, published.start_date, totals.metric, totals.unit
    FROM published
    INNER JOIN totals ON totals.origin = 'own' OR totals.operation_id = published.operation_id
)

SELECT
    pairs.name AS published_operation,
    pairs.start_date AS published_start,
    pairs.metric,
    pairs.unit,
    ours.value AS own_value,
    theirs.value AS published_value,
    theirs.qualifier AS published_qualifier,
    theirs.quote AS published_quote
FROM pairs
LEFT JOIN totals AS ours
    ON ours.origin = 'own' AND ours.metric = pairs.metric AND ours.unit IS NOT DISTINCT FROM pairs.unit
LEFT JOIN totals AS theirs
    ON
        theirs.operation_id = pairs.operation_id
        AND theirs.metric = pairs.metric
        AND theirs.unit IS NOT DISTINCT FROM pairs.unit
ORDER BY pairs.start_date, pairs.name, ours.value IS NULL, theirs.value IS NULL, pairs.metric;

COMMENT ON MACRO TABLE beside IS 'Our totals beside those of a published operation, by its name, a part of it, or its id: FROM beside(''Liberterra''). Null: not told. Grain: published operation, metric, unit.';
