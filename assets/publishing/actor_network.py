"""The network of the strongest actors: which accounts, on which sites, share which identifiers.

Few enough nodes to be read: the actors of the highest leads, of each the accounts and identifiers that hold most of
it together. What is left out is counted.
"""

from dataclasses import dataclass

import duckdb

from assets.publishing.rows import Row, rows

TOP_ACTORS = 4
ACCOUNTS_PER_ACTOR = 7
IDENTIFIERS_PER_ACTOR = 6


@dataclass(frozen=True)
class Network:
    """`actors`: `actor_id`, `short_id`, `type`, `score`, `account_count`, `identifier_count` in order of score.

    `links`: `actor_id`, `site`, `account`, `identifier_id`, `kind`, `value`, `items` (items of the account that
    show the identifier).
    """

    actors: list[Row]
    links: list[Row]


def read_network(connection: duckdb.DuckDBPyConnection) -> Network:
    """The network of the `TOP_ACTORS` actors with the highest leads; empty without such leads."""
    actors = rows(
        connection,
        """
        SELECT actors.actor_id, left(actors.actor_id, 8) AS short_id, arg_max(leads.type, leads.score) AS type,
            max(leads.score) AS score, actors.account_count, actors.identifier_count
        FROM leads INNER JOIN actors ON actors.actor_id = leads.subject_id
        WHERE leads.subject_kind = 'actor'
        GROUP BY actors.actor_id, actors.account_count, actors.identifier_count
        ORDER BY score DESC, actors.account_count DESC, actors.actor_id
        LIMIT ?
        """,
        [TOP_ACTORS],
    )
    links = rows(connection, _LINKS, [[actor["actor_id"] for actor in actors]]) if actors else []
    return Network(actors, links)


# Identifiers first, those that join most accounts; then the accounts that most of these join.
_LINKS = f"""
WITH shown AS (
    SELECT
        items.actor_id,
        items.site,
        coalesce(items.account, 'no account') AS account,
        mentions.identifier_id,
        count(DISTINCT mentions.item_id) AS items
    FROM actor_members AS items
    INNER JOIN mentions ON mentions.item_id = items.member_id
    SEMI JOIN actor_members AS held
        ON held.actor_id = items.actor_id AND held.member_kind = 'identifier'
        AND held.member_id = mentions.identifier_id
    WHERE items.member_kind = 'item' AND list_contains(?, items.actor_id)
    GROUP BY ALL
),

identifiers_chosen AS (
    SELECT actor_id, identifier_id FROM shown
    GROUP BY actor_id, identifier_id
    QUALIFY row_number() OVER (
        PARTITION BY actor_id ORDER BY count(*) DESC, sum(items) DESC, identifier_id
    ) <= {IDENTIFIERS_PER_ACTOR}
),

accounts_chosen AS (
    SELECT actor_id, site, account FROM shown SEMI JOIN identifiers_chosen USING (actor_id, identifier_id)
    GROUP BY actor_id, site, account
    QUALIFY row_number() OVER (
        PARTITION BY actor_id ORDER BY count(*) DESC, sum(items) DESC, site, account
    ) <= {ACCOUNTS_PER_ACTOR}
)

SELECT shown.actor_id, shown.site, shown.account, shown.identifier_id, identifiers.kind, identifiers.value, shown.items
FROM shown
SEMI JOIN identifiers_chosen USING (actor_id, identifier_id)
SEMI JOIN accounts_chosen USING (actor_id, site, account)
INNER JOIN identifiers ON identifiers.identifier_id = shown.identifier_id
ORDER BY shown.actor_id, shown.site, shown.account, identifiers.kind, shown.identifier_id
"""
