-- Grain: one item that one lead rests on.
-- The one join path from a lead to the digest of the bytes: lead → evidence → capture → the capture that holds
-- the body (a page that had not changed names the earlier capture with the same bytes).
CREATE VIEW lead_chain AS
WITH held AS (
    SELECT
        seen.capture_id,
        holder.capture_id AS body_capture_id,
        seen.source,
        seen.site,
        seen.url,
        seen.fetched_at,
        seen.robots_verdict,
        holder.wire_sha256,
        holder.body_sha256,
        holder.part_path,
        holder.part_row
    FROM captures AS seen
    INNER JOIN captures AS holder ON holder.capture_id = coalesce(seen.same_as_capture_id, seen.capture_id)
)

SELECT
    leads.lead_id,
    leads.operation,
    leads.type,
    leads.score,
    lead_evidence.item_id,
    lead_evidence.item_table,
    lead_evidence.capture_id,
    held.body_capture_id,
    held.source,
    held.site,
    held.url,
    held.fetched_at,
    held.robots_verdict,
    held.wire_sha256,
    held.body_sha256,
    held.part_path,
    held.part_row
FROM leads
INNER JOIN lead_evidence ON lead_evidence.lead_id = leads.lead_id
LEFT JOIN held ON held.capture_id = lead_evidence.capture_id;

COMMENT ON VIEW lead_chain IS 'From each lead to the bytes it rests on: items, captures, wire_sha256, part file and row. Grain: lead and item of evidence.';
