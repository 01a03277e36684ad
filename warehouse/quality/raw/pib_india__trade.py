"""Gate 1 of India's imports as answered to Parliament: one release's table of several fiscal years."""

from __future__ import annotations

from sources.reading.layouts import declared
from sources.registry import sources
from warehouse.quality.expectations.rules import Suite, no_rows
from warehouse.quality.feeds import trade

_LINES = ", ".join(
    f"('PIB {release['prid']}', '{code}', {release['first_year']}, {release['last_year']})"
    for release in declared(sources()["pib_india"].package)["release"]
    if release["reader"] == "imports"
    for code in release["hs_codes"]
)
_PROMISED = f"""
with promised as (
    select partition_name, hs_code, unnest(range(first_year, last_year + 1)) as fiscal_year
    from (values {_LINES}) as releases (partition_name, hs_code, first_year, last_year)
),
expected as (
    select * from promised where partition_name in (select partition_name from partitions)
    union select partition_name, hs_code, year(period_start) from {{batch}}
)
"""
"""What the releases of `layouts.toml` print: a line of the table for every code and fiscal year, and what any release
here prints."""

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
            _PROMISED + "select arriving.* from {batch} as arriving inner join partitions"
            " on arriving.partition_name = partitions.partition_name"
            " where reporter_code <> 'IND' or flow <> 'import' or period_type <> 'fiscal_year'"
            " or year(period_start) > partitions.year"
            " or (arriving.partition_name in (select partition_name from promised)"
            " and (arriving.partition_name, hs_code, year(period_start)) not in (select * from promised))",
            "another release's table saved under this partition's name",
        ),
        no_rows(
            "every_code_and_year_has_china_and_one_world_row",
            _PROMISED + "select * from expected where (partition_name, hs_code, fiscal_year) not in"
            " (select (partition_name, hs_code, year(period_start)) from {batch}"
            " group by partition_name, hs_code, year(period_start)"
            " having count(*) filter (where is_partner_world) = 1"
            " and count(*) filter (where partner_code = 'CHN') = 1)",
            "a column or a total of the printed table is missing",
        ),
        no_rows(
            "values_are_stated_in_tables_of_dollars_alone",
            "select arriving.* from {batch} as arriving inner join partitions using (partition_name)"
            " where (value_status = 'not_available') = contains(layout, '_usd')",
            "a table of tonnes prints no money, and one of money prints it for every row",
        ),
        no_rows(
            "imports_of_one_country_stay_below_100_thousand_tonnes",
            "select * from {batch} where net_weight_kg > 1e8",
            "kilograms read as tonnes, or a press page's figure that is ten times the ministry's",
        ),
    ),
)
