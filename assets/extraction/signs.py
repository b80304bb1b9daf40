"""Signs named in cited indicator lists, found by the rule tables of the text's language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import polars as pl

from assets.extraction.fact import Fact
from assets.extraction.normalise import normalise
from assets.extraction.rule_files import languages_with, read_yaml

SIGNS = frozenset(
    [
        "debt_owed",
        "recruitment_fee",
        "documents_held",
        "transport_paid",
        "accommodation_tied",
        "pay_withheld",
        "movement_restricted",
        "youth_wording",
        "claimed_age_under_18",
        "third_party_wording",
        "several_persons_offered",
        "trust_wording",
        "high_pay_no_experience",
        "abroad_offer",
        "messenger_only_contact",
        "short_stay_wording",
        "new_in_town",
        "ethnicity_shown",
        "secrecy_required",
        "deceptive_offer_contradiction",
    ]
)


@dataclass(frozen=True)
class Rule:
    """One line of `rules/signs/<language>.yaml`; the pattern is folded and reads the same in Rust and Python."""

    id: str
    sign: str
    language: str
    confidence: float
    citation: str
    pattern: str
    compiled: re.Pattern[str]


@cache
def sign_rules(language: str) -> tuple[Rule, ...]:
    """Rules of one language, none for a language without a table. Raises ValueError naming a faulty rule."""
    if language not in languages_with("signs"):
        return ()
    citations = read_yaml("sign_citations.yaml")
    rules = []
    for entry in read_yaml(f"signs/{language}.yaml"):
        if entry["sign"] not in SIGNS:
            raise ValueError(
                f"rules/signs/{language}.yaml: rule {entry['id']}: unknown sign {entry['sign']!r}"
            )
        if entry["citation"] not in citations:
            raise ValueError(
                f"rules/signs/{language}.yaml: rule {entry['id']}: unknown citation {entry['citation']!r}"
            )
        pattern = normalise(entry["pattern"])
        try:
            compiled = re.compile(pattern, re.ASCII if language not in ("ru", "uk") else 0)
        except re.error as error:
            raise ValueError(f"rules/signs/{language}.yaml: rule {entry['id']}: {error}") from error
        rules.append(
            Rule(
                entry["id"],
                entry["sign"],
                language,
                float(entry["confidence"]),
                citations[entry["citation"]],
                pattern,
                compiled,
            )
        )
    return tuple(rules)


def all_sign_rules() -> tuple[Rule, ...]:
    """Rules of every language, for the registry of indicators."""
    return tuple(rule for language in languages_with("signs") for rule in sign_rules(language))


def find_signs(texts: pl.Series, languages: Iterable[str]) -> list[list[Fact]]:
    """Per text of `texts` (str, folded, lower case) one Fact per sign that a rule of `languages` finds, the surest.

    Polars tests each rule on all texts; only hits are searched again for their span.
    """
    best: list[dict[str, Fact]] = [{} for _ in range(len(texts))]
    for language in languages:
        rules = sign_rules(language)
        if not rules:
            continue
        # One query for all rules: a query of its own for each costs more than the search in a small batch.
        tested = texts.to_frame("text").select(
            pl.col("text").str.contains(rule.pattern).fill_null(False).alias(rule.id) for rule in rules
        )
        for rule in rules:
            for place in tested[rule.id].arg_true():
                known = best[place].get(rule.sign)
                if known is not None and known.confidence >= rule.confidence:
                    continue
                match = rule.compiled.search(texts[place])
                if match is not None:
                    best[place][rule.sign] = Fact(
                        "sign", rule.sign, None, None, match.start(), match.end(), rule.confidence, rule.id
                    )
    return [list(found.values()) for found in best]
