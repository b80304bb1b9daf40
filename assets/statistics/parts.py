"""Figures that are parts of another: "of which 12 minors", "Madrid (5)", "21 by court order and 8 in the act".

A part repeats neither noun nor verb, so its metric is that of its whole unless its own words say otherwise ("22 of
them were charged"). What kind of part it is, is kept in the words of the text (`Figure.subset`).
"""

import re
from dataclasses import dataclass, replace

from assets.statistics.folding import any_of
from assets.statistics.governing import best_action, described_as, taken_for
from assets.statistics.lexicon import ACTION, THING, WORD, Lexicon, rules
from assets.statistics.noun_phrases import Counted, counted_phrase
from assets.statistics.numbers import Quantity
from assets.statistics.scene import Figure, Scene, made
from assets.statistics.traps import is_no_count

# Characters before a number in which "including" or "of which" is looked for.
WORDS_BEFORE = 40
# A part follows its whole or the part before it within so many characters of its sentence.
CHAIN_REACH = 90
# Costs above which an action of the sentence is not the part's own.
OWN_ACTION_COST = 9.0
LONGEST_SUBSET = 60


@dataclass
class Memory:
    """What the figures before left behind on one line or list: the last one, and the last that has parts."""

    last: Figure | None = None
    whole: Figure | None = None

    def keep(self, figure: Figure, *, is_aside: bool = False) -> None:
        """Remember a figure; a part, or what stands in brackets, leaves the whole before it in place."""
        self.last = figure
        if self.whole is not None and is_aside:
            return
        if figure.subset is None and figure.metric in rules().continued:
            self.whole = figure


def part_with_noun(scene: Scene, quantity: Quantity, words: Lexicon, memory: Memory) -> Figure | None:
    """ "1,374 victims, including 153 children": persons of the whole, so the same metric."""
    whole = memory.whole
    if quantity.kind == "count" and words.among_arrested.match(scene.folded):
        # "Among those arrested are three women", but not "four have been charged".
        charged = any(label.name == "charge" and label.start >= quantity.end for label in scene.of(ACTION))
        no_arrest = charged or is_no_count(scene, quantity, words)
        told = None if no_arrest else counted_phrase(scene, quantity, words)
        if told is not None and told.thing in rules().persons:
            figure = made(scene, quantity, "arrests", quantity.start, max(told.end, quantity.end))
            return replace(figure, subset=_subset(scene, quantity, words))
    if whole is None or quantity.kind != "count" or quantity.value > whole.value:
        return None
    opened = (
        _introduced(scene, quantity, words)
        or _goes_on(scene, quantity, words, memory)
        or _opens_sentence(scene, words)
    )
    if not opened or is_no_count(scene, quantity, words):
        return None
    if whole.end < scene.sentence.start and not _opens_sentence(scene, words):
        return None
    counted = counted_phrase(scene, quantity, words)
    if counted is None or (
        counted.thing not in rules().parts and whole.metric not in PART_METRICS.get(counted.thing, ())
    ):
        return None
    acts = [label for label in scene.of(ACTION) if quantity.end <= label.start and label.end <= counted.end]
    if acts:
        return None
    metric = whole.metric
    as_told = replace(counted, thing="worker") if metric == "persons_checked" else counted
    if metric not in ACCUSED and described_as(scene, quantity, as_told, words) == "irregular_migrants":
        metric = "irregular_migrants"
    figure = made(scene, quantity, metric, quantity.start, max(counted.end, quantity.end))
    return replace(figure, subset=_subset(scene, quantity, words))


# Things whose part of a whole keeps its metric: "Acht Gebäude wurden durchsucht, darunter zwei Gaststätten".
PART_METRICS = {
    "premises": ("searches", "locations_checked"),
    "site": ("searches", "locations_checked"),
    "vehicle": ("vehicles_checked",),
}


def _opens_sentence(scene: Scene, words: Lexicon) -> bool:
    """Whether a sentence goes on with parts of the one before ("Among them were ...")."""
    return words.opens_with_parts.match(scene.folded.lstrip()) is not None


def part_with_pronoun(scene: Scene, quantity: Quantity, words: Lexicon, memory: Memory) -> Figure | None:
    """ "eleven of them Ugandans", "prison for five of them": the whole's metric, or that of the clause's own act."""
    if quantity.kind != "count" or words.of_which_after.match(scene.folded, quantity.end) is None:
        return None
    if memory.last is not None or is_no_count(scene, quantity, words):
        return part_without_noun(scene, quantity, words, memory)
    metric = _person_metric(scene, quantity, words, frozenset())
    return made(scene, quantity, metric, quantity.start, quantity.end) if metric else None


