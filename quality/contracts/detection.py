"""Contracts of what deserves a look: surges, indicators, leads."""

from quality.contract import Column, Contract, Sensitivity, between, in_set, not_null, violates
from quality.contracts.columns import (
    CAPTURE_ID,
    DAY,
    FLAG,
    ITEM_ID,
    ITEM_TABLE,
    MOMENT,
    REAL,
    TEXT,
    WHOLE,
    WORDS,
)

LEAD_TYPES = (
    "potential_victim",
    "potential_exploiter",
    "potential_recruiter",
    "potential_facilitator",
    "username",
    "phone",
    "url",
    "site",
)
# What a person may decide on a lead. The closing ones stand until there is new evidence.
CLOSING_DECISIONS = ("confirmed", "dismissed", "referred")
DECISIONS = ("in_progress", *CLOSING_DECISIONS)
NEW_STATE, REOPENED_STATE = "new", "reopened"
DISMISSED_STATE = "dismissed"
LEAD_STATES = (NEW_STATE, *DECISIONS, REOPENED_STATE)
# A lead's evidence is to be read by a person; the items that show most come first.
MAX_EVIDENCE = 200
LEAD_ID = Column("lead_id", TEXT, "First 24 hex digits of SHA-256 over operation, type and subject")
INDICATOR_ID = Column("indicator_id", TEXT, "Name of the indicator in the registry")

SURGES = Contract(
    table="surges",
    stage="detection",
    grain="one rise of one series (site, place, claimed nationality, kind)",
    meaning="Series that rose beyond what their past and the site's own growth explain.",
    key=("surge_id",),
    columns=(
        Column("surge_id", TEXT, "First 24 hex digits of SHA-256 over series and day of the alarm"),
        Column("site", TEXT, "Site"),
        Column("place", TEXT, "Place (City, CC), or null for all"),
        Column("nationality", TEXT, "Claimed nationality (ISO 3166 alpha-2)"),
        Column("kind", TEXT, "Category of the items"),
        Column("start_date", DAY, "First day of the rise"),
        Column("alarm_date", DAY, "Day on which the method would have raised the alarm"),
        Column("end_date", DAY, "Last day of the rise seen"),
        Column("observed", WHOLE, "New items from start to end"),
        Column("expected", REAL, "New items expected from past and growth of the site"),
        Column("ratio", REAL, "Observed over expected"),
        Column(
            "statistic",
            REAL,
            "Highest −ln p of a window of the rise: so improbable are so many items, or new accounts",
        ),
        Column("actor_count", WHOLE, "Distinct actors behind it"),
        Column("largest_actor_id", TEXT, "Actor with most of its items"),
        Column("largest_actor_share", REAL, "That actor's share of the items, 0 to 1"),
        Column("largest_actor_accounts", WHOLE, "Accounts through which that actor takes part in it"),
        Column(
            "rank_score",
            REAL,
            "Share of the largest actor times √(excess × its accounts), or of all who show one contact, less what "
            "the rest of the site shows it, where that is more: one person's many first",
        ),
    ),
    rules=(
        not_null("site"),
        between("observed", 1, None),
        between("expected", 0, None),
        between("largest_actor_share", 0, 1),
        between("largest_actor_accounts", 0, None),
        violates("ends_after_start", "end_date < start_date", "a surge does not end before it starts"),
    ),
)

INDICATORS = Contract(
    table="indicators",
    stage="detection",
    grain="one indicator of the registry",
    meaning="Named signs with their source; what is folklore is listed, with weight 0.",
    key=("indicator_id",),
    columns=(
        INDICATOR_ID,
        Column("name", TEXT, "Name in plain words"),
        Column("level", TEXT, "item, actor or series"),
        Column("code", TEXT, "IC-TIP code, where one exists"),
        Column("citation", TEXT, "Published source"),
        Column("weight", REAL, "Points it adds to a lead's score"),
        Column("is_weighted", FLAG, "Counts towards a score"),
        Column("points_to", TEXT, "Lead types it speaks for, comma-separated"),
        Column("note", TEXT, "What it does not say"),
    ),
    rules=(
        in_set("level", ("item", "actor", "series", "site")),
        not_null("citation"),
        between("weight", 0, 10),
    ),
)

