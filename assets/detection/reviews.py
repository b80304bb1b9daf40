"""Human decisions on leads: appended, never changed; they move a lead's state until evidence comes that is new.

A decision remembers the evidence that was there: the items, and the signs of the lead. What its maker did not see is
new: an item with a sign that was not among them, or a sign that the lead did not show. Further items of the same
subject without any sign are not, so that whoever advertises every day does not come back every day.
"""

from datetime import datetime

import polars as pl

from assets.linking.digests import key_of
from quality.admission import Candidate, admit
from quality.contracts import CONTRACTS
from quality.contracts.detection import CLOSING_DECISIONS, MAX_EVIDENCE, NEW_STATE, REOPENED_STATE
from warehouse.parts import PartStore

LEADS = CONTRACTS["leads"].schema
LEAD_REVIEWS = CONTRACTS["lead_reviews"].schema


class UnknownLead(LookupError):
    """No lead, or more than one, has the id that was given."""


def record_review(
    store: PartStore,
    lead_id: str,
    *,
    decision: str,
    by: str,
    note: str | None,
    now: datetime,
    run_id: str,
) -> str:
    """Append one decision on a committed lead, with the evidence of this moment; returns its lead_review_id.

    `decision` is one of `DECISIONS` (the contract's gate raises `Blocked` for another), `now` an aware datetime. Raises
    `UnknownLead`. Two decisions on one lead are two rows; the later one holds.
    """
    row = review_row(store, lead_id, decision=decision, by=by, note=note, now=now)
    frame = pl.DataFrame([row], schema=LEAD_REVIEWS)
    review_id = str(row["lead_review_id"])
    admit(store, [Candidate(CONTRACTS["lead_reviews"], frame, review_id, append=True)], run_id=run_id)
    return review_id


def review_row(
    store: PartStore, lead_id: str, *, decision: str, by: str, note: str | None, now: datetime
) -> dict[str, object]:
    """One row of `lead_reviews`, with the lead's evidence and signs of this moment. Raises `UnknownLead`."""
    frames = {
        table: store.scan(table, CONTRACTS[table].schema).filter(pl.col("lead_id") == lead_id).collect()
        for table in ("leads", "lead_evidence", "lead_indicators")
    }
    if frames["leads"].is_empty():
        raise UnknownLead(f"there is no lead {lead_id}")
    items = frames["lead_evidence"]["item_id"].sort().to_list()
    return {
        "lead_review_id": key_of(lead_id, now.isoformat(), decision, by),
        "lead_id": lead_id,
        "operation": frames["leads"]["operation"][0],
        "reviewed_at": now,
        "decision": decision,
        "reviewed_by": by,
        "note": note or None,
        "score": frames["leads"]["score"][0],
        "evidence_count": len(items),
        "evidence_item_ids": items,
        "indicator_ids": frames["lead_indicators"]["indicator_id"].sort().to_list(),
    }


def apply_reviews(
    leads: pl.DataFrame,
    lead_indicators: pl.DataFrame,
    lead_evidence: pl.DataFrame,
    first_seen: pl.DataFrame,
    reviews: pl.DataFrame,
) -> pl.DataFrame:
    """The leads with the state, `reviewed_at` and `new_evidence_count` that their latest decision leaves them in.

    `first_seen`: item_id, first_seen (Date); the others as in their contracts. A closing decision (confirmed,
    dismissed, referred) gives way to `reopened` when evidence is new; in_progress stays, its new evidence counted. Of a
    lead whose list of evidence was full at the decision, only items first seen since then are new: an older one may
    have been there without fitting in.
    """
    last = (
        reviews.sort("reviewed_at", "lead_review_id")
        .unique("lead_id", keep="last", maintain_order=True)
        .select("lead_id", "decision", "reviewed_at", "evidence_item_ids", "indicator_ids")
    )
    seen_items = last.explode("evidence_item_ids").select(
        "lead_id", pl.col("evidence_item_ids").alias("item_id")
    )
    seen_signs = last.explode("indicator_ids").select(
        "lead_id", pl.col("indicator_ids").alias("indicator_id")
    )
    was_full = pl.col("evidence_item_ids").list.len() >= MAX_EVIDENCE
    new_items = (
        lead_evidence.filter(pl.col("signs") > 0)
        .join(last.select("lead_id", "reviewed_at", was_full.alias("was_full")), on="lead_id")
        .join(seen_items, on=["lead_id", "item_id"], how="anti")
        .join(first_seen.unique("item_id"), on="item_id", how="left")
        .filter(~pl.col("was_full") | (pl.col("first_seen") >= pl.col("reviewed_at").dt.date()))
        .select("lead_id")
    )
    new_signs = (
        lead_indicators.join(last.select("lead_id"), on="lead_id", how="semi")
        .join(seen_signs, on=["lead_id", "indicator_id"], how="anti")
        .select("lead_id")
    )
    new = pl.concat([new_items, new_signs]).group_by("lead_id").agg(pl.len().cast(pl.Int64).alias("new"))
    reopens = pl.col("decision").is_in(CLOSING_DECISIONS) & (pl.col("new") > 0)
    return (
        leads.drop("state", "reviewed_at", "new_evidence_count", strict=False)
        .join(
            last.select("lead_id", "decision", "reviewed_at"), on="lead_id", how="left", maintain_order="left"
        )
        .join(new, on="lead_id", how="left", maintain_order="left")
        .with_columns(pl.col("new").fill_null(0))
        .with_columns(
            pl.when(reopens)
            .then(pl.lit(REOPENED_STATE))
            .otherwise(pl.col("decision").fill_null(NEW_STATE))
            .alias("state"),
            pl.when(pl.col("decision").is_not_null()).then("new").alias("new_evidence_count"),
        )
        .select(*LEADS)
    )
