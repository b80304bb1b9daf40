"""Reading a run of digits by its neighbourhood finds what reading the whole text finds."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.extraction.digit_runs import OTHER_ALONE
from assets.extraction.identifiers import extract_identifiers
from assets.extraction.normalise import normalise, offset_map
from assets.extraction.not_phones import blank_other_numbers
from assets.extraction.phones import find_phones

PIECES = st.sampled_from(
    [
        "call", "order no", "ref. ", "anuncio nº", "WhatsApp", "móvil:", "euros", "lei", "kg", "quiet place near", "é",
        "über", "10:00-22:00", "12.05.2024", "ext 12", "\n", ", ", " - ", "+34", "+44", "0039", "07700 900123",
        "600000012", "06 39 98 12 34", "0639981234", "030 23125 123", "91 000 00 07", "978-3-16-148410-0", "a", "€ 50",
        "52.520008, 13.404954", " DE89 3704 0044 0532 0130 00 ", "1.250.000", "x", "(", ")", "/", "💋",
        "tel", "id",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, min_size=1, max_size=9).flatmap(
    lambda pieces: st.sampled_from(["", " "]).map(lambda gap: gap.join(pieces))
)


def _by_neighbourhood(text: str, region: str | None) -> list[tuple[str, int, int]]:
    frame = pl.DataFrame({"id": ["1"], "text": [text], "region": [region]}).cast(pl.String)
    found = extract_identifiers(frame).filter(pl.col("kind") == "phone")
    return list(found.select("value", "start", "end").iter_rows())


def _by_text(text: str, region: str | None) -> list[tuple[str, int, int]]:
    offsets = offset_map(text)
    found = find_phones(normalise(text), region, None, written=False)
    return sorted(((f.value, *offsets.raw_span(f.start, f.end)) for f in found), key=lambda phone: phone[1:])


@given(text=TEXTS, region=st.sampled_from(["GB", "ES", "FR", "DE", None]))
@settings(max_examples=300, deadline=None)
def test_a_neighbourhood_says_what_the_whole_text_says(text: str, region: str | None) -> None:
    assert _by_neighbourhood(text, region) == _by_text(text, region)


def test_places_count_characters_and_rows_count_texts() -> None:
    texts = ["häuser überall", "café 💋 llama +34 600 000 012 ya", "nothing", "+44 7700 900123"]
    found = extract_identifiers(pl.DataFrame({"id": ["a", "b", "c", "d"], "text": texts}))
    assert found.select("id", "raw").rows() == [("b", "+34 600 000 012"), ("d", "+44 7700 900123")]


DAYS = st.builds(
    lambda day, month, year, sign, width: sign.join((f"{day:0{width}d}", f"{month:0{width}d}", str(year))),
    st.integers(1, 31), st.integers(1, 12), st.integers(1900, 2099), st.sampled_from("./-"), st.sampled_from([1, 2]),
)  # fmt: skip
HOURS = st.builds(lambda hour, minute: f"{hour}:{minute:02d}", st.integers(0, 24), st.integers(0, 59))
POINTS = st.builds(
    lambda a, b, x, y: f"{a}.{x}, -{b}.{y}",
    st.integers(0, 90), st.integers(0, 180), st.integers(100, 999_999), st.integers(100, 999_999),
)  # fmt: skip


@given(
    st.lists(st.one_of(DAYS, HOURS), min_size=1, max_size=4), st.sampled_from([" ", " - ", ", ", "-"]), POINTS
)
@settings(max_examples=300, deadline=None)
def test_what_is_told_at_once_to_be_no_number_is_none_by_all_rules(
    moments: list[str], gap: str, point: str
) -> None:
    for row in (gap.join(moments), point):
        if OTHER_ALONE.fullmatch(f" {row} ") is not None:
            assert not any(mark.isdigit() for mark in blank_other_numbers(f"on {row} ", in_prose=True))
    assert OTHER_ALONE.fullmatch(f" {point} ") is not None
    assert gap == "-" or OTHER_ALONE.fullmatch(f" {gap.join(moments)} ") is not None
