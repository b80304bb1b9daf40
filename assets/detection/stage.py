"""The detection stage: surges of series, then leads with their indicators and evidence."""

from collections.abc import Sequence

import polars as pl

from assets.detection.indicators import indicators_frame
from assets.detection.leads import OperationScope, assess_leads
from assets.detection.surges import detect_surges
from assets.house import House, digest_of, package_digest
from assets.linking.stage import is_made_from
from assets.parsing.current import current_items, current_rows
from assets.parsing.packed import packed, unpacked
from quality.admission import Admission, Candidate, admit
from quality.contracts import CONTRACTS

TABLES = ("surges", "indicators", "leads", "lead_indicators", "lead_evidence")
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
# What detection reads; the other columns of a million items take gigabytes.
ITEM_COLUMNS = (
    "item_id",
    "item_table",
    "source",
    "capture_id",
    "site",
    "account",
    "category",
    "posted_at",
    "first_seen",
    "last_seen",
    "text",
)
MENTION_COLUMNS = ("item_id", "identifier_id", "kind", "obscured")
FACT_COLUMNS = (
    "item_id",
    "kind",
    "value",
    "number",
    "unit",
    "field",
    "confidence",
    "span_start",
    "span_end",
)


MEMBER_COLUMNS = ("actor_id", "member_kind", "member_id")
IDENTIFIER_COLUMNS = ("identifier_id", "kind", "value", "item_count", "is_super_connector")


def _whole(house: House, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
    return house.store.scan(table, CONTRACTS[table].schema, columns=columns).collect()


def detect_all(house: House) -> Admission | None:
    """Look for surges and assess leads again when an input changed; None when nothing has."""
    parts = [part for table in INPUT_TABLES for part in house.store.parts(table)]
    reliability = {name: source.reliability for name, source in house.sources.items()}
    inputs = digest_of(
        parts, package_digest(__file__), house.operation.model_dump_json(), repr(sorted(reliability.items()))
    )
    if is_made_from(house, TABLES[-1], inputs):
        return None
    items = current_items(house.store, ITEM_COLUMNS)
    mentions = packed(
        current_rows(house.store, CONTRACTS["mentions"], items, MENTION_COLUMNS), "item_id", "identifier_id"
    )
    facts = packed(current_rows(house.store, CONTRACTS["facts"], items, FACT_COLUMNS), "item_id")
    items = packed(items, "item_id")
    members = packed(_whole(house, "actor_members", MEMBER_COLUMNS), "actor_id", "member_id")
    surges = unpacked(detect_surges(items, facts, members, as_of=None))
    scope = OperationScope(
        code=house.operation.code,
        countries=house.operation.countries,
        tlp=house.operation.tlp,
        retention_days=house.operation.retention_days,
        as_of=house.today,
    )
    leads = assess_leads(
        items,
        mentions,
        facts,
        packed(_whole(house, "actors", ("actor_id",)), "actor_id"),
        members,
        _whole(house, "site_links"),
        packed(surges, "largest_actor_id"),
        packed(_whole(house, "identifiers", IDENTIFIER_COLUMNS), "identifier_id"),
        reliability,
        scope,
        _whole(house, "lead_reviews"),
    )
    house.log.info(
        f"detected {surges.height} surges and {leads.leads.height} leads in {items.height} items: "
        + ", ".join(
            f"{count} {kind}" for kind, count in leads.leads["type"].value_counts(sort=True).iter_rows()
        )
    )
    frames = {
        "surges": surges,
        "indicators": indicators_frame(),
        "leads": leads.leads,
        "lead_indicators": leads.lead_indicators,
        "lead_evidence": leads.lead_evidence,
    }
    candidates = [Candidate(CONTRACTS[table], frame, inputs) for table, frame in frames.items()]
    return admit(house.store, candidates, run_id=house.run_id)
