"""The invented sentences that the model of signs learns from (`learn_signs`), and what extraction hears of each.

`sign_sentences/<language>_<number>.txt` holds a sentence a line, "T SIGNS/DOUBTFUL|text": the kind of text, the codes
of the signs that it shows ("-": none) and of those that one may as well read in it, which are not taught. No sentence
comes from a page, a rule table or the simulator.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import numpy as np
import polars as pl

from assets.extraction import signs as sign_module
from assets.extraction.facts import extract_facts
from assets.extraction.learned_signs import Weighed, text_of, units_of
from assets.extraction.reading import Reading
from assets.extraction.sign_net import Sentence

SENTENCES = Path(__file__).with_name("sign_sentences")
CODES = {
    "AU": "claimed_age_under_18", "YW": "youth_wording", "DO": "debt_owed", "DH": "documents_held",
    "MR": "movement_restricted", "PW": "pay_withheld", "ET": "earnings_taken", "MO": "moved_on_by_others",
    "SR": "secrecy_required", "TP": "third_party_wording", "SP": "several_persons_offered", "RF": "recruitment_fee",
    "HP": "high_pay_no_experience", "DC": "deceptive_offer_contradiction", "TR": "transport_paid",
    "AC": "accommodation_tied", "AB": "abroad_offer", "ME": "messenger_only_contact", "TW": "trust_wording",
    "SS": "short_stay_wording", "PA": "papers_arranged", "PM": "papers_made", "MP": "marriage_for_papers",
    "CA": "crossing_arranged", "DG": "driver_for_girls", "RG": "rooms_for_working_girls", "MX": "money_passed_on",
}  # fmt: skip


class Line(NamedTuple):
    """A sentence: its language, text, the signs it shows, those that are doubtful, and the line where it stands."""

    language: str
    text: str
    signs: frozenset[str]
    doubtful: frozenset[str]
    number: int


class Unit(NamedTuple):
    """What is weighed together: the words, the ideas of all, the senses of each, and the text."""

    words: list[str]
    ideas: int
    senses: list[int]
    text: str = ""

    def sentence(self) -> Sentence:
        """What the network is told."""
        return Sentence(self.text, self.ideas, reduce(or_, self.senses, 0))


class Heard(NamedTuple):
    """What extraction knows of a line: its units, and the signs that rules told."""

    units: list[Unit]
    told: frozenset[str]


def read_sentences(folder: Path = SENTENCES) -> list[Line]:
    """The lines of all files, each text once. Raises ValueError naming a faulty line."""
    lines: dict[str, Line] = {}
    for path in sorted(folder.glob("[a-z][a-z]_*.txt")):
        for number, row in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if not row.strip():
                continue
            head, bar, text = row.partition("|")
            shown, _, doubtful = head.strip()[1:].partition("/")
            try:
                if not bar:
                    raise KeyError("|")
                signs = frozenset(CODES[code] for code in shown.split() if code != "-")
                open_ones = frozenset(
                    CODES[code] for code in doubtful.replace("/", " ").split() if code != "-"
                )
            except KeyError as error:
                raise ValueError(
                    f"{path.name}, line {number}: {error} is neither a code nor stands there"
                ) from error
            lines.setdefault(
                text.strip(), Line(path.name[:2], text.strip(), signs, open_ones - signs, number)
            )
    return list(lines.values())


def hear(lines: list[Line]) -> list[Heard]:
    """What extraction hears of each line, the signs that its rules tell among it."""
    readings: dict[int, tuple[Reading, list[int], list[int]]] = {}
    order: list[int] = []

    def record(reading: Reading, masks: list[int], senses: list[int]) -> Weighed:
        readings[order[-1]] = (reading, list(masks), senses)
        return Weighed([], [], [], np.zeros(0, dtype=np.float32))

    heard = []
    with mock.patch.object(sign_module, "weigh", record):
        for number, line in enumerate(lines):
            order.append(number)
            facts = extract_facts(pl.DataFrame({"id": ["0"], "text": [line.text], "lang": [line.language]}))
            told = frozenset(facts.filter(pl.col("kind") == "sign")["value"])
            units = []
            if number in readings:
                reading, masks, senses = readings[number]
                units = [
                    Unit(
                        reading.words[first:end],
                        reduce(or_, masks[first:end], 0),
                        senses[first:end],
                        text_of(reading, first, end),
                    )
                    for first, end in units_of(reading)
                ]
            heard.append(Heard(units, told))
    return heard
