"""Gate 2 of salient statistics."""

from __future__ import annotations

from warehouse.quality.expectations.rules import Suite, between, in_closed_list, no_rows, not_empty
from warehouse.quality.facts.common import ONE_CURRENT_STATEMENT, drift
from warehouse.quality.feeds.salient import (
    ONLY_RELIANCE_IS_OF_A_NET_EXPORTER,
    PERCENT_ARE_AT_MOST_A_HUNDRED,
    SOURCES_DO_NOT_EXCEED_THE_WHOLE,
    UNITS_FIT_THE_MEASURE,
)
from warehouse.quality.limits import MOST_WORLD_T

SUITE = Suite(
    table="fct_salient",
    gate=2,
    rules=(
        not_empty("import reliance is what a policy is argued with"),
        *in_closed_list("commodity", "chapters overlap: their figures are never added"),
        *in_closed_list("salient_measure", "production, trade and consumption are never mixed"),
        *in_closed_list("salient_material", "concentrates, compounds and metals are never mixed"),
        *in_closed_list("salient_unit", "a figure without its unit is no figure"),
        *in_closed_list("value_status", "a closed list, never null"),
        between("salient_value", 0, MOST_WORLD_T, "nothing is negative, nothing above a billion"),
        ONE_CURRENT_STATEMENT,
        UNITS_FIT_THE_MEASURE,
        ONLY_RELIANCE_IS_OF_A_NET_EXPORTER,
        PERCENT_ARE_AT_MOST_A_HUNDRED,
        no_rows(
            "import_sources_add_up_to_a_hundred",
            SOURCES_DO_NOT_EXCEED_THE_WHOLE.format(statement="source_code", active=" and is_latest"),
            "shares are rounded to whole per cent; more or less is a source lost or counted twice",
        ),
        *drift(
            "fct_salient",
            "salient_value",
            "source_code, country_code, commodity, element_symbol, salient_measure, salient_material, partner_label,"
            " period_type, period_start",
        ),
    ),
)
