"""Gate 1 of Brazil's monthly customs trade: one year of one flow of one code, line by line."""

from __future__ import annotations

from sources.model.products import HS_CODES
from warehouse.quality.expectations.rules import Suite, no_rows
from warehouse.quality.feeds import trade

_FOLLOWED = ", ".join(f"'{code}'" for code in HS_CODES)

SUITE = Suite(
    table="brazil_comexstat__trade",
    gate=1,
    rules=(
        *(rule for rule in trade.RULES if rule not in trade.AGAINST_THE_WORLD),
        no_rows(
            "rows_are_of_the_partition_they_came_with",
            "select arriving.* from {batch} as arriving inner join partitions using (partition_name)"
            " where reporter_code <> 'BRA' or key_flow <> case flow when 'import' then 'M' else 'X' end"
            " or not starts_with(hs_code, key_code)",
            "another flow's or code's answer saved under this partition's name",
        ),
        no_rows(
            "lines_are_of_the_codes_followed",
            f"select * from {{batch}} where left(hs_code, 6) not in ({_FOLLOWED})",
            "a code that the warehouse does not follow must not arrive",
        ),
        no_rows(
            "both_flows_are_valued_fob",
            "select * from {batch} where valuation <> 'FOB' or currency_code is not null",
            "Comex Stat values imports FOB too, in US$",
        ),
        no_rows(
            "months_of_one_partner_stay_below_50_million",
            "select * from {batch} where value_usd > 5e7",
            "thousands read as US$; the largest month held is of 1.7 million",
        ),
    ),
)
