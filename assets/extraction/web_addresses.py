"""URLs in canonical form, plain and written around ("foo punto com", "hxxp://foo[.]example")."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

import ada_url

from assets.extraction.normalise import fold
from assets.extraction.number_words import number_word_set
from assets.extraction.phone_parts import LOOK_ALIKES, ROUND_OR_STRAIGHT
from assets.extraction.rule_files import read_lines, read_yaml
from assets.extraction.said_addresses import SaidAddress, find_said_addresses
from assets.extraction.signs_in_words import by_ear, signs_in_words

Spelling = Callable[[int, int], str]
LABEL = r"[^\W_](?:[^\W_]|-){0,61}"
_DOT_WORDS = "|".join(map(re.escape, signs_in_words()["dot"]))
_DOT_MARK = rf"(?:\[(?:\.|{_DOT_WORDS})\]|\((?:\.|{_DOT_WORDS})\)|\{{(?:\.|{_DOT_WORDS})\}})"
LAST_LABEL = r"(?:[^\W\d_]{2,24}|xn--[a-z0-9-]{2,59})(?![\w@-])"
_REST = r"(?:\.(?!\w)|(?::\d{2,5})?(?:[/?][^\s<>\"\x00]*)?)"
_URL = re.compile(
    rf"(?i)(?<![\w@])(?:(?:h(?:tt|xx)ps?|ftp)\s?:\s?//\s?|www\s?\.\s?)[^\s<>\"\x00]+"
    rf"(?:(?<=\w)\s?{_DOT_MARK}\s?[^\s<>\"\x00]*)*"
)
# What every match of `_URL` holds within its first characters.
_URL_SIGN = re.compile("//|[wW]{3}")
_SCHEME = 10
_BARE = re.compile(rf"(?i)(?<![\w@.\-/])(?:{LABEL}(?:\.|\s?{_DOT_MARK}\s?))+{LAST_LABEL}{_REST}")
_DOT_MARKED = re.compile(_DOT_MARK, re.IGNORECASE)
_BLANK = re.compile(r"\s")
# Addresses that are in WHATWG-normal form but for a slash behind the host: letters of the host small and its last label
# no number, no port, no escapes, nothing that a path or a query has escaped (URL Standard, sections 1.3 and 3.5).
_NORMAL = re.compile(
    r"https?://(?:[a-z0-9](?:-?[a-z0-9]){0,60}\.){1,8}[a-z]{2,24}"
    r"(?P<path>/[A-Za-z0-9_~!$&()*+,;=:@/.-]*(?:\?[A-Za-z0-9_~!$&()*+,;=:@/.?-]*)?)?"
)
# A query whose parts are written as they are after they have been read and put together again.
_PLAIN_QUERY = re.compile(r"[\w.~-]+=[\w.~-]*(?:&[\w.~-]+=[\w.~-]*)*", re.ASCII)
_TRAILING = ".,;:!?'\"»”’*_~|"
_CLOSING = {")": "(", "]": "[", "}": "{"}
# Groups of digits and of letters that look like them with points between, as in "6OO.OOO.2O9", and how many of both
# and of digits they need to be a telephone number rather than a host.
_GROUPS = re.compile(r"[^\W_]{1,5}(?:\.[^\W_]{1,5})+")
_FEWEST_OF_NUMBER, _FEWEST_TRUE = 7, 2
WORD_DOMAINS = frozenset(read_yaml("written_addresses.yaml")["word_domains"])


def in_words_with(text: str, sign: str, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Matches of a `pattern` that holds `sign` and no blank: looked for only in the words that have the sign."""
    at = text.find(sign)
    while at >= 0:
        start = at - len(text[:at].rsplit(None, 1)[-1]) if at and not text[at - 1].isspace() else at
        end = at + len(text[at:].split(None, 1)[0])
        yield from pattern.finditer(text, start, end)
        at = text.find(sign, end)


def unfolded(spelling: str) -> str:
    """An address whose accents are its own: only compatibility forms and zero-width characters go."""
    if spelling.isascii():
        return spelling
    plain = unicodedata.normalize("NFKC", spelling)
    return "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Cs"))


