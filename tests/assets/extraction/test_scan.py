"""Many texts searched as one array: folding, places, and that neighbours in a batch leave each other alone."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.extraction.identifiers import extract_identifiers
from assets.extraction.normalise import normalise, offset_map
from assets.extraction.scan import scan

# Characters that fold to none, one or several, that look alike, and that end texts.
ODD = st.text(
    st.one_of(
        st.characters(), st.sampled_from("07aаеоАЕ１①🔟ßæ\u200b\u0301\ufe0f\u20e3½㎏\x00\ud800 \n@.+-")
    ),
    max_size=30,
)
PIECES = st.sampled_from(
    ["600000012", "+34 600 000 012", "seven zero", "@foo_bar", "foo@mail.example", "t.me/foo", "x", "", " ", "null",
     "0７７00 900", "123", "shop.example", "zero", "arroba", "(at) mail", "dot", "é"]
)  # fmt: skip


@given(st.lists(ODD, max_size=6))
@settings(max_examples=300, deadline=None)
def test_a_batch_is_folded_as_each_text_is_alone(texts: list[str]) -> None:
    batch = scan(texts)
    for place, text in enumerate(texts):
        low, high = int(batch.starts[place]), int(batch.starts[place + 1]) - 1
        assert batch.text[low:high] == normalise(text)
        for at in range(low, high):
            before = int(batch.raw_starts[place])
            first, last = batch.raw_span(at, at + 1)
            assert (first - before, last - before) == offset_map(text).raw_span(at - low, at - low + 1)


@given(st.lists(ODD, max_size=6))
@settings(max_examples=100, deadline=None)
def test_runs_are_the_letters_and_digits_in_a_row(texts: list[str]) -> None:
    batch = scan(texts)
    spelled = [
        batch.text[a:b] for a, b in zip(batch.runs.begin.tolist(), batch.runs.end.tolist(), strict=True)
    ]
    assert all(run.isalpha() or (run.isascii() and run.isdigit()) for run in spelled)
    assert "".join(spelled) == "".join(c for c in batch.text if c.isalpha() or c in "0123456789")


@given(st.lists(st.lists(PIECES, max_size=5).map(" ".join), min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_what_a_text_holds_does_not_depend_on_its_neighbours(texts: list[str]) -> None:
    def found(some: list[str]) -> list[tuple[object, ...]]:
        frame = pl.DataFrame(
            {"id": list(map(str, range(len(some)))), "text": some, "region": ["ES"] * len(some)}
        )
        return extract_identifiers(frame).drop("id").rows()

    assert found(texts) == [row for text in texts for row in found([text])]
