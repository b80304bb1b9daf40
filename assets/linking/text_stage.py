"""Near-duplicate texts from day to day: an index in files, and what a day changes in the table `text_clusters`."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from assets.extraction import normalise
from assets.house import House, code_digest, digest_of
from assets.linking import text_files
from assets.linking.accounts import account_name
from assets.linking.epochs import last_day_counted, last_day_of_base
from assets.linking.near_duplicates import build_index, items_of_days, near_duplicates_of, update_index
from assets.linking.text_spans import IN_TEXT, SPANS, VARYING_FACTS, text_spans
from assets.linking.text_wordings import Wordings
from assets.parsing.changes import (
    ABOUT_ITEMS,
    ITEM_TABLES,
    Changes,
    batches,
    read_about,
    read_items,
)
from assets.parsing.current import current_rows, latest
from assets.parsing.packed import packed, unpacked
from quality.contracts import CONTRACTS
from warehouse.parts import PartStore

FOLDER = Path("work") / "linking_texts"
_RULES = (
    "stretches.py",
    "text_shingles.py",
    "text_rarity.py",
    "text_candidates.py",
    "text_clusters.py",
    "text_segments.py",
    "text_rows.py",
    "text_runs.py",
    "text_pairs.py",
    "text_items.py",
    "text_index.py",
    "near_duplicates.py",
    "text_spans.py",
    "text_wordings.py",
    "text_templates.py",
    "epochs.py",
)
_VERSION_COLUMNS = ("item_id", "unit_date", "site", "account", "text")
_NO_ITEMS = {
    "item_id": pl.String(),
    "text": pl.String(),
    "first_seen": pl.Date(),
    "holder": pl.String(),
}
_SPAN_COLUMNS = ("item_id", "kind", "field", "span_start", "span_end")


@dataclass(frozen=True)
class TextClusters:
    """What a run changes in the table `text_clusters` (keys as in the contract).

    `rows`: rows that are new or may differ. `stale`: ids of the items whose earlier rows they replace; None where
    `rows` are the whole table. `wordings`: what the texts of all items say.
    """

    rows: pl.DataFrame
    stale: pl.Series | None
    wordings: Wordings = field(default_factory=Wordings)


def keep_text_clusters(house: House, changes: Changes, *, before: str | None, inputs: str) -> TextClusters:
    """Bring the near-duplicates up to date with the changed items.

    `before`: what the committed tables were made from (None: nothing was); `inputs`: what they will be made from. The
    index for `inputs` is written here, before the tables are committed; `forget_others` is for after that. Everything
    is compared again, and the log says why, where no index stands for `before`, the rules were others, or the base
    among which the rarity of words is counted is no longer the same.
    """
    folder = house.home / FOLDER
    rules = (
        code_digest(*(Path(__file__).parent / name for name in _RULES), Path(normalise.__file__))
        + f" numpy {np.__version__} polars {pl.__version__}"
    )
    loaded = text_files.load(folder, before) if before is not None else None
    if loaded is None:
        return _all(house, inputs, rules, "no index of the last run's texts is there")
    index, notes = loaded
    if notes.get("rules") != rules:
        return _all(house, inputs, rules, "its rules changed")
    items, spans = read_texts(house.store, changes.items.drop_nulls("item_table"))
    gone = changes.items.filter(pl.col("item_table").is_null())["item_id"]
    rows, stale = update_index(index, items, spans, gone)
    last = last_day_counted(items_of_days(index))
    if notes.get("base") != _base_digest(house.store, last):
        return _all(
            house, inputs, rules, f"what was seen until {last} is the base now; it is new or was made again"
        )
    index.wordings.add(items, spans)
    text_files.save(index, folder, inputs, notes, like=before)
    return TextClusters(unpacked(rows), unpacked(stale.to_frame("item_id"))["item_id"], index.wordings)


def forget_others(house: House, inputs: str) -> None:
    """Remove all indices but the one that stands for these inputs."""
    text_files.keep_only(house.home / FOLDER, inputs)


def with_holders(items: pl.DataFrame) -> pl.DataFrame:
    """The items (site, account, …) with `holder`: the account on its site, null where it has no name."""
    return items.with_columns((pl.col("site") + "|" + account_name()).alias("holder"))


def _all(house: House, inputs: str, rules: str, why: str) -> TextClusters:
    versions = [
        house.store.scan(table, CONTRACTS[table].schema, columns=_VERSION_COLUMNS).collect()
        for table in ITEM_TABLES
    ]
    items = pl.concat([latest(rows.lazy()).select(*_VERSION_COLUMNS, "first_seen") for rows in versions])
    last = last_day_of_base(items.filter(pl.col("text").is_not_null())["first_seen"])
    base = pl.concat([_first(rows, last) for rows in versions])
    del versions
    spans, base_spans = _spans_of(house.store, items, base)
    count = items.height
    items, base = (_packed(with_holders(frame)) for frame in (items, base))
    index = build_index(items, spans, base, base_spans)
    del base, base_spans
    index.wordings.add(items, spans)
    del items, spans
    folder = house.home / FOLDER
    text_files.save(index, folder, inputs, {"rules": rules, "base": _base_digest(house.store, last)})
    house.log.info(
        f"compared the texts of all {count} items: {why}; rarity counted until {last}, "
        f"among {index.rarity.holders} holders"
    )
    rows = unpacked(near_duplicates_of(index).members)
    # From files they take no memory until they are looked at.
    loaded = text_files.load(folder, inputs)
    return TextClusters(rows, None, index.wordings if loaded is None else loaded[0].wordings)


def read_texts(store: PartStore, places: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Items where they were seen last (`changes.CURRENT`), and the spans of their texts; keys packed."""
    items, spans = [], [_packed(pl.DataFrame(schema=SPANS))]
    for batch in batches(store, places, ABOUT_ITEMS):
        days = batch.items.select("item_id", "first_seen")
        for rows in read_items(store, batch, ("site", "account", "text")).values():
            items.append(rows.select("item_id", "site", "account", "text").join(days, on="item_id"))
        mentions = read_about(store, batch, "mentions", _SPAN_COLUMNS)
        spans.append(text_spans(mentions, read_about(store, batch, "facts", _SPAN_COLUMNS)))
    if not items:
        return _packed(pl.DataFrame(schema=_NO_ITEMS)), spans[0]
    return with_holders(pl.concat(items)), pl.concat(spans)


