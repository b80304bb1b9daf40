"""Articles: the main text of a web page and what it says about itself (title, publisher, date, language)."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from selectolax.lexbor import LexborHTMLParser, LexborNode

from assets.capture.field_rules import CompiledRule, matches
from assets.parsing.dates import parse_date, plausible
from assets.parsing.selectors import read
from assets.parsing.text import visible_text

_FIGURE = re.compile(r"\d+(?:[.,\u00a0\u202f ]\d{3})*(?:[.,]\d+)?")
_NOT_CONTENT = (
    "script, style, noscript, template, nav, form, button, [role=navigation], [role=search], iframe, svg"
)
_AROUND_CONTENT = "header, footer, aside, [role=banner], [role=contentinfo], [role=complementary]"
_MAIN = ("[itemprop~=articleBody]", "article", "main", "[role=main]")
_PUBLISHED_META = (
    'meta[property="article:published_time"]',
    'meta[property="og:article:published_time"]',
    'meta[itemprop="datePublished"]',
    'meta[name="datePublished"]',
    'meta[name="article:published_time"]',
    'meta[name="publish-date"]',
    'meta[name="publication_date"]',
    'meta[name="parsely-pub-date"]',
    'meta[name="sailthru.date"]',
    'meta[name="dcterms.created" i]',
    'meta[name="dcterms.date" i]',
    'meta[name="dcterms.issued" i]',
    'meta[name="dc.date" i]',
    'meta[name="dc.date.issued" i]',
    'meta[name="date"]',
    'meta[name="pubdate"]',
)
# A main element shorter than this is a teaser or an empty shell.
_SHORTEST_MAIN = 80


class Article(NamedTuple):
    """`text` (bullets as `- `, table cells apart by ` | `), and `title`, `publisher`, `published_at`, `language`."""

    text: str
    title: str | None
    publisher: str | None
    published_at: datetime | None
    language: str | None


def read_article(html: str, rules: dict[str, CompiledRule], reference: datetime) -> Article:
    """Read a page. `rules` (title, text, published_at, language) win over what is found without them.

    Text prefers recall: content extraction (trafilatura) is used when it kept the figures of the page's main
    element, else that element's whole text is. `reference` is when the page was fetched.
    """
    tree = LexborHTMLParser(html)
    linked = _linked_data(tree)
    language = _language(tree, rules, linked)
    title = _ruled(rules, "title", tree) or _title(tree, linked)
    publisher = _publisher(tree, linked)
    published = _published(tree, rules, linked, reference, language)
    if "text" in rules:
        text = _ruled_text(tree, rules["text"])
    else:
        text, extracted_title, extracted_date = _main_text(html, tree, wants_metadata=published is None)
        title = title or extracted_title
        published = published or parse_date(extracted_date, reference=reference)
    # Headlines carry figures too.
    if text and title and title.casefold() not in text[: len(title) + 600].casefold():
        text = f"{title}\n{text}"
    return Article(text, title, publisher, plausible(published, reference), language)


def _ruled(rules: dict[str, CompiledRule], name: str, tree: LexborHTMLParser, *prefer: str) -> str | None:
    rule = rules.get(name)
    return read(rule, tree.root, prefer) if rule is not None and tree.root is not None else None


def _ruled_text(tree: LexborHTMLParser, rule: CompiledRule) -> str:
    if rule.attribute is not None or rule.pattern is not None or rule.value is not None:
        return _ruled({"text": rule}, "text", tree) or ""
    nodes = matches(rule, tree.root) if tree.root is not None else []
    return "\n".join(text for node in nodes if (text := visible_text(node.html or "", structure=True)))


def _linked_data(tree: LexborHTMLParser) -> list[dict[str, Any]]:
    """The objects of the page's JSON-LD, nested ones too; broken JSON is passed over."""
    found: list[dict[str, Any]] = []

    def walk(value: Any, depth: int) -> None:
        if depth > 8:
            return
        if isinstance(value, dict):
            found.append(value)
            for inner in value.values():
                walk(inner, depth + 1)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, depth + 1)

    for script in tree.css('script[type="application/ld+json"]'):
        try:
            walk(orjson.loads((script.text() or "").strip()), 0)
        except orjson.JSONDecodeError:
            continue
    return found


def _linked_value(linked: list[dict[str, Any]], name: str) -> Iterator[str]:
    for entry in linked:
        value = entry.get(name)
        if isinstance(value, dict):
            value = value.get("name")
        if isinstance(value, str) and value.strip():
            yield value.strip()


def _meta(tree: LexborHTMLParser, selector: str) -> str | None:
    node = tree.css_first(selector)
    content = node.attributes.get("content") if node is not None else None
    return content.strip() or None if content else None


def _first_text(tree: LexborHTMLParser, selector: str) -> str | None:
    for node in tree.css(selector):
        text = visible_text(node.html or "").replace("\n", " ")
        if text:
            return text
    return None