LEADS = Contract(
    table="leads",
    stage="detection",
    grain="one subject worth a human look, in one operation",
    meaning="Hypotheses for a human to review, never verdicts; the score is the sum of lead_indicators.",
    key=("lead_id",),
    columns=(
        LEAD_ID,
        Column("operation", TEXT, "Code of the operation"),
        Column("type", TEXT, ", ".join(LEAD_TYPES)),
        Column("subject_kind", TEXT, "actor, item, identifier or site"),
        Column("subject_id", TEXT, "Key of the subject in its table"),
        Column("subject_label", TEXT, "The subject in words", Sensitivity.handle),
        Column("score", REAL, "Sum of the contributions in lead_indicators"),
        Column(
            "planted_share",
            REAL,
            "Share of subjects of this type with such a score that were right on planted worlds (docs/quality.md)",
        ),
        Column("grade", TEXT, "Admiralty code: source reliability A–F, information credibility 1–6"),
        Column(
            "state",
            TEXT,
            "new, what the last review decided, or reopened when evidence came after it was closed",
        ),
        Column("reviewed_at", MOMENT, "Time (UTC) of the last review"),
        Column("new_evidence_count", WHOLE, "Items with signs, and signs, that the last review did not know"),
        Column(
            "countries", TEXT, "Countries of origin and of exploitation (ISO 3166 alpha-2), comma-separated"
        ),
        Column(
            "origin_countries", TEXT, "Nationalities claimed in its evidence, and where stated routes begin"
        ),
        Column(
            "transit_countries",
            TEXT,
            "Countries that its evidence says are passed through",
        ),
        Column(
            "exploitation_countries",
            TEXT,
            "Countries of the places its evidence advertises, and where stated routes end",
        ),
        Column("first_seen", DAY, "First day (UTC) of its evidence"),
        Column("last_seen", DAY, "Last day (UTC) of its evidence"),
        Column("tlp", TEXT, "Traffic Light Protocol 2.0"),
        Column("expires_on", DAY, "Day on which it is deleted unless reviewed"),
        Column("indicator_count", WHOLE, "Indicators"),
        Column("evidence_count", WHOLE, "Items of evidence"),
    ),
    rules=(
        in_set("type", LEAD_TYPES),
        in_set("subject_kind", ("actor", "item", "identifier", "site")),
        in_set("state", LEAD_STATES),
        not_null("subject_id"),
        between("score", 0, None),
        between("planted_share", 0, 1),
        violates("has_indicators", "indicator_count < 1", "a lead has an indicator"),
        violates("has_evidence", "evidence_count < 1", "a lead has evidence"),
        in_set("tlp", ("RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR")),
    ),
)

LEAD_INDICATORS = Contract(
    table="lead_indicators",
    stage="detection",
    grain="one indicator of one lead",
    meaning="What speaks for a lead, with its contribution to the score.",
    key=("lead_id", "indicator_id"),
    columns=(
        LEAD_ID,
        INDICATOR_ID,
        Column("contribution", REAL, "Points added to the score"),
        Column("occurrences", WHOLE, "Times it was found"),
        Column("evidence_item_id", TEXT, "One item that shows it"),
        Column("explanation", TEXT, "What was found, in words and counts, without personal data"),
    ),
    rules=(between("contribution", 0, None), between("occurrences", 1, None)),
)

LEAD_EVIDENCE = Contract(
    table="lead_evidence",
    stage="detection",
    grain="one item that one lead rests on",
    meaning="The items behind each lead; capture_id leads to the digest of the bytes.",
    key=("lead_id", "item_id"),
    columns=(
        LEAD_ID,
        ITEM_ID,
        ITEM_TABLE,
        CAPTURE_ID,
        Column("signs", WHOLE, "Signs that the item shows; 0: it only belongs to the subject"),
    ),
    rules=(not_null("capture_id"), between("signs", 0, None)),
)

LEAD_REVIEWS = Contract(
    table="lead_reviews",
    stage="detection",
    grain="one decision of a person on one lead",
    meaning="Who decided what on which lead, and when: appended by `stormlantern review`, never changed.",
    key=("lead_review_id",),
    columns=(
        Column(
            "lead_review_id", TEXT, "First 24 hex digits of SHA-256 over lead, time, decision and reviewer"
        ),
        LEAD_ID,
        Column("operation", TEXT, "Code of the operation"),
        Column("reviewed_at", MOMENT, "Time (UTC) of the decision"),
        Column("decision", TEXT, ", ".join(DECISIONS)),
        Column("reviewed_by", TEXT, "Who decided", Sensitivity.name),
        Column("note", TEXT, "Why, in the reviewer's words", Sensitivity.text),
        Column("score", REAL, "Score of the lead at that time"),
        Column("evidence_count", WHOLE, "Items of evidence at that time"),
        Column("evidence_item_ids", WORDS, "Those items", published=False),
        Column("indicator_ids", WORDS, "Indicators of the lead at that time", published=False),
    ),
    rules=(
        not_null("lead_id"),
        not_null("reviewed_at"),
        not_null("decision"),
        in_set("decision", DECISIONS),
        not_null("reviewed_by"),
        violates("has_reviewer", "trim(reviewed_by) = ''", "a decision is somebody's"),
    ),
)

CONTRACTS = (SURGES, INDICATORS, LEADS, LEAD_INDICATORS, LEAD_EVIDENCE, LEAD_REVIEWS)
