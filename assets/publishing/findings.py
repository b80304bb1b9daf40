"""What a snapshot says, section by section, as plain rows for the report and the terminal.

Every query runs on the analysts' file and names its columns, so that the same rows come from a restricted file.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from assets.publishing.actor_network import Network, read_network
from assets.publishing.lead_cards import top_leads
from assets.publishing.operation_figures import (
    by_day,
    comparable_operations,
    coverage,
    days_covered,
    own_by_country,
    screened_lists,
)
from assets.publishing.rows import Row, one, rows
from assets.publishing.shared_by_strangers import damped_identifiers, pictures, text_templates
from quality.contracts.detection import LEAD_TYPES
from warehouse.connections import reading

TOP_SURGES = 8
SHOWN_EDGES = 14
# A chart shows this much of the past beside the rise.
PAST_DAYS = 56

_SURGE_SERIES = """
WITH dated AS (
    SELECT item_id, site, category AS kind, coalesce(CAST(posted_at AS DATE), first_seen) AS day FROM listings
    UNION ALL
    SELECT item_id, site, 'message' AS kind, coalesce(CAST(posted_at AS DATE), first_seen) AS day FROM messages
),

surest AS (
    SELECT
        item_id,
        kind,
        CASE
            WHEN kind = 'place' AND unit IS NOT NULL AND NOT contains(value, ', ') THEN value || ', ' || unit
            ELSE value
        END AS value
    FROM facts
    WHERE kind IN ('nationality', 'place')
    QUALIFY row_number() OVER (
        PARTITION BY item_id, kind ORDER BY confidence DESC NULLS LAST, span_start, value
    ) = 1
)

SELECT surges.surge_id, dated.day, count(*) AS items
FROM surges
INNER JOIN dated
    ON dated.site = surges.site AND dated.kind = surges.kind
    AND dated.day BETWEEN surges.start_date - CAST(? AS INTEGER) AND surges.end_date
INNER JOIN surest AS claim
    ON claim.item_id = dated.item_id AND claim.kind = 'nationality' AND claim.value = surges.nationality
LEFT JOIN surest AS place ON place.item_id = dated.item_id AND place.kind = 'place'
WHERE surges.place IS NULL OR place.value = surges.place
GROUP BY surges.surge_id, dated.day
"""


@dataclass(frozen=True)
class Findings:
    """The sections. Dates are `datetime.date`, moments are text in UTC, lists are in the order to show them.

    `minimum_cell` is the smallest count of persons shown, in the shareable variant; None in the full one.
    """

    snapshot: Row
    operation: Row | None
    counts: Row
    leads_by_type: list[Row]
    leads_by_country: list[Row]
    leads_by_grade: list[Row]
    leads_by_state: list[Row]
    top_leads: list[Row]
    actor: Row | None
    actor_edges: list[Row]
    network: Network
    surges: list[Row]
    surge_days: dict[str, dict[date, int]]
    site_ties: list[Row]
    text_templates: list[Row]
    damped: list[Row]
    pictures: list[Row]
    comparison: list[Row]
    comparable: list[Row]
    operations: list[Row]
    own_by_country: list[Row]
    days: list[Row]
    screened: list[Row]
    coverage: list[Row]
    days_covered: Row
    units: list[Row]
    failed_rules: list[Row]
    quarantined: list[Row]
    captures_by_outcome: list[Row]
    minimum_cell: int | None = None


def read_findings(snapshot_file: Path) -> Findings:
    """Read a published snapshot. Raises `duckdb.Error` for a file that is none."""
    with reading(snapshot_file) as connection:
        actor = _strongest_actor(connection)
        return Findings(
            snapshot=one(connection, _SNAPSHOT) or {},
            operation=one(connection, _OPERATION),
            counts=_counts(connection),
            leads_by_type=_leads_by_type(connection),
            leads_by_country=rows(connection, _LEADS_BY_COUNTRY),
            leads_by_grade=rows(
                connection, "SELECT grade, count(*) AS leads FROM leads GROUP BY grade ORDER BY grade"
            ),
            leads_by_state=rows(
                connection,
                "SELECT coalesce(state, 'new') AS state, count(*) AS leads FROM leads GROUP BY ALL ORDER BY leads DESC",
            ),
            top_leads=top_leads(connection),
            actor=actor,
            actor_edges=_edges(connection, actor),
            network=read_network(connection),
            surges=rows(connection, _SURGES, [TOP_SURGES]),
            surge_days=_surge_days(connection),
            site_ties=rows(connection, _SITE_TIES),
            text_templates=text_templates(connection),
            damped=damped_identifiers(connection),
            pictures=pictures(connection),
            comparison=rows(connection, _COMPARISON),
            comparable=comparable_operations(connection),
            operations=rows(connection, _OPERATIONS),
            own_by_country=own_by_country(connection),
            days=by_day(connection),
            screened=screened_lists(connection),
            coverage=coverage(connection),
            days_covered=days_covered(connection),
            units=rows(
                connection, "FROM unit_health ORDER BY is_blocked AND is_newest DESC, unit_date DESC, source"
            ),
            failed_rules=rows(connection, _FAILED_RULES),
            quarantined=rows(connection, _QUARANTINED),
            captures_by_outcome=rows(connection, _CAPTURES),
        )


_SNAPSHOT = """
SELECT version, strftime(published_at, '%Y-%m-%d %H:%M UTC') AS published_at, run_id, operation, inputs_sha256,
    -- The report is as closed as its most closed lead (TLP 2.0).
    (SELECT arg_min(tlp, list_position(['RED', 'AMBER+STRICT', 'AMBER', 'GREEN', 'CLEAR'], tlp)) FROM leads) AS tlp
