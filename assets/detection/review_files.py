"""Decisions on leads from a CSV file: each row recorded once, bad rows quarantined with a reason.

Columns: lead_id (the id in either snapshot, or its first eight or more digits), decision, by, and, where wanted,
note and reviewed_at (ISO 8601 with a time zone; without one, the time of the intake). Taking in the same file again
records nothing: a row with a time is known by lead, time, decision and reviewer; one without by being the reviewer's
last word on that lead already.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import polars as pl

from assets.detection.reviews import LEAD_REVIEWS, UnknownLead, review_row
from assets.linking.digests import key_of
from quality.admission import QUARANTINE, Candidate, admit
from quality.contracts import CONTRACTS
from quality.contracts.detection import DECISIONS
from quality.gate import RULE
from warehouse.parts import PartStore, PartWrite

NEEDED = ("lead_id", "decision", "by")
MOST_BYTES = 20_000_000


class UnreadableFile(ValueError):
    """A file that holds no decisions at all; the message names the file, what is wrong, and the remedy."""


@dataclass(frozen=True)
class Intake:
    """What a file brought: decisions recorded, decisions known before, and (line, reason) of the rows refused."""

    recorded: int
    known: int
    refused: tuple[tuple[int, str], ...]


def take_in(
    store: PartStore, file: Path, find: Callable[[str], str], *, now: datetime, run_id: str
) -> Intake:
    """Record the decisions of `file`; `find` gives the clear id of a lead, or raises `UnknownLead`.

    Refused rows go to the quarantine of `lead_reviews` with the field that is wrong; reasons never repeat what a field
    holds. Raises `UnreadableFile`.
    """
    reviews = store.scan("lead_reviews", LEAD_REVIEWS).collect()
    known = set(reviews["lead_review_id"])
    last = {
        (lead, by): (decision, note)
        for lead, by, decision, note in reviews.sort("reviewed_at")
        .select("lead_id", "reviewed_by", "decision", "note")
        .iter_rows()
    }
    good, bad, refused, repeated = [], [], [], 0
    for line, given in _rows(file):
        words = {name: (given.get(name) or "").strip() for name in (*NEEDED, "note", "reviewed_at")}
        moment, reason = _moment(words["reviewed_at"], now), ""
        lead_id = None
        if words["decision"] not in DECISIONS:
            reason = f"decision: none of {', '.join(DECISIONS)}"
        elif not words["by"]:
            reason = "by: nobody is named"
        elif moment is None:
            reason = "reviewed_at: not a time with its zone (2026-01-31T12:00:00Z), or one to come"
        else:
            try:
                lead_id = find(words["lead_id"])
            except UnknownLead as error:
                reason = f"lead_id: {error}"
        if reason or lead_id is None or moment is None:
            refused.append((line, reason))
            bad.append(_quarantined(words, moment, line, reason))
            continue
        note, said = words["note"] or None, (words["decision"], words["note"] or None)
        review_id = key_of(lead_id, moment.isoformat(), words["decision"], words["by"])
        unchanged = not words["reviewed_at"] and last.get((lead_id, words["by"])) == said
        if review_id in known or unchanged:
            repeated += 1
            continue
        known.add(review_id)
        last[(lead_id, words["by"])] = said
        good.append(
            review_row(store, lead_id, decision=words["decision"], by=words["by"], note=note, now=moment)
        )
    if good:
        frame = pl.DataFrame(good, schema=LEAD_REVIEWS)
        inputs = key_of(*sorted(frame["lead_review_id"]))
        admit(store, [Candidate(CONTRACTS["lead_reviews"], frame, inputs, append=True)], run_id=run_id)
    if bad:
        rejected = pl.DataFrame(bad, schema={**LEAD_REVIEWS, RULE: pl.String()})
        store.commit([PartWrite(f"{QUARANTINE}lead_reviews", rejected, inputs=run_id)], run_id=run_id)
    return Intake(len(good), repeated, tuple(refused))


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and fields of each row; a semicolon parts fields where the heading has no comma."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise UnreadableFile(f"{file.name}: larger than {MOST_BYTES:,} bytes; split it")
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(
            f"{file.name}: cannot be read as UTF-8 text ({type(error).__name__}); save it as CSV UTF-8"
        ) from error
    heading = text.partition("\n")[0]
    reader = csv.DictReader(StringIO(text, newline=""), delimiter="," if "," in heading else ";")
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
    missing = [name for name in NEEDED if name not in reader.fieldnames]
    if missing:
        raise UnreadableFile(f"{file.name}: no column {', '.join(missing)}; the first line names the columns")
    for row in reader:
        if any((value or "").strip() for name, value in row.items() if name is not None):
            yield reader.line_num, row


def _moment(given: str, now: datetime) -> datetime | None:
    """The time of a decision (UTC): `now` where none is given, None where it cannot be one."""
    if not given:
        return now
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        return None
    if moment.tzinfo is None or moment > now:
        return None
    return moment.astimezone(UTC)


def _quarantined(words: dict[str, str], moment: datetime | None, line: int, reason: str) -> dict[str, object]:
    """A refused row with what of it fits the contract."""
    return {
        **dict.fromkeys(LEAD_REVIEWS),
        "lead_review_id": key_of(str(line), *words.values()),
        "lead_id": words["lead_id"] or None,
        "reviewed_at": moment,
        "decision": words["decision"] or None,
        "reviewed_by": words["by"] or None,
        "note": words["note"] or None,
        RULE: reason.partition(":")[0],
    }
