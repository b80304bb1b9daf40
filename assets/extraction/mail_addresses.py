"""E-mail addresses, plain and written around ("foo arroba bar punto com", "foo (at) bar [.] com")."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

import ada_url

from assets.extraction.alternatives import one_of
from assets.extraction.found import Found
from assets.extraction.normalise import normalise
from assets.extraction.platforms import platforms
from assets.extraction.rule_files import read_lines, read_yaml
from assets.extraction.signs_in_words import by_ear, signs_in_words
from assets.extraction.web_addresses import LABEL, LAST_LABEL, WORD_DOMAINS, grammar, in_words_with, unfolded

_PLAIN_EMAIL = re.compile(rf"(?i)(?<![\w.+%/-])[^\W_](?:[\w.%+'-]{{0,63}}[\w])?@(?:{LABEL}\.)+{LAST_LABEL}")
# The sign of a plain address: a name ends right before it.
_AT_BEHIND_NAME = re.compile(r"@(?<=\w@)[^\W_]")
_PROVIDER_DOMAINS = frozenset(read_yaml("written_addresses.yaml")["provider_domains"])
_PROVIDERS = frozenset(read_yaml("written_addresses.yaml")["mail_domains"])
# What stands before "at" in prose.
_NO_NAMES = frozenset(("at", "me", "us", "look", "email", "mail", "is"))
_OPEN, _CLOSE = r"\s{0,2}[\[({<*_-]+\s{0,2}", r"\s{0,2}[\])}>*_-]+\s{0,2}"


def find_emails(text: str, spelling: Callable[[int, int], str], written_at: bool = True) -> Iterator[Found]:
    """E-mail addresses of the folded `text` (`spelling` gives what was folded to a span of it), lower-cased.

    `written_at` says that the at sign may be written in words, which takes a longer search.
    """
    taken: list[tuple[int, int]] = []
    for match in in_words_with(text, "@", _PLAIN_EMAIL) if _AT_BEHIND_NAME.search(text) else ():
        written = spelling(*match.span())
        same = written == match.group() and written.isascii()
        value = (match.group() if same or normalise(written) == written else unfolded(written)).lower()
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
        address = _written_email(text, match)
        if address is not None:
            yield Found("email", address, *match.span(), True, "written")


def _with_ascii_domain(address: str) -> str:
    """The address with its domain in the form of the domain name system (punycode), so that equal ones are equal."""
    local, domain = address.rsplit("@", 1)
    try:
        return f"{local}@{ada_url.URL('https://' + domain).hostname}"
    except ValueError:
        return address


def _at_sign_before_domain(text: str, taken: list[tuple[int, int]]) -> bool:
    """Whether an at sign outside the addresses already found could stand in one."""
    at = text.find("@")
    while at >= 0:
        if not any(start <= at < end for start, end in taken) and _domain_ahead().match(text, at) is not None:
            return True
        at = text.find("@", at + 1)
    return False


def _sign(kind: str, *marked: str) -> str:
    """A sign of addresses as a word between blanks or, with those of `marked` too, between brackets."""
    words = signs_in_words()[kind]
    return rf"(?:{_OPEN}{one_of([*words, *marked])}{_CLOSE}|\s+{one_of(words)}\s+)"


@cache
def _dot() -> str:
    return rf"(?:{_sign('dot', '.', *signs_in_words()['dot_short'])}|\s{{0,2}}\.\s{{0,2}})"


@cache
def _domain_ahead() -> re.Pattern[str]:
    """An at sign with a label and a dot behind it, however the dot is written."""
    dots = one_of([*signs_in_words()["dot"], "."])
    return re.compile(rf"(?i)@[\s\])}}>*_-]{{0,6}}[a-z0-9-]{{1,63}}[\s\[({{<*_-]{{0,6}}{dots}")


@cache
def _hidden_email() -> re.Pattern[str]:
    words = signs_in_words()
    said = [*words["at"], *words["at_common"]]
    at = rf"(?:{_OPEN}{one_of([*said, '@', 'a'])}{_CLOSE}|\s+{one_of(said)}\s+|\s{{0,3}}@\s{{0,3}})"
    hyphen, underscore = _sign("hyphen", "-"), _sign("underscore", "_")
    inside = rf"(?:{underscore}|{hyphen}|{_sign('dot', '.', *words['dot_short'])})"
    label = rf"(?:[a-z0-9-]{{1,63}}|{one_of(by_ear())})(?:{hyphen}[a-z0-9-]{{1,63}}){{0,2}}"
    return re.compile(
        rf"(?i)(?<![\w@.])(?P<local>[a-z0-9][\w.+-]{{0,63}}?(?:{inside}[a-z0-9][\w+-]{{0,40}}){{0,3}}?)"
        rf"(?P<at>{at})(?P<domain>{label}(?:{_dot()}{label}){{0,2}}?)(?P<dot>{_dot()})"
        rf"(?P<tld>[a-z]{{2,24}}|{one_of(by_ear())})(?![\w@-])(?!{_OPEN}{one_of([*words['dot'], '.'])}{_CLOSE}[a-z])"
    )


@cache
def _written_signs() -> dict[str, re.Pattern[str]]:
    """Underscores, hyphens and dots that are written out, by the sign."""
    signs = {"_": _sign("underscore", "_"), "-": _sign("hyphen", "-"), ".": _dot()}
    return {sign: re.compile(spelled, re.IGNORECASE) for sign, spelled in signs.items()}


@cache
def _slash_behind() -> re.Pattern[str]:
    slashes = one_of(signs_in_words()["slash"])
    return re.compile(rf"(?i)/\w|\s+{slashes}\s+\w|{_OPEN}(?:/|{slashes}){_CLOSE}\w")


def _plain(spelling: str) -> str:
    for sign, spelled in _written_signs().items():
        spelling = spelled.sub(sign, spelling)
    return spelling.lower()


def _written_email(text: str, match: re.Match[str]) -> str | None:
    words = signs_in_words()
    at, dot = match["at"].strip().lower(), match["dot"]
    tld = by_ear().get(match["tld"].lower(), match["tld"].lower())
    common = at in words["at_common"]
    domain = ".".join(by_ear().get(label, label) for label in _plain(match["domain"]).split("."))
    dot_written = dot.strip() != "."
    # Who writes around both signs means an address, whatever its last label.
    if tld not in read_lines("top_level_domains.txt") and (common or at == "@" or not dot_written):
        return None
    # "Apply at foo dot com slash join" is a page.
    if common and _slash_behind().match(text, match.end()):
        return None
    local = _plain(match["local"])
    # "look at gmail.com" is no address, but nobody says "at" before a mail provider for anything else, and nobody
    # looks with a digit or an underscore.
    provider = domain.rsplit(".", 1)[-1] in _PROVIDERS and tld in _PROVIDER_DOMAINS
    named = any(c.isalpha() for c in local) and any(c.isdigit() or c in "._-" for c in local)
    if common and not (dot_written or provider or named):
        return None
    spaced = match["at"] == " @ " and dot == " . "
    if at == "@" and not (dot_written or spaced or provider) and (dot != "." and tld in WORD_DOMAINS):
        return None
    # "Insta @foo.uk", "c'est @foo.fr": a name behind a word.
    if at == "@" and match["at"] != "@" and (local in platforms().names or local in grammar()):
        return None
    return None if local in _NO_NAMES else f"{local}@{domain}.{tld}"
