"""User names and messenger links. A messenger mention always has a twin (phone or user name) of the same span.

The twin is what links people across spellings ("@foo", "t.me/foo"); linking should count one of the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from urllib.parse import parse_qs, unquote, urlsplit

from assets.extraction.alternatives import one_of
from assets.extraction.found import Found
from assets.extraction.labelled_names import SURE_NAME, labelled_names, platform_words, tells
from assets.extraction.names_in_sentences import names_in_sentences, platform_near, platform_pictured
from assets.extraction.phone_validity import read_phone
from assets.extraction.platforms import platforms
from assets.extraction.signs_in_words import signs_in_words

_AT_NAME = re.compile(
    r"(?<![\w@./+%=-])@([A-Za-z0-9_](?:[A-Za-z0-9_.]{1,30}[A-Za-z0-9_])(?:-[A-Za-z][A-Za-z0-9_]{1,20})*)(?![\w@])"
)
# A name apart from its at sign has to be one by its form.
_AT_APART = re.compile(rf"(?<![\w@./+%=-])@ (?=[\w.]{{11}})(?P<name>(?i:{SURE_NAME.pattern}))(?![\w@.])")
_WHATSAPP_HOSTS = frozenset({"wa.me", "api.whatsapp.com", "web.whatsapp.com", "whatsapp.com"})
_WHATSAPP_GROUPS = "chat.whatsapp.com"
_INVITING_HOSTS = frozenset({"discord.gg", "invite.viber.com", "signal.group"})
_TELEGRAM_HOSTS = frozenset({"t.me", "telegram.me", "telegram.dog"})
_HANDLE = re.compile(r"[A-Za-z0-9_.-]{2,40}")
_TIME_OF_DAY = re.compile(r"\d{1,2}(?:[.h]\d\d)?(?:am|pm|h|hs|hrs|uhr)")


@cache
def _spaced_link() -> re.Pattern[str]:
    """A link to a messenger with blanks, brackets or words in it ("t . me / foo", "t punto me barra foo")."""
    dots, slashes = one_of(signs_in_words()["dot"]), one_of(signs_in_words()["slash"])
    return re.compile(
        r"(?i)(?<![\w.])(?P<host>t|telegram|wa|instagram|vk|facebook|snapchat|tiktok|onlyfans)\s{0,2}"
        rf"(?:\.|[\[({{]\s?(?:\.|{dots})\s?[\])}}]|\s{dots}\s|(?<=t)(?:\s|,)(?=\s?me\s?/\s?[A-Za-z.]*[\d_]))\s{{0,2}}"
        rf"(?P<tld>me|com)\s{{0,2}}(?:/|\\|(?<=\s){slashes}(?=\s))\s{{0,2}}"
        r"(?P<name>\+?[A-Za-z0-9_](?:[A-Za-z0-9_.]*[A-Za-z0-9_]))"
    )


def find_usernames(text: str, labelled: bool, named: Sequence[int]) -> Iterator[Found]:
    """User names of the folded `text` ("@foo", "Telegram: foo"), lower-cased, without the at sign.

    `labelled` says that the name or a picture of a platform may stand before one, `named` where a name may be.
    """
    taken: list[tuple[int, int]] = []
    words = platform_words(text, named) if labelled else []
    names = list(labelled_names(text, words))
    if labelled:
        telling = [word for word in words if tells(text, word)]
        names += names_in_sentences(text, telling, [(found.start, found.end) for found in names])
    for found in names:
        method = "written" if found.written else "labelled"
        # Several platforms may share a name.
        if (found.start, found.end) not in taken:
            taken.append((found.start, found.end))
            yield Found("username", found.name, found.start, found.end, found.written, method)
        yield Found(
            "messenger", f"{found.platform}:{found.name}", found.start, found.end, found.written, method
        )
    for match in _names_after_at(text):
        name = match.group(1).lower()
        start, end = match.span()
        if any(low < end and start < high for low, high in taken) or not any(map(str.isalpha, name)):
            continue
        if not _TIME_OF_DAY.fullmatch(name):
            yield Found("username", name, start, end, False, "plain")
            platform = platform_pictured(text, start)
            if platform is None and (labelled or ".me/" in text):
                platform = platform_near(text, start, end, words)
            if platform is not None:
                yield Found("messenger", f"{platform}:{name}", start, end, False, "near")


def _names_after_at(text: str) -> Iterator[re.Match[str]]:
    at = text.find("@")
    while at >= 0:
        match = _AT_NAME.match(text, at) or _AT_APART.match(text, at)
        if match is not None:
            yield match
        at = text.find("@", at + 1)


@cache
def _hosts() -> frozenset[str]:
    """Hosts whose addresses `messenger_from_url` reads, without "www." and "m."."""
    return (
        _TELEGRAM_HOSTS
        | _WHATSAPP_HOSTS
        | _INVITING_HOSTS
        | {
            _WHATSAPP_GROUPS,
            "me",
            "line.me",
            *platforms().hosts,
        }
    )


def messenger_from_url(address: str, start: int, end: int, obscured: bool) -> list[Found]:
    """What a canonical URL says of a person: messenger link and its twin; empty for any other page."""
    # A canonical address has neither credentials nor capitals in its host.
    if address.split("/", 3)[2].partition(":")[0].removeprefix("www.").removeprefix("m.") not in _hosts():
        return []
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    host = "m.me" if parts.hostname == "m.me" else host
    segments = [unquote(segment) for segment in parts.path.split("/") if segment]
    if host in _WHATSAPP_HOSTS:
        query = parse_qs(parts.query)
        number = (query.get("phone") or [segments[0] if host == "wa.me" and segments else ""])[0]
        return _phone_link("whatsapp", number, start, end, obscured)
    if host == _WHATSAPP_GROUPS and segments:
        return [Found("messenger", f"whatsapp-group:{segments[-1]}", start, end, obscured, "link")]
    if host == "signal.me":
        return []
    if host in _TELEGRAM_HOSTS and segments:
        return _telegram_link(segments, start, end, obscured)
    if host in _INVITING_HOSTS and segments:
        return [
            Found("messenger", f"{host.split('.')[-2]}-invite:{segments[-1]}", start, end, obscured, "link")
        ]
    if host == "line.me" and segments and segments[-1].startswith("~"):
        return _name_link("line", segments[-1][1:].lower(), start, end, obscured)
    platform = platforms().hosts.get(host)
    if platform is None or not segments:
        return []
    if segments[0] == "profile.php" and (person := parse_qs(parts.query).get("id")):
        return _name_link(platform, person[0], start, end, obscured)
    name = segments[1] if segments[0] in platforms().before_name and len(segments) > 1 else segments[0]
    name = name.lstrip("@$").lower()
    if name in platforms().not_people or name in platforms().before_name or not _HANDLE.fullmatch(name):
        return []
    return _name_link(platform, name, start, end, obscured)


def _telegram_link(segments: list[str], start: int, end: int, obscured: bool) -> list[Found]:
    first = segments[0]
    if first.startswith("+") and first[1:].isdigit():
        return _phone_link("telegram", first, start, end, obscured)
    if first == "joinchat" or first.startswith("+"):
        invite = segments[1] if first == "joinchat" and len(segments) > 1 else first.lstrip("+")
        return [Found("messenger", f"telegram-invite:{invite}", start, end, obscured, "link")]
    name = (segments[1] if first == "s" and len(segments) > 1 else first).lower()
    if name in platforms().not_people or not _HANDLE.fullmatch(name):
        return []
    return _name_link("telegram", name, start, end, obscured)


def _name_link(platform: str, name: str, start: int, end: int, obscured: bool) -> list[Found]:
    return [
        Found("messenger", f"{platform}:{name}", start, end, obscured, "link"),
        Found("username", name, start, end, obscured, "link"),
    ]


def _phone_link(platform: str, number: str, start: int, end: int, obscured: bool) -> list[Found]:
    digits = "".join(character for character in number if character.isdigit()).removeprefix("00")
    phone = read_phone(digits, True, None, True)
    if phone is None:
        return []
    return [
        Found("messenger", f"{platform}:{phone}", start, end, obscured, "link"),
        Found("phone", phone, start, end, obscured, "link"),
    ]


_APP_LINK = re.compile(
    r"(?i)(?:viber|whatsapp|tg|sgnl)://[^\s<>\"\x00]*?(?:number|phone|p)[=/](?:%2B|\+)?(\d{7,15})"
)
_APP_NAME = re.compile(r"(?i)tg://resolve\?domain=([A-Za-z0-9_]{3,32})")
# What an app link cannot do without.
_APP_SCHEME = re.compile(r"(?i)://(?:(?<=ber://)|(?<=app://)|(?<=gnl://)|(?<=tg://))")
_SIGNAL_LINK = re.compile(r"(?i)(?:https?://)?signal\.me/#p/\+?(\d{7,15})")


def find_messenger_links(text: str, spaced: bool = True) -> Iterator[Found]:
    """App links and, where `spaced` says there may be some, links with blanks in them ("t . me / foo")."""
    if "://" in text and _APP_SCHEME.search(text):
        yield from _app_links(text)
    for match in _SIGNAL_LINK.finditer(text) if "ignal.me/#" in text.lower() else ():
        yield from _phone_link("signal", match.group(1), *match.span(), False)
    for match in _spaced_link().finditer(text) if spaced else ():
        host = f"{match['host'].lower()}.{match['tld'].lower()}"
        if match.group() != f"{match['host']}.{match['tld']}/{match['name']}":
            yield from messenger_from_url(f"https://{host}/{match['name']}", *match.span(), True)


def _app_links(text: str) -> Iterator[Found]:
    for match in _APP_LINK.finditer(text):
        platform = match.group().split(":", 1)[0].lower()
        platform = {"tg": "telegram", "sgnl": "signal"}.get(platform, platform)
        yield from _phone_link(platform, match.group(1), *match.span(), False)
    for match in _APP_NAME.finditer(text):
        yield from _name_link("telegram", match.group(1).lower(), *match.span(), False)
