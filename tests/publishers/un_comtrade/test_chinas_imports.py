"""China's imports of rare earths by partner (2017 to 2024) and by line of its own tariff (2023 to 2025)."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from sources.model.artifact import LayoutError
from tests.helpers.artifacts import all_rows, bundled, copy_of, parse, parsed, reasons
from warehouse.quality.gates import judge_load

PARTNERS, LINES = "extract_partners", "extract_tariff_lines"
CELL = ["partner_code", "period_start"]
WORLD = pl.col("is_partner_world")


def of_partner_years(rows: pl.DataFrame) -> pl.DataFrame:
    """US$ of each partner and year."""
    return rows.group_by(CELL).agg(pl.col("value_usd").sum()).sort(CELL)


def test_cerium_and_the_other_compounds_add_up_to_their_heading_in_228_partner_years():
    # UN Comtrade, preview bodies of China's imports of 2846, against extracts of 284610 and 284690
    heading = pl.concat([parsed(f"chn_imports_2846_{year}.json").frame for year in range(2017, 2025)])
    both = all_rows(PARTNERS).filter(pl.col("hs_code").str.starts_with("2846"))
    assert of_partner_years(both).height == 228
    assert of_partner_years(both).equals(of_partner_years(heading.filter(~WORLD)))
    totals = heading.filter(WORLD).select("period_start", "value_usd").sort("period_start")
    assert both.group_by("period_start").agg(pl.col("value_usd").sum()).sort("period_start").equals(totals)


def test_china_imported_1_058_million_dollars_of_compounds_other_than_cerium_in_2022():
    # UN Comtrade, China, imports, 284690, 2022; Malaysia is the largest supplier but one
    rows = all_rows(PARTNERS).filter(pl.col("hs_code") == "284690", pl.col("period_start") == date(2022, 1, 1))
    assert rows["value_usd"].sum() == 1_057_416_686.0
    assert rows["valuation"].unique().to_list() == ["CIF"]
    assert rows["partner_basis"].unique().to_list() == ["origin"]


def test_estimated_weights_keep_their_flag():
    rows = all_rows(PARTNERS)
    assert rows.height == 378 + 53
    status = dict(rows.group_by("weight_status").len().iter_rows())
    assert status == {"reported": 142, "estimated": 289}


def test_lines_add_up_to_the_six_digit_codes_to_the_dollar():
    of_code = ["hs_code", *CELL]
    # lines name Liechtenstein, which stands under Switzerland in the six-digit codes
    lines = all_rows(LINES).with_columns(
        pl.col("scope_code").alias("hs_code"), pl.col("partner_code").replace({"LIE": "CHE"})
    )
    added = lines.group_by(of_code).agg(pl.col("value_usd").sum()).sort(of_code)
    codes = all_rows(PARTNERS).group_by(of_code).agg(pl.col("value_usd").sum()).sort(of_code)
    both = added.join(codes, on=of_code, suffix="_code")
    assert both.height == 117
    assert both["value_usd"].equals(both["value_usd_code"])


def test_records_of_one_line_and_partner_are_parts_of_it():
    rows = all_rows(LINES)
    line = ["hs_code", *CELL]
    assert rows.height == 2_370
    assert rows.select(line).unique().height == 694
    parts = rows.filter(pl.col("part_label").is_not_null())
    assert parts.select(*line, "part_label").is_duplicated().sum() == 0
    assert rows.filter(pl.col("part_label").is_null()).select(line).is_duplicated().sum() == 0


def test_half_a_kilogram_is_the_most_that_a_printed_zero_weighs_and_no_weight_at_all_a_million_dollars():
    zeros = all_rows(LINES).filter(pl.col("weight_raw") == "0")
    assert zeros["net_weight_kg"].drop_nulls().is_empty()
    assert zeros.filter(pl.col("weight_status") == "at_most")["weight_rounding_kg"].unique().to_list() == [0.5]
    unknown = zeros.filter(pl.col("weight_status") == "not_available")
    # Russia, 28469019, 2025: 917,056 US$ and 0 kg
    assert unknown.select("partner_code", "hs_code", "value_usd", "weight_rounding_kg").rows() == [
        ("RUS", "28469019", 917_056.0, None)
    ]


def test_the_lines_weigh_50_kilograms_where_the_estimate_is_19_tonnes():
    # 284610 from the United Kingdom in 2023
    def british(layout: str) -> pl.DataFrame:
        code = pl.coalesce("scope_code", "hs_code") == "284610"
        return all_rows(layout).filter(
            code, pl.col("partner_code") == "GBR", pl.col("period_start") == date(2023, 1, 1)
        )

    assert british(PARTNERS).select("net_weight_kg", "weight_status").rows() == [(19_007.904, "estimated")]
    assert british(LINES)["net_weight_kg"].sum() == 50.0
    assert british(PARTNERS)["value_usd"].sum() == british(LINES)["value_usd"].sum() == 53_724.0


@pytest.mark.parametrize(
    ("name", "old", "new", "set_aside"),
    [
        ("chn_imports_partners_2019.csv", b"2019,156,M,280530,40,", b"2091x,156,M,280530,40,", {"unreadable_value": 1}),
        ("chn_imports_lines_2025.csv", b",H6,", b",H6,some ", {"unreadable_value": 1}),
        ("chn_imports_lines_2025.csv", b",156,M,", b",156,RM,", {"other_flow": 1}),
    ],
)
def test_a_record_that_cannot_be_read_is_set_aside(name, old, new, set_aside, scratch):
    original = bundled()[name]
    assert old in original.read_bytes()
    read = parse(copy_of(original, scratch, original.read_bytes().replace(old, new, 1)))
    assert reasons(read) == set_aside


def test_a_partner_twice_in_a_year_of_codes_is_refused(scratch):
    original = bundled()["chn_imports_partners_2019.csv"]
    first = original.read_bytes().split(b"\n")[1]
    with pytest.raises(LayoutError, match="2 rows"):
        parse(copy_of(original, scratch, original.read_bytes() + first + b"\n"))


def failed(name: str, scratch, old: bytes, new: bytes) -> set[str]:
    """The rules of gate 1 that a changed copy of a bundled file breaks."""
    original = bundled()[name]
    changed = copy_of(original, scratch, original.read_bytes().replace(old, new))
    return {result.rule for result in judge_load([(changed, parse(changed))]) if not result.success}


def test_gate_one_refuses_a_line_of_other_goods_and_a_code_that_is_missing(scratch):
    lines = "chn_imports_lines_2025.csv"
    assert "codes_are_those_the_warehouse_follows" in failed(lines, scratch, b",28469019,", b",27101210,")
    assert "every_code_of_the_partition_is_there" in failed(lines, scratch, b",280530", b",284690")
    assert not failed(lines, scratch, b"", b"") - {"weights_are_plausible_against_values"}
