"""What a number counts: the head of its noun phrase, or the noun its sentence gives elsewhere."""

import re
from dataclasses import dataclass, replace

from assets.statistics.lexicon import ACTION, QUALITY, THING, WORD, Label, Lexicon, rules
from assets.statistics.numbers import Quantity
from assets.statistics.ranges import other_end
from assets.statistics.scene import Scene

# Persons that a participle stands for behind "of the".
PARTICIPLES = {"arrest": "suspect", "rescue": "victim", "charge": "suspect"}
# What the checks of a thing are counted as.
CHECKS = {"person": "person_check", "vehicle": "vehicle_check", "premises": "inspection"}
# Words a noun phrase may have between its number and its head.
NOUN_PHRASE_WORDS = 8


@dataclass(frozen=True)
class Counted:
    """The noun phrase of a number: its thing, end of the phrase, and qualities in it."""

    thing: str
    start: int
    end: int
    qualities: frozenset[str]


def thing_at(scene: Scene, position: int, limit: int) -> Label | None:
    """The thing whose label begins at a position; the longest, then the first by precedence."""
    precedence = rules().precedence
    here = [
        label
        for label in scene.labels
        if label.role == THING and label.start == position and label.end <= limit
    ]
    return min(here, key=lambda label: (-label.end, precedence.get(label.name, 99)), default=None)


def counted_phrase(scene: Scene, quantity: Quantity, words: Lexicon) -> Counted | None:
    """Walk the noun phrase after the number; failing that, the label before a colon or bracket."""
    folded = scene.folded
    upper = other_end(scene, quantity, words)
    if upper is not None and upper.start > quantity.start:
        counted = counted_phrase(scene, upper, words)
        return replace(counted, start=quantity.start) if counted else None
    part = words.partitive.match(folded, quantity.end)
    whole = next((q for q in scene.quantities if part and 0 <= q.start - part.end() <= 1), None)
    if whole is not None:
        # "three of the six suspects": both numbers count the same noun.
        counted = counted_phrase(scene, whole, words)
        return (
            None
            if counted is None
            else Counted(counted.thing, quantity.start, counted.end, counted.qualities)
        )
    if part is not None:
        # "149 of the rescued": a participle that stands for persons.
        participle = WORD.match(folded, part.end() + 1)
        for label in scene.of(ACTION):
            if participle and label.start == participle.start() and label.name in PARTICIPLES:
                return Counted(PARTICIPLES[label.name], quantity.start, label.end, frozenset())
    shared = words.fragment_behind.match(folded, quantity.end)
    if shared is not None:
        # "30 Bußgeld- und 42 Strafverfahren": the compound's head stands behind the next number.
        following = next((q for q in scene.quantities if 0 <= q.start - shared.end() <= 1), None)
        counted = counted_phrase(scene, following, words) if following else None
        if counted is None:
            return None
        own = thing_at(scene, quantity.end + 1, shared.end())
        # "1.700 Personen- und 1.200 Fahrzeugkontrollen": each part of the compound names what was checked.
        checked = (
            CHECKS.get(own.name if own else "", counted.thing)
            if counted.thing in CHECKS.values()
            else counted.thing
        )
        return replace(counted, start=quantity.start, thing=checked)
    position = quantity.end
    found: Label | None = None
    national: Label | None = None
    qualities: set[str] = set()
    measured_seen = quantity.kind in ("mass", "volume", "data")
    container_seen = measured_seen
    next_number = min((q.start for q in scene.quantities if q.start >= quantity.end), default=len(folded))
    limit = len(folded)
    steps = 0
    only_links = True
    while steps < NOUN_PHRASE_WORDS:
        match = WORD.search(folded, position)
        if match is None or match.start() >= next_number:
            break
        gap = folded[position : match.start()]
        if words.fragment.fullmatch(gap):
            gap = " "
        adjectives_only = words.head_is_last and found is None and steps >= 1
        if re.search(r"[.;:!?)\]]|\(\s|\s[-–—]\s", gap) or (re.search(r",\s", gap) and not adjectives_only):
            break
        if "(" in gap and found:
            break
        word = match.group()
        thing = thing_at(scene, match.start(), limit)
        if thing is not None and thing.end > next_number:
            thing = None
        if words.fragment.match(folded, match.end()):
            joined = words.fragment.match(folded, match.end())
            position = joined.end() if joined else match.end()
            continue
        phrase_is_long = thing is not None and thing.end > match.end()
        if not phrase_is_long and word in words.stop:
            reachable = word in words.through and (container_seen or only_links) and found is None
            between_adjectives = words.adjectives_first and found is None and steps >= 1
            reachable = reachable or (between_adjectives and word in words.conjunctions)
            if not reachable:
                break
            position = match.end()
            steps += 1
            continue
        only_links = False
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
        is_national = demonym or (steps == 0 and words.nationals.fullmatch(word) is not None)
        if found is None and (is_national or words.others.fullmatch(word)):
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
        return Counted("data", quantity.start, found.end if found else quantity.end, frozenset())
    if found is not None and not words.head_is_last and found.end == position:
        after = [label for label in scene.of(QUALITY) if 0 <= label.start - found.end <= 2]
        qualities.update(label.name for label in after)
    if found is not None:
        return Counted(
            found.name,
            quantity.start,
            found.end,
            frozenset(qualities | _quality_labels(scene, quantity.end, found.end)),
        )
    if measured_seen:
        return _measured(scene, quantity)
    if words.out_of.search(folded[max(0, quantity.start - 40) : quantity.start]):
        earlier = [
            label
            for label in scene.of(THING)
            if label.end <= quantity.start and quantity.start - label.end < 24
        ]
        if earlier:
            return Counted(earlier[-1].name, quantity.start, quantity.end, frozenset())
    return _label_before(scene, quantity, words) or _pronoun(scene, quantity, words)


