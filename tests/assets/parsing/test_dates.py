"""Dates as sites of many languages write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.parsing.dates import parse_date, plausible

NOW = datetime(2026, 7, 10, 15, 30, tzinfo=UTC)


def at(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, micro: int = 0
) -> datetime:
    return datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "languages", "region", "wanted"),
    [
        ("2026-03-04T10:00:00+02:00", "", None, at(2026, 3, 4, 8)),
        ("2026-03-04T10:00:00.123Z", "", None, at(2026, 3, 4, 10, 0, 0, 123000)),
        ("2026-03-04 10:15", "", None, at(2026, 3, 4, 10, 15)),
        ("20260304", "", None, at(2026, 3, 4)),
        ("2026/3/4", "", None, at(2026, 3, 4)),
        ("1767225600", "", None, at(2026, 1, 1)),
        ("1767225600000", "", None, at(2026, 1, 1)),
        ("04/03/2026 10:15", "", "ES", at(2026, 3, 4, 10, 15)),
        ("04/03/2026", "", "US", at(2026, 4, 3)),
        ("3/25/2026", "", "ES", at(2026, 3, 25)),
        ("09/07/2026", "", "US", at(2026, 7, 9)),
        ("4.3.26, 7:05", "", "DE", at(2026, 3, 4, 7, 5)),
        ("12 de marzo de 2026", "es", None, at(2026, 3, 12)),
        ("Publicado el 5 de julio", "es", None, at(2026, 7, 5)),
        ("24 de dez. de 2025", "pt", None, at(2025, 12, 24)),
        ("12 mars 2026 à 14h30", "fr", None, at(2026, 3, 12, 14, 30)),
        ("1er juin 2026", "fr", None, at(2026, 6, 1)),
        ("12. März 2026", "de", None, at(2026, 3, 12)),
        ("12 martie 2026", "ro", None, at(2026, 3, 12)),
        ("5 marca 2026", "pl", None, at(2026, 3, 5)),
        ("5 марта 2026 г.", "ru", None, at(2026, 3, 5)),
        ("2026. március 5.", "hu", None, at(2026, 3, 5)),
        ("5 Mart 2026", "tr", None, at(2026, 3, 5)),
        ("March 12, 2026 at 4:05 PM", "en", None, at(2026, 3, 12, 16, 5)),
        ("1st of June 2026", "en", None, at(2026, 6, 1)),
        ("Tue, 03 Mar 2026 10:00:00 GMT", "", None, at(2026, 3, 3, 10)),
        ("Dec 24", "en", None, at(2025, 12, 24)),
        ("hace 3 días", "es", None, NOW - timedelta(days=3)),
        ("hace 2 horas", "es", None, NOW - timedelta(hours=2)),
        ("il y a 5 minutes", "fr", None, NOW - timedelta(minutes=5)),
        ("vor 2 Tagen", "de", None, NOW - timedelta(days=2)),
        ("acum 3 zile", "ro", None, NOW - timedelta(days=3)),
        ("há 2 semanas", "pt", None, NOW - timedelta(weeks=2)),
        ("ayer", "es", None, NOW - timedelta(days=1)),
        ("yesterday", "en", None, NOW - timedelta(days=1)),
        ("Posted: 3 days ago", "en", None, NOW - timedelta(days=3)),
        ("heute, 10:22", "de", None, at(2026, 7, 10, 10, 22)),
        ("ontem às 14:00", "pt", None, at(2026, 7, 9, 14)),
        ("600 123 456", "es", None, None),
        ("31/02/2026", "", None, None),
        ("no date in here", "en", None, None),
        ("", "", None, None),
    ],
)
def test_a_date_is_read(written: str, languages: str, region: str | None, wanted: datetime | None) -> None:
    assert parse_date(written, reference=NOW, languages=languages.split(), region=region) == wanted


def test_a_relative_word_counts_from_each_page_s_own_time() -> None:
    later = NOW + timedelta(minutes=90)
    assert parse_date("hace 2 horas", reference=later, languages=["es"]) == later - timedelta(hours=2)
    assert parse_date("gestern um 9:00", reference=later, languages=["de"]) == at(2026, 7, 9, 9)


def test_a_format_comes_first_and_gives_way_when_it_does_not_fit() -> None:
    assert parse_date("03-04-2026", reference=NOW, pattern="%m-%d-%Y") == at(2026, 3, 4)
    assert parse_date("2026-03-04", reference=NOW, pattern="%m-%d-%Y") == at(2026, 3, 4)
    assert parse_date("12/08 10:00", reference=NOW, pattern="%d/%m %H:%M") == at(2025, 8, 12, 10)
    assert parse_date("1767225600", reference=NOW, pattern="%s") == at(2026, 1, 1)


def test_a_day_that_no_page_can_mean_is_not_plausible() -> None:
    assert plausible(at(1970, 1, 1), NOW) is None
    assert plausible(NOW + timedelta(days=40), NOW) is None
    assert plausible(NOW, NOW) == NOW


# The first word that needs dateparser pays for its import.
@settings(deadline=None)
@given(st.text(max_size=40), st.sampled_from(["%d.%m.%Y", "%s", "%H:%M", None]))
def test_no_text_makes_it_raise(written: str, pattern: str | None) -> None:
    moment = parse_date(written, reference=NOW, pattern=pattern, languages=["es"])
    assert moment is None or moment.tzinfo is not None


@given(st.datetimes(datetime(1996, 1, 1), datetime(2026, 7, 1)))
def test_every_moment_written_in_iso_comes_back(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    assert parse_date(aware.isoformat(), reference=NOW) == aware
