"""Gate 2 of in-situ resources."""

from __future__ import annotations

from warehouse.quality.expectations.rules import Suite, between, in_closed_list, no_rows, not_empty
from warehouse.quality.facts.common import ONE_CURRENT_STATEMENT, drift
from warehouse.quality.limits import MOST_RESERVES_T

SUITE = Suite(
    table="fct_resources",
    gate=2,
    rules=(
        not_empty("India's monazite is what its plans rest on"),
        *in_closed_list("substance", "tonnes of monazite are not tonnes of oxide"),
        *in_closed_list("value_status", "a closed list, never null"),
        between("resources_t_monazite", 0, MOST_RESERVES_T, "tonnes: India counts thirteen million"),
        between("resources_t_reo", 0, MOST_RESERVES_T, "tonnes: India counts eight and a half million"),
        ONE_CURRENT_STATEMENT,
        no_rows(
            "a_figure_stands_under_its_own_substance",
            "select * from {batch} where (resources_t_monazite is not null and substance <> 'monazite')"
            " or (resources_t_reo is not null and substance <> 'reo')",
            "a resource in the wrong column would be read as another substance",
        ),
        *drift(
            "fct_resources",
            "coalesce(resources_t_reo, resources_t_monazite)",
            "source_code, country_code, region_name, deposit, substance, period_type, period_start",
        ),
    ),
)
