"""Signs weighed by a learned model: what is weighed together, how features add up, and what the kept model finds."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.detection.indicators import load_indicators
from assets.extraction import learned_signs
from assets.extraction.concepts import concept_bits
from assets.extraction.facts import extract_facts
from assets.extraction.learned_signs import (
    BY_WORDS,
    GROUPS,
    OPEN,
    Model,
    find_learned,
    idea_features,
    meaning_file,
    model,
    model_of_meaning,
    sense_features,
    text_of,
    units_of,
    weigh,
    word_features,
)
from assets.extraction.reading import read
from assets.extraction.senses import sense_bits
from assets.extraction.sentence_vectors import LENGTH
from assets.extraction.sign_net import TABLE, SignNet

LOCK, PHONE = concept_bits()["lock"], concept_bits()["device"]
KEEP, MOTHER = sense_bits()["keep"], sense_bits()["mother"]


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
    ("sense", "mother", "documents_held", 2.0),
    ("near", "mother>keep", "documents_held", 6.0),
    ("mixed", "keep/lock", "documents_held", 7.0),
    ("idea", "lock", "documents_held", 3.0),
    ("ideas", "device+lock", "documents_held", 5.0),
    # How rare they are, squared.
    ("word", "drawer", None, 9.0),
    ("word", "in~", None, 7.0),
    ("word", "owes~", None, 4.0),
    ("sense", "mother", None, 4.0),
    ("sense", "keep", None, 12.0),
    ("near", "mother>keep", None, 9.0),
    ("near", "keep>mother", None, 9.0),
    ("mixed", "keep/lock", None, 1.0),
    ("mixed", "keep/device", None, 3.0),
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


def test_features_are_words_their_beginnings_ideas_and_senses() -> None:
    assert word_features(["keeping", "my", "keeping"]) == ["keeping", "my", "keepi~", "my~"]
    assert idea_features(LOCK | PHONE) == (["device", "lock"], ["device+lock"])
    senses = [MOTHER, 0, KEEP | MOTHER, 0, 0, 0, KEEP]
    # A sense is not near itself, and the last word is further from all others than three words.
    assert sense_features(senses, LOCK) == (
        ["keep", "mother"],
        ["mother>keep"],
        ["keep/lock", "mother/lock"],
    )


def test_features_of_a_group_are_of_length_one_together() -> None:
    made = Model(SMALL)
    words, senses = ["mum", "keeps", "drawer"], [MOTHER, KEEP, 0]
    scores = dict(zip(made.signs, made.scores(words, LOCK | PHONE, senses).tolist(), strict=True))
    of_ideas = 3 / math.sqrt(1 + 3) + 5 / math.sqrt(25)
    of_senses = 2 / math.sqrt(4 + 12) + 6 / math.sqrt(9) + 7 / math.sqrt(1 + 3)
    # "mum" and "keeps" alone begin nothing that the model knows.
    expected = -2 + 4 / math.sqrt(9) + of_ideas + of_senses
    assert scores["documents_held"] == pytest.approx(expected, abs=1e-5)
    assert scores["debt_owed"] == pytest.approx(-3)
    ((sign, probability),) = made.shown(made.scores(words, LOCK | PHONE, senses))
    assert sign == "documents_held"
    assert probability == pytest.approx(1 / (1 + math.exp(-expected)), abs=1e-5)


@given(
    st.lists(st.integers(0, (1 << len(sense_bits())) - 1), max_size=8),
    st.integers(0, (1 << len(concept_bits())) - 1),
)
def test_the_model_adds_the_features_that_it_was_learned_from(senses: list[int], together: int) -> None:
    words = ["owes", "in", "some", "drawer"]
    groups = (word_features(words), *idea_features(together), *sense_features(senses, together))
    squares = {(group, name): square for group, name, sign, square in SMALL.iter_rows() if sign is None}
    for sign in ("documents_held", "debt_owed"):
        weights = {(group, name): weight for group, name, of, weight in SMALL.iter_rows() if of == sign}
        expected = weights["bias", ""]
        for group, names in zip(GROUPS, groups, strict=True):
            known = sum(squares.get((group, name), 0) for name in names)
            said = sum(weights.get((group, name), 0) for name in names)
            expected += said / math.sqrt(known) if known else 0
        made = Model(SMALL)
        assert made.scores(words, together, senses)[made.column[sign]] == pytest.approx(expected, abs=1e-4)


def test_what_is_remembered_of_masks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made, forgetful = Model(SMALL), Model(SMALL)
    monkeypatch.setattr(learned_signs, "_MOST_KNOWN", 1)
    for together in (LOCK, PHONE, LOCK | PHONE, LOCK, 0):
        for senses in ([MOTHER, KEEP], [KEEP, MOTHER], [MOTHER, 0, 0, 0, KEEP], [0], [MOTHER | KEEP]):
            said, again = (one.scores(["a"], together, senses).tolist() for one in (made, forgetful))
            assert said == again


def test_a_sign_is_told_at_the_sentence_that_shows_it_most(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = read(
        "it is all in her drawer there. it was in another drawer of mine. drawer drawer drawer drawer drawer."
    )
    masks = [0] * len(reading.words)
    senses = [MOTHER, *masks[1:]]
    lowest = Model(SMALL.with_columns(weight=pl.when(group="threshold").then(-9.0).otherwise("weight")))
    monkeypatch.setattr(learned_signs, "model", lambda: lowest)
    monkeypatch.setattr(learned_signs, "model_of_meaning", lambda: None)
    found = {one.sign: one for one in find_learned(reading, weigh(reading, masks, senses), [])}
    assert (found["documents_held"].first, found["documents_held"].end) == (0, 7)
    elsewhere = {one.sign: one for one in find_learned(reading, weigh(reading, masks, senses), [(0, 9)])}
    assert (elsewhere["documents_held"].first, elsewhere["documents_held"].end) == (14, 19)


def test_who_asks_offers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = Model(SMALL.with_columns(pl.col("sign").replace("documents_held", "papers_made")))
    monkeypatch.setattr(learned_signs, "model", lambda: offered)
    monkeypatch.setattr(learned_signs, "model_of_meaning", lambda: None)
    for text, found in (("who has it in her drawer, please", True), ("who has it in her drawer?", False)):
        reading = read(text)
        told = find_learned(
            reading, weigh(reading, [LOCK | PHONE] * len(reading.words), [0] * len(reading.words)), []
        )
        assert ("papers_made" in {one.sign for one in told}) == found


def test_a_likely_sentence_is_weighed_by_what_it_means_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked are only the sentences that have some odds of a sign, each text once; words and meaning judge together."""
    asked: list[list[str]] = []

    def vectors(texts: Sequence[str]) -> np.ndarray:
        asked.append(list(texts))
        found = np.zeros((len(texts), LENGTH), dtype=np.float32)
        found[:, 0] = [len(text) for text in texts]
        return found

    # One unit a layer: the first number of the vector, less one, and three more for a lock; seven taken away behind it.
    meaning = [("meaning", str(place), [1.0 if place == 0 else 0.0]) for place in range(LENGTH)]
    network = SignNet(
        pl.DataFrame(
            [
                *meaning,
                *(
                    ("idea", "lock", [3.0]),
                    ("sense", "mother", [5.0]),
                    ("middle", "", [1.0] + [0.0] * (LENGTH - 1)),
                ),
                *(("bias", "first", [0.0]), ("bias", "hidden", [-7.0]), ("bias", "last", [0.5, -1.0])),
                *(("hidden", "0", [1.0]), ("last", "0", [0.25, -2.0])),
                *(("sign", "documents_held", [2.0]), ("sign", "debt_owed", [3.0])),
            ],
            schema=TABLE,
            orient="row",
        ),
        vectors,
    )
    plain = Model(SMALL)
    monkeypatch.setattr(learned_signs, "OPEN", -1.0)
    monkeypatch.setattr(learned_signs, "model", lambda: plain)
    monkeypatch.setattr(learned_signs, "model_of_meaning", lambda: network)
    reading = read("Nothing of that stands here. It is in her ÖLD drawer now! It is in her öld drawer now.")
    masks = [LOCK | PHONE if place >= 5 else 0 for place in range(len(reading.words))]
    senses = [MOTHER if place >= 12 else 0 for place in range(len(reading.words))]
    weighed = weigh(reading, masks, senses)
    assert asked == [["it is in her öld drawer now"]]
    assert network.signs == plain.signs == ["debt_owed", "documents_held"]
    units = 27 - 1 + 3 - 7, 27 - 1 + 3 + 5 - 7
    assert weighed.scores[0].tolist() == weighed.by_words[0].tolist()
    for scores, by_words, unit in zip(weighed.scores[1:], weighed.by_words[1:], units, strict=True):
        expected = BY_WORDS * by_words + (1 - BY_WORDS) * np.array([0.5 + 0.25 * unit, -1 - 2 * unit])
        np.testing.assert_allclose(scores, expected, rtol=1e-5)
    assert weighed.limits.tolist() == [3.0, 2.0]
    # What was asked once is remembered.
    assert weigh(reading, masks, senses).scores[1].tolist() == weighed.scores[1].tolist()
    assert len(asked) == 1