def _quality_labels(scene: Scene, start: int, end: int) -> set[str]:
    return {label.name for label in scene.of(QUALITY) if start <= label.start and label.end <= end}


def _measured(scene: Scene, quantity: Quantity) -> Counted | None:
    """A weight or volume whose thing stands elsewhere in the sentence: drugs by default for a weight."""
    kind = quantity.kind
    expected = rules().measured[kind]["thing"]
    for label in scene.of(THING):
        if (
            label.name in (expected, "explosive", "other", "chemical")
            and abs(label.start - quantity.end) < 80
        ):
            return Counted(label.name, quantity.start, quantity.end, frozenset())
    return None


# "Arrests (smugglers): 24": what a label has in brackets does not part it from its number.
_BRACKETED = re.compile(r"\([^()]*\)")


def _label_before(scene: Scene, quantity: Quantity, words: Lexicon) -> Counted | None:
    """ "Arrests: 150" and "nombre d'affaires résolues (8 309)": the thing stands before the number."""
    before = _BRACKETED.sub(lambda match: " " * len(match.group()), scene.folded[: quantity.start])
    bracket = before.rstrip().endswith("(") and scene.folded[quantity.end : quantity.end + 1] == ")"
    earlier = any(other.end <= quantity.start for other in scene.quantities)
    colon = bool(re.search(r"[:=–]\s*$", before)) and len(before) < 80 and not earlier
    total = words.total_to.search(before)
    if total and not (bracket or colon):
        inside = [label for label in scene.of(THING) if total.start() <= label.start]
        return Counted(inside[0].name, inside[0].start, quantity.end, frozenset()) if inside else None
    if not (bracket or colon):
        return _subject(scene, quantity, words)
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
    return Counted(chosen.name, chosen.start, quantity.end, frozenset())


# Characters between a number without a noun and the irregular stay that makes it one of persons.
STAY_REACH = 60
# Longest subject before "were 629", in characters.
SUBJECT_REACH = 90


def _subject(scene: Scene, quantity: Quantity, words: Lexicon) -> Counted | None:
    """ "Los funcionarios desplegados fueron 629.": the thing is the subject of the number's clause."""
    if not re.match(r"\s*(?:[.,;:)]|$)", scene.folded[quantity.end :]):
        return None
    before = scene.folded[: quantity.start]
    linked = words.copula.search(before if before.endswith(" ") else f"{before} ")
    if linked is None:
        return None
    start = max(before.rfind(mark, 0, linked.start()) for mark in ",;:.(")
    subject = [
        label
        for label in scene.of(THING)
        if start < label.start < linked.start() and linked.start() - label.start < SUBJECT_REACH
    ]
    if not subject or any(start < other.start < linked.start() for other in scene.quantities):
        return None
    return Counted(subject[0].name, subject[0].start, quantity.end, frozenset())


# Characters between a number and the action that makes it a number of persons.
PRONOUN_REACH = 34


def _pronoun(scene: Scene, quantity: Quantity, words: Lexicon) -> Counted | None:
    """ "19 ont ensuite été inculpés", "23 held": a number that stands for persons of the action that follows."""
    if quantity.kind != "count":
        return None
    taken = [
        label
        for label in scene.of(ACTION)
        if label.name == "arrest"
        and 0 < quantity.start - label.end <= 5
        and "," not in scene.folded[label.end : quantity.start]
    ]
    following = WORD.search(scene.folded, quantity.end)
    if taken and (following is None or following.group() in words.stop):
        return Counted("person", quantity.start, quantity.end, frozenset())
    if words.others_before.search(scene.folded[max(0, quantity.start - 40) : quantity.start]):
        if re.match(r"\s*(?:[.,;)]|$)", scene.folded[quantity.end :]):
            return Counted("person", quantity.start, quantity.end, frozenset())
        if following and any(
            label.start == following.start() and label.name == "suspicious" for label in scene.of(QUALITY)
        ):
            # "another 205 suspected of ...".
            return Counted("person", quantity.start, quantity.end, frozenset())
    stay = words.irregular_stay.search(scene.folded[quantity.end : quantity.end + STAY_REACH])
    # One word alone ("irregolari") is said of firms as well.
    if stay is not None and " " in stay.group():
        said = scene.folded[quantity.end : quantity.end + stay.start()]
        end = quantity.end + stay.start()
        if not re.search(r"[\d,.;:()]", said) and not any(
            quantity.end <= thing.start < end for thing in scene.of(THING)
        ):
            # "tres se encontraban de manera ilegal en el país".
            return Counted("person", quantity.start, quantity.end, frozenset())
    tail = scene.folded[quantity.end : quantity.end + PRONOUN_REACH]
    first = WORD.search(tail)
    # "497 operations in which ..." counts operations: only a verb or its helper makes a number stand for persons.
    if first is None or not (
        first.group() in words.stop or any(role == ACTION for role, _ in words.word_roles(first.group()))
    ):
        return None
    if re.search(r"[,.;:()\"]", tail[: first.start()]):
        return None
    for label in scene.of(ACTION):
        distance = label.start - quantity.end
        if 0 <= distance < PRONOUN_REACH and label.name in ("arrest", "charge", "rescue", "notified"):
            between = scene.folded[quantity.end : label.start]
            alone = not any(quantity.end <= thing.start < label.start for thing in scene.of(THING))
            unbroken = not re.search(r"[,.;:()]", between)
            if alone and unbroken and all(w in words.stop or len(w) > 3 for w in WORD.findall(between)):
                return Counted("person", quantity.start, label.end, frozenset())
    return None
