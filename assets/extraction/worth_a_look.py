"""Which texts are worth a second, more generous look for telephone numbers, told with array operations alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from assets.extraction.foreign_numbers import FIRST_FLAG, LAST_FLAG
from assets.extraction.loose_rows import homes_of_languages
from assets.extraction.priced_digits import DRESSES
from assets.extraction.rule_files import languages_with
from assets.extraction.runs import DIGITS
from assets.extraction.scan import Scan
from assets.extraction.vocabulary import BY_EAR, CUE, FOREIGN, JOINER, LOOK_ALIKE, NUMBER, TAIL, THEN, UNIT

# So many parts of a number within so many runs make a row that may have misspelt parts, too.
_PARTS, _RUNS = 4, 7
# So many words that are or sound like number words, within so many runs.
_HEARD, _HEARD_RUNS = 5, 7
# How far from a word like "then" the parts are that it stands between, in runs.
_TO_PART = 4
# How far behind a word for a country digits may be, and how far before it, in runs.
_TO_DIGITS, _TO_PAIR = 4, 2
_NEW_LINE, _NOUGHT = ord("\n"), ord("0")
# How far behind a word like "last" the last part of a number is, in runs; figures of a row with signs of money.
_TO_TAIL, _TO_THIRD = 6, 14
# How far behind a part a word for telephones between two parts stands, and another part with words between that say
# nothing.
_BETWEEN, _FILLED = 4, 3
_FEWEST_PIECES, _MOST_PIECES, _FEWEST_DIGITS, _MOST_DIGITS = 2, 12, 5, 15
_DRESSED = np.zeros(0x110000, bool)
_DRESSED[[ord(sign) for sign in DRESSES]] = True
_MARKS = NUMBER | LOOK_ALIKE | JOINER | THEN | FOREIGN | TAIL | CUE | BY_EAR

# Text (counted from 0) → stretches of it, places in the scan's text.
Stretches = dict[int, list[tuple[int, int]]]


class Worth(NamedTuple):
    """Texts (counted from 0) to look at again.

    `stretches` have parts of a number close by each other, some of them words or letters, or with a word like "then"
    or "and" between them; `abroad` have digits near a flag or a word for a country; the figures of `scattered` may be
    parts of one number; `dressed` have signs of money or percents at figure after figure.
    """

    stretches: Stretches
    abroad: Sequence[int] = ()
    scattered: Sequence[int] = ()
    dressed: Sequence[int] = ()


def at_home(regions: pl.Series, languages: pl.Series) -> pl.Series:
    """Bool per text: whether number words of a language that is read at home only may be in it."""
    named = languages.is_in([*languages_with("numbers_at_home"), "no", "nn", "sh"]).fill_null(False)
    return named | (languages.is_null() & regions.is_in(homes_of_languages()).fill_null(False))


def worth_a_look(scan: Scan, flags: np.ndarray) -> Worth:
    """The texts of `scan` that are worth a second look; `flags` are those of its runs."""
    figures = np.flatnonzero(scan.runs.kind == DIGITS)
    marked = np.flatnonzero(flags & _MARKS)
    marks = flags.take(marked)
    stretches = _stretches(scan, figures, marked, marks)
    if not len(figures):
        return Worth(stretches)
    named = marked[marks & FOREIGN != 0]
    told = np.flatnonzero(marks & (TAIL | CUE))
    pieces = _pieces(scan, figures, marked.take(told), marks.take(told) & TAIL != 0, flags)
    return Worth(stretches, _abroad(scan, figures, named), *pieces)


def _stretches(scan: Scan, figures: np.ndarray, marked: np.ndarray, marks: np.ndarray) -> Stretches:
    runs = scan.runs
    written = marks & (NUMBER | LOOK_ALIKE) != 0
    words = marked[written]
    parts = np.concatenate([figures, words])
    order = np.argsort(parts, kind="stable")
    parts = parts.take(order)
    if not len(parts) or len(marked) + len(figures) < _FEWEST_PIECES:
        return {}
    spoken = np.concatenate([np.zeros(len(figures), bool), marks[written] & NUMBER != 0]).take(order)
    before_part = np.concatenate([[0], np.cumsum(spoken)])
    heads = np.flatnonzero(parts[_PARTS - 1 :] - parts[: max(len(parts) - _PARTS + 1, 0)] < _RUNS)
    heads = heads[before_part.take(heads + _PARTS) > before_part.take(heads)]
    # Parts with words between: a word like "then" near them, one like "and" right between.
    joins = np.flatnonzero((marks & (THEN | JOINER) != 0) & ~written)
    between = marked.take(joins)
    behind = np.searchsorted(parts, between)
    inside = np.flatnonzero((behind > 0) & (behind < len(parts)))
    between, behind, joins = between.take(inside), behind.take(inside), joins.take(inside)
    before = parts.take(behind - 1)
    reach = np.where(marks.take(joins) & THEN != 0, _TO_PART, 1)
    close = np.flatnonzero((between - before <= reach) & (parts.take(behind) - between <= reach))
    counted = _counted(scan)
    # Words that sound like number words: so many runs in a row, one of them a number word.
    heard = marked[marks & (BY_EAR | NUMBER) != 0]
    rows_heard = np.flatnonzero(heard[_HEARD - 1 :] - heard[: max(len(heard) - _HEARD + 1, 0)] < _HEARD_RUNS)
    first = np.concatenate([parts.take(heads), before.take(close), counted - 1, heard.take(rows_heard)])
    last = np.concatenate(
        [
            parts.take(heads + _PARTS - 1),
            parts.take(behind.take(close)),
            counted + 1,
            heard.take(rows_heard + _HEARD - 1),
        ]
    )
    low, high = runs.begin.take(first), runs.end.take(last)
    rows, also = scan.rows(low), scan.rows(high - 1)
    found: Stretches = {}
    for one in np.flatnonzero(rows == also).tolist():
        found.setdefault(int(rows[one]), []).append((int(low[one]), int(high[one])))
    return found


def _counted(scan: Scan) -> np.ndarray:
    """Runs of one x between digits of which one is a nought ("3x0")."""
    runs, codes = scan.runs, scan.codes
    touching = runs.touching
    middle = touching[1:][touching[1:] - touching[:-1] == 1]
    at = runs.begin.take(middle)
    crossed = (codes.take(at) | 0x20 == ord("x")) & (runs.end.take(middle) - at == 1)
    noughts = (codes.take(at - 1) == ord("0")) | (codes.take(at + 1, mode="clip") == ord("0"))
    return np.asarray(middle[crossed & noughts])


def _abroad(scan: Scan, figures: np.ndarray, named: np.ndarray) -> list[int]:
    behind = np.searchsorted(figures, named)
    near = (figures.take(behind, mode="clip") - named <= _TO_DIGITS) & (behind < len(figures))
    near |= (named - figures.take(behind - 1, mode="clip") <= _TO_PAIR) & (behind > 0)
    codes = scan.codes.take(scan.signs)
    flagged = scan.signs[(codes >= FIRST_FLAG) & (codes <= LAST_FLAG)]
    places = np.concatenate([scan.runs.begin.take(named[near]), flagged])
    rows: list[int] = np.unique(scan.rows(places)).tolist() if len(places) else []
    return rows


def _pieces(
    scan: Scan, figures: np.ndarray, told: np.ndarray, last: np.ndarray, flags: np.ndarray
) -> tuple[list[int], list[int]]:
    """`scattered` and `dressed`; `told` are runs of words that say that the `last` part follows, else words for
    telephones, which stand right between two parts."""
    runs, codes = scan.runs, scan.codes
    begin, end = runs.begin.take(figures), runs.end.take(figures)
    before, behind = codes.take(begin - 1, mode="wrap"), codes.take(end, mode="clip")
    ended = np.flatnonzero(behind == _NEW_LINE)
    ahead = np.searchsorted(figures, told)
    inside = np.flatnonzero((ahead > 0) & (ahead < len(figures)))
    ahead, told, last = ahead.take(inside), told.take(inside), last.take(inside)
    near = (figures.take(ahead) - told <= _TO_TAIL) & (last | (told - figures.take(ahead - 1) <= _BETWEEN))
    ahead = ahead[near]
    ahead = ahead[scan.rows(begin.take(ahead)) == scan.rows(begin.take(ahead - 1))] if len(ahead) else ahead
    # A group of noughts, or that begins with one, and one or two words between it and the figures before.
    noughts = np.flatnonzero((codes.take(begin) == _NOUGHT) & (end - begin > 1))
    apart = figures.take(noughts) - figures.take(np.maximum(noughts - 1, 0))
    filled = noughts[(apart > 1) & (apart <= _FILLED)]
    filled = filled[scan.rows(begin.take(filled)) == scan.rows(begin.take(filled - 1))]
    asked = np.concatenate([ended, ahead, filled])
    scattered: list[int] = []
    if len(asked):
        rows = np.unique(scan.rows(begin.take(asked)))
        # All figures of the text have to be one number.
        first = np.searchsorted(begin, scan.starts.take(rows))
        stop = np.searchsorted(begin, scan.starts.take(rows + 1))
        total = np.concatenate([[0], np.cumsum(end - begin)])
        digits, pieces = total.take(stop) - total.take(first), stop - first
        few = (pieces >= _FEWEST_PIECES) & (pieces <= _MOST_PIECES)
        scattered = rows[few & (digits >= _FEWEST_DIGITS) & (digits <= _MOST_DIGITS)].tolist()
    # A group of noughts alone has a word for money behind it in no price list.
    worded = noughts[flags.take(figures.take(noughts) + 1, mode="clip") & UNIT != 0]
    worded = np.unique(np.concatenate([worded - 1, worded, worded + 1])) if len(worded) else worded
    worded = worded[(worded >= 0) & (worded < len(figures))]
    worded = worded[flags.take(figures.take(worded) + 1, mode="clip") & UNIT != 0]
    beside = worded[:-1][worded[1:] - worded[:-1] == 1]
    dressed = np.flatnonzero(_DRESSED.take(before) | _DRESSED.take(behind))
    three = dressed[:-2][dressed[2:] - dressed[:-2] == 2]
    three = three[begin.take(three + 2) - end.take(three) <= _TO_THIRD]
    priced = np.concatenate([three, beside])
    return scattered, np.unique(scan.rows(begin.take(priced))).tolist() if len(priced) else []
