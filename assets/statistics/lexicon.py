"""The words of one language that say what is counted and what was done, compiled once.

Words are classified one by one and remembered (a word has the same labels everywhere), so a release costs one
dictionary look-up per word; only phrases of several words are searched in the sentence.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from unicodedata import combining, normalize

from assets.statistics.folding import alternation, any_of
from assets.statistics.language_data import language_data, read_data

THING, ACTION, QUALITY, FUNDS = "thing", "action", "quality", "funds"


@dataclass(frozen=True)
class Label:
    """A word or phrase of a sentence with its role (thing, action, quality, funds) and class name."""

    start: int
    end: int
    role: str
    name: str


@dataclass(frozen=True)
class Rules:
    """`vocabulary/rules.yaml`: which metric a thing becomes under an action."""

    things: dict[str, dict[str, Any]]
    money: dict[str, dict[str, str]]
    measured: dict[str, dict[str, str]]
    continued: frozenset[str]
    precedence: dict[str, int]
    yielding: dict[str, float]
    parts: frozenset[str]
    persons: frozenset[str]
    no_single_word: frozenset[str]
    goods: frozenset[str]
    hard_currencies: frozenset[str]


@lru_cache(maxsize=1)
def rules() -> Rules:
    """The rules, read once."""
    data = read_data("rules.yaml")
    return Rules(
        things=data["things"],
        money=data["money"],
        measured=data["measured"],
        continued=frozenset(data["continued"]),
        yielding=data["yielding"],
        parts=frozenset(data["parts"]),
        persons=frozenset(data["persons"]),
        no_single_word=frozenset(data["no_single_word"]),
        goods=frozenset(data["goods"]),
        hard_currencies=frozenset(read_data("units.yaml")["hard_currencies"]),
        precedence={name: place for place, name in enumerate(data["precedence"])},
    )


# Languages whose accents writers leave out; in the others a letter without its mark is another word.
ACCENTS_LEFT_OUT = frozenset({"es", "pt", "it"})


def without_accents(pattern: str) -> str:
    """A pattern whose letters have lost their accents, tilde of n included."""
    return "".join(char for char in normalize("NFD", pattern) if not combining(char))


def _has_space(pattern: str) -> bool:
    return " " in pattern.replace("[- ]", "").replace("( |", "(|")


class Lexicon:
    """Compiled words of one language. Spans are offsets into the folded sentence given."""

    def __init__(self, code: str) -> None:
        data = language_data(code).metrics
        self.code = code
        self.head_is_last: bool = data["head"] == "last"
        self.adjectives_first: bool = data["adjectives"] == "before"
        self.through = frozenset(data["through"])
        self.stop = frozenset(data["stop"])
        self.only = re.compile(rf"\s{any_of(data['only'])}(?=\s)")
        self.grounds = frozenset(data["grounds"])
        self.articles = frozenset(data["articles"])
        self.place_prepositions = frozenset(data["place_prepositions"])
        self.of_which = re.compile(rf"(?:(?<=\W)|^){any_of(data['of_which'])}\s*,?\s*$")
        self.including = re.compile(
            rf"(?:(?<=\W)|^){any_of([*data['including'], *data['of_which']])}\s*,?\s*$"
        )
        self.including_only = re.compile(rf"(?:(?<=\W)|^){any_of(data['including'])}\s*,?\s*$")
        self.opens_with_parts = re.compile(rf"{any_of([*data['including'], *data['of_which']])}(?!\w)")
        self.part_prepositions = frozenset(data["part_prepositions"])
        self.others_before = re.compile(rf"(?:(?<=\W)|^){any_of(data['others_before'])}\s*$")
        self.elsewhere = frozenset(data["elsewhere"])
        self.vague_before = re.compile(rf"(?:(?<=\W)|^){any_of(data['vague_before'])}\s*$")
        self.out_of = re.compile(rf"(?:(?<=\W)|^){any_of(data['out_of'])}\s*$")
        self.total_to = re.compile(rf"(?<!\w){any_of(data['total_to'])}\s*$")
        self.of_which_after = re.compile(rf"\s+{any_of(data['of_which'])}(?!\w)(?!\s+\d)")
        # "three of the men arrested": the number is a part of a group already told of.
        self.single_part = re.compile(
            rf"(?<!\w)(?P<one>{'|'.join(data['single_parts'])})"
            rf"(?:(?P<place>\s{any_of(data['place_prepositions'])}\s)|(?P<of_which>\s{any_of(data['of_which'])}(?!\w)))"
        )
        self.introduced_article = re.compile(
            rf"(?<!\w)(?:{any_of(data['including'])}|(?P<of_which>{'|'.join(data['of_which'])})),?\s"
            rf"(?P<one>{'|'.join(data['articles'])})\s(?P<noun>[^\W\d_]+)"
        )
        self.joined_article = re.compile(
            rf"\s{any_of(data['groups_and'])}\s(?P<one>{'|'.join(data['articles'])})\s(?P<noun>[^\W\d_]+)"
        )
        self.partitive = re.compile(rf"\s+{any_of(data['partitive'])}(?!\w)")
        self.nationals = re.compile("|".join(data["nationals"]))
        self.others = re.compile("|".join(data["others"]))
        # "593 adults ... as potential victims": what the persons before are taken for.
        # "37 men without papers", "12 workers without a contract": what follows persons and makes them migrants or
        # undeclared workers.
        self.undeclared = re.compile(rf"(?<!\w){any_of(data['undeclared'])}(?!\w)")
        self.irregular_stay = re.compile(rf"(?<!\w){any_of(data['irregular'])}")
        self.work = re.compile("|".join(data["work"]))
        self.against = re.compile(rf"(?<!\w){any_of(data['against'])}\s*$")
        of = alternation(data["through"])
        self.of_a_force = re.compile(rf"\s(?:{of})\s?(?:\w+\s)?{any_of(data['authority'])}")
        of_a = alternation([*data["through"], "do", "da", "du", "dos", "das"])
        self.of_a_body = re.compile(rf"\s(?:{of_a})['’\s]\s?(?:(?:the|la|el|los|las|de|het|der|dem)\s)?")
        self.worth_of = re.compile(rf"\s{any_of(data['worth_of'])}\s")
        self.finding = re.compile("|".join(data["finding"]))
        self.partner_before = re.compile(rf"(?<!\w){any_of(data['partner_before'])}$")
        self.among_arrested = re.compile(rf"\W*{any_of(data['among_arrested'])}(?!\w)")
        self.ratio = re.compile(rf"{any_of(data['ratio'])}\s*$")
        self.copula = re.compile(rf"\s{any_of(data['copulas'])}\s+$")
        self.identity_checked = re.compile("|".join(data["identity_checked"]))
        self.accused = re.compile(rf"(?<!\w){any_of(data['accused_words'])}")
        self.in_places = frozenset(data["in_places"])
        self.performed = re.compile(rf"(?<!\w){any_of(data['performed'])}(?!\w)")
        self.relatives = frozenset(data["relatives"])
        self.cash = re.compile("|".join(data["cash"]))
        # "search of four flats": the act as a noun, with the number as its object.
        self.object_of = re.compile(rf"\s(?:{of})['’\s]\s?")
        self.taken_as_perhaps = re.compile(rf"(?<!\w){any_of(data['taken_as_perhaps'])}(?!\w)")
        self.taken_as = re.compile(rf"(?<!\w){any_of(data['taken_as'])}\s(?:\w+\s)?$")
        self.conjunctions = frozenset(data["groups_and"])
        self.definite = re.compile(rf"(?<!\w){any_of(data['definite'])}\s*$")
        self.range = re.compile(rf"\s*(?:-|–|{'|'.join(data['range_words'])})\s*")
        self.range_between = re.compile(rf"(?<!\w){any_of(data['range_between'])}(?:\s\w{{1,3}})?\s*$")
        self.range_and = re.compile(rf"\s{any_of(data['groups_and'])}\s(?:\w{{1,3}}\s)?")
        both = "|".join(data["groups_and"])
        self.conjunction = re.compile(rf"\s(?:{both})\s")
        # "Wohn- und Geschäftsräume": the first part of a shared compound counts nothing by itself.
        self.fragment = re.compile(rf"-\s+(?:{both}|bzw\.)\s+")
        links = "|".join([*data["through"], "in"])
        self.amount_of = re.compile(rf"\s(?:worth )?(?:{links})['’\s]\s?(?:\w+\s)?")
        self.fragment_behind = re.compile(rf"\s[^\W\d_]+-\s+(?:{both})\s+(?=\d|[^\W\d_]+\s)")
        self.containers = re.compile("|".join(data["containers"]))
        self.ignore_after = re.compile(rf"[\s\u00a0-]*{any_of(data['ignore_after'])}(?!\w)|\s?%|\s?°")
        self.ignore_before = re.compile(rf"(?:(?<=\W)|^){any_of(data['ignore_before'])}[\s:.\u00a0]*$")
        self.context = re.compile("|".join(rf"(?<!\w)(?:{p})" for p in data["context"]))
        self.country_context = re.compile("|".join(data["country_context"]))
        self.origin_context = re.compile(rf"(?<!\w){any_of(data['origin_context'])}")
        self.origin_before = re.compile(rf"(?<!\w){any_of(data['origin_context'])}\s*$")
        self.authority = re.compile("|".join(data["authority"]))
        self.cumulative = re.compile("|".join(rf"(?<!\w)(?:{p})" for p in data["cumulative"]))
        self._words: list[tuple[str, str, re.Pattern[str]]] = []
        self._phrases: list[tuple[str, str, re.Pattern[str]]] = []
        groups = [
            *((THING, name, patterns) for name, patterns in data["things"].items()),
            *((ACTION, name, patterns) for name, patterns in data["actions"].items()),
            *((QUALITY, name, patterns) for name, patterns in data["qualities"].items()),
            (FUNDS, "funds", data["funds"]),
        ]
        for role, name, patterns in groups:
            # Latin American and hurried writing leaves accents out ("maquinas").
            bare = [plain for pattern in patterns if (plain := without_accents(pattern)) != pattern]
            spelled = [*patterns, *bare] if code in ACCENTS_LEFT_OUT else patterns
            self._words.append((role, name, re.compile("|".join(spelled))))
            spaced = [
                pattern for pattern in patterns if _has_space(pattern) or "-" in pattern or "[^" in pattern
            ]
            if spaced:
                self._phrases.append((role, name, re.compile(rf"(?<!\w){any_of(spaced)}(?!\w)")))
        self._remembered: dict[str, tuple[tuple[str, str], ...]] = {}

    def word_roles(self, word: str) -> tuple[tuple[str, str], ...]:
        """(role, class) pairs of one folded word."""
        roles = self._remembered.get(word)
        if roles is None:
            roles = tuple((role, name) for role, name, pattern in self._words if pattern.fullmatch(word))
            if not roles and "-" in word:
                roles = self.word_roles(word.split("-")[0]) or self.word_roles(word.rsplit("-", 1)[1])
            if len(self._remembered) < 200_000:
                self._remembered[word] = roles
        return roles

    def may_name_one(self, folded_sentence: str) -> bool:
        """Whether a sentence without numbers can hold a single thing ("arrested a man"): a cheap first look."""
        return any(
            name in ONE_MAY_FOLLOW
            for word in WORD.findall(folded_sentence)
            for _, name in self.word_roles(word)
        )

    def labels(self, folded_sentence: str) -> list[Label]:
        """All labels of a sentence: phrases first, then words no phrase of the same role covers."""
        found: list[Label] = []
        for role, name, pattern in self._phrases:
            for match in pattern.finditer(folded_sentence):
                if match.end() > match.start():
                    found.append(Label(match.start(), match.end(), role, name))
        covered = [
            (label.start, label.end, label.role)
            for label in found
            if " " in folded_sentence[label.start : label.end].strip()
        ]
        for match in WORD.finditer(folded_sentence):
            for role, name in self.word_roles(match.group()):
                if role in (THING, ACTION) and any(
                    start <= match.start() and match.end() <= end and kind == role
                    for start, end, kind in covered
                ):
                    continue
                label = Label(match.start(), match.end(), role, name)
                if label not in found:
                    found.append(label)
        return sorted(found, key=lambda label: (label.start, -label.end))


# Classes of words that make an article count as one (metrics.py, SINGLE_THINGS).
ONE_MAY_FOLLOW = frozenset({"arrest", "rescue", "seize", "notice", "firearm", "boat", "property"})
WORD = re.compile(r"\d+|[^\W\d_][^\W_]*(?:-[^\W_]+)*(?:'s)?")


@lru_cache(maxsize=32)
def lexicon(code: str) -> Lexicon:
    """The compiled lexicon of a language (English for one without files)."""
    return Lexicon(language_data(code).code)
