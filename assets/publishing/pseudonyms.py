"""What analysts see instead of personal data: keyed pseudonyms, derived from each column's sensitivity.

A pseudonym is HMAC-SHA256 under the home's key, cut to 64 bits (96 for ids). Plain digests would not do: the ids
of the house are digests of the very values to be protected, and every phone number of a country can be hashed in
minutes. So every id that a handle, a name or an address could be guessed from is keyed as well; joins inside the
file hold, because equal ids stay equal. The restricted snapshot has the table `pseudonyms`, which leads back.

All of it is set-wise SQL on temporary tables of the publishing connection; the key never enters a statement.
"""

import hashlib
import hmac

import duckdb
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from assets.publishing.clear_tables import CLEAR
from quality.contract import Column, Contract, Sensitivity
from quality.contracts.columns import ITEM_TABLES, TEXT

# Ids that are digests of something personal: keyed in the analysts' snapshot.
KEYED_IDS = frozenset(
    {
        *("capture_id", "same_as_capture_id", "item_id", "left_item_id", "right_item_id", "evidence_item_id"),
        *("document_item_id", "identifier_id", "mention_id", "fact_id", "actor_id", "largest_actor_id"),
        *("actor_edge_id", "member_id", "lead_id", "subject_id"),
        *(
            "actor_change_id",
            "other_actor_id",
            "lead_review_id",
            "text_cluster_id",
            "image_id",
            "image_cluster_id",
            "screening_check_id",
            "screening_hit_id",
            "query_id",
            "entry_item_id",
        ),
    }
)
# What a site calls an item leads to its page: absent where the item shows a potential victim.
LOCATORS = frozenset({"external_id", "message_id", "reply_to", "notice_id"})
# Short fields copied from pages: open, but a poster may write a phone number into any of them.
PAGE_WORDS = frozenset({"place_text", "nationality_text", "age_text", "price_text"})
WITHHELD = "[withheld]"

ACTING_LEADS = ("potential_exploiter", "potential_recruiter", "potential_facilitator")

_BLOCK_BYTES = 64  # SHA-256 block, RFC 2104
_SHORTEST_NATIONAL = 8  # digits; shorter national numbers collide with prices and ids

PSEUDONYMS = Contract(
    table="pseudonyms",
    stage="publishing",
    grain="one value or id that the analysts' snapshot shows under a pseudonym",
    meaning="From what analysts see back to what it stands for; in the restricted snapshot only.",
    key=("kind", "shown"),
    columns=(
        Column("kind", TEXT, "Column of an id, kind of an identifier, or name of a column"),
        Column("shown", TEXT, "What the analysts' snapshot shows"),
        Column("clear", TEXT, "What it stands for", Sensitivity.handle),
    ),
)


