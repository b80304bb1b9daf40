"""Folding: same meaning, same length of the map, and a way back to the raw spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.extraction.normalise import fold, latin_look_alike, normalise, offset_map

any_text = st.text(st.characters(codec=None), max_size=60)


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("０７７００", "07700"),
        ("0️⃣7️⃣", "07"),
        ("①②③⓪", "1230"),
        ("❶❷❸", "123"),
        ("𝟎𝟕𝟕", "077"),
        ("⁰⁷", "07"),
        ("٠٧٧", "077"),
        ("۰۷۷", "077"),
        ("०७७", "077"),
        ("07\u200b70\u20600", "07700"),
        ("➕44", "+44"),
        ("＋44", "+44"),
        ("🔟", "10"),
        ("niñas", "ninas"),
        ("nin\u0303as", "ninas"),
        ("Straße", "Strasse"),
        ("𝐬𝐞𝐯𝐞𝐧", "seven"),
        ("🅢🅔🅥🅔🅝", "SEVEN"),
        ("07–70", "07-70"),
        ("1º", "1º"),
    ],
)
def test_a_spelling_folds_to_plain_characters(raw: str, folded: str) -> None:
    assert normalise(raw) == folded


def test_case_is_kept_by_normalise_and_lost_by_fold() -> None:
    assert normalise("ÑANDÚ") == "NANDU"
    assert fold("ÑANDÚ") == "nandu"


@given(any_text)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(st.one_of(st.characters(codec=None), st.sampled_from("AΙιÆœƦaАа")), max_size=20))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(any_text)
def test_every_folded_character_leads_back_to_a_raw_one_that_folds_to_it(text: str) -> None:
    folded, offsets = normalise(text), offset_map(text)
    for place, character in enumerate(folded):
        start, end = offsets.raw_span(place, place + 1)
        assert 0 <= start < end <= len(text)
        alone = normalise(text[start:end])
        # Beside Latin letters a letter that looks like one is taken for it.
        assert character in alone or character in map(latin_look_alike, alone)


def test_a_span_takes_in_the_whole_keycap() -> None:
    raw = "tel 0️⃣7️⃣ now"
    folded = normalise(raw)
    start = folded.index("07")
    begin, end = offset_map(raw).raw_span(start, start + 2)
    assert raw[begin:end] == "0️⃣7️⃣"
