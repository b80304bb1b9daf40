"""Countries named in a text, as ISO 3166 alpha-2 codes with their spans.

Names come from CLDR (through babel) in the text's language and in English, with `vocabulary/countries/aliases.yaml`
on top; demonyms ("Swedish", "schwedische") from CLDR language names and the same file.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from unicodedata import normalize

from assets.statistics.folding import any_of
from assets.statistics.language_data import locale_of, read_data

ENGLISH = "en"


@dataclass(frozen=True)
class CountryMention:
    """One naming of a country: span, alpha-2 code, and whether it is only a demonym."""

    start: int
    end: int
    code: str
    is_demonym: bool


@lru_cache(maxsize=1)
def _aliases() -> dict[str, Any]:
    return read_data("countries/aliases.yaml")


@lru_cache(maxsize=32)
def _names_by_first_word(language: str) -> dict[str, list[tuple[str, str]]]:
    """First word of a name -> [(full name, code)], longest first."""
    aliases = _aliases()
    skipped = set(aliases["not_countries"])
    names: dict[str, str] = {}
    regional = aliases["regional_names"].get(language, [])
    for locale in dict.fromkeys([ENGLISH, *regional, language]):
        for code, name in locale_of(locale).territories.items():
            if re.fullmatch(r"[A-Z]{2}", code) and code not in skipped:
                names[re.sub(r"\s*[\[(].*?[\])]", "", name).strip()] = code
                names[name] = code
    for code, alternative_names in aliases["aliases"].items():
        names.update(dict.fromkeys(alternative_names, code))
    index: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, code in names.items():
        if name:
            plain = without_accents(name)
            index[re.split(r"[\s'.-]", plain)[0]].append((plain, code))
    return {word: sorted(entries, key=lambda entry: -len(entry[0])) for word, entries in index.items()}


@lru_cache(maxsize=32)
def _demonym_patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    aliases = _aliases()
    endings: list[list[str]] = aliases["demonym_endings"].get(language, [["", ""]])
    names = locale_of(language).languages
    patterns: list[tuple[re.Pattern[str], str]] = []
    for code, forms in aliases["demonyms"].get(language, {}).items():
        patterns.append((re.compile("|".join(forms)), code))
    for language_code, country in aliases["language_demonyms"].items():
        name = str(names.get(language_code, "")).lower().split(" ")[0]
        for ending, forms in endings:
            if name and name.endswith(ending):
                stem = name[: len(name) - len(ending)]
                patterns.append((re.compile(re.escape(stem) + forms), country))
                break
    return patterns


@lru_cache(maxsize=100_000)
def _demonym(word: str, language: str) -> str | None:
    return next((code for pattern, code in _demonym_patterns(language) if pattern.fullmatch(word)), None)


@lru_cache(maxsize=4096)
def _base_character(character: str) -> str:
    base = normalize("NFKD", character)[:1]
    return base if base else character


def without_accents(text: str) -> str:
    """The text with bare letters and straight apostrophes; same length, so spans hold."""
    if text.isascii():
        return text
    return "".join(char if char.isascii() else _base_character(char) for char in text).replace("’", "'")


_CAPITALISED = re.compile(r"(?<![\w])[A-ZÀ-ÝÎ][\w]*")
_WORD = re.compile(r"[^\W\d_]{4,}|U\.S\.|UK|US")


# "die Behörden Ungarns": languages whose names of countries take an s.
GENITIVE_S = frozenset({"de", "nl"})
_GENITIVE = re.compile(r"s(?!\w)")


def find_countries(text: str, language: str) -> list[CountryMention]:
    """Every naming of a country in order of appearance; a demonym inside a name is not counted twice."""
    plain = without_accents(text)
    index = _names_by_first_word(language)
    mentions: list[CountryMention] = []
    covered = -1
    starts = [match.start() for match in _CAPITALISED.finditer(plain)]
    for start in starts:
        if start < covered:
            continue
        first = re.compile(r"\w+").match(plain, start)
        for name, code in index.get(first.group() if first else "", []):
            if plain.startswith(name, start):
                end = start + len(name)
                if language in GENITIVE_S and _GENITIVE.match(plain, end):
                    end += 1
                if end < len(plain) and (plain[end].isalnum() or plain[end] == "_"):
                    continue
                if _is_doubtful(plain, name, start, mentions) or _is_dateline(plain, start, end):
                    covered = end
                    break
                mentions.append(CountryMention(start, end, code, False))
                covered = end
                break
    named = [(mention.start, mention.end) for mention in mentions]
    named_starts = [start for start, _ in named]
    for match in _WORD.finditer(text):
        before = bisect_right(named_starts, match.start()) - 1
        if before >= 0 and match.start() < named[before][1]:
            continue
        demonym = _demonym(match.group().lower(), language)
        if demonym:
            mentions.append(CountryMention(match.start(), match.end(), demonym, True))
    return sorted(mentions, key=lambda mention: mention.start)


def _is_doubtful(text: str, name: str, start: int, earlier: list[CountryMention]) -> bool:
    """A name that is also a person's, away from place words; or the state in brackets after a territory."""
    aliases = _aliases()
    before = text[max(0, start - 24) : start]
    if re.search(r"\bVill?a\s$", before):
        # "Vila Franca de Xira" is a town.
        return True
    if before.rstrip().endswith("(") and earlier and 0 <= start - earlier[-1].end <= 2:
        return True
    if name not in aliases["ambiguous"]:
        return False
    previous = re.search(r"([^\W\d_]+)\s*$", before)
    if previous and previous.group(1) in aliases["place_words"]:
        return False
    return not (earlier and 0 <= start - earlier[-1].end <= 6)


