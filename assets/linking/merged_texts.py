"""Near-duplicate texts as evidence, brought up to date: which text an item shows, and what texts weigh."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from assets.linking.contacts import TEXT, weigh_contacts, with_contacts
from assets.linking.merging import WEIGHED, Merged, used_by
from assets.linking.round_memory import typed
from assets.linking.standing import USES, Behind, Standing, overwritten, put_together
from assets.linking.text_stage import TextClusters
from assets.linking.things_on_sites import is_among
from assets.parsing.packed import packed

# With more contacts of texts than this for each that is shown, those that nobody shows are left out.
MOST_TEXTS = 2
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


def with_texts(
    standing: Standing, merged: Merged, texts: ChangedTexts, behind: Behind = put_together
) -> Merged:
    """Put the changed texts into what was merged.

    `merged` has the texts that stood in `standing`. Other ones are its `items`, `contacts`, `uses`, `touched_contacts`
    and `worded` then. `behind` puts new rows behind those that stand.
    """
    if texts.rows.is_empty() and standing.items["text"].null_count() == standing.items.height:
        return merged
    number, text = _texts_of(texts, merged.items)
    before = merged.items["text"].gather(number)
    differs = before.ne_missing(text)
    worded = number[differs.to_numpy()]
    items = overwritten(merged.items, worded, text.filter(differs).to_frame("text"))
    gone = standing.items["text"].filter(pl.Series(merged.renumbered < 0))
    of_changed = [each["text"].gather(merged.changed) for each in (merged.items, items)]
    touched = pl.concat(
        [gone, before.filter(differs), text.filter(differs), *of_changed, texts.rows["contact"]]
    )
    touched = touched.drop_nulls().unique()
    return replace(
        merged,
        items=items,
        contacts=_weighed(standing, merged.contacts, texts, items["text"], behind),
        uses=pl.concat([merged.uses, _uses(standing, merged, items, worded)]),
        touched_contacts=pl.concat([merged.touched_contacts, touched]),
        worded=worded,
    )


def _weighed(
    standing: Standing, contacts: pl.DataFrame, texts: ChangedTexts, shown: pl.Series, behind: Behind
) -> pl.DataFrame:
    """The contacts (`WEIGHED`) with those of changed texts: they keep their rows, new ones stand behind. Those that
    nobody shows any more stay until there are too many (`MOST_TEXTS`). `shown`: text of each item, null: none.
    """
    fresh = typed(
        weigh_contacts(
            texts.rows.unique("contact", keep="first", maintain_order=True).with_columns(
                pl.lit(None, pl.Binary).alias("identifier_id"),
                pl.lit(TEXT).alias("kind"),
                pl.lit(None, pl.String).alias("value"),
            ),
            pl.Series([], dtype=pl.String),
        ),
        WEIGHED,
    )
    stood = np.flatnonzero(is_among(contacts["contact"], fresh["contact"]).to_numpy())
    known = pl.DataFrame({"contact": contacts["contact"].gather(stood), "place": stood}).join(
        fresh, on="contact", maintain_order="left"
    )
    merged = behind("contacts", contacts, fresh.join(known, on="contact", how="anti").rechunk())
    merged = overwritten(merged, stood, known.select(name for name in WEIGHED if name != "contact"))
    are_texts = merged["kind"] == TEXT
    if texts.stale is None or are_texts.sum() > MOST_TEXTS * (standing.texts.height + fresh.height):
        merged = merged.filter(~are_texts | is_among(merged["contact"], shown.unique()))
    return merged


def _texts_of(texts: ChangedTexts, items: pl.DataFrame) -> tuple[np.ndarray, pl.Series]:
    """The numbers of the items whose texts count as another contact than before, or may, and the contact (null: none)
    that each counts as."""
    if texts.stale is None:
        number = np.arange(items.height)
    else:
        ids = pl.concat([texts.rows["item_id"], texts.stale["item_id"]])
        number = np.flatnonzero(items["item_id"].is_in(ids.implode()).to_numpy())
    theirs = items.select("item_id")[number]
    return number, theirs.join(texts.rows, on="item_id", how="left", maintain_order="left")["contact"]


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
