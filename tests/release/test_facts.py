"""Invariants of all published facts."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from functools import cache
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from sources.registry import sources
from warehouse.facts import facts
from warehouse.figures import differs, exceeds, is_close
from warehouse.storage.landing import Landing

FACTS = tuple(facts())
BITEMPORAL = tuple(fact.table for fact in facts().values() if fact.is_stated)


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


def test_trade_preferred_all_levels_holds_the_preferred_flows_and_nothing_else(published) -> None:
    best, preferred = rows(
        published,
        "select (select count(*) from core.trade_preferred_all_levels),"
        " (select count(*) from core.fct_trade_flow where is_preferred)",
    )[0]
    assert best == preferred > 1000


@pytest.mark.parametrize("table", FACTS)
def test_a_facts_id_is_its_own(published, table) -> None:
    assert rows(published, f"select fact_id from core.{table} group by fact_id having count(*) > 1") == []


@pytest.mark.parametrize("table", BITEMPORAL)
def test_latest_statements_have_no_end_and_no_statement_ends_before_it_starts(published, table) -> None:
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


STATED = [
    ("fct_production", "value_raw", "production_t_reo", "value_t"),
    ("fct_reserves", "value_raw", "reserves_t_reo", "value_t"),
    ("fct_world_total", "value_raw", "total_t_reo", "value_t"),
    ("fct_other_countries_total", "value_raw", "total_t_reo", "value_t"),
    ("fct_quota", "value_raw", "quota_t_reo", "value_t"),
    ("fct_resources", "value_raw", "coalesce(resources_t_reo, resources_t_monazite)", "value_t"),
    ("fct_published_share", "value_raw", "share", "share"),
    ("fct_trade_flow", "value_raw", "value_usd", "value_usd"),
    ("fct_trade_flow", "weight_raw", "net_weight_kg", "net_weight_kg"),
    ("fct_trade_total", "value_raw", "value_usd", "value_usd"),
    ("fct_trade_reference", "value_raw", "value_usd", "value_usd"),
]
"""Facts that are one row of a publisher's file each, their text and figure, and the figure's column in that row."""


_BEHIND = (
    "from core.{table} as fact inner join meta.lineage as line"
    " on fact.fact_id = line.fact_id and line.role in ('reported', 'added_up')"
)


@pytest.mark.parametrize(("table", "raw", "figure", "parsed_as"), STATED)
def test_figures_of_every_publisher_are_in_the_landed_bytes_at_the_row_of_their_lineage(
    published, warehouse, table, raw, figure, parsed_as
) -> None:
    sample = rows(
        published,
        "select source_code, printed, figure, sha256, records[1] from ("
        f"select fact.source_code, fact.fact_id, fact.{raw} as printed, {figure} as figure,"
        f" any_value(line.artifact_sha256) as sha256, list(line.artifact_row) as records {_BEHIND.format(table=table)}"
        f" where fact.{raw} is not null group by all having count(*) = 1)"
        " qualify row_number() over (partition by sha256 order by fact_id) <= 2",
    )
    stating = f"select distinct source_code from core.{table} where {raw} is not null"
    assert {row[0] for row in sample} == {source for (source,) in rows(published, stating)}
    landed = {item.artifact.sha256: item.artifact for item in Landing(warehouse.landing).landed()}
    for source_code, printed, number, sha256, row in sample:
        frames = parsed_once(sources()[source_code].parse, landed[sha256])
        found = pl.concat(
            frame.filter(artifact_row=row).select(raw, parsed_as) for frame in frames if parsed_as in frame.columns
        )
        assert (printed, number) in set(found.iter_rows()), landed[sha256].name
        assert printed_in_record(landed[sha256].read_bytes(), row, printed), (landed[sha256].name, row, printed)


@pytest.mark.parametrize(
    ("raw", "figure"), [("value_raw", "value_usd"), ("value_raw", "value_local"), ("weight_raw", "net_weight_kg")]
)
def test_a_flow_printed_in_parts_is_the_sum_of_its_records_in_the_landed_bytes(
    published, warehouse, raw, figure
) -> None:
    columns = f"fact.source_code, fact.{raw}, fact.{figure}, fact.period_type, fact.period_start"
    sample = rows(
        published,
        f"select {columns}, any_value(line.artifact_sha256), list(line.artifact_row) as records"
        f" {_BEHIND.format(table='fct_trade_flow')} where fact.{figure} is not null"
        f" group by fact.fact_id, {columns} having count(*) > 1"
        " qualify row_number() over (partition by any_value(line.artifact_sha256) order by fact.fact_id) <= 2",
    )
    assert {row[0] for row in sample} >= (
        {"uk_hmrc"} if figure == "value_local" else {"china_customs", "usitc_dataweb"}
    )
    landed = {item.artifact.sha256: item.artifact for item in Landing(warehouse.landing).landed()}
    for source_code, printed, number, period_type, period_start, sha256, records in sample:
        (frame,) = [f for f in parsed_once(sources()[source_code].parse, landed[sha256]) if "part_label" in f.columns]
        # a record of DataWeb has a column a year
        parts = frame.filter(
            pl.col("artifact_row").is_in(records), period_type=period_type, period_start=period_start
        ).sort("artifact_row")
        assert " + ".join(parts[raw].drop_nulls()) == printed, (landed[sha256].name, records)
        assert is_close(parts[figure].sum(), number), (landed[sha256].name, records)


@cache
def parsed_once(parse, landed) -> list[pl.DataFrame]:
    """The tables of a landed file."""
    return [table.frame for table in parse(landed)]


def printed_in_record(data: bytes, row: int, value_raw: str) -> bool:
    """Whether the record of that number contains the printed value of the fact.

    A cell of two currencies is kept as both texts; a workbook's row is the sheet's; a JSON body's, the list's.
    """
    printed = [word for word in value_raw.split() if word != "|"]
    if data.startswith(b"PK"):
        (sheet,) = openpyxl.load_workbook(io.BytesIO(data)).worksheets
        return printed[0] in {cell.removesuffix(".0") for cell in map(str, [cell.value for cell in sheet[row]])}
    text = decoded(data)
    if text.startswith("months,Data Type,"):
        return value_raw in quantity_and_value(text.splitlines(), row)
    if text.startswith("{"):
        return float(value_raw) in [v for v in json.loads(text)["data"][row - 1].values() if isinstance(v, float | int)]
    return all(part in text.splitlines()[row] for part in printed)


def quantity_and_value(lines: list[str], row: int) -> list[str]:
    """The cells of a record of DataWeb and of the one beside it, which has the first quantities of the same values."""
    quantity = lines[row].replace("Customs Value", "First Unit of Quantity").replace("Value for: ", "")
    beside = [line for line in lines if line.split(",")[:5] == quantity.split(",")[:5]]
    return ",".join([lines[row], *beside]).split(",")


def decoded(data: bytes) -> str:
    """The bytes as text: the data release of 2026 is in cp1252, China's customs write GB 18030."""
    for encoding in ("utf-8-sig", "gb18030" if data.startswith(b'"\xca') else "cp1252"):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    raise AssertionError(data[:80])


