"""From numbers to figures: what each number counts, what was done, and therefore which metric it is.

The same grammar serves all languages: a number is followed by the head of its noun phrase (the thing), the thing
is governed by the cheapest action of its sentence that `vocabulary/rules.yaml` knows for it, and the pair is the metric.
"""

import re
from dataclasses import dataclass, replace

from assets.statistics.countries import CountryMention
from assets.statistics.lexicon import ACTION, FUNDS, QUALITY, THING, WORD, Label, Lexicon, lexicon, rules
from assets.statistics.numbers import Quantity, fold
from assets.statistics.sentences import Sentence


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


# Words between action and number, commas and the like; beyond this an action does not govern a number.
# A debt or fee of one person above this is the turnover of a group.
HIGHEST_VICTIM_PAYMENT = 200_000
MAXIMUM_ACTION_COST = 26.0
INHERITED_ACTION_COST = 14.0
NOUN_PHRASE_WORDS = 8
PHONE = re.compile(
    r"(?<![\w.])(?:\+\d[\d\s().-]{6,}\d|0\d[\d\s().-]{6,}\d|1-\d{3}-[\w-]+"
    r"|\(?\d{3}\)?[ -]\d{3}-\d{4}|\d{3}-\d{4})(?!\w)"
)
ADDRESS = re.compile(
    r"https?://\S+|www\.\S+|\S+@\S+\.\w+|\b[\w-]+\.(?:com|org|gov|net|int|eu|nl|de|fr|es|it|br|pt|ar|mx)(?:/\S*)?\b"
)
CLOCK = re.compile(r"(?<!\d)\d{1,2}[:h]\d{2}(?!\d)|(?<!\d)\d{1,3}/\d{1,5}(?!\d)")
AGE_AFTER_NAME = re.compile(r",\s?\(?$")
# "Wohn- und Geschäftsräume": the first part of a shared compound counts nothing by itself.
FRAGMENT = re.compile(r"-\s+(?:und|oder|en|of)\s+")
DEFINITE = re.compile(r"(?<!\w)(?:the|los|las|les|os|as|die|der|den|de|i|gli|nei)\s*$")
IN_OTHER_CURRENCY = re.compile(r"\(\s*(?:[^\W\d]{1,12}[\s:]\s*){0,2}$")
PAIR = re.compile(r"\s*(?:-|–|to|bis|tot)\s*")


def masked_spans(text: str) -> list[tuple[int, int]]:
    """Spans whose digits count nothing: addresses, telephone numbers, clock times, fractions such as 24/7."""
    return [match.span() for pattern in (ADDRESS, PHONE, CLOCK) for match in pattern.finditer(text)]


@dataclass
class _Scene:
    """A sentence under reading."""

    sentence: Sentence
    folded: str
    labels: list[Label]
    quantities: list[Quantity]
    countries: list[CountryMention]
    header_actions: frozenset[str]
    is_cumulative: bool

    def of(self, role: str) -> list[Label]:
        """Labels of one role, in order."""
        return [label for label in self.labels if label.role == role]

    def is_within_other_thing(self, action: Label, start: int, end: int) -> bool:
        """Whether an action word is only part of another noun, as "prisão" in "mandados de prisão"."""
        return any(
            thing.start <= action.start
            and action.end <= thing.end
            and thing.end - thing.start > action.end - action.start
            and not (thing.start < end and start < thing.end)
            for thing in self.of(THING)
        )


@dataclass(frozen=True)
class _Counted:
    """The noun phrase of a number: its thing, end of the phrase, and qualities in it."""

    thing: str
    start: int
    end: int
    qualities: frozenset[str]


