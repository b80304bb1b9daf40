"""Telephone numbers in a folded text, however they are written, as E.164.

A run of parts (digits, number words, look-alikes) is cut where that covers most digits with valid numbers at the
least violence: cutting between closely set digits costs, joining over a line break or comma costs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import phonenumbers

from assets.extraction.found import Found
from assets.extraction.next_sentence import is_next_sentence
from assets.extraction.not_phones import blank_bank_numbers, blank_other_numbers
from assets.extraction.number_series import is_counting, is_series
from assets.extraction.number_words import articles
from assets.extraction.phone_parts import (
    LOOK_ALIKES,
    TELLING_WORDS,
    NumberPart,
    digit_parts,
    gap_kind,
    is_dictated,
    language_of_numbers,
    parted_by_or,
    written_parts,
)
from assets.extraction.phone_readings import Atom, Remembered, atoms_of, readings_of
from assets.extraction.phone_surroundings import is_trusted
from assets.extraction.phone_validity import FEWEST_DIGITS, is_usual_mobile, read_phone, regions_for

_JOIN_COST = {"strong": 3.0, "line": 2.0, "loose": 0.5}
# A comma between digits mostly parts two figures; in dictated words it is a pause.
_COMMA_COST = 9.0
_CUT_COST = 4.0
_MAX_DIGITS = 17
# Share of the digits of a number in several groups that are no look-alikes.
_LEAST_TRUE = 0.3
_MARKS_BETWEEN = frozenset(".-/_*")
_MAX_ATOMS = 320
_WINDOW = 28
_LETTER_BETWEEN = re.compile(r"[0-9|][OoQlISBZDG]+[0-9|]")
_BAR = re.compile(r"(?<=[0-9A-Za-z])\|(?=[0-9A-Za-z])")
# Groups with letters that look like digits at an edge.
_ALIKE = f"[{''.join(letter for letter in LOOK_ALIKES if letter.isalpha())}]{{1,2}}"
_EDGE = re.compile(rf"(?<![^\W_])(?:{_ALIKE}\d{{1,3}}|\d{{1,3}}{_ALIKE})(?![^\W_])")
_PLUS_WORD = re.compile(r"[^\W\d_]+[^\w+]{0,6}$")
# A word other than those that belong to a number in a form field.
FORM_WORDS = re.compile(r"(?i)(?!ext(?![^\W\d_])|nbsp)(?<![^\W\d_])[^\W\d_]{2,}")
_PLAIN = re.compile(r"\+?[\d\s().\-/+\u2010-\u2015]+", re.ASCII)


class _Candidate(NamedTuple):
    first: int
    last: int
    value: str
    score: float


def find_phones(
    text: str, region: str | None, language: str | None, written: bool, prose: bool | None = None
) -> list[Found]:
    """Telephone numbers of the folded `text`.

    `region` is the default region (ISO alpha-2), `language` decides where it is missing. `written` says that
    number words or look-alikes may occur and must be read, which is slower. `prose` says whether the whole text,
    of which `text` may be a piece, has words beside the number; None when `text` is all there is.
    """
    if written:
        # Its letters would pass for digits.
        text = blank_bank_numbers(text)
    if written and _BAR.search(text) and _LETTER_BETWEEN.search(text):
        text = _BAR.sub("1", text)
    words_language = language_of_numbers(text, language) if written else None
    runs = written_parts(text, words_language) if written else digit_parts(text)
    # A single word does not tell the language of a text.
    spoken = written and any(sum(part.kind == "word" for part in run) >= TELLING_WORDS for run in runs)
    regions = regions_for(region, language or (words_language if spoken else None))
    found = _read_runs(text, runs, regions, words_language, prose)
    if not found and any(
        a.kind == b.kind == "word" and a.end == b.start for run in runs for a, b in pairwise(run)
    ):
        found = _read_runs(text, written_parts(text, words_language, True), regions, words_language, prose)
    if not found and written and _BAR.search(text):
        # A stroke between two digits is a one where it parts nothing.
        return find_phones(_BAR.sub("1", text), region, language, True, prose)
    if written and _EDGE.search(text):
        found += _with_edges(text, words_language, regions, found)
    return found


def _with_edges(text: str, language: str | None, regions: Sequence[str], known: list[Found]) -> list[Found]:
    """Numbers with any look-alike at the edge of a group ("600 005 B58"): the whole of an evenly set row alone, where
    nothing is `known`."""
    found = []
    for run in written_parts(text, language, edges=True):
        atoms = atoms_of(run)
        gaps = [gap_kind(text[a.end : b.start]) for a, b in pairwise(atoms)]
        alike = [text[atom.start : atom.end] for atom in atoms if atom.kind == "look-alike"]
        if any(phone.start < atoms[-1].end and atoms[0].start < phone.end for phone in known):
            continue
        if not alike or set(gaps) != {"weak"} or any(atom.kind == "word" for atom in atoms):
            continue
        # At the border of the row a letter may be a flat's or a size's.
        outside = "look-alike" in (atoms[0].kind, atoms[-1].kind)
        told = len(alike) > 1 or atoms[0].plus or not alike[0].isascii()
        if outside and not told:
            continue
        whole = _candidate(text, atoms, gaps, 0, len(atoms) - 1, regions, True)
        found += _found(text, atoms, [whole] if whole is not None else [], True)
    return found


def _read_runs(
    text: str, runs: list[list[NumberPart]], regions: Sequence[str], language: str | None, prose: bool | None
) -> list[Found]:
    found: list[Found] = []
    for run in (part for whole in runs for part in parted_by_or(text, whole)):
        if (
            len(run) > 1
            and run[-1].kind == "word"
            and is_next_sentence([text[a.end : b.start] for a, b in pairwise(run)])
        ):
            run = run[:-1]
        if sum(len(part.text) if part.kind != "word" else 2 for part in run) < 7:
            continue
        if prose is None:
            prose = FORM_WORDS.search(text) is not None
        for piece in _phone_pieces(text, run, regions, prose):
            found.extend(_read_run(text, piece, regions, language, prose))
    return found


def _phone_pieces(
    text: str, run: list[NumberPart], regions: Sequence[str], prose: bool
) -> list[list[NumberPart]]:
    """The run without the parts that belong to dates, amounts and other numbers, cut where they stood."""
    # One group is no date, but it may be the head of an id whose other groups have letters.
    lone = len(run) == 1 and len(run[0].text) < 13 and text[run[0].end : run[0].end + 1] != "-"
    if lone or all(part.kind == "word" for part in run):
        return [run]
    low = max(0, run[0].start - _WINDOW)
    window = text[low : run[-1].end + _WINDOW]
    inside = slice(run[0].start - low, run[-1].end - low)
    cleared = blank_other_numbers(window, in_prose=True)
    if cleared == window:
        return [run]
    if any(character.isdigit() for character in cleared[inside]):
        # Digits are left beside what looks like a date. Alone in a form field, or if a short date is all that
        # stands against a whole valid number, the run is a telephone number in odd groups.
        if not prose:
            cleared = blank_other_numbers(window, in_prose=False)
        elif blank_other_numbers(window, True, doubtful=False)[inside] == window[inside]:
            atoms = atoms_of(run)
            gaps = [gap_kind(text[a.end : b.start]) for a, b in pairwise(atoms)]
            if all(atom.kind == "digits" for atom in atoms) and (
                _candidate(text, atoms, gaps, 0, len(atoms) - 1, regions, prose) is not None
            ):
                return [run]
    pieces: list[list[NumberPart]] = [[]]
    for part in run:
        if "\x00" in cleared[part.start - low : part.end - low]:
            pieces.append([])
        else:
            pieces[-1].append(part)
    return [piece for piece in pieces if piece]


def _read_run(
    text: str, run: list[NumberPart], regions: Sequence[str], language: str | None, prose: bool
) -> list[Found]:
    if any(part.kind == "word" for part in run):
        readings: Iterable[list[Atom]] = Remembered(readings_of(text, run, language))
    else:
        readings = [atoms_of(run)]
    # Readings differ in how many digits the same words give, so what counts is how much of the text they explain.
    # Another country than the likeliest is thought of only where that one leaves something unexplained.
    # A plus in words makes the likeliest country's number of many digits, too, so readings that keep it go first.
    best: tuple[tuple[int, bool], list[Atom], list[_Candidate]] | None = None
    for some in (regions[:1], regions) if len(regions) > 1 else (regions,):
        for atoms in readings:
            candidates = _best_cut(text, atoms, some, prose)
            explained = sum(atoms[chosen.last].end - atoms[chosen.first].start for chosen in candidates)
            merit = (explained, _keeps_plus(run, atoms, candidates))
            if best is None or merit > best[0]:
                best = (merit, atoms, candidates)
            if merit >= (run[-1].end - run[0].start, True) and _at_home(run, candidates, some):
                return _found(text, atoms, candidates, prose)
    return _found(text, best[1], best[2], prose) if best is not None else []


def _keeps_plus(run: list[NumberPart], atoms: list[Atom], candidates: list[_Candidate]) -> bool:
    """Whether digits behind a plus in words are an international number as they stand; True without such a plus."""
    if not (run[0].plus and run[0].kind == "word" and candidates):
        return True
    first = candidates[0]
    return first.value == "+" + "".join(atom.digits for atom in atoms[first.first : first.last + 1])


def _at_home(run: list[NumberPart], candidates: list[_Candidate], regions: Sequence[str]) -> bool:
    """Whether a number with a country code in words is the likeliest country's: "forty seven" may be 47 or 40 7."""
    if not (run[0].plus and run[0].kind == "word" and regions):
        return True
    code = f"+{phonenumbers.country_code_for_region(regions[0])}"
    return all(candidate.value.startswith(code) for candidate in candidates)


