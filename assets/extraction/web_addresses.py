"""URLs and e-mail addresses, plain and written around ("foo arroba bar punto com", "hxxp://foo[.]example")."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl, urlencode

import ada_url

from assets.extraction.found import Found
from assets.extraction.normalise import fold, normalise
from assets.extraction.number_words import number_word_set
from assets.extraction.rule_files import read_lines, read_yaml

Spelling = Callable[[int, int], str]
_LABEL = r"[^\W_](?:[^\W_]|-){0,61}"
_DOT_WORDS = "|".join(sorted(map(fold, read_yaml("written_addresses.yaml")["dot"]), key=len, reverse=True))
_DOT_MARK = rf"(?:\[(?:\.|{_DOT_WORDS})\]|\((?:\.|{_DOT_WORDS})\)|\{{(?:\.|{_DOT_WORDS})\}})"
_DOT_SAID = rf"\s+(?:{_DOT_WORDS})\s+"
_LAST_LABEL = r"(?:[^\W\d_]{2,24}|xn--[a-z0-9-]{2,59})(?![\w@-])"
_REST = r"(?:\.(?!\w)|(?::\d{2,5})?(?:[/?][^\s<>\"\x00]*)?)"
_URL = re.compile(
    rf"(?i)(?<![\w@])(?:(?:h(?:tt|xx)ps?|ftp)\s?:\s?//\s?|www\s?\.\s?)(?:[^\s<>\"\x00]|(?<=\w)\s?{_DOT_MARK}\s?)+"
)
# What every match of `_URL` holds within its first characters.
_URL_SIGN = re.compile("//|[wW]{3}")
_SCHEME = 10
_BARE = re.compile(rf"(?i)(?<![\w@.\-/])(?:{_LABEL}(?:\.|\s?{_DOT_MARK}\s?))+{_LAST_LABEL}{_REST}")
# With at least one dot that is said ("www dot foo dot com/page").
_SAID = re.compile(
    rf"(?i)(?<![\w@.\-/])(?:www(?:{_DOT_SAID}|\.)(?:{_LABEL}(?:{_DOT_SAID}|\s?{_DOT_MARK}\s?|\.))+"
    rf"|{_LABEL}(?:\.{_LABEL})?{_DOT_SAID}){_LAST_LABEL}{_REST}"
)
_DOT_ANY = re.compile(rf"{_DOT_MARK}|{_DOT_SAID}", re.IGNORECASE)
_PLAIN_EMAIL = re.compile(rf"(?i)(?<![\w.+%/-])[^\W_](?:[\w.%+'-]{{0,63}}[\w])?@(?:{_LABEL}\.)+{_LAST_LABEL}")
_DOT_MARKED = re.compile(_DOT_MARK, re.IGNORECASE)
_BLANK = re.compile(r"\s")
_TRAILING = ".,;:!?'\"»”’*_~|"
_CLOSING = {")": "(", "]": "[", "}": "{"}
_WORD_DOMAINS = frozenset(read_yaml("written_addresses.yaml")["word_domains"])
_PROVIDER_DOMAINS = frozenset(read_yaml("written_addresses.yaml")["provider_domains"])


def find_emails(text: str, spelling: Spelling, written_at: bool = True) -> Iterator[Found]:
    """E-mail addresses of the folded `text` (`spelling` gives what was folded to a span of it), lower-cased.

    `written_at` says that the at sign may be written in words, which takes a longer search.
    """
    taken: list[tuple[int, int]] = []
    for match in _in_words_with(text, "@", _PLAIN_EMAIL):
        written = spelling(*match.span())
        same = written == match.group() and written.isascii()
        value = (match.group() if same or normalise(written) == written else _unfolded(written)).lower()
        if not value.isascii():
            value = _with_ascii_domain(value)
        taken.append(match.span())
        hidden = not written.isascii() and value.isascii()
        yield Found("email", value, *match.span(), hidden, "unicode" if hidden else "plain")
    if not written_at and not _at_sign_before_domain(text, taken):
        return
    for match in _hidden_email().finditer(text):
        if any(match.start() < end and start < match.end() for start, end in taken):
            continue
        address = _written_email(match)
        if address is not None:
            yield Found("email", address, *match.span(), True, "written")


def _with_ascii_domain(address: str) -> str:
    """The address with its domain in the form of the domain name system (punycode), so that equal ones are equal."""
    local, domain = address.rsplit("@", 1)
    try:
        return f"{local}@{ada_url.URL('https://' + domain).hostname}"
    except ValueError:
        return address


def _in_words_with(text: str, sign: str, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Matches of a `pattern` that holds `sign` and no blank: looked for only in the words that have the sign."""
    at = text.find(sign)
    while at >= 0:
        start = at - len(text[:at].rsplit(None, 1)[-1]) if at and not text[at - 1].isspace() else at
        end = at + len(text[at:].split(None, 1)[0])
        yield from pattern.finditer(text, start, end)
        at = text.find(sign, end)


