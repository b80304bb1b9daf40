"""Templates: what the texts of a cluster have in common, and the slots in which they differ.

A word of the representative is fixed if most of the others have it, wherever it stands, so that re-ordered texts
show one template; what lies between fixed words is a slot, and what the others have between the same two words are
its values.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple

import numpy as np
import polars as pl

from assets.linking.accounts import account_name
from assets.linking.text_shingles import letters_of
from quality.contracts import CONTRACTS

# Texts of a cluster that are looked at, and words of each: a template shows itself in few.
MOST_TEXTS = 12
MOST_WORDS = 300
# A word that this share of the other texts has is the template's.
FIXED_SHARE = 0.6
# Words of one value; more are another sentence.
_LONGEST_VALUE = 6
_CLUSTERS_AT_A_TIME = 2_000
# Han and kana are written without blanks: each sign counts as a word, with the stops behind it.
_SIGNS = (
    r"\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
)
_STOPS = "、。，！？；：…"
_SIGN = re.compile(rf"[{_SIGNS}]")
_WORD = re.compile(rf"[{_SIGNS}][{_STOPS}]*|[^\s{_SIGNS}]+")
_BLANK_AT_A_SIGN = re.compile(rf"(?<=[{_SIGNS}{_STOPS}]) | (?=[{_SIGNS}])")
_EDGE = ".,;:!?()[]«»\"'“”—–-"

TEMPLATES = {
    "text_cluster_id": pl.String(),
    "item_count": pl.Int64(),
    "template": pl.String(),
    "slot_count": pl.Int64(),
}
SLOTS = {
    "text_cluster_id": pl.String(),
    "slot": pl.Int64(),
    "kind": pl.String(),
    "value_count": pl.Int64(),
}


TEXT_TEMPLATES = CONTRACTS["text_templates"].schema
# Templates of so many clusters at most are told, those of most holders first: reading one costs about half a
# millisecond, and most clusters are one account that repeats itself.
MOST_TEMPLATES = 20_000
FEWEST_HOLDERS = 2
FEWEST_ITEMS = 3
WORDS = ("text_cluster_id", "template", "slot_count", "slots")


@dataclass(frozen=True)
class Templates:
    """What `find_templates` returns, both sorted.

    `templates`: text_cluster_id, item_count, template (the representative's words, slots as `{kind}`), slot_count.
    `slots`: text_cluster_id, slot (from 1, in the order of the template), kind (that of the span which covers it,
    number, name or words), value_count (distinct values among the texts looked at).
    """

    templates: pl.DataFrame
    slots: pl.DataFrame


class _Words(NamedTuple):
    """Words of a text, as they are written, by their folded letters and by what they are, where that is known."""

    raw: list[str]
    letters: list[str]
    kinds: list[str | None]


def find_templates(
    members: pl.DataFrame,
    items: pl.DataFrame,
    spans: pl.DataFrame | None = None,
    *,
    smallest: int = FEWEST_ITEMS,
) -> Templates:
    """Templates of the clusters of at least `smallest` texts.

    `members` as from `find_near_duplicates`; `items`: item_id, text; `spans`: item_id, span_start, span_end (in
    characters of `text`), kind (such as phone, place, price). At most twelve texts of a cluster are looked at.
    """
    chosen = looked_at(members, smallest).join(
        items.select("item_id", "text").unique("item_id"), on="item_id", maintain_order="left"
    )
    of_item: dict[str, list[tuple[int, int, str]]] = {}
    if spans is not None:
        wanted = spans.join(chosen.select("item_id"), on="item_id", how="semi").drop_nulls()
        for item, start, end, kind in wanted.select("item_id", "span_start", "span_end", "kind").iter_rows():
            of_item.setdefault(item, []).append((start, end, kind))
    templates: list[tuple[str, int, str, int]] = []
    slots: list[tuple[str, int, str, int]] = []
    clusters = chosen.group_by("text_cluster_id", maintain_order=True).agg(
        pl.col("item_count").first(), "item_id", "text"
    )
    for batch in clusters.iter_slices(_CLUSTERS_AT_A_TIME):
        named = zip(*(batch[name].explode().to_list() for name in ("item_id", "text")), strict=True)
        read = _words(list(named), of_item)
        for cluster, item_count, items_of in batch.select(
            "text_cluster_id", "item_count", pl.col("item_id").list.len()
        ).iter_rows():
            texts = list(islice(read, items_of))
            shown, found = _template(texts[0], texts[1:])
            templates.append((cluster, item_count, shown, len(found)))
            slots.extend((cluster, number, *slot) for number, slot in enumerate(found, start=1))
    return Templates(
        pl.DataFrame(templates, schema=TEMPLATES, orient="row"),
        pl.DataFrame(slots, schema=SLOTS, orient="row"),
    )


def looked_at(members: pl.DataFrame, smallest: int = FEWEST_ITEMS) -> pl.DataFrame:
    """The members whose texts tell the templates of clusters of at least `smallest`, with `item_count`."""
    return (
        members.filter(pl.len().over("text_cluster_id") >= smallest)
        .with_columns(pl.len().over("text_cluster_id").alias("item_count"))
        .sort("text_cluster_id", "is_representative", "item_id", descending=[False, True, False])
        .group_by("text_cluster_id", maintain_order=True)
        .head(MOST_TEXTS)
    )


def build_text_templates(
    members: pl.DataFrame, items: pl.DataFrame, spans: pl.DataFrame, actor_members: pl.DataFrame
) -> pl.DataFrame:
    """Templates that several accounts use (contract `text_templates`), sorted by cluster.

    `members` as from `find_near_duplicates`; `items`: item_id, site, account, text, first_seen, last_seen; `spans` as
    in `find_templates`; `actor_members` as in its contract. An item without account counts as a holder of its own.
    """
    uses = template_uses(members, items, actor_members)
    return text_templates_of(uses, words_of(uses, members, items, spans))


def template_uses(members: pl.DataFrame, items: pl.DataFrame, actor_members: pl.DataFrame) -> pl.DataFrame:
    """Who uses the templates of which the table tells: a row per cluster, the contract's columns but for the words.

    Parameters as in `build_text_templates`; no text is looked at.
    """
    actors = actor_members.filter(pl.col("member_kind") == "item").select(
        pl.col("member_id").alias("item_id"), "actor_id"
    )
    return (
        members.select("text_cluster_id", "item_id", "distinctness")
        .join(
            items.unique("item_id").select(
                "item_id",
                "site",
                pl.coalesce(pl.col("site") + "|" + account_name(), "item_id").alias("holder"),
                "first_seen",
                "last_seen",
            ),
            on="item_id",
        )
        .join(actors, on="item_id", how="left")
        .group_by("text_cluster_id")
        .agg(*counted_uses(), pl.col("distinctness").first())
        .pipe(most_used)
    )


def counted_uses() -> list[pl.Expr]:
    """Who uses each text, and when, counted over the items that show it: holder, actor_id (null: nobody's), site,
    first_seen, last_seen."""
    return [
        pl.len().cast(pl.Int64).alias("item_count"),
        pl.col("holder").n_unique().cast(pl.Int64).alias("holder_count"),
        pl.col("actor_id").drop_nulls().n_unique().cast(pl.Int64).alias("actor_count"),
        pl.col("site").n_unique().cast(pl.Int64).alias("site_count"),
        pl.col("first_seen").min(),
        pl.col("last_seen").max(),
    ]


def most_used(counted: pl.DataFrame) -> pl.DataFrame:
    """Of all clusters (text_cluster_id, item_count, holder_count, actor_count, …) those of which the table tells, with
    `is_shared`."""
    return (
        counted.filter(pl.col("holder_count") >= FEWEST_HOLDERS, pl.col("item_count") >= FEWEST_ITEMS)
        .with_columns((pl.col("actor_count") > 1).alias("is_shared"))
        .sort("holder_count", "item_count", "text_cluster_id", descending=[True, True, False])
        .head(MOST_TEMPLATES)
    )


def words_of(
    uses: pl.DataFrame, members: pl.DataFrame, items: pl.DataFrame, spans: pl.DataFrame
) -> pl.DataFrame:
    """The words (`WORDS`) of the templates of the clusters in `uses`."""
    found = find_templates(
        members.join(uses, on="text_cluster_id", how="semi", maintain_order="left"), items, spans
    )
    slots = found.slots.group_by("text_cluster_id", maintain_order=True).agg(
        pl.format("{}: {}", "kind", "value_count").alias("slots")
    )
    return (
        found.templates.join(slots, on="text_cluster_id", how="left")
        .with_columns(pl.col("slots").fill_null([]))
        .select(*WORDS)
    )


def text_templates_of(uses: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """The table (contract `text_templates`), sorted by cluster."""
    return uses.join(words, on="text_cluster_id").select(*TEXT_TEMPLATES).sort("text_cluster_id")


def _words(
    texts: Sequence[tuple[str, str]], spans: dict[str, list[tuple[int, int, str]]]
) -> Iterator[_Words]:
    """The words of each (item_id, text) with their folded letters; decoration is left out."""
    found = [_written(text) for _, text in texts]
    # Texts of one template have most of their words in common: each is folded once.
    each = list({word for words in found for word in words})
    letters, ends = letters_of(each)
    folded = letters.astype(np.uint32).tobytes().decode("utf-32-le", "surrogatepass")
    letters_by_word = {
        word: folded[start:end]
        for word, start, end in zip(each, [0, *ends.tolist()], ends.tolist(), strict=False)
    }
    for (item, text), words in zip(texts, found, strict=True):
        kinds = _kinds(text, words, spans.get(item, ()))
        read = _Words(words, [letters_by_word[word] for word in words], kinds)
        yield read if all(read.letters) else _without_decoration(read)


def _written(text: str) -> list[str]:
    """The first words of a text as they are written."""
    if text.isascii() or not _SIGN.search(text):
        # That is what the pattern finds where there are no signs, and sooner.
        return text.split(maxsplit=MOST_WORDS)[:MOST_WORDS]
    return [word.group() for word in islice(_WORD.finditer(text), MOST_WORDS)]


def _without_decoration(words: _Words) -> _Words:
    """The words but for those that have no letters and say nothing."""
    kept = _Words([], [], [])
    for word, own, kind in zip(*words, strict=True):
        if not own and _SIGN.match(word):
            # One that looks like a dash is folded away.
            own = word[0]
        if kind is None and not own and any(character.isdigit() for character in word):
            kind = "number"
        if own or kind:
            kept.raw.append(word)
            kept.letters.append(own)
            kept.kinds.append(kind)
    return kept


def _kinds(text: str, words: Sequence[str], spans: Sequence[tuple[int, int, str]]) -> list[str | None]:
    """The kind of the first of the spans that touches each of the words of a text, which are in their order."""
    kinds: list[str | None] = [None] * len(words)
    if not spans:
        return kinds
    starts, ends, end = [], [], 0
    for word in words:
        # Between words there is nothing that one could begin with.
        start = text.index(word, end)
        end = start + len(word)
        starts.append(start)
        ends.append(end)
    for start, end, kind in reversed(spans):
        low, high = bisect_right(ends, start), bisect_left(starts, end)
        for place in range(low, high):
            kinds[place] = kind
    return kinds


def _template(spoken: _Words, others: list[_Words]) -> tuple[str, list[tuple[str, int]]]:
    """The template of the representative's words and its slots: (kind, number of values)."""
    held = Counter(chain.from_iterable(set(words.letters) for words in others))
    least = FIXED_SHARE * len(others)
    fixed = [
        kind is None and held[own] >= least and bool(own)
        for own, kind in zip(spoken.letters, spoken.kinds, strict=True)
    ]
    shown: list[str] = []
    slots: list[tuple[str, int]] = []
    place = 0
    while place < len(fixed):
        if fixed[place]:
            shown.append(_bare(spoken.raw[place]))
            place += 1
            continue
        end = place
        while end < len(fixed) and not fixed[end]:
            end += 1
        kind = _kind(spoken, place, end)
        before = spoken.letters[place - 1] if place else None
        after = spoken.letters[end] if end < len(fixed) else None
        values = {_value(spoken, place, end)}
        values |= {value for words in others if (value := _between(words, before, after)) is not None}
        shown.append("{" + kind + "}")
        slots.append((kind, len(values)))
        place = end
    return _BLANK_AT_A_SIGN.sub("", " ".join(shown)), slots


def _kind(words: _Words, start: int, end: int) -> str:
    kinds = Counter(kind for kind in words.kinds[start:end] if kind is not None)
    if kinds:
        return min(kinds, key=lambda kind: (kind == "number", -kinds[kind], kind))
    capitals = all(_bare(word)[:1].isupper() for word in words.raw[start:end])
    return "name" if capitals and end - start <= 2 else "words"


def _bare(word: str) -> str:
    return word.strip(_EDGE) or word


def _value(words: _Words, start: int, end: int) -> str:
    return " ".join(_bare(word).lower() for word in words.raw[start:end])


def _between(words: _Words, before: str | None, after: str | None) -> str | None:
    """What stands between two fixed words (null: the beginning or the end), null where they are not so near."""
    letters = words.letters
    start = 0
    for _ in range(1 if before is None else letters.count(before)):
        if before is not None:
            start = letters.index(before, start) + 1
        if after is None:
            if len(letters) - start <= _LONGEST_VALUE:
                return _value(words, start, len(letters))
        elif after in (near := letters[start : start + _LONGEST_VALUE + 1]):
            return _value(words, start, start + near.index(after))
    return None
