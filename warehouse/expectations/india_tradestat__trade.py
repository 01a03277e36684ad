"""Gate 1 of India's monthly customs trade: one year of partners or of printed totals.

The two stand in separate partitions, so they are held against each other at gate 2.
"""

from __future__ import annotations

from warehouse.expectations import trade
from warehouse.expectations.rules import Suite, no_rows

SUITE = Suite(
    table="india_tradestat__trade",
    gate=1,
    rules=(
        *(rule for rule in trade.RULES if rule not in trade.AGAINST_THE_WORLD),
        no_rows(
            "rows_are_of_the_partition_they_came_with",
            "select * from {batch} where split_part(partition_name, '/', 2) <> hs_code"
            " or (split_part(partition_name, '/', 3) = 'totals') <> is_partner_world",
            "another heading's report, or totals for partners, saved under this partition's name",
        ),
        no_rows(
            "months_of_one_heading_stay_below_100_million",
            "select * from {batch} where value_usd > 1e8",
            "rupees read as dollars, or thousands as millions",
        ),
        no_rows(
            "no_partner_of_the_mislabelled_months",
            "select * from {batch} where not is_partner_world"
            " and period_start between date '2023-04-01' and date '2024-03-01'",
            "the portal's partner labels of these months are wrong",
        ),
    ),
)