def _at_sign_before_domain(text: str, taken: list[tuple[int, int]]) -> bool:
    """Whether an at sign outside the addresses already found could stand in one."""
    at = text.find("@")
    while at >= 0:
        if not any(start <= at < end for start, end in taken) and _domain_ahead().match(text, at) is not None:
            return True
        at = text.find("@", at + 1)
    return False


def _unfolded(spelling: str) -> str:
    """An address whose accents are its own: only compatibility forms and zero-width characters go."""
    if spelling.isascii():
        return spelling
    plain = unicodedata.normalize("NFKC", spelling)
    return "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Cs"))


@cache
def _written_words() -> dict[str, frozenset[str]]:
    return {
        kind: frozenset(fold(str(w)) for w in words)
        for kind, words in read_yaml("written_addresses.yaml").items()
    }


@cache
def _domain_ahead() -> re.Pattern[str]:
    """An at sign with a label and a dot behind it, however the dot is written."""
    dots = "|".join(map(re.escape, sorted(_written_words()["dot"])))
    return re.compile(rf"(?i)@[\s\])}}>*_-]{{0,6}}[a-z0-9-]{{1,63}}[\s\[({{<*_-]{{0,6}}(?:\.|{dots})")


@cache
def _hidden_email() -> re.Pattern[str]:
    words = _written_words()

    def either(*kinds: str) -> str:
        listed = sorted({word for kind in kinds for word in words[kind]}, key=len, reverse=True)
        return "|".join(map(re.escape, listed))

    at = (
        rf"(?:\s{{0,2}}[\[({{<*_-]+\s{{0,2}}(?:@|a|{either('at', 'at_common')})\s{{0,2}}[\])}}>*_-]+\s{{0,2}}"
        rf"|\s+(?:{either('at', 'at_common')})\s+|\s{{0,3}}@\s{{0,3}})"
    )
    dot = (
        rf"(?:\s{{0,2}}[\[({{<*_-]+\s{{0,2}}(?:\.|{either('dot')})\s{{0,2}}[\])}}>*_-]+\s{{0,2}}"
        rf"|\s+(?:{either('dot')})\s+|\s{{0,2}}\.\s{{0,2}})"
    )
    return re.compile(
        rf"(?i)(?<![\w@.])(?P<local>[a-z0-9][\w.+-]{{0,63}}?(?:(?:\s+(?:{either('dot')})\s+)[a-z0-9][\w+-]{{0,40}})?)"
        rf"(?P<at>{at})(?P<domain>[a-z0-9-]{{1,63}}(?:{dot}[a-z0-9-]{{1,63}}){{0,2}}?)(?P<dot>{dot})"
        rf"(?P<tld>[a-z]{{2,24}})(?![\w@-])"
    )


@cache
def _dot_pattern() -> re.Pattern[str]:
    dots = "|".join(sorted(map(re.escape, _written_words()["dot"]), key=len, reverse=True))
    return re.compile(rf"(?i)\s*[\[({{<*_-]+\s*(?:\.|{dots})\s*[\])}}>*_-]+\s*|\s+(?:{dots})\s+|\s*\.\s*")


