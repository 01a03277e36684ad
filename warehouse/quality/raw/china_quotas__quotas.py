"""Gate 1 of China's rare-earth quotas: one table of figures quoted from public pages."""

from __future__ import annotations

from sources.reading.layouts import declared
from sources.registry import sources
from warehouse.quality.expectations.rules import Suite, no_rows
from warehouse.quality.feeds import quotas

_LAYOUTS = declared(sources()["china_quotas"].package)
_WHOLE = _LAYOUTS["whole_list"]
_YEARS = ", ".join(
    f"({year})"
    for year in range(_WHOLE["first_year"], _WHOLE["last_year"] + 1)
    if year not in {gap["year"] for gap in _LAYOUTS["gap"]}
)
"""Years that the complete list must have, without known gaps."""

SUITE = Suite(
    table="china_quotas__quotas",
    gate=1,
    rules=(
        *quotas.RULES,
        no_rows(
            "no_year_of_mining_is_missing_but_those_known_to_be",
            f"select partitions.partition_name, promised.year from partitions, (values {_YEARS}) as promised (year)"
            f" where partitions.partition_name = '{_WHOLE['partition']}' and promised.year <= partitions.year"
            " and (partitions.partition_name, promised.year) not in (select partition_name, year from {batch}"
            " where quota_type = 'mining' and earths = 'all' and batch = 'year')",
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
            " on mining.partition_name = smelting.partition_name"
            " and mining.year = smelting.year and mining.batch = smelting.batch and mining.earths = smelting.earths"
            " where mining.quota_type = 'mining' and smelting.quota_type = 'smelting_separation'"
            " and smelting.value_t not between mining.value_t * 0.85 and mining.value_t",
            "in every year and batch known smelting was 92 to 97 % of mining: the two may have been exchanged",
            severity="warning",
        ),
    ),
)
