"""From read releases to the warehouse's operation tables: one operation per affair, whatever the number of releases.

Grain: `operations` one row per operation; `operation_countries` one per operation and country;
`operation_metrics` one per operation and distinct figure; `operation_conflicts` one per value that disagrees with
the value kept.
"""

import hashlib
from collections import Counter, defaultdict
from datetime import date, datetime
from typing import Any, NamedTuple

import polars as pl

from assets.statistics.affairs import CUMULATIVE, Affair, Reading, merged, name_key
from assets.statistics.conflicts import Claim, Conflict, resolve
from assets.statistics.extract import extract_operations
from assets.statistics.names import normalise_name
from assets.statistics.sentences import read_header
from quality.contracts import CONTRACTS

OPERATIONS_SCHEMA = CONTRACTS["operations"].schema
COUNTRIES_SCHEMA = CONTRACTS["operation_countries"].schema
METRICS_SCHEMA = CONTRACTS["operation_metrics"].schema
CONFLICTS_SCHEMA = CONTRACTS["operation_conflicts"].schema


class StatisticsTables(NamedTuple):
    """The four frames, with the schemas of this module and rows in a stable order."""

    operations: pl.DataFrame
    operation_countries: pl.DataFrame
    operation_metrics: pl.DataFrame
    operation_conflicts: pl.DataFrame


def operations_from_documents(documents: pl.DataFrame) -> StatisticsTables:
    """Read each document and merge what they say about the same operation.

    documents: item_id str, source str, unit_date date, url str|null, title str|null, text str, lang str|null,
    published_at datetime|null, publisher str|null; a missing optional column counts as null. Which documents tell
    of one operation is decided in `affairs`, by name, alias, time and figures; time is the start of the operation,
    else publication, else the unit's date. Operations without name and without figures are left out. The result
    does not depend on row order.
    """
    readings = [reading for row in documents.iter_rows(named=True) for reading in _readings(row)]
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    identities: Counter[str] = Counter()
    for affair in merged(readings):
        _append_rows(affair, _identity(affair, identities), rows)
    return StatisticsTables(
        _frame(rows["operations"], OPERATIONS_SCHEMA, ["operation_id"]),
        _frame(rows["countries"], COUNTRIES_SCHEMA, ["operation_id", "country"]),
        _frame(rows["metrics"], METRICS_SCHEMA, ["operation_id", "operation_metric_id"]),
        _frame(rows["conflicts"], CONFLICTS_SCHEMA, ["operation_id", "operation_conflict_id"]),
    )


def _readings(row: dict[str, Any]) -> list[Reading]:
    text = row.get("text") or ""
    header = read_header(text)
    title = (row.get("title") or "").strip()
    published_at: datetime | None = row.get("published_at")
    reference = published_at.date() if published_at else header.published or row.get("unit_date")
    if title and title not in text[:2000]:
        text = f"{title}\n\n{text[header.body_start :]}"
    extracted = extract_operations(
        text,
        doc_id=row["item_id"],
        lang=row.get("lang"),
        published=reference,
        url=row.get("url") or header.url,
    )
    readings = []
    for place, content in enumerate(extracted["operations"]):
        if not content["metrics"] and not content["name"]:
            continue
        first_day, last_day = _interval(content["start"], reference)
        readings.append(
            Reading(
                item_id=row["item_id"],
                source=row["source"],
                lang=extracted["lang"],
                published_at=published_at.replace(tzinfo=None) if published_at else None,
                content=content,
                place=place,
                keys=frozenset(
                    key for name in [content["name"], *content["aliases"]] if (key := name_key(name))
                ),
                first_day=first_day,
                last_day=last_day,
            )
        )
    return readings


def _interval(iso: str | None, reference: date | None) -> tuple[date | None, date | None]:
    """First and last day an ISO date cut to day, month or year can mean; the reference day where it is None."""
    if not iso:
        return reference, reference
    parts = [int(part) for part in iso.split("-")]
    if len(parts) == 3:
        return date(*parts), date(*parts)
    if len(parts) == 2:
        return date(parts[0], parts[1], 1), date(parts[0], parts[1], 28)
    return date(parts[0], 1, 1), date(parts[0], 12, 31)


def _digest(*parts: object) -> str:
    return hashlib.sha256(
        "\x1f".join("" if part is None else str(part) for part in parts).encode()
    ).hexdigest()[:24]


