"""The exchange for help at home: tables by region, dates in words, session numbers in links, an endless calendar."""

from collections.abc import Mapping
from html import escape

from babel.dates import format_date

from simulation.items import DOMESTIC, Item
from simulation.places import CITY, NATIONALITY
from simulation.randomness import stream, token
from simulation.sites.page import Page, html, lines, page_number, pager
from simulation.wording import write
from simulation.world import World

PER_PAGE = 12
_REGIONS = {
    "de": "Deutschland, Österreich, Schweiz",
    "es": "España",
    "fr": "France",
    "en": "Britain and Ireland",
    "pt": "Portugal",
    "ro": "România",
}
# Labels of the facts line: age, origin.
_LABELS = {
    "de": ("Alter", "Herkunft"),
    "es": ("Edad", "Origen"),
    "fr": ("Âge", "Origine"),
    "en": ("Age", "From"),
    "pt": ("Idade", "Origem"),
    "ro": ("Vârstă", "Origine"),
}


class DomesticExchange:
    """`/` lists regions, `/region/<language>?page=n` a table of advertisements; no robots.txt."""

    hosts = (DOMESTIC,)

    def __init__(self, world: World) -> None:
        self._seed = world.seed
        self._regions: dict[str, list[Item]] = {region: [] for region in _REGIONS}
        for item in reversed(world.items[DOMESTIC]):
            self._regions[CITY[item.city].language].append(item)
        self._by_id = {item.external_id: item for item in world.items[DOMESTIC]}

    def page(self, host: str, path: str, query: Mapping[str, str]) -> Page | None:
        """See `Site.page`."""
        if path == "/":
            return self._home()
        if path.startswith("/calendar/"):
            return _calendar(path)
        if path.startswith("/anzeige/"):
            item = self._by_id.get(path.removeprefix("/anzeige/"))
            return Page(html(item.name, f"<table>{self._row(item)}</table>", item.language)) if item else None
        region = path.removeprefix("/region/")
        return self._table(region, page_number(query)) if region in self._regions else None

    def _home(self) -> Page:
        rows = "".join(
            f'<tr><td><a href="/region/{key}">{escape(name)}</a></td></tr>' for key, name in _REGIONS.items()
        )
        return Page(html("Casa Help", f'<h1>Casa Help</h1><table class="regions">{rows}</table>', "de"))

    def _table(self, region: str, page: int) -> Page | None:
        items = self._regions[region]
        last = max(1, -(-len(items) // PER_PAGE))
        if page > last:
            return None
        shown = items[(page - 1) * PER_PAGE : page * PER_PAGE]
        links = [f'<a href="?page={n}">{n}</a>' for n in pager(page, last)]
        if page % 25 == 3:
            # The same next page under a session number, as careless shops do.
            session = token(24, self._seed, "session", region, page)
            links.append(f'<a href="?page={min(page + 1, last)}&amp;sid={session}">»</a>')
        if page == 1:
            links.append('<a href="/calendar/2031/01">Kalender</a>')
        body = (
            f'<div id="top"><a href="/">Casa Help</a> / {escape(_REGIONS[region])}</div>\n<table class="ads">\n'
            f"<tr><th>·</th><th>·</th><th>·</th><th>·</th></tr>\n{''.join(self._row(item) for item in shown)}</table>\n"
            f'<p class="pages">{" ".join(links)}</p>'
        )
        random = stream(self._seed, "domestic page", region, page)
        slow = 1.2 if region == "de" and page == 2 else 0.0
        return Page(
            html(f"{_REGIONS[region]} – Casa Help", body, region),
            modified=shown[0].posted if shown and random.random() < 0.7 else None,
            etag=random.random() < 0.8,
            gzip=random.random() < 0.5 and not slow,
            trickle_seconds=slow,
        )

    def _row(self, item: Item) -> str:
        words = write(item, self._seed)
        locale = "en_GB" if item.language == "en" else item.language
        age, origin = _LABELS[item.language]
        nation = NATIONALITY[item.nationality].word(item.language)
        facts = f"{age}: {item.age} · {origin}: {nation}"
        pictures = "".join(f'<a class="photo" href="{image}">◻</a>' for image in item.images)
        contact = escape(words.phone) if words.phone else "—"
        when = format_date(item.posted, "long", locale=locale)
        return (
            f'<tr class="ad" id="{item.external_id}"><td data-label="when">{when}</td>'
            f'<td data-label="text"><b>{escape(words.title)}</b><div>{lines(words.text)}</div>'
            f'<small>{escape(facts)}</small>{pictures}</td><td data-label="where">{escape(CITY[item.city].name)}</td>'
            f'<td data-label="contact"><i>{escape(item.account)}</i><br><span>{contact}</span></td></tr>\n'
        )


def _calendar(path: str) -> Page | None:
    """A month of a calendar that never ends: every page links to the next and the previous month."""
    parts = path.split("/")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts[2:]):
        return None
    months = int(parts[2]) * 12 + int(parts[3]) - 1
    links = "".join(
        f'<a href="/calendar/{(months + step) // 12}/{(months + step) % 12 + 1:02d}">{name}</a> '
        for step, name in ((1, "next"), (-1, "previous"))
    )
    return Page(html("Kalender", f'<h1>{parts[2]}/{parts[3]}</h1><p class="pages">{links}</p>'))
