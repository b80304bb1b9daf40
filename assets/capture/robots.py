"""robots.txt after RFC 9309: what a file says, for one agent and one address.

Matching follows Google's open-source matcher (google/robotstxt) where the RFC leaves a choice: the most
specific (longest) rule wins, `allow` wins a tie, groups of one agent are merged, common typing errors are
understood.
"""

import re
from dataclasses import dataclass

# google/robotstxt reads at most this much of one line (2083 is the longest address of old browsers, times
# eight).
_MAX_LINE_BYTES = 2083 * 8
_AGENT_KEYS = ("user-agent", "useragent", "user agent")
_DISALLOW_KEYS = ("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw")
_PERCENT = re.compile(r"%[0-9a-fA-F]{2}")
# ALPHA, DIGIT, "-", ".", "_" and "~" as percent-encodings.
_UNRESERVED = re.compile(r"%(?:4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A]|3[0-9]|2[DE]|5F|7E)", re.IGNORECASE)
# Stand-ins, from the private use area, for characters that patterns give another meaning.
_DOLLAR, _STAR = "\ue000", "\ue001"
_ORDINARY = re.compile(r"[^%$*\x80-\U0010ffff]*")


@dataclass(frozen=True)
class Verdict:
    """Whether an address may be requested, and the rule line that decided (None when no rule did)."""

    allowed: bool
    rule: str | None


@dataclass(frozen=True)
class Rule:
    """One `allow` or `disallow` line with a non-empty pattern, percent-encoding normalised."""

    allow: bool
    pattern: str

    @property
    def text(self) -> str:
        """The rule as a line of robots.txt."""
        return f"{'Allow' if self.allow else 'Disallow'}: {self.pattern}"


_Matcher = tuple[re.Pattern[str] | str, Rule]


class RobotsRules:
    """The rules of one robots.txt for one agent; build it once per file and agent, then ask per address.

    Google's matcher compares percent-encoded text as it stands, RFC 9309 (2.2.2) compares what it means. Where the
    two differ, an address is allowed only if both readings allow it.
    """

    def __init__(self, robots_txt: str, agent: str) -> None:
        self.sitemaps: list[str] = []
        self.crawl_delay: float | None = None
        self._rules: list[Rule] = []
        self._read(robots_txt, agent.lower())
        # Longest first, allow before disallow: then the first rule that matches is the one that decides.
        self._rules.sort(key=lambda rule: (-len(rule.pattern), not rule.allow))
        self._as_written: list[_Matcher] = [(_matcher(rule.pattern), rule) for rule in self._rules]
        meant = sorted(self._rules, key=lambda rule: (-len(_plain(rule.pattern)), not rule.allow))
        self._as_meant: list[_Matcher] = [(_matcher(_meant(rule.pattern)), rule) for rule in meant]
        self._has_percent = any("%" in rule.pattern for rule in self._rules)

    def verdict(self, url: str) -> Verdict:
        """The verdict on an absolute address (or on a path)."""
        if not self._rules:
            return Verdict(True, None)
        path = _capital_digits(path_of(url))
        verdict = _decide(self._as_written, path)
        if verdict.allowed and (self._has_percent or not _ORDINARY.fullmatch(path)):
            meant = _decide(self._as_meant, _literal(_plain(_escape(path))))
            return verdict if meant.allowed else meant
        return verdict

    def _read(self, robots_txt: str, agent: str) -> None:
        specific: list[Rule] = []
        general: list[Rule] = []
        delays: dict[bool, float] = {}
        ever_specific = in_specific = in_general = separated = False
        for line in re.split(r"\r\n|\r|\n", robots_txt.removeprefix("\ufeff")):
            key, value = _key_and_value(line[:_MAX_LINE_BYTES])
            if key.startswith(_AGENT_KEYS):
                if separated:
                    in_specific = in_general = separated = False
                if re.match(r"\*(\s|$)", value):
                    in_general = True
                elif _agent_name(value) == agent:
                    in_specific = ever_specific = True
            elif key.startswith(("sitemap", "site-map")):
                self.sitemaps.append(value)
            elif key.startswith(("crawl-delay", "crawldelay")):
                seconds = _seconds(value)
                if seconds is not None and (in_specific or in_general):
                    delays[in_specific] = max(seconds, delays.get(in_specific, 0.0))
            elif key.startswith("allow") or key.startswith(_DISALLOW_KEYS):
                if not (in_specific or in_general):
                    continue
                separated = True
                rules = specific if in_specific else general
                rules.extend(_rules(key.startswith("allow"), _escape(value)))
        self._rules = specific if ever_specific else general
        self.crawl_delay = delays.get(True) if ever_specific else delays.get(False)


