"""The report: complete, offline, without anybody's data; the summary says the same figures."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from assets.publishing.charts import daily_bars
from assets.publishing.country_map import country_map, tiles, without_tile
from assets.publishing.report import country_names, number, render_report, shortened
from assets.publishing.small_cells import HIDDEN
from assets.publishing.summary import summary
from assets.publishing.warehouse import Snapshot

VOID = {"meta", "br", "img", "input", "link", "hr"}


class Outline(HTMLParser):
    """Checks that elements close in order; keeps tags, attributes and ids."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for seen, attributes in self.seen if seen == tag]


@pytest.fixture(scope="module")
def report(published: tuple[Any, Snapshot]) -> str:
    house, snapshot = published
    return render_report(snapshot.warehouse, house.home / "reports" / "report.html").read_text(
        encoding="utf-8"
    )


@pytest.fixture(scope="module")
def outline(report: str) -> Outline:
    parser = Outline()
    parser.feed(report)
    parser.close()
    assert parser.open == []
    return parser


def test_nothing_is_loaded_from_anywhere(report: str, outline: Outline) -> None:
    policy = next(meta["content"] for meta in outline.all("meta") if meta.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert not outline.all("script")
    assert not outline.all("link")
    assert "url(" not in report
    assert "@import" not in report
    assert all(str(anchor["href"]).startswith("#") for anchor in outline.all("a"))


def test_it_is_navigable_without_eyes(outline: Outline) -> None:
    assert all(len(outline.all(landmark)) == 1 for landmark in ("header", "nav", "main", "footer", "h1"))
    ids = [str(attributes["id"]) for _, attributes in outline.seen if attributes.get("id")]
    assert len(ids) == len(set(ids))
    assert {str(anchor["href"])[1:] for anchor in outline.all("a")} <= set(ids)
    labels = {str(section["aria-labelledby"]) for section in outline.all("section")}
    assert labels <= set(ids)
    assert all(header.get("scope") in {"col", "row"} for header in outline.all("th"))
    assert len(outline.all("caption")) == len(outline.all("table"))


def test_every_section_tells_its_figures(report: str) -> None:
    for words in (
        "Operation Invented",  # operations read
        "free travel",  # an indicator of a lead
        "An invented report (2020), p. 1",  # its citation
        "Romania</b> claimed in adult items on <b>ads.test</b>, London, GB: 30 where 6.5 were expected",
        "chat.test",  # a tied site
        "1 source is blocked",
        "items_reach_minimum",
        "has text",  # rule broken and quarantined
        "What these figures do not say",
        "shared phone",
        "TLP:AMBER",
        "<h1>Operation Lantern</h1>",
        '<tr><th scope="row">potential victims</th><td class="num">1</td>',  # ours, in the published words
    ):
        assert words in report, words


def test_the_lead_on_an_actor_says_why_its_accounts_are_together(report: str) -> None:
    [line] = re.findall(r"Why together: ([^<]*)<", report)
    assert "shared phone +447700900777, on 2 items of the smaller side (50 % of it)." in line


def test_nobodys_data_is_in_it(report: str) -> None:
    for secret in ("7700900123", "7700 900", "lucia", "0639981234", "mail.example", "ad/4711", "call "):
        assert secret not in report


def test_words_from_pages_are_escaped(house: Any) -> None:
    operations = [row | {"name": "<img src=x onerror=alert(1)>"} for row in house.tables["operations"]]
    house.write("operations", operations)
    text = render_report(house.publish().warehouse, house.home / "report.html").read_text(encoding="utf-8")
    assert "<img" not in text
    assert "&lt;img src=x" in text


def test_an_empty_house_has_a_report_and_a_summary(empty_house: Callable[[], Any]) -> None:
    house = empty_house()
    snapshot = house.publish()
    text = render_report(snapshot.warehouse, house.home / "report.html").read_text(encoding="utf-8")
    assert "No leads in this snapshot." in text
    assert "leads        none" in summary(snapshot.warehouse).render()


def test_summary_counts(published: tuple[Any, Snapshot]) -> None:
    _, snapshot = published
    found = summary(snapshot.warehouse)
    assert found.captures == 6
    assert found.items == {"listings": 3, "messages": 1, "documents": 1, "notices": 1}
    assert {kind: count for kind, count in found.leads_by_type.items() if count} == {
        "potential_victim": 1,
        "potential_recruiter": 1,
        "phone": 1,
        "site": 1,
    }
    assert (found.operations_read, found.figures_read, found.quarantined) == (1, 1, 1)
    assert found.blocked == ["changed on 2026-03-02: units: items_reach_minimum"]
    text = found.render()
    assert found.strongest_actor is not None
    assert "2 items of 2 accounts on 2 sites" in found.strongest_actor
    assert "30 where 6.5 were expected" in text
    assert "ads.test – chat.test: tied by identifiers; 4 shared identifiers" in text
    assert "7700" not in text


def test_chart_draws_the_days_it_is_given() -> None:
    start = date(2026, 3, 10)
    days = {start - timedelta(days=3): 2, start: 8, start + timedelta(days=1): 4}
    chart = str(daily_bars(days, start, start + timedelta(days=1), past_days=5, expected=4.0))
    bars = re.findall(r'<rect class="(\w+)" x="([\d.]+)" y="[\d.]+" width="[\d.]+" height="([\d.]+)"', chart)
    assert [kind for kind, *_ in bars] == ["past", "rise", "rise"]
    heights = [float(height) for *_, height in bars]
    assert heights[1] == pytest.approx(2 * heights[2], abs=0.1)
    assert heights[1] == pytest.approx(4 * heights[0], abs=0.2)
    assert 'role="img" aria-label="Items by day: 2 from 2026-03-05 to 2026-03-09, 12 from' in chart


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0, "0"), (1234567.0, "1,234,567"), (2.25, "2.2"), (0.0123, "0.012"), (1982.5, "1,982")],
)
def test_numbers_for_reading(value: float | None, text: str) -> None:
    assert number(value) == text


