"""Gate 1 of the USGS Mineral Commodity Summaries: one edition's rare-earth world table."""

from __future__ import annotations

from warehouse.expectations import mineral_statistics
from warehouse.expectations.rules import Suite, no_rows

SUITE = Suite(
    table="usgs_mcs__world",
    gate=1,
    rules=(
        *mineral_statistics.RULES,
        no_rows(
            "china_mines_the_most",
            "select * from {batch} where measure = 'production' and scope = 'country'"
            " qualify country_code = 'CHN' and value_t < max(value_t) over (partition by partition_name, year)",
            "China has mined the most since the 1990s: another country ahead means shifted rows",
        ),
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
