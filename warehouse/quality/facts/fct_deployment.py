"""Gate 2 of what was put to use."""

from __future__ import annotations

from warehouse.quality.expectations.rules import Suite, between, in_closed_list, no_rows, not_empty
from warehouse.quality.facts.common import ONE_CURRENT_STATEMENT, drift
from warehouse.quality.feeds.deployment import CLASSES_DO_NOT_EXCEED_ALL, UNITS_FIT_THE_USE
from warehouse.quality.limits import MOST_DEPLOYED

SUITE = Suite(
    table="fct_deployment",
    gate=2,
    rules=(
        not_empty("demand is counted from it"),
        *in_closed_list("magnet_use", "uses are never mixed"),
        *in_closed_list("use_class", "a class is contained in all"),
        *in_closed_list("deployed_unit", "a figure without its unit is no figure"),
        *in_closed_list("value_status", "a closed list, never null"),
        between("deployed", 0, MOST_DEPLOYED, "vehicles or megawatts of one country in one year"),
        ONE_CURRENT_STATEMENT,
        UNITS_FIT_THE_USE,
        no_rows(
            "classes_do_not_exceed_all_of_them",
            CLASSES_DO_NOT_EXCEED_ALL.format(statement="source_code", active=" and is_latest"),
            "the register grows: a class above all of them is of another year",
        ),
        *drift(
            "fct_deployment", "deployed", "source_code, country_code, magnet_use, use_class, period_type, period_start"
        ),
    ),
)
