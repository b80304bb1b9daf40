-- Grain: one lead, with what speaks for it in one line.
CREATE VIEW lead_overview AS
WITH reasons AS (
    SELECT
        lead_indicators.lead_id,
        string_agg(
            coalesce(indicators.name, lead_indicators.indicator_id)
            || ' (+' || round(lead_indicators.contribution, 1)::VARCHAR || ')',
            '; '
            ORDER BY lead_indicators.contribution DESC, lead_indicators.indicator_id
        ) AS reasons
    FROM lead_indicators
    LEFT JOIN indicators ON indicators.indicator_id = lead_indicators.indicator_id
    GROUP BY lead_indicators.lead_id
)

SELECT
    leads.lead_id,
    leads.type,
    leads.subject_label,
    leads.score,
    leads.grade,
    leads.state,
    leads.reviewed_at,
    leads.new_evidence_count,
    leads.countries,
    leads.origin_countries,
    leads.transit_countries,
    leads.exploitation_countries,
    leads.first_seen,
    leads.last_seen,
    leads.evidence_count,
    reasons.reasons,
    leads.tlp,
    leads.expires_on,
    leads.operation
FROM leads
LEFT JOIN reasons ON reasons.lead_id = leads.lead_id
ORDER BY leads.score DESC, leads.lead_id;

COMMENT ON VIEW lead_overview IS 'Leads, the highest score first, with their indicators and contributions in words. Grain: lead.';

-- Grain: one indicator of the lead asked for, with its citation.
CREATE MACRO lead_explained(lead) AS TABLE
SELECT
    indicators.name,
    indicators.code,
    lead_indicators.contribution,
    lead_indicators.occurrences,
    lead_indicators.explanation,
    indicators.citation,
    indicators.note
FROM lead_indicators
LEFT JOIN indicators ON indicators.indicator_id = lead_indicators.indicator_id
WHERE lead_indicators.lead_id = lead
ORDER BY lead_indicators.contribution DESC, lead_indicators.indicator_id;

COMMENT ON MACRO TABLE lead_explained IS 'Why a lead is one: FROM lead_explained(''…lead_id…''). The contributions add up to its score.';

-- Grain: one decision on the lead asked for, the first one first.
CREATE MACRO lead_reviewed(lead) AS TABLE
SELECT
    lead_reviews.reviewed_at,
    lead_reviews.decision,
    lead_reviews.reviewed_by,
    lead_reviews.score,
    lead_reviews.evidence_count
FROM lead_reviews
WHERE lead_reviews.lead_id = lead
ORDER BY lead_reviews.reviewed_at, lead_reviews.lead_review_id;

COMMENT ON MACRO TABLE lead_reviewed IS 'What people decided on a lead: FROM lead_reviewed(''…lead_id…'').';