def find_figures(
    text: str,
    language: str,
    sentences: list[Sentence],
    quantities: list[Quantity],
    masks: list[tuple[int, int]],
    countries: list[CountryMention],
) -> list[Figure]:
    """Figures of all sentences in order, repeats included. All spans refer to `text`."""
    words = lexicon(language)
    folded_text = fold(text)
    masks = sorted(masks)
    figures: list[Figure] = []
    header_actions: frozenset[str] = frozenset()
    header_line = -100
    last: Figure | None = None
    last_line = -1
    for sentence in sentences:
        start, end = sentence.start, sentence.start + len(sentence.text)
        local = [
            replace(
                quantity,
                start=quantity.start - start,
                end=quantity.end - start,
                number_start=quantity.number_start - start,
                number_end=quantity.number_end - start,
            )
            for quantity in quantities
            if start <= quantity.start
            and quantity.end <= end
            and not any(left < quantity.number_end and quantity.number_start < right for left, right in masks)
        ]
        folded = folded_text[start:end]
        if sentence.ends_with_colon:
            header_actions = frozenset(label.name for label in words.labels(folded) if label.role == ACTION)
            header_line = sentence.line
        labels = (
            words.labels(folded)
            if local
            or any(
                a in folded
                for a in (
                    "arrest",
                    "deten",
                    "déten",
                    "notic",
                    "notif",
                    "seiz",
                    "saisi",
                    "festn",
                    "aanhoud",
                    "incaut",
                    "apreen",
                    "sequestr",
                    "pris",
                )
            )
            else []
        )
        inherited = (
            header_actions if sentence.is_list_item and sentence.line - header_line < 40 else frozenset()
        )
        scene = _Scene(
            sentence,
            folded,
            labels,
            local,
            [
                replace(mention, start=mention.start - start, end=mention.end - start)
                for mention in countries
                if start <= mention.start < end
            ],
            inherited,
            bool(local) and words.cumulative.search(folded) is not None,
        )
        if sentence.line != last_line:
            last = None if not sentence.is_list_item else last
            last_line = sentence.line
        for quantity in local:
            figure = (
                _part(scene, quantity, words, last)
                or _figure(scene, quantity, words)
                or _continued(scene, quantity, words, last)
            )
            if figure:
                figures.append(figure)
                last = figure
        figures.extend(_single_things(scene, words))
    return figures


def _figure(scene: _Scene, quantity: Quantity, words: Lexicon) -> Figure | None:
    if _is_no_count(scene, quantity, words):
        return None
    if quantity.kind == "money":
        return _money(scene, quantity, words)
    shared = _with_shared_currency(scene, quantity)
    if shared is not None:
        return _money(scene, shared, words)
    counted = _counted(scene, quantity, words)
    if counted is None:
        return None
    metric = _metric_of(scene, quantity, counted, words)
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
    if metric == "countries" and quantity.value < 10 and DEFINITE.search(scene.folded[: quantity.start]):
        return None
    if metric == "countries" and (
        quantity.value < 2 or _near(scene.folded, quantity, words.country_context, 70)
    ):
        return None
    return _made(scene, quantity, metric, min(quantity.start, counted.start), max(counted.end, quantity.end))


def _with_shared_currency(scene: _Scene, quantity: Quantity) -> Quantity | None:
    """ "199 million dollars in cash and 101 million in virtual assets": the second amount is money too."""
    if quantity.kind != "count" or quantity.value < 100_000 or not quantity.has_separator:
        return None
    amounts = [
        other for other in scene.quantities if other.kind == "money" and 0 <= quantity.start - other.end <= 40
    ]
    follows = any(0 <= label.start - quantity.end <= 6 for label in scene.of(FUNDS))
    return replace(quantity, kind="money", unit=amounts[-1].unit) if amounts and follows else None


def _near(folded: str, quantity: Quantity, pattern: re.Pattern[str], reach: int) -> bool:
    """Whether a pattern is met around the number within its own clause (up to the next comma or bracket)."""
    before = re.split(r"[;,(](?!\d)", folded[max(0, quantity.start - reach) : quantity.start])[-1]
    after = re.split(r"[;,)](?!\d)", folded[quantity.end : quantity.end + reach])[0]
    return bool(pattern.search(before + folded[quantity.start : quantity.end] + after))


