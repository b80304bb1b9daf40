"""Scope: which addresses belong to a source, and which only look as if they did (traps)."""

import re
from collections import Counter

from assets.capture.canonical import bare_host, canonical_url, hostname
from assets.capture.discovery.page import Role
from assets.capture.policy import CapturePolicy
from assets.capture.source import Source

# A real tree of folders seldom repeats one name three times; a relative link on a wrong base does so without
# end.
_MAX_SAME_SEGMENT = 3
_MAX_SEGMENTS = 30
_NUMBER = re.compile(r"\d+")
_SEGMENT = re.compile(r"[^/?&=;.]{16,}")
# Where a digit meets a letter, or a small letter a capital: rare in words and slugs, frequent in random tokens.
_TURN = re.compile(r"(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[a-z])(?=[A-Z])|(?<=\w[A-Z])(?=[a-z])")


class SourceScope:
    """The limits of one source, compiled. `refusal` names the reason to skip an address, or None."""

    def __init__(self, source: Source, extra_addresses: tuple[str, ...] = ()) -> None:
        starts = [canonical_url(address) for address in (*source.start, *extra_addresses)]
        self._hosts = {bare_host(hostname(url)) for url in starts if url is not None}
        self._hosts |= {bare_host(host.lower()) for host in source.scope.hosts if not host.startswith("*.")}
        self._suffixes = tuple(host.lower()[1:] for host in source.scope.hosts if host.startswith("*."))
        self._allow = [re.compile(pattern) for pattern in source.scope.allow]
        self._deny = [re.compile(pattern) for pattern in source.scope.deny]
        pictures = [host.lower() for host in source.images.hosts]
        self._picture_hosts = {bare_host(host) for host in pictures if not host.startswith("*.")}
        self._picture_suffixes = tuple(host[1:] for host in pictures if host.startswith("*."))

    def has_host(self, url: str, role: Role = "index") -> bool:
        """Whether the address is on a host of the source, or, as a picture, on one that serves its pictures.

        `www.` makes no difference, `*.` names subdomains.
        """
        host = bare_host(hostname(url))
        if host in self._hosts or (self._suffixes and f".{host}".endswith(self._suffixes)):
            return True
        return role == "image" and (
            host in self._picture_hosts
            or bool(self._picture_suffixes and f".{host}".endswith(self._picture_suffixes))
        )

    def refusal(self, url: str, *, named: bool = False, role: Role = "index") -> str | None:
        """The reason to skip a canonical address; `named` ones (start, feed, sitemap) and pictures need no `allow`
        pattern.
        """
        if not self.has_host(url, role):
            return "picture_on_other_host" if role == "image" else "other_host"
        if any(pattern.search(url) for pattern in self._deny):
            return "denied_by_scope"
        if (
            self._allow
            and not named
            and role != "image"
            and not any(pattern.search(url) for pattern in self._allow)
        ):
            return "not_allowed_by_scope"
        return None


class TrapGuard:
    """Recognises addresses without end. One guard serves one unit; it counts what it has let through."""

    def __init__(self, policy: CapturePolicy) -> None:
        self._policy = policy
        self._templates: Counter[str] = Counter()

    def refusal(self, url: str, role: str) -> str | None:
        """The reason to skip a canonical address of a role, or None."""
        if len(url) > self._policy.max_url_length:
            return "trap_long_address"
        path, _, query = url.partition("?")
        segments = [segment for segment in path.split("/")[3:] if segment]
        if len(segments) > _MAX_SEGMENTS:
            return "trap_deep_path"
        if len(segments) > _MAX_SAME_SEGMENT:
            text = [segment for segment in segments if not segment.isdigit()]
            if text and max(Counter(text).values()) > _MAX_SAME_SEGMENT:
                return "trap_repeated_segments"
        if query.count("&") >= self._policy.max_query_parameters:
            return "trap_many_parameters"
        # Only index pages breed addresses; an item page is a leaf, however many of them there are.
        if role == "index":
            template = self.template(url)
            self._templates[template] += 1
            if self._templates[template] > self._policy.max_index_pages_per_template:
                return "trap_template"
        return None

    @staticmethod
    def template(url: str) -> str:
        """What addresses of one kind share, and with it one budget.

        The path with numbers and random tokens (sessions, digests) blanked, and the parameter's name. Several
        parameters can be combined without end, and so can the segments of a relative link on a wrong base: all
        combinations of a path's parameters are one template, and all paths of a host in which a name comes twice.
        """
        path, _, query = url.partition("?")
        path = _NUMBER.sub("#", _SEGMENT.sub(_without_token, path))
        host, *segments = path.split("/")[2:]
        names = [segment for segment in segments if segment and segment != "#"]
        if len(set(names)) < len(names):
            path = f"{host}/(repeated)"
        keys = {pair.partition("=")[0] for pair in query.split("&")}
        return f"{path}?{'(several)' if len(keys) > 1 else keys.pop()}"


def _without_token(match: re.Match[str]) -> str:
    text = match.group()
    turns = len(_TURN.findall(text))
    return "#" if turns >= 4 and turns * 6 >= len(text) else text
