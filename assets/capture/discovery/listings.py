"""Discovery on listing sites: index pages lead to further index pages and to item pages; items are leaves."""

from assets.capture.canonical import canonical_url
from assets.capture.discovery.page import Page, Request, Role, addresses, base_of, html_tree, new_addresses
from assets.capture.source import Source


def starts(source: Source) -> list[Request]:
    """The index pages that the source names."""
    return [Request(address, "index", named=True) for address in source.start]


def discover(source: Source, page: Page) -> list[Request]:
    """Item links first, so that a round that ends early has items; then further index pages."""
    if page.role != "index" or source.listings is None:
        return []
    tree = html_tree(page)
    base = canonical_url(base_of(tree) or "", page.url) or page.url
    requests: list[Request] = []

    def add(selector: str, role: Role) -> None:
        for href in new_addresses(addresses(tree, selector), page, role, base):
            url = canonical_url(href, base)
            if url is not None:
                requests.append(Request(url, role))

    if source.listings.item_link is not None:
        add(source.listings.item_link, "item")
    for selector in source.listings.follow:
        add(selector, "index")
    return requests
