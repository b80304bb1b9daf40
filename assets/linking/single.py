"""Linking alone, of one table of items or of mentions, as the command line needs it."""

from dataclasses import dataclass

import polars as pl

from assets.extraction.home_regions import with_home_regions
from assets.extraction.identifiers import extract_identifiers
from assets.extraction.phone_validity import FEWEST_DIGITS
from assets.linking.accounts import account_name
from assets.linking.actors import ActorTables, link_actors
from assets.linking.digests import key_column
from assets.linking.given_identifiers import MENTIONS, compared, read_cells
from assets.linking.given_table import (
    KIND_OF_COLUMN,
    GivenTable,
    TableError,
    counted,
    one_row_each,
    read_given,
)
from assets.linking.identifiers import build_identifiers
from assets.linking.near_duplicates import find_near_duplicates
from assets.linking.site_ties import tie_sites
from assets.linking.text_templates import find_templates
from quality.contracts.columns import IDENTIFIER_KINDS

_SPANS = {"item_id": pl.String, "span_start": pl.Int64, "span_end": pl.Int64, "kind": pl.String}


@dataclass(frozen=True)
class Linked:
    """What linking finds in one table.

    `tables` by name. `clusters`: id (each of the table, in its order), cluster (String: the id of its actor, or one of
    its own), text_cluster_id (null where no other text is like its). `mentions`: item_id, identifier_id, kind, value,
    read_from (the column). actors, actor_members, actor_edges, identifiers, text_clusters, site_links: as in their
    contracts. text_pairs: `near_duplicates.PAIRS`; text_templates, text_slots: `text_templates`. `counts`: what there
    is of each, in words. `notes`: what was read how, and what was left out.
    """

    tables: dict[str, pl.DataFrame]
    counts: list[str]
    notes: list[str]


def link_table(table: pl.DataFrame, region: str | None = None, read_texts: bool = True) -> Linked:
    """Everything that linking finds in one table.

    Items: `item_id` (or `id`), with `text`, `account`, or columns named by kinds of identifiers
    (`given_table.KIND_OF_COLUMN`; one value or several). Mentions: `item_id`, `kind`, `value`, a row for each
    identifier of an item. Either may have `site`, `region` (ISO 3166, for reading phones; else the argument),
    `first_seen`, `last_seen`, `posted_at`. Identifiers are read from the texts too, unless `read_texts` is false.
    Raises `TableError`.
    """
    given = read_given(table, region)
    if given.cells.is_empty() and not _has_something(table, given):
        raise TableError(
            f"nothing to link by: give `text`, `account`, `kind` and `value`, or one of {', '.join(IDENTIFIER_KINDS)}; "
            f"found {', '.join(f'`{name}`' for name in table.columns[:20])}"
        )
    items, repeated = one_row_each(given)
    in_cells, unread = read_cells(given.cells)
    in_texts, spans, homeless = _read_texts(given, items) if read_texts else _nothing_read()
    mentions = pl.concat([in_cells, in_texts]).with_columns(compared().alias("compared"))
    mentions = mentions.with_columns(key_column(mentions, "kind", "compared").alias("identifier_id"))
    shown = mentions.select("item_id", "identifier_id", "kind", pl.col("compared").alias("value")).unique()

    holders = items.select("item_id", "text", (pl.col("site") + "|" + account_name()).alias("holder"))
    near = find_near_duplicates(holders, spans)
    templates = find_templates(near.members, holders, spans)
    linked = link_actors(items, shown, near.members)
    tables = {
        "clusters": _clusters(given.rows["item_id"], linked, near.members),
        "actors": linked.actors,
        "actor_members": linked.actor_members,
        "actor_edges": linked.actor_edges,
        "identifiers": _identifiers(mentions, items, linked),
        "mentions": mentions.select("item_id", "identifier_id", "kind", "value", "read_from")
        .unique()
        .sort("item_id", "kind", "value", "read_from"),
        "text_clusters": near.members,
        "text_pairs": near.pairs,
        "text_templates": templates.templates,
        "text_slots": templates.slots,
        "site_links": tie_sites(items, shown, _with_accounts(linked.actor_members), near.members),
    }
    notes = [
        *given.notes,
        *repeated,
        *unread,
        *_notes_on_texts(given, in_cells, in_texts, homeless if read_texts else None),
    ]
    return Linked(tables, _counts(table.height, tables), notes)


def _has_something(table: pl.DataFrame, given: GivenTable) -> bool:
    """Whether the table has a column to link by, be it empty."""
    columns = {name.strip().lower().replace(" ", "_").replace("-", "_") for name in table.columns}
    return not columns.isdisjoint({"text", "account", *KIND_OF_COLUMN}) or {"kind", "value"} <= columns


def _nothing_read() -> tuple[pl.DataFrame, pl.DataFrame, int]:
    return pl.DataFrame(schema=MENTIONS), pl.DataFrame(schema=_SPANS), 0


