"""Gate 1 of quotas: are a government's figures of a load believable, each table by itself?"""

from __future__ import annotations

from warehouse.quality.expectations.rules import (
    Rule,
    between,
    in_closed_list,
    in_closed_list_or_null,
    no_rows,
    not_null,
)
from warehouse.quality.feeds.loads import PARTITIONS_ARE_NAMED, REJECTS_ARE_EXPECTED, every_partition_has_rows
from warehouse.quality.limits import LAST_YEAR, MOST_OUTPUT_T

RULES: tuple[Rule, ...] = (
    every_partition_has_rows("a table without a row was not read"),
    not_null("country_code", "whose quota it is"),
    *in_closed_list("quota_type", "mining and smelting are counted apart"),
    *in_closed_list("earths", "all, light, and medium and heavy earths overlap"),
    *in_closed_list("batch", "a batch is not a year"),
    *in_closed_list("value_status", "a mark the warehouse cannot read would become a wrong number"),
    not_null("value_raw", "what was printed, or the sum that gives it, is kept for every figure"),
    not_null("page_url", "a figure without its page cannot be checked"),
    between("value_t", 1.0e3, MOST_OUTPUT_T, "tonnes of oxide: thousand tonnes read as tonnes, or kg, fall outside"),
    between("year", 2006, LAST_YEAR, "quotas were introduced in 2006"),
    in_closed_list_or_null("basis_code", "what an estimate rests on is a closed list"),
    in_closed_list_or_null("public_basis", "how the day of the page is known"),
    no_rows(
        "a_page_is_of_a_day_before_the_list",
        "select * from {batch} where public_by > known_from or (public_by is null) <> (public_basis is null)",
        "a page of a day to come cannot be quoted",
    ),
    no_rows(
        "a_quota_is_public_a_year_before_its_year_at_the_earliest",
        "select * from {batch} where year(public_by) < year - 1",
        "the day of another year's page",
    ),
    no_rows(
        "a_number_stands_where_the_status_says_so",
        "select * from {batch} where (value_t is not null) <> (value_status in ('reported', 'estimated', 'zero'))"
        " or isnan(value_t)",
        "withheld is not null and a bound is not a number",
    ),
    no_rows(
        "a_derived_figure_is_an_estimate_and_says_how",
        "select * from {batch} where (value_status = 'estimated') <> (basis_code is not null)",
        "a figure that was never printed must not count as printed",
    ),
    no_rows(
        "light_and_medium_heavy_add_up_to_all",
        "select partition_name, quota_type, batch, year from {batch}"
        " group by partition_name, country_code, quota_type, batch, year"
        " having count(*) = 3"
        " and sum(value_t) filter (where earths <> 'all') <> sum(value_t) filter (where earths = 'all')",
        "quotas are in whole tonnes: parts that do not add up were misread",
    ),
    no_rows(
        "batches_add_up_to_their_year",
        "select partition_name, quota_type, earths, year from {batch}"
        " group by partition_name, country_code, quota_type, earths, year"
        " having count(*) filter (where batch in ('year', 'first', 'second')) = 3"
        " and sum(value_t) filter (where batch <> 'year') <> sum(value_t) filter (where batch = 'year')",
        "a batch that is missing, misread or counted twice",
    ),
    no_rows(
        "no_part_exceeds_its_whole",
        "select part.* from {batch} as part inner join {batch} as whole"
        " on part.partition_name = whole.partition_name and part.country_code = whole.country_code"
        " and part.quota_type = whole.quota_type and part.year = whole.year"
        " and (part.earths = whole.earths or whole.earths = 'all')"
        " and (part.batch = whole.batch or whole.batch = 'year')"
        " where part.value_t > whole.value_t",
        "a batch above its year, or light earths above all, is a misplaced digit",
    ),
    PARTITIONS_ARE_NAMED,
    REJECTS_ARE_EXPECTED,
)