def part_in_brackets(scene: Scene, quantity: Quantity, words: Lexicon, memory: Memory) -> Figure | None:
    """ "provinces of Murcia (9), Alicante (6)", "of which Spain: 12": a place and its share of the whole."""
    whole = memory.whole
    if whole is None or quantity.kind != "count":
        return None
    before = scene.sentence.text[: quantity.start].rstrip()
    after = scene.folded[quantity.end : quantity.end + 1]
    place = _PLACE_AND_BRACKET.search(before) if after == ")" else None
    listed = _COUNTRY_AND_COLON.search(before) if after in (",", ";", ")") else None
    if listed is not None and _names_a_country(scene, listed):
        place = listed
    if place is None and scene.sentence.is_list_item and not scene.folded[quantity.end :].strip(" .;,"):
        place = _place_and_colon(scene, quantity, words)
    if place is None and memory.last is not None and memory.last.end >= scene.sentence.start:
        place = _place_before(scene, quantity)
    elif quantity.value > whole.value:
        return None
    if place is None or is_no_count(scene, quantity, words):
        return None
    figure = made(scene, quantity, whole.metric, quantity.start, quantity.end)
    name = place.group("place")
    start = place.start("place")
    country = next(
        (mention.code for mention in scene.countries if start <= mention.start < start + len(name)), None
    )
    return replace(figure, country=country, subset=name)


def part_without_noun(scene: Scene, quantity: Quantity, words: Lexicon, memory: Memory) -> Figure | None:
    """ "26 in Argentina, 58 in Brazil", "of which 68", "21 by court order", "three of them were charged"."""
    last, whole = memory.last, memory.whole
    if last is None or quantity.kind != "count" or is_no_count(scene, quantity, words):
        return None
    of_which = _introduced(scene, quantity, words) or bool(
        words.of_which_after.match(scene.folded, quantity.end)
    )
    behind = _PREPOSITION.match(scene.folded, quantity.end)
    told_by_preposition = behind is not None and behind.group(1) in words.part_prepositions
    including = words.including_only.search(_before(scene, quantity)) is not None
    of_which = of_which and (told_by_preposition or not including)
    place_end = _place_end(scene, quantity, words)
    if of_which:
        base = whole if whole is not None and quantity.value <= whole.value else last
        if quantity.value > base.value:
            return None
        metric = _own_metric(scene, quantity, words, base) or base.metric
    elif last.metric not in rules().continued:
        return None
    elif place_end:
        base, metric = whole or last, last.metric
    elif _is_of_another_body(scene, quantity, words, last):
        # "10 inspetores do SEF e seis da ACT": two bodies with their own numbers, neither a part of the other.
        return made(scene, quantity, last.metric, quantity.start, quantity.end)
    elif whole is not None and _in_chain(scene, quantity, words, memory):
        base, metric = whole, whole.metric
    else:
        return None
    figure = made(scene, quantity, metric, quantity.start, max(place_end, quantity.end))
    country = next(
        (mention.code for mention in scene.countries if quantity.end <= mention.start < place_end), None
    )
    is_part = quantity.value <= base.value
    return replace(figure, country=country, subset=_subset(scene, quantity, words) if is_part else None)


def _is_of_another_body(scene: Scene, quantity: Quantity, words: Lexicon, last: Figure) -> bool:
    """Whether "of the" and a name stand behind a number that "and" joins to the figure before it."""
    start = last.end - scene.sentence.start
    if start < 0 or start > quantity.start:
        return False
    following = words.of_a_body.match(scene.folded, quantity.end)
    named = following is not None and scene.sentence.text[following.end() : following.end() + 1].isupper()
    gap = f"{scene.folded[start : quantity.start]} "
    return named and len(gap) < CHAIN_REACH and words.conjunction.search(gap) is not None


def _goes_on(scene: Scene, quantity: Quantity, words: Lexicon, memory: Memory) -> bool:
    """Whether a number goes on with the part before it ("including 12 women and 5 minors")."""
    last = memory.last
    if last is None or last.end < scene.sentence.start:
        return False
    gap = scene.folded[last.end - scene.sentence.start : quantity.start]
    if last is memory.whole and gap in (": ", " (", " – ", " - ", " -"):
        # "Le vittime sono 154: 91 cinesi, 38 pakistani".
        return True
    if last.subset is None:
        return False
    return words.conjunction.fullmatch(gap) is not None or gap == ", "