def _is_no_count(scene: _Scene, quantity: Quantity, words: Lexicon) -> bool:
    folded = scene.folded
    after = folded[quantity.number_end : quantity.number_end + 40]
    before = folded[max(0, quantity.number_start - 24) : quantity.number_start]
    if quantity.kind == "count" and words.ignore_after.match(after):
        return True
    if words.ignore_before.search(before) or words.vague_before.search(folded[: quantity.start]):
        return True
    if _near(folded, quantity, words.context, 60):
        return True
    if quantity.value <= 0:
        return True
    bare_year = (
        quantity.kind == "count"
        and not quantity.has_separator
        and not quantity.is_word
        and 1900 <= quantity.value <= 2100
        and quantity.qualifier == "exact"
    )
    if bare_year:
        following = WORD.search(folded, quantity.number_end)
        direct = following and following.start() - quantity.number_end <= 1
        if (
            not direct
            or following is None
            or not any(role == THING for role, _ in words.word_roles(following.group()))
        ):
            return True
    aged = AGE_AFTER_NAME.search(before) and re.match(r"\s?\)?,", after) and 5 < quantity.value < 100
    if (
        aged
        and not quantity.is_word
        and scene.sentence.text[: max(1, quantity.start)].strip()[-2:-1].isalpha()
    ):
        previous = WORD.findall(scene.sentence.text[: quantity.number_start])
        if previous and previous[-1][:1].isupper():
            return True
    return any(
        other is not quantity
        and other.kind == quantity.kind
        and (
            (other.start >= quantity.end and PAIR.fullmatch(folded[quantity.end : other.start]))
            or (quantity.start >= other.end and PAIR.fullmatch(folded[other.end : quantity.start]))
        )
        for other in scene.quantities
    )


def _thing_at(scene: _Scene, position: int, limit: int) -> Label | None:
    """The thing whose label begins at a position; the longest, then the first by precedence."""
    precedence = rules().precedence
    here = [
        label
        for label in scene.labels
        if label.role == THING and label.start == position and label.end <= limit
    ]
    return min(here, key=lambda label: (-label.end, precedence.get(label.name, 99)), default=None)


