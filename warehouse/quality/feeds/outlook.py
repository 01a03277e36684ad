"""Gate 1 of an outlook: are the editions of a load believable, each by itself?"""

from __future__ import annotations

from warehouse.figures import exceeds
from warehouse.quality.expectations.rules import (
    Rule,
    between,
    in_closed_list,
    in_closed_list_or_null,
    no_rows,
    not_null,
)
from warehouse.quality.feeds.loads import PARTITIONS_ARE_NAMED, REJECTS_ARE_EXPECTED, every_partition_has_rows
from warehouse.quality.limits import MOST_MAGNET_ELEMENTS_KT, PRINTED_SUM_OFF_KT

SUPPLY_IS_OF_COUNTRIES_AND_DEMAND_OF_USES = no_rows(
    "supply_is_of_countries_and_demand_of_uses",
    "select * from {batch} where (outlook_measure = 'demand') <> (magnet_use is not null)"
    " or (scope = 'country') <> (country_code is not null)"
    " or (outlook_measure = 'demand' and scope <> 'world')",
    "a use without demand, or a country without its code, is a shifted record",
)
SCENARIOS_FIT_WHAT_IS_MEASURED = no_rows(
    "scenarios_fit_what_is_measured",
    "select * from {batch} where outlook_scenario <> 'base_year'"
    " and (outlook_measure = 'demand') <> (outlook_scenario in ('STEPS', 'APS', 'NZE'))",
    "supply has a base case only, demand has scenarios only",
)
COUNTRIES_ADD_UP = """
select {statement}, outlook_measure, element_scope, outlook_scenario, period_start,
    sum({kt}) filter (where scope <> 'world') as added_up, sum({kt}) filter (where scope = 'world') as printed
from {{batch}} where outlook_measure <> 'demand'{active}
group by all having {is_off} or printed is null or added_up is null
"""
USES_ADD_UP = """
select {statement}, element_scope, outlook_scenario, period_start,
    sum({kt}) filter (where magnet_use in ('wind', 'electric_vehicles')) as sectors,
    sum({kt}) filter (where magnet_use = 'clean_energy') as clean_energy,
    sum({kt}) filter (where magnet_use = 'other_uses') as other_uses,
    sum({kt}) filter (where magnet_use = 'all_uses') as all_uses
from {{batch}} where outlook_measure = 'demand'{active}
group by all having {are_off} or sectors + clean_energy + other_uses + all_uses is null
"""


def sums(statement: str, kt: str, active: str) -> tuple[Rule, Rule]:
    """Rules that countries add up to the printed world and uses to all of them, within what decimals leave.

    `statement` names the columns of one statement, `kt` the figure and `active` a further condition.
    """
    off = str(PRINTED_SUM_OFF_KT)
    parts = {
        "statement": statement,
        "kt": kt,
        "active": active,
        "is_off": exceeds("abs(added_up - printed)", off),
        "are_off": f"{exceeds('abs(sectors - clean_energy)', off)}"
        f" or {exceeds('abs(clean_energy + other_uses - all_uses)', off)}",
    }
    return (
        no_rows(
            "countries_add_up_to_the_printed_world",
            COUNTRIES_ADD_UP.format(**parts),
            "a country that was lost, or a line of prose read as one",
        ),
        no_rows(
            "uses_add_up_to_all_of_them",
            USES_ADD_UP.format(**parts),
            "wind and electric vehicles are clean energy, and that and other uses are all",
        ),
    )


RULES: tuple[Rule, ...] = (
    every_partition_has_rows("an edition without a row was not read"),
    *in_closed_list("outlook_measure", "mining, refining and demand are never mixed"),
    *in_closed_list("element_scope", "figures of some elements are never joined to those of all"),
    *in_closed_list("scope", "a world counted as a country would be added twice"),
    in_closed_list_or_null("magnet_use", "uses are a closed list, null for supply"),
    *in_closed_list("outlook_scenario", "scenarios are never added"),
    *in_closed_list("period_type", "years only"),
    *in_closed_list("value_status", "a projection is an estimate"),
    not_null("value_raw", "what the publisher states is kept for every figure"),
    between("value_kt", 0, MOST_MAGNET_ELEMENTS_KT, "kilotonnes: tonnes read as kilotonnes fall outside"),
    no_rows(
        "a_number_stands_where_the_status_says_so",
        "select * from {batch} where (value_kt is not null) <> (value_status in ('reported', 'estimated', 'zero'))"
        " or value_status not in ('reported', 'estimated', 'zero', 'not_available') or isnan(value_kt)",
        "no figure is not zero",
    ),
    SUPPLY_IS_OF_COUNTRIES_AND_DEMAND_OF_USES,
    SCENARIOS_FIT_WHAT_IS_MEASURED,
    *sums("partition_name", "value_kt", ""),
    PARTITIONS_ARE_NAMED,
    REJECTS_ARE_EXPECTED,
)
