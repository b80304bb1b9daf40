-- Grain: one identifier that would glue strangers and was damped in joining actors.
CREATE VIEW super_connectors AS
SELECT
    identifiers.identifier_id,
    identifiers.kind,
    identifiers.value,
    identifiers.actor_count,
    identifiers.item_count,
    identifiers.site_count,
    identifiers.weight,
    identifiers.damped_because,
    CASE identifiers.damped_because
        WHEN 'support_line' THEN 'stands beside other people''s own contacts: a platform''s or an agency''s line'
        WHEN 'everybody' THEN 'too many actors show it to say anything about two of them'
        WHEN 'several_holders' THEN 'actors with other contacts of their own show it: recycled, lent or an agency''s'
        WHEN 'copied_image' THEN 'strangers show the same image: copied or stock'
        WHEN 'quoted_address' THEN 'strangers link to it'
        WHEN 'platform_id' THEN 'a measuring service''s id of the platform, not of those who post there'
    END AS explanation
FROM identifiers
WHERE identifiers.is_super_connector;

COMMENT ON VIEW super_connectors IS 'Identifiers that would glue strangers, and why they count little or nothing: ORDER BY actor_count DESC. Grain: identifier.';
