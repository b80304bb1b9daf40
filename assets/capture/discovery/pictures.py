"""Discovery of pictures: those that the items of a page show, where the source file says that they stand."""

from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from assets.capture.canonical import canonical_url
from assets.capture.discovery.page import MEBIBYTE, Page, Request, Role, base_of, html_tree
from assets.capture.field_rules import CompiledRule, compile_rules, image_urls
from assets.capture.source import FieldRule, Source

# As much of a page with items is read for its pictures.
MOST_BYTES_OF_ITEMS = 4 * MEBIBYTE
_POST = "[data-post]"
# Photos and the still of a video are backgrounds; avatars and emoji are left out.
_IN_A_POST = FieldRule(
    selector=".tgme_widget_message_photo_wrap, .tgme_widget_message_video_thumb, "
    ".tgme_widget_message_roundvideo_thumb",
    attribute="style",
)


def shows_items(source: Source, role: Role) -> bool:
    """Whether pages of this role are read for pictures."""
    if not source.images.fetch:
        return False
    if source.listings is not None:
        return role == ("index" if source.listings.item_link is None else "item")
    return source.kind == "telegram_preview" and role == "preview"


def discover(source: Source, page: Page) -> list[Request]:
    """The pictures of a page's items in page order, each once, the first `images.max_per_item` of each item."""
    if not shows_items(source, page.role):
        return []
    tree = html_tree(page)
    base = canonical_url(base_of(tree) or "", page.url) or page.url
    rule = _rule(_field(source))
    found: dict[str, None] = {}
    for item in _items(source, tree):
        for address in image_urls(rule, item, base)[: source.images.max_per_item]:
            url = canonical_url(address)
            if url is not None:
                found.setdefault(url)
    return [Request(url, "image") for url in found]


def _field(source: Source) -> FieldRule:
    given = source.listings.fields.images if source.listings is not None else _IN_A_POST
    return given or FieldRule()


def _items(source: Source, tree: LexborHTMLParser) -> list[LexborNode]:
    """The elements that are one item each, as parsing finds them."""
    if source.listings is None:
        return tree.css(_POST)
    if source.listings.item is None:
        return [tree.root] if tree.root is not None else []
    return tree.css(source.listings.item)


@lru_cache(maxsize=1024)
def _rule(field: FieldRule) -> CompiledRule:
    return compile_rules({"images": field})["images"]
