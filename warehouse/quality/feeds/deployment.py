"""Gate 1 of what was put to use: are the figures of a load believable, each page's by itself?"""

from __future__ import annotations

from warehouse.figures import exceeds
from warehouse.quality.expectations.rules import Rule, between, in_closed_list, no_rows, not_null
from warehouse.quality.feeds.loads import PARTITIONS_ARE_NAMED, REJECTS_ARE_EXPECTED, every_partition_has_rows
from warehouse.quality.limits import MOST_DEPLOYED

CLASSES_DO_NOT_EXCEED_ALL = f"""
select {{statement}}, country_code, magnet_use, deployed_unit, period_type, period_start,
    sum(deployed) filter (where use_class <> 'all') as classes, max(deployed) filter (where use_class = 'all') as whole,
    sum(deployed_rounding) as rounding
from {{{{batch}}}} where true{{active}}
group by all having {exceeds("classes", "whole + rounding")}
"""
UNITS_FIT_THE_USE = no_rows(
    "units_fit_the_use",
    "select * from {batch} where deployed_unit is distinct from"
    " case magnet_use when 'electric_vehicles' then 'vehicles' when 'wind' then 'mw' end",
    "vehicles are counted, wind power is measured in megawatts; sums over uses are no deployment",
)

RULES: tuple[Rule, ...] = (
    every_partition_has_rows("a page without a row was not read"),
    not_null("country_code", "who put it to use"),
    *in_closed_list("magnet_use", "uses are never mixed"),
    *in_closed_list("use_class", "a class is contained in all"),
    *in_closed_list("deployed_unit", "a figure without its unit is no figure"),
    *in_closed_list("period_type", "fiscal and calendar years are never added"),
    *in_closed_list("value_status", "a mark the warehouse cannot read would become a wrong number"),
    not_null("value_raw", "what the page prints is kept for every figure"),
    not_null("page_url", "a figure whose page is not named cannot be checked"),
    between("deployed", 0, MOST_DEPLOYED, "vehicles or megawatts of one country in one year"),
    no_rows(
        "a_number_stands_where_the_status_says_so",
        "select * from {batch} where deployed is null or deployed_rounding is null or isnan(deployed)"
        " or value_status not in ('reported', 'estimated', 'zero') or (deployed = 0) <> (value_status = 'zero')",
        "what is not printed has no row",
    ),
    UNITS_FIT_THE_USE,
    no_rows(
        "classes_do_not_exceed_all_of_them",
        CLASSES_DO_NOT_EXCEED_ALL.format(statement="partition_name", active=""),
        "a class counted twice, or a digit misplaced",
    ),
    PARTITIONS_ARE_NAMED,
    REJECTS_ARE_EXPECTED,
)
