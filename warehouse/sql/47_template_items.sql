-- Grain: one item that shows the text of the cluster asked for.
CREATE MACRO template_items(cluster) AS TABLE
SELECT
    text_clusters.item_id,
    actor_members.actor_id,
    actor_members.site,
    actor_members.account,
    text_clusters.similarity,
    text_clusters.is_representative
FROM text_clusters
LEFT JOIN actor_members
    ON actor_members.member_kind = 'item' AND actor_members.member_id = text_clusters.item_id
WHERE text_clusters.text_cluster_id = cluster
ORDER BY actor_members.actor_id, actor_members.site, text_clusters.item_id;

COMMENT ON MACRO TABLE template_items IS 'Who shows one text or template: FROM template_items(''…text_cluster_id…''). Grain: item.';
