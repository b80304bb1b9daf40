"""What several accounts share: texts of one template, pictures; and what strangers share, which joins nobody."""

import duckdb

from assets.publishing.rows import Row, rows

SHOWN_TEMPLATES = 8


def damped_identifiers(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Identifiers that count little or nothing in joining actors, by kind and reason, the most widespread first.

    Columns: `kind`, `reason` (in words), `identifiers` (how many), `most_actors` (behind the most widespread one).
    """
    return rows(
        connection,
        """
        SELECT kind, coalesce(explanation, damped_because) AS reason, count(*) AS identifiers,
            max(actor_count) AS most_actors
        FROM super_connectors
        GROUP BY ALL
        ORDER BY most_actors DESC NULLS LAST, identifiers DESC, kind, reason
        """,
    )


def text_templates(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Texts of several accounts that differ in a few words only, and that not all the world writes.

    Columns: `template` (first digits of its id), `item_count`, `holder_count` (accounts), `actor_count`,
    `site_count`, `first_seen`, `last_seen`, `slot_count` (places where the texts differ). Most accounts first.
    """
    return rows(
        connection,
        """
        SELECT left(text_cluster_id, 8) AS template, item_count, holder_count, actor_count, site_count, first_seen,
            last_seen, slot_count
        FROM text_templates WHERE NOT is_shared
        ORDER BY holder_count DESC, item_count DESC, text_cluster_id LIMIT ?
        """,
        [SHOWN_TEMPLATES],
    )


def pictures(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """`what` and `count` of the pictures that were captured, in the order to show them; empty without any."""
    found = rows(
        connection,
        """
        SELECT what, count FROM (
            SELECT 1 AS place, 'pictures captured' AS what, count(*) AS count FROM images
            UNION ALL
            SELECT 2, 'say too little to compare', count(*) FROM image_clusters WHERE damped_because IS NOT NULL
            UNION ALL
            SELECT 3, 'show what another of them shows', count(*) FROM image_clusters WHERE NOT is_representative
        ) AS counted ORDER BY place
        """,
    )
    return found if found[0]["count"] else []
