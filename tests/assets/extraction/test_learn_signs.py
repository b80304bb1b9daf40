"""Learning of signs: what sentences must be, what a fit finds, where thresholds lie, what the kept model learned."""

import re
from collections import Counter
from pathlib import Path
from unittest import mock

import numpy as np
import polars as pl
import pytest

from assets.extraction.concepts import concept_bits
from assets.extraction.facts import extract_facts
from assets.extraction.learned_signs import Model, model, together
from assets.extraction.reading import read
from assets.extraction.senses import sense_bits
from assets.extraction.sentence_vectors import LENGTH
from assets.extraction.sign_net import Sentence, SignNet
from benchmarks import learn_net
from benchmarks.learn_signs import (
    FALSE,
    PRECISION,
    Features,
    Learned,
    _unit_scores,
    features_of,
    fit,
    limits_of,
    table_of,
    thresholds,
)
from benchmarks.sign_lines import CODES, Heard, Unit, hear, read_sentences

LINES = read_sentences()


def test_a_line_names_its_signs_and_those_in_doubt(tmp_path: Path) -> None:
    (tmp_path / "en_01.txt").write_text(
        "c DH DO /MR|she has my book\no -|nothing | here\n\nc DH|she has my book\n", "utf-8"
    )
    one, other = read_sentences(tmp_path)
    assert one.signs == {"documents_held", "debt_owed"}
    assert one.doubtful == {"movement_restricted"}
    assert (other.text, other.signs, other.language) == ("nothing | here", frozenset(), "en")


@pytest.mark.parametrize("line", ["c DH she has my book", "c XX|she has my book"])
def test_a_faulty_line_is_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "en_01.txt").write_text(f"c -|fine\n{line}\n", "utf-8")
    with pytest.raises(ValueError, match=r"en_01\.txt, line 2"):
        read_sentences(tmp_path)


def test_no_sentence_holds_a_number_to_call() -> None:
    calls = re.compile(r"\+\d{2}|\d(?:[ .-]?\d){8}")
    assert not [line.text for line in LINES if calls.search(line.text)]


def test_every_sign_is_taught_in_every_language_but_few_and_innocents_are_many() -> None:
    shown = Counter((line.language, sign) for line in LINES for sign in line.signs)
    languages = {line.language for line in LINES}
    assert len(languages) == 12
    assert all(sum(shown[language, sign] for language in languages) >= 100 for sign in CODES.values())
    assert sum(not line.signs for line in LINES) > len(LINES) / 3


def test_a_fit_finds_the_words_that_tell_and_the_kept_table_says_the_same() -> None:
    """Lines of random words; of two signs each is shown by whoever has its word."""
    random = np.random.default_rng(7)
    vocabulary = [f"w{letter}{other}" for letter in "abcdefgh" for other in "abcde"]
    texts = [[str(word) for word in random.choice(vocabulary, 6, replace=False)] for _ in range(400)]
    signs = ["debt_owed", "documents_held"]
    shows = np.array([["waa" in words, "wbb" in words] for words in texts], dtype=float)
    featured = [features_of(Unit(words, 0, [])) for words in texts]
    features = Features(featured)
    matrix = features.matrix(featured)
    weights = fit(matrix, shows, np.ones_like(shows))
    scores = matrix @ weights
    assert ((scores > 0) == (shows > 0)).all()
    limits = np.zeros(2)
    made = Model(table_of([], features, weights, limits, signs))
    kept = np.array([made.scores(words, 0, []) for words in texts])
    np.testing.assert_allclose(kept, scores, atol=0.2)


def test_a_network_learns_what_no_sum_says_and_its_table_says_the_same() -> None:
    """One sign is shown where one of two ideas is there and not both, the other by a direction of the vectors; a third
    one is always in doubt."""
    random = np.random.default_rng(5)
    lock, device = concept_bits()["lock"], concept_bits()["device"]
    masks = [sum(bit for bit in (lock, device) if random.random() < 0.5) for _ in range(400)]
    found = random.normal(3, 1, (400, LENGTH)).astype(np.float32)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    sentences = [Sentence(str(place), mask, sense_bits()["keep"]) for place, mask in enumerate(masks)]
    signs = ["debt_owed", "documents_held", "pay_withheld"]
    one_of_two = [mask in (lock, device) for mask in masks]
    shows = np.stack([one_of_two, found[:, 7] > np.median(found[:, 7]), one_of_two], axis=1).astype(float)
    network = learn_net.learn(sentences, found, shows, np.array([[1.0, 1.0, 0.0]] * 400), times=150, width=32)
    scores = network.over(sentences, found)
    assert ((scores > 0) == (shows > 0))[:, :2].mean() > 0.95
    # What is in doubt teaches nothing: its scores stay where they began, near nought.
    assert np.abs(scores[:, 2]).max() < np.abs(scores[:, :2]).mean()
    limits = np.array([0.5, np.inf, 1.0])
    vectors = {sentence.text: vector for sentence, vector in zip(sentences, found, strict=True)}
    made = SignNet(
        learn_net.table_of(network, limits, signs), lambda texts: np.array([vectors[text] for text in texts])
    )
    assert made.signs == signs
    assert made.limits.tolist() == limits.tolist()
    np.testing.assert_allclose(np.array(made.scores(sentences)), scores, atol=0.05)


def test_the_same_sentences_give_the_same_network() -> None:
    random = np.random.default_rng(2)
    found, shows = random.normal(size=(20, LENGTH)).astype(np.float32), random.random((20, 2)) < 0.5
    sentences = [Sentence(str(place), 0, 0) for place in range(20)]
    one, other = (
        learn_net.learn(sentences, found, shows.astype(float), np.ones((20, 2)), times=3, width=8)
        for _ in "ab"
    )
    for (weights, bias), (again, bias_again) in zip(one.layers, other.layers, strict=True):
        assert (weights == again).all()
        assert (bias == bias_again).all()


