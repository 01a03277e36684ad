"""Gate 1 of Data Series 140: mine production of the United States and the world since 1900.

The table has one country and the world, so sums are not checked; the two columns are compared.
"""

from __future__ import annotations

from warehouse.quality.expectations.rules import Suite, no_rows
from warehouse.quality.feeds import mineral_statistics

_LEFT_OUT = (*mineral_statistics.BOTH_COUNTRIES, *mineral_statistics.AGAINST_THE_WORLD)

SUITE = Suite(
    table="usgs_ds140__history",
    gate=1,
    rules=(
        *(rule for rule in mineral_statistics.RULES if rule not in _LEFT_OUT),
        no_rows(
            "rows_are_of_the_partition_they_came_with",
            "select partition_name, key_year, max(arriving.year) as last_year"
            " from {batch} as arriving inner join partitions using (partition_name)"
            " group by partition_name, key_year having last_year <> key_year",
            "another edition's worksheet saved under this partition's name",
        ),
        no_rows(
            "no_year_since_1900_is_left_out",
            "select partition_name, scope, count(distinct year) as years, max(year) as last_year from {batch}"
            " group by partition_name, scope having min(year) <> 1900 or years <> last_year - 1899",
            "both columns run without a gap: a missing year is a lost row",
        ),
        no_rows(
            "each_year_has_the_united_states_and_the_world",
            "select partition_name, year from {batch} group by partition_name, year"
            " having count(*) filter (where country_code = 'USA') <> 1 or count(*) filter (where scope = 'world') <> 1"
            " or count(*) <> 2",
            "two columns of one worksheet: one row each a year, and nothing else",
        ),
        no_rows(
            "the_united_states_do_not_mine_more_than_the_world",
            "select partition_name, year from {batch} group by partition_name, year"
            " having max(value_t) filter (where country_code = 'USA') > max(value_t) filter (where scope = 'world')",
            "a part above its total: the columns are swapped or a digit is misplaced",
        ),
        no_rows(
            "the_world_is_a_number_in_every_year",
            "select * from {batch} where scope = 'world' and value_t is null",
            "the world column has no gap: NA there is another column",
        ),
    ),
)