def set_key(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Define the macros `keyed(kind, value)` (16 hex digits) and `keyed_id(id)` (24) under this key.

    HMAC as in RFC 2104 over the UTF-8 text `kind|value`. Raises `ValueError` for a key under 16 bytes.
    """
    if len(key) < 16:
        raise ValueError("the pseudonym key must have at least 16 bytes")
    block = (key if len(key) <= _BLOCK_BYTES else hashlib.sha256(key).digest()).ljust(_BLOCK_BYTES, b"\0")
    connection.execute("SET VARIABLE inner_pad = ?::BLOB", [bytes(byte ^ 0x36 for byte in block)])
    connection.execute("SET VARIABLE outer_pad = ?::BLOB", [bytes(byte ^ 0x5C for byte in block)])
    connection.execute(
        "CREATE TEMP MACRO hmac_sha256(message) AS "
        "sha256(getvariable('outer_pad') || unhex(sha256(getvariable('inner_pad') || encode(message))))"
    )
    connection.execute("CREATE TEMP MACRO keyed(kind, value) AS left(hmac_sha256(kind || '|' || value), 16)")
    connection.execute("CREATE TEMP MACRO keyed_id(id) AS left(hmac_sha256('id|' || id), 24)")


def keyed_id(key: bytes, clear_id: str) -> str:
    """What the macro `keyed_id` of `set_key` makes of one id, without a database."""
    return hmac.new(key, f"id|{clear_id}".encode(), hashlib.sha256).hexdigest()[:24]


def derive_pseudonyms(connection: duckdb.DuckDBPyConnection, all_mentions: str | None) -> None:
    """Decide what is protected and what it is shown as, from the clear tables.

    `all_mentions` is a SELECT of `item_id`, `identifier_id` over every version of every item (an item that once
    showed a number protects it still); without it the latest mentions are used. Leaves temporary tables:
    `protected_items` (item_id), `protected_identifiers` (identifier_id), `protected_tokens` (token),
    `shown_identifiers` (identifier_id, kind, value, is_cleared, shown), `protected_addresses` (url), and the
    macro table `values_with_tokens`.
    """
    _protect(connection, all_mentions or f"SELECT item_id, identifier_id FROM {CLEAR}.main.mentions")
    _clear_suspects(connection)
    define_token_search(connection)
    _collect_tokens(connection)
    # A cleared link may spell out a protected number: such an identifier is not cleared after all.
    connection.execute(
        """
        UPDATE shown_identifiers SET is_cleared = false
        WHERE is_cleared AND value IN (
            SELECT found.value FROM values_with_tokens(
                (SELECT list(DISTINCT value) FROM shown_identifiers WHERE is_cleared)
            ) AS found
        )
        """
    )
    _collect_tokens(connection)
    connection.execute(
        "UPDATE shown_identifiers "
        "SET shown = CASE WHEN is_cleared THEN value ELSE kind || ':p_' || keyed(kind, value) END"
    )
    _protect_addresses(connection)


def _protect(connection: duckdb.DuckDBPyConnection, all_mentions: str) -> None:
    """Items and identifiers of potential victims: evidence of their leads, and the subjects themselves."""
    connection.execute(
        f"""
        CREATE TEMP TABLE victim_leads AS
        SELECT lead_id, subject_kind, subject_id FROM {CLEAR}.main.leads WHERE type = 'potential_victim';

        CREATE TEMP TABLE victim_members AS
        SELECT member_kind, member_id FROM {CLEAR}.main.actor_members
        WHERE actor_id IN (SELECT subject_id FROM victim_leads WHERE subject_kind = 'actor')
        UNION
        SELECT subject_kind, subject_id FROM victim_leads WHERE subject_kind IN ('item', 'identifier');

        CREATE TEMP TABLE protected_items AS
        SELECT item_id FROM {CLEAR}.main.lead_evidence WHERE lead_id IN (SELECT lead_id FROM victim_leads)
        UNION
        SELECT member_id FROM victim_members WHERE member_kind = 'item';

        CREATE TEMP TABLE protected_identifiers AS
        SELECT identifier_id FROM ({all_mentions}) AS mention
        WHERE item_id IN (SELECT item_id FROM protected_items)
        UNION
        SELECT member_id FROM victim_members WHERE member_kind = 'identifier';
        """
    )


def _clear_suspects(connection: duckdb.DuckDBPyConnection) -> None:
    """Identifiers in the evidence of suspects' leads, and in no potential victim's, are shown as they are.

    The evidence of a lead on a site or an address is other people's pages: there only addresses are cleared. Images
    never are: whoever posted one, it shows somebody else.
    """
    acting = ", ".join(f"'{kind}'" for kind in ACTING_LEADS)
    connection.execute(
        f"""
        CREATE TEMP TABLE shown_identifiers AS
        WITH evidence AS (
            SELECT DISTINCT lead_evidence.item_id, leads.type IN ({acting}) AS is_acting
            FROM {CLEAR}.main.lead_evidence
            INNER JOIN {CLEAR}.main.leads ON leads.lead_id = lead_evidence.lead_id
            WHERE leads.type IN ({acting}, 'url', 'site')
        ),

        cleared AS (
            SELECT mentions.identifier_id
            FROM {CLEAR}.main.mentions
            INNER JOIN evidence ON evidence.item_id = mentions.item_id
            WHERE evidence.is_acting OR mentions.kind = 'url'
            UNION
            SELECT subject_id FROM {CLEAR}.main.leads
            WHERE subject_kind = 'identifier' AND type IN ({acting}, 'url')
        ),

        known AS (
            SELECT identifier_id, kind, value FROM {CLEAR}.main.identifiers
            UNION
            SELECT identifier_id, kind, value FROM {CLEAR}.main.mentions
        )

        SELECT
            known.identifier_id,
            known.kind,
            known.value,
            known.kind <> 'image'
            AND known.identifier_id IN (SELECT identifier_id FROM cleared)
            AND known.identifier_id NOT IN (SELECT identifier_id FROM protected_identifiers) AS is_cleared,
            CAST(NULL AS VARCHAR) AS shown
        FROM known
        """
    )


def define_token_search(connection: duckdb.DuckDBPyConnection) -> None:
    """The table macro `values_with_tokens(list of texts)`: those that hold a protected number, address or name.

    Needs the table `protected_tokens` (family, token); made here when it is absent. Digests, pseudonyms and ISO
    dates are taken out first: their digits are nobody's number.
    """
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS protected_tokens (family VARCHAR, token VARCHAR)")
    noise = r"\b(p_[0-9a-f]{16}|[0-9a-f]{24}|[0-9a-f]{64}|(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9])\b"
    connection.execute(
        f"""
        CREATE TEMP MACRO values_with_tokens(texts) AS TABLE
        WITH given AS (
            SELECT value, regexp_replace(lower(value), '{noise}', ' ', 'g') AS plain
            FROM (SELECT DISTINCT unnest(texts) AS value) AS texts
        ),

        candidates AS (
            SELECT value, 'digits' AS family, ltrim(unnest(regexp_extract_all(plain, '[0-9]{{7,}}')), '0') AS token
            FROM given WHERE regexp_matches(plain, '[0-9]{{7}}')
            UNION
            SELECT
                value,
                'digits',
                ltrim(regexp_replace(
                    unnest(regexp_extract_all(plain, '[0-9](?:[ ().\\-/]{{0,3}}[0-9]){{6,17}}')), '[^0-9]', '', 'g'
                ), '0')
            FROM given WHERE regexp_matches(plain, '[0-9][ ().\\-/]{{1,3}}[0-9]')
            UNION
            SELECT value, 'email', unnest(regexp_extract_all(plain, '[\\w.+%\\-]+@[\\w\\-]+(?:\\.[\\w\\-]+)+'))
            FROM given WHERE contains(plain, '@')
            UNION
            SELECT value, 'username', unnest(regexp_extract_all(plain, '[\\w.\\-]*[\\w\\-]'))
            FROM given
        )

        SELECT DISTINCT candidates.value, candidates.family
        FROM candidates
        INNER JOIN protected_tokens USING (family, token)
        """
    )


def _collect_tokens(connection: duckdb.DuckDBPyConnection) -> None:
    """Tokens that must not be seen: numbers and e-mails of everyone not cleared, usernames of potential victims.

    Identifiers found only in published documents are no secret unless a potential victim's evidence has them.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE calling_codes AS SELECT unnest(?::VARCHAR[]) AS code",
        [[str(code) for code in COUNTRY_CODE_TO_REGION_CODE]],
    )
    connection.execute(
        f"""
        DELETE FROM protected_tokens;
        INSERT INTO protected_tokens
        WITH published AS (
            SELECT identifier_id FROM {CLEAR}.main.mentions
            GROUP BY identifier_id HAVING bool_and(item_table = 'documents')
        ),

        hidden AS (
            SELECT
                kind,
                lower(value) AS value,
                regexp_extract(lower(value), '([^:/@?=]+)/?$', 1) AS last_segment,
                identifier_id IN (SELECT identifier_id FROM protected_identifiers) AS is_victim
            FROM shown_identifiers
            WHERE NOT is_cleared AND (
                identifier_id NOT IN (SELECT identifier_id FROM published)
                OR identifier_id IN (SELECT identifier_id FROM protected_identifiers)
            )
        ),

        numbers AS (
            SELECT regexp_replace(CASE kind WHEN 'phone' THEN value ELSE last_segment END, '[^0-9]', '', 'g') AS digits
            FROM hidden
            WHERE kind = 'phone' OR (kind = 'messenger' AND regexp_full_match(last_segment, '[+]?[0-9]{{7,15}}'))
        )

        SELECT 'digits' AS family, digits AS token FROM numbers WHERE length(digits) >= 7
        UNION
        SELECT 'digits', substr(prefixes.digits, length(prefixes.code) + 1)
        FROM (SELECT digits, left(digits, unnest([1, 2, 3])) AS code FROM numbers) AS prefixes
        INNER JOIN calling_codes ON calling_codes.code = prefixes.code
        WHERE length(prefixes.digits) - length(prefixes.code) >= {_SHORTEST_NATIONAL}
        UNION
        SELECT 'email', value FROM hidden WHERE kind = 'email'
        UNION
        SELECT 'username', last_segment
        FROM hidden
        WHERE
            is_victim AND kind IN ('username', 'messenger')
            AND length(last_segment) >= 5
            AND regexp_full_match(last_segment, '[\\w.\\-]*[\\w\\-]')
        """
    )


