"""Partitions: days (UTC). A source on a day is a unit. Nothing else is partitioned here."""

import dagster as dg

# Days before this one can be imported as documents and exports, which carry their own dates.
DAYS = dg.DailyPartitionsDefinition(start_date="2026-01-01", timezone="UTC", end_offset=1)