def _identity(affair: Affair, taken: Counter[str]) -> str:
    """The operation's id: its name and year where it has a name, else its first document and its time there.

    It changes only when a release joins that is earlier and names it otherwise. Operations of one name and year are
    numbered by their days.
    """
    first = affair.readings[0]
    key = next((name_key(reading.content["name"]) for reading in affair.readings if reading.keys), None)
    if key:
        days = [reading.first_day for reading in affair.readings if reading.first_day]
        anchor = _digest(key, affair.role == CUMULATIVE, min(days).year if days else None)
    else:
        anchor = _digest(first.item_id, affair.role == CUMULATIVE, first.content["start"])
    taken[anchor] += 1
    return anchor if taken[anchor] == 1 else _digest(anchor, taken[anchor])


def _append_rows(affair: Affair, operation_id: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    readings = affair.readings
    first = readings[0]
    name = next((reading.content["name"] for reading in readings if reading.content["name"]), None)
    published = [reading.published_at for reading in readings if reading.published_at]
    claims = _claims(readings, affair.role)
    kept, conflicts = resolve(claims)
    counts = [reading.content["country_count"] for reading in readings if reading.content["country_count"]]
    areas = list(dict.fromkeys(area for reading in readings for area in reading.content["crime_areas"]))
    countries = sorted({code for reading in readings for code in reading.content["countries"]})
    rows["operations"].append(
        {
            "operation_id": operation_id,
            "name": name,
            "normalised_name": normalise_name(name),
            "start_date": _fullest([reading.content["start"] for reading in readings]),
            "end_date": _fullest([reading.content["end"] for reading in readings]),
            "role": affair.role,
            "origin": "published",
            "country_count": max(counts) if counts else None,
            "crime_areas": ",".join(areas),
            "document_count": len({reading.item_id for reading in readings}),
            "first_published_at": min(published) if published else None,
            "lang": first.lang,
        }
    )
    rows["countries"].extend({"operation_id": operation_id, "country": code} for code in countries)
    for claim, is_best in kept:
        rows["metrics"].append(
            {
                "operation_metric_id": _digest(
                    operation_id, claim.metric, claim.country, claim.subset, claim.unit, claim.value
                ),
                "operation_id": operation_id,
                "metric": claim.metric,
                "value": claim.value,
                "qualifier": claim.qualifier,
                "unit": claim.unit,
                "country": claim.country,
                "subset": claim.subset,
                "quote": claim.quote,
                "document_item_id": claim.document,
                "source": claim.source,
                "is_best": is_best,
            }
        )
    rows["conflicts"].extend(_conflict_row(operation_id, conflict) for conflict in conflicts)


def _fullest(dates: list[str | None]) -> str | None:
    """The most precise date said; of equally precise ones the first."""
    return max((day for day in dates if day), key=len, default=None)


def _claims(readings: list[Reading], affair_role: str) -> list[Claim]:
    return [
        Claim(
            metric=metric["metric"],
            value=float(metric["value"]),
            qualifier=metric["qualifier"],
            unit=metric["unit"],
            country=metric["country"],
            subset=metric["subset"],
            quote=metric["quote"],
            document=reading.item_id,
            source=reading.source,
            published_at=reading.published_at,
            is_own_release=reading.role == affair_role,
        )
        for reading in readings
        for metric in reading.content["metrics"]
    ]


def _conflict_row(operation_id: str, conflict: Conflict) -> dict[str, Any]:
    kept, other = conflict.kept, conflict.other
    return {
        "operation_conflict_id": _digest(
            operation_id,
            kept.metric,
            kept.country,
            kept.subset,
            kept.unit,
            kept.value,
            other.value,
            other.document,
        ),
        "operation_id": operation_id,
        "metric": kept.metric,
        "country": kept.country,
        "subset": kept.subset,
        "unit": kept.unit,
        "value_kept": kept.value,
        "value_other": other.value,
        "quote_kept": kept.quote,
        "quote_other": other.quote,
        "document_kept": kept.document,
        "document_other": other.document,
        "rule": conflict.rule,
    }


def _frame(rows: list[dict[str, Any]], schema: dict[str, Any], order: list[str]) -> pl.DataFrame:
    return (
        pl.DataFrame(rows, schema=schema).unique(subset=order, keep="first", maintain_order=True).sort(order)
    )
