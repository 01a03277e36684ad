"""China's exports of rare-earth compounds to India by line, month and trade mode, and two real downloads."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest

from sources.model.artifact import LayoutError
from tests.helpers.artifacts import all_rows, bundled, copy_of, parse, parsed

YEARS = (2025, 2026)


def name(year: int) -> str:
    return f"gacc_exports_ind_284690_{year}.csv"


@pytest.fixture(scope="session")
def compiled(publisher_files):
    """The sums that the compiler of the downloads printed beside them."""
    path = publisher_files / "china_customs" / "gacc_exports_to_india_284690_hs8_2025-01_2026-06.json"
    return json.loads(path.read_text(encoding="utf-8"))["byHs6"]["284690"]


@pytest.fixture(scope="session")
def download(publisher_files, scratch):
    """A real download of other goods, under the partition that its query would have."""

    def give(file: str, partition: str):
        data = (publisher_files / "china_customs" / "gacc_raw_csv" / file).read_bytes()
        return copy_of(
            bundled()[name(2025)], scratch, data, name=file, partition=partition, year=int(partition.split("/")[5])
        )

    return give


def test_china_exported_5_451_838_dollars_and_158_653_kilograms_to_india_in_2025():
    # GACC online query, 284690xx to India (111), 2025, all trade modes
    rows = parsed(name(2025)).frame
    assert (rows["value_usd"].sum(), rows["net_weight_kg"].sum(), rows.height) == (5_451_838.0, 158_653.0, 59)


def test_in_the_first_half_of_2026_it_was_1_914_887_dollars_and_56_629_kilograms():
    # GACC online query, 284690xx to India (111), 2026-01 to 2026-06, all trade modes
    rows = parsed(name(2026)).frame
    assert (rows["value_usd"].sum(), rows["net_weight_kg"].sum(), rows.height) == (1_914_887.0, 56_629.0, 26)


def test_one_line_of_one_month_is_as_published():
    # GACC online query, 28469099 to India, June 2025, ordinary trade and bonded zones
    june = parsed(name(2025)).frame.filter(hs_code="28469099", period_start=date(2025, 6, 1)).sort("part_label")
    assert june.select("part_label", "value_usd", "net_weight_kg").rows() == [
        ("10 一般贸易", 318_428.0, 3_300.0),
        ("34 海关特殊监管区域物流货物", 364_579.0, 3_400.0),
    ]


def test_every_row_is_an_export_to_india_fob_and_a_part_of_its_line():
    rows = all_rows("gacc_download")
    stated = rows.select("reporter_code", "partner_code", "flow", "valuation", "scope_code", "code_country").unique()
    assert stated.rows() == [("CHN", "IND", "export", "FOB", "284690", "CHN")]
    assert rows["part_label"].null_count() == 0
    assert rows["period_start"].n_unique() == 18


def test_lines_and_trade_modes_of_a_month_add_up_to_what_their_compiler_printed(compiled):
    months = (
        all_rows("gacc_download")
        .group_by(pl.col("period_start").dt.strftime("%Y%m").alias("period"))
        .agg(pl.col("value_usd").sum(), pl.col("net_weight_kg").sum(), pl.len())
        .sort("period")
    )
    printed = [(m["period"], m["usd"], m["firstQty"], m["rows"]) for m in compiled["months"]]
    assert months.rows() == printed


def test_each_line_adds_up_to_what_its_compiler_printed(compiled):
    lines = all_rows("gacc_download").group_by("hs_code", pl.col("period_start").dt.year().alias("year"))
    got = {(code, year): sums for code, year, *sums in lines.agg(pl.sum("value_usd", "net_weight_kg")).iter_rows()}
    printed = {
        (line["code"], int(year)): [annual["usd"], annual["firstQty"]]
        for line in compiled["hs8"]
        for year, annual in line["annual"].items()
    }
    assert got == printed


def test_a_real_download_of_crude_oil_in_dollars_is_read(download):
    # GACC, 27090000, imports of January 2024: 25,878,542,731 US$, 44,166,290,031 kg, 318,381,405 barrels
    table = parse(download("import_27090000_2024_monthly_usd_gb18030.csv", "GACC/CHN/M/all/27090000/2024"))
    assert (table.frame.height, table.rejects.height) == (12, 0)
    january = table.frame.row(0, named=True)
    assert (january["value_usd"], january["net_weight_kg"]) == (25_878_542_731.0, 44_166_290_031.0)
    assert (january["quantity"], january["quantity_unit"]) == (318_381_405.0, "barrel")
    assert (january["flow"], january["valuation"], january["partner_code"]) == ("import", "CIF", "WLD")
    assert (january["scope_code"], january["part_label"]) == (None, None)


def test_a_real_download_of_gasoline_in_yuan_is_read(download):
    # GACC, 27101210, exports of January 2026: 2,420,934,381 yuan, 530,464,556 kg, 736,284,801 litres
    table = parse(
        download("export_27101210_2026-01_2026-03_monthly_cny_gb18030.csv", "GACC/CHN/X/all/27101210/2026/cny")
    )
    assert (table.frame.height, table.rejects.height) == (3, 0)
    january = table.frame.row(0, named=True)
    assert (january["value_local"], january["currency_code"], january["value_usd"]) == (2_420_934_381.0, "CNY", None)
    assert (january["value_raw"], january["value_status"]) == ("2,420,934,381", "reported")
    assert (january["net_weight_kg"], january["quantity_unit"]) == (530_464_556.0, "litre")


def test_a_real_download_in_yuan_is_no_later_edition_of_dollars(download):
    with pytest.raises(LayoutError, match="end the name of a partition in /cny"):
        parse(download("export_27101210_2026-01_2026-03_monthly_cny_gb18030.csv", "GACC/CHN/X/all/27101210/2026"))
    with pytest.raises(LayoutError, match="end the name of a partition in /cny"):
        parse(download("import_27090000_2024_monthly_usd_gb18030.csv", "GACC/CHN/M/all/27090000/2024/cny"))


def test_tables_that_others_made_of_downloads_are_refused(publisher_files, scratch):
    folder = publisher_files / "china_customs"
    for path in sorted(folder.glob("*.csv")):
        with pytest.raises(LayoutError):
            parse(copy_of(bundled()[name(2025)], scratch, path.read_bytes(), name=path.name))