def _counted(scene: _Scene, quantity: Quantity, words: Lexicon) -> _Counted | None:
    """Walk the noun phrase after the number; failing that, the label before a colon or bracket."""
    folded = scene.folded
    position = quantity.end
    found: Label | None = None
    national: Label | None = None
    qualities: set[str] = set()
    measured_seen = quantity.kind in ("mass", "volume", "data")
    container_seen = measured_seen
    next_number = min((q.start for q in scene.quantities if q.start >= quantity.end), default=len(folded))
    limit = len(folded)
    steps = 0
    while steps < NOUN_PHRASE_WORDS:
        match = WORD.search(folded, position)
        if match is None or match.start() >= next_number:
            break
        gap = folded[position : match.start()]
        if FRAGMENT.fullmatch(gap):
            gap = " "
        adjectives_only = words.head_is_last and found is None and steps >= 1
        if re.search(r"[.;:!?)\]]|\(\s", gap) or (re.search(r",\s", gap) and not adjectives_only):
            break
        if "(" in gap and found:
            break
        word = match.group()
        thing = _thing_at(scene, match.start(), limit)
        if thing is not None and thing.end > next_number:
            thing = None
        if FRAGMENT.match(folded, match.end()):
            joined = FRAGMENT.match(folded, match.end())
            position = joined.end() if joined else match.end()
            continue
        phrase_is_long = thing is not None and thing.end > match.end()
        if not phrase_is_long and word in words.stop:
            reachable = word in words.through and (container_seen or steps == 0) and found is None
            reachable = reachable or (adjectives_only and word in words.conjunctions)
            if not reachable:
                break
            position = match.end()
            steps += 1
            continue
        if thing is not None:
            if (
                found is not None
                and any(r == ACTION for r, _ in words.word_roles(word))
                and not any(r == THING for r, _ in words.word_roles(word))
            ):
                break
            found = thing
            position = max(thing.end, match.end())
            if not words.head_is_last:
                break
            steps += 1
            continue
        roles = words.word_roles(word)
        if found is not None and words.head_is_last and word.endswith("ed"):
            break
        demonym = any(mention.is_demonym and mention.start == match.start() for mention in scene.countries)
        if demonym and found is None:
            national = Label(match.start(), match.end(), THING, "person")
        qualities.update(name for role, name in roles if role == QUALITY)
        if found is not None and any(role == ACTION for role, _ in roles):
            break
        if words.containers.fullmatch(word):
            container_seen = True
        position = match.end()
        steps += 1
    found = found or (national if quantity.kind == "count" else None)
    if quantity.kind == "data":
        return _Counted("data", quantity.start, found.end if found else quantity.end, frozenset())
    if found is not None and not words.head_is_last and found.end == position:
        after = [label for label in scene.of(QUALITY) if 0 <= label.start - found.end <= 2]
        qualities.update(label.name for label in after)
    if found is not None:
        return _Counted(
            found.name,
            quantity.start,
            found.end,
            frozenset(qualities | _quality_labels(scene, quantity.end, found.end)),
        )
    if measured_seen:
        return _measured(scene, quantity)
    if words.out_of.search(folded[: quantity.start]):
        earlier = [
            label
            for label in scene.of(THING)
            if label.end <= quantity.start and quantity.start - label.end < 24
        ]
        if earlier:
            return _Counted(earlier[-1].name, quantity.start, quantity.end, frozenset())
    return _label_before(scene, quantity, words) or _pronoun(scene, quantity, words)


def _quality_labels(scene: _Scene, start: int, end: int) -> set[str]:
    return {label.name for label in scene.of(QUALITY) if start <= label.start and label.end <= end}


def _measured(scene: _Scene, quantity: Quantity) -> _Counted | None:
    """A weight or volume whose thing stands elsewhere in the sentence: drugs by default for a weight."""
    kind = quantity.kind
    expected = rules().measured[kind]["thing"]
    for label in scene.of(THING):
        if (
            label.name in (expected, "explosive", "other", "chemical")
            and abs(label.start - quantity.end) < 80
        ):
            return _Counted(label.name, quantity.start, quantity.end, frozenset())
    return None


def _label_before(scene: _Scene, quantity: Quantity, words: Lexicon) -> _Counted | None:
    """ "Arrests: 150" and "nombre d'affaires résolues (8 309)": the thing stands before the number."""
    before = scene.folded[: quantity.start]
    bracket = before.rstrip().endswith("(") and scene.folded[quantity.end : quantity.end + 1] == ")"
    colon = bool(re.search(r"[:=–]\s*$", before)) and len(before) < 80
    total = words.total_to.search(before)
    if total and not (bracket or colon):
        inside = [label for label in scene.of(THING) if total.start() <= label.start]
        return _Counted(inside[0].name, inside[0].start, quantity.end, frozenset()) if inside else None
    if not (bracket or colon):
        return None
    reach = 60 if bracket else 80
    near = [
        label
        for label in scene.of(THING)
        if label.end <= quantity.start
        and quantity.start - label.end < reach
        and not re.search(r"[,;.()]", before[label.end :].rstrip("( :"))
    ]
    if not near:
        return None
    precedence = rules().precedence
    chosen = min(near, key=lambda label: precedence.get(label.name, 99) if colon else -label.start)
    return _Counted(chosen.name, chosen.start, quantity.end, frozenset())


PRONOUN_REACH = 34


