"""Contracts of what is read from texts: identifiers, their mentions, and facts."""

from quality.contract import Column, Contract, Sensitivity, between, in_set, matches, not_null, violates
from quality.contracts.columns import DAY as DAY_TYPE
from quality.contracts.columns import (
    FLAG,
    IDENTIFIER_KINDS,
    ITEM_ID,
    ITEM_TABLE,
    ITEM_TABLES,
    REAL,
    SITE,
    SOURCE,
    TEXT,
    UNIT_DATE,
    WHOLE,
)

IDENTIFIER_ID = Column("identifier_id", TEXT, "First 24 hex digits of SHA-256 over kind and value")
SPAN_START = Column("span_start", WHOLE, "Where it begins in the item's text, in characters")
SPAN_END = Column("span_end", WHOLE, "Where it ends, exclusive")
PHONE_IS_E164 = violates(
    "phone_is_e164",
    "kind = 'phone' AND NOT regexp_matches(\"value\", '^[+][1-9][0-9]{6,14}$')",
    "a phone number is in E.164 form",
)

MENTIONS = Contract(
    table="mentions",
    stage="extraction",
    grain="one identifier found in one item at one span",
    meaning="Where each identifier was found, how it was spelled and whether it was obscured.",
    key=("mention_id",),
    per_unit=True,
    columns=(
        Column("mention_id", TEXT, "First 24 hex digits of SHA-256 over item, field, span, kind and value"),
        ITEM_ID,
        ITEM_TABLE,
        SOURCE,
        UNIT_DATE,
        SITE,
        IDENTIFIER_ID,
        Column("kind", TEXT, "phone, email, username, url, messenger, crypto, image or analytics"),
        Column("value", TEXT, "Normalised value", Sensitivity.handle),
        Column("raw", TEXT, "As spelled", Sensitivity.text),
        Column("field", TEXT, "Field it stands in: text, title, contact …"),
        SPAN_START,
        SPAN_END,
        Column("obscured", FLAG, "Written so that a plain search would miss it"),
        Column("method", TEXT, "How it was read"),
    ),
    rules=(
        not_null("item_id"),
        not_null("identifier_id"),
        not_null("value"),
        in_set("item_table", ITEM_TABLES),
        in_set("kind", IDENTIFIER_KINDS),
        PHONE_IS_E164,
        violates("span_forward", "span_end < span_start", "a span does not end before it begins"),
    ),
)

FACT_KINDS = (
    "language",
    "place",
    "country",
    "nationality",
    "age",
    "price",
    "pay",
    "debt",
    "fee",
    "movement",
    "role",
    "job",
    "employer",
    "sign",
)

FACTS = Contract(
    table="facts",
    stage="extraction",
    grain="one fact read in one item",
    meaning="What a text states of place, person, money, movement and offered work, and signs, with rule and span.",
    key=("fact_id",),
    per_unit=True,
    columns=(
        Column(
            "fact_id", TEXT, "First 24 hex digits of SHA-256 over item, field, span, kind, value and rule"
        ),
        ITEM_ID,
        ITEM_TABLE,
        SOURCE,
        UNIT_DATE,
        SITE,
        Column(
            "kind",
            TEXT,
            "language, place, country, nationality, age, price, pay, debt, fee, movement, role, job, employer or sign",
        ),
        Column("value", TEXT, "Normalised value (of a movement arrival, departure, stay, route or transit)"),
        Column(
            "number", REAL, "Its number, where it has one (age in years, amount in units, days of a stay)"
        ),
        Column(
            "unit",
            TEXT,
            "Currency and period of an amount, country of a place, time of a movement (ISO 8601, a weekday, this_week "
            "and the like), ISCO-08 unit group of a job",
        ),
        Column("raw", TEXT, "As written", Sensitivity.text),
        Column("field", TEXT, "Field it stands in: text, title, place …"),
        SPAN_START,
        SPAN_END,
        Column("confidence", REAL, "How sure the rule is, 0 to 1"),
        Column("rule_id", TEXT, "Rule that read it"),
        Column(
            "origin", TEXT, "Of a movement, the place it leaves, where the text names it (City, CC; or CC)"
        ),
        Column(
            "destination",
            TEXT,
            "Of a movement, the place it goes to, stays in or passes (transit), where the text names it",
        ),
    ),
    rules=(
        not_null("item_id"),
        not_null("rule_id"),
        violates(
            "only_movements_have_ends",
            "kind <> 'movement' AND coalesce(origin, destination) IS NOT NULL",
            "only a movement has an origin or a destination",
        ),
        in_set("item_table", ITEM_TABLES),
        in_set("kind", FACT_KINDS),
        between("confidence", 0, 1),
        violates("age_is_human", "kind = 'age' AND (number < 0 OR number > 120)", "an age lies in 0 to 120"),
        violates(
            "nationality_is_a_country",
            "kind = 'nationality' AND NOT regexp_matches(\"value\", '^[A-Z]{2}$')",
            "a nationality is an ISO 3166 alpha-2 code",
        ),
    ),
)

DAMPED_BECAUSE = (
    "support_line",
    "everybody",
    "several_holders",
    "copied_image",
    "quoted_address",
    "platform_id",
)

IDENTIFIERS = Contract(
    table="identifiers",
    stage="extraction",
    grain="one normalised identifier",
    meaning="Handles by which a person or group can be reached, and where they occur.",
    key=("identifier_id",),
    columns=(
        IDENTIFIER_ID,
        Column("kind", TEXT, "phone, email, username, url, messenger, crypto, image or analytics"),
        Column("value", TEXT, "Normalised value", Sensitivity.handle),
        Column("region", TEXT, "Country of a phone number (ISO 3166 alpha-2)"),
        Column("mention_count", WHOLE, "Mentions"),
        Column("item_count", WHOLE, "Items it is in"),
        Column("site_count", WHOLE, "Sites it is on"),
        Column("obscured_count", WHOLE, "Mentions that were obscured"),
        Column("first_seen", DAY_TYPE, "First day (UTC) of an item with it"),
        Column("last_seen", DAY_TYPE, "Last day (UTC) of an item with it"),
        Column("actor_count", WHOLE, "Actors that show it"),
        Column("weight", REAL, "What sharing it counts in joining: 1 can join, less only beside others"),
        Column(
            "is_super_connector",
            FLAG,
            "Several actors show it, or a line: it would glue strangers and was damped",
        ),
        Column(
            "damped_because",
            TEXT,
            "support_line: stands beside other people's own contacts, is a site's or nobody's mailbox, or a "
            "placeholder for a number; everybody: too many show it; several_holders: recycled, lent or an "
            "agency's; copied_image, quoted_address, platform_id: shown by strangers",
        ),
    ),
    rules=(
        in_set("damped_because", DAMPED_BECAUSE),
        between("weight", 0, 1),
        matches("identifier_id", "^[0-9a-f]{24}$"),
        not_null("value"),
        in_set("kind", IDENTIFIER_KINDS),
        PHONE_IS_E164,
        between("item_count", 1, None),
    ),
)

CONTRACTS = (MENTIONS, FACTS, IDENTIFIERS)
