"""CPU per release of the reading of operation statistics, and how much of its quality hangs on single words.

Run: python -m benchmarks.statistics [speed|quality]

speed repeats the invented releases of the tests, each time with other numbers, and measures the CPU of the whole
reading (operations, dates, countries, figures). Beside it two peers that do a part of the work: one regular
expression that finds digits, the floor of any reading in Python; and `dateparser.search`, which finds dates only.

quality needs the annotated releases of ../shared and says so when they are not there. The reader is not trained, so
there is nothing to fit on one part of them; but its words may have been listed for a release at hand. Therefore each
release is also read without every pattern that no other release of the set needs (annotated and invented ones
together). A reader of language loses little, a list of answers everything. The figure is a lower bound: a word may be
common and still occur in one release of the set only.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import yaml
from dateparser.search import search_dates

from assets.statistics import lexicon as lexicon_module
from assets.statistics.extract import extract_operations
from assets.statistics.folding import fold
from assets.statistics.language_data import LanguageData, language_data
from assets.statistics.text_language import detect_language
from benchmarks.command_line import words_asked

ROOT = Path(__file__).parents[1]
INVENTED = ROOT / "tests" / "assets" / "statistics" / "releases.yaml"
SHARED = ROOT.parent / "shared" / "press_releases"
REPEATS = 20
DIGITS = re.compile(r"\d[\d.,]*")
GROUPS = ("things", "actions", "qualities")


def invented_releases() -> list[tuple[str, str]]:
    """(language, text) of the invented releases."""
    return [(release["lang"], release["text"]) for release in yaml.safe_load(INVENTED.read_text("utf-8"))]


def varied(text: str, rng: random.Random) -> str:
    """The text with its last digits changed, so that no cache answers."""
    return re.sub(r"\d(?!\d)", lambda match: str(rng.randrange(10)), text)


def speed() -> None:
    """Print CPU per release and releases per CPU minute of the reader and of its peers."""
    rng = random.Random(1)
    releases = [(lang, varied(text, rng)) for _ in range(REPEATS) for lang, text in invented_releases()]
    longest = [(lang, "\n\n".join([text] * 4)) for lang, text in releases[: len(releases) // 4]]
    for lang, text in releases[: len(invented_releases())]:
        extract_operations(text, doc_id="warm", lang=lang)
    for name, texts in (("short", releases), ("long", longest)):
        characters = sum(len(text) for _, text in texts) / len(texts)
        print(f"{len(texts)} {name} releases of {characters:.0f} characters on average")
        _timed("  reader", texts, lambda lang, text: extract_operations(text, doc_id="x", lang=lang))
        _timed("  digits by one expression", texts, lambda lang, text: DIGITS.findall(text))
    few = releases[: len(invented_releases())]
    _timed(
        f"dateparser.search, {len(few)} of them", few, lambda lang, text: search_dates(text, languages=[lang])
    )


def _timed(name: str, texts: list[tuple[str, str]], read: Any) -> None:
    start = time.process_time()
    for lang, text in texts:
        read(lang, text)
    each = (time.process_time() - start) / len(texts)
    print(f"{name:32} {1000 * each:9.3f} ms each {60 / max(each, 1e-9):14,.0f} a CPU minute")


def quality() -> None:
    """Print score.py's figures as read, and as read without the words only the release itself needs."""
    if not SHARED.exists():
        print(f"no annotated releases at {SHARED.name}: quality is not measured")
        return
    texts = {path.stem: path.read_text("utf-8") for path in sorted((SHARED / "texts").glob("*.txt"))}
    for title, predictions in (
        ("as read", [extract_operations(text, doc_id=slug) for slug, text in texts.items()]),
        ("each without the words only it needs", _read_without_own_words(texts)),
    ):
        print(title)
        print("  " + "\n  ".join(_scored(predictions)))


def _read_without_own_words(texts: dict[str, str]) -> list[dict[str, Any]]:
    users: dict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    corpus = [(slug, detect_language(text), text) for slug, text in texts.items()]
    corpus += [(f"invented {place}", lang, text) for place, (lang, text) in enumerate(invented_releases())]
    for slug, lang, text in corpus:
        for pattern in _patterns_met(lang, text):
            users[lang][pattern].add(slug)
    predictions = []
    for slug, lang, text in corpus[: len(texts)]:
        own = {pattern for pattern, slugs in users[lang].items() if slugs == {slug}}
        reduced = _without(language_data(lang), own)
        with mock.patch.object(lexicon_module, "language_data", lambda _, kept=reduced: kept):
            lexicon_module.lexicon.cache_clear()
            predictions.append(extract_operations(text, doc_id=slug, lang=lang))
        lexicon_module.lexicon.cache_clear()
    return predictions


def _patterns_met(lang: str, text: str) -> set[str]:
    """Patterns of things, acts and qualities that occur in a text."""
    folded = fold(text)
    metrics = language_data(lang).metrics
    return {
        pattern
        for group in GROUPS
        for patterns in metrics[group].values()
        for pattern in patterns
        if re.search(rf"(?<!\w)(?:{pattern})(?!\w)", folded)
    }


def _without(data: LanguageData, patterns: set[str]) -> LanguageData:
    kept = {
        group: {
            name: [pattern for pattern in listed if pattern not in patterns] or ["(?!)"]
            for name, listed in data.metrics[group].items()
        }
        for group in GROUPS
    }
    return replace(data, metrics={**data.metrics, **kept})


def _scored(predictions: list[dict[str, Any]]) -> list[str]:
    """The last lines of score.py, and the spread over releases."""
    path = ROOT / "data" / "statistics_predictions.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(prediction) + "\n" for prediction in predictions), "utf-8")
    command = [sys.executable, str(SHARED / "score.py"), str(SHARED / "gold"), str(path)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip().splitlines()
    path.unlink()
    wrong = Counter(
        {line.split()[0]: int(line.split()[4]) + int(line.split()[6]) for line in lines if " right " in line}
    )
    without = sum(1 for count in wrong.values() if count == 0)
    return [*lines[-3:-1], f"releases without any wrong or missed figure: {without} of {len(wrong)}"]


if __name__ == "__main__":
    chosen = words_asked(__doc__) or ["speed", "quality"]
    for part in chosen:
        {"speed": speed, "quality": quality}[part]()