FROM snapshots ORDER BY version DESC LIMIT 1
"""

_OPERATION = """
SELECT
    operations.name,
    operations.start_date,
    operations.end_date,
    operations.crime_areas,
    (SELECT list(country ORDER BY country) FROM operation_countries
     WHERE operation_countries.operation_id = operations.operation_id) AS countries
FROM operations WHERE operations.origin = 'own' LIMIT 1
"""

_LEADS_BY_COUNTRY = """
WITH coded AS (
    SELECT DISTINCT lead_id, type, part, trim(unnest(string_split(codes, ','))) AS country
    FROM (
        SELECT lead_id, type, 'named' AS part, countries AS codes FROM leads
        UNION ALL SELECT lead_id, type, 'origin', origin_countries FROM leads
        UNION ALL SELECT lead_id, type, 'transit', transit_countries FROM leads
        UNION ALL SELECT lead_id, type, 'exploitation', exploitation_countries FROM leads
    ) AS named
)

SELECT country, count(*) FILTER (WHERE part = 'named') AS leads,
    count(*) FILTER (WHERE part = 'named' AND type = 'potential_victim') AS potential_victims,
    count(*) FILTER (WHERE part = 'origin') AS origin,
    count(*) FILTER (WHERE part = 'transit') AS transit,
    count(*) FILTER (WHERE part = 'exploitation') AS exploitation
FROM coded
WHERE country <> ''
GROUP BY country
ORDER BY leads DESC, country
"""

_SURGES = """
SELECT surge_id, site, place, nationality, kind, start_date, alarm_date, end_date, observed, expected, ratio,
    actor_count, left(largest_actor_id, 8) AS largest_actor, largest_actor_share,
    largest_actor_accounts
FROM surges ORDER BY rank_score DESC NULLS LAST, surge_id LIMIT ?
"""

_SITE_TIES = """
SELECT site_a, site_b, shared_identifiers, shared_actors, shared_controllers, expected, lift, log10_p, tied_by,
    shared_contacts, shared_images, shared_texts, shared_accounts, shared_analytics, direct_links
FROM site_links WHERE is_tie ORDER BY log10_p, site_a, site_b LIMIT 25
"""

_COMPARISON = """
WITH ours AS (
    SELECT operation_metrics.metric, operation_metrics.unit, operation_metrics.value
    FROM operation_metrics INNER JOIN operations ON operations.operation_id = operation_metrics.operation_id
    WHERE operations.origin = 'own' AND operation_metrics.country IS NULL AND operation_metrics.subset IS NULL
),

published AS (
    SELECT metric, unit, count(*) AS operations, min(published_value) AS low, median(published_value) AS middle,
        max(published_value) AS high,
        arg_max(coalesce(published_operation, 'unnamed operation')
            || coalesce(' (' || left(published_start, 4) || ')', ''), published_value) AS highest
    FROM operation_comparison
    WHERE published_value IS NOT NULL
    GROUP BY metric, unit
)

SELECT coalesce(ours.metric, published.metric) AS metric, coalesce(ours.unit, published.unit) AS unit,
    ours.value AS own, published.operations, published.low, published.middle, published.high, published.highest
FROM ours
FULL OUTER JOIN published ON published.metric = ours.metric AND published.unit IS NOT DISTINCT FROM ours.unit
ORDER BY own IS NULL, published.operations DESC NULLS LAST, metric
LIMIT 24
"""

_OPERATIONS = """
SELECT operations.name, operations.start_date, operations.end_date, operations.role, operations.country_count,
    count(operation_metrics.operation_metric_id) AS figures, operations.document_count AS documents