def is_allowed(robots_txt: str, agent: str, url: str) -> Verdict:
    """The verdict of a robots.txt text on one address for an agent's product token."""
    return RobotsRules(robots_txt, agent).verdict(url)


def path_of(url: str) -> str:
    """Path, parameters and query of an address, without the fragment; "/" when it has none."""
    start = 2 if url.startswith("//") else 0
    scheme_end = url.find("://", start)
    early = re.search(r"[/?;]", url[start:])
    if scheme_end >= 0 and (early is None or early.start() + start > scheme_end):
        start = scheme_end + 3
    begin = re.search(r"[/?;#]", url[start:])
    if begin is None or begin.group() == "#":
        return "/"
    path = url[start + begin.start() :].partition("#")[0]
    return path if path.startswith("/") else "/" + path


def _decide(matchers: list[_Matcher], path: str) -> Verdict:
    for matcher, rule in matchers:
        if path.startswith(matcher) if isinstance(matcher, str) else matcher.match(path):
            return Verdict(rule.allow, rule.text)
    return Verdict(True, None)


def _plain(text: str) -> str:
    """Percent-encodings of unreserved characters (RFC 3986, 2.3) undone; all others stay."""
    return _UNRESERVED.sub(lambda match: chr(int(match.group()[1:], 16)), text) if "%" in text else text


def _literal(text: str) -> str:
    """`$` and `*` of an address, plain or percent-encoded, as the stand-ins that `_meant` puts into patterns."""
    for spellings, stand_in in ((("%24", "$"), _DOLLAR), (("%2A", "*"), _STAR)):
        for spelling in spellings:
            text = text.replace(spelling, stand_in)
    return text


def _meant(pattern: str) -> str:
    """A pattern in which `%24`, `%2A` and a `$` before the end are the characters themselves (RFC 9309, 2.2.3)."""
    anchored = pattern.endswith("$")
    body = _plain(pattern[:-1] if anchored else pattern)
    body = body.replace("%24", _DOLLAR).replace("%2A", _STAR).replace("$", _DOLLAR)
    return body + "$" * anchored


def _key_and_value(line: str) -> tuple[str, str]:
    line = line.partition("#")[0].strip()
    key, colon, value = line.partition(":")
    if not colon:
        words = line.split()
        if len(words) != 2:
            return "", ""
        key, value = words
    return key.strip().lower(), value.strip()


def _agent_name(value: str) -> str:
    match = re.match(r"[A-Za-z_-]+", value)
    return match.group().lower() if match else ""


def _rules(allow: bool, pattern: str) -> list[Rule]:
    if not pattern:
        return []
    rules = [Rule(allow, pattern)]
    folder, slash, name = pattern.rpartition("/")
    # As google/robotstxt: permission for an index file is permission for its folder.
    if allow and slash and name.startswith("index.htm"):
        rules.append(Rule(allow, f"{folder}/$"))
    return rules


def _escape(text: str) -> str:
    """Percent-encode what is not ASCII, as addresses on the wire have it, and capitalise the digits."""
    if not text.isascii():
        encoded = text.encode("utf-8", "replace")
        text = "".join(chr(byte) if byte < 128 else f"%{byte:02X}" for byte in encoded)
    return _capital_digits(text)


def _capital_digits(text: str) -> str:
    return _PERCENT.sub(lambda match: match.group().upper(), text) if "%" in text else text


def _matcher(pattern: str) -> re.Pattern[str] | str:
    """A prefix when the pattern has no special character, else a regular expression without backtracking."""
    anchored = pattern.endswith("$")
    body = pattern[:-1] if anchored else pattern
    pieces = [re.escape(piece) for piece in re.sub(r"\*+", "*", body).split("*")]
    if len(pieces) == 1 and not anchored:
        return body
    # Atomic groups: the shortest way to each next piece is as good as any longer one, so no step is ever
    # undone.
    expression = pieces[0] + "".join(f"(?>.*?{piece})" for piece in pieces[1:-1])
    if len(pieces) > 1:
        expression += f".*{pieces[-1]}" if anchored else f"(?>.*?{pieces[-1]})"
    return re.compile(expression + (r"\Z" if anchored else ""), re.DOTALL)


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value.replace(",", "."))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 1e6 else None