def _title(tree: LexborHTMLParser, linked: list[dict[str, Any]]) -> str | None:
    heading = _first_text(tree, "article h1") or _first_text(tree, "main h1") or _first_text(tree, "h1")
    named = _meta(tree, 'meta[property="og:title"]') or next(_linked_value(linked, "headline"), None)
    page = tree.css_first("title")
    return heading or named or (" ".join(page.text().split()) or None if page is not None else None)


def _publisher(tree: LexborHTMLParser, linked: list[dict[str, Any]]) -> str | None:
    return (
        next(_linked_value(linked, "publisher"), None)
        or _meta(tree, 'meta[property="og:site_name"]')
        or _meta(tree, 'meta[name="dcterms.publisher" i]')
        or _meta(tree, 'meta[name="dc.publisher" i]')
        or _meta(tree, 'meta[name="publisher"]')
        or _meta(tree, 'meta[name="application-name"]')
    )


def _language(
    tree: LexborHTMLParser, rules: dict[str, CompiledRule], linked: list[dict[str, Any]]
) -> str | None:
    root = tree.root
    candidates = [
        _ruled(rules, "language", tree),
        root.attributes.get("lang") if root is not None else None,
        root.attributes.get("xml:lang") if root is not None else None,
        next(_linked_value(linked, "inLanguage"), None),
        _meta(tree, 'meta[property="og:locale"]'),
        _meta(tree, 'meta[http-equiv="content-language" i]'),
    ]
    for candidate in candidates:
        code = re.match(r"\s*([a-zA-Z]{2})(?![a-zA-Z])", candidate or "")
        if code is not None:
            return code[1].lower()
    return None


def _published(
    tree: LexborHTMLParser,
    rules: dict[str, CompiledRule],
    linked: list[dict[str, Any]],
    reference: datetime,
    language: str | None,
) -> datetime | None:
    languages = (language,) if language else ()
    rule = rules.get("published_at")
    if rule is not None:
        written = _ruled(rules, "published_at", tree, "datetime", "content")
        moment = parse_date(
            written, reference=reference, pattern=rule.format, languages=rule.languages or languages
        )
        if moment is not None:
            return moment
    for written in _linked_value(linked, "datePublished"):
        if (moment := parse_date(written, reference=reference)) is not None:
            return moment
    for selector in _PUBLISHED_META:
        if (
            moment := parse_date(_meta(tree, selector), reference=reference, languages=languages)
        ) is not None:
            return moment
    for selector in ("time[itemprop~=datePublished]", "time[pubdate]", "article time", "main time", "time",
                     "[itemprop~=datePublished]", ".published, .pubdate, .date, .post-date, .entry-date"):  # fmt: skip
        node = tree.css_first(selector)
        if node is None:
            continue
        shown = (
            node.attributes.get("datetime") or node.attributes.get("content") or visible_text(node.html or "")
        )
        if (moment := parse_date(shown, reference=reference, languages=languages)) is not None:
            return moment
    return None


def _content_element(tree: LexborHTMLParser) -> LexborNode | None:
    """The page's main element: the longest of the first kind that the page has."""
    for selector in _MAIN:
        nodes = tree.css(selector)
        if nodes:
            longest = max(nodes, key=lambda node: len(node.text()))
            if len(longest.text(strip=True)) >= _SHORTEST_MAIN:
                return longest
    return None


def _figures(text: str) -> set[str]:
    return {re.sub(r"\D", "", figure) for figure in _FIGURE.findall(text)}


def _main_text(
    html: str, tree: LexborHTMLParser, *, wants_metadata: bool
) -> tuple[str, str | None, str | None]:
    """Main text, and the title and date that content extraction found (for pages that declare none)."""
    for node in tree.css(_NOT_CONTENT):
        node.decompose()
    element = _content_element(tree)
    if element is None:
        for node in tree.css(_AROUND_CONTENT):
            node.decompose()
        element = tree.body
    whole = visible_text(element.html or "", structure=True) if element is not None else ""
    extracted, title, date = _extract(html, wants_metadata)
    wanted = _figures(whole)
    if extracted and len(extracted) * 2 >= min(len(whole), 400) and wanted <= _figures(extracted):
        return extracted, title, date
    return whole or extracted, title, date


def _extract(html: str, wants_metadata: bool) -> tuple[str, str | None, str | None]:
    """trafilatura's text, title and date; its import takes half a second, so it waits for the first article."""
    import trafilatura

    try:
        document = trafilatura.bare_extraction(
            html,
            fast=True,
            favor_recall=True,
            include_comments=False,
            include_tables=True,
            with_metadata=wants_metadata,
        )
    except Exception:  # lxml and trafilatura raise many kinds on odd input; the caller has a text of its own.
        return "", None, None
    if document is None or isinstance(document, dict):
        return "", None, None
    return (document.text or "").strip(), document.title, document.date
