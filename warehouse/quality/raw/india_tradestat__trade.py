"""Gate 1 of India's customs trade: a year of months, of lines or of a heading, or one page of the portal.

Months by partner and their printed totals are separate partitions, so gate 2 compares them. Where a report prints both,
its partners are compared with its total here.
"""

from __future__ import annotations

from sources.model.products import HS_CODES
from sources.publishers.india_tradestat.parse.shaping import HERE
from sources.reading.layouts import declared
from warehouse.quality.expectations.rules import Rule, Severity, Suite, no_rows
from warehouse.quality.feeds import trade

_LINES = declared(HERE)["export_lines"]
_FOLLOWED = " or ".join(f"starts_with(code, '{code}')" for code in HS_CODES)
_EVERY_YEAR = ", ".join(f"'{line}'" for line in _LINES["every_year"])
_ALL_LINES = ", ".join(f"'{line}'" for line in [*_LINES["every_year"], *_LINES["some_years"]])
_SELECTED = ", ".join(f"'{layout['id']}'" for layout in declared(HERE)["layout"] if layout.get("selected", False))

# A transcription of a report has `key_report`, a page of the portal `key_flow` and `key_measure`.
_OF_ITS_PARTITION = f"""
case key_report
    when 'partners' then hs_code = key_code and period_type = 'month' and not is_partner_world
    when 'totals' then hs_code = key_code and period_type = 'month' and is_partner_world
    when 'calendar_usd' then hs_code = key_code and period_type = 'calendar_year'
    when 'lines_kg' then starts_with(hs_code, key_code) and length(hs_code) = 8
        and period_type = 'calendar_year' and value_status = 'not_available'
    when 'lines_month_kg' then starts_with(hs_code, key_code) and length(hs_code) = 8 and flow = 'import'
        and period_type = 'month' and value_status = 'not_available'
    when 'lines_range_kg' then starts_with(hs_code, key_code) and length(hs_code) = 8 and flow = 'import'
        and period_type = 'month_range' and value_status = 'not_available' and basis_code is not null
    when 'export_lines_month_kg' then starts_with(hs_code, key_code) and length(hs_code) = 8 and flow = 'export'
        and period_type = 'month' and value_status = 'not_available'
    when 'export_lines_range_kg' then starts_with(hs_code, key_code) and length(hs_code) = 8 and flow = 'export'
        and period_type = 'month_range' and value_status = 'not_available' and basis_code is not null
    when 'lines' then hs_code in ({_ALL_LINES}) and flow = 'export' and period_type = 'fiscal_year'
    else flow = key_flow
        and (key_code is null or key_code = hs_code)
        and (is_partner_world or key_partner is null or key_partner = partner_code)
        and key_measure = case when value_rounding_usd is not null then 'usd'
            when value_rounding_local is not null then 'inr' else 'quantity' end
end
"""
_IS_PAGE = "key_flow is not null"

# Every code in the rows of a partition, its name or its rejected figures. Goods that are not followed are ignored.
_CODES = f"""
select partition_name, hs_code as code from {{batch}}
union
select partition_name, key_code from partitions where {_IS_PAGE} and key_code is not null
union
select partition_name, json_extract_string(row_json, '$.code') from rejects inner join partitions using (partition_name)
where {_IS_PAGE} and reason_code in ('not_yet_published', 'suspect_partner_labels', 'blank_cells')
    and json_extract_string(row_json, '$.label') not like '%Total%'
"""

# The shared rules rest where anything was set aside. Here that is whole periods, whole goods, or no figure at all, so
# what is left adds up: partners that are left are all of their period's. A page of all countries is held to its total
# even where one country is listed. A printed 0 of a weight is less than half a kilogram once its total is known.
_ADDED = """
with added as (
    select partition_name, flow, hs_code, period_type, period_start, period_end,
        count(distinct partner_code) filter (where not is_partner_world)
            > case when bool_or({is_page} and key_partner is null) then 0 else 1 end
            and not bool_or(layout in ({selected})) as are_all,
        coalesce(sum({figure}) filter (where not is_partner_world), 0) as partners,
        sum({figure}) filter (where is_partner_world) as world,
        coalesce(sum({rounding}), 0) as rounding,
        count(*) filter (where {is_unknown}) as n_unknown
    from {{batch}} inner join partitions using (partition_name)
    group by partition_name, flow, hs_code, period_type, period_start, period_end
)
select * from added where {condition}
"""
_MONEY = {
    "value_usd": ("value_rounding_usd", "false", 1.0),
    "value_local": ("value_rounding_local", "false", 100.0),
}
_WEIGHT = {
    "net_weight_kg": ("weight_rounding_kg", "net_weight_kg is null and weight_raw is null", 0.001),
}
_TOO_MUCH = f"partners > world * {trade.DOUBLED} + rounding + {{more}}"
_TOO_LITTLE = f"are_all and n_unknown = 0 and partners < world * {trade.CUT_SHORT} - rounding - {{more}}"
_OFF = "are_all and n_unknown = 0 and abs(partners - world) > rounding + {more}"


