"""Partitions: the calendar year a figure is about, for publishers whose years arrive one by one.

Belongs here: the one partitioning that such publishers share, so that one run can refresh them all; the others have
none. Does not belong here: the warehouse's own, finer partitions (an edition; a reporter, flow, code and period).
"""

from __future__ import annotations

import dagster as dg
from dagster import AssetExecutionContext

from sources.contract import FIRST_YEAR, Source

YEARS = dg.TimeWindowPartitionsDefinition(
    start=str(FIRST_YEAR), fmt="%Y", cron_schedule="0 0 1 1 *", end_offset=1, timezone="UTC"
)
_RANGE_START = "dagster/asset_partition_range_start"
_RANGE_END = "dagster/asset_partition_range_end"


def every_year() -> dict[str, str]:
    """Run tags that ask for all years in one run."""
    keys = YEARS.get_partition_keys()
    return {_RANGE_START: keys[0], _RANGE_END: keys[-1]}


def partitions_of(source: Source) -> dg.TimeWindowPartitionsDefinition | None:
    """Years, for a publisher whose `source.toml` says so; None for one that is refreshed as a whole."""
    return YEARS if source.about.get("partitioned_by") == "year" else None


def years_of(context: AssetExecutionContext) -> set[int] | None:
    """The years this run is about; None for a publisher that is refreshed as a whole."""
    if not context.assets_def.partitions_def:
        return None
    return {int(key) for key in context.partition_keys}