class Url(NamedTuple):
    """A URL found in a text, before it is told apart into messenger links and pages."""

    value: str
    start: int
    end: int
    obscured: bool


def find_urls(text: str, spelling: Spelling, written_dot: bool = True) -> Iterator[Url]:
    """URLs of the folded `text` in canonical form; a missing scheme becomes https.

    `spelling` gives what was folded to a span; `written_dot` says that dots may stand in brackets or as words there.
    """
    bare = _BARE.finditer(text) if written_dot else in_words_with(text, ".", _BARE)
    found = [
        *_written(text, [*_with_scheme(text), *bare], spelling),
        *(_said(text, spelling) if written_dot else ()),
    ]
    end_of_last = -1
    for url in sorted(found, key=lambda url: (url.start, -url.end)):
        if url.start >= end_of_last:
            end_of_last = url.end
            yield url


def _written(text: str, matches: list[re.Match[str]], spelling: Spelling) -> Iterator[Url]:
    """Addresses in one word, the dots of which may stand in brackets; none inside another one."""
    end_of_last = -1
    for match in sorted(matches, key=lambda match: (match.start(), match.re is not _URL)):
        start, end = match.span()
        if start < end_of_last:
            continue
        end = start + len(_without_trailing(text[start:end]))
        written = spelling(start, end)
        if match.re is not _URL and not _plausible_bare(text[start:end], unfolded(written)):
            continue
        if match.re is not _URL and _is_rather_number(text, start, end):
            continue
        plain = unfolded(written)
        if match.re is not _URL or _DOT_MARKED.search(plain) is not None or _BLANK.search(plain) is not None:
            plain = _BLANK.sub("", _DOT_MARKED.sub(".", plain))
        if plain[:4].lower() == "hxxp":
            plain = f"http{plain[4:]}"
        address = canonical_url(plain if "://" in plain else "https://" + plain)
        if address is not None:
            end_of_last = end
            yield Url(address, start, end, plain != written and plain.isascii())


def _said(text: str, spelling: Spelling) -> Iterator[Url]:
    """Addresses over several words ("foo punto bar barra baz")."""
    for said in find_said_addresses(text, _is_folded_top_level):
        if _plausible_said(said):
            pieces = [
                piece if isinstance(piece, str) else unfolded(spelling(*piece))
                for piece in [*said.host, *said.path]
            ]
            address = canonical_url(f"https://{''.join(pieces)}")
            if address is not None:
                yield Url(address, said.start, said.end, True)


def _plausible_said(said: SaidAddress) -> bool:
    first, domain = said.labels[0], said.labels[-1]
    if sum(label in number_word_set() for label in said.labels) > 2 or not any(
        map(str.isalpha, said.labels[-2])
    ):
        return False
    if said.shown:
        return True
    # "The point is", "punto de encuentro", "entra en el punto com" are no addresses.
    if first in grammar() or (domain in WORD_DOMAINS and not said.path):
        return False
    return not said.spaced or (bool(said.path) and domain not in WORD_DOMAINS)


@cache
def grammar() -> frozenset[str]:
    """Words of grammar in any language, folded."""
    return frozenset(word for words in read_yaml("function_words.yaml").values() for word in words)


def _with_scheme(text: str) -> Iterator[re.Match[str]]:
    """Matches of `_URL`, looked for only where there is a sign of one."""
    at = 0
    while (sign := _URL_SIGN.search(text, at)) is not None:
        match = _URL.search(text, max(at, sign.start() - _SCHEME))
        if match is None:
            return
        yield match
        at = match.end()


def _host(spelling: str) -> str:
    return re.split(r"[/?:]", _BLANK.sub("", _DOT_MARKED.sub(".", spelling)), maxsplit=1)[0]


def _plausible_bare(folded: str, written: str) -> bool:
    labels = _host(folded).split(".")
    tld = labels[-1]
    if not _is_top_level(_host(written).rsplit(".", 1)[-1]):
        return False
    if tld != tld.lower() and any(label != label.upper() for label in labels):
        return False
    if (labels[-2].isdigit() and len(labels) == 2) or sum(
        label.lower() in number_word_set() for label in labels
    ) > 2:
        return False
    if _DOT_MARKED.search(folded) or "/" in folded:
        return True
    if tld in WORD_DOMAINS:
        return len(labels) > 2 or len(labels[0]) >= 5 or any(c.isdigit() or c == "-" for c in labels[0])
    return len(labels[-2]) > 1


