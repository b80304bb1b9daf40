"""The newsroom's articles: invented police operations among ordinary local news."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from random import Random

from babel import Locale
from babel.dates import format_date

from simulation.grammar import Grammar, fill, grammars
from simulation.places import CITIES, FAMILY_NAMES, GIVEN_NAMES
from simulation.randomness import stream

_LANGUAGES = ("en", "es", "pt", "fr", "de", "ro")
_FIRST = (
    "Amber",
    "Silent",
    "Northern",
    "Copper",
    "Paper",
    "Glass",
    "Winter",
    "Harbour",
    "Violet",
    "Granite",
    "Salt",
)
_SECOND = (
    "Lantern",
    "Bridge",
    "Compass",
    "Meadow",
    "Anchor",
    "Harvest",
    "Ledger",
    "Orchard",
    "Beacon",
    "Thread",
)
_COUNTRIES = (
    "ES",
    "PT",
    "FR",
    "DE",
    "RO",
    "BR",
    "CO",
    "PL",
    "IT",
    "GB",
    "AT",
    "HU",
    "NL",
    "BE",
    "SE",
    "IE",
    "MD",
    "PE",
)
# Metric → smallest and largest value; names from the project's metric vocabulary.
_METRICS: dict[str, tuple[int, int]] = {
    "arrests": (4, 260),
    "potential_victims": (6, 900),
    "victims_rescued": (3, 120),
    "facilitators_identified": (5, 240),
    "searches": (4, 90),
    "officers": (60, 2_400),
    "persons_checked": (900, 90_000),
    "vehicles_checked": (300, 22_000),
    "locations_checked": (30, 1_800),
    "platforms_checked": (8, 160),
    "usernames": (12, 480),
    "investigations_opened": (3, 70),
    "networks_dismantled": (1, 9),
    "money_seized": (12_000, 2_400_000),
    "seizure_vehicles": (2, 40),
    "seizure_devices": (8, 600),
}
_QUALIFIERS = ("exact", "exact", "exact", "at_least", "approx", "nearly")


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of an operation; `quote` stands literally in the article."""

    metric: str
    value: int
    qualifier: str
    unit: str | None
    country: str | None
    quote: str


@dataclass(slots=True)
class Operation:
    """One invented operation as the truth knows it; dates are ISO."""

    name: str
    start: str
    end: str
    language: str
    countries: tuple[str, ...]
    url: str
    metrics: list[Metric] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Article:
    """One page of the newsroom."""

    path: str
    language: str
    published: date
    title: str
    paragraphs: tuple[str, ...]
    operation: Operation | None


def grouped(value: int, language: str) -> str:
    """An integer with the thousands separator of `language`."""
    separator = {"en": ",", "fr": "\u202f"}.get(language, ".")
    return f"{value:,}".replace(",", separator) if value >= 10_000 or language in ("en", "de") else str(value)


@cache
def country_names(language: str) -> dict[str, str]:
    """Country names in `language` by ISO code."""
    return dict(Locale(language).territories)


def slug(title: str) -> str:
    """A title as part of an address."""
    folded = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(sign if sign.isalnum() else " " for sign in folded).split())[:60]


class Newsroom:
    """All articles, newest first, and the operations among them."""

    def __init__(self, seed: int, anchor: date, articles: int, operations: int) -> None:
        self.operations: list[Operation] = []
        names = [f"{first} {second}" for first in _FIRST for second in _SECOND]
        stream(seed, "operation names").shuffle(names)
        made: list[Article] = []
        for number in range(articles):
            random = stream(seed, "article", number)
            published = anchor - timedelta(days=random.randint(1, 175))
            if number < operations:
                made.append(self._release(names[number], _LANGUAGES[number % 6], published, number, random))
            else:
                made.append(_ordinary(random.choice(_LANGUAGES), published, number, random))
        self.articles = sorted(made, key=lambda article: (article.published, article.path), reverse=True)

    def _release(self, name: str, language: str, published: date, number: int, random: Random) -> Article:
        grammar = grammars("press")[language]
        end = published - timedelta(days=random.randint(1, 12))
        start = end - timedelta(days=random.choice((0, 1, 2, 4, 6, 9, 13)))
        countries = tuple(sorted(random.sample(_COUNTRIES, random.randint(2, 7))))
        operation = Operation(name, start.isoformat(), end.isoformat(), language, countries, "")
        chosen = ["arrests", *random.sample([m for m in _METRICS if m != "arrests"], random.randint(5, 9))]
        sentences = [self._sentence(operation, metric, grammar, random) for metric in chosen]
        names = [country_names(language)[country] for country in countries]
        listed = f"{', '.join(names[:-1])} {grammar.rules['and'][0]} {names[-1]}"

        def dated(pattern: str) -> str:
            locale = "en_GB" if language == "en" else language
            return format_date(end if pattern == "end" else start, "long", locale=locale)

        slots = {
            "operation": name,
            "start": dated("start"),
            "end": dated("end"),
            "countries": listed,
            "count": len(countries),
            "city": random.choice(CITIES).name,
            "officer": f"{random.choice(GIVEN_NAMES)} {random.choice(FAMILY_NAMES)}",
        }

        def sentence(rule: str) -> str:
            return fill(grammar.expand(rule, random), **slots)

        title = sentence("title")
        cut = len(sentences) // 2
        paragraphs = (
            f"{sentence('one_day' if start == end else 'period')} {sentences[0]}",
            sentence("background"),
            f"{sentence('results')} {' '.join(sentences[1:cut])}",
            sentence("quote"),
            " ".join(sentences[cut:]) if cut else "",
            f"{sentence('participants')} {sentence('ending')}",
        )
        path = f"/{language}/news/{published.year}/{slug(title)}-{number}.html"
        operation.url = f"http://policedesk.test{path}"
        self.operations.append(operation)
        return Article(path, language, published, title, tuple(p for p in paragraphs if p), operation)

    def _sentence(self, operation: Operation, metric: str, grammar: Grammar, random: Random) -> str:
        language = operation.language
        value = _round_figure(random.randint(*_METRICS[metric]), random)
        qualifier = random.choice(_QUALIFIERS) if value > 20 else "exact"
        shown = grouped(value, language)
        if qualifier != "exact":
            shown = fill(random.choice(grammar.rules[qualifier]), n=shown)
        text = fill(grammar.expand(metric, random), n=shown)
        text = text[0].upper() + text[1:]
        unit = "EUR" if metric == "money_seized" else None
        operation.metrics.append(Metric(metric, value, qualifier, unit, None, text))
        return text


def _round_figure(value: int, random: Random) -> int:
    return value if value < 1_000 or random.random() < 0.5 else round(value, -2)


def _ordinary(language: str, published: date, number: int, random: Random) -> Article:
    grammar = grammars("press")[language]
    slots: dict[str, Callable[[], object]] = {
        "city": lambda: random.choice(CITIES).name,
        "officer": lambda: f"{random.choice(GIVEN_NAMES)} {random.choice(FAMILY_NAMES)}",
        "n": lambda: random.randint(3, 90),
    }
    fixed = {name: draw() for name, draw in slots.items()}
    title = fill(grammar.expand("local_title", random), **fixed)
    paragraphs = tuple(fill(grammar.expand("local", random), **fixed) for _ in range(random.randint(3, 5)))
    return Article(
        f"/{language}/news/{published.year}/{slug(title)}-{number}.html",
        language,
        published,
        title,
        paragraphs,
        None,
    )
