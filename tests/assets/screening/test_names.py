"""Names of persons: what is one name written twice, and what is another name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.screening.names import (
    blocking_keys,
    compare_names,
    is_full_name,
    name_parts,
    part_similarity,
)

LETTERS = st.text("abcdefghijklmnopqrstuvwxyzáñüßøłéжиюлšç'-", min_size=2, max_size=12)
NAMES = st.lists(LETTERS, min_size=2, max_size=4).map(" ".join)

ONE_PERSON = [
    ("Юлия Иванова", "IULIIA IVANOVA"),
    ("Юлія Шевченко", "Yulia Shevchenko"),
    ("Hans Müller", "MUELLER, Hans"),
    ("Khalid Al-Hashimi", "Halid Hashimi"),
    ("Ana María García López", "GARCIA LOPEZ Ana"),
    ("Wojciech Kowalczyk", "Voitsekh Kovalchyk"),
    ("Γιώργος Παπαδόπουλος", "Georgios Papadopoulos"),
    ("Sean O'Brien", "OBRIEN SEAN"),
    ("Jürgen Groß", "Juergen Gross"),
    ("Margarethe Lindqvist", "Margarete Lindkvist"),
    ("Mohamed Karimov", "Muhammad Karimov"),
    ("Ｌｅｎａ Ｎｏｖａｋ", "Lena Novak"),
]
TWO_PERSONS = [
    ("Lena Novak", "Lina Novak"),
    ("Lena Novak", "Lena Nowicki"),
    ("Lena", "Lena Novak"),
    ("Maria Maria", "Maria Lopez"),
    ("Maria Lopez", "Mariana Lopez"),
    ("de la Cruz", "Maria de la Cruz"),
    ("J. Lopez", "Juan Lopez"),
    ("", ""),
]


@pytest.mark.parametrize(("one", "other"), ONE_PERSON)
def test_one_name_in_two_spellings(one: str, other: str) -> None:
    left, right = name_parts(one), name_parts(other)
    match = compare_names(left, right)
    assert match is not None
    assert match.similarity > 0.8
    assert blocking_keys(left) & blocking_keys(right)


@pytest.mark.parametrize(("one", "other"), TWO_PERSONS)
def test_other_names_and_single_parts_are_no_match(one: str, other: str) -> None:
    assert compare_names(name_parts(one), name_parts(other)) is None


def test_a_part_more_costs_a_little() -> None:
    match = compare_names(name_parts("Ana Lopez"), name_parts("Ana Beatriz Lopez"))
    assert match == (pytest.approx(0.97), 1)


@pytest.mark.parametrize(("name", "full"), [("Ana Lopez", True), ("Ana", False), ("Ana Ana", False)])
def test_a_full_name_has_two_parts(name: str, full: bool) -> None:
    assert is_full_name(name) is full


@given(NAMES)
def test_case_order_and_a_second_reading_change_nothing(name: str) -> None:
    parts = name_parts(name)
    assert name_parts(" ".join(parts)) == parts
    assert name_parts(" ".join(reversed(name.split()))) == parts
    assert list(parts) == sorted(parts)


@given(NAMES, NAMES)
def test_comparison_has_no_sides_and_lies_in_its_range(one: str, other: str) -> None:
    left, right = name_parts(one), name_parts(other)
    there, back = compare_names(left, right), compare_names(right, left)
    assert (there is None) == (back is None)
    if there is not None:
        assert 0.7 < there.similarity <= 1.0
    if len(set(left)) > 1:
        assert compare_names(left, left) == (1.0, 0)


@given(LETTERS, LETTERS)
def test_likeness_of_parts_has_no_sides(one: str, other: str) -> None:
    for left in name_parts(one):
        for right in name_parts(other):
            assert part_similarity(left, right) == part_similarity(right, left)


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert all(part and part == part.lower() for part in name_parts(text))
