"""BACI release V202601: magnets in 2024 complete, the largest flows before, and world totals of three codes."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest

from sources.model.feeds import TRADE_REFERENCE
from sources.reading.vocabulary import load_vocabulary
from sources.registry import sources
from tests.helpers.artifacts import bundled, content, copy_of, parse, parsed, table

COMPLETE = "baci_850511_2024.csv"
LARGEST = "baci_850511_2002_2023_largest.csv"
TOTALS = "baci_world_totals_2002_2024.csv"


def total(year: int, code: str = "850511") -> dict:
    rows = parsed(TOTALS).frame.filter(pl.col("period_start").dt.year() == year, pl.col("hs_code") == code)
    return rows.row(0, named=True)


def test_china_sold_india_162_786_289_dollars_of_magnets_in_2024():
    # BACI HS17 V202601, 850511, 156 to 699, 2024: 162786.289 thousand US$, 19259.294 t
    got = parsed(COMPLETE).frame.row(
        by_predicate=(pl.col("exporter_code") == "CHN") & (pl.col("importer_code") == "IND"), named=True
    )
    assert (got["value_usd"], got["value_raw"]) == (162_786_289.0, "162786.289")
    assert (got["net_weight_kg"], got["weight_raw"]) == (19_259_294.0, "19259.294")
    assert (got["coverage"], got["hs_revision"]) == ("complete", "HS2017")


def test_flows_of_2024_sum_to_4_962_889_thousand_dollars_and_187_827_tonnes_the_worlds_row():
    flows = parsed(COMPLETE).frame
    assert (flows.height, round(flows["value_usd"].sum() / 1e3)) == (4_415, 4_962_889)
    assert round(flows["net_weight_kg"].sum() / 1e3) == 187_827
    world = total(2024)
    assert flows["value_usd"].sum() == world["value_usd"] == 4_962_889_102.0
    assert flows["net_weight_kg"].sum() == pytest.approx(world["net_weight_kg"], abs=world["weight_rounding_kg"])


def test_226_weights_of_2024_are_not_known_and_no_number():
    unknown = parsed(COMPLETE).frame.filter(pl.col("weight_status") != "reported")
    assert unknown["weight_status"].to_list() == ["not_available"] * 226
    assert unknown["net_weight_kg"].drop_nulls().is_empty()


def test_world_totals_are_those_of_three_codes_in_23_years():
    rows = parsed(TOTALS).frame
    assert rows.select("hs_code", "period_start").n_unique() == rows.height == 69
    # BACI HS02 V202601, 280530, 2002: 67,332,703 US$ and 10,245.2 t
    assert (total(2002, "280530")["value_usd"], total(2002, "280530")["net_weight_kg"]) == (67_332_703.0, 10_245_200.0)
    assert (total(2016)["hs_revision"], total(2017)["hs_revision"]) == ("HS2002", "HS2017")


def test_the_largest_flows_are_partial_and_never_above_their_worlds_total():
    rows = parsed(LARGEST).frame
    assert (rows.height, rows["coverage"].unique().to_list()) == (28_891, ["partial"])
    sums = rows.group_by(pl.col("period_start").dt.year().alias("year")).agg(pl.col("value_usd").sum()).sort("year")
    assert sums["year"].to_list() == list(range(2002, 2024))
    for year, value in sums.iter_rows():
        assert 0.9 < value / total(year)["value_usd"] <= 1, year


def test_no_country_trades_with_itself_in_baci():
    assert parsed(COMPLETE).frame.filter(pl.col("exporter_code") == pl.col("importer_code")).is_empty()
    assert parsed(LARGEST).frame.filter(pl.col("exporter_code") == pl.col("importer_code")).is_empty()


@pytest.mark.parametrize("name", [COMPLETE, LARGEST, TOTALS])
def test_every_record_is_a_row(name):
    read = parsed(name)
    assert read.rejects.is_empty()
    assert dict(read.frame.schema) == TRADE_REFERENCE


@pytest.mark.parametrize(
    ("name", "file"),
    [
        (COMPLETE, "baci_850511_2024_full_kusd_t.csv"),
        (TOTALS, "baci_world_totals_280530_284690_850511_2002_2024_transcribed.csv"),
    ],
)
def test_the_whole_file_and_the_bundled_one_give_the_same_rows(publisher_files, scratch, name, file):
    full = parse(copy_of(bundled()[name], scratch, (publisher_files / "baci" / file).read_bytes()))
    assert full.content_sha256() == parsed(name).content_sha256()


def test_the_largest_flows_of_2024_are_the_complete_years_own(publisher_files, scratch):
    data = (publisher_files / "baci" / "baci_850511_flows_2002_2024.csv").read_bytes()
    full = parse(copy_of(bundled()[LARGEST], scratch, data)).frame
    of_2024 = pl.col("period_start").dt.year() == 2024
    assert content(full.filter(~of_2024)).equals(content(parsed(LARGEST).frame))
    pair = ["exporter_code", "importer_code"]
    both = full.filter(of_2024).join(parsed(COMPLETE).frame, on=pair, how="left", suffix="_complete")
    assert (both.height, both["value_usd_complete"].null_count()) == (1_515, 0)
    assert both.filter((pl.col("value_usd") - pl.col("value_usd_complete")).abs() > 1).is_empty()


def test_the_complete_year_in_bacis_own_columns_gives_the_same_flows(publisher_files, scratch):
    """The publisher's own layout: numbers for countries, padded cells, NA for a weight that is not known."""
    folder = publisher_files / "baci"
    countries = csv.DictReader(io.StringIO((folder / "country_codes_V202601.csv").read_text(encoding="utf-8-sig")))
    numbers = {row["country_iso3"]: row["country_code"] for row in countries if "(..." not in row["country_name"]}
    flows = csv.DictReader(io.StringIO((folder / "baci_850511_2024_full_kusd_t.csv").read_text(encoding="utf-8-sig")))
    rows = [
        [f["year"], numbers[f["exporter"]], numbers[f["importer"]], f["hs6"], f["value_kusd"], f["qty_t"] or "NA"]
        for f in flows
    ]
    padded = [[*row[:4], row[4].rjust(14), row[5].rjust(12)] for row in rows]
    data = table(["t", "i", "j", "k", "v", "q"], *padded)
    read = parse(copy_of(bundled()[COMPLETE], scratch, data, layout="baci_csv"))
    but = ("exporter_label", "importer_label", "weight_raw")
    assert content(read.frame, *but).equals(content(parsed(COMPLETE).frame, *but))


def test_every_country_of_the_release_is_known_by_its_number(publisher_files):
    text = (publisher_files / "baci" / "country_codes_V202601.csv").read_text(encoding="utf-8-sig")
    listed = list(csv.DictReader(io.StringIO(text)))
    words = load_vocabulary(sources()["cepii_baci"].package / "labels.csv", "numeric")
    assert set(words.entries) == {row["country_code"] for row in listed}
    own = {"R20": "X697", "ZA1": "X711", "PUS": "UMI"}
    for row in listed:
        assert words.entries[row["country_code"]][1] == own.get(row["country_iso3"], row["country_iso3"]), row
