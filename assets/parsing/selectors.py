"""Field rules of a source file, made ready to be applied to many elements."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import ada_url
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from assets.capture.source import FieldRule, Source
from assets.parsing.text import visible_text

# jQuery, Cypress and soupsieve spellings of "the element whose text contains".
_CONTAINS = re.compile(r":(?:-soup-)?contains\(\s*(\"[^\"]*\"|'[^']*'|[^)\"']+)\s*\)")
_IMAGE_ATTRIBUTES = (
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-lazy",
    "src",
    "data-srcset",
    "srcset",
    "href",
)
_BACKGROUND = re.compile(r"url\(\s*[\"']?([^\"')]+)")


class CompiledRule(NamedTuple):
    """A `FieldRule` with its selector in this parser's dialect and its pattern compiled."""

    name: str
    selector: str
    attribute: str | None
    pattern: re.Pattern[str] | None
    format: str | None
    languages: tuple[str, ...]
    all: bool
    required: bool
    value: str | None
    written: str


class SelectorProblem(NamedTuple):
    """A selector of a source file that is not valid CSS: the field's path in the file and the selector."""

    field: str
    selector: str


def dialect(selector: str) -> str:
    """Translate `:contains("x")` to this parser's `:lexbor-contains("x" i)` (letter case is ignored)."""

    def translate(match: re.Match[str]) -> str:
        words = match[1].strip().strip("\"'").replace('"', "")
        return f':lexbor-contains("{words}" i)'

    return _CONTAINS.sub(translate, selector.strip())


def compile_rules(rules: Mapping[str, FieldRule]) -> dict[str, CompiledRule]:
    """Field rules by name, ready to apply."""
    return {
        name: CompiledRule(
            name,
            dialect(rule.selector),
            rule.attribute,
            re.compile(rule.pattern) if rule.pattern else None,
            rule.format,
            rule.languages,
            rule.all,
            rule.required,
            rule.value,
            rule.selector + (f"@{rule.attribute}" if rule.attribute else ""),
        )
        for name, rule in rules.items()
    }


def is_valid_selector(selector: str) -> bool:
    """Whether the parser understands the selector as it stands (an empty one means the item itself)."""
    if not selector.strip():
        return True
    try:
        LexborHTMLParser("<p>").css(selector)
    except (SelectolaxError, ValueError, RuntimeError):
        return False
    return True


def check_selectors(source: Source) -> list[SelectorProblem]:
    """Every selector of the source that is not valid CSS for this parser; empty when all are."""
    written: list[tuple[str, str]] = []
    if source.listings is not None:
        section = source.listings
        written += [(f"listings.follow.{number}", selector) for number, selector in enumerate(section.follow)]
        written += [("listings.item_link", section.item_link or ""), ("listings.item", section.item or "")]
        written += [
            (f"listings.fields.{name}", rule.selector) for name, rule in section.fields.given().items()
        ]
    if source.newsroom is not None:
        news = source.newsroom
        written += [(f"newsroom.follow.{number}", selector) for number, selector in enumerate(news.follow)]
        written += [("newsroom.article_link", news.article_link or "")]
        written += [(f"newsroom.fields.{name}", rule.selector) for name, rule in news.fields.given().items()]
    return [
        SelectorProblem(field, selector)
        for field, selector in written
        # Links may be given in the `a@href` short form; discovery reads them without the parsing dialect.
        if not is_valid_selector(re.sub(r"@[\w:-]+$", "", selector) if _is_link(field) else dialect(selector))
    ]


def _is_link(field: str) -> bool:
    return ".follow." in field or field.endswith("_link")


def matches(rule: CompiledRule, element: LexborNode, *, every: bool = False) -> list[LexborNode]:
    """The elements that the rule's selector names within `element` (itself, when the selector is empty)."""
    if not rule.selector:
        return [element]
    if every or rule.all:
        return list(element.css(rule.selector))
    first = element.css_first(rule.selector)
    return [] if first is None else [first]


def raw_value(node: LexborNode, attribute: str | None, prefer: tuple[str, ...] = ()) -> str | None:
    """One element's attribute, or the first of the `prefer` attributes it has, or its visible text."""
    if attribute is not None:
        return node.attributes.get(attribute)
    if prefer:
        attributes = node.attributes
        for name in prefer:
            if attributes.get(name):
                return attributes[name]
    child = node.first_child
    if child is None:
        return node.attributes.get("content") if node.tag == "meta" else ""
    # Most fields are a single text: no tags to take away.
    if child.next is None and child.is_text_node and node.tag not in ("pre", "textarea"):
        return " ".join(node.text().split())
    return visible_text(node.html or "")


def read(rule: CompiledRule, element: LexborNode, prefer: tuple[str, ...] = ()) -> str | None:
    """The field's text: constant, or text or attribute of the first match (all matches, a line each, with `all`).

    `pattern` keeps its first group that took part, or the whole match; a pattern that is not found gives None.
    """
    if rule.value is not None:
        return rule.value if not rule.selector or element.css_first(rule.selector) is not None else None
    values: list[str] = []
    for node in matches(rule, element):
        value = raw_value(node, rule.attribute, prefer)
        if value is None:
            continue
        if rule.pattern is not None:
            found = rule.pattern.search(value)
            if found is None:
                continue
            value = next((group for group in found.groups() if group is not None), found[0])
        value = value.strip()
        if value:
            values.append(value)
    return "\n".join(values) or None


def absolute_url(base: str, address: str) -> str | None:
    """`address` resolved against `base` (WHATWG URL Standard), without fragment; None if it is not http(s)."""
    address = address.strip()
    if not address or address.startswith(("data:", "javascript:", "about:", "blob:")):
        return None
    try:
        joined = (
            ada_url.join_url(base, address)
            if not address.startswith(("http://", "https://"))
            else (ada_url.normalize_url(address))
        )
    except ValueError:
        return None
    return joined.split("#", 1)[0] if joined.startswith(("http://", "https://")) else None


def image_urls(rule: CompiledRule, element: LexborNode, base: str) -> list[str]:
    """Absolute addresses of the images a rule names, in order, once each.

    Without an attribute, lazy-loading attributes come before `src`; an element that is no image stands for the
    images in it, or for its background image.
    """
    found: dict[str, None] = {}
    for node in matches(rule, element, every=True):
        inner = (
            node.css("img")
            if rule.attribute is None and node.tag not in ("img", "source", "a", "meta")
            else []
        )
        for image in inner or [node]:
            attributes = image.attributes
            if rule.attribute is not None:
                candidates = [attributes.get(rule.attribute)]
            elif image.tag == "meta":
                candidates = [attributes.get("content")]
            else:
                candidates = [attributes.get(name) for name in _IMAGE_ATTRIBUTES]
                background = _BACKGROUND.search(attributes.get("style") or "")
                candidates.append(background[1] if background else None)
            for candidate in candidates:
                if not candidate:
                    continue
                address = candidate.strip()
                if rule.attribute == "style":
                    background = _BACKGROUND.search(address)
                    address = background[1] if background else ""
                # A srcset is a list "address width, …"; the last is usually the largest.
                if re.search(r"\s\d+(?:\.\d+)?[wx]\s*(?:,|$)", address):
                    address = re.split(r",\s+", address)[-1].split()[0]
                url = absolute_url(base, address)
                if url is not None:
                    found.setdefault(url)
                    break
    return list(found)
