"""Gate 1 of India's imports in tonnes as answered to Parliament: one release's table of several fiscal years."""

from __future__ import annotations

from warehouse.expectations import trade
from warehouse.expectations.rules import Suite, no_rows

_PROMISED = """
with promised as (
    select partition_name, hs_code, unnest(range(first_year, last_year + 1)) as fiscal_year from (values
        ('PIB 2117701', '28053000', 2019, 2023),
        ('PIB 2117701', '2846', 2019, 2023)
    ) as releases (partition_name, hs_code, first_year, last_year)
)
"""
"""What each release prints: a line of the table for every code and fiscal year. A new release adds its rows."""

SUITE = Suite(
    table="pib_india__trade",
    gate=1,
    rules=(
        *(
            rule
            for rule in trade.RULES
            if rule not in trade.AGAINST_THE_WORLD and rule is not trade.PERIODS_IN_THE_YEAR
        ),
        *trade.WEIGHTS_AGAINST_THE_WORLD,
        no_rows(
            "rows_are_of_the_partition_they_came_with",
            _PROMISED + "select * from {batch} where reporter_code <> 'IND' or flow <> 'import'"
            " or period_type <> 'fiscal_year' or (partition_name, hs_code, year(period_start)) not in"
            " (select partition_name, hs_code, fiscal_year from promised)",
            "another release's table saved under this partition's name",
        ),
        no_rows(
            "every_code_and_year_has_china_and_one_world_row",
            _PROMISED + "select * from promised where partition_name in (select partition_name from partitions)"
            " and (partition_name, hs_code, fiscal_year) not in"
            " (select (partition_name, hs_code, year(period_start)) from {batch}"
            " group by partition_name, hs_code, year(period_start)"
            " having count(*) filter (where is_partner_world) = 1"
            " and count(*) filter (where partner_code = 'CHN') = 1)",
            "a column or a total of the printed table is missing",
        ),
        no_rows(
            "no_value_is_stated",
            "select * from {batch} where value_status <> 'not_available'",
            "these tables print tonnes and nothing else",
        ),
        no_rows(
            "imports_of_one_country_stay_below_100_thousand_tonnes",
            "select * from {batch} where net_weight_kg > 1e8",
            "kilograms read as tonnes",
        ),
    ),
)
