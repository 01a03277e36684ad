"""Which queries of an assistant are refused, warned of or answered, by what the release itself holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pytest

from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none
from warehouse.read.assistant.catalogue import Catalogue, read_catalogue
from warehouse.read.assistant.sums import judge
from warehouse.release.store import database
from warehouse.settings import Settings
from warehouse.storage.database import open_reader

FLOWS = "from fct_trade_flow where reporter_code = 'IND' and partner_code = 'CHN'"
ONE_FLOW = f"{FLOWS} and is_preferred and flow = 'import' and product_key = 'HS:284690'"
REFUSED = {
    # editions and sources of one thing, however the table is reached
    "select year, sum(production_t_reo) from fct_production group by year": "editions",
    "with p as (select year, production_t_reo as t from fct_production) select year, sum(t) from p group by all":
        "bi.production",
    "from (from core.fct_production) select sum(production_t_reo) as t": "editions",
    "with e as (select edition, year, sum(production_t_reo) as t from fct_production"
    " where source_code = 'usgs_mcs' and release = '2.0' group by all) select sum(t) from e group by year": "editions",
    "select distinct year, sum(production_t_reo) over (partition by year) from fct_production": "editions",
    "select sum(production_t_reo) filter (where year = 2022) from fct_production": "editions",
    "select sum(case when country_code = 'CHN' then production_t_reo end) from fct_production": "editions",
    "select sum(coalesce(production_t_reo, 0) / 1000) from fct_production where year = 2023": "editions",
    "select sum(reserves_t_reo) from fct_reserves": "bi.reserves",
    "select sum(f.production_t_reo) from dim_area as a left join fct_production as f on a.area_code = f.country_code":
        "is_preferred",
    # prices, shares, ratios
    "select sum(price_usd_per_kg) from bi.prices where year = 2024": "a price",
    "select sum(100 * china_value_share) from bi.import_dependence": "a share",
    "select sum(s) from (select china_share as s from mart_india_2846_concentration)": "a share",
    "select sum(cif_ratio) from mart_corridor where period_type = 'month'": "a ratio",
    "select sum(unit_value_usd_per_kg) from mart_unit_value": "a price or unit value",
    # periods, levels, flows, wholes with parts
    f"select sum(value_usd) {FLOWS} and is_preferred and flow = 'import' and product_key = 'HS:2846'": "period_type",
    f"select sum(value_usd) {FLOWS} and is_preferred and flow = 'import' and period_type = 'month'": "contains",
    "select sum(value_usd) from trade_preferred_all_levels where reporter_code = 'CHN' and product_key = 'HS:850511'"
    " and period_type = 'calendar_year'": "flow export and import",
    "select sum(value_usd) from mart_corridor where exporter_code = 'CHN' and period_type = 'month'": "contains",
    "select sum(value_usd) from fct_trade_reference where is_latest and product_key = 'HS:850511'":
        "world_total contains",
    "select sum(quota_t_reo) from fct_quota where year = 2023 and quota_type = 'mining'": "batch year contains",
    "select year, sum(quota_t_reo) from fct_quota where batch = 'year' and earths = 'all' group by all": "quota_type",
    "select sum(outlook_kt) from fct_outlook where outlook_measure = 'demand' and year = 2040": "Scenarios exclude",
    "select sum(outlook_kt) from fct_outlook where outlook_measure = 'demand' and year = 2040"
    " and outlook_scenario = 'NZE'": "all_uses contains",
    "select period_start, sum(deployed) from fct_deployment where is_latest and period_type = 'fiscal_year' group by 1":
        "use_class all contains",
    "select sum(resources_t_reo) from fct_resources": "resource_level",
    "select sum(figure_value) from mart_revision_history": "figure_name",
    # both sides, two valuations, two quotas, two facts of one thing
    "select exporter_fob_usd + importer_cif_usd from mart_corridor": "FOB and CIF",
    "select (exporter_fob_usd + importer_cif_usd) / 2 as mean from mart_corridor": "value_usd",
    "select sum(mining_quota_t_reo) + sum(smelting_quota_t_reo) from bi.quota": "same material",
    "select sum(v) from (select value_usd as v from fct_trade_flow union all select value_usd from fct_trade_total)":
        "the same trade",
    # numbers that stand on several rows, and one line each
    "select sum(printed_total_usd) from mart_india_2846_imports": "several rows",
    "select year, sum(world_t_reo) from mart_production_by_year group by year": "several rows",
    "select period_start, sum(flow_value_usd) from bi.corridor_year group by all": "china_to_india_usd",
}  # fmt: skip
"""Queries, and what the refusal says."""
ANSWERED = (
    "select * from fct_price",
    "select year, sum(production_t_reo) from bi.production group by year",
    "select year, sum(production_t_reo) from fct_production where is_preferred group by year",
    "select edition, year, sum(production_t_reo) from fct_production where source_code = 'usgs_mcs' and release = '2.0'"
    " group by all",
    "select year, sum(production_t_reo) from fct_production where is_latest and source_code = 'usgs_mcs' group by 1",
    f"select sum(value_usd) {ONE_FLOW} and period_type = 'month'",
    f"select period_type, sum(value_usd) {ONE_FLOW} group by all",
    "select sum(case when flow = 'import' then value_usd end) as i, sum(value_usd) filter (where flow = 'export') as e"
    " from trade_preferred_all_levels where reporter_code = 'IND' and period_type = 'calendar_year'"
    " and product_key = 'HS:284690'",
    "select sum(value_usd) from trade_preferred_all_levels where reporter_code = 'IND' and partner_code = 'CHN'"
    " and flow = 'import' and period_type = 'calendar_year' and product_key in ('HS:284690', 'HS:850511')",
    "select sum(china_to_india_usd) from bi.corridor_year",
    "select year, price_name, sum(price_usd_per_kg) from bi.prices group by all",
    "select sum(value_usd) / sum(net_weight_kg) from mart_unit_value where period_type = 'month' and flow = 'import'"
    " and reporter_code = 'IND' and product_key = 'HS:284690' and source_code = 'india_tradestat'",
    "select sum(quota_t_reo) from fct_quota where quota_type = 'mining' and batch = 'year' and earths = 'all'",
    "select sum(reserves_t_reo) from fct_reserves where is_current and source_code = 'usgs_mcs'",
    "select period_start, sum(value_usd) over (order by period_start) from mart_corridor where period_type = 'month'"
    " and product_key = 'HS:284690' and exporter_code = 'CHN'",
    "select count(*), sum(1), max(china_value_share), sum(n_held) from bi.coverage, bi.import_dependence",
    "select importer_fob_usd - exporter_fob_usd from mart_magnet_trade",
)
WARNED = {
    "select avg(price_usd_per_kg) from bi.prices": "same weight",
    "select avg(production_t_reo) from fct_production": "several statements",
    "select sum(flow_value_usd) from bi.corridor_month where direction_name = 'China to India'": "not known",
    "pivot fct_production on year using sum(production_t_reo)": "could not be checked",
    "select sum(c.value_usd) from mart_corridor as c, dim_policy_event where c.period_type = 'month'"
    " and c.product_key = 'HS:284690' and c.exporter_code = 'CHN'": "the join repeats rows",
}  # fmt: skip
"""Queries that are answered, and what the warning says."""


@pytest.fixture(scope="module")
def opened(warehouse: Settings) -> Iterator[tuple[duckdb.DuckDBPyConnection, Catalogue]]:
    path = database(warehouse).resolve()
    with open_reader(path, warehouse) as con:
        yield con, read_catalogue(con, path.parent)


def test_a_sum_that_means_nothing_is_refused_with_the_reason_and_what_answers_instead(opened) -> None:
    con, catalogue = opened

    def fault(query: str, reason: str) -> str:
        con.execute(query).fetchone()
        refusals = judge(con, query, catalogue).refusals
        return "" if reason in " ".join(refusals) else f"{refusals} without {reason!r}"

    assert_none(f"{query}: {found}" for query, reason in REFUSED.items() if (found := fault(query, reason)))


def test_a_sum_that_is_right_and_a_query_without_sums_are_answered(opened) -> None:
    con, catalogue = opened
    assert_none(
        f"{query}: {[*found.refusals, *found.warnings]}"
        for query in ANSWERED
        if con.execute(query).fetchone() is not None
        and (found := judge(con, query, catalogue))
        and (found.refusals or found.warnings)
    )


def test_what_is_in_doubt_is_answered_with_a_warning(opened) -> None:
    con, catalogue = opened

    def fault(query: str, reason: str) -> str:
        found = judge(con, query, catalogue)
        return "" if not found.refusals and reason in " ".join(found.warnings) else f"{found} without {reason!r}"

    assert_none(f"{query}: {found}" for query, reason in WARNED.items() if (found := fault(query, reason)))


def test_every_query_of_the_documentation_is_answered(opened) -> None:
    con, catalogue = opened
    pages = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
    queries = [
        q for page in pages for q in re.findall(r"```sql\n(.+?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    ]
    assert len(queries) > 90
    assert_none(
        f"{query}: {found}"
        for query in queries
        if "sum(" in query or "+" in query or "avg(" in query
        if (found := judge(con, query, catalogue).refusals)
    )