def test_names_for_reading() -> None:
    assert country_names("GB, XQ,") == "United Kingdom, XQ"
    assert country_names(None) == "–"
    assert country_names("ES,FR,DE", most=2) == "Spain, France and 1 more"
    assert shortened("phone:p_0123456789abcdef on p_0123") == "phone:p_01234567… on p_0123"


def test_a_report_is_never_half_written(published: tuple[Any, Snapshot], tmp_path: Path) -> None:
    _, snapshot = published
    output = render_report(snapshot.warehouse, tmp_path / "deep" / "report.html")
    assert [file.name for file in output.parent.iterdir()] == ["report.html"]


def test_every_country_has_one_tile_in_its_place() -> None:
    places = tiles()
    assert len(places) > 200
    assert len(set(places.values())) == len(places)
    assert all(country_names(code) != code for code in places)
    west_to_east = ["MX", "PT", "ES", "IT", "RS", "TR", "IR", "NP", "CN", "JP"]
    columns = [places[code][0] for code in west_to_east]
    assert columns == sorted(columns)
    north_to_south = ["NO", "DE", "IT", "LY", "TD", "CF", "CD", "ZM", "ZA"]
    rows = [places[code][1] for code in north_to_south]
    assert rows == sorted(rows)


def test_the_map_is_darker_for_more_and_told_in_words() -> None:
    drawn = country_map({"FR": 140, "PT": 60, "AO": 1, "RO": HIDDEN, "XX": 3}, lambda code: code, "leads")
    shades = {found[1]: found[0] for found in re.findall(r'class="tile ([\w-]+)"><title>(\w+): ', str(drawn))}
    assert (shades["FR"], shades["PT"], shades["AO"]) == ("shade-4", "shade-3", "shade-1")
    assert (shades["RO"], shades["ES"]) == ("hidden", "none")
    assert 'role="img"' in str(drawn)
    assert without_tile({"FR": 1, "XX": 3}) == ["XX"]
    assert country_map({}, str, "leads") is None


def test_the_network_shows_accounts_sites_and_identifiers(report: str) -> None:
    picture = re.search(r'<svg class="network".*?</svg>', report, re.S)
    assert picture
    assert 'aria-labelledby="network-name network-words"' in picture[0]
    assert "1 actors with 1 accounts on 1 sites, joined by" in picture[0]
    assert "ads.test" in picture[0]
    assert 'class="edge shows"' in picture[0]
    assert "The same as a table" in report


def test_the_nearest_published_operations_stand_beside_ours(house: Any) -> None:
    operations = [
        row | {"crime_areas": "human_trafficking"} if row["name"] == "Operation Invented" else row
        for row in house.tables["operations"]
    ]
    published = next(row for row in operations if row["name"] == "Operation Invented")["operation_id"]
    metric = next(row for row in house.tables["operation_metrics"] if row["operation_id"] == published)
    victims = metric | {"operation_metric_id": "m2", "metric": "potential_victims", "value": 90.0}
    house.write(
        "operation_metrics", [*house.tables["operation_metrics"], victims | {"qualifier": "at_least"}]
    )
    house.write("operations", operations)
    text = render_report(house.publish().warehouse, house.home / "report.html").read_text(encoding="utf-8")
    assert "Operation Invented<br>2026-02" in text
    assert '<th scope="row">potential victims</th><td class="num">1</td><td class="num">≥ 90</td>' in text


def test_lists_looked_into_are_shown_with_what_a_hit_does_not_say(report: str) -> None:
    assert re.search(r"file:partner</th><td>file</td>.*>3</td><td class=\"num\">2</td>", report)
    assert "A hit on a list is no identification." in report


def test_without_a_list_checks_and_hits_are_absent_and_not_zero(house: Any) -> None:
    for table in ("screening_lists", "screening_checks", "screening_hits", "screening_counts"):
        house.write(table, [])
    file = render_report(house.publish().warehouse, house.home / "report.html")
    assert "absent, not zero" in file.read_text(encoding="utf-8")