def _best_cut(text: str, atoms: list[Atom], regions: Sequence[str], prose: bool) -> list[_Candidate]:
    atoms = atoms[:_MAX_ATOMS]
    gaps = [gap_kind(text[a.end : b.start]) for a, b in pairwise(atoms)]
    whole = _candidate(text, atoms, gaps, 0, len(atoms) - 1, regions, prose)
    sizes = [len(atom.digits) for atom in atoms]
    if sum(sizes) - min(sizes[0], sizes[-1]) < FEWEST_DIGITS:
        # No part of it is long enough to be a number.
        return [whole] if whole is not None else []
    if whole is not None and set(gaps) <= {"weak"} and not _lone_word_cost(atoms):
        return [whole]
    best: list[tuple[float, list[_Candidate]]] = [(0.0, [])] * (len(atoms) + 1)
    for first in range(len(atoms) - 1, -1, -1):
        best[first] = best[first + 1]
        if first > 0 and _inside_chain(atoms, gaps, first - 1):
            continue
        digits = 0
        for last in range(first, len(atoms)):
            digits += len(atoms[last].digits)
            if digits > _MAX_DIGITS or (last > first and gaps[last - 1] == "hard"):
                break
            if digits < 7 or _inside_chain(atoms, gaps, last):
                continue
            candidate = _candidate(text, atoms, gaps, first, last, regions, prose)
            if candidate is None:
                continue
            score = candidate.score + best[last + 1][0]
            if score > best[first][0]:
                best[first] = (score, [candidate, *best[last + 1][1]])
    chosen = best[0][1]
    return [candidate for candidate in chosen if _outweighs_rest(atoms, gaps, candidate, chosen)]


