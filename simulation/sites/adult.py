"""The adult directory: a page list per city, whole cards on it, compressed; an area that robots.txt closes."""

from collections.abc import Mapping
from html import escape
from urllib.parse import quote

from simulation.items import ADULT, Item
from simulation.obscuring import plain
from simulation.places import CITIES, CITY, NATIONALITY
from simulation.randomness import stream
from simulation.sites.page import Page, html, lines, page_number, pager, redirect, text_page
from simulation.wording import write
from simulation.world import World

HOST = "www.lunaguide.test"
PER_PAGE = 21
CLOSED = "/account/"
ROBOTS = f"""# Luna Guide
User-agent: *
Disallow: {CLOSED}
Disallow: /*?print=
Allow: /account/help$

User-agent: GreedyBot
Disallow: /
"""


class AdultDirectory:
    """`/` lists cities, `/<city>/?page=n` their cards, `/ad/<id>` one card."""

    hosts = (HOST, ADULT)

    def __init__(self, world: World) -> None:
        self._seed = world.seed
        self._cities: dict[str, list[Item]] = {city.slug: [] for city in CITIES}
        for item in reversed(world.items[ADULT]):
            self._cities[item.city].append(item)
        self._by_id = {item.external_id: item for item in world.items[ADULT]}

    def page(self, host: str, path: str, query: Mapping[str, str]) -> Page | None:
        """See `Site.page`."""
        if path == "/robots.txt":
            return text_page(ROBOTS)
        if host == ADULT:
            return redirect(f"http://{HOST}{quote(path)}", 301)
        if path == "/":
            return self._home()
        if path.startswith(CLOSED):
            return Page(html("Account", "<p>Members only.</p>"))
        if path.startswith("/ad/"):
            item = self._by_id.get(path[4:])
            return Page(html(item.name, self._card(item)), modified=item.posted, gzip=True) if item else None
        slug = path.strip("/")
        if slug in self._cities and not path.endswith("/"):
            return redirect(f"/{slug}/", 301)
        return self._listing(slug, page_number(query)) if slug in self._cities else None

    def _navigation(self) -> str:
        cities = "".join(f'<li><a href="/{city.slug}/">{escape(city.name)}</a></li>' for city in CITIES)
        return (
            f'<nav class="cities"><ul>{cities}<li><a href="/account/new">Post your card</a></li>'
            f'<li><a href="/account/messages?box=in">Messages</a></li></ul></nav>'
        )

    def _home(self) -> Page:
        greeting = (
            "<header><h1>Luna Guide</h1><p>Independent company, city by city. Adults only.</p></header>"
        )
        body = greeting + self._navigation()
        return Page(html("Luna Guide", body), gzip=True)

    def _listing(self, slug: str, page: int) -> Page | None:
        items = self._cities[slug]
        last = max(1, -(-len(items) // PER_PAGE))
        if page > last:
            return None
        shown = items[(page - 1) * PER_PAGE : page * PER_PAGE]
        city = CITY[slug]
        links = "".join(
            f'<li><a href="/{slug}/?page={n}"{" class=here" if n == page else ""}>{n}</a></li>'
            for n in pager(page, last)
        )
        body = (
            f'<header><a class="logo" href="/">Luna Guide</a><h1>{escape(city.name)}</h1></header>{self._navigation()}'
            f'<div class="grid">{"".join(self._card(item) for item in shown)}</div>'
            f'<ul class="pager">{links}</ul><footer><a href="https://safety-advice.example/">Safety</a> · '
            f'<a href="/{slug}/?print=1">Print</a></footer>'
        )
        newest = shown[0].posted if shown else None
        return Page(html(f"{city.name} · Luna Guide", body, city.language), modified=newest, gzip=True)

    def _card(self, item: Item) -> str:
        words = write(item, self._seed)
        random = stream(self._seed, "card", item.number)
        pictures = "".join(f'<img class="pic" data-src="{image}" alt="">' for image in item.images)
        origin = NATIONALITY[item.nationality].word(item.language if random.random() < 0.8 else "en")
        facts = f'<li class="age">{item.age}</li><li class="origin">{escape(origin)}</li>'
        facts += f'<li class="city">{escape(CITY[item.city].name)}</li>'
        if random.random() < 0.7:
            facts += f'<li class="rate">{escape(words.price)}</li>'
        phone = ""
        if words.phone:
            first = next(i.phone for i in item.identifiers if i.phone and not i.generic)
            target = plain(first, "", random).replace(" ", "")
            phone = f'<a class="tel" href="tel:{escape(target)}">{escape(words.phone)}</a>'
        return (
            f'<div class="card" data-ref="{item.external_id}"><div class="pics">{pictures}</div>'
            f'<h3><a href="/ad/{item.external_id}">{escape(words.title)}</a></h3>'
            f'<span class="who">{escape(item.account)}</span>'
            f'<span class="when" title="{item.posted:%Y-%m-%d %H:%M}">{item.posted:%d/%m}</span>'
            f'<ul class="facts">{facts}</ul><p class="blurb">{lines(words.text)}</p>{phone}</div>\n'
        )
