"""Assembly: settings and sources in, Dagster definitions out. Nothing is decided here."""

import dagster as dg

from assets.capture.assets import capture_assets
from assets.capture.source import Source
from assets.detection.assets import detect, lead_reviews
from assets.extraction.assets import extract
from assets.house import Speaker
from assets.linking.assets import link
from assets.operation import Operation
from assets.parsing.assets import parse, volume_checks
from assets.publishing.assets import publish
from assets.screening.assets import screen
from assets.statistics.assets import statistics
from pipelines.jobs import DAILY, INBOX, capture_job, rebuild_job
from pipelines.partitions import DAYS
from pipelines.resources import house_resource
from pipelines.schedules import daily_schedule
from pipelines.sensors import failure_sensor, inbox_sensor
from pipelines.settings import Settings


def build_definitions(
    settings: Settings, operation: Operation, sources: dict[str, Source], *listeners: Speaker
) -> dg.Definitions:
    """Definitions whose daily job captures `sources` for `operation`."""
    known = settings.all_sources
    return dg.Definitions(
        assets=[
            capture_assets(known, DAYS),
            *(parse, extract, link, lead_reviews, detect, screen, statistics, publish),
        ],
        asset_checks=[volume_checks(known)],
        jobs=[
            capture_job(
                DAILY, sources, f"Captures the sources of '{operation.name}' and publishes a snapshot"
            ),
            capture_job(INBOX, ["inbox"], "Imports what was dropped into the inbox and publishes a snapshot"),
            rebuild_job(),
        ],
        schedules=[daily_schedule(settings.schedule_cron)],
        sensors=[inbox_sensor(settings.home / "inbox"), failure_sensor(settings.home / "logs")],
        resources={"house": house_resource(settings, operation, known, *listeners)},
        executor=dg.in_process_executor,
    )