def _pronoun(scene: _Scene, quantity: Quantity, words: Lexicon) -> _Counted | None:
    """ "19 ont ensuite été inculpés", "23 held": a number that stands for persons of the action that follows."""
    if quantity.kind != "count":
        return None
    taken = [
        label
        for label in scene.of(ACTION)
        if label.name == "arrest" and 0 < quantity.start - label.end <= 5 and label.end <= quantity.start
    ]
    following = WORD.search(scene.folded, quantity.end)
    if taken and (following is None or following.group() in words.stop):
        return _Counted("person", quantity.start, quantity.end, frozenset())
    if words.others_before.search(scene.folded[: quantity.start]) and re.match(
        r"\s*(?:[.,;)]|$)", scene.folded[quantity.end :]
    ):
        return _Counted("person", quantity.start, quantity.end, frozenset())
    tail = scene.folded[quantity.end : quantity.end + PRONOUN_REACH]
    first = WORD.search(tail)
    if first is None or re.search(r"[,.;:()\"]", tail[: first.start()]):
        return None
    for label in scene.of(ACTION):
        distance = label.start - quantity.end
        if 0 <= distance < PRONOUN_REACH and label.name in ("arrest", "charge", "rescue"):
            between = scene.folded[quantity.end : label.start]
            alone = not any(quantity.end <= thing.start < label.start for thing in scene.of(THING))
            unbroken = not re.search(r"[,.;:()]", between)
            if alone and unbroken and all(w in words.stop or len(w) > 3 for w in WORD.findall(between)):
                return _Counted("person", quantity.start, label.end, frozenset())
    return None


def _action_cost(scene: _Scene, label: Label, start: int, end: int) -> float:
    """How far an action stands from the noun phrase [start, end): words between, dearer across commas."""
    folded = scene.folded
    if label.start < end and start < label.end:
        return 0.5
    before = label.end <= start
    between = folded[label.end : start] if before else folded[end : label.start]
    words_between = len(WORD.findall(between))
    left, right = (label.end, start) if before else (end, label.start)
    numbers_between = sum(left <= quantity.start and quantity.end <= right for quantity in scene.quantities)
    if numbers_between >= 2:
        # A list ("200 euros, 4 cars, 52 telephones and ..."): the members share what stands before the list.
        return 4.0 + 0.2 * words_between + 14.0 * between.count(";") + (0.0 if before else 8.0)
    cost = float(words_between)
    cost += (2.0 if before else 4.0) * between.count(",")
    cost += 14.0 * between.count(";") + 1.0 * between.count(":") + 2.0 * between.count("(")
    cost += 1.5 * len(re.findall(r"\s(?:and|y|e|et|und|en|ed)\s", f" {between} "))
    return cost + (0.0 if before else 0.4)


def _best_action(
    scene: _Scene, actions: dict[str, str | None], start: int, end: int
) -> tuple[str | None, float]:
    best: tuple[str | None, float] = (None, MAXIMUM_ACTION_COST)
    for label in scene.of(ACTION):
        if label.name in actions and not scene.is_within_other_thing(label, start, end):
            cost = _action_cost(scene, label, start, end) + rules().yielding.get(label.name, 0.0)
            if cost < best[1]:
                best = (label.name, cost)
    if best[1] > INHERITED_ACTION_COST:
        for name in actions:
            if name in scene.header_actions:
                return name, INHERITED_ACTION_COST
    return best


def _metric_of(scene: _Scene, quantity: Quantity, counted: _Counted, words: Lexicon) -> str | None:
    rule = rules().things.get(counted.thing)
    if rule is None:
        return None
    actions: dict[str, str | None] = rule.get("actions", {})
    if quantity.is_word and quantity.value == 1 and counted.thing in rules().no_single_word:
        return None
    action, cost = _best_action(scene, actions, quantity.start, counted.end)
    if cost > rule.get("reach", MAXIMUM_ACTION_COST):
        action = None
    for quality, by_action in rule.get("quality", {}).items():
        if quality in counted.qualities:
            return str(by_action.get(action or "", by_action["default"]))
    if action is not None:
        return actions[action]
    if scene.sentence.is_list_item and rule.get("list_default"):
        return str(rule["list_default"])
    default = rule.get("default")
    return str(default) if default else None


