"""Leads of tables of items, linked as the stages link them."""

from collections.abc import Mapping

import polars as pl

from assets.detection.leads import LeadTables, OperationScope, assess_leads
from assets.detection.surges import detect_surges
from assets.linking.actors import link_actors
from assets.linking.identifiers import build_identifiers
from assets.linking.site_ties import tie_sites


def linked_leads(
    items: pl.DataFrame,
    mentions: pl.DataFrame,
    facts: pl.DataFrame,
    reliability: Mapping[str, str],
    scope: OperationScope,
) -> LeadTables:
    """The leads of what actors, ties and surges are found; arguments as of `assess_leads`."""
    linked = link_actors(items, mentions)
    return assess_leads(
        items,
        mentions,
        facts,
        linked.actors,
        linked.actor_members,
        tie_sites(items, mentions, linked.actor_members),
        detect_surges(items, facts, linked.actor_members, mentions=mentions),
        build_identifiers(mentions, items, linked.held, linked.lines),
        reliability,
        scope,
    )
