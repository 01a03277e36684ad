"""Gate 1 of the European Union's monthly customs trade: one month of all member states, record by record."""

from __future__ import annotations

from sources.model.products import HS_CODES
from warehouse.quality.expectations.rules import Suite, no_rows
from warehouse.quality.feeds import trade

_FOLLOWED = ", ".join(f"'{code}'" for code in HS_CODES)

SUITE = Suite(
    table="eurostat_comext__trade",
    gate=1,
    rules=(
        *(rule for rule in trade.RULES if rule not in trade.AGAINST_THE_WORLD),
        no_rows(
            "rows_are_of_the_partition_they_came_with",
            "select arriving.* from {batch} as arriving inner join partitions using (partition_name)"
            " where month(period_start) <> key_month or year(period_start) <> key_year",
            "another month's file saved under this partition's name",
        ),
        no_rows(
            "lines_are_of_the_codes_followed",
            f"select * from {{batch}} where left(hs_code, 6) not in ({_FOLLOWED})",
            "a code that the warehouse does not follow must not arrive",
        ),
        no_rows(
            "lines_are_of_the_combined_nomenclature",
            "select * from {batch} where length(hs_code) <> 8 or code_country <> reporter_code or code_country is null",
            "member states share one schedule of eight digits, and each reports under its own lines",
        ),
        no_rows(
            "every_value_is_in_euros",
            "select * from {batch} where value_usd is not null or currency_code <> 'EUR' or currency_code is null",
            "Eurostat states euros; nothing is converted",
        ),
        no_rows(
            "every_row_is_a_part_of_its_flow",
            "select * from {batch} where part_label is null",
            "a flow comes by statistical procedure, and its procedures add up",
        ),
        no_rows(
            "months_of_one_partner_stay_below_500_million_euros",
            "select partition_name, reporter_code, partner_code, flow, hs_code from {batch}"
            " group by partition_name, reporter_code, partner_code, flow, hs_code having sum(value_local) > 5e8",
            "cents or thousands read as euros",
        ),
    ),
)
