"""Gate 1 of customs trade: are the partitions of a load believable, each by itself?"""

from __future__ import annotations

from warehouse.quality.expectations.rules import Rule, between, in_closed_list, no_rows, not_null
from warehouse.quality.feeds.loads import (
    COMPLETE_WITHOUT,
    PARTITIONS_ARE_NAMED,
    REJECTS_ARE_EXPECTED,
    UNKNOWN_PARTNERS,
    every_partition_has_rows,
)
from warehouse.quality.limits import LEAST_USD_PER_KG, MOST_TRADE_KG, MOST_TRADE_USD, MOST_USD_PER_KG, SUM_NOISE

DOUBLED, CUT_SHORT, AGREE = 1.25, 0.9, 0.001
"""Partners' sum as a share of the printed World: beyond the first something is counted twice, below the second a large
part is missing; between them, and off by more than the third, the publisher's own figures do not add up, as where one
of them was revised without its total. The limits are assumptions."""

_PARTNERS_AND_WORLD = """
with added as (
    select partition_name, reporter_code, flow, hs_code, period_start,
        count(distinct partner_code) filter (where not is_partner_world) as n_partners,
        sum(value_usd) filter (where not is_partner_world) as partners_usd,
        sum(value_usd) filter (where is_partner_world) as world_usd,
        sum(value_rounding_usd) as rounding_usd,
        any_value(artifact_sha256) filter (where is_partner_world) as artifact_sha256,
        any_value(artifact_row) filter (where is_partner_world) as artifact_row
    from {{batch}} group by partition_name, reporter_code, flow, hs_code, period_start
)
select * from added where {condition}
"""

_ALL_LOADED = (
    " and not exists (select 1 from rejects where rejects.partition_name = added.partition_name"
    f" and reason_code not in {COMPLETE_WITHOUT})"
)

AGAINST_THE_WORLD: tuple[Rule, ...] = (
    no_rows(
        "partners_do_not_exceed_their_printed_world",
        _PARTNERS_AND_WORLD.format(
            condition=f"world_usd is not null and partners_usd > world_usd * {DOUBLED} + rounding_usd + 1"
        ),
        "breakdown rows added to their totals double the sum",
    ),
    no_rows(
        "partners_add_up_to_their_printed_world",
        _PARTNERS_AND_WORLD.format(
            condition=f"n_partners > 1 and partners_usd < world_usd * {CUT_SHORT} - rounding_usd - 1{_ALL_LOADED}"
        ),
        "a partner is missing: the page is cut short",
    ),
    no_rows(
        "partners_and_their_printed_world_agree",
        _PARTNERS_AND_WORLD.format(
            condition="n_partners > 1 and abs(partners_usd - world_usd)"
            f" > world_usd * {AGREE} + rounding_usd + 1{_ALL_LOADED}"
        ),
        "the publisher's figures do not add up: one was revised or withdrawn without its total, or the total hides one",
        severity="warning",
    ),
)
"""Rules of partitions that contain partners and their printed World row."""

_WEIGHTS_AND_WORLD = """
with added as (
    select partition_name, reporter_code, flow, hs_code, period_type, period_start,
        count(distinct partner_code) filter (where not is_partner_world) as n_partners,
        sum(net_weight_kg) filter (where not is_partner_world) as partners_kg,
        sum(net_weight_kg) filter (where is_partner_world) as world_kg,
        count(*) filter (where net_weight_kg is null and weight_status <> 'at_most') as n_unknown,
        sum(weight_rounding_kg) as rounding_kg,
        any_value(artifact_sha256) filter (where is_partner_world) as artifact_sha256,
        any_value(artifact_row) filter (where is_partner_world) as artifact_row
    from {{batch}} group by partition_name, reporter_code, flow, hs_code, period_type, period_start
)
select * from added where {condition}
"""

WEIGHTS_AGAINST_THE_WORLD: tuple[Rule, ...] = (
    no_rows(
        "weights_of_partners_do_not_exceed_their_printed_world",
        _WEIGHTS_AND_WORLD.format(condition=f"partners_kg > world_kg + rounding_kg + {SUM_NOISE}"),
        "a partner is counted twice, or the weight is another line's",
    ),
    no_rows(
        "weights_of_partners_add_up_to_their_printed_world",
        _WEIGHTS_AND_WORLD.format(
            condition=f"n_partners > 1 and n_unknown = 0 and partners_kg < world_kg - rounding_kg - {SUM_NOISE}"
            " and not exists (select 1 from rejects where rejects.partition_name = added.partition_name"
            f" and reason_code not in {COMPLETE_WITHOUT})"
        ),
        "a partner is missing: the report is cut short",
    ),
)
"""Rules of partitions whose reports print the weights of all partners and of the world, none of them estimated."""

