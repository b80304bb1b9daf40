"""Schedules: when jobs run by the clock."""

import dagster as dg

from pipelines.jobs import DAILY


def daily_schedule(cron: str) -> dg.ScheduleDefinition:
    """Run the daily job for the current day (UTC): a crawl can only see today."""

    @dg.schedule(
        name="every_day",
        job_name=DAILY,
        cron_schedule=cron,
        execution_timezone="UTC",
        description="Captures all sources of the operation for the current day and publishes",
    )
    def every_day(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        moment = context.scheduled_execution_time
        return dg.RunRequest(run_key=moment.isoformat(), partition_key=moment.date().isoformat())

    return every_day