def _before(scene: Scene, quantity: Quantity) -> str:
    return scene.folded[max(0, quantity.start - WORDS_BEFORE) : quantity.start]


def _introduced(scene: Scene, quantity: Quantity, words: Lexicon) -> bool:
    return words.including.search(_before(scene, quantity)) is not None


_PLACE_AND_BRACKET = re.compile(
    r"(?P<place>[A-ZÀ-Ý][\w'’.-]*(?:\s(?:d[aeou]s?\s|of\s|and\s)?[A-ZÀ-Ý][\w'’-]*){0,3})\s?\($"
)
_PLACE_LINE = re.compile(r"(?P<place>[A-ZÀ-Ý][\w'’.-]*(?:\s[\w'’.-]+){0,3})\s?[:–-]$")


_BARE_PLACE = re.compile(r"[;,]\s(?:and\s|y\s|et\s|e\s|und\s|en\s)?(?P<place>[A-ZÀ-Ý][\w'’. -]{2,30})$")


# "46 premises (Germany: 21, Hungary: 25)".
_COUNTRY_AND_COLON = re.compile(r"[(,;]\s?(?P<place>[A-ZÀ-Ý][\w'’. -]{2,30}):$")


def _names_a_country(scene: Scene, place: re.Match[str]) -> bool:
    return any(place.start("place") <= mention.start < place.end("place") for mention in scene.countries)


def opens_parts(scene: Scene, quantity: Quantity, words: Lexicon, memory: Memory) -> bool:
    """Whether a number with its place is the first part of the figure before a colon or dash."""
    if memory.last is None or memory.last.end < scene.sentence.start:
        return False
    before = scene.folded[: quantity.start].rstrip()
    return before.endswith((":", "–", "—", " -")) and _place_end(scene, quantity, words) > 0


def _place_before(scene: Scene, quantity: Quantity) -> re.Match[str] | None:
    """ "... inspected 412 premises; Viet Nam 1,006.": a country with nothing but its number."""
    match = _BARE_PLACE.search(scene.sentence.text[: quantity.start].rstrip())
    if match is None or re.match(r"\s*(?:[.,;]|$)", scene.folded[quantity.end :]) is None:
        return None
    span = (match.start("place"), match.end("place"))
    return match if any((mention.start, mention.end) == span for mention in scene.countries) else None


def _place_and_colon(scene: Scene, quantity: Quantity, words: Lexicon) -> re.Match[str] | None:
    """A list line that holds no more than "of which", a place and a number."""
    line = scene.sentence.text[: quantity.start].rstrip()
    match = _PLACE_LINE.search(line)
    if match is None:
        return None
    head = scene.folded[: match.start()].strip(" \t-–—•*·")
    if head and not words.including.search(f"{head} "):
        return None
    named = any(match.start() <= mention.start < match.end() for mention in scene.countries)
    return match if head or named else None


def _place_end(scene: Scene, quantity: Quantity, words: Lexicon) -> int:
    """End of "in Brazil", "en el extranjero" right behind a number; 0 if there is no place."""
    folded = scene.folded
    only = words.only.match(folded, quantity.end)
    following = _PREPOSITION.match(folded, only.end() if only else quantity.end)
    if following is None or following.group(1) not in words.place_prepositions:
        return 0
    word = WORD.match(folded, following.end())
    if word and (
        word.group() in words.elsewhere
        or any(
            role == THING and name in ("location", "country") for role, name in words.word_roles(word.group())
        )
    ):
        return word.end()
    if scene.sentence.text[following.end() : following.end() + 1].isupper():
        place = _PLACE.match(scene.sentence.text, following.end())
        return place.end() if place else 0
    return 0


_PREPOSITION = re.compile(
    r"\s+([^\W\d_]+)\s+(?:(?:el|la|los|las|the|les|o|os|a|as|der|den|de|het)\s)?", re.UNICODE
)
_PLACE = re.compile(r"[A-ZÀ-Ý][\w'’-]*(?:\s(?:de|del|da|do|la|of)?\s?[A-ZÀ-Ý][\w'’-]*)*")
_OPENS_CHAIN = re.compile(r"[:,;(]")


