"""Our operation's figures by country and by day, and the published operations fit to stand beside it.

A day is the first on which a lead's evidence was seen; figures by country and by day are those of the view
`own_figures`. Only figures that exist are counted: without a list there are no checks and hits, for a zero would say
that something was looked up.
"""

import duckdb

from assets.publishing.rows import Row, one, rows
from assets.statistics.own_operation import LEAD_METRICS

SHOWN_OPERATIONS = 5
# What the view own_figures has for a country, and for a day.
COUNTRY_METRICS = (*LEAD_METRICS, "urls")
DAY_METRICS = (*COUNTRY_METRICS, "platforms_suspicious")


def _columns(metrics: tuple[str, ...]) -> str:
    return ", ".join(
        f"coalesce(max(value) FILTER (WHERE metric = '{metric}'), 0)::BIGINT AS {metric}"
        for metric in metrics
    )


def own_by_country(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """`country` and each of `COUNTRY_METRICS`; countries without a figure have no row."""
    return rows(
        connection,
        f"""
        SELECT country, {_columns(COUNTRY_METRICS)} FROM own_figures WHERE country IS NOT NULL AND day IS NULL
        GROUP BY country ORDER BY {", ".join(f"{metric} DESC" for metric in COUNTRY_METRICS)}, country
        """,
    )


def by_day(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """`day`, `captures`, `new_items`, `new_leads` and `DAY_METRICS`, a row for each day with any of them.

    The metrics leave out leads a reviewer rejected, as the operation's totals do; `new_leads` counts all.
    """
    zeros = ", ".join(f"coalesce({name}, 0) AS {name}" for name in ("new_leads", *DAY_METRICS))
    return rows(
        connection,
        f"""
        WITH of_captures AS (SELECT unit_date AS day, count(*) AS captures FROM captures GROUP BY unit_date),
        of_items AS (SELECT first_seen AS day, count(*) AS new_items FROM items GROUP BY first_seen),
        of_leads AS (SELECT first_seen AS day, count(*) AS new_leads FROM leads GROUP BY first_seen),
        of_metrics AS (
            SELECT day, {_columns(DAY_METRICS)} FROM own_figures WHERE country IS NULL AND day IS NOT NULL GROUP BY day
        )

        SELECT day, coalesce(of_captures.captures, 0) AS captures, coalesce(of_items.new_items, 0) AS new_items, {zeros}
        FROM of_captures
        FULL OUTER JOIN of_items USING (day)
        FULL OUTER JOIN of_leads USING (day)
        FULL OUTER JOIN of_metrics USING (day)
        WHERE day IS NOT NULL
        ORDER BY day
        """,
    )


def screened_lists(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Lists looked into: `list_name`, `list_kind`, `entries`, `versions`, `last_changed` (day of the newest version),
    `persons`, `contacts` (checks of either) and `hits`; those that analysts may not see are counted as well."""
    return rows(
        connection,
        """
        WITH counted AS (
            SELECT list_name, sum(checks) FILTER (WHERE query_kind = 'person') AS persons,
                sum(checks) FILTER (WHERE query_kind <> 'person') AS contacts, sum(hits) AS hits
            FROM screening_counts WHERE country IS NULL GROUP BY list_name
        )

        SELECT screening_lists.list_name, any_value(screening_lists.list_kind) AS list_kind,
            arg_max(screening_lists.entry_count, screening_lists.first_checked_on) AS entries, count(*) AS versions,
            max(screening_lists.first_checked_on) AS last_changed,
            coalesce(any_value(counted.persons), 0)::BIGINT AS persons,
            coalesce(any_value(counted.contacts), 0)::BIGINT AS contacts,
            coalesce(any_value(counted.hits), 0)::BIGINT AS hits
        FROM screening_lists LEFT JOIN counted ON counted.list_name = screening_lists.list_name
        GROUP BY screening_lists.list_name ORDER BY hits DESC, screening_lists.list_name
        """,
    )


def comparable_operations(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Published operations that share a crime area and a metric with ours, the nearest first.

    Nearest: most crime areas shared, then most metrics shared, then the latest. An operation of ours that names no
    crime area is compared by metrics alone. Columns: `operation_id`, `name`, `start_date`, `end_date`,
    `crime_areas`, `country_count`, `shared_areas` (count), `shared_metrics` (count) and `figures`: a list of
    {`metric`, `unit`, `value`, `qualifier`, `own`}, the shared first.
    """
    found = rows(
        connection,
        """
        WITH own AS (
            SELECT operation_id, list_filter(string_split(coalesce(crime_areas, ''), ','), lambda a: a <> '') AS areas
            FROM operations WHERE origin = 'own' LIMIT 1
        ),

        own_metrics AS (
            SELECT metric FROM operation_metrics SEMI JOIN own USING (operation_id)
            WHERE country IS NULL AND subset IS NULL
        ),

        shared AS (
            SELECT operation_id, count(DISTINCT metric) AS shared_metrics
            FROM operation_metrics SEMI JOIN own_metrics USING (metric)
            WHERE country IS NULL AND subset IS NULL AND is_best AND value IS NOT NULL
            GROUP BY operation_id
        )

        SELECT
            operations.operation_id,
            operations.name,
            operations.start_date,
            operations.end_date,
            operations.crime_areas,
            operations.country_count,
            len(list_intersect(string_split(coalesce(operations.crime_areas, ''), ','), own.areas)) AS shared_areas,
            shared.shared_metrics
        FROM operations
        INNER JOIN shared ON shared.operation_id = operations.operation_id
        CROSS JOIN own
        WHERE operations.origin = 'published' AND operations.role <> 'mention'
            AND (shared_areas > 0 OR len(own.areas) = 0)
        ORDER BY shared_areas DESC, shared_metrics DESC, operations.start_date DESC NULLS LAST, operations.operation_id
        LIMIT ?
        """,
        [SHOWN_OPERATIONS],
    )
    figures: dict[str, list[Row]] = {operation["operation_id"]: [] for operation in found}
    for figure in rows(connection, _FIGURES, [list(figures)]):
        figures[figure.pop("operation_id")].append(figure)
    return [operation | {"figures": figures[operation["operation_id"]]} for operation in found]


_FIGURES = """
WITH own AS (
    SELECT metric, unit, value FROM operation_metrics
    WHERE country IS NULL AND subset IS NULL
        AND operation_id = (SELECT operation_id FROM operations WHERE origin = 'own' LIMIT 1)
)

SELECT theirs.operation_id, theirs.metric, theirs.unit, theirs.value, theirs.qualifier, own.value AS own
FROM operation_metrics AS theirs
LEFT JOIN own ON own.metric = theirs.metric AND own.unit IS NOT DISTINCT FROM theirs.unit
WHERE list_contains(?, theirs.operation_id) AND theirs.country IS NULL AND theirs.subset IS NULL AND theirs.is_best
    AND theirs.value IS NOT NULL
QUALIFY row_number() OVER (
    PARTITION BY theirs.operation_id, theirs.metric, theirs.unit
    ORDER BY theirs.value DESC, theirs.operation_metric_id
) = 1
ORDER BY own.value IS NULL, theirs.metric, theirs.unit
"""


def coverage(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """How much was read of what: `item_table`, `items`, `first_day`, `last_day` (first seen, last seen), and of how
    many the rules could read a thing: `with_identifier`, `with_place`, `with_nationality`, `with_language`.

    These four are None for kinds of items that these rules do not read (documents, notices).
    """
    return rows(
        connection,
        """
        WITH read AS (
            SELECT item_id, bool_or(kind = 'place') AS place, bool_or(kind = 'nationality') AS nationality,
                bool_or(kind = 'language') AS language
            FROM facts GROUP BY item_id
        ),

        named AS (SELECT DISTINCT item_id FROM mentions)

        SELECT items.item_table, count(*) AS items, min(items.first_seen) AS first_day,
            max(items.last_seen) AS last_day,
            if(is_advertised, count(named.item_id), NULL) AS with_identifier,
            if(is_advertised, count(*) FILTER (WHERE read.place), NULL) AS with_place,
            if(is_advertised, count(*) FILTER (WHERE read.nationality), NULL) AS with_nationality,
            if(is_advertised, count(*) FILTER (WHERE read.language), NULL) AS with_language
        FROM (SELECT *, item_table IN ('listings', 'messages') AS is_advertised FROM items) AS items
        LEFT JOIN read ON read.item_id = items.item_id
        LEFT JOIN named ON named.item_id = items.item_id
        GROUP BY items.item_table, is_advertised
        ORDER BY items.item_table
        """,
    )


def days_covered(connection: duckdb.DuckDBPyConnection) -> Row:
    """`first_day`, `last_day`, `days` (with at least one unit) and `sources`."""
    return (
        one(
            connection,
            "SELECT min(unit_date) AS first_day, max(unit_date) AS last_day, count(DISTINCT unit_date) AS days, "
            "count(DISTINCT source) AS sources FROM unit_health",
        )
        or {}
    )
