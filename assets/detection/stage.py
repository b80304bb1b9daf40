"""The detection stage: surges of series, then leads with their indicators and evidence.

A run looks again at whom something new concerns (`following`, `renewal`) and replaces their rows. What it has to know
of all other items stands in its notes (`notes`); without them everything is looked at, which gives the same tables.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from assets.detection.common_contacts import contacts_behind
from assets.detection.following import Followed, follow
from assets.detection.following_rises import follow_rises
from assets.detection.indicators import indicators_frame
from assets.detection.leads import LeadTables, OperationScope
from assets.detection.notes import Notes, compacted, no_notes, read_notes, write_notes
from assets.detection.numbering import NUMBER, picked
from assets.detection.reached import contacts_in_rises
from assets.detection.renewal import Renewal, renew
from assets.detection.reviews import apply_reviews
from assets.detection.surges import SURGES, in_words, ranked_rises
from assets.house import House, digest_of, package_digest
from assets.linking.freed_memory import keep_freed_memory
from assets.parsing.packed import packed, unpacked
from quality.admission import QUARANTINE, Admission, Candidate, admit
from quality.contracts import CONTRACTS
from quality.contracts.detection import LEAD_TYPES

LEAD_TABLES = ("leads", "lead_indicators", "lead_evidence")
TABLES = ("surges", "indicators", *LEAD_TABLES)
INPUT_TABLES = (
    "listings",
    "messages",
    "mentions",
    "facts",
    "actor_members",
    "site_links",
    "identifiers",
    "lead_reviews",
)
BEHIND = {"contact": NUMBER, "rises": pl.Int64()}
# What of the items in a surge is asked for.
RISEN_ITEMS = ("item_id", "site", "category", "account_key", "day", "nationality", "place", "actor")


def detect_all(house: House) -> Admission | None:
    """Look for surges and assess leads again when an input changed; None when nothing has."""
    store = house.store
    parts = [part for table in INPUT_TABLES for part in store.parts(table)]
    reliability = {name: source.reliability for name, source in house.sources.items()}
    rules = digest_of(
        [],
        package_digest(__file__),
        pl.__version__,
        house.operation.model_dump_json(),
        repr(sorted(reliability.items())),
    )
    inputs = digest_of(parts, rules)
    if store.made_from(TABLES[-1]) == inputs:
        return None
    former = _notes(house, rules)
    if not former.items.is_empty():
        keep_freed_memory()
    followed = follow(former, store)
    former_surges = _whole(house, "surges")
    with_rises, surges, risen, behind = _surges(former, followed)
    followed = replace(followed, notes=with_rises)
    scope = OperationScope(
        code=house.operation.code,
        countries=house.operation.countries,
        tlp=house.operation.tlp,
        retention_days=house.operation.retention_days,
        as_of=house.today,
    )
    renewal = renew(
        store,
        former,
        followed,
        packed(surges, "largest_actor_id"),
        packed(former_surges, "largest_actor_id"),
        risen,
        behind,
        reliability,
        scope,
    )
    tables, gone, reviews = _reviewed(house, former, renewal)
    notes = replace(renewal.notes, reviews=reviews)
    draft = write_notes(house.home, notes, inputs=inputs, rules=rules)
    is_new = np.ones(tables.lead_evidence.height, dtype=bool)
    is_new[renewal.stays] = False
    first = former.items.is_empty()
    # Each table's rows to write, and by which columns of its key they and those that are gone take the place of others.
    frames = {
        "leads": (tables.leads, gone),
        "lead_indicators": (tables.lead_indicators, gone),
        "lead_evidence": (tables.lead_evidence.filter(pl.Series(is_new)), renewal.evidence_gone),
    }
    candidates = [
        Candidate(CONTRACTS["surges"], surges, inputs),
        Candidate(CONTRACTS["indicators"], indicators_frame(), inputs),
        *(
            Candidate(
                CONTRACTS[table],
                frame,
                inputs,
                removes=None if first else removes,
                found_by=tuple(removes.columns),
            )
            for table, (frame, removes) in frames.items()
        ),
    ]
    admission = admit(store, candidates, run_id=house.run_id)
    draft.confirm()
    _tell(house, notes, followed, renewal, surges, first)
    return admission


def _notes(house: House, rules: str) -> Notes:
    """The notes that go with the committed tables, if all of these passed their gates; else none."""
    store = house.store
    if any(store.rows(QUARANTINE + table) for table in ("leads", "lead_indicators", "lead_evidence")):
        return no_notes()
    notes = read_notes(house.home, inputs=store.made_from(TABLES[-1]), rules=rules)
    return compacted(notes) if notes is not None else no_notes()


def _whole(house: House, table: str) -> pl.DataFrame:
    return house.store.scan(table, CONTRACTS[table].schema).collect()


def _surges(former: Notes, followed: Followed) -> tuple[Notes, pl.DataFrame, np.ndarray, pl.DataFrame]:
    """The notes with what is known of series and newcomers now; the surges; the numbers of the items in them; the
    contacts behind them (`contacts_behind`), identifiers by number."""
    notes = followed.notes
    last = notes.items.select(pl.col("last_seen").filter("stands").max()).item()
    come = np.arange(former.items.height, notes.items.height)
    rising = follow_rises(notes.rises_known, notes.items, come, followed.gone, last)
    newcomers = pl.Series("is_newcomer", rising.newcomers)
    notes = replace(notes.with_rises_known(rising.known), items=notes.items.with_columns(newcomers))
    if rising.found.is_empty():
        return notes, pl.DataFrame(schema=SURGES), rising.items, pl.DataFrame(schema=BEHIND)
    theirs = notes.in_words(picked(notes.items, RISEN_ITEMS, rising.items)).rename({"category": "kind"})
    found = in_words(rising.found, notes.words["word"])
    surges, common = ranked_rises(found, theirs, contacts_in_rises(notes, rising.items))
    return notes, unpacked(surges), rising.items, contacts_behind(common)


def _reviewed(
    house: House, former: Notes, renewal: Renewal
) -> tuple[LeadTables, pl.DataFrame, tuple[str, ...]]:
    """The rows to write with the states that reviews leave them in; lead_id of the leads whose rows they replace; the
    ids of all reviews. A lead of which nothing is new but a review is among them."""
    reviews = _whole(house, "lead_reviews").filter(pl.col("operation") == house.operation.code)
    if reviews.is_empty():
        return renewal.tables, renewal.former, ()
    new = reviews.filter(~pl.col("lead_review_id").is_in(former.reviews))
    ids = new.select("lead_id").unique().join(renewal.former, on="lead_id", how="anti")
    ids = ids.join(renewal.tables.leads, on="lead_id", how="anti")
    if former.items.is_empty():
        # Everything was looked at: what is no lead now is none, whatever tables still say and whoever reviewed it.
        ids = ids.clear()
    tables = renewal.tables
    if ids.height:
        stand = {
            table: house.store.scan(table, CONTRACTS[table].schema)
            .join(ids.lazy(), on="lead_id", how="semi")
            .collect()
            for table in LEAD_TABLES
        }
        tables = replace(
            tables, **{table: pl.concat([getattr(tables, table), stand[table]]) for table in LEAD_TABLES}
        )
    reviewed = tables.lead_evidence.join(reviews.select("lead_id"), on="lead_id", how="semi")
    evidence = packed(reviewed.select("item_id"), "item_id").unique()
    notes = renewal.notes
    places = np.sort(notes.standing(evidence["item_id"])["place"].to_numpy())
    days = picked(notes.items, ("item_id", "first_seen"), places)
    leads = apply_reviews(tables.leads, tables.lead_indicators, tables.lead_evidence, unpacked(days), reviews)
    return (
        replace(tables, leads=leads),
        pl.concat([renewal.former, ids]).unique(),
        tuple(reviews["lead_review_id"].sort()),
    )


def _tell(
    house: House, notes: Notes, followed: Followed, renewal: Renewal, surges: pl.DataFrame, first: bool
) -> None:
    counts = notes.leads["type"].value_counts(sort=True)
    kinds = {LEAD_TYPES[number]: count for number, count in counts.iter_rows()}
    house.log.info(
        f"detected {surges.height} surges and {sum(kinds.values())} leads in {notes.items['stands'].sum()} items: "
        + ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    )
    why = ", ".join(f"{count} {reason}" for reason, count in followed.why.items() if count)
    house.log.info(
        "looked at everything, as no notes go with the tables and the rules"
        if first
        else f"looked again at {renewal.items} items and {renewal.handles} handles for {int(followed.changed.sum())} "
        f"items that changed ({why}): {renewal.former.height} leads stood, {renewal.tables.leads.height} stand now"
    )
