"""A sentence under reading: its words with their roles, its numbers and countries; and the figure that comes of it."""

import re
from dataclasses import dataclass, field

from assets.statistics.countries import CountryMention
from assets.statistics.lexicon import THING, Label
from assets.statistics.numbers import Quantity
from assets.statistics.sentences import Sentence

# A number counts the noun it stands before, with one adjective at most between ("18 further arrests").
COUNTED_NOUN = re.compile(r"\s(?:[^\W\d_]+\s)?")


@dataclass(frozen=True)
class Figure:
    """One statistic of an operation.

    metric: name in the vocabulary; value, qualifier, unit: as in the gold; country: alpha-2 if the figure is of
    one country; subset: words of the part, or None; quote: literal text; start, end: its span in the text;
    is_cumulative: a total over phases or years; in_title: read from the title.
    """

    metric: str
    value: float
    qualifier: str
    unit: str | None
    country: str | None
    subset: str | None
    quote: str
    start: int
    end: int
    is_cumulative: bool
    in_title: bool


@dataclass
class Scene:
    """A sentence under reading; governed: ends of noun phrases read so far, each with the action that governs it."""

    sentence: Sentence
    folded: str
    labels: list[Label]
    quantities: list[Quantity]
    countries: list[CountryMention]
    header_actions: frozenset[str]
    is_cumulative: bool
    governed: list[tuple[int, str]] = field(default_factory=list)

    def of(self, role: str) -> list[Label]:
        """Labels of one role, in order."""
        return [label for label in self.labels if label.role == role]

    def belongs_to_another(self, action: Label, start: int, end: int) -> bool:
        """Whether an action word is part of another noun ("mandados de prisão") or counted itself ("212 arrests")."""
        others = [thing for thing in self.of(THING) if not (thing.start < end and start < thing.end)]
        for thing in others:
            if thing.start <= action.start and action.end <= thing.end:
                if thing.end - thing.start > action.end - action.start:
                    return True
                if any(
                    not quantity.start <= start <= quantity.end
                    and quantity.end < thing.start
                    and COUNTED_NOUN.fullmatch(self.folded[quantity.end : thing.start])
                    for quantity in self.quantities
                ):
                    return True
        return False


def near(folded: str, quantity: Quantity, pattern: re.Pattern[str], reach: int) -> bool:
    """Whether a pattern is met around the number within its own clause (up to the next comma or bracket)."""
    before = re.split(r"[;,(](?!\d)", folded[max(0, quantity.start - reach) : quantity.start])[-1]
    after = re.split(r"[;,()](?!\d)", folded[quantity.end : quantity.end + reach])[0]
    return bool(pattern.search(before + folded[quantity.start : quantity.end] + after))


def made(scene: Scene, quantity: Quantity, metric: str, start: int, end: int) -> Figure:
    start, end = max(0, start), min(len(scene.folded), end)
    raw = scene.sentence.text[start:end]
    start += len(raw) - len(raw.lstrip())
    quote = raw.strip()
    offset = scene.sentence.start
    codes = {mention.code for mention in scene.countries}
    country = next(iter(codes)) if len(codes) == 1 and metric not in ("countries", "agencies") else None
    return Figure(
        metric=metric,
        value=quantity.value,
        qualifier=quantity.qualifier,
        unit=quantity.unit,
        country=country,
        subset=None,
        quote=quote,
        start=offset + start,
        end=offset + start + len(quote),
        is_cumulative=scene.is_cumulative,
        in_title=scene.sentence.is_title,
    )
