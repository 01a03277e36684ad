"""Gate 1 of US imports by heading: one saved query of many years."""

from __future__ import annotations

from sources.reading.layouts import declared
from sources.registry import sources
from warehouse.quality.expectations.rules import Suite, no_rows
from warehouse.quality.feeds import trade

_CODES = ", ".join(f"'{code}'" for code in declared(sources()["usitc_dataweb"].package)["headings"]["codes"])

SUITE = Suite(
    table="usitc_dataweb__trade",
    gate=1,
    rules=(
        *(
            rule
            for rule in trade.RULES
            if rule not in trade.AGAINST_THE_WORLD and rule is not trade.PERIODS_IN_THE_YEAR
        ),
        no_rows(
            "rows_are_of_the_partition_they_came_with",
            "select arriving.* from {batch} as arriving inner join partitions using (partition_name)"
            f" where reporter_code <> 'USA' or flow <> 'import' or hs_code not in ({_CODES})"
            " or length(hs_code) <> key_digits or year(period_start) > partitions.year",
            "another query saved under this partition's name",
        ),
        no_rows(
            "a_year_to_date_is_a_range_of_months",
            "select * from {batch} where (period_type = 'month_range') <> (month(period_end) < 12)"
            " or period_type not in ('month_range', 'calendar_year')",
            "months of a year added to the year would be counted twice",
        ),
        no_rows(
            "a_year_to_date_does_not_exceed_its_year",
            "select ranges.*, years.value_usd as of_the_year from {batch} as ranges inner join {batch} as years"
            " using (partition_name, partner_code, hs_code, part_label)"
            " where ranges.period_type = 'month_range' and years.period_type = 'calendar_year'"
            " and year(ranges.period_start) = year(years.period_start) and ranges.value_usd > years.value_usd + 1",
            "two sheets of the query exchanged",
        ),
        no_rows(
            "every_country_has_every_year",
            "select partition_name, partner_code, hs_code, part_label, period_type from {batch}"
            " group by partition_name, partner_code, hs_code, part_label, period_type"
            " having count(*) <> max(year(period_start)) - min(year(period_start)) + 1"
            " or min(year(period_start)) > 1993",
            "a column of the sheet is missing",
        ),
        no_rows(
            "china_ships_compounds_in_every_year",
            "select years.year from (select unnest(range(1993, max(year(period_start)))) as year from {batch}) as years"
            " where year not in (select year(period_start) from {batch}"
            " where partner_code = 'CHN' and hs_code = '2846' and value_usd > 0 and period_type = 'calendar_year')",
            "a country's rows are another's",
        ),
    ),
)
