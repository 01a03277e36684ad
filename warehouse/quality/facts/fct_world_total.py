"""Gate 2 of printed world totals."""

from __future__ import annotations

from warehouse.quality.expectations.rules import Suite, between, in_closed_list, no_rows, not_empty
from warehouse.quality.facts.common import ONE_CURRENT_STATEMENT, drift
from warehouse.quality.limits import MOST_WORLD_T

SUITE = Suite(
    table="fct_world_total",
    gate=2,
    rules=(
        not_empty("shares need the printed totals"),
        *in_closed_list("measure", "production and reserves are never mixed"),
        *in_closed_list("value_status", "a closed list, never null"),
        between("total_t_reo", 0, MOST_WORLD_T, "tonnes of oxide"),
        ONE_CURRENT_STATEMENT,
        no_rows(
            "bounds_stay_bounds",
            "select * from {batch} where value_status = 'at_least'"
            " and (total_t_reo is not null or total_t_reo_low is null)",
            "'more than 90,000,000' is not 90,000,000",
        ),
        *drift(
            "fct_world_total",
            "total_t_reo",
            "source_code, measure, year, series",
        ),
    ),
)
