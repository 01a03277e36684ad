"""Gate 1 of reconciled reference trade: are the partitions of a load believable, each by itself?"""

from __future__ import annotations

from sources.model.products import HS_CODES
from warehouse.quality.expectations.rules import Rule, between, in_closed_list, in_set, no_rows, not_null
from warehouse.quality.feeds.loads import (
    PARTITIONS_ARE_NAMED,
    REJECTS_ARE_EXPECTED,
    UNKNOWN_PARTNERS,
    every_partition_has_rows,
)
from warehouse.quality.limits import LEAST_USD_PER_KG, MOST_TRADE_KG, MOST_TRADE_USD, MOST_USD_PER_KG

RULES: tuple[Rule, ...] = (
    every_partition_has_rows("a partition without a row was not read"),
    not_null("exporter_code", "from whom"),
    not_null("importer_code", "to whom"),
    not_null("hs_revision", "a code without its revision has no meaning"),
    not_null("value_raw", "what the publisher printed is kept for every flow"),
    *in_set("hs_code", HS_CODES, "a code that the warehouse does not follow must not arrive"),
    *in_set("period_type", ("calendar_year",), "the reference is yearly"),
    *in_closed_list("coverage", "a part of the flows is not all of them, nor their sum"),
    *in_closed_list("value_status", "a mark the warehouse cannot read would become a wrong number"),
    *in_closed_list("weight_status", "an unknown weight is not a weight of zero"),
    between("value_usd", 0, MOST_TRADE_USD, "US$: world trade in these codes is a fraction of this"),
    between("net_weight_kg", 0, MOST_TRADE_KG, "kg: grams read as kg fall outside"),
    no_rows(
        "a_number_stands_where_the_status_says_so",
        "select * from {batch} where (value_usd is not null) <> (value_status in ('reported', 'estimated', 'zero'))"
        " or (net_weight_kg is not null) <> (weight_status in ('reported', 'estimated'))"
        " or (weight_status = 'at_most' and weight_rounding_kg is null)"
        " or isnan(value_usd) or isnan(net_weight_kg)",
        "an unknown weight is null, a bound is not a number, and nothing that is no number counts as one",
    ),
    no_rows(
        "only_world_totals_are_of_the_world",
        "select * from {batch} where (coverage = 'world_total') <> (exporter_code = 'WLD')"
        " or (exporter_code = 'WLD') <> (importer_code = 'WLD')",
        "a total among its flows would be added twice",
    ),
    no_rows(
        "no_country_trades_with_itself",
        "select * from {batch} where exporter_code = importer_code and coverage <> 'world_total'",
        "the reference leaves out trade of a country with itself: exporter and importer were mixed up",
    ),
    no_rows(
        "weights_are_plausible_against_values",
        "select *, value_usd / net_weight_kg as usd_per_kg from {batch}"
        " where net_weight_kg > 1000000 and value_usd > 1000000"
        f" and (value_usd / net_weight_kg < {LEAST_USD_PER_KG} or value_usd / net_weight_kg > {MOST_USD_PER_KG})",
        "a kilogram of rare earths or magnets costs between cents and thousands of dollars; tonnes read as kg do not",
        severity="warning",
    ),
    PARTITIONS_ARE_NAMED,
    UNKNOWN_PARTNERS,
    REJECTS_ARE_EXPECTED,
)
