"""The job board: teasers on index pages, one offer a page; where most of the web's nastiness is met."""

from collections.abc import Mapping
from html import escape

from simulation.items import JOBS, Item
from simulation.places import CITY, LANGUAGES
from simulation.randomness import stream
from simulation.sites.page import HTML, Page, html, page_number, pager, redirect, text_page
from simulation.wording import write
from simulation.world import World

HOST = "www.nordsudjobs.test"
PER_PAGE = 20
CLOSED = "/private/"
ROBOTS = f"""User-agent: *
Disallow: {CLOSED}
Disallow: /apply/

Sitemap: http://{HOST}/sitemap.xml
"""
HUGE_BYTES = 50_000_000
_FOLDER = {"en": "offers", "es": "ofertas", "pt": "vagas", "fr": "offres", "de": "stellen", "ro": "oferte"}


class JobBoard:
    """`/<language>/<word>?page=n` lists offers, `/offer/<id>` shows one; the rest is trouble."""

    hosts = (HOST,)

    def __init__(self, world: World) -> None:
        self._seed = world.seed
        self._by_id = {item.external_id: item for item in world.items[JOBS]}
        self._languages: dict[str, list[Item]] = {language: [] for language in LANGUAGES}
        for item in reversed(world.items[JOBS]):
            self._languages[item.language].append(item)
        random = stream(world.seed, "job board")
        readable = [i for i in world.items[JOBS] if not i.obscured and i.language in ("es", "pt", "fr", "de")]
        chosen = random.sample(readable, 14)
        # Latin bytes under a false label or none; short addresses; a chain of redirects; slow bodies; tracking.
        self._mislabelled = {item.external_id for item in chosen[:3]}
        self._unlabelled = {item.external_id for item in chosen[3:6]}
        self._short = {item.external_id: f"/o/{number}" for number, item in enumerate(chosen[6:9], 1)}
        self._chained = chosen[9].external_id
        self._slow = chosen[10].external_id
        self._tracked = {item.external_id for item in chosen[11:14]}

    def page(self, host: str, path: str, query: Mapping[str, str]) -> Page | None:
        """See `Site.page`."""
        if path == "/robots.txt":
            return text_page(ROBOTS)
        if path == "/":
            links = "".join(f'<li><a href="/{key}/{word}">{word}</a></li>' for key, word in _FOLDER.items())
            return Page(html("Nord Sud Jobs", f'<h1>Nord Sud Jobs</h1><ul class="languages">{links}</ul>'))
        if path.startswith("/offer/"):
            return self._offer(path.removeprefix("/offer/"))
        for language, word in _FOLDER.items():
            if path == f"/{language}/{word}":
                return self._index(language, page_number(query))
        return self._trouble(path)

    def _trouble(self, path: str) -> Page | None:
        for external_id, short in self._short.items():
            if path == short:
                return redirect(f"/offer/{external_id}", 301)
        fixed = {
            "/r/1": redirect("/r/2", 302),
            "/r/2": redirect(f"http://{HOST}/r/3", 307),
            "/r/3": redirect(f"/offer/{self._chained}", 308),
            "/loop/a": redirect("/loop/b"),
            "/loop/b": redirect("/loop/a"),
            "/files/catalogue": Page(
                b"<p>" + b"catalogue of expired offers " * 585 + b"</p>\n", repeat=HUGE_BYTES // 16_384
            ),
            "/archive/damaged": Page(
                html("Archive", "<p>old offers</p>" * 200), gzip=True, broken_gzip=True, etag=False
            ),
        }
        if path.startswith((CLOSED, "/apply/")):
            return Page(
                html(
                    "Internal",
                    '<main class="offer"><h1>Internal vacancy</h1><div class="text">For members.</div></main>',
                )
            )
        return fixed.get(path)

    def _address(self, item: Item) -> str:
        if item.external_id in self._short:
            return self._short[item.external_id]
        if item.external_id == self._chained:
            return "/r/1"
        tracking = "?utm_source=front&utm_medium=teaser" if item.external_id in self._tracked else ""
        return f"/offer/{item.external_id}{tracking}"

    def _index(self, language: str, page: int) -> Page | None:
        items = self._languages[language]
        last = max(1, -(-len(items) // PER_PAGE))
        if page > last:
            return None
        shown = items[(page - 1) * PER_PAGE : page * PER_PAGE]
        teasers = "".join(
            f'<article class="teaser"><h2><a class="offer-title" href="{escape(self._address(item))}">'
            f"{escape(write(item, self._seed).title)}</a></h2>"
            f"<p>{escape(CITY[item.city].name)} · {item.posted:%Y-%m-%d}</p></article>\n"
            for item in shown
        )
        # The same offer once more under a campaign's address.
        teasers += "".join(
            f'<aside><a class="offer-title" href="/offer/{item.external_id}?utm_campaign=week{page}">★</a></aside>'
            for item in shown[:1]
            if page % 4 == 1 and item.external_id not in self._short and item.external_id != self._chained
        )
        teasers += (
            '<aside><a class="offer-title" href="/private/offers/77">Internal</a></aside>'
            if page % 3 == 1
            else ""
        )
        if language == "en" and page == 1:
            for address in (
                "/loop/a",
                "/files/catalogue",
                "/archive/damaged",
                "/offer/j000",
                "/private/list",
            ):
                teasers += f'<aside><a class="offer-title" href="{address}">More</a></aside>'
        word = _FOLDER[language]
        links = "".join(f'<a href="/{language}/{word}?page={n}">{n}</a> ' for n in pager(page, last))
        if page < last:
            links += f'<a rel="next" href="/{language}/{word}?page={page + 1}">→</a>'
        body = (
            f'<h1>{word}</h1><section id="results">{teasers}</section><nav class="pagination">{links}</nav>'
        )
        return Page(
            html(f"{word} – Nord Sud Jobs", body, language), modified=shown[0].posted if shown else None
        )

    def _offer(self, external_id: str) -> Page | None:
        item = self._by_id.get(external_id)
        if item is None:
            return None
        words = write(item, self._seed)
        paragraphs = "".join(f"<p>{escape(part, quote=False)}</p>" for part in words.text.split("\n") if part)
        phone = f'<dt>Tel</dt><dd itemprop="telephone">{escape(words.phone)}</dd>' if words.phone else ""
        similar = self._languages[item.language][:3]
        more = "".join(
            f'<li><a href="/offer/{other.external_id}">{other.external_id}</a></li>' for other in similar
        )
        body = (
            f'<header><a href="/">Nord Sud Jobs</a></header><main class="offer" id="{external_id}" '
            f'itemscope itemtype="https://schema.org/JobPosting"><h1 itemprop="title">{escape(words.title)}</h1>'
            f'<p class="by"><span itemprop="hiringOrganization">{escape(item.name)}</span> '
            f'(<span class="member">{escape(item.account)}</span>), '
            f'<span itemprop="jobLocation">{escape(CITY[item.city].name)}</span>, '
            f'<time itemprop="datePosted" datetime="{item.posted:%Y-%m-%dT%H:%M:%SZ}">{item.posted:%d.%m.%Y}</time></p>'
            f'<div class="text" itemprop="description">{paragraphs}</div><dl class="contact">{phone}'
            f'<dt>Ref</dt><dd>{external_id}</dd></dl></main><aside><h2>…</h2><ul class="similar">{more}</ul>'
            f'<a href="/apply/{external_id}">Apply</a></aside>'
        )
        document = html(f"{words.title} – Nord Sud Jobs", body, item.language)
        if external_id in self._mislabelled:
            return Page(_latin(document), HTML, modified=item.posted)
        if external_id in self._unlabelled:
            return Page(
                _latin(document.replace(b'<meta charset="utf-8">\n', b"")), "text/html", modified=item.posted
            )
        return Page(document, modified=item.posted, trickle_seconds=2.0 if external_id == self._slow else 0.0)


def _latin(document: bytes) -> bytes:
    return document.decode().encode("cp1252", "xmlcharrefreplace")
