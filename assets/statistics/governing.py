"""The action that governs a number, and the metric that follows from thing and action by `vocabulary/rules.yaml`."""

import re
from collections.abc import Container

from assets.statistics.lexicon import ACTION, QUALITY, THING, WORD, Label, Lexicon, rules
from assets.statistics.noun_phrases import Counted
from assets.statistics.numbers import Quantity
from assets.statistics.scene import Scene

# Persons "identified" in such numbers had their papers checked; nobody suspects them.
LARGE_CROWD = 200
# Words between action and number, commas and the like; beyond this an action does not govern a number.
MAXIMUM_ACTION_COST = 26.0
# Cost of an action that stands only in the heading of a list.
INHERITED_ACTION_COST = 14.0
# An action with a number right behind it acts on that one.
OWN_OBJECT = re.compile(r"\s")


def _action_cost(scene: Scene, label: Label, start: int, end: int, words: Lexicon) -> float:
    """How far an action stands from the noun phrase [start, end): words between, dearer across commas."""
    folded = scene.folded
    if label.start < end and start < label.end:
        is_head = (
            label.name == "charge"
            and label.end == end
            and any(thing.start <= label.start and thing.end == end for thing in scene.of(THING))
        )
        # "se detuvo a seis imputados": a verb beside such a noun tells more than the noun itself.
        return HEAD_COST if is_head else 0.5
    before = label.end <= start
    between = folded[label.end : start] if before else folded[end : label.start]
    words_between = len(WORD.findall(between))
    left, right = (label.end, start) if before else (end, label.start)
    numbers_between = sum(left <= quantity.start and quantity.end <= right for quantity in scene.quantities)
    if numbers_between >= 2:
        # A list ("200 euros, 4 cars, 52 telephones and ..."): the members share what stands before the list.
        parted = 0.3 if before and re.match(r"[^;]*:", between) else 14.0
        return 4.0 + 0.2 * words_between + parted * between.count(";") + (0.0 if before else 8.0)
    if before and _is_object(between, words):
        return 0.3
    # "checked, in the three days of the operation, 55,997 vehicles": what stands between two commas is said aside.
    between = (_ASIDE if before else _ASIDE_BEHIND).sub(" ", between)
    cost = float(words_between)
    cost += (2.0 if before else 4.0) * between.count(",")
    has_own_object = not before and any(
        OWN_OBJECT.fullmatch(folded[label.end : quantity.start])
        for quantity in scene.quantities
        if quantity.start >= label.end
    )
    if (numbers_between and not before) or has_own_object:
        cost += 5.0
    if label.name == "exploit" and not before and words_between > 1:
        # Who exploits stands before the verb as well.
        cost += 8.0
    # Behind a colon semicolons part the members of one list.
    in_list = before and ":" in between and between.index(":") < (between + ";").index(";")
    cost += (
        (0.3 if in_list else 14.0) * between.count(";") + 1.0 * between.count(":") + 2.0 * between.count("(")
    )
    cost += 1.5 * len(words.conjunction.findall(f" {between} "))
    return cost + (0.0 if before else 0.4)


# The cost of an action that is the counted noun itself ("imputados", "detenidos").
HEAD_COST = 2.5
_ASIDE_BEHIND = re.compile(r"^\s*,[^,;:.()]{1,100},")
_ASIDE = re.compile(r",[^,;:.()]{1,60},(?=[^,;:.()]{0,24}$)")


def _is_object(between: str, words: Lexicon) -> bool:
    """ "search of four flats": an act as a noun with the number right behind it."""
    return words.object_of.fullmatch(between) is not None


def best_action(
    scene: Scene,
    actions: dict[str, str | None],
    start: int,
    end: int,
    words: Lexicon,
    passed_over: Container[int] = (),
) -> tuple[str | None, float]:
    """The cheapest of the actions for the noun phrase [start, end), and its cost; starts passed over do not count."""
    best: tuple[str | None, float] = (None, MAXIMUM_ACTION_COST)
    for label in scene.of(ACTION):
        if label.start in passed_over:
            continue
        if label.name in actions and not scene.belongs_to_another(label, start, end):
            cost = _action_cost(scene, label, start, end, words)
            if label.end > start or not _is_object(scene.folded[label.end : start], words):
                cost += rules().yielding.get(label.name, 0.0)
            # "recovered" is both; of money it means got back, of goods the metric is the same.
            cost -= 0.1 * (label.name == "recover")
            if cost < best[1]:
                best = (label.name, cost)
    if best[1] > INHERITED_ACTION_COST:
        for name in actions:
            if name in scene.header_actions:
                return name, INHERITED_ACTION_COST
    return best


