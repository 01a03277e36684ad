"""Gate 1 of BACI: one year's flows of our codes, a part of several years', or world totals."""

from __future__ import annotations

from warehouse.quality.expectations.rules import Suite, no_rows
from warehouse.quality.feeds import trade_reference

SUITE = Suite(
    table="cepii_baci__flows",
    gate=1,
    rules=(
        *trade_reference.RULES,
        no_rows(
            "rows_are_of_the_partition_they_came_with",
            "select arriving.* from {batch} as arriving inner join partitions using (partition_name)"
            " where not list_contains(key_revisions, 'HS' || right(hs_revision, 2))"
            " or (len(key_codes) > 0 and not list_contains(key_codes, hs_code))"
            " or year(period_start) not between key_first_year and key_last_year"
            " or coverage <> key_coverage",
            "another code's, year's or revision's file saved under this partition's name",
        ),
        no_rows(
            "every_code_and_year_of_the_partition_is_there",
            "select partition_name, code, promised_year from"
            " (select partition_name, code, unnest(range(key_first_year, key_last_year + 1)) as promised_year from"
            " (select *, unnest(key_codes) as code from partitions) as codes) as promised"
            " where (partition_name, code, promised_year) not in"
            " (select partition_name, hs_code, year(period_start) from {batch})",
            "a code or a year of the partition is missing: the file is incomplete",
        ),
        no_rows(
            "china_exports_metals_compounds_and_magnets_in_every_year",
            "select partition_name, hs_code, period_start from {batch} where coverage <> 'world_total'"
            " and hs_code in ('280530', '284610', '284690', '850511', '850519')"
            " group by partition_name, hs_code, period_start"
            " having count(*) filter (where exporter_code = 'CHN') = 0",
            "China exports them in every year: a file without it is cut short",
        ),
        no_rows(
            "a_year_of_magnets_has_nine_hundred_flows",
            "select partition_name, period_start, count(*) as n_flows from {batch}"
            " where hs_code = '850511' and coverage <> 'world_total'"
            " group by partition_name, period_start having count(*) < 900",
            "4,415 flows in 2024, and at least 933 among the largest of any year: fewer are a part of the file",
        ),
    ),
)
