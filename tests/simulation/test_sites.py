"""Pages hold what the truth says, every item can be reached, and nothing needs the closed areas."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from assets.capture.source import FieldRule, Source, load_sources
from simulation.export import write_export
from simulation.items import ADULT, CHANNELS, DOMESTIC, EXPORT, JOBS
from simulation.truth import DISALLOWED, truth_of
from simulation.web import Web
from simulation.world import World

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def world() -> World:
    return World(7, "small", date(2026, 11, 20))


@pytest.fixture(scope="module")
def web(world: World) -> Web:
    return Web(world)


@pytest.fixture(scope="module")
def sources() -> dict[str, Source]:
    return load_sources(sorted((ROOT / "pipelines" / "sources").glob("demo_*.yaml")))


def _page(web: Web, address: str) -> tuple[str, LexborHTMLParser] | None:
    for _ in range(6):
        parts = urlsplit(address)
        page = web.page(parts.hostname or "", parts.path or "/", dict(parse_qsl(parts.query)))
        if page is None or page.broken_gzip or page.repeat > 1:
            return None
        if page.location is None:
            encoding = "utf-8"
            try:
                page.body.decode()
            except UnicodeDecodeError:
                encoding = "cp1252"
            return address, LexborHTMLParser(page.body.decode(encoding))
        address = urljoin(address, page.location)
    return None


def _crawl(web: Web, source: Source) -> Iterator[tuple[str, LexborHTMLParser]]:
    """All pages of a listing source by its own selectors, closed areas and the endless calendar left out."""
    assert source.listings is not None
    selectors = [*source.listings.follow, *([source.listings.item_link] if source.listings.item_link else [])]
    seen, queue = set(source.start), list(source.start)
    while queue:
        answer = _page(web, queue.pop())
        if answer is None:
            continue
        address, tree = answer
        yield address, tree
        for selector in selectors:
            for link in tree.css(selector):
                target = urljoin(address, link.attributes["href"] or "")
                if target not in seen and not target.startswith(DISALLOWED) and "/calendar/" not in target:
                    seen.add(target)
                    queue.append(target)


def _value(node: LexborNode, rule: FieldRule | None) -> str:
    assert rule is not None
    found = node.css_first(rule.selector) if rule.selector else node
    if found is None:
        return ""
    return (found.attributes.get(rule.attribute) or "") if rule.attribute else found.text()


@pytest.mark.parametrize(
    ("name", "site"),
    [("demo_adult_directory", ADULT), ("demo_domestic_help", DOMESTIC), ("demo_job_board", JOBS)],
)
def test_following_the_pages_reaches_every_listing_without_the_closed_areas(
    web: Web, world: World, sources: dict[str, Source], name: str, site: str
) -> None:
    listings = sources[name].listings
    assert listings is not None
    assert listings.item is not None
    found = {}
    for _, tree in _crawl(web, sources[name]):
        for node in tree.css(listings.item):
            found[_value(node, listings.fields.external_id)] = {
                field: _value(node, rule) for field, rule in listings.fields.given().items()
            }
    assert set(found) == {item.external_id for item in world.items[site]}
    for item in world.items[site]:
        shown = found[item.external_id]
        assert shown["account"] == item.account
        assert shown["title"] or shown["text"]
        for identifier in item.identifiers:
            if identifier.kind in ("username", "email", "url"):
                assert identifier.value in shown["text"] + shown["title"] or site == JOBS
        if site == ADULT:
            assert shown["age"] == str(item.age)
            assert shown["posted_at"] == f"{item.posted:%Y-%m-%d %H:%M}"


def test_closed_areas_are_linked_and_served_so_that_only_manners_keep_a_crawler_out(
    web: Web, sources: dict[str, Source]
) -> None:
    for name in ("demo_adult_directory", "demo_job_board"):
        listings = sources[name].listings
        assert listings is not None
        selectors = [*listings.follow, *([listings.item_link] if listings.item_link else [])]
        linked = {
            urljoin(address, link.attributes["href"] or "")
            for address, tree in _crawl(web, sources[name])
            for selector in selectors
            for link in tree.css(selector)
        }
        closed = {address for address in linked if address.startswith(DISALLOWED)}
        assert closed
        assert all(_page(web, address) for address in closed)


@pytest.mark.parametrize("site", CHANNELS)
def test_paging_back_through_a_channel_reaches_every_message_once(web: Web, world: World, site: str) -> None:
    channel = site.split(".")[0]
    address: str | None = f"http://telegram.test/s/{channel}"
    numbers: list[int] = []
    while address:
        answer = _page(web, address)
        assert answer is not None
        tree = answer[1]
        shown = [
            int((node.attributes["data-post"] or "").rpartition("/")[2])
            for node in tree.css(".tgme_widget_message")
            if "service_message" not in (node.attributes["class"] or "")
        ]
        assert len(shown) <= 20
        numbers = shown + numbers
        more = tree.css_first("a.tme_messages_more")
        address = urljoin(address, more.attributes["href"] or "") if more else None
    assert numbers == [item.number for item in world.items[site]]


def test_every_message_has_its_text_author_and_time(web: Web, world: World) -> None:
    answer = _page(web, "http://telegram.test/s/citycontacts")
    assert answer is not None
    pictures = [node.attributes["style"] or "" for node in answer[1].css("a.tgme_widget_message_photo_wrap")]
    shown = [item.images for item in world.items["citycontacts.telegram.test"][-20:]]
    assert len(pictures) == sum(map(bool, shown))
    assert all(images[0] in style for images, style in zip(filter(None, shown), pictures, strict=True))
    for node in answer[1].css(".tgme_widget_message"):
        assert node.css_first(".tgme_widget_message_text")
        assert node.css_first(".tgme_widget_message_from_author")
        assert node.css_first("time[datetime]")
        assert node.css_first(".tgme_widget_message_views")


def test_the_export_holds_every_message_with_entities_and_service_messages_apart(
    world: World, tmp_path: Path
) -> None:
    document = json.loads(write_export(world, tmp_path).read_text(encoding="utf-8"))
    messages = [message for message in document["messages"] if message["type"] == "message"]
    assert [message["id"] for message in messages] == [item.number for item in world.items[EXPORT]]
    assert any(message["type"] == "service" for message in document["messages"])
    assert any(isinstance(message["text"], list) for message in messages)
    for message in messages:
        flat = (
            message["text"]
            if isinstance(message["text"], str)
            else "".join(part if isinstance(part, str) else part["text"] for part in message["text"])
        )
        assert flat == "".join(entity["text"] for entity in message["text_entities"])
    ids = [message["id"] for message in document["messages"]]
    assert len(set(ids)) == len(ids)


def test_no_query_shows_more_than_160_notices_yet_country_and_age_show_them_all(
    web: Web, world: World
) -> None:
    def ask(**query: str | int) -> dict[str, object]:
        page = web.page("notices.test", "/notices/v1/red", {key: str(value) for key, value in query.items()})
        assert page is not None
        answer: dict[str, object] = json.loads(page.body)
        return answer

    def pages(**query: str | int) -> set[str]:
        seen: set[str] = set()
        for number in range(1, 30):
            shown = ask(**query, page=number)["_embedded"]["notices"]  # type: ignore[index]
            seen |= {notice["entity_id"] for notice in shown}
            if not shown:
                break
        return seen

    assert ask()["total"] == len(world.notices.all)
    assert len(pages()) == 160
    brazil = ask(arrestWarrantCountryId="BR")["total"]
    assert isinstance(brazil, int)
    assert brazil > 160
    assert len(pages(arrestWarrantCountryId="BR")) == 160
    by_age = [pages(arrestWarrantCountryId="BR", ageMin=age, ageMax=age + 4) for age in range(18, 80, 5)]
    assert len(set.union(*by_age)) == brazil
    assert len(pages(arrestWarrantCountryId="CO")) == ask(arrestWarrantCountryId="CO")["total"]


def test_every_notice_has_a_country_that_the_source_asks_for(
    world: World, sources: dict[str, Source]
) -> None:
    asked = set(sources["demo_wanted_notices"].notices_mapping.countries)
    assert all(asked & {country for country, _ in notice.warrants} for notice in world.notices.all)
    assert len({notice.entity_id for notice in world.notices.all}) == len(world.notices.all)


def test_the_newsroom_lists_all_articles_and_releases_hold_their_figures(web: Web, world: World) -> None:
    paths = set()
    for number in range(1, 9):
        answer = _page(web, f"http://policedesk.test/news?page={number}")
        if answer:
            paths |= {link.attributes["href"] for link in answer[1].css("a.headline")}
    assert paths == {article.path for article in world.newsroom.articles}
    operations = truth_of(world).operations
    assert len(operations) == 15
    assert {operation.language for operation in operations} == {"en", "es", "pt", "fr", "de", "ro"}
    for operation in operations:
        answer = _page(web, operation.url)
        assert answer is not None
        text = " ".join(answer[1].css("article")[0].text().split())
        assert operation.name in text
        assert operation.start <= operation.end
        for metric in operation.metrics:
            assert " ".join(metric.quote.split()) in text


def test_the_calendar_never_ends(web: Web) -> None:
    address = "http://casahelp.test/calendar/2031/01"
    for _ in range(200):
        answer = _page(web, address)
        assert answer is not None
        address = urljoin(address, answer[1].css("p.pages a")[0].attributes["href"] or "")
    assert address.endswith("/calendar/2047/09")


def test_robots_files_ask_for_a_pause_and_close_an_area_or_are_missing(web: Web) -> None:
    def robots(host: str) -> str | None:
        page = web.page(host, "/robots.txt", {})
        return page.body.decode() if page else None

    assert "Crawl-delay: 0.1" in (robots("policedesk.test") or "")
    assert "Disallow: /private/" in (robots("www.nordsudjobs.test") or "")
    assert "Crawl-delay" not in (robots("www.nordsudjobs.test") or "Crawl-delay")
    assert robots("casahelp.test") is None


def test_some_offers_come_in_latin_bytes_with_a_false_label_or_none(web: Web, world: World) -> None:
    kinds = {"utf-8": 0, None: 0}
    for item in world.items[JOBS]:
        page = web.page("www.nordsudjobs.test", f"/offer/{item.external_id}", {})
        assert page is not None
        try:
            page.body.decode()
        except UnicodeDecodeError:
            kinds["utf-8" if "charset" in (page.content_type or "") else None] += 1
    assert kinds["utf-8"] >= 2
    assert kinds[None] >= 2


def test_the_operation_names_the_sources_that_there_are(sources: dict[str, Source]) -> None:
    import yaml

    operation = yaml.safe_load(
        (ROOT / "pipelines" / "operations" / "demonstration.yaml").read_text(encoding="utf-8")
    )
    assert sorted(operation["sources"]) == sorted(sources)
    assert operation["simulation"] == {"seed": 7, "size": "demo"}
