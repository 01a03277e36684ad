"""Gate 1 of the United States' monthly customs trade: one year of one flow of one code, or of its lines."""

from __future__ import annotations

from sources.model.products import HS_CODES
from warehouse.quality.expectations.rules import Suite, no_rows
from warehouse.quality.feeds import trade

_FOLLOWED = ", ".join(f"'{code}'" for code in HS_CODES)

SUITE = Suite(
    table="us_census__trade",
    gate=1,
    rules=(
        *trade.RULES,
        no_rows(
            "rows_are_of_the_partition_they_came_with",
            "select arriving.* from {batch} as arriving inner join partitions using (partition_name)"
            " where reporter_code <> 'USA' or partner_code = 'USA'"
            " or key_flow <> case flow when 'import' then 'M' else 'X' end"
            " or not starts_with(hs_code, key_code) or length(hs_code) <> key_digits",
            "another flow's or code's answer saved under this partition's name",
        ),
        no_rows(
            "codes_are_those_the_warehouse_follows",
            f"select * from {{batch}} where left(hs_code, 6) not in ({_FOLLOWED})",
            "a code that the warehouse does not follow must not arrive",
        ),
        no_rows(
            "every_flow_has_one_world_row",
            "select partition_name, flow, hs_code, period_start from {batch}"
            " group by partition_name, flow, hs_code, period_start"
            " having count(*) filter (where is_partner_world) <> 1",
            "the Census Bureau prints a total of all countries for every code and month",
        ),
        no_rows(
            "lines_are_of_the_tariff_of_the_united_states",
            "select * from {batch} where (length(hs_code) > 6) <> (code_country is not null)"
            " or code_country <> 'USA' or scope_code <> left(hs_code, 6)",
            "national lines mean what their own country's tariff says",
        ),
        no_rows(
            "imports_and_exports_are_in_us_dollars_without_freight",
            "select * from {batch} where valuation <> 'FOB' or currency_code is not null",
            "imports are at customs value, exports FAS",
        ),
        no_rows(
            "months_of_one_partner_stay_below_500_million",
            "select * from {batch} where value_usd > 5e8 and not is_partner_world",
            "thousands read as US$; the largest month held for a comparison is of 31 million",
        ),
    ),
)
