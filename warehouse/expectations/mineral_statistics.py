"""Gate 1 of production and reserves: are the editions of a load believable, each by itself?"""

from __future__ import annotations

from sources.contract import BASIS_CODES, MEASURES, SCOPES, VALUE_STATUSES
from warehouse.expectations.loads import REJECTS_ARE_EXPECTED, every_partition_has_rows
from warehouse.expectations.rules import Rule, between, in_set, no_rows, not_null

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


RULES: tuple[Rule, ...] = (
    every_partition_has_rows("an edition without a row was not read"),
    *in_set("measure", MEASURES, "production and reserves are never mixed"),
    *in_set("scope", SCOPES, "countries, the world and 'other countries' are different things"),
    *in_set("value_status", VALUE_STATUSES, "a mark the warehouse cannot read would become a wrong number"),
    not_null("value_raw", "what the publisher printed is kept for every cell"),
    between("value_t", 0, 1.0e9, "tonnes of oxide: nothing is negative, nothing above a billion"),
    between("year", 1900, 2100, "a year, not a code"),
    Rule(
        "basis_code_is_one_of_its_list",
        "critical",
        "what an estimate rests on is a closed list",
        "ExpectColumnValuesToBeInSet",
        {"column": "basis_code", "value_set": list(BASIS_CODES)},
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
    no_rows(
        "china_and_india_are_in_every_table",
        "select partition_name, measure, year from {batch} group by partition_name, measure, year"
        " having count(*) filter (where country_code = 'CHN') <> 1"
        " or count(*) filter (where country_code = 'IND') <> 1",
        "the two countries the warehouse is about: a table without one is cut short",
    ),
    no_rows(
        "production_adds_up_to_the_printed_world_within_5_percent",
        _adds_up(0.05),
        "the printed total is rounded to two or three figures; 5 % off is another table or a lost row",
    ),
    no_rows(
        "production_adds_up_to_the_printed_world_within_2_percent",
        _adds_up(0.02),
        "rounding alone has stayed within 2 %",
        severity="warning",
    ),
    REJECTS_ARE_EXPECTED,
)
