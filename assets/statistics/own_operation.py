"""Our own operation's figures, in the words in which police forces publish theirs.

The words are those of the metric vocabulary: potential victims, suspects and facilitators *identified*, user names
and addresses linked to suspicious activity, platforms checked and found suspicious, countries. They count leads:
hypotheses for a human to review, which a published figure usually no longer is. Leads that a review dismissed do not
count.
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
LEAD_METRICS = {
    "potential_victims": ("potential_victim",),
    "suspects_identified": ("potential_exploiter",),
    "facilitators_identified": ("potential_recruiter", "potential_facilitator"),
    "usernames": ("username",),
}


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

    `tables` holds `leads`, `lead_evidence`, `listings`, `messages`, `units` in their contracts' schemas; others are
    ignored. Only leads of this operation count. A lead on several countries counts once in each of them, so that
    the figures by country may add up to more than the total. Rows follow the contracts `operations`,
    `operation_countries`, `operation_metrics`, with origin and source `own`, qualifier `exact`.
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
        operation_metrics=_metric_rows(operation_id, _figures(leads, tables, len(countries))),
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


def _by_country(leads: pl.DataFrame) -> pl.DataFrame:
    """`lead_id`, `type`, `country`: one row per lead and country it names."""
    return (
        leads.select("lead_id", "type", pl.col("countries").fill_null("").str.split(",").alias("country"))
        .explode("country")
        .with_columns(pl.col("country").str.strip_chars())
        .filter(pl.col("country").str.contains(r"^[A-Z]{2}$"))
        .unique(maintain_order=True)
    )


def _platforms(items: pl.DataFrame) -> pl.DataFrame:
    """`item_id`, `platform`: a site, or one channel of a messenger."""
    name = pl.col("site")
    if "channel" in items.columns:
        name = pl.concat_str("site", pl.col("channel").fill_null(""), separator="/")
    return items.select("item_id", name.alias("platform"))


def _pages(evidence: pl.DataFrame, tables: Mapping[str, pl.DataFrame]) -> int:
    """Addresses that show the evidence; an item without an address of its own stands on its capture's page."""
    addresses = pl.concat([tables[table].select("item_id", "url") for table in ("listings", "messages")])
    shown = evidence.join(addresses, on="item_id", how="left")
    return shown.select(pl.coalesce("url", "capture_id").alias("address"))["address"].n_unique()


def _figures(
    leads: pl.DataFrame, tables: Mapping[str, pl.DataFrame], country_count: int
) -> list[tuple[str, str | None, int]]:
    """(metric, country, value), totals first; a figure of zero is a finding too, but not by country."""
    figures: list[tuple[str, str | None, int]] = [
        (metric, None, leads.filter(pl.col("type").is_in(types)).height)
        for metric, types in LEAD_METRICS.items()
    ]
    platforms = pl.concat([_platforms(tables["listings"]), _platforms(tables["messages"])])
    # A platform is suspicious that shows signs about persons, or has a lead of its own; a lone number does not
    # make it so.
    acting = leads.filter(pl.col("type").str.starts_with("potential_") | (pl.col("type") == "site"))
    evidence = tables["lead_evidence"].join(acting.select("lead_id"), on="lead_id", how="semi")
    suspicious = platforms.join(evidence.select("item_id"), on="item_id", how="semi")
    named = leads.filter(pl.col("type") == "url").height
    figures.append(("urls", None, named + _pages(evidence, tables)))
    figures.append(("platforms_checked", None, platforms["platform"].n_unique()))
    figures.append(("platforms_suspicious", None, suspicious["platform"].n_unique()))
    if country_count:
        figures.append(("countries", None, country_count))
    by_country = _by_country(leads)
    for metric, types in LEAD_METRICS.items():
        counts = by_country.filter(pl.col("type").is_in(types)).group_by("country").len().sort("country")
        figures += [(metric, str(country), int(count)) for country, count in counts.iter_rows()]
    return figures


def _metric_rows(operation_id: str, figures: list[tuple[str, str | None, int]]) -> pl.DataFrame:
    schema = CONTRACTS["operation_metrics"].schema
    rows = [
        {
            "operation_metric_id": _identity(operation_id, metric, country or ""),
            "operation_id": operation_id,
            "metric": metric,
            "value": float(value),
            "qualifier": "exact",
            "country": country,
            "source": OWN,
            "is_best": True,
        }
        for metric, country, value in figures
    ]
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def _identity(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:24]