_DATELINE_BEFORE = re.compile(r"(?:^|\n)\W?[A-Z][\w .']{2,28}[,(]\s*$")
_DATELINE_AFTER = re.compile(r"\)?\s*(?:[–—-]\s|:)")


def _is_dateline(text: str, start: int, end: int) -> bool:
    """ "LYON, France – ..." names where the release was written, not who took part."""
    return bool(_DATELINE_AFTER.match(text, end)) and bool(
        _DATELINE_BEFORE.search(text[max(0, start - 40) : start])
    )


def country_of_address(url: str | None) -> str | None:
    """Country of a web address by its top-level domain (`.gov` and `.mil` are American); None if generic."""
    match = re.match(r"https?://([^/\s:]+)", url or "")
    if not match:
        return None
    top_level = match.group(1).rsplit(".", 1)[-1].lower()
    if top_level in ("gov", "mil"):
        return "US"
    if top_level == "uk":
        return "GB"
    code = top_level.upper()
    generic = {"EU", "IO", "TV", "CO", "ME", "AI", "INT"}
    return code if len(code) == 2 and code not in generic and code in locale_of(ENGLISH).territories else None


def country_of_publisher(publisher: str | None) -> str | None:
    """The one country that a publisher's name tells ("Guardia Civil (Spain)"); None if none or several."""
    codes = {mention.code for mention in find_countries(publisher or "", ENGLISH) if not mention.is_demonym}
    return next(iter(codes)) if len(codes) == 1 else None


# Words in the names of authorities' hosts, in the seven languages.
_AUTHORITY_HOST = re.compile(
    r"//[^/]*(?:gov|gob|gouv|gub|govern|polic|polit|poliz|guardia|carabin|gendarm|justi|giusti|minist|interior|intern[oi]|"
    r"fiscal|mpf|procur|prosecut|douane|zoll|dogan|aduana|customs|border|bund|admin)[^/]*/?"
)


def country_of_authority(url: str | None) -> str | None:
    """Country of an authority's web address; None for a newspaper's, which may report on any country."""
    return country_of_address(url) if url and _AUTHORITY_HOST.search(url.lower()) else None


Names = tuple[str, re.Pattern[str], frozenset[str]]


@lru_cache(maxsize=2)
def _local_names(kind: str) -> list[Names]:
    """(code, names of its forces or regions, countries that have such names too)."""
    data = read_data("countries/authorities.yaml")
    known: list[tuple[str, list[str], frozenset[str]]] = [
        (code, names, frozenset()) for code, names in data[kind].items()
    ]
    if kind == "forces":
        known += [(code, one["names"], frozenset(one["elsewhere"])) for code, one in data["shared"].items()]
    return [
        (code, re.compile(rf"(?<!\w){any_of(names)}(?!\w)"), elsewhere) for code, names, elsewhere in known
    ]


def country_of_forces(text: str, mentions: list[CountryMention]) -> str | None:
    """The country whose police, customs or inspection a text names most often, else the one whose regions it names
    (twice, where it names countries as well); None if none or a tie."""
    named = {mention.code for mention in mentions}
    by_forces = _most_named(text, "forces", named)
    return by_forces or _most_named(text, "regions", named, least=2 if named else 1)


def _most_named(text: str, kind: str, named: set[str], least: int = 1) -> str | None:
    counts: defaultdict[str, int] = defaultdict(int)
    for code, pattern, elsewhere in _local_names(kind):
        # A name that forces of another named country bear too tells nothing, unless its own country is named as well.
        if code in named or not elsewhere & named:
            counts[code] += len(pattern.findall(text))
    ranked = sorted(((count, code) for code, count in counts.items() if count >= least), reverse=True)
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0][1]
