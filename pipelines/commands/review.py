"""`stormlantern review`: a person's decision on a lead, appended to its history."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from assets.detection.review_files import UnreadableFile, take_in
from assets.detection.reviews import UnknownLead, record_review
from assets.publishing.pseudonyms import keyed_id
from pipelines.house import pseudonym_key
from pipelines.settings import Settings
from quality.contracts import CONTRACTS
from warehouse.parts import PartStore

# As many characters of an id as the report shows.
SHORTEST_ID = 8
EXIT_RECORDED, EXIT_UNKNOWN, EXIT_PARTIAL = 0, 1, 3


def find_lead(store: PartStore, key: bytes, given: str) -> str:
    """The clear id of the lead that `given` names: the id of either snapshot, or its first eight or more digits.

    Raises `UnknownLead`.
    """
    wanted = given.strip().lower()
    if len(wanted) < SHORTEST_ID:
        raise UnknownLead(f"give at least {SHORTEST_ID} digits of the lead's id, as reports show them")
    schema = {"lead_id": CONTRACTS["leads"].schema["lead_id"]}
    ids: list[str] = store.scan("leads", schema).collect()["lead_id"].to_list()
    found = [
        lead_id for lead_id in ids if lead_id.startswith(wanted) or keyed_id(key, lead_id).startswith(wanted)
    ]
    if not found:
        raise UnknownLead(f"no lead has the id {wanted}; the leads of the last run are in the table `leads`")
    if len(found) > 1:
        raise UnknownLead(f"{len(found)} leads begin with {wanted}; give more digits")
    return found[0]


def review(settings: Settings, lead: str, decision: str, by: str, note: str | None) -> int:
    """Append the decision and say what comes of it; 0, or 1 when no single lead is meant.

    Raises `FileNotFoundError` where no run has worked.
    """
    if not (settings.home / "manifest.db").is_file():
        raise FileNotFoundError(f"{settings.home} holds no leads: no run has worked there")
    store = PartStore(settings.home)
    now = datetime.now(UTC)
    run_id = f"review {now:%Y-%m-%dT%H:%M:%SZ}"
    try:
        lead_id = find_lead(store, pseudonym_key(settings), lead)
        record_review(store, lead_id, decision=decision, by=by, note=note, now=now, run_id=run_id)
    except UnknownLead as error:
        sys.stderr.write(f"stormlantern: {error}\n")
        return EXIT_UNKNOWN
    sys.stdout.write(f"lead {lead}: {decision}, recorded; the next run moves its state\n")
    return EXIT_RECORDED


def review_file(settings: Settings, file: Path) -> int:
    """Record the decisions of a CSV file; 0, 3 when rows were refused (each named with its line and reason), 1 when
    the file holds no decisions.

    Raises `FileNotFoundError` where no run has worked.
    """
    if not (settings.home / "manifest.db").is_file():
        raise FileNotFoundError(f"{settings.home} holds no leads: no run has worked there")
    store, key = PartStore(settings.home), pseudonym_key(settings)
    now = datetime.now(UTC)
    run_id = f"review {now:%Y-%m-%dT%H:%M:%SZ}"
    try:
        done = take_in(store, file, lambda given: find_lead(store, key, given), now=now, run_id=run_id)
    except UnreadableFile as error:
        sys.stderr.write(f"stormlantern: {error}\n")
        return EXIT_UNKNOWN
    for line, reason in done.refused:
        sys.stderr.write(f"stormlantern: {file.name}, line {line}: {reason}\n")
    sys.stdout.write(
        f"{done.recorded} decisions recorded, {done.known} known before, {len(done.refused)} in quarantine; "
        "the next run moves the leads' states\n"
    )
    return EXIT_PARTIAL if done.refused else EXIT_RECORDED
