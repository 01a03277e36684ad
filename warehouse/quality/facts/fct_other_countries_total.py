"""Gate 2 of "other countries" as editions print them."""

from __future__ import annotations

from warehouse.figures import exceeds
from warehouse.quality.expectations.rules import Suite, between, in_closed_list, no_rows, not_empty
from warehouse.quality.facts.common import EDITION_DAYS, ONE_CURRENT_STATEMENT, VALID_ON, drift
from warehouse.quality.limits import MOST_WORLD_T

SUITE = Suite(
    table="fct_other_countries_total",
    gate=2,
    rules=(
        not_empty("without them the countries listed do not add up to the printed world"),
        *in_closed_list("measure", "production and reserves are never mixed"),
        *in_closed_list("value_status", "a closed list, never null"),
        between("total_t_reo", 0, MOST_WORLD_T, "tonnes of oxide"),
        ONE_CURRENT_STATEMENT,
        no_rows(
            "other_countries_stay_below_the_printed_world",
            f"with {EDITION_DAYS} select others.*, days.day from {{batch}} as others"
            " inner join days on others.source_code = days.source_code"
            " and others.edition is not distinct from days.edition"
            f" and {VALID_ON.format(fact='others', day='days.day')}"
            " inner join fct_world_total as worlds"
            " on others.source_code = worlds.source_code and others.edition is not distinct from worlds.edition"
            " and others.measure = worlds.measure and others.year = worlds.year and others.series = worlds.series"
            f" and {VALID_ON.format(fact='worlds', day='days.day')}"
            f" where {exceeds('others.total_t_reo', 'coalesce(worlds.total_t_reo, worlds.total_t_reo_high)')}",
            "a part larger than its whole is in the wrong row",
        ),
        *drift("fct_other_countries_total", "total_t_reo", "source_code, measure, year, series"),
    ),
)
