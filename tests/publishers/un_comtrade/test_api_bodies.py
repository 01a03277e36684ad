"""China's imports of 2846 by partner, 1993 to 2024: 32 bodies of Comtrade's preview call."""

from __future__ import annotations

import json

import polars as pl
import pytest

from sources.model.artifact import LayoutError, SourceError, TruncatedError
from sources.reading.vocabulary import load_vocabulary
from sources.registry import sources
from tests.helpers.artifacts import all_rows, bundled, content, copy_of, parse, parsed
from tests.helpers.violators import assert_none

YEARS = range(1993, 2025)


def name(year: int) -> str:
    return f"chn_imports_2846_{year}.json"


@pytest.fixture(scope="session")
def sample(publisher_files, scratch):
    """A body of another call, under one of the API's layouts."""

    def give(file: str, layout: str):
        data = (publisher_files / "comtrade" / "api_samples" / file).read_bytes()
        return copy_of(bundled()[name(2024)], scratch, data, layout=layout, name=file)

    return give


def test_32_bodies_give_726_flows():
    rows = all_rows("comtrade_preview")
    assert rows.height == 726
    assert sorted(rows["period_start"].dt.year().unique()) == list(YEARS)
    assert rows.select("reporter_code", "flow", "hs_code", "valuation", "partner_basis").unique().rows() == [
        ("CHN", "import", "2846", "CIF", "origin")
    ]


def test_no_record_of_a_body_is_lost():
    for year in YEARS:
        assert parsed(name(year)).rows_parsed == json.loads(bundled()[name(year)].read_bytes())["count"]


def test_china_imported_1_387_million_dollars_of_rare_earth_compounds_in_2024():
    # UN Comtrade, China, imports of 2846 from the world, 2024
    world = parsed(name(2024)).frame.row(by_predicate=pl.col("is_partner_world"), named=True)
    assert (world["value_usd"], world["net_weight_kg"]) == (1_386_613_152.0, 77_025_454.404)
    assert (world["weight_status"], world["partner_code"]) == ("estimated", "WLD")


def test_china_imported_3_million_dollars_from_india_in_2024():
    # UN Comtrade, China, imports of 2846 from 699, 2024; the weight is Comtrade's own estimate
    india = parsed(name(2024)).frame.row(by_predicate=pl.col("partner_code") == "IND", named=True)
    assert (india["partner_label"], india["value_usd"]) == ("699", 3_033_521.0)
    assert (india["net_weight_kg"], india["weight_status"]) == (486_172.798, "estimated")


def test_partners_of_a_year_sum_to_the_worlds_row():
    def sums(year):
        frame = parsed(name(year)).frame
        (world,) = frame.filter("is_partner_world")["value_usd"]
        return frame.filter(~pl.col("is_partner_world"))["value_usd"].sum(), world

    added = {year: sums(year) for year in YEARS}
    assert_none(
        f"{year}: partners {partners}, world {world}"
        for year, (partners, world) in added.items()
        if partners != pytest.approx(world, abs=1)
    )


@pytest.mark.parametrize(
    ("years", "revision"),
    [
        (range(1993, 1996), "HS1992"),
        (range(1996, 2002), "HS1996"),
        (range(2002, 2007), "HS2002"),
        (range(2007, 2012), "HS2007"),
        (range(2012, 2017), "HS2012"),
        (range(2017, 2022), "HS2017"),
        (range(2022, 2025), "HS2022"),
    ],
)
def test_the_revision_of_the_hs_is_that_of_its_year(years, revision):
    for year in years:
        assert parsed(name(year)).frame["hs_revision"].unique().to_list() == [revision]


def test_china_is_its_own_partner_from_2000_on():
    own = all_rows("comtrade_preview").filter(pl.col("partner_code") == "CHN")
    assert sorted(own["period_start"].dt.year()) == list(range(2000, 2025))


def test_other_asia_is_a_special_area_in_every_year():
    assert (
        all_rows("comtrade_preview").filter(pl.col("partner_label") == "490")["partner_code"].to_list() == ["S19"] * 32
    )


def test_a_weight_that_is_not_known_is_never_a_number():
    rows = all_rows("comtrade_preview")
    assert rows.filter(pl.col("net_weight_kg") == 0).is_empty()
    unknown = rows.filter(pl.col("weight_status") == "not_available")
    assert unknown.height == 108
    assert unknown["net_weight_kg"].drop_nulls().is_empty()
    assert rows.filter(pl.col("net_weight_kg").is_null()).height == 108


def test_the_publishers_bodies_and_the_bundled_ones_give_the_same_rows(publisher_files, scratch):
    folder = publisher_files / "comtrade" / "api_preview_china_2846_imports_1993_2024"
    for year in YEARS:
        full = parse(copy_of(bundled()[name(year)], scratch, (folder / f"{year}.json").read_bytes()))
        assert content(full.frame).equals(content(parsed(name(year)).frame)), year
        assert full.content_sha256() == parsed(name(year)).content_sha256(), year


def test_an_empty_result_is_not_zero_trade(sample):
    with pytest.raises(TruncatedError, match="not zero trade"):
        parse(sample("bulk_get_empty_result.json", "comtrade_data"))


def test_bodies_of_refused_calls_are_refused_without_loading_anything(sample, scratch):
    errors = json.loads(sample("error_bodies_401_403_transcribed.json", "comtrade_data").read_bytes())
    assert {entry["status"] for entry in errors} == {200, 401, 403}
    for entry in errors:
        with pytest.raises(TruncatedError):
            parse(copy_of(bundled()[name(2024)], scratch, json.dumps(entry["body"]).encode()))


def test_a_listing_of_bulk_files_is_no_body_of_trade(sample):
    with pytest.raises(LayoutError, match=r"lost .*'primaryValue'.*gained .*'fileUrl'"):
        parse(sample("bulk_get_listing.json", "comtrade_data"))


@pytest.mark.parametrize(
    ("file", "layout", "rows"),
    [
        ("data_get_C_A_HS_china_2010_total.json", "comtrade_data", 4),
        ("preview_C_A_HS_india_imports_010121_2022.json", "comtrade_preview", 3),
    ],
)
def test_a_body_of_codes_the_warehouse_does_not_follow_is_read_whole_or_refused(sample, file, layout, rows):
    try:
        table = parse(sample(file, layout))
    except SourceError:
        return
    assert table.rows_parsed == rows
    assert table.frame["weight_status"].to_list() == ["not_available"] * table.frame.height
    assert set(table.frame["quantity_unit"]) <= {None, "items"}


def test_reference_tables_are_refused(sample):
    for file in ("reference_HS_filtered.json", "reference_Reporters.json", "reference_TradeDataItems.json"):
        with pytest.raises(SourceError):
            parse(sample(file, "comtrade_preview"))


def test_every_reporter_of_the_publishers_list_is_known_unless_a_group_or_no_state_any_more(sample):
    words = load_vocabulary(sources()["un_comtrade"].package / "labels.csv", "m49")
    listed = json.loads(sample("reference_Reporters.json", "comtrade_preview").read_bytes().decode("utf-8-sig"))
    living = {
        str(entry["reporterCode"]): entry["text"]
        for entry in listed["results"]
        if not entry["isGroup"] and "entryExpiredDate" not in entry
    }
    assert {code: text for code, text in living.items() if code not in words.entries} == {}