def _money(scene: _Scene, quantity: Quantity, words: Lexicon) -> Figure | None:
    before = scene.folded[: quantity.start]
    if IN_OTHER_CURRENCY.search(before) and any(
        other.kind == "money" and 0 <= quantity.start - other.end <= 24 for other in scene.quantities
    ):
        return None
    funds = any(
        label.start - quantity.end < 28
        and quantity.start - label.end < 30
        and (label.end <= quantity.start or label.start >= quantity.end)
        for label in scene.of(FUNDS)
    )
    table = rules().money["with_funds" if funds else "actions"]
    known: dict[str, str | None] = dict(table)
    action, _ = _best_action(scene, known, quantity.start, quantity.end)
    action = _refined_money_action(scene, quantity, action)
    if action is None and scene.sentence.is_list_item and funds:
        action = "seize"
    metric = known.get(action) if action else None
    if metric is None or (metric == "victim_payment" and quantity.value > HIGHEST_VICTIM_PAYMENT):
        return None
    return _made(scene, quantity, metric, quantity.start, quantity.end)


def _refined_money_action(scene: _Scene, quantity: Quantity, action: str | None) -> str | None:
    """Three corrections to the nearest action of an amount of money.

    "prevented losses of" is a loss prevented; "fraudulent sale of art worth" is a loss where nothing was
    seized; "1.2 million of narcotics" is the value of the goods.
    """
    actions = {label.name for label in scene.of(ACTION)}
    goods = [
        label
        for label in scene.of(THING)
        if label.name in rules().goods
        and 0 <= label.start - quantity.end <= 22
        and re.fullmatch(
            r"\s(?:worth )?(?:of|de|di|d[’']|an|aan|in|von|van|en|em)\s(?:\w+\s)?",
            scene.folded[quantity.end : label.start],
        )
    ]
    if goods and not any(
        label.name == "funds" and label.start == goods[0].start for label in scene.of(FUNDS)
    ):
        return "value"
    if action == "lose":
        for loss in scene.of(ACTION):
            if loss.name == "lose" and any(
                label.name == "prevent" and 0 <= loss.start - label.end <= 30 for label in scene.of(ACTION)
            ):
                return "prevent"
    nothing_seized = "seize" not in actions and "recover" not in actions
    if action == "value" and nothing_seized:
        losses = [label for label in scene.of(ACTION) if label.name == "lose"]
        if any(0 <= quantity.start - label.end <= 60 for label in losses):
            return "lose"
    return action


def _made(scene: _Scene, quantity: Quantity, metric: str, start: int, end: int) -> Figure:
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


def _part(scene: _Scene, quantity: Quantity, words: Lexicon, last: Figure | None) -> Figure | None:
    """ "1,374 victims, including 153 children": persons of the figure before, so the same metric."""
    if (
        last is None
        or last.metric not in rules().continued
        or quantity.kind != "count"
        or quantity.value > last.value
    ):
        return None
    if not words.including.search(scene.folded[: quantity.start]) or _is_no_count(scene, quantity, words):
        return None
    if last.end < scene.sentence.start:
        return None
    counted = _counted(scene, quantity, words)
    if counted is None or counted.thing not in rules().parts:
        return None
    return _made(scene, quantity, last.metric, quantity.start, max(counted.end, quantity.end))


