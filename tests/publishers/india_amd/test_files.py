"""Eight statements of India's monazite and rare-earth oxide, 2002 to 2026."""

from __future__ import annotations

import polars as pl
import pytest

from tests.helpers.artifacts import all_rows, bundled, parsed

NAMES = sorted(name for name in bundled() if name.startswith("amd_"))


def resource(name: str, substance: str, deposit: str) -> dict:
    rows = parsed(f"amd_{name}.csv").frame
    return rows.row(
        by_predicate=(pl.col("substance") == substance)
        & (pl.col("deposit") == deposit)
        & pl.col("region_label").is_null(),
        named=True,
    )


def test_every_statement_is_a_file_of_its_own_and_every_figure_a_row():
    assert [len(bundled()[name].read_bytes().splitlines()) - 1 for name in NAMES] == [
        parsed(name).frame.height for name in NAMES
    ]
    assert all_rows("extract_resources").height == 22


@pytest.mark.parametrize(
    ("name", "million_t"),
    [
        ("2002", 7.90),  # Indian Minerals Yearbook, chapter on rare earths
        ("2005", 10.21),  # the same
        ("2009-08", 10.70),  # Department of Atomic Energy, PIB relid 12113, 23 November 2011
        ("2014-11", 11.93),  # answer of the Ministry of Mines, Mining Weekly, 28 November 2014
        ("2018-05", 12.47),  # answer of the Department of Atomic Energy, as of May 2018
        ("2022-09", 13.07),  # answer of the Department of Atomic Energy, 14 December 2022
        ("2025-07", 13.15),  # Department of Atomic Energy, PIB PRID 2147282, 23 July 2025
        ("2026-01-28", 13.15),  # answer of the Ministry of Mines, IANS, 4 February 2026
    ],
)
def test_india_held_so_many_million_tonnes_of_monazite(name, million_t):
    got = resource(name, "monazite", "beach_sand")
    assert (got["value_t"], got["value_rounding_t"]) == (round(million_t * 1e6), 5_000.0)


@pytest.mark.parametrize("name", ["2025-07", "2026-01-28"])
def test_oxide_in_sands_and_in_hard_rock_is_8_52_million_tonnes(name):
    # PIB PRID 2147282, 23 July 2025, and IANS, 4 February 2026: 7.23 (approximately) and 1.29
    sands, rock = resource(name, "reo", "beach_sand"), resource(name, "reo", "hard_rock")
    assert (sands["value_t"], sands["value_status"]) == (7_230_000.0, "estimated")
    assert (rock["value_t"], rock["value_status"]) == (1_290_000.0, "reported")
    assert sands["value_t"] + rock["value_t"] == 8_520_000.0


def test_the_sum_of_both_is_the_presss_and_says_so():
    got = resource("2025-07", "reo", "all")
    assert (got["value_t"], got["value_status"], got["basis_code"]) == (8_520_000.0, "estimated", "added_up_by_press")
    others = all_rows("extract_resources").filter(pl.col("deposit") != "all")
    assert others["basis_code"].drop_nulls().is_empty()


def test_six_states_hold_the_monazite_of_2014():
    # Andhra Pradesh 3.72, Tamil Nadu 2.46, Odisha 2.41, Kerala 1.90, West Bengal 1.22, Jharkhand 0.22
    states = parsed("amd_2014-11.csv").frame.filter(pl.col("region_label").is_not_null())
    assert dict(states.select("region_code", "value_t").iter_rows()) == {
        "IN-AP": 3_720_000.0, "IN-TN": 2_460_000.0, "IN-OD": 2_410_000.0, "IN-KL": 1_900_000.0,
        "IN-WB": 1_220_000.0, "IN-JH": 220_000.0,
    }  # fmt: skip
    assert states["value_t"].sum() == resource("2014-11", "monazite", "beach_sand")["value_t"] == 11_930_000.0


def test_hard_rock_of_2022_is_stated_to_the_tonne():
    # orissadiary.com, 14 December 2022: 7,37,283 t at Ambadungar, 36,945 t at Bhatikhera
    rock = parsed("amd_2022-09.csv").frame.filter(pl.col("deposit") == "hard_rock")
    assert rock.select("region_code", "value_t", "value_raw").rows() == [
        ("IN-GJ", 737_283.0, "7,37,283 t"), ("IN-RJ", 36_945.0, "36,945 t"),
    ]  # fmt: skip


def test_about_five_million_tonnes_are_an_estimate_to_half_a_million():
    got = resource("2009-08", "reo", "beach_sand")
    assert (got["value_t"], got["value_rounding_t"], got["value_status"], got["value_raw"]) == (
        5e6, 5e5, "estimated", "about 5 Mt",
    )  # fmt: skip


def test_a_statement_was_known_once_its_day_was_over():
    for name in NAMES:
        assert bundled()[name].known_from >= parsed(name).frame["as_of_end"].max()


def test_the_collections_table_of_these_figures_says_the_same(publisher_files):
    text = (publisher_files / "PRODUCTION_PROVENANCE.md").read_text(encoding="utf-8")
    listed = text[text.index("| as of | monazite, Mt |") :]
    for million_t in ("7.90", "10.21", "10.70", "11.93", "12.47", "13.07", "13.15", "7.23", "1.29", "8.52", "0.737"):
        assert million_t in listed
    pages = {url for url in all_rows("extract_resources")["page_url"].unique() if url in listed}
    assert len(pages) == 6  # the other two are PIB's own release of July 2025 and the press's sum
