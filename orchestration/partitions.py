"""Partitions by calendar year, and spans of years or months for live publishers."""

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


class Span(dg.Config):
    """The span of figures that a publisher which is visited is asked for: "2019", or "2019-04" for a month.

    Empty: the years of the run's partitions, from REE_LIVE_FROM on. Files of the snapshot are not affected.
    """

    first: str = ""
    last: str = ""


def every_year() -> dict[str, str]:
    """Run tags that ask for all years in one run."""
    keys = YEARS.get_partition_keys()
    return {_RANGE_START: keys[0], _RANGE_END: keys[-1]}


def window_of(settings: Settings, years: set[int] | None, span: Span) -> Window | None:
    """The window of a visit; None for the whole one.

    Years that a person picked narrow it, a span of months narrows it further.

    Raises:
        ValueError: the span is no span of years or months.
    """
    whole = whole_window(settings)
    picked = years if years and years != {int(key) for key in YEARS.get_partition_keys()} else None
    first = date(min(picked), 1, 1) if picked else whole.first
    last = date(max(picked), 12, 31) if picked else whole.last
    if span.first or span.last:
        asked = read_span(span.first, span.last)
        first, last = (max(first, asked.first), min(last, asked.last)) if picked else (asked.first, asked.last)
    return Window(first, last)


def partitions_of(source: Source) -> dg.TimeWindowPartitionsDefinition | None:
    """Years, for a publisher whose `source.toml` says so; None for one that is refreshed as a whole."""
    return YEARS if source.about.get("partitioned_by") == "year" else None


def years_of(context: AssetExecutionContext) -> set[int] | None:
    """The years this run is about; None for a publisher that is refreshed as a whole."""
    if not context.assets_def.partitions_def:
        return None
    return {int(key) for key in context.partition_keys}
