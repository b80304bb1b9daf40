"""The letters that a pattern cannot match without, so that one scan for all of them tells which patterns to try.

After Google's RE2 `FilteredRE2` and Russ Cox, Regular Expression Matching with a Trigram Index (2012): from the parsed
pattern follow sets of strings, of each of which every match holds at least one. The parser is Python's own, which it
keeps to itself; a test pins what is read from it.
"""

from __future__ import annotations

import re._constants as codes
import re._parser as parser
from typing import Any

# Shorter strings are in nearly every text; more alternatives than these make the scan dear.
SHORTEST, _MOST = 3, 400
_MOST_EXACT = 128
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT)


def required_strings(pattern: str) -> tuple[frozenset[str], ...]:
    """Sets of strings for `pattern` (Python syntax): a text that matches holds one of each set. None: cannot tell."""
    _, sets = _sequence(parser.parse(pattern))
    return tuple(sets)


def _sequence(parts: Any) -> tuple[frozenset[str] | None, list[frozenset[str]]]:
    """(every string it can be, if few, else None; the sets required)."""
    run: frozenset[str] | None = frozenset([""])
    exact = True
    sets: list[frozenset[str]] = []

    def close() -> None:
        nonlocal run
        if run is not None and (useful := _useful(run)):
            sets.append(useful)
        run = frozenset([""])

    for code, argument in _flat(parts):
        if code in _REPEATS and argument[0] >= 1 and argument[1] > 1:
            # What repeats stands at least once: it ends the run before it.
            strings, inner = _sequence(argument[2])
            if strings is not None and run is not None and len(run) * len(strings) <= _MOST_EXACT:
                run = frozenset(before + after for before in run for after in strings)
                inner = []
            close()
            exact = False
            sets.extend(inner)
            continue
        strings, inner = _one(code, argument)
        if strings is None:
            close()
            exact = False
            sets.extend(inner)
        elif run is not None and len(run) * len(strings) <= _MOST_EXACT:
            run = frozenset(before + after for before in run for after in strings)
        else:
            close()
            exact = False
            run = strings
    if exact and run is not None:
        return run, [useful] if (useful := _useful(run)) else []
    close()
    return None, sets


def _flat(parts: Any) -> Any:
    """The parts with those of plain groups in their place, so that a run of letters goes on through a group."""
    for code, argument in parts:
        if code is codes.SUBPATTERN:
            yield from _flat(argument[3])
        else:
            yield code, argument


def _one(code: Any, argument: Any) -> tuple[frozenset[str] | None, list[frozenset[str]]]:
    if code is codes.LITERAL:
        return frozenset([chr(argument)]), []
    if code is codes.IN:
        return _characters(argument), []
    if code in (codes.AT, codes.ASSERT, codes.ASSERT_NOT):
        return frozenset([""]), []
    if code is codes.BRANCH:
        return _branch(argument[1])
    if code in _REPEATS:
        low, high, inner = argument
        strings, sets = _sequence(inner)
        if (low, high) == (0, 1) and strings is not None:
            return strings | {""}, []
        if low == high == 1:
            return strings, sets
        return None, sets if low else []
    return None, []


def _branch(branches: Any) -> tuple[frozenset[str] | None, list[frozenset[str]]]:
    read = [_sequence(branch) for branch in branches]
    if all(strings is not None for strings, _ in read):
        return frozenset().union(*(strings or () for strings, _ in read)), []
    best = [max(sets, key=lambda found: min(map(len, found)), default=None) for _, sets in read]
    if any(found is None for found in best):
        return None, []
    union: frozenset[str] = frozenset().union(*(found or () for found in best))
    return None, [union] if len(union) <= _MOST else []


def _characters(members: Any) -> frozenset[str] | None:
    found = set()
    for code, argument in members:
        if code is codes.LITERAL:
            found.add(chr(argument))
        elif code is codes.RANGE and argument[1] - argument[0] < 10:
            found |= {chr(point) for point in range(argument[0], argument[1] + 1)}
        else:
            return None
    return frozenset(found) if len(found) <= 10 else None


def _useful(strings: frozenset[str]) -> frozenset[str] | None:
    """The set; none when a string is too short to tell anything. What begins with another string adds nothing."""
    if not strings or min(map(len, strings)) < SHORTEST or len(strings) > _MOST:
        return None
    kept: set[str] = set()
    for string in sorted(strings, key=len):
        if not any(string[:length] in kept for length in range(SHORTEST, len(string))):
            kept.add(string)
    return frozenset(kept)
