"""Partitions by calendar year, and spans of years or months for live publishers."""

from collections.abc import Mapping
from datetime import date

import dagster as dg
from dagster import AssetExecutionContext

from sources.http.fetcher import Window
from sources.model.artifact import FIRST_YEAR
from sources.model.source import Source
from warehouse.ingest.windows import read_span, whole_window
from warehouse.settings import Settings

YEARS = dg.TimeWindowPartitionsDefinition(
    start=str(FIRST_YEAR), fmt="%Y", cron_schedule="0 0 1 1 *", end_offset=1, timezone="UTC"
)
_RANGE_START = "dagster/asset_partition_range_start"
_RANGE_END = "dagster/asset_partition_range_end"
_ONE_PARTITION = "dagster/partition"


class Span(dg.Config):
    """The span to fetch from a live publisher: "2019", or "2019-04" for a month.

    Empty: the years of the run's partitions, from REE_LIVE_FROM on. Files of the snapshot are not affected.
    """

    first: str = ""
    last: str = ""


def every_year() -> dict[str, str]:
    """Run tags that select all years in one run."""
    keys = YEARS.get_partition_keys()
    return {_RANGE_START: keys[0], _RANGE_END: keys[-1]}


def window_of(settings: Settings, years: set[int] | None, span: Span) -> Window | None:
    """The window of a fetch run.

    Selected years narrow the window of the settings, a span of months narrows it further.

    Raises:
        ValueError: the span is not one of years or months.
    """
    full = whole_window(settings)
    picked = years if years and years != {int(key) for key in YEARS.get_partition_keys()} else None
    first = date(min(picked), 1, 1) if picked else full.first
    last = date(max(picked), 12, 31) if picked else full.last
    if span.first or span.last:
        given = read_span(span.first, span.last)
        first, last = (max(first, given.first), min(last, given.last)) if picked else (given.first, given.last)
    return Window(first, last)


def partitions_of(source: Source) -> dg.TimeWindowPartitionsDefinition | None:
    """Years, if the publisher's `source.toml` has `partitioned_by = "year"`; otherwise None."""
    return YEARS if source.about.get("partitioned_by") == "year" else None


def years_of(context: AssetExecutionContext) -> set[int] | None:
    """The years of this run; None for a publisher without partitions."""
    if not context.assets_def.partitions_def:
        return None
    return {int(key) for key in context.partition_keys}


def years_of_run(tags: Mapping[str, str]) -> set[int] | None:
    """The years that a run's tags select; None where they select none."""
    if _ONE_PARTITION in tags:
        return {int(tags[_ONE_PARTITION])}
    if _RANGE_START in tags:
        return set(range(int(tags[_RANGE_START]), int(tags[_RANGE_END]) + 1))
    return None
