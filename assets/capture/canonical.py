"""Canonical addresses: one spelling for one page.

Parsing follows the WHATWG URL standard (ada). On top of it: no fragment, no user name or password, no parameters
that only track a visitor or carry a session.
"""

import re
from functools import lru_cache

import ada_url

# Parameters of advertising and mail systems, and of server sessions; none of them chooses what a page shows.
_TRACKING = re.compile(
    r"^(?:utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_[ce]id|_ga|_gl"
    r"|_hsenc|_hsmi|mkt_tok|vero_id|wickedid|oly_(?:anon|enc)_id|phpsessid|jsessionid|aspsessionid\w*|cfid|cftoken"
    r"|asp\.net_sessionid|sess(?:ion)?_?id|s_?id|zenid|oscsid|xtcsid)$",
    re.IGNORECASE,
)
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?;]*", re.IGNORECASE)
# ASP.NET keeps a session without cookies as a segment: /(S(lit3py55t21z5v55vlm25s55))/page.
_SESSION_SEGMENT = re.compile(r"/\((?:[A-Z]\([^/()]*\))+\)(?=/)")
# Servers take 8,000 bytes or a little more (RFC 9110, 4.1); a page can hold addresses of megabytes.
_LONGEST = 64 * 1024
_CREDENTIALS = re.compile(r"^(https?://)[^/?#]*@")


def canonical_url(href: str, base: str | None = None) -> str | None:
    """The canonical form of an address, relative to `base` when given; None when it is not a web address, or one that
    no server would take.
    """
    if len(href) > _LONGEST:
        return None
    # The links of a site repeat on every page; remembering what they resolve to is the crawl's biggest saving. A
    # link that starts with one slash depends on the base's origin alone.
    if base is not None and href.startswith("/") and not href.startswith(("//", "/\\")):
        return _canonical(href, origin(base) + "/" if base.startswith("http") else base)
    return _canonical(href, base)


@lru_cache(maxsize=1 << 13)
def _canonical(href: str, base: str | None) -> str | None:
    try:
        url: str = (
            ada_url.join_url(base, href.strip()) if base is not None else ada_url.normalize_url(href.strip())
        )
    except (ValueError, UnicodeError):
        return None
    if not url.startswith(("http://", "https://")):
        return None
    url = url.partition("#")[0]
    if "@" in url:
        url = _CREDENTIALS.sub(r"\1", url)
    if "/(" in url:
        url = _SESSION_SEGMENT.sub("", url)
    if ";" in url:
        url = _SESSION_IN_PATH.sub("", url)
    if "?" in url:
        path, _, query = url.partition("?")
        kept = [pair for pair in query.split("&") if pair and not _TRACKING.match(pair.partition("=")[0])]
        url = f"{path}?{'&'.join(kept)}" if kept else path
    return url


def netloc(url: str) -> str:
    """Host and non-default port of a canonical address."""
    return url.split("/", 3)[2]


def origin(url: str) -> str:
    """Scheme, host and port of a canonical address: the thing that a robots.txt governs (RFC 9309, 2.3)."""
    scheme, _, host, *_ = url.split("/", 3)
    return f"{scheme}//{host}"


def hostname(url: str) -> str:
    """Host of a canonical address without its port."""
    host = netloc(url)
    return host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]


def bare_host(host: str) -> str:
    """A host without the `www.` that two spellings of one site differ by."""
    return host.removeprefix("www.")
