"""Linking alone, of one table of items or of mentions, as the command line needs it."""

import polars as pl

from assets.extraction.identifiers import extract_identifiers
from assets.linking.actors import link_actors
from assets.linking.digests import key_column
from assets.linking.near_duplicates import find_near_duplicates
from assets.linking.site_ties import tie_sites
from assets.linking.text_templates import find_templates
from quality.contracts.columns import IDENTIFIER_KINDS, MOMENT

_ITEM_COLUMNS = {
    "item_id": pl.String(),
    "site": pl.String(),
    "account": pl.String(),
    "text": pl.String(),
    "region": pl.String(),
    "first_seen": pl.Date(),
    "last_seen": pl.Date(),
    "posted_at": MOMENT,
}
_SPANS = {"item_id": pl.String, "span_start": pl.Int64, "span_end": pl.Int64, "kind": pl.String}


class TableError(ValueError):
    """The table has not the columns that linking needs; the message names them."""


def link_table(table: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Everything that linking finds in one table, by name.

    Items: `item_id` (or `id`), with `text`, or columns named by kinds of identifiers (phone, email, username, url,
    messenger, crypto, image, analytics; one value or a list), or both; identifiers are read from the texts where no
    such column is. Mentions: `item_id`, `kind`, `value`, a row for each identifier of an item. Either may have
    `site`, `account`, `first_seen`, `last_seen` (dates), `posted_at`; items also `region` (ISO 3166, for reading
    phones). Other columns are ignored. Returns actors, actor_members, actor_edges, text_clusters, site_links (as in
    their contracts), text_pairs (`near_duplicates.PAIRS`), text_templates and text_slots (`text_templates`). Raises
    `TableError`.
    """
    items = _items(table)
    mentions, spans = _mentions(table, items)
    named = pl.col("account").str.strip_chars().str.to_lowercase().replace("", None)
    holders = items.select("item_id", "text", (pl.col("site") + "|" + named).alias("holder"))
    near = find_near_duplicates(holders, spans)
    templates = find_templates(near.members, holders, spans)
    tables = link_actors(items, mentions, near.members)
    return {
        "actors": tables.actors,
        "actor_members": tables.actor_members,
        "actor_edges": tables.actor_edges,
        "text_clusters": near.members,
        "text_pairs": near.pairs,
        "text_templates": templates.templates,
        "text_slots": templates.slots,
        "site_links": tie_sites(items, mentions, _with_accounts(tables.actor_members), near.members),
    }


def _with_accounts(members: pl.DataFrame) -> pl.DataFrame:
    """The members of actors as sites are tied by: where the table names no account, an actor has one on each site.

    Items without account count as one each, and whoever posted three times would count as a controller.
    """
    if members["account"].null_count() < members.height:
        return members
    return members.with_columns(pl.when(pl.col("member_kind") == "item").then("actor_id").alias("account"))


def _items(table: pl.DataFrame) -> pl.DataFrame:
    """The items of the table, each once, with all of `_ITEM_COLUMNS`."""
    if "item_id" not in table.columns and "id" in table.columns:
        table = table.rename({"id": "item_id"})
    if "item_id" not in table.columns:
        raise TableError(f"no column `item_id` (or `id`) among {_shown(table)}")
    if table["item_id"].null_count():
        raise TableError("column `item_id` is empty in some rows")
    columns: list[pl.Expr | pl.Series] = []
    for name, kind in _ITEM_COLUMNS.items():
        if name not in table.columns:
            columns.append(pl.lit(None, dtype=kind).alias(name))
            continue
        columns.append(_read(table[name], name, kind))
    return (
        table.select(columns)
        .with_columns(pl.col("site").fill_null("unknown"))
        .sort("item_id", "first_seen", "text", nulls_last=True)
        .unique("item_id", keep="first", maintain_order=True)
    )


def _read(column: pl.Series, name: str, kind: pl.DataType) -> pl.Series:
    """A column in the type that linking wants; dates and moments may be written in ISO 8601."""
    try:
        if kind == pl.String():
            return column.cast(pl.String)
        if column.dtype == pl.String:
            return column.str.to_datetime(time_zone="UTC", time_unit="us").cast(kind)
        return column.cast(kind)
    except pl.exceptions.PolarsError:
        raise TableError(f"column `{name}` is {column.dtype}; wanted {kind}") from None


def _mentions(table: pl.DataFrame, items: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Mentions (item_id, identifier_id, kind, value) and where they stand in the texts (`_SPANS`)."""
    spans = pl.DataFrame(schema=_SPANS)
    item = "item_id" if "item_id" in table.columns else "id"
    given = [name for name in IDENTIFIER_KINDS if name in table.columns]
    if {"kind", "value"} <= set(table.columns):
        found = table.select(pl.col(item).cast(pl.String).alias("item_id"), "kind", "value")
        unknown = set(found["kind"].drop_nulls().unique()) - set(IDENTIFIER_KINDS)
        if unknown:
            raise TableError(f"{len(unknown)} unknown words in `kind`; known: {', '.join(IDENTIFIER_KINDS)}")
    elif given:
        parts = []
        for name in given:
            column = table.select(pl.col(item).cast(pl.String).alias("item_id"), pl.col(name).alias("value"))
            if column["value"].dtype == pl.List:
                column = column.explode("value", empty_as_null=True)
            parts.append(
                column.select("item_id", pl.lit(name).alias("kind"), pl.col("value").cast(pl.String))
            )
        found = pl.concat(parts)
    elif "text" in table.columns:
        read = extract_identifiers(
            items.select(
                pl.col("item_id").alias("id"),
                pl.col("text").fill_null(""),
                "region",
                pl.lit(None, dtype=pl.String).alias("lang"),
            )
        ).rename({"id": "item_id", "start": "span_start", "end": "span_end"})
        spans = read.select(
            "item_id", *(pl.col(name).cast(kind) for name, kind in _SPANS.items() if name != "item_id")
        )
        found = read.select("item_id", "kind", "value")
    else:
        raise TableError(
            f"nothing to link by: give `text`, or `kind` and `value`, or one of {', '.join(IDENTIFIER_KINDS)}; "
            f"found {_shown(table)}"
        )
    found = found.with_columns(
        pl.col("value").cast(pl.String).str.strip_chars().replace("", None)
    ).drop_nulls()
    return found.with_columns(key_column(found, "kind", "value").alias("identifier_id")).unique(), spans


def _shown(table: pl.DataFrame) -> str:
    return ", ".join(f"`{name}`" for name in table.columns[:20]) or "no columns"