def _read_texts(given: GivenTable, items: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """The identifiers in the texts (`MENTIONS`), those of repeated rows too, and where they stand in the text of each
    item (`_SPANS`). Without a region, that of the country that a text is about is tried, as with captured items; the
    last is the number of texts of no country in which digits were not read."""
    texts = (
        given.rows.select("item_id", "text", "region")
        .drop_nulls("text")
        .unique(["item_id", "text"], keep="first", maintain_order=True)
        .with_row_index("row")
    )
    read = _identifiers_in(texts)
    homely, homeless = _with_unread_numbers(texts, read), 0
    if not homely.is_empty():
        homely = with_home_regions(homely)
        homeless = homely["region"].null_count()
        homely = homely.drop_nulls("region")
        others = read.filter(~pl.col("row").is_in(homely["row"].implode()))
        read = pl.concat([others, _identifiers_in(homely)]).sort("row", maintain_order=True)
    kept = texts.join(items.select("item_id", "text"), on=["item_id", "text"], how="semi").select(
        "row", "item_id"
    )
    spans = (
        read.join(kept, on="row", maintain_order="left")
        .rename({"start": "span_start", "end": "span_end"})
        .select(*_SPANS)
    )
    mentions = (
        read.join(texts.select("row", "item_id"), on="row", maintain_order="left")
        .select("item_id", "kind", "value", pl.lit("text").alias("read_from"))
        .unique(maintain_order=True)
    )
    return mentions, spans, homeless


def _identifiers_in(texts: pl.DataFrame) -> pl.DataFrame:
    """What extraction reads in the texts (row, text, region), with `row`."""
    asked = texts.select(
        pl.col("row").cast(pl.String).alias("id"),
        "text",
        "region",
        pl.lit(None, dtype=pl.String).alias("lang"),
    )
    return extract_identifiers(asked).with_columns(pl.col("id").cast(texts.schema["row"]).alias("row"))


def _with_unread_numbers(texts: pl.DataFrame, read: pl.DataFrame) -> pl.DataFrame:
    """The texts without region whose digits are more than those of what was read in them, by a telephone number.

    Looking for the country that a text is about loads the names of all cities, which takes longer than the rest.
    """
    digits = r"\d"
    seen = (
        read.unique(["row", "start", "end"])
        .group_by("row")
        .agg(pl.col("raw").str.count_matches(digits).sum().alias("seen"))
    )
    return (
        texts.filter(pl.col("region").is_null())
        .join(seen, on="row", how="left", maintain_order="left")
        .filter(
            pl.col("text").str.count_matches(digits).cast(pl.Int64)
            - pl.col("seen").fill_null(0).cast(pl.Int64)
            >= FEWEST_DIGITS
        )
        .drop("seen")
    )


def _clusters(ids: pl.Series, linked: ActorTables, near: pl.DataFrame) -> pl.DataFrame:
    """id, cluster, text_cluster_id of all ids, each once, in their order. Who belongs to no actor is alone."""
    actor_of = linked.actor_members.filter(pl.col("member_kind") == "item").select(
        pl.col("member_id").alias("id"), "actor_id"
    )
    clusters = (
        pl.DataFrame({"id": ids.unique(maintain_order=True), "what": "actor"})
        .join(actor_of, on="id", how="left", maintain_order="left")
        .join(
            near.select(pl.col("item_id").alias("id"), "text_cluster_id"),
            on="id",
            how="left",
            maintain_order="left",
        )
    )
    alone = key_column(clusters, "what", "id")
    return clusters.select("id", pl.col("actor_id").fill_null(alone).alias("cluster"), "text_cluster_id")


def _identifiers(mentions: pl.DataFrame, items: pl.DataFrame, linked: ActorTables) -> pl.DataFrame:
    """The identifiers (their contract), each by its most frequent spelling; a number without country has no region."""
    spelled = (
        mentions.group_by("identifier_id", "value")
        .agg(pl.len())
        .sort("len", "value", descending=[True, False])
        .unique("identifier_id", keep="first", maintain_order=True)
        .select("identifier_id", "value")
    )
    once = (
        mentions.select("identifier_id", "kind", "item_id")
        .unique()
        .join(spelled, on="identifier_id")
        .join(items.select("item_id", "site"), on="item_id")
        .with_columns(pl.lit(False).alias("obscured"))
    )
    identifiers = build_identifiers(once, items, linked.held, linked.lines)
    return identifiers.with_columns(
        pl.when(pl.col("value").str.starts_with("+")).then("region").alias("region")
    )


def _with_accounts(members: pl.DataFrame) -> pl.DataFrame:
    """The members of actors as sites are tied by: where the table names no account, an actor has one on each site.

    Items without account count as one each, and whoever posted three times would count as a controller.
    """
    if members["account"].null_count() < members.height:
        return members
    return members.with_columns(pl.when(pl.col("member_kind") == "item").then("actor_id").alias("account"))


def _counts(rows: int, tables: dict[str, pl.DataFrame]) -> list[str]:
    clusters = tables["clusters"]
    sizes = clusters.group_by("cluster").agg(pl.len())["len"]
    linked = tables["actor_members"].filter(pl.col("member_kind") == "item").height
    damped = tables["identifiers"]["is_super_connector"].sum()
    texts = tables["text_clusters"]
    return [
        f"rows: {rows}, items: {clusters.height}",
        f"items without identifier and account, each a cluster of its own: {clusters.height - linked}",
        f"clusters of two items and more: {(sizes > 1).sum()}, with {sizes.filter(sizes > 1).sum()} items",
        f"identifiers: {tables['identifiers'].height}, of which damped: {damped}",
        f"clusters of near-duplicate texts: {texts['text_cluster_id'].n_unique()}, with {texts.height} items",
    ]


def _notes_on_texts(
    given: GivenTable, in_cells: pl.DataFrame, in_texts: pl.DataFrame, homeless: int | None
) -> list[str]:
    """What was read from texts (None: nothing was to be), and what could not be for want of a region."""
    if not given.rows["text"].count():
        return []
    if homeless is None:
        return ["`text`: compared only, no identifiers are read from it"]
    items = in_texts["item_id"].n_unique()
    note = f"`text`: {counted(in_texts.height, 'identifier')} of {counted(items, 'item')}"
    if not in_cells.is_empty():
        both = in_texts.join(in_cells, on=["item_id", "kind", "value"], how="semi").height
        note += f", {both} of them in other columns too"
    if homeless:
        note += (
            f"; {counted(homeless, 'text')} without region with digits that were not read: where they are numbers "
            "without country, give a column `region` (ES, GB …) or --region"
        )
    return [note]