def test_every_load_accounts_for_every_record_it_parsed(published) -> None:
    lost = rows(
        published,
        "select * from meta.loads where rows_parsed <> rows_loaded + rows_quarantined",
    )
    assert lost == []
    assert rows(published, "select distinct status from meta.loads") == [("loaded",)]
    quarantined = "select (select sum(rows_quarantined) from meta.loads), (select count(*) from meta.quarantine)"
    stated, found = rows(published, quarantined)[0]
    assert stated == found > 0


def test_every_reject_is_of_a_kind_its_parser_foresees(published) -> None:
    assert rows(published, "select * from meta.quarantine where not is_expected") == []


def test_the_mirrors_middle_lies_between_its_bounds(published) -> None:
    broken = rows(
        published,
        f"select * from core.fct_trade_mirror where {exceeds('value_low_usd', 'value_usd')}"
        f" or {exceeds('value_usd', 'value_high_usd')} or {exceeds('weight_low_kg', 'weight_kg')}"
        f" or {exceeds('weight_kg', 'weight_high_kg')}",
    )
    assert broken == []


def same(left: str, right: str) -> str:
    """SQL for "both null, or equal within the tolerance"."""
    return f"coalesce(not {differs(left, right)}, {left} is null and {right} is null)"


def test_where_one_side_is_silent_the_mirror_keeps_the_sole_report(published) -> None:
    broken = rows(
        published,
        "select * from core.fct_trade_mirror"
        f" where (value_basis = 'exporter_only' and (not {same('value_usd', 'x_fob_usd')} or m_cif_usd is not null))"
        f" or (value_basis = 'importer_only' and (not {same('value_usd', 'm_fob_usd')} or x_fob_usd is not null))"
        f" or (weight_basis = 'exporter_only' and not {same('weight_kg', 'x_weight_kg')})"
        f" or (weight_basis = 'importer_only' and not {same('weight_kg', 'm_weight_kg')})"
        " or (value_basis = 'none' and value_usd is not null)",
    )
    assert broken == []


