"""Signs weighed by a learned model: what is weighed together, how features add up, and what the kept model finds."""

import math
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.detection.indicators import load_indicators
from assets.extraction import learned_signs
from assets.extraction.concepts import concept_bits
from assets.extraction.facts import extract_facts
from assets.extraction.learned_signs import (
    Model,
    find_learned,
    idea_features,
    model,
    units_of,
    weigh,
    word_features,
)
from assets.extraction.reading import read

LOCK, PHONE = concept_bits()["lock"], concept_bits()["device"]


def table(*rows: tuple[str, str, str | None, float]) -> pl.DataFrame:
    """A model's table."""
    return pl.DataFrame(
        rows,
        schema={"group": pl.String, "feature": pl.String, "sign": pl.String, "weight": pl.Float64},
        orient="row",
    )


SMALL = table(
    ("bias", "", "documents_held", -2.0),
    ("bias", "", "debt_owed", -3.0),
    ("threshold", "", "documents_held", 1.0),
    ("threshold", "", "debt_owed", 1.0),
    ("word", "drawer", "documents_held", 4.0),
    ("word", "owes~", "debt_owed", 9.0),
    ("pair", "in her", "documents_held", 2.0),
    ("idea", "lock", "documents_held", 3.0),
    ("ideas", "device+lock", "documents_held", 5.0),
    # How rare they are, squared.
    ("word", "drawer", None, 9.0),
    ("word", "in~", None, 7.0),
    ("word", "owes~", None, 4.0),
    ("pair", "in her", None, 4.0),
    ("idea", "lock", None, 1.0),
    ("idea", "device", None, 3.0),
    ("ideas", "device+lock", None, 25.0),
)


@given(st.text(alphabet="ab .!?\n", max_size=400))
def test_what_is_weighed_is_every_word_once_and_in_order(text: str) -> None:
    reading = read(text)
    units = list(units_of(reading))
    assert all(first < end for first, end in units)
    assert all(before[1] <= behind[0] for before, behind in pairwise(units))
    # Left out are fewer than four words at the end of the text, or of a sentence of more than forty.
    places = {place for first, end in units for place in range(first, end)}
    missing = len(reading.words) - len(places)
    assert missing <= 3 * (1 + len(reading.words) // 40)


def test_short_sentences_are_read_with_the_next_and_long_ones_in_parts() -> None:
    words = "one two. three four five six. " + "word " * 50 + ". end"
    assert list(units_of(read(words))) == [(0, 6), (6, 46), (46, 56)]
    assert list(units_of(read("word " * 42))) == [(0, 40)]
    assert list(units_of(read("one. two. three four"))) == [(0, 4)]


def test_features_are_words_their_beginnings_and_what_stands_near() -> None:
    single, pairs = word_features(["keeping", "my", "keeping"])
    assert single == ["keeping", "my", "keepi~", "my~"]
    assert pairs == ["keepi my", "keepi keepi", "my keepi"]
    assert idea_features(LOCK | PHONE) == (["device", "lock"], ["device+lock"])


def test_features_of_a_group_are_of_length_one_together() -> None:
    made = Model(SMALL)
    scores = dict(zip(made.signs, made.scores(["in", "her", "drawer"], LOCK | PHONE).tolist(), strict=True))
    # "her" and "drawer" alone begin nothing that the model knows.
    expected = -2 + 4 / math.sqrt(9 + 7) + 2 / math.sqrt(4) + 3 / math.sqrt(1 + 3) + 5 / math.sqrt(25)
    assert scores["documents_held"] == pytest.approx(expected, abs=1e-5)
    assert scores["debt_owed"] == pytest.approx(-3)
    ((sign, probability),) = made.shown(made.scores(["in", "her", "drawer"], LOCK | PHONE))
    assert sign == "documents_held"
    assert probability == pytest.approx(1 / (1 + math.exp(-expected)), abs=1e-5)


def test_what_is_remembered_of_ideas_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made, forgetful = Model(SMALL), Model(SMALL)
    monkeypatch.setattr(learned_signs, "_MOST_KNOWN", 1)
    for together in (LOCK, PHONE, LOCK | PHONE, LOCK, 0):
        assert made.scores(["a"], together).tolist() == forgetful.scores(["a"], together).tolist()


def test_a_sign_is_told_at_the_sentence_that_shows_it_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learned_signs, "model", lambda: Model(SMALL))
    reading = read(
        "it is all in her drawer there. it was in another drawer of mine. drawer drawer drawer drawer drawer."
    )
    masks = [0] * len(reading.words)
    lowest = Model(SMALL.with_columns(weight=pl.when(group="threshold").then(-9.0).otherwise("weight")))
    monkeypatch.setattr(learned_signs, "model", lambda: lowest)
    found = {one.sign: one for one in find_learned(reading, weigh(reading, masks), [])}
    assert (found["documents_held"].first, found["documents_held"].end) == (0, 7)
    elsewhere = {one.sign: one for one in find_learned(reading, weigh(reading, masks), [(0, 9)])}
    assert (elsewhere["documents_held"].first, elsewhere["documents_held"].end) == (14, 19)


def test_who_asks_offers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = Model(SMALL.with_columns(pl.col("sign").replace("documents_held", "papers_made")))
    monkeypatch.setattr(learned_signs, "model", lambda: offered)
    for text, found in (("who has it in her drawer, please", True), ("who has it in her drawer?", False)):
        reading = read(text)
        told = find_learned(reading, weigh(reading, [LOCK | PHONE] * len(reading.words)), [])
        assert ("papers_made" in {one.sign for one in told}) == found


def test_signs_of_the_model_are_signs_of_the_registry() -> None:
    known = {one.indicator_id for one in load_indicators() if one.level == "item"}
    assert known.issuperset(model().signs)


def learned(text: str, language: str) -> set[str]:
    """Signs that the model alone tells."""
    facts = extract_facts(pl.DataFrame({"id": ["a"], "text": [text], "lang": [language]}))
    return set(facts.filter(pl.col("rule_id").str.contains(r"\.learned\."))["value"])


@pytest.mark.parametrize("language", ["es", "en", "hu", "ru"])
@given(text=st.text(max_size=200))
def test_any_text_is_read(language: str, text: str) -> None:
    extract_facts(pl.DataFrame({"id": ["a"], "text": [text], "lang": [language]}))