PERIODS_IN_THE_YEAR = no_rows(
    "periods_lie_in_the_year_of_the_partition",
    "select arriving.* from {batch} as arriving inner join partitions"
    " on arriving.partition_name = partitions.partition_name"
    " where year(arriving.period_start) <> partitions.year",
    "a body saved under another year's name",
)
"""Not for partitions with several years."""

HS_CODE_LENGTH = Rule(
    "hs_code_is_4_to_10_digits",
    "critical",
    "codes are text with their leading zeros",
    "ExpectColumnValueLengthsToBeBetween",
    {"column": "hs_code", "min_value": 4, "max_value": 10},
)

FLOW_RULES: tuple[Rule, ...] = (
    not_null("reporter_code", "whose report it is"),
    not_null("partner_code", "with whom"),
    *in_closed_list("flow", "imports and exports are never mixed"),
    *in_closed_list("period_type", "months, calendar years and fiscal years are never mixed"),
    *in_closed_list("value_status", "a mark the warehouse cannot read would become a wrong number"),
    *in_closed_list("weight_status", "an unknown weight is not a weight of zero"),
    *in_closed_list("valuation", "CIF and FOB differ by freight and insurance"),
    between("value_usd", 0, MOST_TRADE_USD, "US$: world trade in these codes is a fraction of this"),
    between("net_weight_kg", 0, MOST_TRADE_KG, "kg: a code in tonnes, or a weight in grams, falls outside"),
    HS_CODE_LENGTH,
    PERIODS_IN_THE_YEAR,
)
"""For whole flows and for parts of them."""

RULES: tuple[Rule, ...] = (
    every_partition_has_rows("a partition without a row was not read; an empty answer is not zero trade"),
    *FLOW_RULES,
    *in_closed_list("partner_basis", "origin and consignment name different partners"),
    no_rows(
        "a_number_stands_where_the_status_says_so",
        "select *, coalesce(value_usd, value_local) as money from {batch}"
        " where (value_usd is not null and value_status not in ('reported', 'estimated', 'zero'))"
        " or (money is null and value_status in ('reported', 'estimated', 'zero'))"
        " or (money is not null and value_status in ('not_available', 'withheld'))"
        " or (value_status = 'at_most' and coalesce(value_high_usd, value_rounding_local) is null)"
        " or (net_weight_kg is not null) <> (weight_status in ('reported', 'estimated'))"
        " or isnan(value_usd) or isnan(value_local) or isnan(net_weight_kg)",
        "withheld is not null, a bound is not a number, and nothing that is no number counts as one",
    ),
    no_rows(
        "money_other_than_us_dollars_names_its_currency",
        "select * from {batch}"
        " where (currency_code is null) <> (coalesce(value_local, value_rounding_local) is null)"
        " or not regexp_full_match(currency_code, '[A-Z][A-Z][A-Z]') or currency_code = 'USD'",
        "an amount without a currency (ISO 4217) cannot be read; US$ have columns of their own",
    ),
    no_rows(
        "a_partition_is_in_one_local_currency",
        "select partition_name from {batch} group by partition_name having count(distinct currency_code) > 1",
        "amounts of two currencies would be added up as one",
    ),
    *AGAINST_THE_WORLD,
    no_rows(
        "weights_are_plausible_against_values",
        "select *, value_usd / net_weight_kg as usd_per_kg from {batch}"
        " where net_weight_kg > 1000 and value_usd > 1000"
        f" and (value_usd / net_weight_kg < {LEAST_USD_PER_KG} or value_usd / net_weight_kg > {MOST_USD_PER_KG})",
        "a kilogram of rare earths or magnets costs between cents and thousands of dollars; tonnes read as kg do not",
        severity="warning",
    ),
    PARTITIONS_ARE_NAMED,
    UNKNOWN_PARTNERS,
    REJECTS_ARE_EXPECTED,
)