def test_the_text_of_a_vector_is_what_was_written_in_small_plain_letters() -> None:
    reading = read("\U0001f600 PÉRDIDA, 𝓮𝓵 Niño… ¿no? ﬁn")
    assert text_of(reading, 0, len(reading.words)) == "pérdida, el niño... ¿no? fin"
    assert text_of(reading, 2, 3) == "niño"
    reading = read("ﷺ" * 900 + " a" * 9)
    assert len(text_of(reading, 0, len(reading.words))) == 400


def test_without_vectors_the_first_model_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learned_signs, "why_missing", lambda: "there is no package")
    assert model_of_meaning.__wrapped__() is None
    monkeypatch.setattr(learned_signs, "model_of_meaning", lambda: None)
    reading = read("my passport is locked up in the drawer of the boss")
    weighed = weigh(reading, [LOCK] * len(reading.words), [0] * len(reading.words))
    assert weighed.limits.tolist() == model().limits.tolist()


def test_signs_of_the_models_are_signs_of_the_registry() -> None:
    known = {one.indicator_id for one in load_indicators() if one.level == "item"}
    assert known.issuperset(model().signs)
    by_meaning = SignNet(pl.read_parquet(meaning_file()), lambda _: np.zeros((0, LENGTH), dtype=np.float32))
    assert by_meaning.signs == model().signs
    # Sentences that are not asked about are below all limits.
    assert (by_meaning.limits >= OPEN).all()


def learned(text: str, language: str) -> set[str]:
    """Signs that the model alone tells."""
    facts = extract_facts(pl.DataFrame({"id": ["a"], "text": [text], "lang": [language]}))
    return set(facts.filter(pl.col("rule_id").str.contains(r"\.learned\."))["value"])


@pytest.mark.parametrize("language", ["es", "en", "hu", "ru"])
@given(text=st.text(max_size=200))
def test_any_text_is_read(language: str, text: str) -> None:
    extract_facts(pl.DataFrame({"id": ["a"], "text": [text], "lang": [language]}))
