"""Jobs: which assets run together. Not when (schedules, sensors) and not how (assets)."""

from collections.abc import Collection

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from assets.capture.assets import source_key
from assets.parsing.assets import VOLUME_CHECK

DAILY = "daily"
INBOX = "inbox"
REBUILD = "rebuild"


def tables() -> dg.AssetSelection:
    """Everything downstream of the captures, and the captures themselves."""
    return dg.AssetSelection.assets("captures").downstream()


def capture_job(name: str, sources: Collection[str], description: str) -> UnresolvedAssetJobDefinition:
    """A job that captures these sources for a day and carries what they bring to a published snapshot."""
    selection = dg.AssetSelection.assets(*(source_key(source) for source in sorted(sources))) | tables()
    return dg.define_asset_job(
        name,
        selection=selection - _volume_checks(sources),
        description=description,
    )


def _volume_checks(sources: Collection[str]) -> dg.AssetSelection:
    # The parsing step reports this check itself; as a step of its own it would be skipped with its source.
    keys = [dg.AssetCheckKey(source_key(source), VOLUME_CHECK) for source in sources]
    return dg.AssetSelection.checks(*keys)


def rebuild_job() -> UnresolvedAssetJobDefinition:
    """A job that parses, links, detects and publishes again what has been captured, and captures nothing."""
    return dg.define_asset_job(
        REBUILD,
        selection=tables() - dg.AssetSelection.assets("captures"),
        description="Everything after the captures again; only what changed is made anew",
    )
