"""Gate 1 of the USGS Mineral Commodity Summaries: one edition's rare-earth world table."""

from __future__ import annotations

from warehouse.quality.expectations.rules import Suite, no_rows
from warehouse.quality.feeds import mineral_statistics

SUITE = Suite(
    table="usgs_mcs__world",
    gate=1,
    rules=(
        *mineral_statistics.RULES,
        mineral_statistics.CHINA_MINES_THE_MOST,
        no_rows(
            "no_country_has_more_reserves_than_the_world",
            "select countries.* from {batch} as countries inner join {batch} as world"
            " on countries.partition_name = world.partition_name and countries.measure = world.measure"
            " and countries.year = world.year and world.scope = 'world'"
            " where countries.measure = 'reserves' and countries.scope = 'country'"
            " and countries.value_t > coalesce(world.value_t, world.value_low_t)",
            "a reserve above the printed world total is a misplaced digit",
        ),
    ),
)