def _inside_chain(atoms: list[Atom], gaps: list[str], place: int) -> bool:
    """Between two closely set single digits, or inside a token, no number begins or ends."""
    if place + 1 >= len(atoms) or gaps[place] != "weak":
        return False
    left, right = atoms[place], atoms[place + 1]
    if left.end == right.start and "word" not in (left.kind, right.kind):
        return True
    return len(left.digits) == 1 and len(right.digits) == 1 and left.kind == right.kind


def _outweighs_rest(
    atoms: list[Atom], gaps: list[str], candidate: _Candidate, chosen: list[_Candidate]
) -> bool:
    """Digits left over in close neighbourhood speak against a number: it is rather a piece of a longer one."""
    covered = {i for other in chosen for i in range(other.first, other.last + 1)}
    left_over = 0
    for place in range(candidate.first - 1, -1, -1):
        if gaps[place] != "weak" or place in covered or atoms[place].kind == "word":
            break
        left_over += len(atoms[place].digits)
    for place in range(candidate.last + 1, len(atoms)):
        if gaps[place - 1] != "weak" or place in covered or atoms[place].kind == "word":
            break
        left_over += len(atoms[place].digits)
    # Digits set one by one that go on behind the number are a count or a code.
    single = sum(len(atom.digits) == 1 for atom in atoms[candidate.first : candidate.last + 1]) >= 6
    return candidate.score - left_over * (2 if single else 1) > 0


