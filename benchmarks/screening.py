"""Names of persons looked up in a list: what is found, what strangers hit, what it costs, beside rapidfuzz.

Run: python -m benchmarks.screening [names on the list]

The list holds invented names of two or three parts, made of syllables, the parts drawn as unevenly as real ones are
(Zipf). Queries are names of the list as another office would write them, one change each, and as many strangers. The
peer is `rapidfuzz.fuzz.token_sort_ratio` on the same folded names, every query against every entry, at the threshold at
which as many strangers have a hit as with ours.
"""

import random
import time
from collections.abc import Callable

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process

from assets.screening.match import find_hits
from assets.screening.names import blocking_keys, compare_names, name_parts
from assets.screening.subjects import Subjects, read_subjects
from benchmarks.command_line import words_asked

SEED = 20_261_122
QUERIES = 2_000
_STARTS = (
    "ma",
    "ko",
    "vi",
    "sa",
    "pe",
    "gri",
    "lu",
    "ste",
    "bo",
    "ya",
    "cha",
    "dri",
    "fe",
    "khu",
    "mo",
    "ra",
    "zho",
)
_MIDDLES = (
    "ri",
    "va",
    "le",
    "no",
    "ssi",
    "ber",
    "lan",
    "to",
    "ma",
    "re",
    "chi",
    "du",
    "ga",
    "ni",
    "po",
    "sha",
)
_ENDS = (
    "a",
    "ov",
    "ez",
    "ini",
    "escu",
    "mann",
    "as",
    "ic",
    "ski",
    "enko",
    "el",
    "er",
    "os",
    "ira",
    "an",
    "son",
)
_CYRILLIC = {"shch": "щ", "zh": "ж", "kh": "х", "ts": "ц", "ch": "ч", "sh": "ш", "yu": "ю", "ya": "я"} | dict(
    zip("abvgdezijklmnoprstufy", "абвгдезийклмнопрстуфы", strict=True)
)
_ACCENTS = {"a": "á", "e": "é", "o": "ö", "u": "ü", "n": "ñ", "c": "č", "s": "š"}


def _part(chance: random.Random) -> str:
    middle = "".join(chance.choice(_MIDDLES) for _ in range(chance.choice((0, 1, 1, 2))))
    return chance.choice(_STARTS) + middle + chance.choice(_ENDS)


def _names(chance: random.Random, count: int) -> list[str]:
    given = sorted({_part(chance) for _ in range(1_500)})
    family = sorted({_part(chance) for _ in range(20_000)})
    chance.shuffle(given)
    chance.shuffle(family)

    def draw(pool: list[str]) -> str:
        return pool[min(int(len(pool) ** chance.random()) - 1, len(pool) - 1)]

    return [
        " ".join([draw(given), *(draw(family) for _ in range(chance.choice((1, 1, 2))))])
        for _ in range(count)
    ]


def _typo(chance: random.Random, name: str) -> str:
    place = chance.randrange(1, len(name) - 1)
    letter = chance.choice("abdegiklmnoprstuvz")
    cut = {"drop": name[:place] + name[place + 1 :], "add": name[:place] + letter + name[place:]}
    swap = name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :]
    return chance.choice([*cut.values(), swap, name[:place] + letter + name[place + 1 :]])


def _cyrillic(_: random.Random, name: str) -> str:
    for latin, letter in _CYRILLIC.items():
        name = name.replace(latin, letter)
    return name


def _fewer(chance: random.Random, name: str) -> str:
    parts = name.split()
    return " ".join(parts[:2]) if len(parts) > 2 else f"{name} {_part(chance)}"


CHANGES: dict[str, Callable[[random.Random, str], str]] = {
    "order and capitals": lambda chance, name: " ".join(reversed(name.split())).upper(),
    "accents": lambda chance, name: "".join(_ACCENTS.get(letter, letter) for letter in name),
    "one typing error": _typo,
    "Cyrillic": _cyrillic,
    "a family name more or less": _fewer,
    "another vowel": lambda chance, name: name.replace(
        *chance.choice([("a", "e"), ("o", "u"), ("i", "e")]), 1
    ),
}


def _subjects(names: list[str]) -> Subjects:
    return read_subjects(pl.DataFrame({"id": [str(number) for number in range(len(names))], "name": names}))


def main() -> None:
    """Print the figures."""
    words = words_asked(__doc__)
    count = int(words[0]) if words else 20_000
    chance = random.Random(SEED)
    listed = _names(chance, count)
    entries = _subjects(listed)
    strangers = [name for name in _names(chance, 3 * QUERIES) if name not in set(listed)][:QUERIES]
    start = time.process_time()
    hit = find_hits(_subjects(strangers), entries)["query_id"].n_unique()
    ours = time.process_time() - start
    folded = [" ".join(name_parts(name)) for name in listed]
    queries = [" ".join(name_parts(name)) for name in strangers]
    start = time.process_time()
    best = process.cdist(queries, folded, scorer=fuzz.token_sort_ratio, dtype=np.uint8).max(axis=1)
    peers = time.process_time() - start
    threshold = int(np.sort(best)[-hit] if hit else 101)
    print(f"{count} entries, {len(strangers)} strangers: {hit} have a hit ({hit / len(strangers):.1%})")
    print(f"CPU: {ours:.1f} s, peer {peers:.1f} s; the peer's threshold for as many strangers: {threshold}")
    for change, write in CHANGES.items():
        asked = chance.sample(range(count), QUERIES)
        written = [write(chance, listed[number]) for number in asked]
        rows = find_hits(_subjects(written), entries).select("query_id", "entry_id").rows()
        found = {(int(query), int(entry)) for query, entry in rows}
        met = sum((place, number) in found for place, number in enumerate(asked))
        alike = [
            (name_parts(text), name_parts(listed[number]))
            for text, number in zip(written, asked, strict=True)
        ]
        alike = [pair for pair in alike if compare_names(*pair) is not None]
        lost = sum(not blocking_keys(one) & blocking_keys(other) for one, other in alike)
        scores = [
            fuzz.token_sort_ratio(" ".join(name_parts(text)), folded[number])
            for text, number in zip(written, asked, strict=True)
        ]
        peer = sum(score >= threshold for score in scores)
        print(
            f"{change:28} found {met / QUERIES:.3f}, peer {peer / QUERIES:.3f}; of names that are alike, "
            f"lost by blocking {lost} of {len(alike)}"
        )


if __name__ == "__main__":
    main()