def _continued(scene: _Scene, quantity: Quantity, words: Lexicon, last: Figure | None) -> Figure | None:
    """ "26 in Argentina, 58 in Brazil", "of which 68", "Spain (12)": the metric of the figure before goes on."""
    if last is None or quantity.kind != "count":
        return None
    if _is_no_count(scene, quantity, words):
        return None
    folded = scene.folded
    following = re.compile(
        r"\s+([^\W\d_]+)\s+(?:(?:el|la|los|las|the|les|o|os|a|as|der|den|de|het)\s)?"
    ).match(folded, quantity.end)
    place_end = 0
    if following and following.group(1) in words.place_prepositions:
        head = scene.sentence.text[following.end() : following.end() + 1]
        word = WORD.match(folded, following.end())
        if word and (
            word.group() in words.elsewhere
            or any(
                role == THING and name in ("location", "country")
                for role, name in words.word_roles(word.group())
            )
        ):
            place_end = word.end()
        elif head.isupper():
            place = re.compile(r"[A-ZÀ-Ý][\w'’-]*(?:\s(?:de|del|da|do|la|of)?\s?[A-ZÀ-Ý][\w'’-]*)*").match(
                scene.sentence.text, following.end()
            )
            place_end = place.end() if place else 0
    of_which = bool(words.of_which.search(folded[: quantity.start])) or bool(
        words.of_which_after.match(folded, quantity.end)
    )
    bracketed = (
        folded[: quantity.start].rstrip().endswith("(") and folded[quantity.end : quantity.end + 1] in ")"
    )
    in_country = bracketed and any(0 <= quantity.start - mention.end <= 3 for mention in scene.countries)
    if not (place_end or of_which or in_country):
        return None
    if of_which and quantity.value > last.value or (last.metric not in rules().continued and not of_which):
        return None
    figure = _made(scene, quantity, last.metric, quantity.start, max(place_end, quantity.end))
    country = next(
        (mention.code for mention in scene.countries if quantity.end <= mention.start < place_end), None
    )
    return replace(figure, country=country)


SINGLE_THINGS = {
    "suspect": ("arrest",),
    "person": ("arrest",),
    "facilitator": ("arrest",),
    "notice": (),
    "infrastructure": ("seize",),
}


def _single_things(scene: _Scene, words: Lexicon) -> list[Figure]:
    """ "arrested a suspect", "the seizure of a server", "une notice mauve": an article that stands for one."""
    figures: list[Figure] = []
    if scene.sentence.is_title or not scene.labels:
        return figures
    tokens = list(WORD.finditer(scene.folded))
    for place, token in enumerate(tokens):
        if token.group() not in words.articles:
            continue
        if any(quantity.start <= token.start() < quantity.end for quantity in scene.quantities):
            continue
        for following in tokens[place + 1 : place + 4]:
            thing = _thing_at(scene, following.start(), len(scene.folded))
            if thing is None:
                if following.group() in words.stop:
                    break
                continue
            if thing.name not in SINGLE_THINGS or (
                thing.name == "notice" and " " not in scene.folded[thing.start : thing.end]
            ):
                break
            wanted = SINGLE_THINGS[thing.name]
            governed = not wanted or any(
                label.name in wanted
                and 0 <= token.start() - label.end <= 26
                and re.fullmatch(r"[\s\w’']*", scene.folded[label.end : token.start()])
                and len(WORD.findall(scene.folded[label.end : token.start()])) <= 4
                for label in scene.of(ACTION)
            )
            between = scene.folded[token.end() : following.start()]
            if any(token.end() <= q.start < following.start() for q in scene.quantities) or "," in between:
                break
            if governed:
                quantity = Quantity(
                    token.start(),
                    token.end(),
                    token.start(),
                    token.end(),
                    1.0,
                    "exact",
                    "count",
                    None,
                    True,
                    False,
                )
                if not _near(scene.folded, quantity, words.context, 60):
                    counted = _Counted(thing.name, token.start(), thing.end, frozenset())
                    metric = _metric_of(scene, quantity, counted, words)
                    if metric:
                        figures.append(_made(scene, quantity, metric, token.start(), thing.end))
            break
    return figures
