"""Ids of measuring services in the source of a page: sites that share one are run by one hand.

They stand in scripts, never in what a visitor reads, so they are read from the page and not from an item's text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assets.extraction.found import Found
from assets.extraction.rule_files import read_yaml

# What every id stands near; a page without any of these has none.
_SIGN = re.compile(
    r"UA-\d|gtag|GTM-|ca-pub-|fbq|facebook\.com/tr|\bym\(|mc\.yandex|yaCounter|hjid|hotjar|ttq\.load|clarity|sc_project"
    r"|Histats|cf-beacon|-verification|setSiteId"
)
# Matomo numbers its sites from one on every server, so that the server belongs to the id.
_MATOMO_SERVER = re.compile(
    r"""(?:setTrackerUrl['"],\s{0,3}|\bvar\s{1,3}u\s{0,3}=\s{0,3}(?:\(['"]https?['"][^;]{0,80}?)?)['"](?:https?:)?//([\w.-]{4,80})/"""
)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (service, re.compile(pattern))
        for service, patterns in read_yaml("analytics_ids.yaml").items()
        for pattern in patterns
    )


def find_analytics_ids(page: str) -> Iterator[Found]:
    """Each id in the source of `page` once: kind `analytics`, value `<service>:<id>`, places in `page`.

    Matomo's value is `matomo:<server>/<site>`; without the server's address there is none. Never raises.
    """
    if _SIGN.search(page) is None:
        return
    known: set[str] = set()
    for service, pattern in _patterns():
        for match in pattern.finditer(page):
            value = match.group(1)
            if service == "matomo":
                server = _MATOMO_SERVER.search(page)
                if server is None:
                    continue
                value = f"{server.group(1).lower()}/{value}"
            if f"{service}:{value}" not in known:
                known.add(f"{service}:{value}")
                yield Found("analytics", f"{service}:{value}", *match.span(1), False, "page_source")