def metric_of(scene: Scene, quantity: Quantity, counted: Counted, words: Lexicon) -> str | None:
    """Metric of a counted thing by the action that governs it and what is said of it; None is no figure."""
    rule = rules().things.get(counted.thing)
    if rule is None:
        return None
    actions: dict[str, str | None] = rule.get("actions", {})
    if quantity.is_word and quantity.value == 1 and counted.thing in rules().no_single_word:
        return None
    if counted.thing in PLACES and "seize" in actions and _is_where(scene, quantity, words):
        actions = {name: metric for name, metric in actions.items() if name != "seize"}
    action, cost = best_action(
        scene, actions, quantity.start, counted.end, words, _given_actions(scene, quantity, counted, words)
    )
    if cost > COORDINATED_COST:
        # "checked 5,000 persons and 3,000 vehicles": what is joined by "and" has the action of the one before.
        shared = _action_of_coordinated(scene, quantity, words)
        if shared in actions:
            action, cost = shared, COORDINATED_COST
    if action is not None:
        scene.governed.append((counted.end, action))
    if counted.thing in rules().persons and action in (None, "identify"):
        taken = taken_for(scene, counted, words)
        if taken:
            return taken
    if counted.thing == "suspect" and action is None and words.against.search(scene.folded[: quantity.start]):
        return "suspects_identified"
    if (
        counted.thing in rules().persons
        and action is not None
        and cost > AGAINST_COST
        and words.against.search(scene.folded[: quantity.start])
        and any(label.name in ("search", "warrant", "investigation") for label in scene.labels)
    ):
        return "suspects_identified"
    if cost > rule.get("reach", MAXIMUM_ACTION_COST):
        action = None
    for quality, by_action in rule.get("quality", {}).items():
        if quality in counted.qualities:
            return str(by_action.get(action or "", by_action["default"]))
    is_divided = any(
        other.end < quantity.start
        and words.partitive.fullmatch(scene.folded[other.end : quantity.start].rstrip())
        for other in scene.quantities
    )
    if (
        counted.thing in rules().persons
        and not is_divided
        and (action in (None, "identify", "check") or cost > FAR_FROM_DESCRIBED)
    ):
        described = described_as(scene, quantity, counted, words)
        if described == "irregular_migrants" or (described and action in (None, "identify")):
            return described
    if counted.thing == "person" and action in ("participate", None):
        behind = scene.folded[counted.end : counted.end + FORCE_BEHIND]
        if words.of_a_force.match(behind):
            return "officers"
    if action == "identify" and counted.thing in ("person", "worker") and quantity.value >= LARGE_CROWD:
        return "persons_checked"
    if counted.thing == "person" and action == "identify":
        behind = scene.folded[counted.end : counted.end + DESCRIBED_REACH]
        verbs = [label for label in scene.of(ACTION) if label.name == "identify"]
        nearest = min(verbs, key=lambda label: abs(label.start - quantity.start), default=None)
        found = nearest and words.finding.fullmatch(scene.folded[nearest.start : nearest.end])
        checked = nearest and words.identity_checked.fullmatch(scene.folded[nearest.start : nearest.end])
        further = words.others_before.search(scene.folded[: quantity.start])
        if checked and not further and not words.accused.search(scene.folded):
            # Spanish, Portuguese and Italian police "identify" whose papers they look at.
            return "persons_checked"
        if words.work.search(behind) or found:
            # People found somewhere, or at work, are not suspects by that alone.
            return None
    if action is not None:
        return actions[action]
    acts = {label.name for label in scene.of(ACTION)}
    merely_checked = "check" in acts and "seize" not in acts
    if scene.sentence.is_list_item and rule.get("list_default") and not merely_checked:
        return str(rule["list_default"])
    default = rule.get("default")
    return str(default) if default else None


def _is_where(scene: Scene, quantity: Quantity, words: Lexicon) -> bool:
    """Whether a number of places tells where ("cash was seized in five of the nine premises"), not what."""
    start = quantity.start
    for other in scene.quantities:
        between = scene.folded[other.end : quantity.start].rstrip()
        if other.end < quantity.start and words.partitive.fullmatch(between):
            start = other.start
    before = WORD.findall(scene.folded[:start])
    return bool(before) and before[-1] in words.in_places


# Characters behind "50 men" in which the force they are of is named.
FORCE_BEHIND = 40
# Things that a preposition makes the place of an act.
PLACES = frozenset({"premises", "property", "site", "vehicle", "boat"})
# Above this cost of its action, "against 15 persons" tells of suspects only.
AGAINST_COST = 4.0
# The cost of an action that a noun phrase shares with the one before it.
COORDINATED_COST = 7.0


