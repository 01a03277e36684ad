"""Read India's customs trade from pages of TradeStat and from transcriptions of its reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from sources.model.artifact import Artifact
from sources.model.source import ParsedTable, TableSpec, conform
from sources.publishers.india_tradestat.parse.extracts import (
    read_calendar,
    read_eidb_lines,
    read_lines_kg,
    read_monthly,
)
from sources.publishers.india_tradestat.parse.pages import read_portal_page
from sources.publishers.india_tradestat.parse.shaping import HERE
from sources.publishers.india_tradestat.partition import PagePartition, ReportPartition
from sources.reading.layouts import layout_of
from sources.reading.partners import UNKNOWN_PARTNER
from sources.reading.tables import to_feed_schema

TRADE_TABLE = TableSpec(
    name="india_tradestat__trade",
    feed="trade",
    key=("reporter_code", "partner_code", "flow", "hs_code", "period_type", "period_start"),
    expected_rejects=frozenset(
        {
            "all_commodities",
            "blank_cells",
            "derived_figure",
            "no_record_found",
            "not_followed",
            "not_yet_published",
            "suspect_partner_labels",
            UNKNOWN_PARTNER,
        }
    ),
    withdrawals=frozenset({"not_yet_published"}),
    partitions=(
        PagePartition,
        ReportPartition,
    ),
)
TABLES = (TRADE_TABLE,)

_READERS: dict[str, Callable[[Artifact, dict[str, Any]], tuple[pl.DataFrame, pl.DataFrame]]] = {
    "monthly": read_monthly,
    "lines_kg": read_lines_kg,
    "calendar": read_calendar,
    "eidb_lines": read_eidb_lines,
    "page": read_portal_page,
}


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read one artifact in any declared layout.

    Returns one table of `TRADE` rows, India as reporter, in US$ and rupees as printed (their half-widths beside them)
    and kg. A printed 0.00 is less than half the last digit (`at_most`). Set aside: partners of the months whose labels
    the portal got wrong (`suspect_partner_labels`; their totals load), months not yet published
    (`not_yet_published`), cells without a figure (`blank_cells`), a page that holds nothing (`no_record_found`), goods
    the warehouse does not follow on a page that has some it does (`not_followed`), totals of all commodities
    (`all_commodities`), growth and shares (`derived_figure`), small partners that are not known
    (`unknown_partner`).

    Raises:
        LayoutError: columns gained or lost, an undeclared layout, a page without the expected table, two rows of one
            flow.
        TruncatedError: a record or a page ends early, or there is none.
        UnknownLabelError: a partner, flow, unit, row or quality mark that is not known.
    """
    layout = layout_of(artifact, HERE)
    frame, rejects = _READERS[layout["reader"]](artifact, layout)
    return (conform(TRADE_TABLE, artifact, to_feed_schema(TRADE_TABLE, frame), rejects),)
