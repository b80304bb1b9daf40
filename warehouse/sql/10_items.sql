-- Grain: one item of any kind, with the columns all item tables share.
CREATE VIEW items AS
SELECT item_id, 'listings' AS item_table, source, unit_date, capture_id, site, url, content_sha256, first_seen, last_seen FROM listings
UNION ALL BY NAME
SELECT item_id, 'messages' AS item_table, source, unit_date, capture_id, site, url, content_sha256, first_seen, last_seen FROM messages
UNION ALL BY NAME
SELECT item_id, 'documents' AS item_table, source, unit_date, capture_id, site, url, content_sha256, first_seen, last_seen FROM documents
UNION ALL BY NAME
SELECT item_id, 'notices' AS item_table, source, unit_date, capture_id, site, url, content_sha256, first_seen, last_seen FROM notices;

COMMENT ON VIEW items IS 'Every item, whatever its table: what all kinds have in common. Grain: one item.';