def test_the_slopes_of_the_network_are_those_of_its_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """With all inputs and units there, against differences of the loss itself."""
    monkeypatch.setattr(learn_net, "INPUTS_OUT", 0.0)
    monkeypatch.setattr(learn_net, "UNITS_OUT", 0.0)
    random = np.random.default_rng(4)
    sizes = [(5, 6), (6,), (6, 4), (4,), (4, 3), (3,)]
    parameters = [random.normal(size=size) for size in sizes]
    told, truth = random.normal(size=(7, 5)), (random.random((7, 3)) < 0.5).astype(float)
    weight = (random.random((7, 3)) < 0.8).astype(float)

    def loss() -> float:
        layers = list(zip(parameters[::2], parameters[1::2], strict=True))
        scores = learn_net.Inputs(np.zeros(1), 1.0, layers).through(told)
        return float((np.logaddexp(0, np.where(truth > 0, -scores, scores)) * weight).sum() / len(truth))

    slopes = learn_net._slopes(told, truth, weight, parameters, random)
    for parameter, slope in zip(parameters, slopes, strict=True):
        for place in np.ndindex(parameter.shape):
            kept = parameter[place]
            parameter[place] = kept + 1e-6
            above = loss()
            parameter[place] = kept - 1e-6
            assert (above - loss()) / 2e-6 == pytest.approx(slope[place], abs=1e-4)
            parameter[place] = kept


def test_the_network_judges_only_what_the_words_make_likely() -> None:
    features = Features([features_of(Unit(["owes"], 0, []))] * 2)
    place = features.places["word", "owes"]
    weights = np.zeros((len(features.places) + 1, 2))
    weights[place, 0], weights[-1] = 9, (-6, 5)
    network = learn_net.Inputs(np.zeros(LENGTH, dtype=np.float32), 1.0, [])
    heard = [Heard([Unit([word], 0, [], word)], frozenset()) for word in ("owes", "other")]
    meanings = mock.Mock()
    meanings.of.return_value = np.ones((1, LENGTH), dtype=np.float32)
    by_meaning = np.array([[4.0, -2.0]], dtype=np.float32)
    with mock.patch.object(learn_net.Inputs, "over", return_value=by_meaning):
        plain, both = _unit_scores(
            Learned(features, weights, network), heard, np.array([True, False]), meanings
        )
    # The second sign is likely everywhere, but never told: nobody asks for its sake.
    meanings.of.assert_called_once_with(["owes"])
    assert both[1].tolist() == plain[1].tolist()
    np.testing.assert_allclose(both[0], together(plain[0], by_meaning[0]), rtol=1e-6)


def test_doubtful_lines_do_not_teach() -> None:
    texts = [["yes", "word"], ["no", "word"]] * 20
    shows = np.array([[1.0], [0.0]] * 20)
    featured = [features_of(Unit(words, 0, [])) for words in texts]
    features = Features(featured)
    weights = fit(features.matrix(featured), shows, np.zeros_like(shows))
    assert np.abs(weights[:-1]).max() < 1e-6


def test_a_threshold_lets_few_innocents_and_mostly_right_lines_through() -> None:
    random = np.random.default_rng(3)
    shows = np.zeros((4000, 3))
    shows[:1000, 0], shows[1000:1500, 1], shows[:9, 2] = 1, 1, 1
    scores = random.normal(size=shows.shape) + 3 * shows
    # A sign that is often told wrongly above the first limit needs a higher one; one that is mostly told so has none.
    scores[1600:1900, 1] += 2.8
    scores[2000:2050, 2] += 9
    counts = np.ones_like(shows)
    limits = thresholds(scores, shows, counts)
    innocent = ~shows.any(axis=1)
    assert (scores >= limits)[innocent].any(axis=1).mean() <= FALSE
    assert np.isinf(limits[2])
    for sign in range(2):
        told = scores[:, sign] >= limits[sign]
        assert shows[told, sign].mean() >= PRECISION
    assert limits[1] > limits[0]


def test_light_signs_are_not_told_and_others_need_more_than_on_the_folds() -> None:
    limits = limits_of(np.array([0.5, 0.5]), ["documents_held", "trust_wording"])
    assert limits[0] > 0.5
    assert np.isinf(limits[1])


def test_the_kept_model_learned_from_the_kept_sentences() -> None:
    assert model().taught == Counter(line.language for line in LINES)
    assert set(model().signs) == set(CODES.values())


def test_extraction_finds_what_the_model_learned() -> None:
    """On sentences it learned from the model finds most signs and hardly one that is not there: learning and reading
    see the same features."""
    some = [line for line in LINES if 8 <= len(read(line.text).words) <= 30][::150]
    facts = extract_facts(
        pl.DataFrame(
            {"id": [str(place) for place in range(len(some))], "text": [line.text for line in some]}
        ).with_columns(lang=pl.Series([line.language for line in some]))
    )
    told = set(facts.filter(pl.col("kind") == "sign").select("id", "value").iter_rows())
    shown = {(str(place), sign) for place, line in enumerate(some) for sign in line.signs}
    assert len(told & shown) > 0.5 * len(shown)
    learned = facts.filter(pl.col("rule_id").str.contains(r"\.learned\."))
    said = set(learned.select("id", "value").iter_rows())
    doubtful = {(str(place), sign) for place, line in enumerate(some) for sign in line.doubtful}
    assert len(said - shown - doubtful) < 0.1 * len(said)


def test_rules_are_heard_beside_the_ideas() -> None:
    (line,) = (line for line in LINES[:1])
    (heard,) = hear([line])
    assert [word for unit in heard.units for word in unit.words] == read(line.text).words