def _first(rows: pl.DataFrame, last: date | None) -> pl.DataFrame:
    """The first versions (item_id, unit_date, site, account, text) of the items seen until a day.

    What comes later, edits too, leaves them as they are.
    """
    # Days and places of the rows are sorted, not the rows: they hold whole texts.
    first = (
        rows.select("item_id", "unit_date", pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"))
        .filter(pl.col("unit_date") <= last)
        .sort("unit_date", "row", descending=[False, True])
        .unique("item_id", keep="first", maintain_order=True)
    )
    return rows.select("item_id", "unit_date", "site", "account", "text")[first["row"]]


def _spans_of(store: PartStore, *versions: pl.DataFrame) -> list[pl.DataFrame]:
    """The spans of the texts of each of some frames of versions (item_id, unit_date); keys packed.

    What is said of them is read once for all of them.
    """
    of_version = ["item_id", "unit_date"]
    wanted = pl.concat([frame.select(of_version) for frame in versions]).unique()
    read = [
        current_rows(store, CONTRACTS[table], wanted, (*_SPAN_COLUMNS, "unit_date"), where)
        for table, where in (("mentions", IN_TEXT), ("facts", IN_TEXT & pl.col("kind").is_in(VARYING_FACTS)))
    ]
    spans = _packed(pl.concat([rows.select(*SPANS, "unit_date") for rows in read]).drop_nulls())
    return [
        spans.join(_packed(frame.select(of_version)), on=of_version, how="semi").select(*SPANS)
        for frame in versions
    ]


def _base_digest(store: PartStore, last: date | None) -> str:
    """What the base is made from: the parts of its days."""
    parts = [
        part
        for table in (*ITEM_TABLES, *ABOUT_ITEMS)
        for part in store.parts(table)
        if part.unit_date is not None and last is not None and part.unit_date <= last
    ]
    return digest_of(parts, str(last))


def _packed(frame: pl.DataFrame) -> pl.DataFrame:
    return packed(frame, "item_id")
