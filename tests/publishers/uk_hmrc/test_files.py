"""The United Kingdom's bundled months of rare-earth magnets, against the compilation they were taken from."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from tests.helpers.artifacts import all_rows, parse, parsed
from tests.helpers.artifacts import bundled as bundled_files
from warehouse.quality.gates import judge_load

COMPILED = "other_customs/uk_brazil_us_eu_850511_monthly_2024-06_2026-07.csv"


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return all_rows("extract_ots_months")


def test_3_024_records_of_25_months_are_held_and_none_is_set_aside(rows):
    assert (rows.height, rows["period_start"].n_unique()) == (3_024, 25)
    assert (rows["period_start"].min(), rows["period_start"].max()) == (date(2024, 6, 1), date(2026, 6, 1))
    assert all(parsed(name).rejects.height == 0 for name in bundled_files() if name.startswith("ots_"))


def test_fourteen_records_of_june_2024_add_up_to_1_443_619_pounds_and_101_858_kg_from_china(rows):
    june = rows.filter(partner_code="CHN", flow="import", period_start=date(2024, 6, 1))
    assert june.select(pl.len(), pl.sum("value_local"), pl.sum("net_weight_kg")).row(0) == (14, 1_443_619.0, 101_858.0)


def test_imports_of_one_month_are_in_pounds_cif_and_by_country_of_consignment(rows):
    stated = rows.filter(flow="import").select("reporter_code", "currency_code", "valuation", "partner_basis").unique()
    assert stated.rows() == [("GBR", "GBP", "CIF", "consignment")]
    assert rows["value_usd"].null_count() == rows.height
    assert rows.select("hs_code", "code_country", "scope_code").unique().rows() == [("85051110", "GBR", None)]


def test_a_record_of_0_kg_is_below_half_a_kilogram(rows):
    light = rows.filter(pl.col("weight_raw") == "0")
    assert light.height == 53
    assert light.select("net_weight_kg", "weight_status", "weight_rounding_kg").unique().rows() == [
        (None, "at_most", 0.5)
    ]


def test_bundled_years_pass_gate_one():
    load = [(a, parse(a)) for a in bundled_files().values() if a.source_code == "uk_hmrc"]
    assert [result.rule for result in judge_load(load) if not result.success] == []


def test_each_flow_is_the_sum_of_its_records_in_the_compilation(rows, publisher_files):
    compiled = pl.read_csv(publisher_files / COMPILED, infer_schema=False).filter(source="hmrc")
    keys = [pl.col("period").str.to_date("%Y%m").alias("period_start"), "flow", pl.col("partner").alias("partner_code")]
    numbers = compiled.with_columns(pl.col("value_usd", "qty_kg").cast(pl.Float64))
    sums = numbers.group_by(keys).agg(pl.sum("value_usd"), pl.sum("qty_kg"), pl.len().alias("n"))
    own = rows.group_by("period_start", "flow", "partner_code").agg(
        pl.sum("value_local"), pl.sum("net_weight_kg"), pl.len().alias("own_n")
    )
    both = sums.join(own, on=["period_start", "flow", "partner_code"], how="full", coalesce=True)
    assert both.filter((pl.col("qty_kg") != pl.col("net_weight_kg")) | (pl.col("n") != pl.col("own_n"))).height == 0
    assert both.null_count().sum_horizontal().item() == 0
    rates = both.filter(pl.col("value_local") > 0).with_columns(
        (pl.col("value_usd") / pl.col("value_local")).alias("rate")
    )
    spread = rates.group_by("period_start").agg((pl.max("rate") - pl.min("rate")).alias("spread"))
    assert spread["spread"].max() < 1e-9
