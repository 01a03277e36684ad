"""Gate 1 of the USGS Minerals Yearbook: one edition's table of world mine production."""

from __future__ import annotations

from warehouse.quality.expectations.rules import Suite, no_rows
from warehouse.quality.feeds import mineral_statistics

SUITE = Suite(
    table="usgs_myb__world",
    gate=1,
    rules=(
        *mineral_statistics.RULES,
        mineral_statistics.CHINA_MINES_THE_MOST,
        no_rows(
            "rows_are_of_the_partition_they_came_with",
            "select partition_name, key_year, min(arriving.year) as first_year, max(arriving.year) as last_year"
            " from {batch} as arriving inner join partitions using (partition_name)"
            " group by partition_name, key_year having last_year <> key_year or first_year <> last_year - 4",
            "another edition's table saved under this partition's name: an edition has five years, the last is its own",
        ),
        no_rows(
            "every_country_has_every_year",
            "select * from (select partition_name, country_code, count(distinct year) as years,"
            " max(count(distinct year)) over (partition by partition_name) as most from {batch}"
            " where scope = 'country' group by partition_name, country_code) where years <> most",
            "the table prints every year for every country: one without a year lost a cell",
        ),
        no_rows(
            "totals_are_rounded_to_three_digits",
            "select * from {batch} where value_t > 0 and scope = 'world'"
            " and value_t <> round(value_t, 2 - cast(floor(log10(value_t)) as integer))",
            "the totals are rounded to no more than three significant digits: a finer one is another column",
        ),
    ),
)
