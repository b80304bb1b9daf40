"""Contracts of screening: what was looked up in which list, and what was found there."""

from quality.contract import Column, Contract, Sensitivity, between, in_set, matches, not_null
from quality.contracts.columns import DAY, REAL, TEXT, WHOLE

LIST_KINDS = ("wanted", "missing", "other", "file")
QUERY_KINDS = ("phone", "email", "messenger", "username", "url", "crypto", "person")
STRENGTHS = ("possible", "likely", "strong")

LIST_NAME = Column("list_name", TEXT, "The list: `notices:` and the source, or `file:` and the file's name")
CHECK_ID = Column("screening_check_id", TEXT, "First 24 hex digits of SHA-256 over list and query")
QUERY_KIND = Column(
    "query_kind",
    TEXT,
    "What was looked up: phone, email, messenger (user name with its platform), username (its platform not told), url, "
    "crypto, or person (full name of an account)",
)
QUERY_ID = Column(
    "query_id", TEXT, "identifier_id of an identifier; of a person SHA-256 (24 digits) over site and account"
)
WITNESS = Column("evidence_item_id", TEXT, "One item that shows what was looked up")
COUNTRIES = Column(
    "countries", TEXT, "Countries of the places that items with it name (ISO 3166 alpha-2), comma-separated"
)

SCREENING_LISTS = Contract(
    table="screening_lists",
    stage="screening",
    grain="one version of one list that was looked into",
    meaning="Lists we lawfully hold: captured notices, and watch-list files; which version was looked into, and when.",
    key=("screening_list_id",),
    columns=(
        Column("screening_list_id", TEXT, "First 24 hex digits of SHA-256 over list and version"),
        LIST_NAME,
        Column(
            "list_kind",
            TEXT,
            "wanted, missing, other: captured notices; file: dropped into the folder watchlists",
        ),
        Column("version_sha256", TEXT, "SHA-256 of the file's bytes, or over the digests of the notices"),
        Column("entry_count", WHOLE, "Entries"),
        Column("unread_values", WHOLE, "Values of entries that have no known form, and so were not compared"),
        Column("query_count", WHOLE, "Queries compared with this version at that time"),
        Column("first_checked_on", DAY, "Day (UTC) on which this version was first looked into"),
    ),
    rules=(
        not_null("list_name"),
        in_set("list_kind", LIST_KINDS),
        matches("version_sha256", "^[0-9a-f]{64}$"),
        between("entry_count", 0, None),
        between("query_count", 0, None),
        not_null("first_checked_on"),
    ),
)

SCREENING_CHECKS = Contract(
    table="screening_checks",
    stage="screening",
    grain="one query of ours against one list",
    meaning="The log of what was looked up: appended, never changed. A list that changes is searched anew, and counted "
    "once; screening_lists has its versions.",
    key=("screening_check_id",),
    columns=(
        CHECK_ID,
        LIST_NAME,
        QUERY_KIND,
        QUERY_ID,
        WITNESS,
        COUNTRIES,
        Column("checked_on", DAY, "Day (UTC) on which it was first looked up in this list"),
    ),
    rules=(
        not_null("list_name"),
        in_set("query_kind", QUERY_KINDS),
        not_null("query_id"),
        not_null("checked_on"),
    ),
)

SCREENING_HITS = Contract(
    table="screening_hits",
    stage="screening",
    grain="one check and one entry of its list that it meets",
    meaning="Hypotheses for a human to look at, never verdicts: another person may have the name, the number or the "
    "address. The score is the sum of the contributions. Analysts do not see hits of potential victims.",
    key=("screening_hit_id",),
    columns=(
        Column("screening_hit_id", TEXT, "First 24 hex digits of SHA-256 over check and entry"),
        CHECK_ID,
        LIST_NAME,
        QUERY_KIND,
        QUERY_ID,
        Column("entry_item_id", TEXT, "The notice, where the list is of notices"),
        Column("entry_reference", TEXT, "The entry's id in a watch-list file", Sensitivity.name),
        Column("score", REAL, "Sum of the contributions; it orders the reading and is no probability"),
        Column("strength", TEXT, "possible, likely or strong, by the score"),
        Column("contributions", TEXT, "Each contribution with its points, strongest first"),
        Column(
            "explanation", TEXT, "What agrees and what differs, in words and counts, without personal data"
        ),
        WITNESS,
        COUNTRIES,
        Column("first_hit_on", DAY, "Day (UTC) on which it was first found"),
    ),
    rules=(
        not_null("screening_check_id"),
        not_null("list_name"),
        in_set("query_kind", QUERY_KINDS),
        in_set("strength", STRENGTHS),
        between("score", 0, None),
        not_null("contributions"),
        not_null("first_hit_on"),
    ),
)

SCREENING_COUNTS = Contract(
    table="screening_counts",
    stage="screening",
    grain="one list, day, country or none, and kind of query",
    meaning="Checks and hits counted, those that analysts do not see included: the source of own_figures.",
    key=("screening_count_id",),
    columns=(
        Column("screening_count_id", TEXT, "First 24 hex digits of SHA-256 over all that tells it apart"),
        LIST_NAME,
        Column("day", DAY, "Day (UTC) of the first check, or of the first hit"),
        Column("country", TEXT, "ISO 3166 alpha-2; null: wherever. A query may count in several countries"),
        QUERY_KIND,
        Column("checks", WHOLE, "Checks first made on that day"),
        Column("hits", WHOLE, "Pairs of a check and an entry first met on that day"),
    ),
    rules=(
        not_null("list_name"),
        not_null("day"),
        matches("country", "^[A-Z]{2}$"),
        in_set("query_kind", QUERY_KINDS),
        between("checks", 0, None),
        between("hits", 0, None),
    ),
)

CONTRACTS = (SCREENING_LISTS, SCREENING_CHECKS, SCREENING_HITS, SCREENING_COUNTS)
