"""The leads with the highest scores of each type, each with its signs, its strongest reason and its bytes.

Four queries for all of them together, so that more cards cost no more queries.
"""

from collections import defaultdict

import duckdb

from assets.publishing.rows import Row, rows
from quality.contracts.detection import LEAD_TYPES

# Leads on persons fill the report; of handles and sites the strongest stands for its kind.
TOP_OF_PERSONS = 3
SHOWN_DIGESTS = 3


def top_leads(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The highest scores of each type, with `indicators` (name, contribution …) and `digests` of the bytes.

    Of a lead on an actor `together` is the strongest reason that joins its accounts, in words, and `reasons` the number
    of all of them; None and 0 where one item or one account is all there is.
    """
    leads = rows(connection, _LEADS, [TOP_OF_PERSONS, list(LEAD_TYPES)])
    ids = [lead["lead_id"] for lead in leads]
    indicators: dict[str, list[Row]] = defaultdict(list)
    for row in rows(connection, _INDICATORS, [ids]):
        indicators[row.pop("lead_id")].append(row)
    digests = {row["lead_id"]: row["digests"] for row in rows(connection, _DIGESTS, [ids])}
    actors = [lead["subject_id"] for lead in leads if lead["subject_kind"] == "actor"]
    reasons = {row["actor_id"]: row for row in rows(connection, _REASONS, [actors])}
    for lead in leads:
        reason = reasons.get(lead["subject_id"], {}) if lead["subject_kind"] == "actor" else {}
        lead["indicators"] = indicators[lead["lead_id"]]
        lead["digests"] = digests.get(lead["lead_id"], [])
        lead["together"], lead["reasons"] = reason.get("explanation"), reason.get("reasons", 0)
    return leads


_LEADS = """
SELECT lead_id, left(lead_id, 8) AS short_id, type, subject_label, score, grade, countries, first_seen,
    last_seen, evidence_count, state, expires_on, subject_kind, subject_id
FROM leads
QUALIFY row_number() OVER (PARTITION BY type ORDER BY score DESC, evidence_count DESC, lead_id)
    <= CASE WHEN starts_with(type, 'potential_') THEN ? ELSE 1 END
ORDER BY list_position(?::VARCHAR[], type), score DESC, evidence_count DESC, lead_id
"""

# As the macro lead_explained, which is for one lead.
_INDICATORS = """
SELECT lead_indicators.lead_id, indicators.name, indicators.code, lead_indicators.contribution,
    lead_indicators.occurrences, lead_indicators.explanation, indicators.citation, indicators.note
FROM lead_indicators LEFT JOIN indicators ON indicators.indicator_id = lead_indicators.indicator_id
WHERE list_contains(?, lead_indicators.lead_id)
ORDER BY lead_indicators.contribution DESC, lead_indicators.indicator_id
"""

_DIGESTS = f"""
SELECT lead_id, list_sort(list(DISTINCT wire_sha256))[:{SHOWN_DIGESTS}] AS digests
FROM lead_chain WHERE list_contains(?, lead_id) AND wire_sha256 IS NOT NULL
GROUP BY lead_id
"""

_REASONS = """
SELECT actor_id, explanation, count(*) OVER (PARTITION BY actor_id) AS reasons
FROM actor_explanation
WHERE list_contains(?, actor_id) AND reason <> 'same_account'
QUALIFY row_number() OVER (
    PARTITION BY actor_id ORDER BY support DESC NULLS LAST, share DESC NULLS LAST, actor_edge_id
) = 1
"""
