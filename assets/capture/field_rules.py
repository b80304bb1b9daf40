"""Field rules of a source file made ready: the elements that a rule names, and the pictures in them.

Discovery needs them to know which pictures to ask for, parsing for everything that an item says.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

import ada_url
from selectolax.lexbor import LexborNode

from assets.capture.source import FieldRule

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


def matches(rule: CompiledRule, element: LexborNode, *, every: bool = False) -> list[LexborNode]:
    """The elements that the rule's selector names within `element` (itself, when the selector is empty)."""
    if not rule.selector:
        return [element]
    if every or rule.all:
        return list(element.css(rule.selector))
    first = element.css_first(rule.selector)
    return [] if first is None else [first]


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
