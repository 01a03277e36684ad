"""Gate 1 of prices: are the editions of a load believable, each by itself?

A partition may have no row: a chapter may print no price.
"""

from __future__ import annotations

from warehouse.quality.expectations.rules import (
    Rule,
    between,
    in_closed_list,
    in_closed_list_or_null,
    no_rows,
    not_null,
)
from warehouse.quality.feeds.loads import PARTITIONS_ARE_NAMED, REJECTS_ARE_EXPECTED
from warehouse.quality.limits import LEAST_PRICE_USD_PER_KG, MOST_PRICE_USD_PER_KG

KILOGRAMS_ARE_OF_WHAT_IS_SOLD = no_rows(
    "a_kilogram_is_of_what_is_sold",
    "select * from {batch} where unit_basis <> case form when 'oxide' then 'reo' when 'metal' then 'metal' else 'gross'"
    " end",
    "a price of metal read as one of oxide is a sixth too high",
)
A_NUMBER_STANDS_WHERE_THE_STATUS_SAYS_SO = no_rows(
    "a_number_stands_where_the_status_says_so",
    "select * from {batch} where (price_usd_per_kg is not null) <> (value_status in ('reported', 'estimated'))"
    " or value_status not in ('reported', 'estimated', 'range', 'not_available', 'withheld')"
    " or (value_status = 'range') <> (price_usd_per_kg_low is not null and price_usd_per_kg_high is not null)"
    " or isnan(price_usd_per_kg)",
    "nothing is free: a price of zero, or a net exporter's, is a cell of another row",
)

RULES: tuple[Rule, ...] = (
    not_null("elements", "what it is the price of"),
    *in_closed_list("form", "an oxide and its metal differ in price"),
    *in_closed_list("price_type", "an average of the year is not the price at its end"),
    in_closed_list_or_null("price_terms", "terms of delivery are a closed list"),
    *in_closed_list("unit_basis", "kilograms of oxide and of metal are never mixed"),
    *in_closed_list("price_unit", "dollars per gram and per kilogram differ a thousandfold"),
    *in_closed_list("period_type", "years only"),
    *in_closed_list("value_status", "a mark the warehouse cannot read would become a wrong number"),
    not_null("value_raw", "what the publisher printed is kept for every price"),
    between(
        "price_usd_per_kg",
        LEAST_PRICE_USD_PER_KG,
        MOST_PRICE_USD_PER_KG,
        "US$ per kg: from cerium oxide to grams of scandium fluoride",
    ),
    KILOGRAMS_ARE_OF_WHAT_IS_SOLD,
    A_NUMBER_STANDS_WHERE_THE_STATUS_SAYS_SO,
    PARTITIONS_ARE_NAMED,
    REJECTS_ARE_EXPECTED,
)
