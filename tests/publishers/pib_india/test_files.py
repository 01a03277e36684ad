"""Answers to Parliament: India's imports in tonnes, its imports of magnets, and China's share of them."""

from __future__ import annotations

import csv
import io
from datetime import date

import polars as pl
import pytest

from tests.helpers.artifacts import bundled, parsed

TONNES = "pib_2117701_imports_tonnes.csv"
SHARES = "pib_2151394_import_shares.csv"
MAGNETS = "pib_2151394_magnet_imports.csv"


def tonnes(code: str, year: int, partner: str) -> float | None:
    row = parsed(TONNES).frame.row(
        by_predicate=(pl.col("hs_code") == code)
        & (pl.col("period_start") == date(year, 4, 1))
        & (pl.col("partner_code") == partner),
        named=True,
    )
    return None if row["net_weight_kg"] is None else row["net_weight_kg"] / 1000


def share(measure: str, code: str, start: date) -> float:
    rows = parsed(SHARES).frame.filter(
        pl.col("share_measure") == measure, pl.col("hs_code") == code, pl.col("period_start") == start
    )
    return float(rows["share"].item())


def test_every_cell_of_the_tables_is_a_row():
    for name, rows in ((TONNES, 70), (SHARES, 21), (MAGNETS, 18)):
        assert (parsed(name).frame.height, parsed(name).rejects.height) == (rows, 0)
        assert bundled()[name].known_basis == "stated"


def test_india_imported_699_tonnes_of_rare_earth_metals_from_china_in_2023_24():
    # Ministry of Mines, PIB PRID 2117701, 2 April 2025: 28053000, 2023-24
    assert tonnes("28053000", 2023, "CHN") == 699.0
    assert tonnes("28053000", 2023, "WLD") == 1185.0
    assert tonnes("28053000", 2023, "HKG") == 234.0


def test_india_imported_452_tonnes_of_compounds_from_russia_in_2019_20():
    # the same: 2846, 2019-20; Russia stood before China that year
    assert (tonnes("2846", 2019, "RUS"), tonnes("2846", 2019, "CHN")) == (452.0, 434.0)
    assert tonnes("2846", 2019, "WLD") == 1375.0


def test_the_one_printed_zero_is_a_bound():
    zeros = parsed(TONNES).frame.filter(pl.col("weight_status") == "at_most")
    assert zeros.select("partner_code", "hs_code", "net_weight_kg", "weight_rounding_kg").rows() == [
        ("XOTH", "28053000", None, 500.0)
    ]


def test_partners_add_up_to_the_printed_total_within_the_rounding_of_each():
    sums = (
        parsed(TONNES)
        .frame.group_by("hs_code", "period_start")
        .agg(
            pl.col("net_weight_kg").filter(~pl.col("is_partner_world")).sum().alias("partners"),
            pl.col("net_weight_kg").filter("is_partner_world").sum().alias("world"),
            pl.col("weight_rounding_kg").sum().alias("rounding"),
        )
    )
    assert sums.height == 10
    assert sums.filter((pl.col("partners") - pl.col("world")).abs() > pl.col("rounding")).is_empty()
    assert (sums["partners"] - sums["world"]).abs().max() <= 1_000.0


def test_the_table_holds_weights_and_no_value():
    frame = parsed(TONNES).frame
    assert frame.select("value_status", "flow", "reporter_code", "period_type").unique().rows() == [
        ("not_available", "import", "IND", "fiscal_year")
    ]
    assert frame["value_usd"].drop_nulls().is_empty()


def test_china_sold_india_nine_tenths_of_its_metal_magnets_by_quantity_in_2024():
    # Ministry of Heavy Industries, PIB PRID 2151394, 1 August 2025
    assert share("quantity_share", "850511", date(2024, 1, 1)) == 0.904
    assert share("quantity_share", "850519", date(2023, 1, 1)) == 0.8789
    assert share("value_share", "850511", date(2024, 4, 1)) == 0.813
    assert share("value_share", "850590", date(2024, 4, 1)) == 0.316


def test_china_sold_india_111_of_136_million_dollars_of_metal_magnets_in_2024_25():
    # Ministry of Heavy Industries, PIB PRID 2151394, 1 August 2025, annex: 85051190, 2024-25
    rows = (
        parsed(MAGNETS)
        .frame.filter(pl.col("hs_code") == "85051190", pl.col("period_start") == date(2024, 4, 1))
        .sort("value_usd")
    )
    assert rows.select("partner_code", "value_usd", "net_weight_kg").rows() == [
        ("CHN", 110_680_000.0, 17_685_000.0),
        ("WLD", 136_140_000.0, None),
    ]
    assert rows["value_rounding_usd"].unique().to_list() == [5_000.0]


def test_the_printed_shares_are_those_of_the_printed_values():
    flow = ["hs_code", "period_start"]
    magnets = parsed(MAGNETS).frame.select(*flow, "partner_code", "value_usd").pivot("partner_code", index=flow)
    shares = parsed(SHARES).frame.filter(pl.col("hs_code").str.len_chars() == 8).select(*flow, "share")
    both = magnets.join(shares, on=flow)
    assert both.height == 9
    assert both.filter((pl.col("CHN") / pl.col("WLD") - pl.col("share")).abs() > 0.0006).is_empty()


def test_lines_that_are_all_of_their_code_say_so():
    scopes = dict(parsed(MAGNETS).frame.select("hs_code", "scope_code").unique().iter_rows())
    assert scopes == {"85051190": None, "85051900": "850519", "85059000": "850590"}


def test_tonnes_that_only_a_press_page_has_are_left_out():
    weighed = parsed(MAGNETS).frame.filter(pl.col("net_weight_kg").is_not_null())
    assert weighed.select("hs_code", "partner_code", "net_weight_kg").sort("hs_code").rows() == [
        ("85051190", "CHN", 17_685_000.0),
        ("85051900", "CHN", 21_897_000.0),
    ]


def test_quantities_are_of_calendar_years_and_values_of_the_fiscal_year():
    assert sorted(parsed(SHARES).frame.select("share_measure", "period_type").unique().rows()) == [
        ("quantity_share", "calendar_year"),
        ("value_share", "fiscal_year"),
    ]


@pytest.mark.parametrize(
    ("name", "file", "printed"),
    [
        (
            TONNES,
            "pib_prid2117701_india_rare_earth_imports_tonnes_fy2019-20_2023-24_transcribed.csv",
            "quantity_tonnes",
        ),
        (SHARES, "pib_prid2151394_magnet_import_dependence_on_china_transcribed.csv", "china_share_pct"),
    ],
)
def test_every_cell_of_the_transcription_is_kept_as_it_stands(publisher_files, name, file, printed):
    text = (publisher_files / "india_tradestat" / file).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    raw = "weight_raw" if name == TONNES else "value_raw"
    kept = parsed(name).frame.sort("artifact_row").select("hs_code", raw).head(len(rows))
    assert kept.rows() == [(row["hs_code"], row[printed]) for row in rows]
