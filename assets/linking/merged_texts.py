"""Near-duplicate texts as evidence, brought up to date: which text an item shows, and what texts weigh."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from assets.linking.contacts import TEXT, weigh_contacts, with_contacts
from assets.linking.merging import WEIGHED, Merged, used_by
from assets.linking.round_memory import typed
from assets.linking.standing import USES, Standing
from assets.linking.text_stage import TextClusters
from assets.linking.things_on_sites import is_among
from assets.parsing.packed import packed

CHANGED_TEXTS: dict[str, pl.DataType] = {
    "item_id": pl.Binary(),
    "contact": pl.UInt64(),
    "text_cluster_id": pl.Binary(),
    "distinct": pl.Float64(),
}


@dataclass(frozen=True)
class ChangedTexts:
    """What changes among near-duplicate texts. `rows` (`CHANGED_TEXTS`): items and the contacts that their texts count
    as, `stale`: item_id of those that had others before, or had any; None where `rows` are of all items."""

    rows: pl.DataFrame
    stale: pl.DataFrame | None


def changed_texts(found: TextClusters) -> ChangedTexts:
    """By the numbers of linking."""
    named = found.rows.select("item_id", "text_cluster_id", pl.col("distinctness").alias("distinct"))
    numbered = with_contacts(
        named.with_columns(pl.lit(TEXT).alias("kind"), pl.col("text_cluster_id").alias("value"))
    )
    return ChangedTexts(
        packed(numbered.select(*CHANGED_TEXTS), "item_id", "text_cluster_id"),
        None if found.stale is None else packed(found.stale.to_frame("item_id"), "item_id"),
    )


def with_texts(standing: Standing, merged: Merged, texts: ChangedTexts) -> Merged:
    """Put the changed texts into what was merged.

    `merged` has the texts that stood in `standing`. Other ones are its `items`, `contacts`, `uses`, `touched_contacts`
    and `worded` then.
    """
    if texts.rows.is_empty() and standing.items["text"].null_count() == standing.items.height:
        return merged
    before = merged.items["text"].fill_null(0).to_numpy()
    now = before.copy()
    if texts.stale is None:
        now[:] = 0
    else:
        now[_numbers(texts.stale, merged.items)["item"].to_numpy()] = 0
    rows = _numbers(texts.rows, merged.items)
    now[rows["item"].to_numpy()] = rows["contact"].to_numpy()
    worded = np.flatnonzero(before != now)
    gone = standing.items["text"].filter(pl.Series(merged.renumbered < 0))
    of_changed = [numbers[which] for numbers in (before, now) for which in (worded, merged.changed)]
    touched = pl.concat([gone.drop_nulls(), pl.Series(np.concatenate(of_changed)), rows["contact"]]).unique()
    touched = touched.filter(touched > 0)
    shown = pl.Series("text", now)
    items = merged.items.with_columns(pl.when(shown > 0).then(shown).alias("text"))
    return replace(
        merged,
        items=items,
        contacts=_weighed(merged.contacts, texts.rows, touched, shown),
        uses=pl.concat([merged.uses, _uses(standing, merged, items, worded)]),
        touched_contacts=pl.concat([merged.touched_contacts, touched]),
        worded=worded,
    )


def _weighed(
    contacts: pl.DataFrame, rows: pl.DataFrame, touched: pl.Series, shown: pl.Series
) -> pl.DataFrame:
    """The contacts (`WEIGHED`) with those of changed texts, and without those (of the touched) that nobody shows."""
    left = shown.filter(is_among(shown, touched)).unique()
    fresh = weigh_contacts(
        rows.unique("contact", keep="first", maintain_order=True).with_columns(
            pl.lit(None, pl.Binary).alias("identifier_id"),
            pl.lit(TEXT).alias("kind"),
            pl.lit(None, pl.String).alias("value"),
        ),
        pl.Series([], dtype=pl.String),
    )
    is_touched = is_among(contacts["contact"], touched)
    known = contacts.filter(is_touched).join(fresh, on="contact", how="anti")
    return pl.concat(
        [
            contacts.filter(~is_touched),
            known.filter(pl.col("contact").is_in(left.implode())),
            typed(fresh, WEIGHED),
        ]
    )


def _numbers(texts: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """The texts (item_id, …) with `item`, the number of the item."""
    return texts.join(items.select("item_id").with_row_index("item"), on="item_id")


def _uses(standing: Standing, merged: Merged, items: pl.DataFrame, worded: np.ndarray) -> pl.DataFrame:
    """The texts that changed and worded items show, and what else the latter show (`standing.USES`)."""
    again = np.union1d(merged.changed, worded)
    texts = pl.DataFrame({"item": again.astype(np.uint32), "contact": items["text"].gather(again)})
    only_worded = np.zeros(items.height, dtype=bool)
    only_worded[worded] = True
    only_worded[merged.changed] = False
    stays = merged.renumbered >= 0
    stays[stays] = only_worded[merged.renumbered[stays]]
    others = used_by(standing, np.flatnonzero(stays))
    numbers = merged.renumbered[others["item"].to_numpy()].astype(np.uint32)
    others = others.with_columns(pl.Series("item", numbers))
    return pl.concat([texts.drop_nulls("contact").select(*USES), others.select(*USES)])
