"""Offered jobs, employers and the roles of contact persons, by the tables of the text's languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assets.extraction.fact import Fact
from assets.extraction.normalise import fold
from assets.extraction.phrases import Phrases, spread
from assets.extraction.reading import Reading
from assets.extraction.rule_files import languages_with, read_yaml

_STOP = re.compile(r"[.!?;\n]")
# A telephone number (nine digits or more) or a handle close behind a role's word, or a name behind its colon.
_CONTACT = re.compile(
    r"[^.!?;\n\d@]{0,20}(?:@\w{3}|[+(]{0,2}(?:\d[ ()/.-]{0,2}){9})|(?: \w+)? ?: ?[A-Z\u0400-\u042f]\w"
)
_BEFORE, _AFTER = 6, 4
# A cue and the role it speaks of stand in one clause.
_CLAUSE = re.compile(r"[.!?;,\n]")
# Legal forms behind (or, in Russian and Ukrainian, before) a firm's name; ISO 20275 (Entity Legal Forms) lists them.
_LEGAL = (
    r"GmbH|UG|AG|KG|e\.K\.|Ltd\.?|Limited|LLC|LLP|PLC|Inc\.?|S\.?L\.?U?\.?|S\.A\.?U?|SARL|SAS|SASU|EURL|SRLS?|"
    r"S\.r\.l\.s?|S\.p\.A\.|SpA|Lda\.?|Unipessoal|B\.V\.|BV|N\.V\.|VOF|Sp\. ?z ?o\. ?o\.|S\.C\."
)
_CAPITAL = r"[A-Z\u0400-\u042f][\w&'’.-]*"
_FIRM = re.compile(
    rf"(?<!\w)(?P<name>(?:{_CAPITAL} (?:(?:&|y|e|i|und|et|and|de|du|della) )?){{1,4}}(?:{_LEGAL}))(?!\w)"
    r"|(?<!\w)(?P<east>(?:ООО|ОАО|ЗАО|АО|ИП|ТОВ|ФОП|ПП) "
    rf"(?:[«\"„][^«»\"„“\n]{{2,40}}[»\"“]|{_CAPITAL}(?: {_CAPITAL})?))"
)
_QUOTED = re.compile(rf" ?[«\"„“'](?P<name>{_CAPITAL}[^«»\"„“”'\n]{{0,30}})[»\"“”']")
_NAMED = re.compile(rf" (?P<name>{_CAPITAL}(?: (?:[A-Z]\w+|de|del|la|el|le|of|the(?= [A-Z]))){{0,2}})(?!\w)")


_GROUPS = ("offers", "seeks", "jobs", "houses", "roles", "contact")


class _Table:
    """One language's offers, jobs, houses and roles."""

    def __init__(self, language: str) -> None:
        content = read_yaml(f"work/{language}.yaml")
        endings = content.get("endings", {})

        def forms(groups: dict[str, list[str]]) -> Phrases[str]:
            return Phrases({form: name for name, stems in groups.items() for form in spread(stems, endings)})

        self.language = language
        self.offers = Phrases(dict.fromkeys(content["offers"], True))
        self.seeks = Phrases(dict.fromkeys(content["seeks"], True))
        self.jobs = forms(content["jobs"])
        self.roles = forms(content["roles"])
        self.houses = Phrases(dict.fromkeys(content["houses"], True))
        self.contact = Phrases(dict.fromkeys(content["contact"], True))
        self.before = Phrases(dict.fromkeys(content["role_before"], True))
        self.after = Phrases(dict.fromkeys(content["role_after"], True))
        # One look at each word of a text tells for which of the tables it may begin a phrase.
        self._starts: dict[str, list[str]] = {}
        for name in _GROUPS:
            for word in getattr(self, name).first:
                self._starts.setdefault(word, []).append(name)

    def starts(self, words: list[str]) -> dict[str, list[int]]:
        """Per table the places in `words` where one of its phrases may begin."""
        found: dict[str, list[int]] = {}
        known = self._starts
        for place, word in enumerate(words):
            for name in known.get(word, ()):
                found.setdefault(name, []).append(place)
        return found


@cache
def _table(language: str) -> _Table | None:
    return _Table(language) if language in languages_with("work") else None


@cache
def _codes() -> dict[str, str]:
    return {job: str(code) for job, code in read_yaml("occupations.yaml").items()}


@cache
def _region_names() -> frozenset[str]:
    from assets.extraction.places import country_names

    return frozenset(country_names())


