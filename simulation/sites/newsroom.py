"""The newsroom: index pages, articles, an RSS feed and a sitemap; robots.txt asks for a pause between requests."""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from email.utils import format_datetime
from html import escape

from babel.dates import format_date

from simulation.news import Article
from simulation.sites.page import Page, html, page_number, pager, text_page
from simulation.world import World

HOST = "policedesk.test"
PER_PAGE = 12
CRAWL_DELAY = 0.1
ROBOTS = f"""User-agent: *
Crawl-delay: {CRAWL_DELAY}
Disallow: /drafts/
Sitemap: http://{HOST}/sitemap.xml
"""


class NewsDesk:
    """`/news?page=n`, the articles, `/feed.xml` and `/sitemap.xml`."""

    hosts = (HOST,)

    def __init__(self, world: World) -> None:
        self._articles = world.newsroom.articles
        self._by_path = {article.path: article for article in self._articles}

    def page(self, host: str, path: str, query: Mapping[str, str]) -> Page | None:
        """See `Site.page`."""
        if path == "/robots.txt":
            return text_page(ROBOTS)
        if path in ("/", "/news"):
            return self._index(page_number(query))
        if path == "/feed.xml":
            return self._feed()
        if path == "/sitemap.xml":
            return self._sitemap()
        if path.startswith("/drafts/"):
            return Page(html("Draft", "<p>Not released.</p>"))
        article = self._by_path.get(path)
        return _article(article) if article else None

    def _index(self, page: int) -> Page | None:
        last = max(1, -(-len(self._articles) // PER_PAGE))
        if page > last:
            return None
        entries = "".join(
            f'<li><time datetime="{a.published}">{a.published:%d.%m.%Y}</time> <a class="headline" href="{a.path}" '
            f'hreflang="{a.language}">{escape(a.title)}</a></li>\n'
            for a in self._articles[(page - 1) * PER_PAGE : page * PER_PAGE]
        )
        links = " ".join(f'<a href="/news?page={n}">{n}</a>' for n in pager(page, last))
        body = (
            f'<h1>Police Desk</h1><ol class="headlines">{entries}</ol><nav class="more">{links}</nav>'
            '<footer><a href="/drafts/next-week">Planned</a> <a href="/feed.xml">RSS</a></footer>'
        )
        return Page(html("Police Desk", body), gzip=True)

    def _feed(self) -> Page:
        items = "".join(
            f"<item><title>{escape(a.title)}</title><link>http://{HOST}{a.path}</link><guid>http://{HOST}{a.path}</guid>"
            f"<pubDate>{format_datetime(_noon(a))}</pubDate><description>{escape(a.paragraphs[0])}</description></item>\n"
            for a in self._articles[:20]
        )
        feed = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Police Desk</title>'
            f"<link>http://{HOST}/</link><description>Releases and local news</description>\n{items}</channel></rss>\n"
        )
        return Page(feed.encode(), "application/rss+xml; charset=utf-8")

    def _sitemap(self) -> Page:
        entries = "".join(
            f"<url><loc>http://{HOST}{a.path}</loc><lastmod>{a.published}</lastmod></url>\n"
            for a in self._articles
        )
        document = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
            f"{entries}</urlset>\n"
        )
        return Page(document.encode(), "application/xml")


def _noon(article: Article) -> datetime:
    return datetime.combine(article.published, time(12), tzinfo=UTC)


def _article(article: Article) -> Page:
    locale = "en_GB" if article.language == "en" else article.language
    paragraphs = "".join(f"<p>{escape(paragraph, quote=False)}</p>\n" for paragraph in article.paragraphs)
    body = (
        '<nav class="top"><a href="/news">Police Desk</a> <a href="/contact">Contact</a></nav>\n'
        f'<article><h1>{escape(article.title)}</h1>\n<p class="date"><time datetime="{article.published}">'
        f"{format_date(article.published, 'long', locale=locale)}</time></p>\n"
        f'<div class="body">{paragraphs}</div></article>\n'
        '<aside class="related"><h2>Police Desk</h2><p>Share · Print · Subscribe to our letter</p></aside>'
        "<footer><p>Police Desk is an invented newsroom.</p></footer>"
    )
    head = f'<meta property="article:published_time" content="{article.published}T12:00:00Z">\n'
    return Page(html(article.title, body, article.language, head), modified=_noon(article), gzip=True)