def _footing(
    name: str, figures: dict[str, tuple[str, str, float]], condition: str, why: str, severity: Severity = "critical"
) -> Rule:
    queries = [
        _ADDED.format(
            figure=figure,
            rounding=rounding,
            is_unknown=is_unknown,
            is_page=_IS_PAGE,
            selected=_SELECTED,
            condition=condition.format(more=more),
        ).strip()
        for figure, (rounding, is_unknown, more) in figures.items()
    ]
    return no_rows(name, " union all ".join(f"select * from ({query})" for query in queries), why, severity)


_FOOTINGS = (
    _footing(
        "partners_do_not_exceed_their_printed_world",
        _MONEY,
        _TOO_MUCH,
        "breakdown rows added to their totals double the sum",
    ),
    _footing(
        "partners_add_up_to_their_printed_world",
        _MONEY,
        _TOO_LITTLE,
        "a partner is missing: the page is cut short, or its total is of another good",
    ),
    _footing(
        "weights_of_partners_do_not_exceed_their_printed_world",
        _WEIGHT,
        _TOO_MUCH,
        "a partner is counted twice, or the weight is another line's",
    ),
    _footing(
        "weights_of_partners_add_up_to_their_printed_world",
        _WEIGHT,
        _TOO_LITTLE,
        "a partner is missing: the report is cut short",
    ),
    _footing(
        "partners_and_their_printed_world_agree",
        _MONEY,
        _OFF,
        "the publisher's figures do not add up: one was revised or withdrawn without its total",
        "warning",
    ),
    _footing(
        "weights_of_partners_and_their_printed_world_agree",
        _WEIGHT,
        _OFF,
        "the publisher's weights do not add up: one was revised or withdrawn without its total",
        "warning",
    ),
)
_NOT_SHARED = {trade.PERIODS_IN_THE_YEAR.name, *(rule.name for rule in _FOOTINGS)}

SUITE = Suite(
    table="india_tradestat__trade",
    gate=1,
    rules=(
        *(rule for rule in trade.RULES if rule.name not in _NOT_SHARED),
        *_FOOTINGS,
        no_rows(
            "periods_lie_in_the_years_of_the_partition",
            "select arriving.* from {batch} as arriving inner join partitions"
            " on arriving.partition_name = partitions.partition_name"
            " where year(arriving.period_start) > partitions.year"
            f" or year(arriving.period_start) < partitions.year - case when {_IS_PAGE} then 4 else 0 end",
            "a report saved under another year's name; a page of the portal prints up to four years before its last",
        ),
        no_rows(
            "rows_are_of_the_partition_they_came_with",
            "select arriving.* from {batch} as arriving inner join partitions using (partition_name)"
            f" where not coalesce({_OF_ITS_PARTITION}, false)",
            "another report, or totals for partners, saved under this partition's name",
        ),
        no_rows(
            "codes_are_those_the_warehouse_follows",
            f"select * from ({_CODES}) where not coalesce({_FOLLOWED}, false)",
            "a page of another good must not arrive",
        ),
        no_rows(
            "every_line_with_trade_in_all_years_is_there",
            f"select partition_name, line from partitions, unnest([{_EVERY_YEAR}]) as listed(line)"
            " where key_report = 'lines'"
            " and (partition_name, line) not in (select partition_name, hs_code from {batch})",
            "a line is missing: the file is cut short, or a page was not fetched",
        ),
        no_rows(
            "months_of_one_heading_stay_below_100_million",
            "select * from {batch} where value_usd > 1e8 and period_type = 'month' and starts_with(hs_code, '2846')",
            "rupees read as dollars, or thousands as millions: a month of compounds is one or two million",
        ),
        no_rows(
            "rupees_and_dollars_agree_within_their_rounding",
            "select *, value_local / value_usd as inr_per_usd from {batch}"
            " where (value_local - value_rounding_local)"
            " / coalesce(value_usd + value_rounding_usd, value_high_usd) > 120"
            " or (value_local + value_rounding_local) / (value_usd - value_rounding_usd) < 30",
            "a rupee report of another flow or year; a dollar has cost 35 to 90 rupees since 1996",
        ),
        no_rows(
            "no_partner_of_the_mislabelled_months",
            "select arriving.* from {batch} as arriving inner join partitions using (partition_name)"
            " where not is_partner_world and key_bank = 'MEIDB' and basis_code is distinct from 'derived_by_difference'"
            " and ((period_type <> 'calendar_year' and period_start <= date '2024-03-31'"
            " and period_end >= date '2023-04-01')"
            " or (period_type = 'calendar_year' and year(period_start) = 2023))",
            "the portal's partner labels of these months are wrong, and those of calendar 2023 with them; a difference"
            " of later reports has the right ones",
        ),
    ),
)
