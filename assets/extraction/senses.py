"""Which everyday senses the words of a text have: a mother, a drawer, never, an amount, to hand over.

Where `concepts` holds the ideas that rules ask for, this holds what else sentences are made of, in all languages under
the same names (`rules/senses/<language>.yaml`), so that what the model of signs (`learned_signs`) learns from sentences
of one language serves the others.
"""

from __future__ import annotations

from functools import cache

from assets.extraction.lexicons import Lexicon
from assets.extraction.reading import Reading
from assets.extraction.rule_files import languages_with, read_yaml


@cache
def sense_bits() -> dict[str, int]:
    """A bit for every sense; all languages have the same."""
    return {name: 1 << place for place, name in enumerate(read_yaml("senses/en.yaml")["concepts"])}


@cache
def _lexicon(language: str) -> Lexicon | None:
    return Lexicon(language, sense_bits(), "senses") if language in languages_with("senses") else None


def word_senses(reading: Reading, language: str) -> list[int]:
    """Per word of the text the bits of the senses it has in a language; noughts for one without a lexicon."""
    words = _lexicon(language)
    return [0] * len(reading.words) if words is None else words.masks(reading)
