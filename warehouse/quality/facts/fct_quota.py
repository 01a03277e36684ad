"""Gate 2 of quotas."""

from __future__ import annotations

from warehouse.figures import exceeds
from warehouse.quality.expectations.rules import Suite, between, in_closed_list, no_rows, not_empty
from warehouse.quality.facts.common import ONE_CURRENT_STATEMENT, drift
from warehouse.quality.limits import MOST_OUTPUT_T

QUOTA_WITHIN = 0.01
"""Difference of two publishers' figures of one quota (assumption)."""


SUITE = Suite(
    table="fct_quota",
    gate=2,
    rules=(
        not_empty("the smelting quota is the only proxy of processed output"),
        *in_closed_list("quota_type", "mining and smelting are different quotas"),
        *in_closed_list("value_status", "a closed list, never null"),
        between("quota_t_reo", 0, MOST_OUTPUT_T, "tonnes: the largest quota so far is 270,000"),
        ONE_CURRENT_STATEMENT,
        no_rows(
            "batches_do_not_exceed_their_year",
            "select * from (select source_code, country_code, quota_type, year,"
            " sum(quota_t_reo) filter (where batch <> 'year') as batches_t,"
            " max(quota_t_reo) filter (where batch = 'year') as year_t"
            " from {batch} where is_latest and earths = 'all' group by all)"
            f" where {exceeds('batches_t', 'year_t')}",
            "a batch counted twice, or a year that misses one",
        ),
        no_rows(
            "usgs_production_of_china_is_the_mining_quota_where_it_says_so",
            "select quotas.year, quotas.quota_t_reo, production.production_t_reo, production.edition from {batch}"
            " as quotas inner join fct_production as production on quotas.country_code = production.country_code"
            " and quotas.year = production.year where quotas.is_latest and quotas.quota_type = 'mining'"
            " and quotas.batch = 'year' and quotas.earths = 'all' and production.is_latest"
            " and production.basis_code = 'quota'"
            f" and {exceeds('abs(production.production_t_reo / quotas.quota_t_reo - 1)', str(QUOTA_WITHIN))}",
            "two publishers of the same quota differ: one of them is mistaken, or of another year",
            severity="warning",
        ),
        *drift("fct_quota", "quota_t_reo", "source_code, country_code, quota_type, year, batch, earths"),
    ),
)