def _written_email(match: re.Match[str]) -> str | None:
    words = _written_words()
    at, dot, tld = match["at"].strip().lower(), match["dot"], match["tld"].lower()
    domain = _dot_pattern().sub(".", match["domain"]).lower()
    dot_written = dot.strip() != "."
    # Who writes around both signs means an address, whatever its last label.
    if tld not in read_lines("top_level_domains.txt") and (
        at in words["at_common"] or at == "@" or not dot_written
    ):
        return None
    local = _dot_pattern().sub(".", match["local"]).lower()
    # "look at gmail.com" is no address, but nobody says "at" before a mail provider for anything else, and nobody
    # looks with a digit or an underscore.
    provider = domain.rsplit(".", 1)[-1] in words["mail_domains"] and tld in _PROVIDER_DOMAINS
    named = any(c.isalpha() for c in local) and any(c.isdigit() or c in "._-" for c in local)
    if at in words["at_common"] and not (dot_written or provider or named):
        return None
    spaced = match["at"] == " @ " and dot == " . "
    if at == "@" and not (dot_written or spaced or provider) and (dot != "." and tld in _WORD_DOMAINS):
        return None
    if local in ("at", "me", "us", "look", "email", "mail", "is"):
        return None
    return f"{local}@{domain}.{tld}"


@dataclass(frozen=True, slots=True)
class Url:
    """A URL found in a text, before it is told apart into messenger links and pages."""

    value: str
    start: int
    end: int
    obscured: bool


def find_urls(text: str, spelling: Spelling, written_dot: bool = True) -> Iterator[Url]:
    """URLs of the folded `text` in canonical form; a missing scheme becomes https.

    `spelling` gives what was folded to a span; `written_dot` says that dots may stand in brackets or as words there.
    """
    end_of_last = -1
    bare = [*_BARE.finditer(text), *_SAID.finditer(text)] if written_dot else _in_words_with(text, ".", _BARE)
    matches = sorted([*_with_scheme(text), *bare], key=lambda match: (match.start(), -match.end()))
    for match in matches:
        if match.start() < end_of_last:
            continue
        start, end = match.start(), match.end()
        end = start + len(_without_trailing(text[start:end]))
        written = spelling(start, end)
        if match.re is not _URL and not _plausible_bare(text[start:end], _unfolded(written)):
            continue
        plain = _unfolded(written)
        if match.re is not _URL or _DOT_ANY.search(plain) is not None or _BLANK.search(plain) is not None:
            plain = _BLANK.sub("", _DOT_ANY.sub(".", plain))
        if plain[:4].lower() == "hxxp":
            plain = f"http{plain[4:]}"
        address = canonical_url(plain if "://" in plain else "https://" + plain)
        if address is None:
            continue
        end_of_last = end
        yield Url(address, start, end, plain != written and plain.isascii())


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
    return re.split(r"[/?:]", _BLANK.sub("", _DOT_ANY.sub(".", spelling)), maxsplit=1)[0]


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
    if _DOT_ANY.search(folded) and tld.lower() in _WORD_DOMAINS and not _DOT_MARKED.search(folded):
        # "punto de encuentro" is no address.
        return labels[0].lower() == "www" or "/" in folded
    if _DOT_ANY.search(folded) or "/" in folded:
        return True
    if tld in _WORD_DOMAINS:
        return len(labels) > 2 or len(labels[0]) >= 5 or any(c.isdigit() or c == "-" for c in labels[0])
    return len(labels[-2]) > 1


def _is_top_level(label: str) -> bool:
    known = read_lines("top_level_domains.txt")
    return label.lower() in known or (
        not label.isascii() and f"xn--{label.lower().encode('punycode').decode()}" in known
    )


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
    try:
        url = ada_url.URL(address)
    except ValueError:
        return None
    if url.protocol not in ("http:", "https:", "ftp:") or "." not in url.hostname:
        return None
    if "#" in address:
        url.hash = ""
    if "@" in address:
        url.username = ""
        url.password = ""
    if url.search:
        names, prefixes = _tracking()
        pairs = parse_qsl(url.search[1:], keep_blank_values=True)
        kept = [(k, v) for k, v in pairs if k.lower() not in names and not k.lower().startswith(prefixes)]
        if len(kept) != len(pairs):
            url.search = urlencode(kept)
    return str(url.href)