def _action_of_coordinated(scene: Scene, quantity: Quantity, words: Lexicon) -> str | None:
    """The action of the noun phrase that stands before a number with nothing but "and" or a comma between."""
    for end, action in reversed(scene.governed):
        gap = scene.folded[end : quantity.start]
        if end <= quantity.start and (gap == ", " or words.conjunction.fullmatch(gap)):
            return action
    return None


# An action of this cost governs persons less than what is said of them directly.
FAR_FROM_DESCRIBED = 6.0
# Characters behind persons in which their stay or work is called irregular.
DESCRIBED_REACH = 80


def described_as(scene: Scene, quantity: Quantity, counted: Counted, words: Lexicon) -> str | None:
    """Metric of persons by what is said of them: "37 men without papers" are migrants, "6 workers off the books"
    were checked."""
    inside = scene.folded[quantity.end : counted.end]
    behind = scene.folded[counted.end : counted.end + DESCRIBED_REACH]
    is_worker = counted.thing in ("worker", "staff")
    readings = (("persons_checked", words.undeclared), ("irregular_migrants", words.irregular_stay))
    for metric, pattern in readings if is_worker else readings[::-1]:
        if pattern.search(inside):
            return metric
        said = pattern.search(behind)
        if (
            said
            and metric == "persons_checked"
            and not is_worker
            and not words.work.search(behind[: said.end()])
        ):
            continue
        if said is not None and _is_said_of(scene, counted, behind[: said.start()], words):
            after = counted.end + said.end()
            of_others = any(
                label.name in rules().persons and 0 <= label.start - after <= 1 for label in scene.of(THING)
            )
            if not of_others:
                return metric
    return None


def _is_said_of(scene: Scene, counted: Counted, between: str, words: Lexicon) -> bool:
    """Whether nothing parts persons from a description: no number, no other act, no comma but before "who"."""
    between = between.removesuffix(", ")
    aside = re.search(r",\s([^\W\d_]+)", between)
    clause = between.replace(",", "", 1) if aside and aside.group(1) in words.relatives else between
    end = counted.end + len(between)
    # "in Mazarrón und Águilas": between names a conjunction parts nothing.
    joins_clauses = any(
        not scene.sentence.text[counted.end + joint.end() : counted.end + joint.end() + 1].isupper()
        for joint in words.conjunction.finditer(between)
    )
    if re.search(r"[\d,.;:()]", clause) or joins_clauses:
        return False
    return not any(
        label.name not in ("identify", "check", "seize", "solve", "lose", "participate")
        for label in scene.of(ACTION)
        if counted.end <= label.start < end
    )


def _given_actions(scene: Scene, quantity: Quantity, counted: Counted, words: Lexicon) -> frozenset[int]:
    """ "Three of the men arrested were charged": the whole's participle is known, the verb acts."""
    if not words.partitive.match(scene.folded, quantity.end):
        return frozenset()
    given = {
        label.start
        for label in scene.of(ACTION)
        if quantity.end <= label.start
        and (label.end <= counted.end or _PARTICIPLE_GAP.fullmatch(scene.folded[counted.end : label.start]))
    }
    given_end = max((label.end for label in scene.of(ACTION) if label.start in given), default=0)
    follows = any(
        label.start not in given
        and 0 <= label.start - given_end <= FOLLOWING_VERB
        and not re.search(r"[.;:]", scene.folded[given_end : label.start])
        for label in scene.of(ACTION)
    )
    return frozenset(given) if follows else frozenset()


_PARTICIPLE_GAP = re.compile(r"\s")
# The verb of a part stands within so many characters of its whole.
FOLLOWING_VERB = 60
# "... as potential victims" refers to persons counted at most so many characters before.
TAKEN_FOR_REACH = 90


def taken_for(scene: Scene, counted: Counted, words: Lexicon) -> str | None:
    """ "identified 593 adults and 57 minors as potential victims": the metric of what they are taken for."""
    for label in scene.of(THING):
        if (
            label.name not in ("victim", "facilitator")
            or not 0 <= label.start - counted.end <= TAKEN_FOR_REACH
        ):
            continue
        if words.taken_as.search(scene.folded[: label.start]):
            if label.name == "facilitator":
                return "facilitators_identified"
            potential = words.taken_as_perhaps.search(scene.folded[counted.end : label.start]) is not None
            potential = potential or any(0 <= label.start - quality.end <= 1 for quality in scene.of(QUALITY))
            potential = potential or any(0 <= quality.start - label.end <= 1 for quality in scene.of(QUALITY))
            rescued = any(
                action.name == "rescue" and 0 <= action.start - label.end <= TAKEN_FOR_REACH
                for action in scene.of(ACTION)
            )
            if rescued:
                return "victims_rescued"
            return "potential_victims" if potential else "victims_identified"
    return None
