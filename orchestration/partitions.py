"""Partitions: the calendar year a figure is about, or the year of an edition.

Belongs here: the one partitioning that every publisher's assets share, so that one run can refresh them all. Does
not belong here: the warehouse's own, finer partitions (an edition; a reporter, flow, code and period).
"""

from __future__ import annotations

import dagster as dg
from dagster import AssetExecutionContext

from sources.contract import FIRST_YEAR

YEARS = dg.TimeWindowPartitionsDefinition(
    start=str(FIRST_YEAR), fmt="%Y", cron_schedule="0 0 1 1 *", end_offset=1, timezone="UTC"
)
_RANGE_START = "dagster/asset_partition_range_start"
_RANGE_END = "dagster/asset_partition_range_end"


def every_year() -> dict[str, str]:
    """Run tags that ask for all years in one run."""
    keys = YEARS.get_partition_keys()
    return {_RANGE_START: keys[0], _RANGE_END: keys[-1]}


def years_of(context: AssetExecutionContext) -> set[int]:
    """The years this run is about."""
    return {int(key) for key in context.partition_keys}
