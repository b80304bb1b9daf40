"""The table of templates from day to day: told again for texts that changed, or whose users did."""

from dataclasses import dataclass

import polars as pl

from assets.house import House
from assets.linking.merged_texts import ChangedTexts
from assets.linking.standing import Standing
from assets.linking.text_templates import WORDS, looked_at, most_used, text_templates_of, words_of
from assets.linking.text_uses import members_of_texts, used_texts
from assets.linking.text_wordings import Wordings
from assets.parsing.packed import packed, unpacked
from quality.contracts import CONTRACTS

_SCHEMA = CONTRACTS["text_templates"].schema


@dataclass(frozen=True)
class TextTemplates:
    """What a run changes in the table `text_templates` (keys as in the contract).

    `rows`: rows that are new or differ. `stale`: text_cluster_id of those that the table no longer tells of; None where
    `rows` are the whole table.
    """

    rows: pl.DataFrame
    stale: pl.DataFrame | None


def keep_text_templates(
    house: House, standing: Standing, after: Standing, texts: ChangedTexts, wordings: Wordings
) -> TextTemplates:
    """Bring the table up to date.

    `standing` is the state that the committed table stands for, `after` the one now, both with their `texts`; `texts`:
    what changed; `wordings`: what the texts of all items say now. Only templates of texts that changed, or that are
    among the most used now, are read from texts again.
    """
    now = most_used(used_texts(after))
    if texts.stale is None:
        words = _read_words(wordings, after, now)
        return TextTemplates(text_templates_of(unpacked(now).drop("contact"), words), None)
    before = most_used(used_texts(standing))
    differs = now.join(before, on=now.columns, how="anti", nulls_equal=True)
    known = now.join(texts.rows, on="contact", how="anti").join(before, on="contact", how="semi")
    fresh = now.join(known, on="contact", how="anti")
    told = unpacked(differs.join(fresh, on="contact", how="anti"))
    stood = (
        house.store.scan("text_templates", _SCHEMA)
        .select(*WORDS)
        .filter(pl.col("text_cluster_id").is_in(told["text_cluster_id"].implode()))
        .collect()
    )
    words = pl.concat([stood, _read_words(wordings, after, fresh)])
    again = pl.concat([told, unpacked(fresh)]).drop("contact")
    gone = before.join(now, on="contact", how="anti").select("text_cluster_id")
    return TextTemplates(text_templates_of(again, words), unpacked(gone))


def _read_words(wordings: Wordings, after: Standing, clusters: pl.DataFrame) -> pl.DataFrame:
    """The words (`text_templates.WORDS`) of these clusters (contact, text_cluster_id: packed, …)."""
    members = members_of_texts(after, clusters)
    wanted = packed(looked_at(members).select("item_id"), "item_id")
    worded, spans = wordings.of_items(wanted["item_id"])
    return words_of(unpacked(clusters), members, unpacked(worded), unpacked(spans))
