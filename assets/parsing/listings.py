"""Advertisements and job offers: a page of a listing site to rows, by the CSS rules of its source file."""

import re
from datetime import datetime
from typing import Any, NamedTuple, get_args

from selectolax.lexbor import LexborHTMLParser, LexborNode

from assets.capture.field_rules import CompiledRule, absolute_url, compile_rules, dialect, image_urls
from assets.capture.source import Category, Source
from assets.parsing.contacts import contact_links, host_of
from assets.parsing.dates import parse_date, plausible
from assets.parsing.selectors import read
from assets.parsing.text import content_digest, item_key

_CATEGORIES: frozenset[str] = frozenset(get_args(Category))
# Besides text, what makes a detail page an advertisement.
_TELLING = ("external_id", "account", "phone", "contact", "place", "price", "nationality", "age")
# With as many digits a field may hold a telephone number.
_DIGITS_OF_A_PHONE = 7


class ListingPage(NamedTuple):
    """What one page gives.

    `rows`: columns of `listings` but for the unit and capture columns, plus `links_around`, the contact links
    beside the fields. `missed`: rules that matched nothing, as (rule, detail). `seen`: how often each field was
    found.
    """

    rows: list[dict[str, Any]]
    missed: list[tuple[str, str]]
    seen: dict[str, int]


