"""Our own operation's figures, in the words in which police forces publish theirs (docs/metrics.md).

The words are those of the metric vocabulary: potential victims, suspects and facilitators *identified*, user names
and addresses linked to suspicious activity, platforms checked and found suspicious, checks and hits, countries. They
count leads: hypotheses for a human to review, which a published figure usually no longer is. Leads that a review
dismissed do not count. Checks are queries against the lists that the house holds, hits what was met there (hypotheses,
too); without a list they are absent and not zero.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.operation import Operation
from quality.contracts import CONTRACTS
from quality.contracts.detection import DISMISSED_STATE

OWN = "own"
# Metrics that count leads of these types; a published figure of the same name counts persons or accounts.
LEAD_METRICS = {
    "potential_victims": ("potential_victim",),
    "suspects_identified": ("potential_exploiter",),
    "facilitators_identified": ("potential_recruiter", "potential_facilitator"),
    "usernames": ("username",),
}
# Metrics that count the log of screening, where there is a list.
CHECK_METRICS = ("database_checks", "database_hits")
# (metric, country or None, value), and the subset where the figure is a part.
Figure = tuple[str, str | None, int] | tuple[str, str | None, int, str]


@dataclass(frozen=True)
class OwnOperation:
    """Our operation as rows of the three tables, ready to stand beside the published ones."""

    operations: pl.DataFrame
    operation_countries: pl.DataFrame
    operation_metrics: pl.DataFrame


def own_operation_tables(
    operation: Operation, tables: Mapping[str, pl.DataFrame], today: date
) -> OwnOperation:
    """Count what this operation found.

    `tables` holds `leads`, `lead_evidence`, `listings`, `messages`, `units`, `screening_lists`, `screening_checks` and
    `screening_hits` in their contracts' schemas, and `places`:
    `item_id` and `country` (ISO 3166 alpha-2) of the places that items name; others are ignored. Only leads of this
    operation count. A lead on several countries counts once in each of them, so that the figures by country may add
    up to more than the total; an address counts in the countries that its own items name. Rows follow the contracts
    `operations`, `operation_countries`, `operation_metrics`, with origin and source `own`, qualifier `exact`.
    """
    leads = tables["leads"].filter(
        (pl.col("operation") == operation.code) & (pl.col("state").fill_null("new") != DISMISSED_STATE)
    )
    operation_id = _identity("own", operation.code)
    countries = sorted(set(operation.countries) | set(_by_country(leads)["country"].to_list()))
    return OwnOperation(
        operations=_operation_row(operation, operation_id, tables["units"], len(countries), today),
        operation_countries=pl.DataFrame(
            {"operation_id": [operation_id] * len(countries), "country": countries},
            schema=CONTRACTS["operation_countries"].schema,
        ),
        operation_metrics=_metric_rows(
            operation_id, [*_figures(leads, tables, len(countries)), *_screening_figures(tables)]
        ),
    )


def _operation_row(
    operation: Operation, operation_id: str, units: pl.DataFrame, country_count: int, today: date
) -> pl.DataFrame:
    """Without dates of its own, an operation lasts from its first unit to the day of counting."""
    first, last = units["unit_date"].min(), units["unit_date"].max()
    start = operation.start or (first if isinstance(first, date) else today)
    end = operation.end or (last if isinstance(last, date) else today)
    row = {
        "operation_id": operation_id,
        "name": operation.name,
        "normalised_name": operation.name.casefold().removeprefix("operation ").strip(),
        "start_date": start.isoformat(),
        "end_date": end.isoformat(),
        "role": "main",
        "origin": OWN,
        "country_count": country_count or None,
        "crime_areas": ",".join(operation.crime_areas) or None,
        "document_count": 0,
    }
    schema = CONTRACTS["operations"].schema
    return pl.DataFrame([{name: row.get(name) for name in schema}], schema=schema)


def _by_country(leads: pl.DataFrame, column: str = "countries") -> pl.DataFrame:
    """`lead_id`, `type`, `country`: one row per lead and country that `column` (codes apart by commas) names."""
    return (
        leads.select("lead_id", "type", pl.col(column).fill_null("").str.split(",").alias("country"))
        .explode("country")
        .with_columns(pl.col("country").str.strip_chars())
        .filter(pl.col("country").str.contains(r"^[A-Z]{2}$"))
        .unique(maintain_order=True)
    )


def _items(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """`item_id`, `url`, `platform`: a platform is a site, or one channel of a messenger."""
    channel = pl.concat_str("site", pl.col("channel").fill_null(""), separator="/")
    return pl.concat(
        [
            tables["listings"].select("item_id", "url", pl.col("site").alias("platform")),
            tables["messages"].select("item_id", "url", channel.alias("platform")),
        ]
    )


def _figures(
    leads: pl.DataFrame, tables: Mapping[str, pl.DataFrame], country_count: int
) -> list[tuple[str, str | None, int]]:
    """(metric, country, value), totals first; a figure of zero is a finding too, but not by country."""
    items = _items(tables)
    by_country = _by_country(leads)
    counted = {metric: leads.filter(pl.col("type").is_in(types)) for metric, types in LEAD_METRICS.items()}
    figures: list[tuple[str, str | None, int]] = [
        (metric, None, found.height) for metric, found in counted.items()
    ]
    # A platform is suspicious that shows signs about persons, or has a lead of its own; a lone number does not
    # make it so.
    acting = leads.filter(pl.col("type").str.starts_with("potential_") | (pl.col("type") == "site"))
    # An item without an address of its own stands on its capture's page.
    evidence = (
        tables["lead_evidence"]
        .join(acting.select("lead_id"), on="lead_id", how="semi")
        .join(items, on="item_id", how="left")
        .select("item_id", pl.coalesce("url", "capture_id").alias("page"), "platform")
    )
    named = leads.filter(type="url")
    figures += [
        ("urls", None, evidence["page"].drop_nulls().n_unique() + named.height),
        ("platforms_checked", None, items["platform"].n_unique()),
        ("platforms_suspicious", None, evidence["platform"].drop_nulls().n_unique()),
    ]
    origins = _by_country(leads.filter(type="potential_victim"), "origin_countries")["country"].n_unique()
    figures += [(name, None, count) for name, count in _known(countries=country_count, nationalities=origins)]
    of_country = {
        metric: found.select(thing="lead_id").join(by_country, left_on="thing", right_on="lead_id")
        for metric, found in counted.items()
    }
    of_country["urls"] = pl.concat(
        [
            evidence.join(tables["places"], on="item_id").select("country", thing="page").drop_nulls(),
            named.select("lead_id").join(by_country, on="lead_id").select("country", thing="lead_id"),
        ]
    )
    for metric, found in of_country.items():
        counts = found.group_by("country").agg(pl.col("thing").n_unique()).sort("country")
        figures += [(metric, str(country), int(count)) for country, count in counts.iter_rows()]
    return figures


def _screening_figures(tables: Mapping[str, pl.DataFrame]) -> list[Figure]:
    """Checks and hits in total and by country of the places that items with the query name; hits by strength, too."""
    if tables["screening_lists"].is_empty():
        return []
    figures: list[Figure] = []
    for metric, table in zip(CHECK_METRICS, ("screening_checks", "screening_hits"), strict=True):
        rows = tables[table]
        figures.append((metric, None, rows.height))
        counts = (
            rows.select(pl.col("countries").fill_null("").str.split(",").alias("country"))
            .explode("country")
            .filter(pl.col("country") != "")
            .group_by("country")
            .len()
            .sort("country")
        )
        figures += [(metric, str(country), int(count)) for country, count in counts.iter_rows()]
    strengths = tables["screening_hits"].group_by("strength").len().sort("strength")
    return figures + [
        (CHECK_METRICS[1], None, int(count), str(strength)) for strength, count in strengths.iter_rows()
    ]


def _known(**counts: int) -> list[tuple[str, int]]:
    """Counts of what the text names: none named is nothing known, and no zero."""
    return [(name, count) for name, count in counts.items() if count]


def _metric_rows(operation_id: str, figures: list[Figure]) -> pl.DataFrame:
    schema = CONTRACTS["operation_metrics"].schema
    rows = [
        {
            "operation_metric_id": _identity(operation_id, metric, country or "", *subset),
            "operation_id": operation_id,
            "metric": metric,
            "value": float(value),
            "qualifier": "exact",
            "country": country,
            "subset": subset[0] if subset else None,
            "source": OWN,
            "is_best": True,
        }
        for metric, country, value, *subset in figures
    ]
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def _identity(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:24]
