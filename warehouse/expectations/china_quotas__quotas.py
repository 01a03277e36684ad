"""Gate 1 of China's rare-earth quotas: one table of figures quoted from public pages."""

from __future__ import annotations

from warehouse.expectations import quotas
from warehouse.expectations.rules import Suite, no_rows

KNOWN_GAPS = (2015,)
"""Years for which no public page with the year's mining quota was found."""

SUITE = Suite(
    table="china_quotas__quotas",
    gate=1,
    rules=(
        *quotas.RULES,
        no_rows(
            "no_year_of_mining_is_missing_but_those_known_to_be",
            "select * from generate_series(2010, (select max(year) from {batch})) as years (year)"
            f" where year not in ({', '.join(map(str, KNOWN_GAPS))}) and year not in"
            " (select year from {batch} where quota_type = 'mining' and earths = 'all' and batch = 'year')",
            "a year between the first and the last that lost its row",
        ),
        no_rows(
            "only_chinas_quotas",
            "select * from {batch} where country_code <> 'CHN'",
            "another country's quota is another publisher's",
        ),
        no_rows(
            "smelting_stays_close_below_mining",
            "select mining.year, mining.value_t, smelting.value_t as smelting_t"
            " from {batch} as mining inner join {batch} as smelting"
            " on mining.year = smelting.year and mining.batch = smelting.batch and mining.earths = smelting.earths"
            " where mining.quota_type = 'mining' and smelting.quota_type = 'smelting_separation'"
            " and smelting.value_t not between mining.value_t * 0.85 and mining.value_t",
            "in every year and batch known smelting was 92 to 97 % of mining: the two may have been exchanged",
            severity="warning",
        ),
    ),
)
