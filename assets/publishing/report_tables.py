"""The findings as tidy tables: one observation a row, one variable a column, each column explained.

CSV, workbook and JSON are these tables in three wrappings. A table is a line of data here, so that no wrapping can
have a column of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from assets.publishing.findings import Findings
from assets.publishing.rows import Row
from assets.publishing.small_cells import HIDDEN
from assets.statistics.own_operation import LEAD_METRICS

# In the shareable variant: which figures of the row are hidden, apart by ";". They are empty in their own columns.
HIDDEN_COLUMN = "hidden"


@dataclass(frozen=True)
class ReportColumn:
    """A column; `persons` says that it counts persons, or what stands for one."""

    name: str
    meaning: str
    persons: bool = False


@dataclass(frozen=True)
class ReportTable:
    """A table with its rows: a value for each column; None for none, and for a hidden one."""

    name: str
    meaning: str
    columns: tuple[ReportColumn, ...]
    rows: list[tuple[Any, ...]]


def report_tables(found: Findings) -> list[ReportTable]:
    """Every table of the report, empty ones included. Lists within a row are joined by ", "."""
    shareable = found.minimum_cell is not None
    return [
        _table(name, meaning, columns, rows(found), shareable)
        for name, meaning, columns, rows, of_persons in _TABLES
        if not (shareable and of_persons)
    ]


def key_figures(found: Findings) -> list[Row]:
    """`figure` and `value`: what stands at the head of the report."""
    victims = next((row["leads"] for row in found.leads_by_type if row["type"] == "potential_victim"), 0)
    values = {
        "leads": found.counts["leads"],
        "potential_victims": victims,
        "actors_of_several": found.counts["actors_of_several"],
    }
    things = (
        "surges",
        "site_ties",
        "items",
        "sites",
        "captures",
        "operations_read",
        "figures_read",
        "blocked_units",
    )
    values |= {name: found.counts[name] for name in things}
    return [{"figure": name, "value": value} for name, value in values.items()]


def _table(
    name: str, meaning: str, columns: tuple[ReportColumn, ...], rows: list[Row], shareable: bool
) -> ReportTable:
    names = [column.name for column in columns]
    values = [tuple(_plain(row.get(column)) for column in names) for row in rows]
    if shareable and any(column.persons for column in columns):
        columns = (*columns, ReportColumn(HIDDEN_COLUMN, "columns of this row whose figure is suppressed"))
        marks = [";".join(column for column in names if row.get(column) is HIDDEN) or None for row in rows]
        values = [(*row, mark) for row, mark in zip(values, marks, strict=True)]
    return ReportTable(name, meaning, columns, values)


def _plain(value: Any) -> Any:
    if value is HIDDEN:
        return None
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return value


def _surge_days(found: Findings) -> list[Row]:
    return [
        {"surge_id": surge, "day": day, "items": count}
        for surge, days in sorted(found.surge_days.items())
        for day, count in sorted(days.items())
    ]


def _comparable(found: Findings) -> Iterator[Row]:
    for operation in found.comparable:
        for figure in operation["figures"]:
            yield operation | figure | {"operation": operation["name"]}


def _signs(found: Findings) -> list[Row]:
    return [{"lead_id": lead["lead_id"], **sign} for lead in found.top_leads for sign in lead["indicators"]]


_METRIC_COLUMNS = (
    *(
        ReportColumn(metric, f"leads of type {' or '.join(kinds)}, without rejected ones", persons=True)
        for metric, kinds in LEAD_METRICS.items()
    ),
    ReportColumn("urls", "pages that show the evidence of leads, and leads of type url", persons=True),
)
_C = ReportColumn
_LEADS = _C("leads", "number of leads", persons=True)

# Name, meaning, columns, rows, and whether it is about single persons and so no part of the shareable variant.
_TABLES: tuple[tuple[str, str, tuple[ReportColumn, ...], Callable[[Findings], list[Row]], bool], ...] = (
    (
        *("key_figures", "what stands at the head of the report"),
        (_C("figure", "what is counted"), _C("value", "how many", persons=True)),
        key_figures,
        False,
    ),
    (
        *("leads_by_type", "every type of lead, those without one included"),
        (
            *(_C("type", "type of lead"), _LEADS, _C("middle", "median score")),
            _C("highest", "highest score (never in the shareable variant)"),
        ),
        lambda found: found.leads_by_type,
        False,
    ),
    (
        *("leads_by_country", "leads by country named; a lead may name several, so rows do not add up"),
        (
            *(_C("country", "ISO 3166-1 alpha-2 code"), _LEADS),
            _C("potential_victims", "of them on potential victims", persons=True),
            _C("origin", "of them with this country as one of origin", persons=True),
            _C("transit", "of them with this country as one of transit", persons=True),
            _C("exploitation", "of them with this country as one of exploitation", persons=True),
        ),
        lambda found: found.leads_by_country,
        False,
    ),
    (
        *("leads_by_state", "leads by state of their review"),
        (_C("state", "new, in progress, confirmed, dismissed, referred or reopened"), _LEADS),
        lambda found: found.leads_by_state,
        False,
    ),
    (
        *("leads_by_grade", "leads by grade of the Admiralty code"),
        (_C("grade", "reliability A to F, credibility 1 to 6"), _LEADS),
        lambda found: found.leads_by_grade,
        False,
    ),
    (
        *("days", "what was captured and found first on each day (UTC)"),
        (
            *(_C("day", "day"), _C("captures", "answers captured")),
            _C("new_items", "items first seen", persons=True),
            *(_C("new_leads", "leads whose evidence was first seen", persons=True), *_METRIC_COLUMNS),
            _C("platforms_suspicious", "sites and channels with such evidence"),
        ),
        lambda found: found.days,
        False,
    ),
    (
        *("own_by_country", "our operation's metrics by country; a lead may name several countries"),
        (_C("country", "ISO 3166-1 alpha-2 code"), *_METRIC_COLUMNS),
        lambda found: found.own_by_country,
        False,
    ),
    (
        *("lists_screened", "lists that identifiers and full names were looked up in; a hit is a hypothesis"),
        (
            *(_C("list_name", "list"), _C("list_kind", "wanted, missing, other (notices) or file")),
            *(_C("entries", "entries of its newest version"), _C("versions", "versions looked into")),
            _C("last_changed", "day of its newest version"),
            _C("persons", "full names of accounts looked up", persons=True),
            _C("contacts", "identifiers looked up", persons=True),
            _C("hits", "pairs of a check and an entry that agree", persons=True),
        ),
        lambda found: found.screened,
        True,
    ),
    (
        *("surges", "series that rose beyond their past and their site's growth"),
        (
            *(_C("surge_id", "key (not in the shareable variant)"), _C("site", "site")),
            *(
                _C("place", "place claimed"),
                _C("nationality", "nationality claimed"),
                _C("kind", "kind of item"),
            ),
            *(_C("start_date", "first day of the rise"), _C("end_date", "last day")),
            *(
                _C("observed", "items", persons=True),
                _C("expected", "items expected"),
                _C("ratio", "observed / expected"),
            ),
            _C("actor_count", "actors behind them", persons=True),
            _C("largest_actor_share", "share of the largest actor (never in the shareable variant)"),
            _C(
                "largest_actor_accounts",
                "accounts of that actor in the rise (never in the shareable variant)",
            ),
        ),
        lambda found: found.surges,
        False,
    ),
    (
        *("surge_days", "items of each surge's series by day"),
        (_C("surge_id", "key in surges"), _C("day", "day"), _C("items", "items", persons=True)),
        _surge_days,
        True,
    ),
    (
        *("metrics_compared", "our totals beside those of published operations, in one vocabulary"),
        (
            *(_C("metric", "metric"), _C("unit", "unit or currency, if any")),
            _C("own", "our operation's value", persons=True),
            *(_C("operations", "published operations with this metric"), _C("low", "their lowest value")),
            *(
                _C("middle", "their median"),
                _C("high", "their highest"),
                _C("highest", "operation with the highest"),
            ),
        ),
        lambda found: found.comparison,
        False,
    ),
    (
        *(
            "comparable_operations",
            "figures of the published operations nearest to ours by crime area and metrics",
        ),
        (
            *(_C("operation", "name"), _C("start_date", "first day"), _C("end_date", "last day")),
            *(_C("crime_areas", "crime areas"), _C("country_count", "countries taking part")),
            *(_C("metric", "metric"), _C("unit", "unit or currency, if any"), _C("value", "published value")),
            _C("qualifier", "exact, at_least, approx or nearly"),
            _C("own", "our operation's value, if it has this metric", persons=True),
        ),
        lambda found: list(_comparable(found)),
        False,
    ),
    (
        *("operations", "operations read from documents"),
        (
            *(
                _C("name", "name"),
                _C("start_date", "first day"),
                _C("end_date", "last day"),
                _C("role", "role in text"),
            ),
            *(
                _C("country_count", "countries"),
                _C("figures", "figures read"),
                _C("documents", "documents on it"),
            ),
        ),
        lambda found: found.operations,
        False,
    ),
    (
        *("units", "health of each source on each day; by kind of source in the shareable variant"),
        (
            *(_C("source", "source"), _C("unit_date", "day"), _C("kind", "kind of source")),
            *(_C("is_blocked", "a gate blocked it"), _C("captures", "answers captured")),
            *(_C("not_modified", "answers unchanged"), _C("errors", "requests without an answer")),
            *(_C("items", "items read (not in the shareable variant)"), _C("problems", "pages unreadable")),
            *(
                _C("quarantined_rows", "rows in quarantine"),
                _C("detail", "note (not in the shareable variant)"),
            ),
        ),
        lambda found: found.units,
        False,
    ),
    (
        *("coverage", "of how many items the rules could read what"),
        (
            *(_C("item_table", "kind of item"), _C("items", "items", persons=True)),
            *(_C("first_day", "first day on which one was seen"), _C("last_day", "last day")),
            _C("with_identifier", "with a phone, name, address …", persons=True),
            _C("with_place", "with a place", persons=True),
            _C("with_nationality", "with a claimed nationality", persons=True),
            _C("with_language", "with a language told", persons=True),
        ),
        lambda found: found.coverage,
        False,
    ),
    (
        *("quarantine", "rows kept out by rules"),
        (
            *(_C("table_name", "table"), _C("source", "source (not in the shareable variant)")),
            *(_C("rule", "rule broken"), _C("rows", "rows")),
        ),
        lambda found: found.quarantined,
        False,
    ),
    (
        *("site_ties", "pairs of sites that have more in common than chance explains"),
        (
            *(_C("site_a", "site"), _C("site_b", "site"), _C("shared_identifiers", "identifiers on both")),
            *(
                _C("shared_actors", "actors on both", persons=True),
                _C("expected", "identifiers expected by chance"),
            ),
            _C("shared_controllers", "of the actors, those of several accounts", persons=True),
            *(_C("lift", "shared / expected"), _C("log10_p", "logarithm of the probability")),
            *(_C("tied_by", "what ties them"), _C("shared_contacts", "contacts on both")),
            *(_C("shared_images", "pictures on both"), _C("shared_texts", "texts on both")),
            *(
                _C("shared_accounts", "account names on both"),
                _C("shared_analytics", "analytics ids on both"),
            ),
            _C("direct_links", "links from one to the other"),
        ),
        lambda found: found.site_ties,
        True,
    ),
    (
        *("text_templates", "texts of several accounts that differ in a few words only"),
        (
            *(_C("template", "first digits of text_cluster_id"), _C("item_count", "items", persons=True)),
            *(_C("holder_count", "accounts", persons=True), _C("actor_count", "actors", persons=True)),
            *(_C("site_count", "sites"), _C("slot_count", "places where the texts differ")),
            *(_C("first_seen", "first day"), _C("last_seen", "last day")),
        ),
        lambda found: found.text_templates,
        True,
    ),
    (
        *("damped_identifiers", "identifiers that strangers share and that therefore join nobody"),
        (
            *(_C("kind", "kind of identifier"), _C("reason", "why it joins nobody")),
            _C("identifiers", "how many", persons=True),
            _C("most_actors", "actors that show the most widespread one", persons=True),
        ),
        lambda found: found.damped,
        True,
    ),
    (
        *("pictures", "pictures captured, and what could be made of them"),
        (_C("what", "what is counted"), _C("count", "pictures")),
        lambda found: found.pictures,
        False,
    ),
    (
        *("top_leads", "the leads with the highest scores of each type"),
        (
            *(_C("lead_id", "key"), _C("type", "type of lead"), _C("subject_label", "pseudonym, or a site")),
            *(
                _C("score", "sum of its indicators"),
                _C("grade", "Admiralty code"),
                _C("countries", "countries named"),
            ),
            *(_C("first_seen", "first day"), _C("last_seen", "last day"), _C("evidence_count", "items")),
            *(_C("state", "state of its review"), _C("expires_on", "day on which it is erased")),
        ),
        lambda found: found.top_leads,
        True,
    ),
    (
        *("top_lead_signs", "the indicators of the top leads"),
        (
            *(
                _C("lead_id", "key in top_leads"),
                _C("name", "indicator"),
                _C("contribution", "share of the score"),
            ),
            *(_C("explanation", "what was found"), _C("citation", "study that names the sign")),
        ),
        _signs,
        True,
    ),
    (
        *("actor_network", "accounts and identifiers of the actors with the highest leads"),
        (
            *(_C("actor_id", "actor"), _C("site", "site"), _C("account", "pseudonym of the account")),
            *(_C("kind", "kind of identifier"), _C("value", "pseudonym of the identifier")),
            _C("items", "items of the account that show it", persons=True),
        ),
        lambda found: found.network.links,
        True,
    ),
)
