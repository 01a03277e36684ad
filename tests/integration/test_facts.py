"""What holds of the published facts as a whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sources.registry import sources
from warehouse.landing import Landing

FACTS = ("fct_production", "fct_reserves", "fct_world_total", "fct_trade_flow", "fct_trade_total", "fct_trade_mirror")
BITEMPORAL = FACTS[:-1]


def rows(con, query: str) -> list[tuple]:
    return con.execute(query).fetchall()


@pytest.mark.parametrize("table", ["fct_trade_flow", "fct_trade_total"])
def test_exactly_one_latest_statement_of_a_flow_is_preferred(published, table) -> None:
    doubtful = rows(
        published,
        "select reporter_code, partner_code, flow, product_key, period_type, period_start,"
        f" count(*) filter (where is_preferred) as n from core.{table} where is_latest group by all having n <> 1",
    )
    assert doubtful == []
    assert rows(published, f"select count(*) from core.{table} where is_preferred and not is_latest") == [(0,)]


def test_trade_best_holds_the_preferred_flows_and_nothing_else(published) -> None:
    best, preferred = rows(
        published,
        "select (select count(*) from core.trade_best), (select count(*) from core.fct_trade_flow where is_preferred)",
    )[0]
    assert best == preferred > 1000


@pytest.mark.parametrize("table", FACTS)
def test_a_facts_id_is_its_own(published, table) -> None:
    assert rows(published, f"select fact_id from core.{table} group by fact_id having count(*) > 1") == []


@pytest.mark.parametrize("table", BITEMPORAL)
def test_latest_means_that_nothing_ended_it_and_no_statement_ends_before_it_begins(published, table) -> None:
    broken = f"select * from core.{table} where is_latest <> (known_to is null) or known_to < known_from"
    assert rows(published, broken) == []


@pytest.mark.parametrize("table", FACTS)
def test_every_fact_has_lineage_to_an_artifact_that_landed(published, table) -> None:
    orphans = rows(
        published,
        f"select fact.fact_id from core.{table} as fact where not exists (select 1 from meta.lineage as line"
        " inner join meta.artifacts as artifact on line.artifact_sha256 = artifact.sha256"
        " where line.fact_id = fact.fact_id) limit 5",
    )
    assert orphans == []


def test_every_line_of_lineage_leads_from_a_fact_to_an_artifact(published) -> None:
    ids = " union all ".join(f"select fact_id from core.{table}" for table in FACTS)
    assert rows(published, f"select fact_id from meta.lineage where fact_id not in ({ids}) limit 5") == []
    stray = "select * from meta.lineage where artifact_sha256 not in (select sha256 from meta.artifacts) limit 5"
    assert rows(published, stray) == []


@pytest.mark.parametrize(
    ("table", "value"),
    [("fct_production", "value_t"), ("fct_reserves", "value_t"), ("fct_trade_flow", "value_usd")],
)
def test_a_sample_of_figures_stands_in_the_landed_bytes_at_the_row_that_lineage_names(
    published, warehouse, table, value
) -> None:
    column = {"fct_production": "production_t_reo", "fct_reserves": "reserves_t_reo"}.get(table, "value_usd")
    sample = rows(
        published,
        f"select fact.source_code, fact.value_raw, fact.{column}, line.artifact_sha256, line.artifact_row"
        f" from core.{table} as fact inner join meta.lineage as line"
        f" on fact.fact_id = line.fact_id and line.role = 'reported' order by fact.fact_id limit 40",
    )
    assert len(sample) == 40
    landed = {item.artifact.sha256: item.artifact for item in Landing(warehouse.landing).landed()}
    for source_code, value_raw, number, sha256, row in sample:
        parsed = sources()[source_code].parse(landed[sha256])[0].frame.filter(artifact_row=row)
        assert (value_raw, number) in set(zip(parsed["value_raw"], parsed[value], strict=True))
        assert printed_in_record(landed[sha256].read_bytes(), row, value_raw)


def printed_in_record(data: bytes, row: int, value_raw: str) -> bool:
    """Whether the record of that number holds what the fact says was printed there."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252")  # the data release of 2026
    if text.startswith("{"):
        return float(value_raw) in [v for v in json.loads(text)["data"][row - 1].values() if isinstance(v, float | int)]
    return value_raw in text.splitlines()[row]


def test_every_load_accounts_for_every_record_it_parsed(published) -> None:
    lost = rows(
        published,
        "select * from meta.loads where rows_parsed <> rows_loaded + rows_quarantined",
    )
    assert lost == []
    assert rows(published, "select distinct status from meta.loads") == [("loaded",)]
    quarantined = "select (select sum(rows_quarantined) from meta.loads), (select count(*) from meta.quarantine)"
    said, held = rows(published, quarantined)[0]
    assert said == held > 0


def test_every_reject_is_of_a_kind_its_parser_foresees(published) -> None:
    assert rows(published, "select * from meta.quarantine where not is_expected") == []


