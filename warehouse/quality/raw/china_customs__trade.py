"""Gate 1 of China's monthly customs trade: one year of one query, line by line."""

from __future__ import annotations

from sources.model.products import HS_CODES
from warehouse.quality.expectations.rules import Suite, no_rows
from warehouse.quality.feeds import trade

_FOLLOWED = ", ".join(f"'{code}'" for code in HS_CODES)

SUITE = Suite(
    table="china_customs__trade",
    gate=1,
    rules=(
        *trade.RULES,
        no_rows(
            "rows_are_of_the_partition_they_came_with",
            "select arriving.* from {batch} as arriving inner join partitions using (partition_name)"
            " where reporter_code <> 'CHN' or key_flow <> case flow when 'import' then 'M' else 'X' end"
            " or key_partner <> partner_code or not starts_with(hs_code, key_code)",
            "another flow's, partner's or code's download saved under this partition's name",
        ),
        no_rows(
            "lines_are_of_the_codes_followed",
            f"select * from {{batch}} where left(hs_code, 4) not in ({_FOLLOWED})"
            f" and left(hs_code, 6) not in ({_FOLLOWED})",
            "a code that the warehouse does not follow must not arrive",
        ),
        no_rows(
            "a_line_is_stated_whole_or_in_parts_but_not_both",
            "select partition_name, partner_code, hs_code, period_start from {batch}"
            " group by partition_name, partner_code, hs_code, period_start"
            " having count(*) > 1 and count(part_label) < count(*)",
            "a total and its parts would be counted twice",
        ),
        no_rows(
            "codes_of_one_download_have_one_length",
            "select partition_name from {batch} group by partition_name having count(distinct length(hs_code)) > 1",
            "a heading and its lines would be counted twice",
        ),
        no_rows(
            "every_value_is_in_one_currency",
            "select arriving.* from {batch} as arriving inner join partitions using (partition_name)"
            " where case when key_is_in_yuan then value_usd is not null or currency_code <> 'CNY'"
            " else currency_code is not null end",
            "a download is in US$, or in yuan under a partition whose name ends in /cny",
        ),
    ),
)
