"""Vectors of sentences: alike for alike meanings, the same in any company, and a reason where there are none."""

import os
from pathlib import Path

import numpy as np
import pytest

from assets.extraction import made_from, sentence_vectors
from assets.extraction.sentence_vectors import LENGTH, vectors, version, why_missing

made_here = pytest.mark.skipif(why_missing() is not None, reason=str(why_missing()))


@pytest.fixture
def asked_again():
    """`why_missing` looks again, in the test and behind it."""
    why_missing.cache_clear()
    yield
    why_missing.cache_clear()


@made_here
def test_sentences_that_say_the_same_lie_near_each_other_whatever_their_language() -> None:
    said = [
        ("she must not go out alone", "no puede salir sola de la casa"),
        ("we are looking for a cook", "suchen koch fuer unser restaurant"),
        ("the bus leaves at eight", "автобус отходит в восемь часов"),
        ("he keeps all my money", "il prend tout ce que je gagne"),
    ]
    one, other = (vectors([pair[side] for pair in said]) for side in (0, 1))
    alike = one @ other.T
    assert alike.argmax(axis=1).tolist() == alike.argmax(axis=0).tolist() == [0, 1, 2, 3]


@made_here
def test_a_text_has_the_same_vector_in_any_company() -> None:
    texts = ["the landlord keeps a deposit", "no", "", "a \0 b", "\U0001f600" * 5, "long " * 120]
    together = vectors(texts)
    assert together.shape == (len(texts), LENGTH)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for text, found in zip(reversed(texts), reversed(together), strict=True):
        assert vectors([text])[0].tolist() == found.tolist()
    assert vectors(["a \0 b"]).tolist() != vectors(["a "]).tolist()
    assert vectors([]).shape == (0, LENGTH)


@made_here
def test_threads_of_others_are_left_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    for before in (None, "2"):
        sentence_vectors._model.cache_clear()
        if before is None:
            monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
        else:
            monkeypatch.setenv("OMP_NUM_THREADS", before)
        vectors(["one"])
        assert os.environ.get("OMP_NUM_THREADS") == before


@pytest.mark.usefixtures("asked_again")
@pytest.mark.parametrize(
    ("flags", "reason"), [("flags : fpu sse4_2 avx", "no AVX2"), (None, "no AVX2")], ids=["old", "unknown"]
)
@made_here
def test_processors_that_its_code_would_end_on_are_told(
    flags: str | None, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if flags is not None:
        (tmp_path / "cpuinfo").write_text(flags)
    monkeypatch.setattr(sentence_vectors, "_PROCESSOR", tmp_path / "cpuinfo")
    assert reason in str(why_missing())
    with pytest.raises(RuntimeError, match=reason):
        vectors(["one"])


@pytest.mark.usefixtures("asked_again")
def test_a_missing_package_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        raise sentence_vectors.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(sentence_vectors.metadata, "version", absent)
    assert "make setup" in str(why_missing())
    assert version() == "no vectors"


def test_facts_are_read_again_when_vectors_come_or_change_and_mentions_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def digest(table: str) -> str:
        return made_from.table_digest.__wrapped__(table)

    before = {table: digest(table) for table in ("facts", "mentions")}
    assert before == {table: digest(table) for table in before}
    monkeypatch.setattr(made_from, "version", lambda: "other vectors")
    assert digest("facts") != before["facts"]
    assert digest("mentions") == before["mentions"]
