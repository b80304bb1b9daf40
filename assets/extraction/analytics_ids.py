"""Ids of measuring services: sites that share one are run by one hand.

They stand in scripts, in what a visitor does not read, so they are read from the source of the page; now and then
somebody writes one down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import polars as pl

from assets.extraction.found import Found
from assets.extraction.rule_files import read_yaml

# What every id stands near; a page without any of these has none.
_SIGN = re.compile(
    r"UA-\d|gtag|GTM-|ca-pub-|fbq|facebook\.com/tr|\bym\(|mc\.yandex|yaCounter|hjid|hotjar|ttq\.load|clarity|sc_project"
    r"|Histats|cf-beacon|-verification|setSiteId|idsite=|msvalidate|uetq|pintrk|snaptr|VK-RTRG|_tmr|hm\.baidu|-website-id"
    r"|tawk\.to"
)
# The same for what people write or paste: few plain strings, since every text of a frame is asked. Heads of ids, and
# names of services.
_WRITTEN_HEADS = "UA-|GTM-|pub-|AW-|G-"
_WRITTEN_NAMES = r"ixel|PIXEL|otjar|HOTJAR|atomo|MATOMO|iwik|etri[ck]a|METRI|етрик|gtag|fbq|yandex\."
# How the heads end before their hyphen.
HEADS_END = ("UA", "TM", "ub", "AW", "G")
# Matomo numbers its sites from one on every server, so that the server belongs to the id.
_MATOMO_SERVER = re.compile(
    r"""(?:setTrackerUrl['"],\s{0,3}|\bvar\s{1,3}u\s{0,3}=\s{0,3}(?:\(['"]https?['"][^;]{0,80}?)?)['"](?:https?:)?//([\w.-]{4,80})/"""
)


@cache
def _patterns(part: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (service, re.compile(pattern))
        for service, patterns in read_yaml("analytics_ids.yaml")[part].items()
        for pattern in patterns
    )


def find_analytics_ids(page: str) -> Iterator[Found]:
    """Each id in the source of `page` once: kind `analytics`, value `<service>:<id>`, places in `page`.

    Matomo's value is `matomo:<server>/<site>`; without the server's address there is none. Never raises.
    """
    if _SIGN.search(page) is not None:
        yield from _found(page, "source", "page_source")


def may_name_ids(texts: pl.Series) -> pl.Series:
    """Which of the texts (String) `find_written_ids` has to look at (Boolean, false for null)."""
    return may_name_services(texts) | texts.str.contains(_WRITTEN_HEADS).fill_null(value=False)


def may_name_services(texts: pl.Series) -> pl.Series:
    """Which of the texts (String) may name a measuring service (Boolean, false for null)."""
    return texts.str.contains(_WRITTEN_NAMES).fill_null(value=False)


def find_written_ids(text: str) -> Iterator[Found]:
    """Each id that somebody writes in `text`, once, or that stands in source pasted into it. Never raises."""
    known: set[str] = set()
    for found in (*find_analytics_ids(text), *_found(text, "written", "written")):
        if found.value not in known:
            known.add(found.value)
            yield found


def _found(text: str, part: str, method: str) -> Iterator[Found]:
    known: set[str] = set()
    for service, pattern in _patterns(part):
        for match in pattern.finditer(text):
            group: str | int = "id" if "id" in pattern.groupindex else 1
            value = match[group]
            if service == "matomo":
                server = match["server"] if group == "id" else _server(text)
                if server is None:
                    continue
                value = f"{server.lower()}/{value}"
            elif service == "adsense":
                value = f"ca-{value.removeprefix('ca-')}"
            if f"{service}:{value}" not in known:
                known.add(f"{service}:{value}")
                yield Found("analytics", f"{service}:{value}", *match.span(group), False, method)


def _server(page: str) -> str | None:
    server = _MATOMO_SERVER.search(page)
    return server.group(1) if server else None