def _in_chain(scene: Scene, quantity: Quantity, words: Lexicon, memory: Memory) -> bool:
    """Whether a number goes on with the parts of the whole: told apart by a preposition, no new verb between."""
    last, whole = memory.last, memory.whole
    if last is None or whole is None or whole.end < scene.sentence.start:
        return False
    following = re.compile(r"\s+([^\W\d_]+)").match(scene.folded, quantity.end)
    if following is None or following.group(1) not in words.part_prepositions:
        return False
    start = last.end - scene.sentence.start
    gap = scene.folded[max(0, start) : quantity.start]
    if start < 0 or start > quantity.start or len(gap) > CHAIN_REACH:
        return False
    # "146 for trafficking and 400 for smuggling": two of a kind, neither a part of the other.
    is_alike = re.search(rf"\s{following.group(1)}\s.*\s{any_of(words.conjunctions)}\s$", gap) is not None
    if quantity.value > whole.value and not is_alike:
        return False
    if not (_OPENS_CHAIN.search(gap) or words.conjunction.search(f" {gap} ")):
        return False
    persons: dict[str, str | None] = rules().things["person"]["actions"]
    return all(
        persons.get(label.name) == whole.metric
        for label in scene.of(ACTION)
        if start <= label.start < quantity.start
    )


# Metrics that count persons: a part of theirs may have a metric of its own.
PERSON_METRICS = frozenset(
    {
        "arrests", "suspects_identified", "facilitators_identified", "persons_charged", "fugitives_arrested",
        "potential_victims", "victims_identified", "victims_rescued", "irregular_migrants", "persons_checked",
        "warrants_executed",
    }
)  # fmt: skip


# Metrics whose persons are accused: what a part of them hid or carried makes nobody a migrant.
ACCUSED = frozenset({"arrests", "persons_charged", "fugitives_arrested", "suspects_identified"})


def _own_metric(scene: Scene, quantity: Quantity, words: Lexicon, base: Figure) -> str | None:
    """ "33 arrested, 22 of them were charged": the metric of the action in the part's own clause."""
    if base.metric not in PERSON_METRICS:
        return _own_goods_metric(scene, quantity, words, base)
    own = [label for label in scene.of(ACTION) if label.start >= base.end - scene.sentence.start]
    passed_over = {label.start for label in scene.of(ACTION)} - {label.start for label in own}
    # Parts of people at work who were checked are "irregular" as workers, not by their stay.
    thing = "worker" if base.metric == "persons_checked" else "person"
    return _person_metric(scene, quantity, words, frozenset(passed_over), thing, base.metric not in ACCUSED)


def _person_metric(
    scene: Scene,
    quantity: Quantity,
    words: Lexicon,
    passed_over: frozenset[int],
    thing: str = "person",
    may_be_migrants: bool = True,
) -> str | None:
    pronoun = words.of_which_after.match(scene.folded, quantity.end)
    end = pronoun.end() if pronoun else quantity.end
    counted = Counted(thing, quantity.start, end, frozenset())
    as_victims = taken_for(scene, counted, words)
    if as_victims:
        return as_victims
    described = described_as(scene, quantity, counted, words) if may_be_migrants else None
    if described:
        return described
    actions: dict[str, str | None] = rules().things["person"]["actions"]
    action, cost = best_action(scene, actions, quantity.start, end, words, passed_over)
    if action is None or cost > OWN_ACTION_COST or action == "identify":
        return None
    return actions[action]


def _own_goods_metric(scene: Scene, quantity: Quantity, words: Lexicon, base: Figure) -> str | None:
    """ "867 vehicles checked, of which 29 were seized": the verb right behind the part."""
    changed = {
        "vehicles_checked": ("seize", "seizure_vehicles"),
        "platforms_checked": ("identify", "platforms_suspicious"),
    }
    if base.metric not in changed:
        return None
    wanted, metric = changed[base.metric]
    seized = any(
        label.name == wanted
        and 0 <= label.start - quantity.end < WORDS_BEFORE
        and not re.search(r"[,;.]", scene.folded[quantity.end : label.start])
        for label in scene.of(ACTION)
    )
    return metric if seized else None


_SUBSET_END = re.compile(r"[,;:.()\n]|\s(?:–|—|-)\s")


def _subset(scene: Scene, quantity: Quantity, words: Lexicon) -> str | None:
    """The words that tell which part it is: what follows the number, up to the end of its clause or the next number."""
    stop = min((q.start for q in scene.quantities if q.start >= quantity.end), default=len(scene.folded))
    after = scene.sentence.text[quantity.end : min(stop, quantity.end + LONGEST_SUBSET)]
    ended = _SUBSET_END.search(after)
    phrase = (
        after[: ended.start()]
        if ended
        else after.rsplit(" ", 1)[0]
        if len(after) >= LONGEST_SUBSET
        else after
    )
    phrase = re.sub(rf"\s{any_of(words.conjunctions)}\s*$", "", phrase.rstrip() + " ").strip()
    return phrase or None
