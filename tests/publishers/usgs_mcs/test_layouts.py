"""The world table of each edition, in small: what its cells mean and what stops it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.model.artifact import Artifact, LayoutError, SourceError, TruncatedError, UnknownLabelError
from tests.helpers.artifacts import artifact, parse, reasons, table

MCS2023 = ["Source", "Country", "Type", "Prod_t_2021", "Prod_t_est_2022", "Prod_notes", "Reserves_t", "Reserves_notes"]
MCS2025 = [
    "SOURCE", "COMMODITY", "COUNTRY", "TYPE", "UNIT_MEAS", "PROD_2023", "PROD_EST_ 2024", "PROD_NOTES",
    "CAP_2023", "CAP_EST_ 2024", "CAP_NOTES", "RESERVES_2024", "RESERVE_NOTES",
]  # fmt: skip
MCS2026 = [
    "MCS chapter", "Section", "Commodity", "Country", "Statistics", "Statistics_detail", "Unit", "Year", "Value",
    "Notes", "Is critical mineral 2025", "Other notes",
]  # fmt: skip
OXIDE = "Rare earths, mine production, rare-earth-oxide equivalent, metric tons"
WORLD_2023 = ["MCS2023", "World total (rounded)", OXIDE, "290000", "300000", "", "130000000", ""]
WORLD_2025 = ["World total (rounded)", "376000", "390000", "", ">90000000", ""]

IMPORT_SOURCES = [
    [chapter, "Import Sources", "", "China", "", "All", "percent", "2021–24", "100", "", "Yes", ""]
    for chapter in ("RARE EARTHS", "RARE EARTHS (Heavy)", "SCANDIUM", "THORIUM", "YTTRIUM")
]
EMPLOYMENT = [
    ["RARE EARTHS", "Salient Statistics—United States", "Rare Earths", "United States", "Employment",
     "Employment, mine and mill, annual average, number", "number", str(year), "1", "", "Yes", ""]
    for year in range(2021, 2026)
]  # fmt: skip
"""The least that the long file has beside the world table: one salient statistic in its five years."""


def of_2023(folder: Path, *rows: list[str], columns: list[str] = MCS2023) -> Artifact:
    return artifact(folder, table(columns, *rows), layout="mcs2023", name="mcs2023.csv")


def of_2025(folder: Path, *rows: list[str], unit: str = "metric tons") -> Artifact:
    """Rows as country, production of 2023 and 2024, its note, reserves, their note."""
    what = "Mine production, rare-earth-oxide equivalent"
    full = [["MCS2025", "Rare earths", r[0], what, unit, *r[1:4], "", "", "", *r[4:6]] for r in rows]
    return artifact(folder, table(MCS2025, *full), layout="mcs2025", name="mcs2025.csv")


def of_2026(folder: Path, *rows: list[str], chapter: str = "RARE EARTHS", unit: str = "metric tons") -> Artifact:
    """Rows as country, statistics, year, value, note; the three world totals and import sources are added."""
    totals = [
        ["World total", "Production", "2024", "380,000", "Estimated."],
        ["World total", "Production", "2025", "390,000", "Estimated."],
        ["World total", "Reserves", "2025", ">85,000,000", ""],
    ]
    detail = {"Production": "Mine production", "Reserves": "Reserves"}

    def full(r: list[str], chapter: str, unit: str) -> list[str]:
        where = "World Mine Production and Reserves"
        return [chapter, where, "Rare Earths", r[0], r[1], detail[r[1]], unit, *r[2:5], "Yes", ""]

    lines = [*(full(r, chapter, unit) for r in rows), *(full(r, "RARE EARTHS", "metric tons") for r in totals)]
    data = table(MCS2026, *EMPLOYMENT, *lines, *IMPORT_SOURCES, encoding="cp1252")
    return artifact(folder, data, layout="mcs2026", name="mcs2026.csv", year=2026)


def cell(read, country: str, measure: str, year: int) -> dict:
    return next(
        row
        for row in read.frame.iter_rows(named=True)
        if (row["country_label"], row["measure"], row["year"]) == (country, measure, year)
    )


def test_a_header_that_says_est_marks_its_year_and_no_other(tmp_path):
    read = parse(of_2023(tmp_path, ["MCS2023", "Vietnam", OXIDE, "400", "4300", "", "22000000", ""], WORLD_2023))
    assert cell(read, "Vietnam", "production", 2021)["value_status"] == "reported"
    assert cell(read, "Vietnam", "production", 2022)["value_status"] == "estimated"
    assert cell(read, "Vietnam", "reserves", 2022)["value_status"] == "reported"


def test_a_note_that_names_a_year_speaks_of_that_year(tmp_path):
    row = ["MCS2023", "India", OXIDE, "2900", "2900", "Estimated in 2021 also.", "6900000", ""]
    read = parse(of_2023(tmp_path, row, WORLD_2023))
    assert cell(read, "India", "production", 2021)["value_status"] == "estimated"
    assert cell(read, "India", "reserves", 2022)["value_status"] == "reported"


def test_a_note_that_names_no_year_speaks_of_every_year_of_its_row(tmp_path):
    note = "Estimated based on reported import data for China. Source: a tracker."
    read = parse(of_2025(tmp_path, ["Burma", "43000", "31000", note, "", "NA"], WORLD_2025))
    for year in (2023, 2024):
        burma = cell(read, "Burma", "production", year)
        assert (burma["value_status"], burma["basis_code"]) == ("estimated", "derived_from_china_imports")


def test_a_production_quota_is_a_basis_and_not_an_estimate(tmp_path):
    note = "Production quota; does not include undocumented production."
    read = parse(of_2025(tmp_path, ["China", "255000", "270000", note, "44000000", ""], WORLD_2025))
    china = cell(read, "China", "production", 2023)
    assert (china["value_t"], china["value_status"], china["basis_code"]) == (255_000.0, "reported", "quota")
    assert cell(read, "China", "reserves", 2024)["basis_code"] is None


def test_a_blank_of_2025_is_zero_for_production_and_the_note_for_reserves(tmp_path):
    read = parse(
        of_2025(tmp_path, ["Canada ", "", "", "", "830000", ""], ["Burma", "1", "1", "", "", "NA"], WORLD_2025)
    )
    canada = cell(read, "Canada", "production", 2024)
    assert (canada["value_t"], canada["value_status"]) == (0.0, "zero")
    burma = cell(read, "Burma", "reserves", 2024)
    assert (burma["value_t"], burma["value_status"], burma["value_raw"]) == (None, "not_available", "NA")


def test_a_blank_that_no_note_explains_is_set_aside_and_not_zero(tmp_path):
    read = parse(of_2025(tmp_path, ["India", "2900", "2900", "", "", ""], WORLD_2025))
    assert reasons(read) == {"unreadable_value": 1}
    assert "India reserves 2024" in read.rejects["detail"][0]


def test_a_blank_in_an_edition_that_prints_its_zeros_is_set_aside(tmp_path):
    read = parse(of_2023(tmp_path, ["MCS2023", "India", OXIDE, "2900", "", "", "6900000", ""], WORLD_2023))
    assert reasons(read) == {"unreadable_value": 1}


def test_a_bound_has_no_number(tmp_path):
    world = cell(parse(of_2025(tmp_path, WORLD_2025)), "World total (rounded)", "reserves", 2024)
    assert (world["value_t"], world["value_low_t"], world["value_high_t"]) == (None, 90_000_000.0, None)
    assert (world["value_status"], world["value_raw"], world["scope"]) == ("at_least", ">90000000", "world")


def test_ranges_and_withheld_figures_of_2026_stay_what_they_are(tmp_path):
    read = parse(
        of_2026(
            tmp_path,
            ["India", "Production", "2025", "10,000 - 15,000", "Estimated."],
            ["China", "Production", "2025", "W", ""],
            ["Brazil", "Production", "2025", "<1,000", ""],
            ["Canada", "Production", "2025", "—", ""],
        )
    )
    india = cell(read, "India", "production", 2025)
    assert (india["value_t"], india["value_low_t"], india["value_high_t"]) == (None, 10_000.0, 15_000.0)
    statuses = [cell(read, name, "production", 2025)["value_status"] for name in ("India", "China", "Brazil", "Canada")]
    assert statuses == ["range", "withheld", "at_most", "zero"]


@pytest.mark.parametrize(("year", "value"), [("2025", "?1"), ("2021–24", "2,900"), ("2025", ""), ("", "2,900")])
def test_a_cell_or_a_year_that_cannot_be_read_is_set_aside_whole(tmp_path, year, value):
    read = parse(of_2026(tmp_path, ["India", "Production", year, value, "Estimated."]))
    assert reasons(read) == {"unreadable_value": 1}
    assert "India" in read.rejects["row_json"][0]
    assert read.rows_parsed == 4


def test_the_chapter_of_heavy_rare_earths_is_not_added(tmp_path):
    read = parse(of_2026(tmp_path, ["China", "Production", "2025", "99", ""], chapter="RARE EARTHS (Heavy)"))
    assert read.frame["country_label"].unique().to_list() == ["World total"]


@pytest.mark.parametrize("unit", ["thousand metric tons", "kilotons", "kilograms", ""])
def test_another_unit_stops_the_load_by_name(tmp_path, unit):
    with pytest.raises(UnknownLabelError, match=rf"India.*{unit!r}.*known are \['metric tons'\]"):
        parse(of_2025(tmp_path, ["India", "2.9", "2.9", "", "6900", ""], WORLD_2025, unit=unit))
    with pytest.raises(UnknownLabelError, match=rf"India.*{unit!r}"):
        parse(of_2026(tmp_path, ["India", "Production", "2025", "2.9", ""], unit=unit))


def test_another_kind_of_figure_stops_the_load(tmp_path):
    smelter = ["MCS2023", "India", "Rare earths, smelter production, metric tons", "1", "1", "", "1", ""]
    with pytest.raises(UnknownLabelError, match="smelter"):
        parse(of_2023(tmp_path, smelter, WORLD_2023))


def test_a_misspelt_country_stops_the_load_by_name(tmp_path):
    with pytest.raises(UnknownLabelError, match="'Madagasgar', 'Vietnm'"):
        parse(of_2025(tmp_path, ["Vietnm", "1", "1", "", "1", ""], ["Madagasgar", "1", "1", "", "1", ""], WORLD_2025))


def test_a_record_of_another_source_inside_the_table_is_not_dropped_in_silence(tmp_path):
    stray = ["MCS2032", "India", OXIDE, "2900", "2900", "", "6900000", ""]
    with pytest.raises(SourceError, match="MCS2032"):
        parse(of_2023(tmp_path, stray, WORLD_2023))


def test_a_country_that_stands_twice_is_refused(tmp_path):
    india = ["India", "2900", "2900", "", "6900000", ""]
    with pytest.raises(LayoutError, match="share a key"):
        parse(of_2025(tmp_path, india, india, WORLD_2025))


def test_a_table_without_its_world_total_is_refused_as_cut(tmp_path):
    with pytest.raises(TruncatedError, match="no world total"):
        parse(of_2025(tmp_path, ["India", "2900", "2900", "", "6900000", ""]))


def test_a_long_table_without_one_of_its_measures_is_refused_as_cut(tmp_path):
    whole = of_2026(tmp_path, ["India", "Production", "2024", "2,900", ""]).path.read_bytes()
    for measure in (b"Production", b"Reserves"):
        lines = [
            line for line in whole.splitlines(keepends=True) if not (b"World total" in line and b"," + measure in line)
        ]
        with pytest.raises(TruncatedError, match="world total"):
            parse(artifact(tmp_path, b"".join(lines), layout="mcs2026", year=2026))


def test_another_edition_is_refused_naming_the_columns_gained_and_lost(tmp_path):
    landed = of_2023(tmp_path, WORLD_2023)
    with pytest.raises(LayoutError, match=r"lost \['Prod_t_est_2023'\], gained \['Prod_t_2021'\]"):
        parse(artifact(tmp_path, landed.path.read_bytes(), layout="mcs2024"))


def test_a_layout_that_is_not_declared_is_refused_with_those_that_are(tmp_path):
    with pytest.raises(LayoutError, match=r"'mcs2031' is not declared.*mcs2022.*mcs2026"):
        parse(artifact(tmp_path, b"x", layout="mcs2031"))


def test_a_table_of_another_commodity_is_refused(tmp_path):
    other = table(MCS2025, ["MCS2025", "Zinc", "India", "Mine production", "metric tons", *["1"] * 8])
    with pytest.raises(TruncatedError, match="Rare earths"):
        parse(artifact(tmp_path, other, layout="mcs2025"))
