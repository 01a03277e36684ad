"""Gate 1 of the United Kingdom's monthly customs trade: one year of one code, record by record."""

from __future__ import annotations

from sources.model.products import HS_CODES
from warehouse.quality.expectations.rules import Suite, no_rows
from warehouse.quality.feeds import trade

_FOLLOWED = ", ".join(f"'{code}'" for code in HS_CODES)

SUITE = Suite(
    table="uk_hmrc__trade",
    gate=1,
    rules=(
        *(rule for rule in trade.RULES if rule not in trade.AGAINST_THE_WORLD),
        no_rows(
            "rows_are_of_the_partition_they_came_with",
            "select arriving.* from {batch} as arriving inner join partitions using (partition_name)"
            " where reporter_code <> 'GBR' or partner_code = 'GBR' or not starts_with(hs_code, key_code)",
            "another code's records saved under this partition's name",
        ),
        no_rows(
            "lines_are_of_the_codes_followed",
            f"select * from {{batch}} where left(hs_code, 6) not in ({_FOLLOWED})",
            "a code that the warehouse does not follow must not arrive",
        ),
        no_rows(
            "every_value_is_in_pounds",
            "select * from {batch} where value_usd is not null or currency_code <> 'GBP' or currency_code is null",
            "HMRC states pounds; nothing is converted",
        ),
        no_rows(
            "every_row_is_a_part_of_its_flow",
            "select * from {batch} where part_label is null",
            "a flow may come in several records, which add up",
        ),
        no_rows(
            "months_of_one_partner_stay_below_50_million_pounds",
            "select partition_name, partner_code, flow, hs_code, period_start from {batch}"
            " group by partition_name, partner_code, flow, hs_code, period_start having sum(value_local) > 5e7",
            "thousands read as pounds; the largest month held is of 3 million",
        ),
    ),
)