FROM operations
LEFT JOIN operation_metrics ON operation_metrics.operation_id = operations.operation_id
WHERE operations.origin = 'published'
GROUP BY ALL
ORDER BY operations.start_date DESC NULLS LAST, operations.name
LIMIT 60
"""

_FAILED_RULES = """
SELECT table_name, rule, severity, unexpected, checked
FROM quality_results
WHERE NOT success AND run_id = (SELECT arg_max(run_id, judged_at) FROM quality_results)
ORDER BY severity, table_name, rule
"""

_QUARANTINED = """
SELECT table_name, source, rule, sum(rows)::BIGINT AS rows
FROM quarantine_counts WHERE table_name <> 'units'
GROUP BY table_name, source, rule ORDER BY rows DESC, table_name, source LIMIT 40
"""

_CAPTURES = """
SELECT outcome, count(*) AS captures, count(DISTINCT site) AS sites, sum(wire_bytes)::BIGINT AS bytes
FROM captures GROUP BY outcome ORDER BY captures DESC, outcome
"""


def _counts(connection: duckdb.DuckDBPyConnection) -> Row:
    tables = [
        *("captures", "listings", "messages", "documents", "notices", "identifiers", "mentions"),
        *("actors", "leads", "surges", "operations", "operation_metrics"),
    ]
    parts = [f"SELECT '{table}' AS name, count(*) AS count FROM {table}" for table in tables]
    parts += [
        "SELECT 'items', count(*) FROM items",
        "SELECT 'sites', count(DISTINCT site) FROM items",
        "SELECT 'site_ties', count(*) FROM site_links WHERE is_tie",
        "SELECT 'operations_read', count(*) FROM operations WHERE origin = 'published'",
        "SELECT 'figures_read', count(*) FROM operation_metrics WHERE source <> 'own'",
        "SELECT 'actors_of_several', count(*) FROM actors WHERE account_count > 1 OR site_count > 1",
        "SELECT 'blocked_units', count(*) FROM unit_health WHERE is_blocked AND is_newest",
        "SELECT 'quarantined', coalesce(sum(rows), 0) FROM quarantine_counts WHERE table_name <> 'units'",
    ]
    return {str(row["name"]): int(row["count"]) for row in rows(connection, " UNION ALL ".join(parts))}


def _leads_by_type(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """In the order of the contract, types without a lead included: none is an answer too."""
    found = {
        row["type"]: row
        for row in rows(
            connection,
            "SELECT type, count(*) AS leads, max(score) AS highest, median(score) AS middle FROM leads GROUP BY type",
        )
    }
    none: Row = {"leads": 0, "highest": None, "middle": None}
    return [{"type": kind, **none, **found.get(kind, {})} for kind in LEAD_TYPES]


def _strongest_actor(connection: duckdb.DuckDBPyConnection) -> Row | None:
    """The actor with the highest lead; without such a lead, the one that joins most accounts."""
    return one(
        connection,
        """
        WITH scored AS (
            SELECT subject_id AS actor_id, max(score) AS score, arg_max(type, score) AS type
            FROM leads WHERE subject_kind = 'actor' GROUP BY subject_id
        )

        SELECT actors.actor_id, left(actors.actor_id, 8) AS short_id, actors.item_count, actors.account_count,
            actors.site_count, actors.identifier_count, actors.sites, actors.first_seen, actors.last_seen,
            scored.score, scored.type,
            (SELECT count(*) FROM actor_edges WHERE actor_edges.actor_id = actors.actor_id) AS edges,
            (SELECT string_agg(kind || ' ×' || count, ', ' ORDER BY count DESC, kind) FROM (
                SELECT identifiers.kind, count(*)::VARCHAR AS count FROM actor_members
                INNER JOIN identifiers ON identifiers.identifier_id = actor_members.member_id
                WHERE actor_members.actor_id = actors.actor_id AND actor_members.member_kind = 'identifier'
                GROUP BY identifiers.kind
            ) AS kinds) AS identifier_kinds
        FROM actors
        LEFT JOIN scored ON scored.actor_id = actors.actor_id
        ORDER BY scored.score DESC NULLS LAST, actors.account_count DESC, actors.item_count DESC, actors.actor_id
        LIMIT 1
        """,
    )


def _edges(connection: duckdb.DuckDBPyConnection, actor: Row | None) -> list[Row]:
    """Reasons between accounts first: that one account is one account needs no explaining."""
    if actor is None:
        return []
    return rows(
        connection,
        """
        SELECT min(round) AS round, left_side, right_side, max(support) AS support, max(share) AS share,
            list_sort(list(DISTINCT {reason: reason, value: identifier_value})) AS reasons
        FROM actor_explanation
        WHERE actor_id = ? AND reason <> 'same_account'
        GROUP BY left_side, right_side
        ORDER BY round, support DESC NULLS LAST, left_side, right_side
        LIMIT ?
        """,
        [actor["actor_id"], SHOWN_EDGES],
    )


def _surge_days(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[date, int]]:
    days: dict[str, dict[date, int]] = {}
    for row in rows(connection, _SURGE_SERIES, [PAST_DAYS]):
        days.setdefault(row["surge_id"], {})[row["day"]] = int(row["items"])
    return days
