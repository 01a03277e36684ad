"""Gate 1 of UN Comtrade: one partition of one reporter's or one code's trade."""

from __future__ import annotations

from sources.model.products import HS_CODES
from sources.publishers.un_comtrade.parse import shaping
from sources.reading.layouts import declared
from warehouse.quality.expectations.rules import Suite, in_set, no_rows
from warehouse.quality.feeds import trade
from warehouse.quality.feeds.loads import COMPLETE_WITHOUT

_LAYOUTS = declared(shaping.HERE)["layout"]
_WITHOUT_WORLD = ", ".join(f"'{layout['id']}'" for layout in _LAYOUTS if not layout.get("world", True))
_FOLLOWED = ", ".join(f"'{code}'" for code in HS_CODES)

OF_THE_PARTITION = no_rows(
    "rows_are_of_the_partition_they_came_with",
    "select arriving.* from {batch} as arriving inner join partitions using (partition_name)"
    " where key_reporter <> reporter_code"
    " or (len(key_flows) > 0 and not list_contains(key_flows, case flow when 'import' then 'M' else 'X' end))"
    " or key_month <> month(period_start) or (key_month is not null and period_type <> 'month')"
    " or (len(key_codes) > 0 and not list_contains(key_codes, left(hs_code, 6)))",
    "another reporter's, flow's, code's or month's body saved under this partition's name",
)
FOLLOWED = in_set("hs_code", HS_CODES, "a code that the warehouse does not follow must not arrive")

SUITE = Suite(
    table="un_comtrade__trade",
    gate=1,
    rules=(
        *trade.RULES,
        no_rows(
            "every_flow_has_one_world_row",
            "select partition_name, reporter_code, flow, hs_code, period_start from {batch}"
            " where partition_name not in"
            f" (select partition_name from partitions where layout in ({_WITHOUT_WORLD}))"
            " group by partition_name, reporter_code, flow, hs_code, period_start"
            " having count(*) filter (where is_partner_world) <> 1",
            "Comtrade prints a World row for every flow: without it the page is cut and its partners cannot be checked;"
            " some extracts left it out",
        ),
        OF_THE_PARTITION,
        no_rows(
            "every_code_of_the_partition_is_there",
            "select partition_name, code"
            " from (select partition_name, unnest(key_codes) as code from partitions) as promised"
            " where (partition_name, code) not in (select partition_name, left(hs_code, 6) from {batch})"
            " and partition_name not in"
            f" (select partition_name from rejects where reason_code not in {COMPLETE_WITHOUT})",
            "a code of the partition is missing: the file is incomplete",
        ),
        no_rows(
            "codes_are_those_the_warehouse_follows",
            "select * from {batch} where hs_code is null"
            f" or case when code_country is null then hs_code else left(hs_code, 6) end not in ({_FOLLOWED})",
            "a code that the warehouse does not follow must not arrive",
        ),
        no_rows(
            "lines_are_of_their_reporters_tariff",
            "select * from {batch} where (length(hs_code) > 6) <> (code_country is not null)"
            " or code_country <> reporter_code or scope_code <> left(hs_code, 6)",
            "national lines mean what their own country's tariff says",
        ),
        no_rows(
            "reported_weights_do_not_share_one_unit_value",
            "select partition_name, reporter_code, flow, hs_code, period_start, shown, partner_code, artifact_sha256,"
            " artifact_row from (select *, printf('%.3e', value_usd / net_weight_kg) as shown from {batch}"
            " where weight_status = 'reported' and not is_partner_world and value_usd > 0)"
            " qualify count(*) over"
            " (partition by partition_name, reporter_code, flow, hs_code, period_start, shown) >= 5",
            "weights computed from one unit value for all partners are estimates, flagged or not",
            severity="warning",
        ),
    ),
)
