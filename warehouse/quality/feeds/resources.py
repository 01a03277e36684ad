"""Gate 1 of in-situ resources: are the statements of a load believable, each by itself?"""

from __future__ import annotations

from warehouse.quality.expectations.rules import (
    Rule,
    between,
    in_closed_list,
    in_closed_list_or_null,
    no_rows,
    not_null,
)
from warehouse.quality.feeds.loads import PARTITIONS_ARE_NAMED, REJECTS_ARE_EXPECTED, every_partition_has_rows
from warehouse.quality.limits import MOST_WORLD_T, SUM_NOISE

_PARTS_AND_WHOLE = """
with added as (
    select partition_name, country_code, substance, as_of_start, as_of_end, {group}
        sum(value_t) filter (where {part}) as parts_t,
        max(value_t) filter (where {whole}) as whole_t,
        sum(value_rounding_t) filter (where {part} or {whole}) as rounding_t
    from {{batch}} group by all
)
select * from added where parts_t > whole_t + rounding_t + {noise}
"""

LEAST_OXIDE, MOST_OXIDE = 0.3, 0.8
"""Share of rare-earth oxide in monazite, with room on both sides: it holds 55 to 60 %."""


RULES: tuple[Rule, ...] = (
    every_partition_has_rows("a statement without a row was not read"),
    not_null("country_code", "whose resource it is"),
    *in_closed_list("substance", "a tonne of monazite is half a tonne of oxide: the two are never added"),
    *in_closed_list("deposit", "placer sands and hard rock are counted apart"),
    *in_closed_list("value_status", "a mark the warehouse cannot read would become a wrong number"),
    not_null("value_raw", "what the page prints is kept for every figure"),
    not_null("page_url", "a figure whose page is not named cannot be checked"),
    not_null("as_of_start", "a resource is as of some day"),
    not_null("as_of_end", "a resource is as of some day"),
    between("value_t", 1.0e3, MOST_WORLD_T, "tonnes: figures in million tonnes, or in kilograms, fall outside"),
    between("value_rounding_t", 0.0005, 1.0e6, "half of the last printed digit, in tonnes"),
    in_closed_list_or_null("basis_code", "what a figure rests on is a closed list"),
    no_rows(
        "a_region_has_a_code_and_a_country_none",
        "select * from {batch} where (region_label is null) <> (region_code is null)"
        " or not regexp_full_match(region_code, '[A-Z][A-Z]-[A-Z0-9]+')",
        "a state counted as the country would be added twice",
    ),
    no_rows(
        "a_number_stands_where_the_status_says_so",
        "select * from {batch} where (value_t is not null) <> (value_status in ('reported', 'estimated', 'zero'))"
        " or (value_status = 'at_least' and value_low_t is null)"
        " or (value_status = 'at_most' and value_high_t is null)"
        " or (value_status = 'range' and (value_low_t is null or value_high_t is null))",
        "a bound is not a number",
    ),
    no_rows(
        "the_day_lies_in_the_year_of_the_partition",
        "select arriving.* from {batch} as arriving inner join partitions"
        " on arriving.partition_name = partitions.partition_name"
        " where year(as_of_start) <> partitions.year or year(as_of_end) <> partitions.year or as_of_end < as_of_start",
        "a statement saved under another year's name",
    ),
    no_rows(
        "regions_do_not_exceed_their_country",
        _PARTS_AND_WHOLE.format(
            group="deposit,", part="region_label is not null", whole="region_label is null", noise=SUM_NOISE
        ),
        "a state's figure with a misplaced digit",
    ),
    no_rows(
        "deposits_do_not_exceed_all_of_them",
        _PARTS_AND_WHOLE.format(
            group="region_label,", part="deposit <> 'all'", whole="deposit = 'all'", noise=SUM_NOISE
        ),
        "a deposit counted twice",
    ),
    no_rows(
        "oxide_is_three_to_eight_tenths_of_its_monazite",
        "select partition_name, country_code, region_label, as_of_start,"
        " max(value_t) filter (where substance = 'reo') as oxide_t,"
        " max(value_t) filter (where substance = 'monazite') as monazite_t"
        " from {batch} where deposit = 'beach_sand' group by partition_name, country_code, region_label, as_of_start"
        f" having oxide_t / monazite_t not between {LEAST_OXIDE} and {MOST_OXIDE}",
        "monazite contains 55 to 60 % of rare-earth oxide; otherwise the two columns are swapped or in other units",
    ),
    PARTITIONS_ARE_NAMED,
    REJECTS_ARE_EXPECTED,
)
