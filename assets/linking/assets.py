"""Dagster assets of the linking stage: identifiers, actors, their members and edges, tied sites, and equal pictures."""

from collections.abc import Iterator

import dagster as dg

from assets.house import House
from assets.linking.image_stage import TABLE as IMAGE_CLUSTERS
from assets.linking.image_stage import cluster_changed
from assets.linking.stage import TABLES, link_all
from assets.tables import RETRIES, check_specs, materialized, retrying_only_what_may_pass, table_spec


@dg.multi_asset(
    name="link",
    specs=[
        *(table_spec(table, ["mentions", "listings", "messages", "images"]) for table in TABLES),
        table_spec(IMAGE_CLUSTERS, ["images"]),
    ],
    check_specs=[check for table in (*TABLES, IMAGE_CLUSTERS) for check in check_specs(table)],
    can_subset=True,
    retry_policy=RETRIES,
)
def link(context: dg.AssetExecutionContext, house: dg.ResourceParam[House]) -> Iterator[dg.MaterializeResult]:
    """Join accounts and items that one person or group most likely controls; find tied sites."""
    with retrying_only_what_may_pass():
        clustered = cluster_changed(house)
        admission = link_all(house)
    yield from materialized(context, house, (IMAGE_CLUSTERS,), clustered)
    yield from materialized(context, house, TABLES, admission)
