-- Grain: one reason on a shortest chain of reasons that leads from one item to the other.
CREATE MACRO together(one_item, other_item) AS TABLE
WITH RECURSIVE ways AS (
    SELECT left_item_id AS here, right_item_id AS there, actor_edge_id
    FROM actor_edges
    WHERE actor_id IN (SELECT actor_id FROM actor_members WHERE member_kind = 'item' AND member_id = one_item)
    UNION ALL
    SELECT right_item_id AS here, left_item_id AS there, actor_edge_id
    FROM actor_edges
    WHERE actor_id IN (SELECT actor_id FROM actor_members WHERE member_kind = 'item' AND member_id = one_item)
),

-- Each item once, with the edge that reached it first.
reached (item_id, came_from, actor_edge_id, steps) USING KEY (item_id) AS (
    SELECT one_item, NULL::VARCHAR, NULL::VARCHAR, 0
    UNION
    SELECT ways.there, min(ways.here), arg_min(ways.actor_edge_id, ways.here || ways.actor_edge_id), min(reached.steps) + 1
    FROM reached
    INNER JOIN ways ON ways.here = reached.item_id
    WHERE ways.there NOT IN (SELECT known.item_id FROM recurring.reached AS known)
    GROUP BY ways.there
),

chain (item_id, came_from, actor_edge_id, steps) AS (
    SELECT item_id, came_from, actor_edge_id, steps FROM reached WHERE item_id = other_item
    UNION ALL
    SELECT reached.item_id, reached.came_from, reached.actor_edge_id, reached.steps
    FROM chain
    INNER JOIN reached ON reached.item_id = chain.came_from
)

SELECT chain.steps AS step, actor_explanation.reason, actor_explanation.explanation, actor_explanation.actor_edge_id
FROM chain
INNER JOIN actor_explanation ON actor_explanation.actor_edge_id = chain.actor_edge_id
ORDER BY chain.steps;

COMMENT ON MACRO TABLE together IS 'Why two items are one actor''s, reason by reason: FROM together(''…item_id…'', ''…item_id…''). Empty: they are not.';
