"""The name of the operation a release is about ("Operation Serengeti", "Aliados por la Infancia VI")."""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from unicodedata import normalize

from assets.statistics.countries import find_countries
from assets.statistics.language_data import language_data, languages

_CAPITAL = r"(?<!\w)[A-ZÀ-Ý][\w-]{1,40}"
_PROPER = r"(?<!\w)(?:(?:[A-Z]\.){2,8}|[A-ZÀ-Ý0-9][\w&’'-]{0,40}(?:\.\d)?)"
_LINK = (
    r"(?:de|del|da|do|das|dos|la|las|los|el|of|the|du|des|les|der|di|della|por|para|van|and|et|y|e|und|in|on)"
)
_OPEN, _CLOSE = "[\"'“‘«„‚]", "[\"'”’»“‘]"
_QUOTED = rf"{_OPEN}\s?(?P<quoted>[^\"“”«»„\n]{{2,60}}?)[.,]?\s?{_CLOSE}(?!\w)"
# A name ends with its line: what follows a heading is another sentence.
_GAP = r"[^\S\n]"
_SEQUENCE = rf"(?P<plain>{_PROPER}(?:{_GAP}(?:{_LINK}{_GAP}){{0,2}}{_PROPER}){{0,5}})"
_NUMERAL = r"[IVX]{1,5}"


@lru_cache(maxsize=32)
def _patterns(language: str) -> tuple[list[re.Pattern[str]], frozenset[str]]:
    operations = language_data(language).operations
    word = "|".join(operations["operation_words"])
    codename = "|".join(operations["codename"])
    both = rf"(?:(?i:{word}))"
    patterns = [
        re.compile(rf"(?<!\w)(?P<prefix>{both}\s)(?:(?i:{codename})\s)?{_QUOTED}"),
        re.compile(rf"(?<!\w)(?P<prefix>{both}\s){_SEQUENCE}"),
        re.compile(rf"(?<!\w)(?P<prefix>)(?i:{codename}),?\s(?:(?i:{word})\s)?{_QUOTED}"),
        re.compile(rf"(?<!\w)(?P<prefix>)(?i:{codename})\s(?:(?i:{word})\s)?{_SEQUENCE}"),
        re.compile(rf"(?<!\w){both}[^.\n\"“«„]{{0,110}}(?P<prefix>){_QUOTED}"),
        re.compile(
            rf"(?P<prefix>)(?P<plain>{_PROPER}(?:{_GAP}(?:{_LINK}{_GAP}){{0,2}}{_PROPER}){{0,4}}{_GAP}{_NUMERAL})(?:\s{both}|(?!\w))"
        ),
        re.compile(rf"(?P<prefix>)(?<![.!?]\s)(?P<plain>(?:{_CAPITAL}\s){{0,3}}{_CAPITAL})\s{both}(?!\w)"),
        # "settimana di vigilanza «Alt»": a word for an action that is no operation by itself needs quotation marks.
        re.compile(
            rf"(?<!\w)(?i:{'|'.join(operations['event_words'])})(?P<prefix>\s)(?:(?i:{codename})\s)?{_QUOTED}"
        ),
        re.compile(
            rf"(?<!\w)(?P<prefix>)(?:Joint Action Days?(?:\s\(JAD\))?|JAD|Soko|SOKO|Sonderkommission)"
            rf"\s(?P<plain>{_CAPITAL}(?:\s\d{{1,2}})?)(?!\s[A-Z])"
        ),
    ]
    return patterns, frozenset(operations["not_names"])


# Weight of each pattern, in the order above: a name after the word "operation" is nearly always the name; a
# sequence ending in a numeral is one only when it comes back.
_WEIGHTS = (3.0, 3.0, 2.5, 1.5, 1.0, 0.8, 0.5, 1.5, 1.5)
NUMERAL_PATTERN = 5
MINIMUM_NAME_WEIGHT = 1.5


