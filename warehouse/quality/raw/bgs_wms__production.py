"""Gate 1 of BGS World Mineral Statistics: one download of rare-earth production.

It prints no world total, and India is absent from some years of the oxides, so neither is checked.
"""

from __future__ import annotations

from warehouse.quality.expectations.rules import Suite, no_rows
from warehouse.quality.feeds import mineral_statistics

_LEFT_OUT = (*mineral_statistics.BOTH_COUNTRIES, *mineral_statistics.AGAINST_THE_WORLD)

SUITE = Suite(
    table="bgs_wms__production",
    gate=1,
    rules=(
        *(rule for rule in mineral_statistics.RULES if rule not in _LEFT_OUT),
        no_rows(
            "rows_are_of_the_partition_they_came_with",
            "select arriving.* from {batch} as arriving inner join partitions using (partition_name)"
            " where key_commodity <> split_part(series, '/', 1)",
            "another list's download saved under this partition's name",
        ),
        no_rows(
            "both_lists_are_there_where_the_partition_declares_both",
            "select partition_name from {batch} inner join partitions using (partition_name)"
            " where key_commodity is null group by partition_name"
            " having count(distinct split_part(series, '/', 1)) <> 2",
            "oxides and minerals are in one download: without one of them it is incomplete",
        ),
        no_rows(
            "no_world_total_among_the_countries",
            "select * from {batch} where scope <> 'country'",
            "the publisher prints none: a total here would be added to its parts",
        ),
        no_rows(
            "oxides_are_never_gross_weight",
            "select * from {batch} where series = 'rare_earth_oxides' and unit_basis <> 'reo'",
            "the two lists overlap and differ in what they weigh: a mineral among the oxides would be added to itself",
        ),
        no_rows(
            "indias_oxides_are_of_fiscal_years",
            "select * from {batch} where series = 'rare_earth_oxides' and country_code = 'IND'"
            " and (period_type <> 'fiscal_year' or month(period_start) <> 4)",
            "the publisher gives India's years as ending on 31 March following: a row without the note lost it",
        ),
        no_rows(
            "china_is_in_every_year_of_the_oxides",
            "select partition_name, year from {batch} where series = 'rare_earth_oxides' group by partition_name, year"
            " having count(*) filter (where country_code = 'CHN') <> 1",
            "a year without the largest producer is incomplete",
        ),
        no_rows(
            "china_mines_the_most_oxides",
            "select * from {batch} where series = 'rare_earth_oxides'"
            " qualify country_code = 'CHN' and value_t < max(value_t) over (partition by partition_name, year)",
            "China has mined the most since 1992: another country ahead means shifted rows",
        ),
        no_rows(
            "no_year_of_a_list_is_left_out",
            "select partition_name, split_part(series, '/', 1) as list, count(distinct year) as years,"
            " max(year) - min(year) + 1 as span from {batch} group by partition_name, split_part(series, '/', 1)"
            " having years <> span",
            "a year missing between two that are there: the download lost a page",
        ),
    ),
)
