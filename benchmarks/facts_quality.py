"""Precision and recall of facts per kind and language on written sentences, and texts per CPU second.

Run: python -m benchmarks.facts_quality [first|second|third|fourth|fifth] [--missed]

`facts_sentences/<language>.txt` holds sentences as a writer of advertisements, a recruiter or a newspaper would put
them, each with every fact it states behind "::"; a sentence with none counts for false facts. The file
`<language>.second.txt` was written after the rules were mended on the first, and is the figure to believe. No
sentence comes from the simulator, from a rule table or from a page. Of signs the nine of `SIGNS` are judged in the
first three sets; the fourth and fifth are about wording (`WORDING`) and judge these too. The fifth was written after
the rules were mended on the fourth, and nothing was mended on it.
"""

from __future__ import annotations

import time
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import polars as pl

from assets.extraction.facts import extract_facts
from benchmarks.command_line import words_asked

SENTENCES = Path(__file__).with_name("facts_sentences")
SETS = {
    "first": ".txt",
    "second": ".second.txt",
    "third": ".third.txt",
    "fourth": ".fourth.txt",
    "fifth": ".fifth.txt",
}
REGIONS = {"en": "GB", "uk": "UA"}
AMOUNTS = ("price", "pay", "debt", "fee")
SIGNS = (
    "documents_held", "transport_paid", "accommodation_tied", "pay_withheld", "movement_restricted", "debt_owed",
    "recruitment_fee", "youth_wording", "claimed_age_under_18",
)  # fmt: skip
WORDING = (
    "third_party_wording", "several_persons_offered", "trust_wording", "high_pay_no_experience", "abroad_offer",
    "messenger_only_contact", "secrecy_required",
)  # fmt: skip
KINDS = ("nationality", "age", *AMOUNTS, "place", "country", "movement", "role", "job", "employer", "sign")
TIMED = 20_000

Fact = tuple[str, str]


def read_sentences(which: str) -> pl.DataFrame:
    """id, text, lang, region, expected (list of "kind=value") of one set, in the order of the files."""
    rows: list[tuple[str, str, str, str, list[str]]] = []
    for path in sorted(SENTENCES.glob("*.txt")):
        language, ending = path.name[:2], path.name[2:]
        if ending != SETS[which]:
            continue
        for line in path.read_text("utf-8").splitlines():
            text, _, stated = line.partition(" ::")
            rows.append(
                (str(len(rows)), text, language, REGIONS.get(language, language.upper()), stated.split())
            )
    schema = {"id": pl.String, "text": pl.String, "lang": pl.String, "region": pl.String}
    return pl.DataFrame(rows, schema={**schema, "expected": pl.List(pl.String)}, orient="row")


def found_in(sentences: pl.DataFrame, signs: tuple[str, ...] = SIGNS) -> dict[str, Counter[Fact]]:
    """The judged facts per sentence, written as the files write them."""
    found: dict[str, Counter[Fact]] = defaultdict(Counter)
    for row in extract_facts(sentences).iter_rows(named=True):
        kind, value = row["kind"], row["value"] or ""
        if kind in AMOUNTS:
            value = f"{row['number']:g}{row['unit']}"
        elif kind == "movement":
            value = f"{value}@{row['unit']}"
        elif kind == "sign" and value not in signs:
            continue
        if kind in (*KINDS, "language"):
            found[row["id"]][kind, _plain(value)] += 1
    return found


def _plain(value: str) -> str:
    """Without accents and blanks, so that spelling does not decide."""
    bare = "".join(
        letter for letter in unicodedata.normalize("NFKD", value) if not unicodedata.combining(letter)
    )
    return bare.replace("ł", "l").replace("Ł", "L").replace(", ", ",").replace(" ", "_")


def judge(sentences: pl.DataFrame, missed: bool, signs: tuple[str, ...] = SIGNS) -> dict[Fact, list[int]]:
    """(kind, language) → [right, wrong, missing]; the language itself is judged on every sentence."""
    found = found_in(sentences, signs)
    tally: dict[Fact, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in sentences.iter_rows(named=True):
        wanted: Counter[Fact] = Counter()
        for fact in row["expected"]:
            kind, _, value = fact.partition("=")
            wanted[kind, _plain(value)] += 1
        wanted["language", row.get("truth") or row["lang"]] += 1
        got = found[row["id"]]
        for place, counter in enumerate((got & wanted, got - wanted, wanted - got)):
            for (kind, value), count in counter.items():
                tally[kind, row.get("truth") or row["lang"]][place] += count
                if missed and place:
                    print("+" if place == 1 else "-", kind, value, "|", row["text"])
    return tally


def _shares(right: int, wrong: int, missing: int) -> str:
    if not right + missing:
        return f"{wrong:>3} false  " if wrong else "    .      "
    precision = right / (right + wrong) if right + wrong else 1.0
    return f"{precision:.2f}/{right / (right + missing):.2f}  "


def _print_table(tally: dict[Fact, list[int]]) -> None:
    languages = sorted({language for _, language in tally})
    print(f"{'precision/recall':<18}" + "".join(f"{language:^11}" for language in languages) + "    all")
    total = [0, 0, 0]
    for kind in ("language", *KINDS):
        row = [tally.get((kind, language), [0, 0, 0]) for language in languages]
        summed = [sum(column) for column in zip(*row, strict=True)]
        if kind != "language":
            total = [a + b for a, b in zip(total, summed, strict=True)]
        print(
            f"{kind:<18}" + "".join(_shares(*cell) for cell in (*row, summed)) + f"of {summed[0] + summed[2]}"
        )
    print(f"facts without language: {_shares(*total)}of {total[0] + total[2]}, {total[1]} false")


def main() -> None:
    """Print the table of one set or of both, then the same without hints, then the throughput."""
    words = words_asked(__doc__)
    for which in [name for name in SETS if name in words] or list(SETS):
        sentences = read_sentences(which)
        if sentences.is_empty():
            continue
        signs = (*SIGNS, *WORDING) if which in ("fourth", "fifth") else SIGNS
        print(f"-- {which} set: {sentences.height} sentences, language and region of the source known")
        _print_table(judge(sentences, "--missed" in words, signs))
        bare = sentences.with_columns(
            pl.col("lang").alias("truth"),
            pl.lit(None, pl.String).alias("lang"),
            pl.lit(None, pl.String).alias("region"),
        )
        print(f"-- {which} set, neither known")
        _print_table(judge(bare, False, signs))
    _time(pl.concat([read_sentences(which) for which in SETS]))


def _time(sentences: pl.DataFrame) -> None:
    """Throughput on texts of five sentences of one language each, no text twice."""
    spoken = {
        language: rows["text"].to_list()
        for (language,), rows in sentences.group_by("lang", maintain_order=True)
    }
    rows = []
    for place in range(TIMED):
        language = list(spoken)[place % len(spoken)]
        parts = spoken[language]
        first, apart = place * 5, 1 + place // (len(parts) * len(spoken))
        chosen = [parts[(first + step * apart) % len(parts)] for step in range(5)]
        rows.append((str(place), f"{place}. " + ". ".join(chosen), language))
    texts = pl.DataFrame(rows, schema=["id", "text", "lang"], orient="row")
    extract_facts(texts.head(500))
    for label, frame in (("language known", texts), ("not known", texts.drop("lang"))):
        start = time.process_time()
        count = extract_facts(frame).height
        spent = time.process_time() - start
        length = frame["text"].str.len_chars().sum() / TIMED
        print(f"{label}: {TIMED / spent:,.0f} texts of {length:.0f} characters per CPU second, {count} facts")


if __name__ == "__main__":
    main()
