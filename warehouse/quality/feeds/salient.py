"""Gate 1 of salient statistics: are the editions of a load believable, each by itself?"""

from __future__ import annotations

from warehouse.figures import exceeds
from warehouse.quality.expectations.rules import (
    Rule,
    between,
    in_closed_list,
    no_rows,
    not_null,
)
from warehouse.quality.feeds.loads import (
    PARTITIONS_ARE_NAMED,
    REJECTS_ARE_EXPECTED,
    UNKNOWN_PARTNERS,
    every_partition_has_rows,
)
from warehouse.quality.limits import MOST_WORLD_T

UNITS_FIT_THE_MEASURE = no_rows(
    "units_fit_what_is_measured",
    "select * from {batch} where case when salient_measure in ('net_import_reliance', 'import_source_share')"
    " then salient_unit <> 'percent' when salient_measure = 'employment' then salient_unit <> 'number'"
    " when salient_measure = 'import_unit_value' then salient_unit <> 'usd_per_kg'"
    " else salient_unit not in ('t', 'kg') end"
    " or (unit_basis in ('reo', 'gross')) is distinct from case when salient_unit in ('t', 'kg') then true end",
    "tonnes, per cent and people are never mixed",
)
ONLY_RELIANCE_IS_OF_A_NET_EXPORTER = no_rows(
    "only_import_reliance_is_of_a_net_exporter",
    "select * from {batch} where value_status = 'net_exporter' and salient_measure <> 'net_import_reliance'",
    "an E in another row is a shifted record",
)
PERCENT_ARE_AT_MOST_A_HUNDRED = no_rows(
    "a_percentage_is_at_most_a_hundred",
    "select * from {batch} where salient_unit = 'percent' and "
    + exceeds("greatest(salient_value, salient_value_low, salient_value_high)", "100"),
    "more than all of it is tonnes read as per cent",
)
SOURCES_DO_NOT_EXCEED_THE_WHOLE = (
    "select {statement}, commodity, element_symbol, salient_material, period_start, sum(salient_value) as added_up"
    " from {{batch}} where salient_measure = 'import_source_share'{active}"
    f" group by all having {exceeds('abs(sum(salient_value) - 100)', 'count(*) / 2.0 + 0.5')}"
)

RULES: tuple[Rule, ...] = (
    every_partition_has_rows("an edition without a row was not read"),
    not_null("country_code", "whose statistic it is"),
    *in_closed_list("commodity", "chapters overlap: their figures are never added"),
    *in_closed_list("salient_measure", "production, trade and consumption are never mixed"),
    *in_closed_list("salient_material", "concentrates, compounds and metals are never mixed"),
    *in_closed_list("salient_unit", "a figure without its unit is no figure"),
    *in_closed_list("period_type", "years, and the years of import sources together"),
    *in_closed_list("value_status", "a mark the warehouse cannot read would become a wrong number"),
    not_null("value_raw", "what the publisher printed is kept for every cell"),
    between("salient_value", 0, MOST_WORLD_T, "nothing is negative, nothing above a billion"),
    no_rows(
        "a_number_stands_where_the_status_says_so",
        "select * from {batch} where (salient_value is not null) <> (value_status in ('reported', 'estimated', 'zero'))"
        " or (value_status = 'at_least' and salient_value_low is null)"
        " or (value_status = 'at_most' and salient_value_high is null)"
        " or (value_status = 'range' and (salient_value_low is null or salient_value_high is null))",
        "withheld is not null, a bound is not a number, and a net exporter has no reliance",
    ),
    UNITS_FIT_THE_MEASURE,
    ONLY_RELIANCE_IS_OF_A_NET_EXPORTER,
    PERCENT_ARE_AT_MOST_A_HUNDRED,
    no_rows(
        "import_sources_add_up_to_a_hundred",
        SOURCES_DO_NOT_EXCEED_THE_WHOLE.format(statement="partition_name", active=""),
        "shares are rounded to whole per cent; more or less is a source lost or counted twice",
    ),
    no_rows(
        "every_item_is_known",
        "select * from rejects where reason_code = 'unknown_item'",
        "items that are new, or in another unit, are set aside; add them to salient_labels.csv of the publisher",
        severity="warning",
    ),
    PARTITIONS_ARE_NAMED,
    UNKNOWN_PARTNERS,
    REJECTS_ARE_EXPECTED,
)
