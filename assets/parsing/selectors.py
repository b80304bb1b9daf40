"""Field rules of a source file applied: what an element says, and which selectors are none."""

import re
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from assets.capture.field_rules import CompiledRule, dialect, matches
from assets.capture.source import Source
from assets.parsing.text import visible_text


class SelectorProblem(NamedTuple):
    """A selector of a source file that is not valid CSS: the field's path in the file and the selector."""

    field: str
    selector: str


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
        written += [(f"listings.leave_out.{number}", part) for number, part in enumerate(section.leave_out)]
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