def find_work(reading: Reading) -> Iterator[Fact]:
    """Facts of kind job (value the occupation, unit its ISCO-08 unit group), employer (value the name as written,
    folded) and role (value agency, boss, contact, driver, manager, owner, partner, receptionist or
    recruiter), once each."""
    seen: set[tuple[str, str]] = set()
    offered = False
    firms: list[Fact] = []
    for language in reading.languages:
        table = _table(language)
        if table is None:
            continue
        starts = table.starts(reading.words)
        found = [*_roles(reading, table, starts)]
        if "offers" in starts and next(table.offers.find(reading, starts["offers"]), None) is not None:
            if not offered:
                firms = list(_firms(reading))
                found += firms
            offered = True
            found += _jobs(reading, table, starts)
            found += [
                house
                for house in _houses(reading, table, starts)
                if not any(house.inside(firm) for firm in firms)
            ]
        for fact in found:
            if (key := (fact.kind, fact.value or "")) not in seen:
                seen.add(key)
                yield fact


# Words that stand for services as well as for jobs.
_OF_BOTH = frozenset(("dancer", "hostess", "masseuse", "model"))


def names_job(reading: Reading) -> bool:
    """Whether the text names a job that is nothing else, offered or not."""
    for language in reading.languages:
        table = _table(language)
        starts = table.starts(reading.words).get("jobs", []) if table is not None else []
        if table is not None and any(job not in _OF_BOTH for _, _, job in table.jobs.find(reading, starts)):
            return True
    return False


def _firms(reading: Reading) -> Iterator[Fact]:
    for match in _FIRM.finditer(reading.cased):
        name = match["name"] or match["east"]
        yield Fact("employer", name, None, None, *match.span(), 0.8, "employer.legal_form")


def _span(reading: Reading, place: int, length: int) -> tuple[int, int]:
    return reading.spans[place][0], reading.spans[place + length - 1][1]


def _jobs(reading: Reading, table: _Table, starts: dict[str, list[int]]) -> Iterator[Fact]:
    sought = [
        _span(reading, place, length)
        for place, length, _ in table.seeks.find(reading, starts.get("seeks", []))
    ]
    for place, length, job in table.jobs.find(reading, starts.get("jobs", [])):
        start, end = _span(reading, place, length)
        if any(_STOP.search(reading.lowered, high, start) is None for _, high in sought if high <= start):
            continue
        yield Fact("job", job, None, _codes()[job], start, end, 0.8, f"job.{table.language}.{job}")


def _houses(reading: Reading, table: _Table, starts: dict[str, list[int]]) -> Iterator[Fact]:
    if reading.cased.isupper():
        return
    for place, length, _ in table.houses.find(reading, starts.get("houses", [])):
        end = _span(reading, place, length)[1]
        match = _QUOTED.match(reading.cased, end) or _NAMED.match(reading.cased, end)
        if match is None or fold(match["name"]) in _region_names():
            continue
        yield Fact(
            "employer",
            match["name"],
            None,
            None,
            *match.span("name"),
            0.6,
            f"employer.{table.language}.house",
        )


def _roles(reading: Reading, table: _Table, starts: dict[str, list[int]]) -> Iterator[Fact]:
    for place, length, _ in table.contact.find(reading, starts.get("contact", [])):
        start, end = _span(reading, place, length)
        yield Fact("role", "contact", None, None, start, end, 0.6, f"role.{table.language}.contact")
    for place, length, role in table.roles.find(reading, starts.get("roles", [])):
        start, end = _span(reading, place, length)
        low, high = _same_clause(reading, place, length)
        if _cue(table.before, reading, low, place):
            confidence = 0.7
        elif _cue(table.after, reading, place + length, high) or _CONTACT.match(reading.cased, end):
            confidence = 0.6
        else:
            continue
        yield Fact("role", role, None, None, start, end, confidence, f"role.{table.language}.{role}")


def _same_clause(reading: Reading, place: int, length: int) -> tuple[int, int]:
    """The words about a role's in which a cue counts: a few on each side, of the same clause."""
    spans = reading.spans
    low, high = max(0, place - _BEFORE), min(len(spans), place + length + _AFTER)
    while low < place and _CLAUSE.search(reading.lowered, spans[low][1], spans[place][0]) is not None:
        low += 1
    last = place + length - 1
    while high > last + 1 and _CLAUSE.search(reading.lowered, spans[last][1], spans[high - 1][0]) is not None:
        high -= 1
    return low, high


def _cue(cues: Phrases[bool], reading: Reading, low: int, high: int) -> bool:
    """Whether a cue lies within the words from `low` to `high`."""
    words = reading.words[low:high]
    return any(
        tuple(words[at : at + length]) in cues.meanings for at in cues.begins(words) for length in (1, 2, 3)
    )
