-- Grain: one reason that joins two items of one actor, in words.
CREATE VIEW actor_explanation AS
WITH item_places AS (
    SELECT
        actor_members.member_id AS item_id,
        actor_members.actor_id,
        coalesce(actor_members.account, 'no account') || ' on ' || coalesce(actor_members.site, 'unknown site') AS place
    FROM actor_members
    WHERE actor_members.member_kind = 'item'
)

SELECT
    actor_edges.actor_id,
    actor_edges.round,
    actor_edges.reason,
    identifiers.kind AS identifier_kind,
    identifiers.value AS identifier_value,
    left_place.place AS left_side,
    right_place.place AS right_side,
    actor_edges.support,
    actor_edges.share,
    actor_edges.weight,
    actor_edges.strength,
    actor_edges.is_bridge,
    coalesce(left_place.place, 'an item') || ' and ' || coalesce(right_place.place, 'an item')
    || CASE
        WHEN actor_edges.reason = 'same_account' THEN ' are one account'
        ELSE ': ' || CASE
                WHEN actor_edges.reason = 'shared_text' THEN 'near-duplicate text'
                WHEN actor_edges.reason = 'shared_terms' THEN 'same place and price'
                ELSE replace(actor_edges.reason, '_', ' ')
            END || coalesce(' ' || identifiers.value, '')
            || coalesce(', on ' || actor_edges.support::VARCHAR || ' items of the smaller side', '')
            || coalesce(' (' || round(100 * actor_edges.share)::INTEGER::VARCHAR || ' % of it)', '')
            || CASE
                WHEN actor_edges.is_bridge AND actor_edges.strength < 1 THEN '; both sides hang together by weak signs alone'
                WHEN actor_edges.is_bridge AND actor_edges.strength > 1 THEN '; both sides hang together by this, not by what else they share'
                WHEN actor_edges.is_bridge THEN '; both sides hang together by this alone'
                ELSE ''
            END
    END AS explanation,
    actor_edges.left_item_id,
    actor_edges.right_item_id,
    actor_edges.actor_edge_id
FROM actor_edges
LEFT JOIN identifiers ON identifiers.identifier_id = actor_edges.identifier_id
LEFT JOIN item_places AS left_place
    ON left_place.item_id = actor_edges.left_item_id AND left_place.actor_id = actor_edges.actor_id
LEFT JOIN item_places AS right_place
    ON right_place.item_id = actor_edges.right_item_id AND right_place.actor_id = actor_edges.actor_id;

COMMENT ON VIEW actor_explanation IS 'Why an actor is held together, edge by edge, in words. Grain: edge.';

-- Grain: one edge of the actor asked for.
CREATE MACRO actor_explained(actor) AS TABLE
SELECT actor_explanation.round, actor_explanation.reason, actor_explanation.explanation
FROM actor_explanation
WHERE actor_explanation.actor_id = actor
ORDER BY actor_explanation.round, actor_explanation.support DESC, actor_explanation.actor_edge_id;

COMMENT ON MACRO TABLE actor_explained IS 'The chain of evidence behind an actor: FROM actor_explained(''…actor_id…'').';

-- Grain: one change of the actor asked for, or of one that it came from or went into, the first one first.
CREATE MACRO actor_history(actor) AS TABLE
SELECT
    actor_changes.changed_on,
    actor_changes.actor_id,
    actor_changes.kind,
    actor_changes.other_actor_id,
    actor_changes.items_moved,
    actor_changes.kind || ': ' || actor_changes.items_moved::VARCHAR
    || CASE WHEN actor_changes.items_moved = 1 THEN ' item' ELSE ' items' END
    || coalesce(' came from actor ' || left(actor_changes.other_actor_id, 8), '')
    || coalesce(', by ' || replace(actor_changes.reason, '_', ' '), '')
    || coalesce(' ' || identifiers.value, '') AS explanation
FROM actor_changes
LEFT JOIN identifiers ON identifiers.identifier_id = actor_changes.identifier_id
WHERE actor_changes.actor_id = actor OR actor_changes.other_actor_id = actor
ORDER BY actor_changes.changed_on, actor_changes.run_id, actor_changes.actor_change_id;

COMMENT ON MACRO TABLE actor_history IS 'How an actor came about, with mergers and splits: FROM actor_history(''…actor_id…'').';
