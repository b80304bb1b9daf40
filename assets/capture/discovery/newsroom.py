"""Discovery in newsrooms: articles come from index pages, feeds and sitemaps; articles are leaves."""

import re
from datetime import UTC, datetime, timedelta

from assets.capture.canonical import canonical_url
from assets.capture.discovery.page import Page, Request, Role, addresses, base_of, html_tree, new_addresses
from assets.capture.discovery.xml import Entry, read_feed, read_sitemap
from assets.capture.source import Source


def starts(source: Source) -> list[Request]:
    """Feeds, sitemaps and (when articles are linked from pages) the index pages."""
    newsroom = source.newsroom
    if newsroom is None:
        return []
    first = source.start[0]
    requests = [Request(_joined(address, first), "feed", named=True) for address in newsroom.feeds]
    requests += [Request(_joined(address, first), "sitemap", named=True) for address in newsroom.sitemaps]
    if newsroom.article_link is not None or newsroom.follow:
        requests += [Request(address, "index", named=True) for address in source.start]
    return requests


def discover(source: Source, page: Page, now: datetime | None = None) -> list[Request]:
    """The articles and further index pages or sitemaps that a page leads to.

    `scope.since_days` leaves out entries of feeds and sitemaps that say they are older; `now` is for tests.
    """
    newsroom = source.newsroom
    if newsroom is None or page.role not in ("index", "feed", "sitemap"):
        return []
    oldest: datetime | None = None
    if source.scope.since_days is not None:
        oldest = (now or datetime.now(UTC)) - timedelta(days=source.scope.since_days)
    requests: list[Request] = []
    base = page.url

    def add(href: str, role: Role) -> None:
        url = canonical_url(href, base)
        if url is None:
            return
        if role == "article" and newsroom.article_pattern and not re.search(newsroom.article_pattern, url):
            return
        requests.append(Request(url, role))

    def is_recent(entry: Entry) -> bool:
        return oldest is None or entry.changed_at is None or entry.changed_at >= oldest

    def add_recent(entries: list[Entry], role: Role) -> None:
        for entry in entries:
            if is_recent(entry):
                add(entry.url, role)

    if page.role == "feed":
        feed = read_feed(page.body)
        page.leave_out("feed_cut", feed.is_cut)
        add_recent(feed.entries, "article")
        if feed.following is not None and any(is_recent(entry) for entry in feed.entries):
            add(feed.following, "feed")
    elif page.role == "sitemap":
        sitemap = read_sitemap(page.body)
        page.leave_out("sitemap_limit", sitemap.beyond)
        page.leave_out("sitemap_cut", sitemap.is_cut)
        add_recent(sitemap.pages, "article")
        add_recent(sitemap.sitemaps, "sitemap")
    else:
        tree = html_tree(page)
        base = canonical_url(base_of(tree) or "", page.url) or page.url
        if newsroom.article_link:
            for href in new_addresses(addresses(tree, newsroom.article_link), page, "article", base):
                add(href, "article")
        for selector in newsroom.follow:
            for href in new_addresses(addresses(tree, selector), page, "index", base):
                add(href, "index")
    return requests


def _joined(address: str, base: str) -> str:
    return canonical_url(address, base) or address
