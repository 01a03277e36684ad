"""Brazil's bundled months of permanent magnets of metal, against the compilation they were taken from."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from tests.helpers.artifacts import all_rows, bundled, parse
from warehouse.quality.gates import judge_load

COMPILED = "other_customs/uk_brazil_us_eu_850511_monthly_2024-06_2026-07.csv"


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return all_rows("extract_general")


def test_935_flows_of_19_months_are_held(rows):
    assert (rows.height, rows["period_start"].n_unique()) == (935, 19)
    assert (rows["period_start"].min(), rows["period_start"].max()) == (date(2025, 1, 1), date(2026, 7, 1))


def test_brazil_imported_140_298_kg_of_magnets_from_china_in_january_2026_for_1_652_225_dollars(rows):
    # Comex Stat, NCM 85051100, imports, China, 2026-01
    row = rows.filter(partner_code="CHN", flow="import", period_start=date(2026, 1, 1)).row(0, named=True)
    assert (row["value_usd"], row["net_weight_kg"], row["valuation"], row["partner_basis"]) == (
        1_652_225.0, 140_298.0, "FOB", "origin",
    )  # fmt: skip
    assert (row["hs_code"], row["code_country"], row["scope_code"]) == ("85051100", "BRA", "850511")


def test_bundled_years_pass_gate_one():
    load = [(a, parse(a)) for a in bundled().values() if a.source_code == "brazil_comexstat"]
    assert [result.rule for result in judge_load(load) if not result.success] == []


def test_every_figure_is_that_of_the_compilation(rows, publisher_files):
    compiled = pl.read_csv(publisher_files / COMPILED, infer_schema=False).filter(source="comexstat")
    expected = compiled.select(
        pl.col("period").str.to_date("%Y%m").alias("period_start"),
        "flow",
        pl.col("partner").alias("partner_code"),
        pl.col("value_usd").cast(pl.Float64),
        pl.col("qty_kg").cast(pl.Float64).alias("net_weight_kg"),
    ).sort("period_start", "flow", "partner_code")
    got = rows.select("period_start", "flow", "partner_code", pl.col("value_usd", "net_weight_kg").fill_null(0)).sort(
        "period_start", "flow", "partner_code"
    )
    assert got.equals(expected)
