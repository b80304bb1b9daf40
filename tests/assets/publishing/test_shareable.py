"""The shareable variant: no small count of persons anywhere, nobody singled out, and the reader is told."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from assets.publishing.findings import Findings, read_findings
from assets.publishing.report import report_html
from assets.publishing.report_files import csv_files, json_report
from assets.publishing.report_tables import report_tables
from assets.publishing.shareable import LEFT_OUT, shareable
from assets.publishing.small_cells import HIDDEN
from assets.publishing.warehouse import Snapshot
from quality.contracts.detection import LEAD_TYPES

# Of the figures that are not about persons, the tests know these names.
THINGS = {"surges", "site_ties", "sites", "captures", "operations_read", "figures_read", "blocked_units"}
THING_METRICS = {"platforms_checked", "platforms_suspicious", "countries", "nationalities"}
THING_TYPES = {"site", "url"}


@pytest.fixture(scope="module")
def small(published: tuple[Any, Snapshot]) -> Findings:
    """Every count in this house is small."""
    return read_findings(published[1].warehouse)


@pytest.fixture
def busy(small: Findings) -> Findings:
    """Findings with large and small counts; 3 of 91 leads are on potential victims and 4 on recruiters."""
    counts = dict.fromkeys(LEAD_TYPES, 0) | {
        "potential_victim": 3,
        "potential_recruiter": 4,
        "username": 24,
        "phone": 60,
    }
    first, second = date(2026, 3, 1), date(2026, 3, 2)
    day = {
        "captures": 500,
        "new_items": 400,
        "new_leads": 0,
        "potential_victims": 0,
        "suspects_identified": 0,
    }
    day |= {"facilitators_identified": 0, "usernames": 0, "urls": 0, "platforms_suspicious": 11}
    own = {
        "potential_victims": 3.0,
        "suspects_identified": 0.0,
        "facilitators_identified": 4.0,
        "usernames": 24.0,
        "urls": 33.0,
    }
    return replace(
        small,
        counts=small.counts | {"leads": 91, "items": 800, "actors_of_several": 7},
        leads_by_type=[
            {"type": kind, "leads": count, "middle": 22.5, "highest": 9.0} for kind, count in counts.items()
        ],
        leads_by_country=[
            {
                "country": "FR",
                "leads": 52,
                "potential_victims": 2,
                "origin": 0,
                "transit": 0,
                "exploitation": 50,
            },
            {
                "country": "RO",
                "leads": 31,
                "potential_victims": 1,
                "origin": 29,
                "transit": 2,
                "exploitation": 0,
            },
            {
                "country": "XQ",
                "leads": 8,
                "potential_victims": 0,
                "origin": 0,
                "transit": 0,
                "exploitation": 8,
            },
        ],
        leads_by_grade=[{"grade": "C3", "leads": 85}, {"grade": "D3", "leads": 6}],
        leads_by_state=[{"state": "new", "leads": 90}, {"state": "confirmed", "leads": 1}],
        comparison=[
            {"metric": name, "unit": None, "own": value, "operations": 1}
            | {"low": 40.0, "middle": 40.0, "high": 40.0, "highest": "Operation Invented (2026)"}
            for name, value in own.items()
        ],
        own_by_country=[
            {"country": "FR", "potential_victims": 2, "suspects_identified": 0}
            | {"facilitators_identified": 4, "usernames": 14, "urls": 31},
            {"country": "RO", "potential_victims": 1, "suspects_identified": 0}
            | {"facilitators_identified": 0, "usernames": 10, "urls": 2},
        ],
        days=[
            day
            | {
                "day": first,
                "new_leads": 71,
                "potential_victims": 1,
                "facilitators_identified": 4,
                "usernames": 14,
                "urls": 30,
            },
            day | {"day": second, "new_leads": 20, "potential_victims": 2, "usernames": 10, "urls": 3},
        ],
        coverage=[],
        comparable=[],
    )


def counts_of_persons(found: Findings) -> list[tuple[str, str, Any]]:
    """(table, column, value) of every figure that counts persons."""
    return [
        (table.name, column.name, value)
        for table in report_tables(found)
        for row in table.rows
        for column, value in zip(table.columns, row, strict=True)
        if column.persons
        and not {str(row[0]), str(row[min(5, len(row) - 1)])} & (THINGS | THING_METRICS | THING_TYPES)
    ]


@pytest.mark.parametrize("minimum", [2, 10, 25])
@pytest.mark.parametrize("house", ["small", "busy"])
def test_no_small_count_of_persons_is_in_any_table(
    request: pytest.FixtureRequest, house: str, minimum: int
) -> None:
    full: Findings = request.getfixturevalue(house)
    assert (
        any(value is not None and 0 < value < minimum for *_, value in counts_of_persons(full))
        or minimum == 2
    )
    shown = counts_of_persons(shareable(full, minimum))
    assert shown
    assert [found for found in shown if found[2] is not None and 0 < found[2] < minimum] == []


def test_small_counts_cannot_be_computed(busy: Findings) -> None:
    found = shareable(busy)
    by_type = {row["type"]: row["leads"] for row in found.leads_by_type}
    # 3 + 4 hidden would leave 7 for the two; others go with them.
    assert by_type["potential_victim"] is by_type["potential_recruiter"] is by_type["username"] is HIDDEN
    # One small grade, one small state: the only other one goes too, for the total is shown.
    assert [row["leads"] for row in found.leads_by_grade] == [HIDDEN, HIDDEN]
    assert [row["leads"] for row in found.leads_by_state] == [HIDDEN, HIDDEN]
    assert found.counts["leads"] == 91
    countries = {row["country"]: row for row in found.leads_by_country}
    assert countries["XQ"]["leads"] is HIDDEN
    assert countries["FR"]["potential_victims"] is HIDDEN


def test_enough_persons_are_shown(busy: Findings) -> None:
    found = shareable(busy, 2)
    assert {row["type"]: row["leads"] for row in found.leads_by_type}["potential_victim"] == 3
    assert found.counts["actors_of_several"] == 7


def test_nobody_is_singled_out(small: Findings) -> None:
    found = shareable(small)
    assert found.top_leads == found.actor_edges == found.site_ties == found.network.links == []
    assert found.actor is None
    texts = [report_html(found), json_report(found), *csv_files(found).values()]
    ids = [str(lead["lead_id"])[:8] for lead in small.top_leads] + [
        str(small.actor and small.actor["short_id"])
    ]
    for text in texts:
        for word in ("ads.test", "chat.test", "p_", "lucia", "London", *ids):
            assert word not in text, word


def test_the_page_says_what_is_left_out_and_how_it_is_marked(small: Findings) -> None:
    html = report_html(shareable(small))
    assert "TLP:AMBER" in html
    assert "fewer than 10" in html
    for what, _ in LEFT_OUT:
        assert what in html
    assert "What is left out" not in report_html(small)


def test_the_page_shows_the_figures_of_the_tables_and_no_others(busy: Findings) -> None:
    """In the sections on persons no cell of a table, no card and no tile says a number from 1 to 9."""
    html = report_html(shareable(busy))
    people = html[html.index('id="leads"') : html.index('id="surges"')]
    people = re.sub(
        r"<svg.*?</svg>", lambda svg: " ".join(re.findall(r">([^<]*)</text>", svg[0])), people, flags=re.S
    )
    people = people[: people.index("By type")] + re.sub(r'<th scope="row">(site|url).*?</tr>', "", people)
    cells = re.findall(r'<td class="num[^"]*">\s*([\d,.]+)\s*</td>', people)
    assert "500" in cells
    assert [cell for cell in cells if cell in set("123456789")] == []


def test_long_operations_take_no_long_time(busy: Findings) -> None:
    start = date(2026, 1, 1)
    none = dict.fromkeys(
        ("potential_victims", "suspects_identified", "facilitators_identified", "usernames", "urls"), 0
    ) | {"platforms_suspicious": 0}
    days = [
        none | {"day": start + timedelta(days=number), "captures": 1, "new_items": 5, "new_leads": 1}
        for number in range(91)
    ]
    days[0] |= {"new_items": 800 - 90 * 5}
    found = shareable(replace(busy, days=days, comparison=[]))
    assert {row["new_leads"] for row in found.days} == {HIDDEN}


def test_a_minimum_that_hides_nothing_is_refused(small: Findings) -> None:
    with pytest.raises(ValueError, match="2 or more"):
        shareable(small, 1)


def test_hidden_figures_are_named_in_json(busy: Findings, tmp_path: Path) -> None:
    report = json.loads(json_report(shareable(busy)))
    assert report["about"]["minimum_cell"] == 10
    assert report["left_out"]
    row = next(row for row in report["tables"]["leads_by_country"]["rows"] if row["country"] == "RO")
    assert row["potential_victims"] is None
    assert "potential_victims" in row["hidden"]
