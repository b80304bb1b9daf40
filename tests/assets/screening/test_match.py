"""Queries against a list: what is a hit, how strong, and why."""

from datetime import date

import polars as pl
import pytest

from assets.screening.match import find_hits
from assets.screening.scoring import Birth, of_births
from assets.screening.single import answers
from assets.screening.subjects import (
    ListError,
    Subjects,
    birth_range,
    read_subjects,
    written_birth_date,
)


def subjects(*rows: dict[str, str]) -> Subjects:
    columns = sorted({name for row in rows for name in row})
    table = {name: [row.get(name) for row in rows] for name in columns}
    return read_subjects(pl.DataFrame(table, schema=dict.fromkeys(columns, pl.String)))


def strengths(query: dict[str, str], *entries: dict[str, str]) -> list[str]:
    return find_hits(subjects(query), subjects(*entries))["strength"].to_list()


def names(query: dict[str, str], entry: dict[str, str]) -> list[str]:
    [hit] = find_hits(subjects(query), subjects(entry)).to_dicts()
    assert hit["score"] == pytest.approx(sum(part["points"] for part in hit["contributions"]))
    return [part["name"] for part in hit["contributions"]]


ANA = {"name": "Ana Lopez", "birth_date": "1985-03-12", "nationality": "CO"}


def test_a_name_alone_is_possible_with_birth_and_nationality_strong() -> None:
    assert strengths({"name": "Ana Lopez"}, {"name": "LOPEZ Ana"}) == ["possible"]
    assert strengths(ANA, {"name": "LOPEZ", "forename": "ANA", "birth_date": "1985"}) == ["likely"]
    assert strengths(ANA, ANA) == ["strong"]
    assert names(ANA, ANA) == ["name_alike", "birth_date_equal", "nationality_agrees"]


def test_another_birth_date_takes_the_hit_away() -> None:
    assert strengths(ANA, ANA | {"birth_date": "1961-11-30"}) == []
    assert strengths(ANA, ANA | {"birth_date": "1985-12-03"}) == ["likely"]
    assert strengths(ANA, ANA | {"birth_date": "1985-03-13"}) == ["likely"]


@pytest.mark.parametrize(
    ("column", "asked", "listed", "strength"),
    [
        ("phone", "+44 7700 900123", "+447700900123", "likely"),
        ("email", "A.Lopez@Mail.Example", "a.lopez@mail.example", "likely"),
        ("document", "ab 123-456", "AB123456", "strong"),
        ("url", "https://www.page.example/ana/", "http://page.example/ana", "likely"),
        ("crypto", "0xABCDEF0123", "0xabcdef0123", "likely"),
        ("domain", "www.page.example", "page.example", "possible"),
        ("username", "@Ana_L", "ana_l", "possible"),
    ],
)
def test_equal_keys_are_hits_after_normalisation(column: str, asked: str, listed: str, strength: str) -> None:
    assert strengths({column: asked}, {column: listed}) == [strength]
    assert strengths({column: asked}, {column: listed[:-1] + ("8" if listed[-1] != "8" else "9")}) == []


def test_a_user_name_is_one_with_its_platform() -> None:
    asked = {"username": "ana_l", "platform": "telegram"}
    assert strengths(asked, {"username": "Ana_L", "platform": "Telegram"}) == ["likely"]
    assert strengths(asked, {"username": "ana_l", "platform": "signal"}) == []


def test_an_alias_of_one_part_is_never_looked_up_alone() -> None:
    entry = {"name": "Lucia", "aliases": "La Rubia;Lucia Gomez"}
    assert strengths({"name": "Lucia"}, entry) == []
    assert strengths({"name": "Lucia Gomez"}, entry) == ["possible"]
    assert strengths({"name": "Lucia", "phone": "+447700900123"}, entry | {"phone": "+447700900123"}) == [
        "likely"
    ]


def test_namesakes_on_the_list_are_said() -> None:
    found = find_hits(subjects({"name": "Ana Lopez"}), subjects(*({"name": "Lopez Ana"},) * 3))
    assert found.height == 3
    assert "3 entries of the list fit" in found["contributions"][0][0]["reason"]


def test_an_age_claimed_says_little() -> None:
    earliest, latest = date(1999, 1, 1), date(2004, 12, 31)
    claimed, wanted = Birth(None, earliest, latest, True), Birth("1980", *birth_range("1980"), False)
    part = of_births(claimed, wanted)
    assert part is not None
    assert part.name == "claimed_age_differs"
    assert part.points > -0.1
    assert of_births(claimed, None) is None


@pytest.mark.parametrize(
    ("written", "born"),
    [
        *(
            ("1985-03-12", "1985-03-12"),
            ("1985/3", "1985-03"),
            ("1985", "1985"),
            ("12.03.1985", "1985-03-12"),
        ),
        *(("03/04/1985", "1985"), ("25/04/1985", "1985-04-25"), ("soon", None), ("", None), (None, None)),
    ],
)
def test_birth_dates_as_they_are_written(written: str | None, born: str | None) -> None:
    assert written_birth_date(written) == born


def test_what_a_date_may_mean() -> None:
    assert birth_range("1984-02") == (date(1984, 2, 1), date(1984, 2, 29))
    assert birth_range("1984-12") == (date(1984, 12, 1), date(1984, 12, 31))
    assert birth_range("1983-02-30") == birth_range("1983-02")


def test_a_table_that_tells_nobody_is_refused_and_unread_values_are_counted() -> None:
    with pytest.raises(ListError, match="no column that tells"):
        read_subjects(pl.DataFrame({"colour": ["red"]}))
    with pytest.raises(ListError, match="several rows"):
        subjects({"id": "1", "name": "A B"}, {"id": "1", "name": "C D"})
    assert subjects({"phone": "01632", "email": "nobody", "birth_date": "soon", "document": "1"}).unread == 4
    # The region makes a national number readable.
    assert subjects({"phone": "07700 900123", "region": "gb"}).keys["value"].to_list() == ["+447700900123"]


def test_every_query_has_an_answer_in_its_order() -> None:
    queries = subjects({"id": "b", "name": "No Body"}, {"id": "a", **ANA})
    told = list(answers(queries, subjects(ANA | {"id": "entry"})))
    assert [answer["query"] for answer in told] == ["b", "a"]
    assert [len(answer["hits"]) for answer in told] == [0, 1]  # type: ignore[arg-type]  # JSON value