class ListingReader:
    """Applies one source's listing rules to page after page; selectors and patterns are prepared once."""

    def __init__(self, source: Source) -> None:
        if source.listings is None:
            raise ValueError(f"source {source.name}: no `listings:` section")
        self.source = source
        self.mapping = source.listings
        self.rules: dict[str, CompiledRule] = compile_rules(source.listings.fields.given())
        self.item_selector = source.listings.item
        self.whole_page = source.listings.item_link is not None and source.listings.item is None
        self._follow = [re.sub(r"@[\w:-]+$", "", selector).strip() for selector in source.listings.follow]
        self._leave_out = [dialect(selector) for selector in source.listings.leave_out]
        self._region = source.region or source.jurisdiction

    def read_page(self, html: str, url: str, fetched_at: datetime) -> ListingPage:
        """Read one page (text, final address, aware time of fetching) into rows. Never raises on odd HTML."""
        tree = LexborHTMLParser(html)
        root = tree.root
        seen = dict.fromkeys(self.rules, 0)
        if root is None:
            return ListingPage([], [("selector_matched_nothing", "the page has no elements")], seen)
        base = _base_address(tree, url)
        language = (root.attributes.get("lang") or "").strip().lower()[:2]
        declared = language if len(language) == 2 and language.isalpha() else None
        for selector in self._leave_out:
            # What one part holds goes with it, so each is looked for anew.
            while (part := tree.css_first(selector)) is not None and part.tag not in ("html", "body"):
                part.decompose()
        elements = [root] if self.whole_page else list(tree.css(self.item_selector or "html"))
        if not elements:
            rule = "page_without_items" if self._leads_on(tree) else "selector_matched_nothing"
            return ListingPage([], [(rule, f"listings.item {self.item_selector!r} matched nothing")], seen)
        rows: list[dict[str, Any]] = []
        missed_rules: dict[tuple[str, str], None] = {}
        single = len(elements) == 1 and self.mapping.item_link is not None
        for element in elements:
            row, lacking = self._item(element, base, url if single else None, declared, fetched_at, seen)
            if row is not None:
                rows.append(row)
            missed_rules.update(dict.fromkeys(lacking))
        return ListingPage(rows, list(missed_rules), seen)

    def _leads_on(self, tree: LexborHTMLParser) -> bool:
        """Whether an index page without items may be one that only leads to others (a choice of cities)."""
        return self.mapping.item_link is None and any(
            tree.css_first(selector) is not None for selector in self._follow
        )

    def _item(
        self,
        element: LexborNode,
        base: str,
        page_url: str | None,
        declared: str | None,
        fetched_at: datetime,
        seen: dict[str, int],
    ) -> tuple[dict[str, Any] | None, list[tuple[str, str]]]:
        rules = self.rules
        values: dict[str, str | None] = {}
        lacking: list[tuple[str, str]] = []
        for name, rule in rules.items():
            if name == "images":
                continue
            prefer = ("datetime", "content") if name == "posted_at" else ("href",) if name == "url" else ()
            value = read(rule, element, prefer)
            values[name] = value
            if value is not None:
                seen[name] += 1
            elif rule.required:
                lacking.append(
                    ("required_field_missing", f"listings.fields.{name} {rule.written!r} matched nothing")
                )
        images: list[str] = []
        if "images" in rules:
            images = image_urls(rules["images"], element, base)
            seen["images"] += bool(images)
            if not images and rules["images"].required:
                written = rules["images"].written
                lacking.append(
                    ("required_field_missing", f"listings.fields.images {written!r} matched nothing")
                )
        title, text = values.get("title"), values.get("text")
        # A detail page with a heading and nothing else is an error page or a changed layout.
        bare = self.whole_page and "text" in rules and not any(values.get(name) for name in _TELLING)
        if text is None and (title is None or bare):
            tried = ", ".join(
                f"listings.fields.{n} {rules[n].written!r}" for n in ("title", "text") if n in rules
            )
            return None, [("selector_matched_nothing", f"{tried} matched nothing")]
        if lacking:
            return None, lacking
        own_url = absolute_url(base, values.get("url") or "") or page_url
        told = any(
            sum(map(str.isdigit, value or "")) >= _DIGITS_OF_A_PHONE
            for value in (values.get("phone"), values.get("contact"), text, title)
        )
        links = contact_links(element, host_of(base), rules, whole_page=self.whole_page, told=told)
        contact = _lines([values.get("contact"), *links.within, *links.around])
        language = (values.get("language") or "").strip().lower()[:2]
        category = (values.get("category") or "").strip().casefold()
        body = text if text is not None else title or ""
        posted_at = self._posted_at(values.get("posted_at"), fetched_at)
        row: dict[str, Any] = {
            "url": own_url,
            "external_id": values.get("external_id"),
            "category": category if category in _CATEGORIES else self.mapping.category,
            "account": values.get("account"),
            "title": title,
            "text": body,
            "posted_at": posted_at,
            "phone_text": values.get("phone"),
            "contact_text": contact,
            "links_around": links.around,
            "place_text": values.get("place"),
            "nationality_text": values.get("nationality"),
            "age_text": values.get("age"),
            "price_text": values.get("price"),
            "image_urls": images,
            "language": language or self.source.language or declared,
            "region": self._region,
            "content_sha256": content_digest(body),
        }
        if values.get("posted_at") and posted_at is None:
            written = rules["posted_at"].written
            lacking = [("date_not_understood", f"listings.fields.posted_at {written!r}")]
        # Without an id or address of its own, an item is known by all that it says.
        says = (title, text, values.get("account"), values.get("phone"), contact, values.get("place"))
        key = values.get("external_id") or own_url or content_digest("\n".join(part or "" for part in says))
        row["item_id"] = item_key("listings", self.source.name, key)
        return row, lacking

    def _posted_at(self, written: str | None, fetched_at: datetime) -> datetime | None:
        rule = self.rules.get("posted_at")
        if rule is None or written is None:
            return None
        moment = parse_date(
            written,
            reference=fetched_at,
            pattern=rule.format,
            languages=rule.languages or ((self.source.language,) if self.source.language else ()),
            region=self._region,
        )
        return plausible(moment, fetched_at)


def _base_address(tree: LexborHTMLParser, url: str) -> str:
    base = tree.css_first("base[href]")
    if base is None:
        return url
    return absolute_url(url, base.attributes.get("href") or "") or url


def _lines(parts: list[str | None]) -> str | None:
    return "\n".join(dict.fromkeys(part.strip() for part in parts if part and part.strip())) or None