def _candidate(
    text: str,
    atoms: list[Atom],
    gaps: list[str],
    first: int,
    last: int,
    regions: Sequence[str],
    prose: bool,
) -> _Candidate | None:
    between = atoms[first : last + 1]
    listed = [atom.digits for atom in between]
    digits = "".join(listed)
    if not 7 <= len(digits) <= _MAX_DIGITS:
        return None
    start, end = atoms[first].start, atoms[last].end
    plus = atoms[first].plus
    trusted = is_trusted(text, start, end, atoms[first].glued_left, atoms[last].glued_right, plus)
    if trusted is None:
        return None
    kinds = [atom.kind for atom in between]
    spoken = kinds.count("word")
    if is_counting(listed) or (not (trusted or plus or spoken) and is_series(listed)):
        return None
    if "look-alike" in kinds:
        true = sum(len(atom.digits) for atom in between if atom.kind != "look-alike")
        # Written in one go or with the same mark between all groups ("6OO.OOO.O4O"), two true digits are enough to
        # tell it from words, and beside a word for telephones one between marks.
        parted = {text[a.end : b.start] for a, b in pairwise(between)} - {""}
        marked = len(parted) == 1 and parted <= _MARKS_BETWEEN
        if true < (
            1 if marked and trusted else 2 if marked or not parted else max(3, len(digits) * _LEAST_TRUE)
        ):
            return None
    dictated = is_dictated(spoken, len(between))
    signed = plus and text[max(0, start - 5) : start].rstrip(" ([{").endswith("+")
    value = phone_value(digits, plus, regions, trusted or dictated, not signed or atoms[first].kind == "word")
    if value is None:
        return None
    score = float(len(digits))
    if prose:
        score -= _joins(text, between, gaps[first:last])
    if first > 0 and gaps[first - 1] == "weak" and not plus and not _changes_kind(atoms, first - 1):
        score -= _CUT_COST
    if last + 1 < len(atoms) and gaps[last] == "weak" and not _changes_kind(atoms, last):
        score -= _CUT_COST
    if spoken and not _belongs(text, between, value):
        score -= _lone_word_cost(between)
    return _Candidate(first, last, value, score) if score > 0 else None


def phone_value(
    digits: str, plus: bool, regions: Sequence[str], trusted: bool, plus_may_be_a_word: bool = False
) -> str | None:
    """E.164 of `digits`, with `plus` an international number, else one of the first of `regions` that has it."""
    if plus:
        value = read_phone(digits, True, None, trusted)
        if value is None and digits.startswith("00"):
            value = read_phone(digits[2:], True, None, trusted)
        if value is not None or not plus_may_be_a_word:
            return value
    for region in regions:
        value = read_phone(digits, False, region, trusted)
        if value is not None:
            return value
    return read_phone(digits, False, None, trusted) if not regions else None


