"""Links in an advertisement that reach a person: telephone, mail, messengers, and the poster's other pages."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

from assets.capture.field_rules import CompiledRule, matches

_SCHEMES = (
    "tel:", "mailto:", "sms:", "smsto:", "callto:", "whatsapp:", "tg:", "viber:", "skype:", "signal:", "sgnl:",
    "threema:", "line:", "facetime:", "xmpp:", "bitcoin:", "wechat:", "weixin:",
)  # fmt: skip
_MESSENGER_HOSTS = (
    "wa.me/", "api.whatsapp.com/", "chat.whatsapp.com/", "web.whatsapp.com/", "wa.link/", "t.me/", "telegram.me/",
    "signal.me/", "signal.group/", "line.me/", "m.me/", "viber.me/", "threema.id/", "discord.gg/", "join.skype.com/",
    "zalo.me/", "vk.me/", "snapchat.com/add/",
)  # fmt: skip
_SHARING = ("/share", "/sharer", "/intent/", "share?", "text=http", "text=https%3a", "/dialog/")
_FIELDS = ("text", "contact", "phone", "account")
# Parts of a page that are the site's, not the advertiser's.
_SITE_PARTS = frozenset({"header", "footer", "nav"})
# A box beside the content holds the advertiser's contact, or another advertiser who pays for it.
_BOXES = frozenset({"aside"})
# A link beside the advertisement that stands on most detail pages is the site's own. Below this many pages one
# busy advertiser looks the same.
_PAGES_TO_JUDGE = 10
_SITE_WIDE_SHARE = 0.6


class ContactLinks(NamedTuple):
    """`within`: links in the fields that hold text or contact; `around`: contact links elsewhere in the item."""

    within: list[str]
    around: list[str]


def contact_links(
    element: LexborNode, host: str, rules: Mapping[str, CompiledRule], *, whole_page: bool, told: bool = False
) -> ContactLinks:
    """The links of an item on a page of `host`, in page order, once each.

    Within the fields, links to any other site count too. Of a whole page, header, footer and navigation do not, nor
    does a box beside the content (`aside`) when the advertisement has a contact of its own: `told` says that its
    fields hold one.
    """
    links = element.css("a[href]")
    if not links:
        return ContactLinks([], [])
    within: dict[str, None] = {}
    for name in _FIELDS:
        rule = rules.get(name)
        if rule is None or rule.value is not None or not rule.selector:
            continue
        for node in matches(rule, element):
            for link in node.css("a[href]"):
                address = (link.attributes.get("href") or "").strip()
                if reaches_a_person(address):
                    within.setdefault(unquote(address))
                elif _leads_elsewhere(address, host):
                    within.setdefault(address)
    around: dict[str, None] = {}
    beside: dict[str, None] = {}
    for link in links:
        address = (link.attributes.get("href") or "").strip()
        if not reaches_a_person(address) or (whole_page and _is_inside(link, _SITE_PARTS)):
            continue
        contact = unquote(address)
        if contact not in within:
            (beside if whole_page and _is_inside(link, _BOXES) else around).setdefault(contact)
    if not (told or within or around):
        around = beside
    return ContactLinks(list(within), list(around))


def reaches_a_person(address: str) -> bool:
    """Whether an address telephones, writes or opens a chat (and does not merely share the page)."""
    folded = address.lower()
    if folded.startswith(_SCHEMES):
        return True
    bare = folded.partition("//")[2] if "//" in folded[:8] else folded
    return bare.removeprefix("www.").startswith(_MESSENGER_HOSTS) and not _shares(folded)


def site_wide_links(around: Iterable[Iterable[str]]) -> frozenset[str]:
    """Of the links around each item of a unit's detail pages, those that stand on most pages: the site's own."""
    pages = [set(links) for links in around]
    if len(pages) < _PAGES_TO_JUDGE:
        return frozenset()
    counts = Counter(link for links in pages for link in links)
    return frozenset(link for link, count in counts.items() if count > _SITE_WIDE_SHARE * len(pages))


def host_of(address: str) -> str:
    """Host and port of an address, without `www.`."""
    return address.partition("//")[2].partition("/")[0].lower().removeprefix("www.")


def _leads_elsewhere(address: str, host: str) -> bool:
    return (
        address.startswith(("http://", "https://", "//"))
        and host_of(address) != host
        and not _shares(address.lower())
    )


def _shares(folded: str) -> bool:
    return any(mark in folded for mark in _SHARING)


def _is_inside(link: LexborNode, parts: frozenset[str]) -> bool:
    parent = link.parent
    while parent is not None:
        if parent.tag in parts:
            return True
        parent = parent.parent
    return False
