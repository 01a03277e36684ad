"""Gate 2 of prices."""

from __future__ import annotations

from warehouse.figures import exceeds
from warehouse.quality.expectations.rules import Suite, between, in_closed_list, no_rows, not_empty
from warehouse.quality.facts.common import ONE_CURRENT_STATEMENT, drift
from warehouse.quality.feeds.prices import A_NUMBER_STANDS_WHERE_THE_STATUS_SAYS_SO, KILOGRAMS_ARE_OF_WHAT_IS_SOLD
from warehouse.quality.limits import LEAST_PRICE_USD_PER_KG, MOST_PRICE_USD_PER_KG

SUITE = Suite(
    table="fct_price",
    gate=2,
    rules=(
        not_empty("prices are what values are judged by"),
        *in_closed_list("form", "an oxide and its metal differ in price"),
        *in_closed_list("price_type", "an average of the year is not the price at its end"),
        *in_closed_list("value_status", "a closed list, never null"),
        between("price_usd_per_kg", LEAST_PRICE_USD_PER_KG, MOST_PRICE_USD_PER_KG, "US$ per kg"),
        ONE_CURRENT_STATEMENT,
        A_NUMBER_STANDS_WHERE_THE_STATUS_SAYS_SO,
        KILOGRAMS_ARE_OF_WHAT_IS_SOLD,
        no_rows(
            "every_element_is_in_the_dimension",
            "select * from (select *, unnest(string_split(elements, ';')) as symbol from {batch})"
            " where symbol not in (select element_symbol from dim_element)",
            "a price is of elements that are known",
        ),
        no_rows(
            "the_last_year_of_an_edition_is_an_estimate",
            "select * from {batch} where value_status = 'reported' and edition = 'MCS ' || (year + 1)",
            "an edition appears in January: its last year is not over when it is written",
        ),
        no_rows(
            "editions_agree_on_a_price_within_a_factor_of_three",
            "select elements, form, purity, lot, year, min(price_usd_per_kg) as least, max(price_usd_per_kg) as most"
            " from {batch} group by source_code, elements, form, purity, lot, price_type, year"
            f" having {exceeds('max(price_usd_per_kg)', '3 * min(price_usd_per_kg)')}",
            "an estimate is revised, rarely twofold: more is another unit or another row",
            severity="warning",
        ),
        *drift("fct_price", "price_usd_per_kg", "source_code, elements, form, purity, lot, price_type, period_start"),
    ),
)