def _joins(text: str, atoms: list[Atom], gaps: list[str]) -> float:
    """Cost of joining over strong gaps; small where one and the same sign parts every pair of a dictated number."""
    cost = 0.0
    between = [text[a.end : b.start] for a, b in pairwise(atoms)]
    spoken = sum(atom.kind == "word" for atom in atoms) >= 3
    for gap, kind in zip(between, gaps, strict=True):
        if "," in gap and not gap.startswith(" "):
            cost += 0.5 if spoken else _COMMA_COST
        else:
            cost += _JOIN_COST.get(kind, 0.0)
    if len(set(between)) > 1:
        return cost
    return (
        cost / 10 if len(between) >= 3 else cost / 3 if len(between) == 2 and "," not in between[0] else cost
    )


def _changes_kind(atoms: list[Atom], place: int) -> bool:
    return (atoms[place].kind == "word") != (atoms[place + 1].kind == "word")


def _lone_word_cost(atoms: list[Atom]) -> float:
    """A single number word at the edge of a row of digits belongs rather to the sentence around it."""
    words = [place for place, atom in enumerate(atoms) if atom.kind == "word"]
    if len(atoms) > 1 and len(words) == 1 and words[0] in (0, len(atoms) - 1):
        return len(atoms[words[0]].digits) + 1.0
    return 0.0


def _belongs(text: str, atoms: list[Atom], value: str) -> bool:
    """Whether a single number word at the edge of a row of digits is a part of the number `value` of all of them.

    It is where the mark that parts the other groups parts it, too ("351-000-925-due"), and behind a mobile number
    that is as long as others of its country only with it, if it is no article ("351 000 925 due").
    """
    parted = {text[a.end : b.start] for a, b in pairwise(atoms)}
    if len(atoms) > 2 and len(parted) == 1 and parted <= _MARKS_BETWEEN:
        return True
    last = atoms[-1]
    return (
        last.kind == "word"
        and text[last.start : last.end].lower() not in articles()
        and is_usual_mobile(value)
    )


def _found(text: str, atoms: list[Atom], candidates: list[_Candidate], prose: bool) -> list[Found]:
    found = []
    for candidate in candidates:
        used = atoms[candidate.first : candidate.last + 1]
        start, end = used[0].start, used[-1].end
        start = _with_plus(text, start) if used[0].plus else _with_bracket(text, start, end)
        spelled = used[0].plus and start == used[0].start
        if spelled and (sign := _PLUS_WORD.search(text, max(0, start - 24), start)) is not None:
            start = sign.start()
        method = "mixed" if spelled else _method(text[start:end], used)
        found.append(Found("phone", candidate.value, start, end, method != "plain", method))
    return found


def _with_plus(text: str, start: int) -> int:
    """The start moved back over the plus sign and an opening bracket after it."""
    at = start
    while at > 0 and start - at < 5 and text[at - 1] in " ([{":
        at -= 1
    return at - 1 if at > 0 and text[at - 1] == "+" else start


def _with_bracket(text: str, start: int, end: int) -> int:
    return start - 1 if start > 0 and text[start - 1] == "(" and ")" in text[start:end] else start


def _method(spelling: str, atoms: list[Atom]) -> str:
    kinds = {atom.kind for atom in atoms}
    if "look-alike" in kinds:
        return "look-alikes"
    if kinds == {"word"}:
        return "words"
    if "word" in kinds:
        return "mixed"
    single = sum(len(atom.digits) == 1 for atom in atoms)
    if single >= 6 or "\n" in spelling or _PLAIN.fullmatch(spelling) is None:
        return "separated"
    return "plain"
