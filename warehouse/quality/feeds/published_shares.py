"""Gate 1 of shares as an authority printed them: are the releases of a load believable, each by itself?"""

from __future__ import annotations

from warehouse.quality.expectations.rules import Rule, between, in_closed_list, no_rows, not_null
from warehouse.quality.feeds.loads import PARTITIONS_ARE_NAMED, REJECTS_ARE_EXPECTED, every_partition_has_rows

RULES: tuple[Rule, ...] = (
    every_partition_has_rows("a release without a row was not read"),
    *in_closed_list("share_measure", "a share of value and a share of quantity are never mixed"),
    not_null("reporter_code", "of whose trade it is a share"),
    not_null("partner_code", "whose share it is"),
    *in_closed_list("flow", "imports and exports are never mixed"),
    *in_closed_list("period_type", "calendar and fiscal years are never mixed"),
    *in_closed_list("value_status", "a mark the warehouse cannot read would become a wrong number"),
    not_null("value_raw", "what the authority printed is kept for every share"),
    between("share", 0, 1, "a share above one is per cent read as a fraction"),
    between("share_rounding", 1.0e-6, 0.05, "half of the last printed digit: a share without one is not as printed"),
    Rule(
        "hs_code_is_4_to_10_digits",
        "critical",
        "codes are text with their leading zeros",
        "ExpectColumnValueLengthsToBeBetween",
        {"column": "hs_code", "min_value": 4, "max_value": 10},
    ),
    no_rows(
        "a_number_stands_where_the_status_says_so",
        "select * from {batch} where (share is not null) <> (value_status in ('reported', 'estimated', 'zero'))"
        " or share_rounding is null or isnan(share)",
        "a bound is not a number, and no share is exact",
    ),
    no_rows(
        "a_share_is_what_was_printed_in_per_cent",
        "select * from {batch} where abs(share * 100 - try_cast(value_raw as double)) > 1e-9",
        "per cent, not a fraction, is what these tables print",
    ),
    no_rows(
        "shares_of_one_flow_do_not_exceed_the_whole",
        "select partition_name, share_measure, reporter_code, flow, hs_code, period_type, period_start,"
        " sum(share) as shares, sum(share_rounding) as rounding from {batch}"
        " group by partition_name, share_measure, reporter_code, flow, hs_code, period_type, period_start"
        " having sum(share) > 1 + sum(share_rounding)",
        "partners counted twice",
    ),
    PARTITIONS_ARE_NAMED,
    REJECTS_ARE_EXPECTED,
)
