"""Gate 2 of outlooks."""

from __future__ import annotations

from warehouse.quality.expectations.rules import Suite, between, in_closed_list, no_rows, not_empty
from warehouse.quality.facts.common import ONE_CURRENT_STATEMENT, drift
from warehouse.quality.feeds.outlook import (
    SCENARIOS_FIT_WHAT_IS_MEASURED,
    SUPPLY_IS_OF_COUNTRIES_AND_DEMAND_OF_USES,
    sums,
)
from warehouse.quality.limits import MOST_MAGNET_ELEMENTS_KT

SUITE = Suite(
    table="fct_outlook",
    gate=2,
    rules=(
        not_empty("China's share of refining rests on it"),
        *in_closed_list("outlook_measure", "mining, refining and demand are never mixed"),
        *in_closed_list("element_scope", "figures of some elements are never joined to those of all"),
        *in_closed_list("outlook_scenario", "scenarios are never added"),
        *in_closed_list("value_status", "a closed list, never null"),
        between("outlook_kt", 0, MOST_MAGNET_ELEMENTS_KT, "kilotonnes of magnet rare earths"),
        ONE_CURRENT_STATEMENT,
        SUPPLY_IS_OF_COUNTRIES_AND_DEMAND_OF_USES,
        SCENARIOS_FIT_WHAT_IS_MEASURED,
        no_rows(
            "projections_are_forward_and_estimated",
            "select * from {batch} where is_forward <> (outlook_scenario <> 'base_year') and is_latest"
            " or (is_forward and value_status = 'reported')",
            "a year that is not over is a projection, and a projection is no report",
        ),
        *sums("source_code, edition", "outlook_kt", " and is_latest"),
        *drift(
            "fct_outlook",
            "outlook_kt",
            "source_code, outlook_measure, element_scope, scope, country_code, magnet_use, outlook_scenario,"
            " period_type, period_start",
        ),
    ),
)
