"""Gate 1 of the Atomic Minerals Directorate's resources: one statement, as of one day, month or year."""

from __future__ import annotations

from warehouse.quality.expectations.rules import Suite, no_rows
from warehouse.quality.feeds import resources
from warehouse.quality.limits import SUM_NOISE

SUITE = Suite(
    table="india_amd__resources",
    gate=1,
    rules=(
        *resources.RULES,
        no_rows(
            "rows_are_of_the_partition_they_came_with",
            "select arriving.* from {batch} as arriving inner join partitions using (partition_name)"
            " where country_code <> 'IND' or as_of_start <> key_first_day or as_of_end <> key_last_day",
            "a statement as of another day saved under this partition's name",
        ),
        no_rows(
            "every_statement_gives_monazite_in_all_of_india",
            "select partition_name from {batch} group by partition_name having count(*) filter"
            " (where substance = 'monazite' and deposit = 'beach_sand' and region_label is null) <> 1",
            "every statement so far does: without it the page was read in part",
        ),
        no_rows(
            "states_add_up_to_india",
            "select partition_name, substance, deposit,"
            " sum(value_t) filter (where region_label is not null) as states_t,"
            " max(value_t) filter (where region_label is null) as india_t,"
            " sum(value_rounding_t) as rounding_t from {batch} where substance = 'monazite'"
            f" group by partition_name, substance, deposit having states_t < india_t - rounding_t - {SUM_NOISE}",
            "a state is missing: the list is cut short",
        ),
    ),
)