def test_the_mirrors_middle_is_the_weighted_mean_of_both_sides(published) -> None:
    for kind, figure, x, m in (
        ("value", "value_usd", "x_fob_usd", "m_fob_usd"),
        ("weight", "weight_kg", "x_weight_kg", "m_weight_kg"),
    ):
        both = f"from core.fct_trade_mirror where {kind}_basis = 'both_weighted'"
        mean = f"w_exporter_{kind} * {x} + (1 - w_exporter_{kind}) * {m}"
        assert rows(published, f"select * {both} and {differs(figure, mean)}") == []
        assert rows(published, f"select count(*) > 1000 {both} and w_exporter_{kind} between 0.01 and 0.99") == [
            (True,)
        ]


def test_no_year_of_india_is_built_where_months_were_set_aside(published) -> None:
    """The months from 2023-04 to 2024-03 are set aside: their partner labels are wrong."""
    built = rows(
        published,
        "select period_start <= date '2024-03-31' and period_end >= date '2023-04-01', count(*)"
        " from core.fct_trade_mirror where 'india_tradestat' in (exporter_source_code, importer_source_code)"
        " and 'built_from_months' in (exporter_period_basis, importer_period_basis) group by 1",
    )
    assert [overlaps for overlaps, _ in built] == [False]


def test_no_country_trades_with_itself_in_the_mirror(published) -> None:
    assert rows(published, "select * from core.fct_trade_mirror where exporter_code = importer_code") == []


def test_shares_lie_between_nothing_and_one_and_add_up_to_no_more(published) -> None:
    broken = rows(
        published,
        "select edition, known_from, measure, year, sum(share_of_countries) as added, min(share_of_countries) as least"
        " from marts.mart_share_by_edition group by all"
        f" having {exceeds('added', '1')} or least < 0",
    )
    assert broken == []
    months = rows(
        published,
        "select period_label, sum(share_of_partners) as added from marts.mart_india_2846_imports"
        f" group by period_label having {exceeds('added', '1')}",
    )
    assert months == []
    outside = (
        "select * from marts.mart_india_2846_concentration where china_share < 0"
        f" or {exceeds('china_share', '1')} or {exceeds('hhi', '10000')}"
    )
    assert rows(published, outside) == []


@pytest.mark.parametrize("flow", ["import", "export"])
def test_coverage_names_the_months_whose_partners_were_set_aside(published, flow) -> None:
    found = rows(
        published,
        "select missing_periods, n_missing_periods from marts.mart_coverage where table_name = 'fct_trade_flow'"
        f" and source_code = 'india_tradestat' and flow = '{flow}' and product_key = 'HS:2846'"
        " and period_type = 'month'",
    )
    assert found == [("2023-04…2024-03", 12)]


def test_coverage_counts_every_latest_statement_once(published) -> None:
    for table in BITEMPORAL:
        counted = f"select coalesce(sum(n_rows), 0) from marts.mart_coverage where table_name = '{table}'"
        n_rows = rows(published, counted)[0][0]
        assert n_rows == rows(published, f"select count(*) from core.{table} where is_latest")[0][0], table


def test_the_published_files_are_where_the_settings_point(warehouse) -> None:
    assert Path(warehouse.published).resolve().parent == warehouse.releases
