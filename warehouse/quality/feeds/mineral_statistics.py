"""Gate 1 of production and reserves: are the editions of a load believable, each by itself?

`RULES` are those of a table of countries and their world total. A suite of another kind of table leaves out the groups
that do not fit it, by name.
"""

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
from warehouse.quality.limits import FIRST_YEAR, LAST_YEAR, MOST_WORLD_T, PRINTED_TOTAL_OFF, PRINTED_TOTAL_ROUNDED

_ADDED_UP = """
with added as (
    select partition_name, measure, year,
        sum(value_t) filter (where scope <> 'world') as added_t,
        max(value_t) filter (where scope = 'world') as printed_t
    from {{batch}} where measure = 'production' group by partition_name, measure, year
)
select * from added where printed_t is null or abs(added_t / printed_t - 1) > {tolerance}
"""


def _adds_up(tolerance: float) -> str:
    return _ADDED_UP.format(tolerance=tolerance)


BOTH_COUNTRIES: tuple[Rule, ...] = (
    no_rows(
        "china_and_india_are_in_every_table",
        "select partition_name, measure, year from {batch} group by partition_name, measure, year"
        " having count(*) filter (where country_code = 'CHN') <> 1"
        " or count(*) filter (where country_code = 'IND') <> 1",
        "the two countries the warehouse is about: a table without one is cut short",
    ),
)
"""Rules of tables that list India and China in every year."""

AGAINST_THE_WORLD: tuple[Rule, ...] = (
    no_rows(
        "production_adds_up_to_the_printed_world_within_5_percent",
        _adds_up(PRINTED_TOTAL_OFF),
        "the printed total is rounded to two or three figures; 5 % off is another table or a lost row",
    ),
    no_rows(
        "production_adds_up_to_the_printed_world_within_2_percent",
        _adds_up(PRINTED_TOTAL_ROUNDED),
        "rounding alone has stayed within 2 %",
        severity="warning",
    ),
)
"""Rules of tables with countries and their printed world total."""

CHINA_MINES_THE_MOST = no_rows(
    "china_mines_the_most",
    "select * from {batch} where measure = 'production' and scope = 'country'"
    " qualify country_code = 'CHN' and value_t < max(value_t) over (partition by partition_name, year)",
    "China has mined the most since the 1990s: another country ahead means shifted rows",
)
"""A rule of tables that begin after the 1980s, when the United States mined the most."""

RULES: tuple[Rule, ...] = (
    every_partition_has_rows("an edition without a row was not read"),
    *in_closed_list("measure", "production and reserves are never mixed"),
    *in_closed_list("scope", "countries, the world and 'other countries' are different things"),
    *in_closed_list("unit_basis", "tonnes of oxide and tonnes of mineral are never mixed"),
    *in_closed_list("period_type", "calendar and fiscal years are never mixed"),
    not_null("series", "series that one publisher counts twice need different names"),
    *in_closed_list("value_status", "a mark the warehouse cannot read would become a wrong number"),
    not_null("value_raw", "what the publisher printed is kept for every cell"),
    between("value_t", 0, MOST_WORLD_T, "tonnes: nothing is negative, nothing above a billion"),
    between("year", FIRST_YEAR, LAST_YEAR, "a year, not a code"),
    in_closed_list_or_null("basis_code", "what an estimate rests on is a closed list"),
    in_closed_list_or_null("reason_code", "why a figure is not available is a closed list"),
    no_rows(
        "only_what_is_not_available_has_a_reason",
        "select * from {batch} where reason_code is not null and value_status <> 'not_available'",
        "the reason of another country's or another year's cell",
    ),
    no_rows(
        "periods_are_twelve_months_that_begin_or_end_in_the_printed_year",
        "select * from {batch} where period_end <> period_start + interval 12 months - interval 1 day"
        " or year not in (year(period_start), year(period_end))"
        " or (period_type = 'calendar_year') <> (month(period_start) = 1)",
        "a fiscal year is twelve months, and one of its two calendar years is the printed one",
    ),
    no_rows(
        "countries_have_a_code_and_totals_have_none",
        "select * from {batch} where (scope = 'country') <> (country_code is not null)",
        "a total counted as a country would be added twice",
    ),
    no_rows(
        "a_number_stands_where_the_status_says_so",
        "select * from {batch} where (value_t is not null) <> (value_status in ('reported', 'estimated', 'zero'))"
        " or (value_status = 'at_least' and value_low_t is null)"
        " or (value_status = 'at_most' and value_high_t is null)"
        " or (value_status = 'range' and (value_low_t is null or value_high_t is null))",
        "withheld is not null and a bound is not a number",
    ),
    *BOTH_COUNTRIES,
    *AGAINST_THE_WORLD,
    PARTITIONS_ARE_NAMED,
    REJECTS_ARE_EXPECTED,
)
