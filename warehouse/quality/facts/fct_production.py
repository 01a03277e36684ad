"""Gate 2 of mine production."""

from __future__ import annotations

from warehouse.figures import exceeds
from warehouse.quality.expectations.rules import Suite, between, in_closed_list, no_rows, not_empty
from warehouse.quality.facts.common import EDITION_DAYS, ONE_CURRENT_STATEMENT, OXIDE_BOUNDS, VALID_ON, drift
from warehouse.quality.limits import MOST_OUTPUT_T, PRINTED_TOTAL_OFF, PRINTED_TOTAL_ROUNDED

_WORLD_TABLES = "('usgs_mcs', 'usgs_myb')"
"""Sources whose editions print every country and the world; the others print one country, or no world."""
_DAY = "source_code, edition, day, year"
_AGAINST_WORLD = f"""
with {EDITION_DAYS}, countries as (
    select {_DAY}, sum(production_t_reo) as added_t
    from {{{{batch}}}} as facts inner join days using (source_code, edition)
    where source_code in {{sources}} and {VALID_ON.format(fact="facts", day="days.day")} group by {_DAY}
), printed as (
    select {_DAY}, max(total_t_reo) as world_t
    from fct_world_total as facts inner join days using (source_code, edition)
    where measure = 'production' and source_code in {{sources}}
    and {VALID_ON.format(fact="facts", day="days.day")} group by {_DAY}
), not_listed as (
    select {_DAY}, sum(total_t_reo) as not_listed_t
    from fct_other_countries_total as facts inner join days using (source_code, edition)
    where measure = 'production' and source_code in {{sources}}
    and {VALID_ON.format(fact="facts", day="days.day")} group by {_DAY}
), compared as (
    select *, coalesce(not_listed_t, 0) as others_t
    from countries full outer join printed using ({_DAY}) left join not_listed using ({_DAY})
)
select *, (added_t + others_t) / world_t - 1 as gap
from compared
where added_t is null or world_t is null or {{beyond}}
"""
"""What an edition says of the countries beside the world that it prints, on each day on which it changed."""


def _off_by_more_than(share: float) -> str:
    return exceeds("abs((added_t + others_t) / world_t - 1)", str(share))


LEAST_OF_CHINA, MOST_OF_CHINA = 0.5, 0.9
"""China's share of the countries listed: 57 to 83 % in every year since 2015."""


SUITE = Suite(
    table="fct_production",
    gate=2,
    rules=(
        no_rows(
            "oxide_and_gross_weight_stand_apart",
            "select * from {batch} where production_t_reo is not null and production_t_gross is not null"
            " or (basis_code = 'gross_weight' and production_t_reo is not null)",
            "tonnes of mineral read as tonnes of oxide would double a country's output",
        ),
        not_empty("production is what the warehouse is about"),
        *in_closed_list("value_status", "a closed list, never null"),
        between("production_t_reo", 0, MOST_OUTPUT_T, "no country has mined a million tonnes a year"),
        ONE_CURRENT_STATEMENT,
        OXIDE_BOUNDS,
        no_rows(
            "countries_add_up_to_the_printed_world_within_5_percent",
            _AGAINST_WORLD.format(sources=_WORLD_TABLES, beyond=_off_by_more_than(PRINTED_TOTAL_OFF)),
            "on every day each edition and year has its printed total, and comes within 5 % of it",
        ),
        no_rows(
            "countries_add_up_to_the_printed_world_within_2_percent",
            _AGAINST_WORLD.format(sources=_WORLD_TABLES, beyond=_off_by_more_than(PRINTED_TOTAL_ROUNDED)),
            "rounding alone has stayed within 2 %",
            severity="warning",
        ),
        no_rows(
            "every_edition_has_china_and_india",
            f"select source_code, edition, year from {{batch}} where source_code in {_WORLD_TABLES}"
            " group by source_code, edition, year"
            " having count(*) filter (where country_code in ('CHN', 'IND')) < 2",
            "a table without one of them is cut short",
        ),
        no_rows(
            "latest_china_is_between_half_and_nine_tenths_of_the_countries",
            "select source_code, year,"
            " sum(production_t_reo) filter (where country_code = 'CHN') / sum(production_t_reo) as share"
            f" from {{batch}} where is_latest and year >= 2015 and source_code in {_WORLD_TABLES}"
            " group by source_code, year"
            f" having share is null or {exceeds(str(LEAST_OF_CHINA), 'share')}"
            f" or {exceeds('share', str(MOST_OF_CHINA))}",
            "China has mined 57 to 83 % of the world's rare earths in every year since 2015",
            severity="warning",
        ),
        *drift(
            "fct_production",
            "production_t_reo",
            "source_code, country_code, year, series",
        ),
    ),
)