def _protect_addresses(connection: duckdb.DuckDBPyConnection) -> None:
    """Addresses of pages that show a potential victim, in any capture of theirs, and such as spell a handle.

    Those of captured pictures always: a picture shows somebody.
    """
    items = " UNION ALL ".join(
        f"SELECT item_id, capture_id, url FROM {CLEAR}.main.{table}" for table in ITEM_TABLES
    )
    connection.execute(
        f"""
        CREATE TEMP TABLE protected_addresses AS
        WITH shown AS (
            SELECT capture_id, url FROM ({items}) AS item WHERE item_id IN (SELECT item_id FROM protected_items)
            UNION
            SELECT capture_id, NULL FROM {CLEAR}.main.lead_evidence
            WHERE lead_id IN (SELECT lead_id FROM victim_leads)
        ),

        pages AS (
            SELECT captures.request_url, captures.url
            FROM {CLEAR}.main.captures
            WHERE
                captures.capture_id IN (SELECT capture_id FROM shown)
                OR captures.same_as_capture_id IN (SELECT capture_id FROM shown)
        ),

        addresses AS (
            SELECT url FROM ({items}) AS item
            UNION SELECT url FROM {CLEAR}.main.captures
            UNION SELECT request_url FROM {CLEAR}.main.captures
        )

        SELECT url FROM shown WHERE url IS NOT NULL
        UNION
        SELECT unnest([url, request_url]) FROM {CLEAR}.main.captures WHERE role = 'image'
        UNION
        SELECT url FROM pages
        UNION
        SELECT request_url FROM pages
        UNION
        SELECT found.value FROM values_with_tokens((SELECT list(url) FROM addresses WHERE url IS NOT NULL)) AS found
        """
    )
