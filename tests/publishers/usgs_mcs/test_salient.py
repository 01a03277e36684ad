"""Prices and salient statistics of the Mineral Commodity Summaries, as published and in small.

Citations: U.S. Geological Survey, Mineral Commodity Summaries, rare earths: data releases of MCS 2022
doi:10.5066/P9KKMCP4, 2023 P9WCYUI6, 2024 P144BA54 and 2026 P1WKQ63T; MCS 2025, January 2025, p. 144.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from sources.model.artifact import Artifact, LayoutError, TruncatedError, UnknownLabelError
from sources.model.feeds import CLOSED_LISTS, PRICES, SALIENT
from tests.helpers.artifacts import artifact, bundled, content, copy_of, parse_as, reasons, table
from tests.helpers.violators import assert_none, assert_same
from warehouse.quality.gates import judge_load, stopping

FILES = {
    2022: ("mcs2022-raree_salient.csv",),
    2023: (
        *("mcs2023-raree_salient.csv", "mcs2023-scandi_salient.csv"),
        *("mcs2023-thori_salient.csv", "mcs2023-yttri_salient.csv"),
    ),
    2024: (
        *("mcs2024-raree_salient.csv", "mcs2024-scand_salient.csv"),
        *("mcs2024-thori_salient.csv", "mcs2024-yttri_salient.csv"),
    ),
    2025: ("mcs2025-rare-earths_salient.csv",),
    2026: ("MCS2026_Commodities_Data.csv",),
}
ALL = [name for names in FILES.values() for name in names]


def rows(edition: int, kind: str) -> pl.DataFrame:
    return pl.concat(parse_as(bundled()[name], f"usgs_mcs__{kind}").frame for name in FILES[edition])


def year_of(column: str = "period_start") -> pl.Expr:
    return pl.col(column).dt.year()


PUBLISHED_PRICES = {
    (2022, "Nd", "oxide", 2017): (50, "reported"),
    (2022, "Nd", "oxide", 2021): (49, "estimated"),
    (2023, "Nd", "oxide", 2021): (49, "reported"),
    (2023, "Nd", "oxide", 2022): (130, "estimated"),
    (2024, "Nd", "oxide", 2021): (98, "reported"),
    (2024, "Nd", "oxide", 2022): (134, "reported"),
    (2024, "Nd", "oxide", 2023): (80, "estimated"),
    (2025, "Nd", "oxide", 2023): (78, "reported"),
    (2025, "Nd", "oxide", 2024): (56, "estimated"),
    (2026, "Nd", "oxide", 2024): (56, "reported"),
    (2026, "Nd", "oxide", 2025): (73, "estimated"),
    (2026, "Nd;Pr", "oxide", 2021): (92, "reported"),
    (2026, "Nd;Pr", "oxide", 2022): (124, "reported"),
    (2026, "Nd;Pr", "oxide", 2023): (75, "reported"),
    (2026, "Nd;Pr", "oxide", 2024): (55, "reported"),
    (2026, "Nd;Pr", "oxide", 2025): (69, "estimated"),
    (2022, "Tb", "oxide", 2021): (1300, "estimated"),
    (2024, "Tb", "oxide", 2021): (1346, "reported"),
    (2026, "Tb", "oxide", 2021): (1340, "reported"),
    (2026, "Dy", "oxide", 2025): (239, "estimated"),
    (2026, "Lu", "oxide", 2024): (780, "reported"),
    (2026, "Ce;La", "alloy", 2022): (6.52, "reported"),
    (2024, "Y", "oxide", 2022): (12, "reported"),
    (2024, "Y", "metal", 2023): (33, "estimated"),
    (2026, "Sc", "metal", 2021): (5300, "reported"),
    (2023, "Sc", "acetate", 2018): (44_000, "reported"),
}
"""Edition, elements, form and year: US$ per kg and status."""


def test_a_price_is_as_published():
    def got(key):
        edition, elements, form, year = key
        found = rows(edition, "prices").filter(elements=elements, form=form).filter(year_of() == year)
        return found.select("price_usd_per_kg", "value_status").row(0)

    assert_same(PUBLISHED_PRICES, got)


def test_every_price_of_the_collections_list_is_there(publisher_files: Path):
    """205 annual figures of MCS 2022, 2023, 2024 and 2026, taken down from the same files by another hand."""
    with (publisher_files / "usgs" / "usgs_rare_earth_prices_by_edition.csv").open(encoding="utf-8") as file:
        listed = Counter((int(r["edition"]), int(r["year"]), r["value"]) for r in csv.DictReader(file))
    printed = Counter(
        (edition, year, raw)
        for edition in FILES
        for year, raw in rows(edition, "prices").select(year_of(), "value_raw").iter_rows()
    )
    assert listed.total() == 205
    assert listed - printed == Counter()


def test_a_price_in_dollars_a_gram_is_one_of_a_kilogram_and_kept_as_printed():
    oxide = rows(2023, "prices").filter(elements="Sc", form="oxide").filter(year_of() == 2018)
    assert oxide.select("price_usd_per_kg", "price_unit", "value_raw").row(0) == (4600.0, "usd_per_g", "4.6")


def test_a_range_of_prices_stays_a_range():
    oxide = rows(2026, "prices").filter(elements="Sc", form="oxide").filter(year_of() == 2021)
    kept = ("price_usd_per_kg", "price_usd_per_kg_low", "price_usd_per_kg_high", "value_status", "price_terms")
    assert oxide.select(kept).row(0) == (None, 890.0, 1000.0, "range", "ex_works_china")


def test_purity_tells_two_grades_of_scandium_fluoride_apart():
    """The metadata of MCS 2024: 99.9 %, and 99.99 % in 2023."""
    fluoride = rows(2024, "prices").filter(form="fluoride")
    assert dict(fluoride.select(year_of(), "purity").iter_rows())[2023] == "99.99%"
    assert set(fluoride.filter(year_of() < 2023)["purity"]) == {"99.9%"}


def test_terms_of_delivery_are_those_that_the_edition_states():
    terms = rows(2026, "prices").group_by("elements").agg(pl.col("price_terms").unique())
    stated = {elements: sorted(found) for elements, found in terms.iter_rows()}
    assert (stated["Nd"], stated["Tb"], stated["Y"]) == (["fob"], ["fob"], ["fob_china"])
    assert rows(2022, "prices")["price_terms"].unique().to_list() == [None]


STATISTICS = {
    (2022, "net_import_reliance", "concentrates", 2017): (None, None, "not_available", "percent"),
    (2022, "net_import_reliance", "compounds_and_metals", 2021): (None, 90, "at_least", "percent"),
    (2023, "net_import_reliance", "compounds_and_metals", 2021): (None, 95, "at_least", "percent"),
    (2024, "net_import_reliance", "concentrates", 2023): (None, None, "net_exporter", "percent"),
    (2025, "net_import_reliance", "compounds_and_metals", 2024): (80, None, "estimated", "percent"),
    (2026, "net_import_reliance", "compounds_and_metals", 2024): (53, None, "reported", "percent"),
    (2026, "net_import_reliance", "compounds_and_metals", 2025): (67, None, "estimated", "percent"),
    (2024, "apparent_consumption", "compounds_and_metals", 2021): (7_900, None, "reported", "t"),
    (2025, "apparent_consumption", "compounds_and_metals", 2023): (10_100, None, "reported", "t"),
    (2026, "apparent_consumption", "compounds_and_metals", 2023): (8_600, None, "reported", "t"),
    (2022, "import", "compounds", 2017): (11_000, None, "estimated", "t"),
    (2025, "import", "metals", 2024): (90, None, "estimated", "t"),
    (2026, "import", "compounds", 2025): (21_000, None, "estimated", "t"),
    (2026, "export", "ores_and_compounds", 2024): (37_500, None, "estimated", "t"),
    (2025, "production", "compounds_and_metals", 2020): (0, None, "zero", "t"),
    (2024, "employment", "all", 2022): (350, None, "reported", "number"),
}
"""Edition, measure, material and year of rare earths: number, lower bound, status and unit."""


def test_a_statistic_is_as_published():
    def got(key):
        edition, measure, material, year = key
        found = rows(edition, "salient").filter(
            commodity="rare_earths", salient_measure=measure, salient_material=material
        )
        kept = ("salient_value", "salient_value_low", "value_status", "salient_unit")
        return found.filter(year_of() == year).select(kept).row(0)

    assert_same(STATISTICS, got)


@pytest.mark.parametrize(
    ("edition", "years", "shares"),
    [
        (2025, (2020, 2023), {"CHN": 70, "MYS": 13, "JPN": 6, "EST": 5, None: 6}),
        (2026, (2021, 2024), {"CHN": 71, "MYS": 13, "JPN": 5, "EST": 5, None: 6}),
    ],
)
def test_import_sources_are_shares_of_four_years_together(edition, years, shares):
    found = rows(edition, "salient").filter(commodity="rare_earths", salient_measure="import_source_share")
    assert dict(found.select("partner_code", "salient_value").iter_rows()) == shares
    assert found.select(year_of(), year_of("period_end")).unique().rows() == [years]
    assert found["period_type"].unique().to_list() == ["year_range"]


def test_withheld_thorium_stays_withheld_and_its_unit_values_are_no_prices():
    thorium = rows(2024, "salient").filter(commodity="thorium")
    mined = thorium.filter(salient_measure="production").select(year_of(), "value_status").iter_rows()
    assert dict(mined) == {2019: "estimated", 2020: "estimated", 2021: "withheld", 2022: "withheld", 2023: "withheld"}
    india = thorium.filter(salient_measure="import_unit_value", partner_code="IND").sort("period_start")
    assert india["value_raw"].to_list() == ["72", "NA", "NA", "NA", "74"]
    assert parse_as(bundled()["mcs2024-thori_salient.csv"], "usgs_mcs__prices").frame.is_empty()


@pytest.mark.parametrize(
    ("edition", "prices", "statistics"),
    [(2022, 35, 60), (2023, 90, 140), (2024, 90, 140), (2025, 35, 65), (2026, 100, 182)],
)
def test_every_cell_is_a_row_and_none_is_set_aside(edition, prices, statistics):
    assert (rows(edition, "prices").height, rows(edition, "salient").height) == (prices, statistics)
    assert dict(rows(edition, "prices").schema) == PRICES
    assert dict(rows(edition, "salient").schema) == SALIENT
    assert_none(name for name in FILES[edition] if parse_as(bundled()[name], "usgs_mcs__salient").rejects.height)


@pytest.mark.parametrize("name", ALL)
def test_gate_one_passes_every_bundled_file(name):
    made = bundled()[name]
    for kind in ("prices", "salient"):
        results = judge_load([(made, parse_as(made, f"usgs_mcs__{kind}"))])
        assert stopping(results) == []
        assert_none(f"{result.rule}: {result.sample}" for result in results if not result.success)


@pytest.mark.parametrize("edition", FILES)
def test_numbers_stand_where_the_status_says_so(edition):
    for kind, column in (("prices", "price_usd_per_kg"), ("salient", "salient_value")):
        frame = rows(edition, kind)
        assert set(frame["value_status"]) <= set(CLOSED_LISTS["value_status"])
        numbered = pl.col("value_status").is_in(["reported", "estimated", "zero"])
        assert frame.filter(numbered != pl.col(column).is_not_null()).is_empty()


@pytest.mark.parametrize("name", [name for name in ALL if name != "mcs2025-rare-earths_salient.csv"])
def test_the_publishers_whole_file_says_what_the_bundled_one_says(publisher_files, scratch, name):
    made = bundled()[name]
    whole = copy_of(made, scratch, (publisher_files / "usgs" / f"mcs{made.year}" / name).read_bytes())
    for kind in ("prices", "salient"):
        full, kept = parse_as(whole, f"usgs_mcs__{kind}"), parse_as(made, f"usgs_mcs__{kind}")
        assert full.rejects.is_empty()
        assert content(full.frame, "note").equals(content(kept.frame, "note"))


HEADER = ["DataSource", "Commodity", "Year", "Price_Nd2O3_dkg", "Employment_num"]


def small(folder: Path, *added: str, columns=HEADER, years=range(2019, 2024), **change) -> Artifact:
    """The salient file of an edition with one price and one other statistic; `added` are cells of further columns."""
    row = {"source": "MCS2024", "commodity": "Rare Earths", "price": "50", "employed": "100"} | change
    lines = [[row["source"], row["commodity"], str(year), row["price"], row["employed"], *added] for year in years]
    data = table(columns, *lines)
    known = {"layout": "salient", "name": "small.csv", "edition": "MCS 2024", "partition": "MCS 2024/rare_earths"}
    return artifact(folder, data, **known)


def test_a_column_that_the_publisher_added_is_set_aside_and_the_others_load(tmp_path):
    made = small(tmp_path, "7", columns=[*HEADER, "Price_Magnet_dkg"])
    read = parse_as(made, "usgs_mcs__salient")
    assert parse_as(made, "usgs_mcs__prices").frame["price_usd_per_kg"].to_list() == [50.0] * 5
    assert reasons(read) == {"unknown_item": 5}
    assert "Price_Magnet_dkg" in read.rejects["detail"][0]
    results = judge_load([(made, read)])
    assert stopping(results) == []
    assert {result.rule for result in results if not result.success} == {"every_item_is_known"}


def test_a_table_without_one_of_its_years_is_refused(tmp_path):
    with pytest.raises(TruncatedError, match=r"Price_Nd2O3_dkg' lacks \['2023'\]"):
        parse_as(small(tmp_path, years=range(2019, 2023)), "usgs_mcs__salient")


def test_a_file_that_lost_one_of_several_import_sources_is_refused(scratch):
    original = bundled()["MCS2026_Commodities_Data.csv"]
    lines = original.read_bytes().splitlines(keepends=True)
    sources = [at for at, line in enumerate(lines) if b",Import Sources," in line and b",100," not in line]
    assert len(sources) == 23
    for at in sources:
        with pytest.raises(TruncatedError, match="import sources of"):
            parse_as(copy_of(original, scratch, b"".join(lines[:at] + lines[at + 1 :])), "usgs_mcs__salient")


def test_another_editions_table_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="'MCS2023'"):
        parse_as(small(tmp_path, source="MCS2023"), "usgs_mcs__salient")


def test_another_commoditys_table_is_refused_by_name(tmp_path):
    with pytest.raises(UnknownLabelError, match="'Gallium'"):
        parse_as(small(tmp_path, commodity="Gallium"), "usgs_mcs__salient")


def test_a_chapters_file_under_anothers_partition_does_not_pass_gate_one(tmp_path):
    made = small(tmp_path, commodity="Yttrium", columns=[*HEADER[:3], "Price_Y2O3_dkg", "NIR_pct"])
    results = judge_load([(made, parse_as(made, "usgs_mcs__prices"))])
    assert "rows_are_of_the_chapter_they_came_with" in {result.rule for result in stopping(results)}


@pytest.mark.parametrize("cell", ["?1", "", "about 50"])
def test_a_cell_that_cannot_be_read_stops_the_load(tmp_path, cell):
    made = small(tmp_path, price=cell)
    read = parse_as(made, "usgs_mcs__prices")
    assert reasons(read) == {"unreadable_value": 5}
    assert stopping(judge_load([(made, read)]))


def test_a_price_in_another_unit_of_the_long_file_is_set_aside(scratch):
    data = bundled()[FILES[2026][0]].path.read_bytes()
    old = b'Price,"Price, average, dollars per kilogram: Neodymium oxide, 99.5% minimum",dollars per kilogram'
    assert data.count(old) == 5
    made = copy_of(
        bundled()[FILES[2026][0]], scratch, data.replace(old, old.replace(b"dollars per kilogram", b"euros", 2))
    )
    read = parse_as(made, "usgs_mcs__salient")
    assert reasons(read) == {"unknown_item": 5}
