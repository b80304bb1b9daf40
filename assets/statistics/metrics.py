"""From numbers to figures: what each number counts, what was done, and therefore which metric it is.

The same grammar serves all languages: a number is followed by the head of its noun phrase (the thing), the thing
is governed by the cheapest action of its sentence that `vocabulary/rules.yaml` knows for it, and the pair is
the metric.
"""

import re
from bisect import bisect_left
from dataclasses import replace

from assets.statistics.amounts import money_figure, with_shared_currency
from assets.statistics.countries import CountryMention
from assets.statistics.folding import fold
from assets.statistics.governing import best_action, metric_of
from assets.statistics.lexicon import ACTION, THING, WORD, Lexicon, lexicon, rules
from assets.statistics.noun_phrases import counted_phrase
from assets.statistics.numbers import Quantity
from assets.statistics.parts import (
    Memory,
    opens_parts,
    part_in_brackets,
    part_with_noun,
    part_with_pronoun,
    part_without_noun,
)
from assets.statistics.parts_of_one import with_single_parts
from assets.statistics.ranges import with_shared_units
from assets.statistics.scene import Figure, Scene, made, near
from assets.statistics.sentences import Sentence
from assets.statistics.single_things import single_things
from assets.statistics.spans import ByStart
from assets.statistics.traps import is_no_count

# A "sentence" with more numbers than this is a table or noise, where nothing says what a number counts.
MOST_NUMBERS = 80
# A list goes on for so many lines after its heading, empty lines counted.
LIST_LINES = 40


def find_figures(
    text: str,
    language: str,
    sentences: list[Sentence],
    quantities: list[Quantity],
    masks: list[tuple[int, int]],
    countries: list[CountryMention],
) -> list[Figure]:
    """Figures of all sentences in order, repeats included.

    quantities and countries: in order of their start; masks: spans whose digits are dates, addresses or
    telephone numbers. All spans, also of the figures, refer to `text`.
    """
    words = lexicon(language)
    folded_text = fold(text)
    unmasked = _outside(quantities, masks)
    ordered = ByStart(unmasked)
    ordered_countries = ByStart(countries)
    figures: list[Figure] = []
    heading: frozenset[str] = frozenset()
    heading_line = -LIST_LINES
    memory = Memory()
    last_line = -1
    for sentence in sentences:
        start, end = sentence.start, sentence.start + len(sentence.text)
        folded = folded_text[start:end]
        inside = ordered.within(start, end)
        if len(inside) > MOST_NUMBERS:
            continue
        worth_reading = inside or sentence.ends_with_colon or words.may_name_one(folded)
        labels = words.labels(folded) if worth_reading else []
        among = words.among_arrested.match(folded)
        if among is not None:
            # "Among those arrested, four were charged": who they are is no deed of this sentence.
            labels = [label for label in labels if label.role != ACTION or label.start >= among.end()]
        if sentence.ends_with_colon:
            heading = frozenset(label.name for label in labels if label.role == ACTION)
            heading_line = sentence.line
        in_list = sentence.is_list_item and sentence.line - heading_line < LIST_LINES
        named = ordered_countries.within(start, end)
        scene = Scene(
            sentence=sentence,
            folded=folded,
            labels=labels,
            quantities=with_single_parts(
                sentence.text,
                folded,
                with_shared_units(
                    folded, [_moved(quantity, -start) for quantity in inside if quantity.end <= end], words
                ),
                words,
            ),
            countries=[replace(m, start=m.start - start, end=m.end - start) for m in named],
            header_actions=heading if in_list else frozenset(),
            is_cumulative=words.cumulative.search(folded) is not None,
        )
        if sentence.line != last_line and not sentence.is_list_item:
            memory = Memory()
        last_line = sentence.line
        for quantity in scene.quantities:
            figure = (
                part_with_pronoun(scene, quantity, words, memory)
                or part_with_noun(scene, quantity, words, memory)
                or part_in_brackets(scene, quantity, words, memory)
                or (
                    part_without_noun(scene, quantity, words, memory)
                    if opens_parts(scene, quantity, words, memory)
                    else None
                )
                or _figure(scene, quantity, words)
                or part_without_noun(scene, quantity, words, memory)
            )
            if figure:
                figures.append(figure)
                memory.keep(figure, is_aside=_is_in_brackets(folded, quantity))
        figures.extend(single_things(scene, words))
    return figures


def _is_in_brackets(folded: str, quantity: Quantity) -> bool:
    before = folded[: quantity.start]
    return before.count("(") > before.count(")")


def _outside(quantities: list[Quantity], masks: list[tuple[int, int]]) -> list[Quantity]:
    """Quantities that no mask touches; both in order of start. Masks may overlap one another."""
    reach = 0
    ends: list[int] = []
    ordered = sorted(masks)
    for _, end in ordered:
        reach = max(reach, end)
        ends.append(reach)
    starts = [start for start, _ in ordered]
    kept = []
    for quantity in quantities:
        before = bisect_left(starts, quantity.number_end)
        if before == 0 or ends[before - 1] <= quantity.number_start:
            kept.append(quantity)
    return kept