@lru_cache(maxsize=1)
def _operation_words() -> re.Pattern[str]:
    """The word for "operation" of every language, without accents, and "project" and "the"."""
    words = {word for code in languages() for word in language_data(code).operations["operation_words"]}
    plain = [
        normalize("NFKD", re.sub(r"\[(\w)\w\]", r"\1", word)).encode("ascii", "ignore").decode()
        for word in words
    ]
    return re.compile(rf"\b({'|'.join(sorted(plain, key=len, reverse=True))}|project|proyecto|the)\b")


def normalise_name(name: str | None) -> str | None:
    """Key under which releases in different languages speak of one operation; None stays None."""
    if not name:
        return None
    plain = normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = _operation_words().sub(" ", plain)
    return re.sub(r"[^a-z0-9]+", " ", plain).strip() or None


def find_operation_name(text: str, language: str) -> str | None:
    """The best supported name as written (with "Operation" where the text writes it), or None.

    Every spelling is weighted by the pattern that found it; the sum per normalised name decides, ties by
    first appearance. Names that are only a country, an agency or a common word are refused.
    """
    weights: defaultdict[str, float] = defaultdict(float)
    occurrences = lru_cache(maxsize=1000)(text.lower().count)
    spelling: dict[str, tuple[int, int, str]] = {}
    patterns, refused = _patterns(language)
    for rank, (pattern, weight) in enumerate(zip(patterns, _WEIGHTS, strict=True)):
        for match in pattern.finditer(text):
            groups = match.groupdict()
            core = (groups.get("quoted") or groups.get("plain") or "").strip(" .,'’")
            core = re.sub(r"['’]s$", "", core)
            if not _is_name(core, refused, language, quoted=bool(groups.get("quoted"))):
                continue
            if _is_shouted(text, match, core) and occurrences(core.lower()) < BEYOND_TITLE:
                continue
            key = normalise_name(core)
            if not key:
                continue
            weights[key] += weight * (occurrences(core.lower()) if rank == NUMERAL_PATTERN else 1)
            prefix = groups.get("prefix") or ""
            written = f"{prefix}{core}" if prefix[:1].isupper() else core
            capital = 0 if prefix[:1].isupper() else 1
            candidate = (rank if rank != 1 else 0, capital, written)
            if key not in spelling or candidate[:2] < spelling[key][:2]:
                spelling[key] = candidate
    if not weights:
        return None
    for key in list(weights):
        longer = [other for other in weights if other != key and other.startswith(key + " ")]
        for other in longer:
            weights[other] += weights[key] * 0.5
    best = max(weights, key=lambda key: weights[key])
    return spelling[best][2] if weights[best] >= MINIMUM_NAME_WEIGHT else None


@dataclass(frozen=True)
class NamedOperation:
    """A naming of an operation in the text: span, name as written, and its key (`normalise_name`)."""

    start: int
    end: int
    name: str
    key: str


