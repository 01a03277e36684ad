"""Published extracts of Comtrade's figures: the panel of magnets, WITS, and India's months."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from sources.model.artifact import LayoutError, UnknownLabelError
from tests.helpers.artifacts import (
    all_rows,
    bundled,
    content,
    copy_of,
    parse,
    parse_unless_refused,
    parsed,
    reasons,
    records,
)

PANEL = "all_reporters_850511_2024.csv"
FULL_PANEL = "all_reporters_850511_2024_annual_unfiltered_breakdown.csv"
FULL_WITS = "china_exports_by_partner_280530_284690_850511_2010_2024_wits.csv"
FULL_MONTHLY = "india_imports_284690_monthly_2024-12_2026-06_usd_million.csv"


def panel_flow(reporter: str, partner: str, flow: str) -> dict:
    return parsed(PANEL).frame.row(
        by_predicate=(pl.col("reporter_code") == reporter)
        & (pl.col("partner_code") == partner)
        & (pl.col("flow") == flow),
        named=True,
    )


@pytest.fixture(scope="session")
def full_panel(publisher_files, scratch):
    """The unfiltered panel, breakdown rows and all."""
    return copy_of(bundled()[PANEL], scratch, (publisher_files / "comtrade" / FULL_PANEL).read_bytes())


def test_the_panel_holds_7_016_flows_of_2024():
    frame = parsed(PANEL).frame
    assert frame.height == 7016
    assert frame.select("hs_code", "period_start", "hs_revision").unique().rows() == [
        ("850511", date(2024, 1, 1), None)
    ]


def test_india_says_it_bought_164_6_million_dollars_of_magnets_from_china():
    # UN Comtrade, India, imports of 850511 from China, 2024
    got = panel_flow("IND", "CHN", "import")
    assert (got["value_usd"], got["net_weight_kg"]) == (164_562_345.129, 51_356_371.435)
    assert (got["valuation"], got["value_raw"]) == ("CIF", "164562345.129")


def test_china_says_it_sold_india_150_2_million_dollars_of_magnets():
    # UN Comtrade, China, exports of 850511 to India, 2024
    got = panel_flow("CHN", "IND", "export")
    assert (got["value_usd"], got["net_weight_kg"]) == (150_243_096.0, 19_259_294.0)
    assert (got["valuation"], got["partner_basis"]) == ("FOB", "last_known_destination")


def test_partners_of_every_reporter_and_flow_of_the_panel_sum_to_its_world_row():
    sums = (
        parsed(PANEL)
        .frame.group_by("reporter_code", "flow")
        .agg(
            pl.col("value_usd").filter("is_partner_world").sum().alias("world"),
            pl.col("value_usd").filter(~pl.col("is_partner_world")).sum().alias("partners"),
        )
    )
    assert sums.height == 233
    assert sums.filter((pl.col("world") - pl.col("partners")).abs() > 1).is_empty()


def test_the_unfiltered_panel_gives_the_same_flows_and_sets_its_breakdown_aside(full_panel):
    full = parse(full_panel)
    assert content(full.frame).equals(content(parsed(PANEL).frame))
    assert reasons(full) == {"breakdown_row": 37_965}
    assert full.rows_parsed == len(records(full_panel.read_bytes())) - 1


def test_the_order_of_the_unfiltered_panel_does_not_matter(full_panel, scratch):
    header, *body = full_panel.read_bytes().splitlines(keepends=True)
    turned = parse(copy_of(full_panel, scratch, b"".join([header, *reversed(body)])))
    assert turned.content_sha256() == parse(full_panel).content_sha256()


def test_wits_gives_3_300_flows_of_china():
    rows = all_rows("extract_wits")
    assert rows.height == 3300
    assert set(rows["hs_code"]) == {"280530", "284690", "850511"}
    assert rows.select("reporter_code", "flow", "valuation").unique().rows() == [("CHN", "export", "FOB")]


def test_china_sold_india_441_765_kilograms_of_284690_in_2021():
    # World Bank WITS, China, exports of 284690 to India, 2021
    got = parsed("wits_chn_exports_2021.csv").frame.row(
        by_predicate=(pl.col("partner_code") == "IND") & (pl.col("hs_code") == "284690"), named=True
    )
    assert (got["net_weight_kg"], got["weight_status"], got["weight_rounding_kg"]) == (441_765.0, "reported", 0.5)
    assert (got["value_usd"], got["value_rounding_usd"], got["value_raw"]) == (2_726_560.0, 5.0, "2726.56")


def test_partners_of_wits_sum_to_its_world_row_within_the_rounding_of_each():
    sums = (
        all_rows("extract_wits")
        .group_by("hs_code", "period_start")
        .agg(
            pl.col("value_usd").filter("is_partner_world").sum().alias("world"),
            pl.col("value_usd").filter(~pl.col("is_partner_world")).sum().alias("partners"),
            pl.col("value_rounding_usd").sum().alias("rounding"),
        )
    )
    assert sums.height == 44  # 15 years of three codes, without 850511 in 2022
    assert sums.filter((pl.col("world") - pl.col("partners")).abs() > pl.col("rounding")).is_empty()


def test_weights_of_magnets_in_2016_that_share_one_unit_value_are_estimated():
    # 45.57 US$/kg for most partners: among them India's 770,461 kg, between years of ten million
    magnets = parsed("wits_chn_exports_2016.csv").frame.filter(pl.col("hs_code") == "850511")
    india = magnets.row(by_predicate=pl.col("partner_code") == "IND", named=True)
    assert (india["net_weight_kg"], india["weight_status"]) == (770_461.0, "estimated")
    estimated = magnets.filter(pl.col("weight_status") == "estimated")
    assert estimated.height > magnets.height / 2
    unit_values = estimated["value_usd"] / estimated["net_weight_kg"]
    assert unit_values.round(2).mode().to_list() == [45.57]
    rounding = estimated["value_rounding_usd"] / estimated["value_usd"]
    assert ((unit_values / 45.57 - 1).abs() <= 0.002 + 2 * rounding).all()


def test_weights_of_other_years_are_not_marked_wholesale():
    others = all_rows("extract_wits").filter(pl.col("period_start").dt.year() != 2016)
    assert others.filter(pl.col("weight_status") == "estimated").height < 0.01 * others.height


def test_zero_thousand_dollars_of_wits_is_at_most_five_dollars():
    zeros = all_rows("extract_wits").filter(pl.col("value_raw").cast(pl.Float64) == 0)
    assert zeros.height == 5
    assert zeros.select("value_usd", "value_low_usd", "value_high_usd", "value_status").unique().rows() == [
        (None, 0.0, 5.0, "at_most")
    ]


def test_the_whole_wits_file_gives_the_rows_of_the_bundled_years(publisher_files, scratch):
    full = parse(
        copy_of(
            bundled()["wits_chn_exports_2010.csv"], scratch, (publisher_files / "comtrade" / FULL_WITS).read_bytes()
        )
    )
    assert full.rejects.is_empty()
    assert content(full.frame).equals(content(all_rows("extract_wits")))


def test_months_that_are_pending_are_set_aside_and_never_zero():
    of_2026 = parsed("ind_imports_284690_monthly_2026.csv")
    assert reasons(of_2026) == {"not_yet_published": 3}
    assert sorted(of_2026.frame["period_start"].dt.month().unique()) == [1, 2, 3]
    assert of_2026.frame.filter(pl.col("value_usd").is_null()).is_empty()


def test_india_bought_a_tenth_of_a_million_dollars_from_china_in_december_2024():
    # monthly series of UN Comtrade's India, imports of 284690, US$ million to two decimals
    china, world = sorted(
        parsed("ind_imports_284690_monthly_2024.csv").frame.iter_rows(named=True), key=lambda row: row["value_usd"]
    )
    assert (china["partner_code"], china["value_usd"], china["value_rounding_usd"]) == ("CHN", 100_000.0, 5_000.0)
    assert (world["partner_code"], world["value_usd"], world["is_partner_world"]) == ("WLD", 390_000.0, True)
    assert (china["period_type"], china["period_end"]) == ("month", date(2024, 12, 31))
    assert (china["net_weight_kg"], china["weight_status"]) == (None, "not_available")


def test_the_whole_monthly_file_gives_the_rows_of_the_bundled_years(publisher_files, scratch):
    original = bundled()["ind_imports_284690_monthly_2026.csv"]
    full = parse(copy_of(original, scratch, (publisher_files / "comtrade" / FULL_MONTHLY).read_bytes()))
    assert reasons(full) == {"not_yet_published": 3}
    months = all_rows("extract_monthly_usd_million").filter(pl.col("hs_code") == "284690")
    assert content(full.frame).equals(content(months))


def test_india_imported_of_china_1_29_million_dollars_of_compounds_in_december_2025():
    # monthly series of UN Comtrade's India, imports of 2846, US$ million; TradeStat has 0.25 from China of 1.60
    months = all_rows("extract_monthly_usd_million").filter(pl.col("hs_code") == "2846")
    december = months.filter(pl.col("period_start") == date(2025, 12, 1))
    assert dict(december.select("partner_code", "value_usd").iter_rows()) == {"CHN": 1_290_000.0, "WLD": 1_600_000.0}
    assert months.filter("is_partner_world").height == 16
    assert reasons(parsed("ind_imports_2846_monthly_2026.csv")) == {"not_yet_published": 3}


def test_no_six_digit_code_exceeds_its_heading_in_a_month_of_india():
    months = all_rows("extract_monthly_usd_million").select("hs_code", "partner_code", "period_start", "value_usd")
    heading, part = (months.filter(pl.col("hs_code") == code).drop("hs_code") for code in ("2846", "284690"))
    both = heading.join(part, on=["partner_code", "period_start"], suffix="_part")
    assert both.height == 32
    assert both.filter(pl.col("value_usd_part") > pl.col("value_usd") + 10_000).is_empty()


@pytest.mark.parametrize(
    ("name", "old", "new", "named"),
    [
        (PANEL, b"\n40,156,", b"\n40,121212,", "'121212'"),
        (PANEL, b"850511,M,", b"850511,ZZ,", "ZZ"),
        ("wits_chn_exports_2021.csv", b",India,", b",Indai,", "'Indai'"),
        ("wits_chn_exports_2021.csv", b",Export,", b",Transit,", "Transit"),
        ("ind_imports_284690_monthly_2025.csv", b",available", b",provisional", "provisional"),
        ("ind_imports_284690_monthly_2025.csv", b",IND,", b",IDN,", "'IDN'"),
    ],
)
def test_a_label_that_is_not_known_stops_the_load_by_name(name, old, new, named, scratch):
    original = bundled()[name]
    with pytest.raises(UnknownLabelError) as caught:
        parse(copy_of(original, scratch, original.read_bytes().replace(old, new, 1)))
    assert named in str(caught.value)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("ind_imports_284690_monthly_2025.csv", b"2025-01,", b"2025-13,"),
        ("ind_imports_284690_monthly_2025.csv", b"2025-01,", b"January,"),
        ("ind_imports_284690_monthly_2025.csv", b"0.13,0.43", b"n.a.,0.43"),
        ("wits_chn_exports_2021.csv", b",2021,", b",0000,"),
        ("wits_chn_exports_2021.csv", b",2021,", b",21,"),
        ("wits_chn_exports_2021.csv", b",399.11,", b",many,"),
        (PANEL, b",9697.047,", b",9697 USD,"),
        (PANEL, b",326.0\n", b",heavy\n"),
    ],
)
def test_a_cell_that_cannot_be_read_is_set_aside_or_stops_for_a_reason(name, old, new, scratch):
    original = bundled()[name]
    data = original.read_bytes().replace(old, new, 1).replace(b"\r\n", b"\n")
    assert new.strip() in data
    read = parse_unless_refused(copy_of(original, scratch, data))
    if read:
        assert set(reasons(read)) == {"unreadable_value"}
        assert read.rows_parsed == parsed(name).rows_parsed


@pytest.mark.parametrize("file", ["country_ts", "flows", "summary"])
def test_files_that_added_the_breakdown_rows_up_are_no_input(publisher_files, scratch, file):
    data = (publisher_files / "comtrade" / f"rare_earths_280530_284610_284690_{file}_2005_2024.csv").read_bytes()
    for layout in ("extract_panel", "extract_wits"):
        with pytest.raises(LayoutError):
            parse(copy_of(bundled()[PANEL], scratch, data, layout=layout))
