"""Gate 1 of prices in the USGS Mineral Commodity Summaries."""

from __future__ import annotations

from warehouse.quality.expectations.rules import Suite, no_rows
from warehouse.quality.feeds import prices

SUITE = Suite(
    table="usgs_mcs__prices",
    gate=1,
    rules=(
        *prices.RULES,
        no_rows(
            "rows_are_of_the_chapter_they_came_with",
            "select arriving.* from {batch} as arriving inner join partitions using (partition_name)"
            " where key_chapter <> commodity",
            "another chapter's file saved under this partition's name",
        ),
    ),
)