def operations_named(text: str, language: str) -> list[NamedOperation]:
    """Every naming that the text itself marks as an operation's ("Operation X", "codenamed X"), in order."""
    patterns, refused = _patterns(language)
    found: list[NamedOperation] = []
    taken = bytearray(len(text))
    for pattern in patterns[:3]:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            core = re.sub(r"['’]s$", "", (groups.get("quoted") or groups.get("plain") or "").strip(" .,'’"))
            key = normalise_name(core)
            if not key or not _is_name(core, refused, language, quoted=bool(groups.get("quoted"))):
                continue
            if any(taken[match.start() : match.end()]):
                continue
            if _is_shouted(text, match, core) and text.lower().count(core.lower()) < BEYOND_TITLE:
                continue
            taken[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
            prefix = groups.get("prefix") or ""
            name = f"{prefix}{core}" if prefix[:1].isupper() else core
            found.append(NamedOperation(match.start(), match.end(), name, key))
    for match in _listed_names(language).finditer(text):
        for listed in re.finditer(
            rf"{_OPEN}?(?P<plain>{_CAPITAL}(?:{_GAP}{_PROPER}){{0,2}}){_CLOSE}?", match.group("names")
        ):
            name = listed.group("plain")
            start = match.start("names") + listed.start("plain")
            key = normalise_name(name)
            if (
                key
                and not any(taken[start : start + len(name)])
                and _is_name(name, refused, language, quoted=False)
            ):
                found.append(NamedOperation(start, start + len(name), name, key))
    return sorted(found, key=lambda named: named.start)


@lru_cache(maxsize=32)
def _listed_names(language: str) -> re.Pattern[str]:
    """ "las operaciones Koala y Laly": names listed behind the plural; a short remark may stand behind each."""
    words = "|".join(language_data(language).operations["operations_words"])
    one = rf"{_OPEN}?{_CAPITAL}(?:{_GAP}{_PROPER}){{0,2}}{_CLOSE}?(?:,\s[a-zà-ÿ][^,.\n]{{2,40}})?"
    return re.compile(
        rf"(?<!\w)(?i:{words})\s(?P<names>{one}(?:(?:,|,?\s(?:y|e|et|and|und|en|ed))\s{one}){{1,4}})"
    )


# A name in a line of capitals, where nothing tells names from words, must come back in the text.
BEYOND_TITLE = 2


def _is_shouted(text: str, match: re.Match[str], core: str) -> bool:
    """Whether several words without quotation marks stand in a line written in capitals."""
    if match.groupdict().get("quoted") or len(core.split()) < BEYOND_TITLE:
        return False
    start = text.rfind("\n", 0, match.start()) + 1
    end = text.find("\n", match.end())
    line = text[start : end if end >= 0 else len(text)]
    return line.isupper()


def _is_name(core: str, refused: frozenset[str], language: str, *, quoted: bool) -> bool:
    words = re.findall(r"[\w’'-]+", core)
    if not words or len(words) > 8 or len(core) < 3:
        return False
    first = words[0].lower()
    if first in refused or all(word.lower() in refused for word in words):
        return False
    if re.fullmatch(r"[\d\s.,]+", core) or (not quoted and re.match(r"\d[\d.,]*\s", core)):
        return False
    if not quoted and not core[0].isupper() and not core[0].isdigit():
        return False
    if quoted and not any(word[:1].isupper() for word in words):
        return False
    mentions = find_countries(core, language)
    return not (mentions and sum(mention.end - mention.start for mention in mentions) >= len(core) - 4)


@lru_cache(maxsize=32)
def _alias_cue(language: str) -> re.Pattern[str]:
    cues = "|".join(language_data(language).operations["alias"])
    return re.compile(rf"{_GAP}?[,(/]?{_GAP}?(?:(?i:{cues})|/|\()(?!\w){_GAP}?")


def find_aliases(text: str, language: str, name: str | None) -> list[str]:
    """Other names that the text itself gives an operation, beside its name ("also known as", in brackets)."""
    key = normalise_name(name)
    if not name or not key:
        return []
    core = re.sub(r"^(?i:op[eé]ra[a-zçãóé]*|project)\s", "", name)
    spelling = re.compile(
        rf"(?:{_SEQUENCE.replace('?P<plain>', '?:')}|{_OPEN}\s?[^\"“”«»„\n)]{{2,60}}?{_CLOSE})"
    )
    _, refused = _patterns(language)
    found: dict[str, str] = {}
    named = operations_named(text, language)
    for one, other in pairwise(named):
        if key in (one.key, other.key) and _alias_cue(language).fullmatch(text, one.end, other.start):
            second = other if one.key == key else one
            found.setdefault(second.key, second.name)
    for match in re.finditer(re.escape(core) + r"[\"'”’»“‘]?", text):
        cue = _alias_cue(language).match(text, match.end())
        behind = spelling.match(text, cue.end()) if cue else None
        if behind is None:
            continue
        written = behind.group().strip("\"'“”«»„’‘ .,")
        other_key = normalise_name(written)
        quoted = behind.group()[:1] in "\"'“‘«„‚"
        in_brackets = (cue.group() if cue else "").strip() in ("(", "/")
        if in_brackets and not (quoted or normalise_name(written) != written.lower()):
            continue
        if other_key and other_key != key and _is_name(written, refused, language, quoted=quoted):
            found.setdefault(other_key, written)
    return list(found.values())
