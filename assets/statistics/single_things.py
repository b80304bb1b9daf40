"""Things told once, by an article: "arrested a suspect", "the seizure of a server", "une notice mauve"."""

import re

from assets.statistics.governing import metric_of
from assets.statistics.lexicon import ACTION, WORD, Label, Lexicon, rules
from assets.statistics.noun_phrases import Counted, thing_at
from assets.statistics.numbers import Quantity
from assets.statistics.scene import Figure, Scene, made, near

# Things that an article may count, and the actions that must govern them; none where the words say enough.
SINGLE_THINGS = {
    "suspect": ("arrest",),
    "person": ("arrest",),
    "facilitator": ("arrest",),
    "woman": ("arrest", "rescue"),
    "child": ("rescue",),
    "victim": ("rescue",),
    "notice": (),
    "infrastructure": ("seize",),
    "firearm": ("seize",),
    "boat": ("seize",),
    "property": ("seize",),
}


def single_things(scene: Scene, words: Lexicon) -> list[Figure]:
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
            thing = thing_at(scene, following.start(), len(scene.folded))
            if thing is None:
                if following.group() in words.stop:
                    break
                continue
            if thing.name == "arrest" and _is_performed(scene, thing, following.start() - token.end(), words):
                figures.append(
                    made(scene, _one(token.start(), token.end()), "arrests", token.start(), thing.end)
                )
                break
            if thing.name not in SINGLE_THINGS or (
                thing.name == "notice" and not _is_notice_issued(scene, token.start(), thing, words)
            ):
                break
            wanted = SINGLE_THINGS[thing.name]
            governed = not wanted or _is_governed(scene, token.start(), thing, wanted)
            between = scene.folded[token.end() : following.start()]
            if any(token.end() <= q.start < following.start() for q in scene.quantities) or "," in between:
                break
            if governed and not words.including.search(
                scene.folded[max(0, token.start() - 40) : token.start()]
            ):
                quantity = _one(token.start(), token.end())
                if not near(scene.folded, quantity, words.context, 60):
                    counted = Counted(thing.name, token.start(), thing.end, frozenset())
                    metric = metric_of(scene, quantity, counted, words)
                    if metric:
                        figures.append(made(scene, quantity, metric, token.start(), thing.end))
            break
    return figures


def _one(start: int, end: int) -> Quantity:
    return Quantity(start, end, start, end, 1.0, "exact", "count", None, True, False)


# Characters around an arrest in which its verb stands ("one arrest was made", "gab es eine weitere Festnahme").
PERFORMED_REACH = 24


def _is_performed(scene: Scene, thing: Label, gap: int, words: Lexicon) -> bool:
    """Whether a single arrest is told as done, right behind its article or "another"."""
    around = scene.folded[max(0, thing.start - gap - PERFORMED_REACH) : thing.end + PERFORMED_REACH]
    return gap <= 1 + len("weitere ") and words.performed.search(around) is not None


def _is_governed(scene: Scene, start: int, thing: Label, wanted: tuple[str, ...]) -> bool:
    """Whether one of the actions stands right before the article, or for goods anywhere in their list or behind."""
    if thing.name in rules().goods | {"property"} and _is_listed(scene, start, thing, wanted):
        return True
    return any(
        label.name in wanted
        and 0 <= start - label.end <= ACTION_BEFORE
        and re.fullmatch(r"[\s\w’']*", scene.folded[label.end : start])
        and len(WORD.findall(scene.folded[label.end : start])) <= 4
        for label in scene.of(ACTION)
    )


ACTION_BEFORE, LIST_BEFORE, ACTION_BEHIND = 26, 120, 30


# The preposition may come back before each thing of a list: "la saisie de 40 kilos, d'une arme".
_LIST_GOES_ON = re.compile(r"(?:,|\s(?:and|y|et|e|und|en|ed))\s*(?:d[’']|d[ei]\s|of\s|von\s|van\s)?$")


def _is_listed(scene: Scene, start: int, thing: Label, wanted: tuple[str, ...]) -> bool:
    """ "seized 40,000 euros, a firearm and ...", "- a rifle" under "Seized:", "a firearm was found"."""
    if any(action in scene.header_actions for action in wanted):
        return not scene.folded[:start].strip(" \t-–—•*·▪✔°")
    for label in scene.of(ACTION):
        if label.name not in wanted:
            continue
        before, behind = scene.folded[label.end : start], scene.folded[thing.end : label.start]
        listed = (
            label.end <= start and len(before) <= LIST_BEFORE and not re.search(r"[.;:!?(](?!\d)", before)
        )
        opened = label.end <= start and (not before.strip() or _LIST_GOES_ON.search(before) is not None)
        if listed and opened:
            return True
        if thing.end <= label.start and len(behind) <= ACTION_BEHIND and not re.search(r"[.;:,!?(]", behind):
            return True
    return False


def _is_notice_issued(scene: Scene, start: int, thing: Label, words: Lexicon) -> bool:
    """ "a Purple Notice", but not "wanted on a Red Notice": a preposition before it makes it a ground, not a result."""
    if " " not in scene.folded[thing.start : thing.end]:
        return False
    before = WORD.findall(scene.folded[:start])
    return not before or before[-1] not in words.grounds
