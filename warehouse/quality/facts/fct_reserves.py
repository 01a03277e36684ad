"""Gate 2 of reserves."""

from __future__ import annotations

from warehouse.figures import exceeds
from warehouse.quality.expectations.rules import Suite, between, in_closed_list, no_rows, not_empty
from warehouse.quality.facts.common import EDITION_DAYS, ONE_CURRENT_STATEMENT, VALID_ON, drift
from warehouse.quality.limits import MOST_RESERVES_T

WORLD_WITHIN = 0.1
"""Difference of the printed world from its countries: both are rounded to two figures; 5 % is the most so far."""


SUITE = Suite(
    table="fct_reserves",
    gate=2,
    rules=(
        not_empty("reserves are what the warehouse is about"),
        *in_closed_list("value_status", "a closed list, never null"),
        between("reserves_t_reo", 0, MOST_RESERVES_T, "no country has a hundred million tonnes"),
        ONE_CURRENT_STATEMENT,
        no_rows(
            "current_rows_are_of_one_edition",
            "select source_code from {batch} where is_current group by source_code having count(distinct edition) <> 1",
            "a country that the newest edition leaves out has no current reserves",
        ),
        no_rows(
            "countries_stay_within_10_percent_of_the_printed_world",
            f"with {EDITION_DAYS}, countries as (select source_code, edition, day, as_of_year,"
            " sum(reserves_t_reo) as added_t from {batch} as facts inner join days using (source_code, edition)"
            f" where {VALID_ON.format(fact='facts', day='days.day')} group by all)"
            " select countries.edition, countries.day, countries.added_t, world.total_t_reo from countries"
            " inner join fct_world_total as world on countries.source_code = world.source_code"
            " and countries.edition = world.edition and world.measure = 'reserves'"
            f" and countries.as_of_year = world.year and {VALID_ON.format(fact='world', day='countries.day')}"
            f" where {exceeds('abs(countries.added_t / world.total_t_reo - 1)', str(WORLD_WITHIN))}"
            f" or {exceeds(f'(1 - {WORLD_WITHIN}) * world.total_t_reo_low', 'countries.added_t')}",
            "printed reserves are rounded to two figures and have stayed within 5 % of the countries",
            severity="warning",
        ),
        *drift(
            "fct_reserves",
            "reserves_t_reo",
            "source_code, country_code, as_of_year",
        ),
    ),
)