def test_the_mirrors_middle_lies_between_its_bounds(published) -> None:
    broken = rows(
        published,
        "select * from core.fct_trade_mirror where value_usd not between value_low_usd and value_high_usd"
        " or weight_kg not between weight_low_kg and weight_high_kg",
    )
    assert broken == []


def test_where_one_side_is_silent_the_mirror_keeps_the_sole_report(published) -> None:
    broken = rows(
        published,
        "select * from core.fct_trade_mirror"
        " where (value_basis = 'exporter_only' and (value_usd is distinct from x_fob_usd or m_cif_usd is not null))"
        " or (value_basis = 'importer_only' and (value_usd is distinct from m_fob_usd or x_fob_usd is not null))"
        " or (weight_basis = 'exporter_only' and weight_kg is distinct from x_weight_kg)"
        " or (weight_basis = 'importer_only' and weight_kg is distinct from m_weight_kg)"
        " or (value_basis = 'none' and value_usd is not null)",
    )
    assert broken == []


def test_the_mirrors_middle_is_the_geometric_mean_of_both_sides(published) -> None:
    broken = rows(
        published,
        "select * from core.fct_trade_mirror where value_basis = 'both_unweighted'"
        " and abs(value_usd - sqrt(x_fob_usd * m_fob_usd)) > 1e-6 * value_usd",
    )
    assert broken == []
    both = "select count(*) from core.fct_trade_mirror where value_basis = 'both_unweighted'"
    assert rows(published, both)[0][0] > 0


@pytest.mark.parametrize(("side", "reporter"), [("exporter", "exporter_code"), ("importer", "importer_code")])
def test_a_year_is_built_only_from_twelve_published_months(published, side, reporter) -> None:
    partner = "importer_code" if side == "exporter" else "exporter_code"
    flow = "export" if side == "exporter" else "import"
    incomplete = rows(
        published,
        f"select mirror.{reporter}, mirror.product_key, mirror.period_start from core.fct_trade_mirror as mirror"
        f" where {side}_period_basis = 'built_from_months' and 12 > (select count(distinct totals.period_start)"
        f" from core.fct_trade_total as totals where totals.is_latest and totals.period_type = 'month'"
        f" and totals.reporter_code = mirror.{reporter} and totals.flow = '{flow}'"
        f" and totals.product_key = mirror.product_key and year(totals.period_start) = year(mirror.period_start)"
        f" and exists (select 1 from core.fct_trade_flow as flows where flows.is_latest"
        f" and flows.period_start = totals.period_start and flows.period_type = 'month'"
        f" and flows.reporter_code = totals.reporter_code and flows.flow = totals.flow"
        f" and flows.product_key = totals.product_key and flows.source_code = totals.source_code))",
    )
    assert incomplete == []
    assert partner != reporter


def test_no_year_of_india_is_built_where_months_were_set_aside(published) -> None:
    """2023 and 2024 each lack months whose partner labels are wrong."""
    built = rows(
        published,
        "select year(period_start) from core.fct_trade_mirror where 'built_from_months' in"
        " (exporter_period_basis, importer_period_basis) group by 1 order by 1",
    )
    assert {2023, 2024}.isdisjoint({year for (year,) in built})
    assert built, "and yet other years are built"


def test_no_country_trades_with_itself_in_the_mirror(published) -> None:
    assert rows(published, "select * from core.fct_trade_mirror where exporter_code = importer_code") == []


def test_shares_lie_between_nothing_and_one_and_add_up_to_no_more(published) -> None:
    broken = rows(
        published,
        "select edition, measure, year, sum(share_of_countries) as added, min(share_of_countries) as least"
        " from marts.mart_share_by_edition group by all having added > 1 + 1e-9 or least < 0",
    )
    assert broken == []
    months = rows(
        published,
        "select month, sum(share_of_partners) as added from marts.mart_india_2846_imports"
        " group by month having added > 1 + 1e-9",
    )
    assert months == []
    outside = "select * from marts.mart_india_2846_concentration where china_share not between 0 and 1 or hhi > 10001"
    assert rows(published, outside) == []


@pytest.mark.parametrize("flow", ["import", "export"])
def test_coverage_names_the_months_whose_partners_were_set_aside(published, flow) -> None:
    found = rows(
        published,
        "select missing_periods, n_missing_periods from marts.mart_coverage where table_name = 'fct_trade_flow'"
        f" and source_code = 'india_tradestat' and flow = '{flow}' and product_key = 'HS:2846'",
    )
    assert found == [("2023-04…2024-03", 12)]


def test_coverage_counts_every_latest_statement_once(published) -> None:
    for table in BITEMPORAL[:2] + BITEMPORAL[3:]:
        said = rows(published, f"select sum(n_rows) from marts.mart_coverage where table_name = '{table}'")[0][0]
        assert said == rows(published, f"select count(*) from core.{table} where is_latest")[0][0], table


def test_the_published_files_are_where_the_settings_say(warehouse) -> None:
    assert Path(warehouse.published).resolve().parent == warehouse.releases