def _is_rather_number(text: str, start: int, end: int) -> bool:
    """Whether a bare host is groups of digits and look-alikes ("600.123.OOO") or the head of such ("6OO.OOO.2O9")."""
    groups = _GROUPS.match(text, start)
    if groups is None or groups.end() < end or text[groups.end() : groups.end() + 1] in ("/", "@", "-", "_"):
        return False
    letters = [c for c in groups.group() if c != "." and not c.isdigit()]
    digits = sum(map(str.isdigit, groups.group()))
    # A host ends with its last label; one that is a host all the same has other letters than noughts and ones.
    alike = LOOK_ALIKES.keys() if groups.end() > end else ROUND_OR_STRAIGHT
    return (
        digits >= _FEWEST_TRUE
        and digits + len(letters) >= _FEWEST_OF_NUMBER
        and all(letter in alike for letter in letters)
    )


def _is_top_level(label: str) -> bool:
    known = read_lines("top_level_domains.txt")
    return label.lower() in known or (
        not label.isascii() and f"xn--{label.lower().encode('punycode').decode()}" in known
    )


def _is_folded_top_level(label: str) -> bool:
    return label.lower() in _folded_top_levels() or by_ear().get(label.lower()) in _folded_top_levels()


@cache
def _folded_top_levels() -> frozenset[str]:
    return frozenset(top_level_words())


@cache
def top_level_words() -> list[str]:
    """Top-level domains as words, folded, those of other scripts among them."""
    names = read_lines("top_level_domains.txt")
    return sorted(
        {fold(name[4:].encode().decode("punycode")) if name.startswith("xn--") else name for name in names}
    )


def _without_trailing(spelling: str) -> str:
    """Without the punctuation of the sentence and brackets opened before the address."""
    while spelling:
        last = spelling[-1]
        if last in _TRAILING or (last in _CLOSING and spelling.count(last) > spelling.count(_CLOSING[last])):
            spelling = spelling[:-1]
        else:
            break
    return spelling


@cache
def _tracking() -> tuple[frozenset[str], tuple[str, ...]]:
    listed = read_yaml("tracking_parameters.yaml")
    return (
        frozenset(name for name in listed if not name.endswith("*")),
        tuple(name[:-1] for name in listed if name.endswith("*")),
    )


def canonical_url(address: str) -> str | None:
    """WHATWG-normal form without fragment, credentials and tracking parameters; None for no web address."""
    if (normal := _NORMAL.fullmatch(address)) is not None and "/." not in address:
        path = normal["path"]
        if path is None:
            return f"{address}/"
        if "?" not in path:
            return address
        return f"{address[: normal.start('path')]}{_without_tracking(path)}"
    try:
        href: str = ada_url.normalize_url(address)
    except ValueError:
        return None
    scheme, _, rest = href.partition("://")
    authority, slash, path = rest.partition("/")
    host = authority.rpartition("@")[2]
    if scheme not in ("http", "https", "ftp") or "." not in host.partition(":")[0]:
        return None
    path, _, _ = path.partition("#")
    if "?" in path:
        path = _without_tracking(path)
    return f"{scheme}://{host}{slash}{path}"


def _is_tracking(parameter: str) -> bool:
    names, prefixes = _tracking()
    return parameter in names or parameter.startswith(prefixes)


def _without_tracking(path: str) -> str:
    place, _, query = path.partition("?")
    if _PLAIN_QUERY.fullmatch(query) is not None:
        parts = query.split("&")
        left = [part for part in parts if not _is_tracking(part.partition("=")[0].lower())]
        if len(left) == len(parts):
            return path
        return f"{place}?{'&'.join(left)}" if left else place
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [(k, v) for k, v in pairs if not _is_tracking(k.lower())]
    if len(kept) == len(pairs):
        return path
    return f"{place}?{urlencode(kept)}" if kept else place
