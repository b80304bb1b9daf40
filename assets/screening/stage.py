"""The screening stage: what is new among us is looked up in every list, and everything in a list that changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.house import House, digest_of, package_digest
from assets.linking.digests import key_column, key_of
from assets.linking.stage import is_made_from
from assets.screening.lists import FILE, WatchList, answerable, file_version, read_lists, watch_list_files
from assets.screening.match import find_hits
from assets.screening.queries import QUERIES_SCHEMA, all_queries, as_subjects, witnesses
from quality.admission import Admission, Candidate, admit
from quality.contracts import CONTRACTS

TABLES = ("screening_lists", "screening_checks", "screening_hits", "screening_counts")
INPUT_TABLES = ("notices", "identifiers", "listings", "messages", "mentions", "facts")
LISTS, CHECKS, HITS, COUNTS = (CONTRACTS[table].schema for table in TABLES)


@dataclass(frozen=True)
class Screening:
    """What stands in the four tables after a run; `new_checks` are to be appended to the log."""

    lists: pl.DataFrame
    new_checks: pl.DataFrame
    hits: pl.DataFrame
    counts: pl.DataFrame


def screen_all(house: House) -> Admission | None:
    """Look up new queries in all lists, and all queries in changed lists; None when nothing has changed."""
    parts = [part for table in INPUT_TABLES for part in house.store.parts(table)]
    files = [f"{file.name}|{file_version(file)}" for file in watch_list_files(house.home)]
    code = package_digest(__file__)
    inputs = digest_of(parts, code, *files)
    if is_made_from(house, TABLES[-1], inputs):
        return None
    lists, broken = read_lists(house)
    before = Screening(*(house.store.scan(table, CONTRACTS[table].schema).collect() for table in TABLES))
    # Other rules read the same lists anew.
    same_code = house.store.made_from(TABLES[0]) == code
    after = _screen(house, lists, broken, before, same_code)
    house.log.info(
        f"screened: {after.new_checks.height} new checks against {len(lists)} lists, {after.hits.height} hits stand"
    )
    candidates = [
        Candidate(CONTRACTS["screening_lists"], after.lists, code),
        Candidate(CONTRACTS["screening_checks"], after.new_checks, inputs, append=True),
        Candidate(CONTRACTS["screening_hits"], after.hits, inputs),
        Candidate(CONTRACTS["screening_counts"], after.counts, inputs),
    ]
    return admit(house.store, candidates, run_id=house.run_id)


def _screen(
    house: House, lists: Sequence[WatchList], broken: set[str], before: Screening, same_code: bool
) -> Screening:
    queries = all_queries(house.store) if lists else pl.DataFrame(schema=QUERIES_SCHEMA)
    versions: list[dict[str, object]] = []
    kept: list[pl.DataFrame] = []
    asked: dict[str, pl.DataFrame] = {}
    unseen: dict[str, pl.DataFrame] = {}
    for number, watch_list in enumerate(lists):
        name = watch_list.name
        askable = queries.filter(pl.col("query_kind").is_in(answerable(watch_list.entries)))
        unseen[name] = askable.join(before.new_checks.filter(list_name=name), on="query_id", how="anti")
        is_latest = before.lists.filter(list_name=name)["version_sha256"].to_list()[-1:] == [
            watch_list.version
        ]
        if not is_latest:
            versions.append(
                _version_row(watch_list, before.lists.height + number, askable.height, house.today)
            )
        if is_latest and same_code:
            kept.append(before.hits.filter(list_name=name).join(askable, on="query_id", how="semi"))
            asked[name] = unseen[name]
        else:
            asked[name] = askable
    new_checks = _checks(unseen, house)
    checks = pl.concat([before.new_checks, new_checks])
    subjects = as_subjects(_union(asked), house.store)
    for watch_list in lists:
        hits = find_hits(subjects.only(asked[watch_list.name]["query_id"]), watch_list.entries)
        kept.append(_hit_rows(hits, watch_list, checks, before.hits, house.today))
    # A list that cannot be read today has lost nothing of what was found in it; one that is gone has.
    kept.append(before.hits.filter(pl.col("list_name").is_in(list(broken))))
    hits = pl.concat([pl.DataFrame(schema=HITS), *kept]).sort("screening_hit_id")
    lists_now = pl.concat([before.lists, pl.DataFrame(versions, schema=LISTS)])
    return Screening(lists_now, new_checks, hits, count_screening(checks, hits))


def _union(queries: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    return (
        pl.concat([pl.DataFrame(schema=QUERIES_SCHEMA), *queries.values()])
        .unique("query_id")
        .sort("query_id")
    )


def _version_row(watch_list: WatchList, number: int, queries: int, today: date) -> dict[str, object]:
    return {
        # A list may come back to an earlier version: its place in the table tells the two apart.
        "screening_list_id": key_of(watch_list.name, watch_list.version, str(number)),
        "list_name": watch_list.name,
        "list_kind": watch_list.kind,
        "version_sha256": watch_list.version,
        "entry_count": watch_list.entries.persons.height,
        "unread_values": watch_list.entries.unread,
        "query_count": queries,
        "first_checked_on": today,
    }


def _checks(unseen: Mapping[str, pl.DataFrame], house: House) -> pl.DataFrame:
    """Rows of the log for what is looked up for the first time, by list."""
    new = pl.concat(
        [
            pl.DataFrame(schema={**QUERIES_SCHEMA, "list_name": pl.String}),
            *(frame.with_columns(list_name=pl.lit(name)) for name, frame in unseen.items()),
        ]
    )
    if new.is_empty():
        return pl.DataFrame(schema=CHECKS)
    shown = witnesses(new.select(*QUERIES_SCHEMA).unique("query_id"), house.store)
    rows = new.join(shown, on="query_id", how="left").with_columns(checked_on=pl.lit(house.today))
    return rows.with_columns(key_column(rows, "list_name", "query_id").alias("screening_check_id")).select(
        *CHECKS
    )


def _hit_rows(
    hits: pl.DataFrame, watch_list: WatchList, checks: pl.DataFrame, before: pl.DataFrame, today: date
) -> pl.DataFrame:
    of_notices = watch_list.kind != FILE
    entry = pl.col("entry_id") if of_notices else pl.lit(None, pl.String)
    reference = pl.lit(None, pl.String) if of_notices else pl.col("entry_id")
    each = pl.col("contributions").list.eval(
        pl.format("{} {}", pl.element().struct.field("name"), pl.element().struct.field("points"))
    )
    rows = hits.join(checks.filter(list_name=watch_list.name), on="query_id").with_columns(
        entry.alias("entry_item_id"),
        reference.alias("entry_reference"),
        each.list.join("; ").alias("contributions"),
        pl.col("contributions")
        .list.eval(pl.element().struct.field("reason"))
        .list.join("; ")
        .alias("explanation"),
    )
    rows = rows.with_columns(key_column(rows, "screening_check_id", "entry_id").alias("screening_hit_id"))
    first = before.select("screening_hit_id", "first_hit_on")
    return (
        rows.join(first, on="screening_hit_id", how="left")
        .with_columns(pl.col("first_hit_on").fill_null(today))
        .select(*HITS)
    )


def count_screening(checks: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
    """Checks and hits by list, day, country (null: wherever) and kind of query (contract `screening_counts`)."""
    counted = []
    for name, frame, day in (("checks", checks, "checked_on"), ("hits", hits, "first_hit_on")):
        rows = frame.select(
            "list_name",
            "query_kind",
            pl.col(day).alias("day"),
            pl.col("countries").fill_null("").str.split(",").alias("country"),
        )
        by_country = rows.explode("country").filter(pl.col("country") != "")
        wherever = rows.with_columns(pl.lit(None, pl.String).alias("country"))
        for part in (wherever, by_country):
            counted.append(
                part.group_by("list_name", "day", "country", "query_kind")
                .agg(pl.len().cast(pl.Int64).alias("count"))
                .with_columns(pl.lit(name).alias("what"))
            )
    keys = ("list_name", "day", "country", "query_kind")
    total = (
        pl.concat(counted)
        .group_by(keys)
        .agg(
            *(pl.col("count").filter(pl.col("what") == name).sum().alias(name) for name in ("checks", "hits"))
        )
        .sort(keys, nulls_last=False)
    )
    return total.with_columns(key_column(total, *keys).alias("screening_count_id")).select(
        pl.col(name).cast(kind) for name, kind in COUNTS.items()
    )