def _moved(quantity: Quantity, by: int) -> Quantity:
    return replace(
        quantity,
        start=quantity.start + by,
        end=quantity.end + by,
        number_start=quantity.number_start + by,
        number_end=quantity.number_end + by,
    )


def _figure(scene: Scene, quantity: Quantity, words: Lexicon) -> Figure | None:
    if is_no_count(scene, quantity, words):
        return None
    if quantity.kind == "money":
        return money_figure(scene, quantity, words)
    shared = with_shared_currency(scene, quantity, words)
    if shared is not None:
        return money_figure(scene, shared, words)
    counted = counted_phrase(scene, quantity, words)
    if _repeats_a_weight(scene, quantity):
        return None
    if counted is None:
        return _unnamed_goods(scene, quantity, words) or _unnamed_weight(scene, quantity, words)
    metric = metric_of(scene, quantity, counted, words)
    if metric is None:
        return None
    if metric in ("countries", "nationalities", "entities_affected") and quantity.value > 250:
        return None
    victims = [
        label
        for label in scene.of(THING)
        if label.name in ("victim", "migrant") and 0 < quantity.start - label.end <= 6
    ]
    if metric == "countries" and victims:
        metric = "nationalities"
    if metric == "countries" and words.origin_context.search(
        scene.folded[max(0, quantity.start - 30) : quantity.start]
    ):
        metric = "nationalities"
    if (
        metric == "countries"
        and quantity.value < 10
        and words.definite.search(scene.folded[max(0, quantity.start - 40) : quantity.start])
    ):
        return None
    if metric == "countries" and (
        quantity.value < 2 or near(scene.folded, quantity, words.country_context, 70)
    ):
        return None
    return made(scene, quantity, metric, min(quantity.start, counted.start), max(counted.end, quantity.end))


def _unnamed_goods(scene: Scene, quantity: Quantity, words: Lexicon) -> Figure | None:
    """ "seized five pistols, 20 silencers and ...": a thing no list names, among things seized, is seized too."""
    following = _NOUN_BEHIND.match(scene.folded, quantity.end)
    if quantity.kind != "count" or (quantity.is_word and quantity.value < 2) or following is None:
        return None
    noun = following.group(1)
    if noun in words.stop or words.word_roles(noun) or words.others.fullmatch(noun):
        return None
    before = WORD.findall(scene.folded[: quantity.start])
    if before and before[-1] in words.in_places:
        return None
    in_list = "seize" in scene.header_actions
    among_goods = any(
        label.name in rules().goods
        and any(
            0 <= label.start - other.end <= GOODS_BEHIND for other in scene.quantities if other != quantity
        )
        for label in scene.of(THING)
    )
    _, cost = best_action(scene, {"seize": None}, quantity.start, following.end(), words)
    if (
        not in_list
        and not (among_goods and cost < LISTED_GOODS_COST)
        and not _is_seized(scene, quantity, words)
    ):
        return None
    return made(scene, quantity, "seizure_other", quantity.start, following.end())


def _is_seized(scene: Scene, quantity: Quantity, words: Lexicon) -> bool:
    """Whether a verb of seizing, not one of finding, stands right before a number ("sequestrati 714 telai")."""
    return any(
        label.name == "seize"
        and 0 <= quantity.start - label.end <= 1
        and not words.finding.fullmatch(scene.folded[label.start : label.end])
        for label in scene.of(ACTION)
    )


def _unnamed_weight(scene: Scene, quantity: Quantity, words: Lexicon) -> Figure | None:
    """ "seized 40 tonnes of buckwheat": a weight or volume of something no list names, when seized."""
    if quantity.kind not in ("mass", "volume"):
        return None
    following = _WEIGHED.match(scene.folded, quantity.end)
    if following is None or words.word_roles(following.group(1)):
        return None
    _, cost = best_action(scene, {"seize": None}, quantity.start, following.end(), words)
    if cost >= LISTED_GOODS_COST:
        return None
    return made(scene, quantity, "seizure_other", quantity.start, following.end())


_WEIGHED = re.compile(r"\s(?:(?:of|de|di|van|von|d['’])\s?)?([^\W\d_]{4,})")
_NOUN_BEHIND = re.compile(r"\s([^\W\d_]{4,})")
# Characters between a number and the goods it counts.
GOODS_BEHIND = 25
# "seized" governs a list of goods up to this cost; see governing.best_action.
LISTED_GOODS_COST = 9.0


def _repeats_a_weight(scene: Scene, quantity: Quantity) -> bool:
    """ "190 grams of heroin (2,240 doses)": the count in brackets is the weight said otherwise."""
    before = scene.folded[: quantity.start].rstrip()
    return (
        quantity.kind == "count"
        and before.endswith("(")
        and any(other.kind == "mass" and 0 <= quantity.start - other.end <= 30 for other in scene.quantities)
    )
