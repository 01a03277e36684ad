"""Gate 1 of China's share of India's magnet imports as answered to Parliament: one release's table."""

from __future__ import annotations

from warehouse.expectations import published_shares
from warehouse.expectations.rules import Suite, no_rows

_PROMISED = """
with promised as (
    select partition_name, hs_code, share_measure, period_type, unnest(range(first_year, last_year + 1)) as year from
    (values
        ('PIB 2151394', 'quantity_share', 'calendar_year', 2022, 2024),
        ('PIB 2151394', 'value_share', 'fiscal_year', 2024, 2024)
    ) as releases (partition_name, share_measure, period_type, first_year, last_year),
    (values ('850511'), ('850519'), ('850590')) as codes (hs_code)
)
"""
"""What each release prints. A new release adds its rows."""

SUITE = Suite(
    table="pib_india__shares",
    gate=1,
    rules=(
        *published_shares.RULES,
        no_rows(
            "rows_are_of_the_partition_they_came_with",
            _PROMISED
            + "select * from {batch} where reporter_code <> 'IND' or partner_code <> 'CHN' or flow <> 'import'"
            " or (partition_name, hs_code, share_measure, period_type, year(period_start)) not in"
            " (select partition_name, hs_code, share_measure, period_type, year from promised)",
            "another release's table saved under this partition's name",
        ),
        no_rows(
            "every_share_of_the_printed_table_is_there",
            _PROMISED + "select * from promised where partition_name in (select partition_name from partitions)"
            " and (partition_name, hs_code, share_measure, period_type, year) not in"
            " (select partition_name, hs_code, share_measure, period_type, year(period_start) from {batch})",
            "a line of the printed table is missing",
        ),
    ),
)
