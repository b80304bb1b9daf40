-- Grain: one unit (source and day), with what was rejected of it. A unit is blocked when its state says so, or when
-- its own row was rejected: then that row waits in quarantine, and only the rules that stopped it are known here.
CREATE VIEW unit_health AS
WITH rejected AS (
    SELECT
        quarantine_counts.source,
        quarantine_counts.unit_date,
        bool_or(quarantine_counts.table_name = 'units') AS is_blocked,
        (sum(quarantine_counts.rows) FILTER (WHERE quarantine_counts.table_name <> 'units'))::BIGINT AS quarantined_rows,
        string_agg(DISTINCT quarantine_counts.table_name || ': ' || quarantine_counts.rule, '; ') AS quarantine_rules
    FROM quarantine_counts
    WHERE quarantine_counts.source IS NOT NULL
    GROUP BY quarantine_counts.source, quarantine_counts.unit_date
)

SELECT
    coalesce(units.source, rejected.source) AS source,
    coalesce(units.unit_date, rejected.unit_date) AS unit_date,
    units.kind,
    coalesce(units.state = 'blocked', false) OR coalesce(rejected.is_blocked, false) AS is_blocked,
    coalesce(units.unit_date, rejected.unit_date)
    = max(coalesce(units.unit_date, rejected.unit_date)) OVER (
        PARTITION BY coalesce(units.source, rejected.source)
    ) AS is_newest,
    units.captures,
    units.not_modified,
    units.errors,
    units.items,
    units.problems,
    units.expected_min,
    units.expected_max,
    coalesce(rejected.quarantined_rows, 0) AS quarantined_rows,
    rejected.quarantine_rules,
    units.detail
FROM units
FULL OUTER JOIN rejected ON rejected.source = units.source AND rejected.unit_date = units.unit_date
ORDER BY unit_date DESC, source;

COMMENT ON VIEW unit_health IS 'What each source brought on each day, what was rejected of it, whether it was blocked, and whether it is its source''s newest day. Grain: unit.';
