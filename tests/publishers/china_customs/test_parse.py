"""Downloads of China's customs: columns that were chosen, parts of flows, and the query that the name states."""

from __future__ import annotations

import csv
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.model.artifact import LayoutError, SourceError, TruncatedError, UnknownLabelError
from sources.publishers.china_customs.receive import receive
from sources.registry import sources
from tests.helpers.artifacts import artifact, parse, parse_unless_refused, reasons
from tests.helpers.project import PROJECT

MONTH, CODE, NAME = "数据年月", "商品编码", "商品名称"
PARTNER, PARTNER_NAME = "贸易伙伴编码", "贸易伙伴名称"
MODE, MODE_NAME = "贸易方式编码", "贸易方式名称"
PLACE, PLACE_NAME = "注册地编码", "注册地名称"
FIRST, FIRST_UNIT, SECOND, SECOND_UNIT = "第一数量", "第一计量单位", "第二数量", "第二计量单位"
USD, CNY = "美元", "人民币"
PLAIN = {MONTH: "202501", CODE: "28469019", NAME: "未列名氧化稀土", FIRST: "1500", FIRST_UNIT: "千克",
         SECOND: "0", SECOND_UNIT: "?", USD: "12,345"}  # fmt: skip
BY_MODE = PLAIN | {PARTNER: "111", PARTNER_NAME: "印度", MODE: "10", MODE_NAME: "一般贸易"}


def download(*rows: dict[str, str]) -> bytes:
    """A download as the portal writes it: every cell quoted, an empty last column, GB18030."""
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    return "".join("".join(f'"{cell}",' for cell in line) + "\n" for line in lines).encode("gb18030")


def customs(folder, *rows, partition="GACC/CHN/X/IND/284690/2025", data=None):
    known = {"source_code": "china_customs", "layout": "gacc_download", "name": "download-under-test", "year": 2025}
    return artifact(folder, download(*rows) if data is None else data, partition=partition, **known)


def read(folder, *rows, **known):
    return parse(customs(folder, *rows, **known))


def row(folder, record, **known):
    return read(folder, record, **known).frame.row(0, named=True)


def test_a_row_is_a_month_of_a_national_line_in_whole_dollars_and_kilograms(tmp_path):
    got = row(tmp_path, PLAIN)
    assert (got["reporter_code"], got["flow"], got["hs_code"], got["code_country"]) == (
        "CHN", "export", "28469019", "CHN",
    )  # fmt: skip
    assert (got["period_start"], got["period_end"]) == (date(2025, 1, 1), date(2025, 1, 31))
    assert (got["value_usd"], got["value_rounding_usd"], got["value_raw"]) == (12_345.0, 0.5, "12,345")
    assert (got["net_weight_kg"], got["weight_rounding_kg"], got["weight_status"]) == (1500.0, 0.5, "reported")
    assert (got["value_local"], got["currency_code"], got["quantity"], got["quantity_unit"]) == (None, None, None, None)


def test_a_year_asked_for_as_one_figure_has_no_month_column_and_says_so_in_its_partition(tmp_path):
    whole = {name: cell for name, cell in PLAIN.items() if name != MONTH}
    got = row(tmp_path, whole, partition="GACC/CHN/X/IND/284690/2024/whole")
    assert (got["period_type"], got["period_start"], got["period_end"]) == (
        "calendar_year", date(2024, 1, 1), date(2024, 12, 31),
    )  # fmt: skip
    with pytest.raises(LayoutError, match=r"none of the columns.*wants 1"):
        row(tmp_path, whole)
    with pytest.raises(LayoutError, match=r"wants 0"):
        row(tmp_path, PLAIN, partition="GACC/CHN/X/IND/284690/2025/whole")


@pytest.mark.parametrize(
    ("letter", "flow", "valuation", "basis"),
    [("X", "export", "FOB", "last_known_destination"), ("M", "import", "CIF", "origin")],
)
def test_flow_and_partner_come_from_the_partitions_name_where_the_file_is_silent(
    tmp_path, letter, flow, valuation, basis
):
    got = row(tmp_path, PLAIN, partition=f"GACC/CHN/{letter}/JPN/284690/2025")
    assert (got["flow"], got["valuation"], got["partner_basis"]) == (flow, valuation, basis)
    assert (got["partner_code"], got["is_partner_world"], got["part_label"]) == ("JPN", False, None)


def test_a_query_of_all_partners_is_the_worlds(tmp_path):
    got = row(tmp_path, PLAIN, partition="GACC/CHN/X/all/284690/2025")
    assert (got["partner_code"], got["is_partner_world"]) == ("WLD", True)


def test_a_query_of_all_partners_that_lists_them_is_theirs(tmp_path):
    got = row(tmp_path, BY_MODE, partition="GACC/CHN/X/all/284690/2025")
    assert (got["partner_code"], got["partner_label"], got["is_partner_world"]) == ("IND", "印度", False)


@pytest.mark.parametrize(("asked", "scope"), [("284690", "284690"), ("2846", "2846"), ("28469019", None)])
def test_lines_may_be_added_up_only_to_a_code_all_of_whose_lines_were_asked_for(tmp_path, asked, scope):
    assert row(tmp_path, PLAIN, partition=f"GACC/CHN/X/IND/{asked}/2025")["scope_code"] == scope


def test_a_code_of_six_digits_is_international(tmp_path):
    got = row(tmp_path, PLAIN | {CODE: "284690"}, partition="GACC/CHN/X/IND/2846/2025")
    assert (got["code_country"], got["scope_code"]) == (None, None)


@pytest.mark.parametrize(
    "name",
    [
        "GACC/CHN/X/284690/2025",
        "GACC/CHN/X/India/284690/2025",
        "GACC/CHN/E/IND/284690/2025",
        "GACC/CHN/X/IND/28/2025",
        "GACC/CHN/X/IND/284690/2025/usd",
        "GACC/CHN/X/IND/284690/2025/cny/whole",
        "",
    ],
)
def test_a_partition_that_does_not_state_the_query_is_refused(tmp_path, name):
    with pytest.raises(LayoutError, match="name it GACC/CHN"):
        read(tmp_path, PLAIN, partition=name)


def test_trade_modes_and_places_are_parts_that_a_row_names(tmp_path):
    assert row(tmp_path, BY_MODE)["part_label"] == "10 一般贸易"
    placed = BY_MODE | {PLACE: "15", PLACE_NAME: "内蒙古自治区"}
    assert row(tmp_path, placed)["part_label"] == "10 一般贸易 / 15 内蒙古自治区"
    only = PLAIN | {PLACE: "15", PLACE_NAME: "内蒙古自治区"}
    assert row(tmp_path, only)["part_label"] == "15 内蒙古自治区"


def test_two_parts_of_one_line_and_month_load_and_a_repeated_part_is_refused(tmp_path):
    other = BY_MODE | {MODE: "34", MODE_NAME: "海关特殊监管区域物流货物", USD: "7"}
    assert read(tmp_path, BY_MODE, other).frame["value_usd"].to_list() == [12_345.0, 7.0]
    with pytest.raises(LayoutError, match="share a key"):
        read(tmp_path, BY_MODE, BY_MODE | {USD: "7"})
    with pytest.raises(LayoutError, match="share a key"):
        read(tmp_path, PLAIN, PLAIN | {USD: "7"})


IN_YUAN = {(CNY if name == USD else name): cell for name, cell in PLAIN.items()}


def test_yuan_are_yuan_and_never_dollars(tmp_path):
    got = row(tmp_path, IN_YUAN, partition="GACC/CHN/X/IND/284690/2025/cny")
    assert got["layout_rank"] == 1
    assert (got["value_usd"], got["value_local"], got["currency_code"]) == (None, 12_345.0, "CNY")
    assert (got["value_rounding_usd"], got["value_rounding_local"]) == (None, 0.5)
    assert (got["value_raw"], got["value_status"]) == ("12,345", "reported")


def test_yuan_and_dollars_of_one_query_are_two_partitions(tmp_path):
    with pytest.raises(LayoutError, match=r"'人民币'.*end the name of a partition in /cny"):
        read(tmp_path, IN_YUAN)
    with pytest.raises(LayoutError, match=r"'美元'.*/cny'.*only there"):
        read(tmp_path, PLAIN, partition="GACC/CHN/X/IND/284690/2025/cny")
    whole = {name: cell for name, cell in IN_YUAN.items() if name != MONTH}
    got = row(tmp_path, whole, partition="GACC/CHN/X/IND/284690/2024/whole/cny")
    assert (got["period_type"], got["value_local"], got["value_usd"]) == ("calendar_year", 12_345.0, None)


def test_yuan_printed_as_zero_are_bounded_in_yuan_and_not_in_dollars(tmp_path):
    got = row(tmp_path, IN_YUAN | {CNY: "0"}, partition="GACC/CHN/X/IND/284690/2025/cny")
    assert (got["value_local"], got["currency_code"], got["value_rounding_local"]) == (None, "CNY", 0.5)
    assert (got["value_low_usd"], got["value_high_usd"], got["value_status"]) == (None, None, "at_most")


def test_a_printed_zero_is_less_than_half_a_dollar(tmp_path):
    got = row(tmp_path, PLAIN | {USD: "0"})
    assert (got["value_usd"], got["value_low_usd"], got["value_high_usd"]) == (None, 0.0, 0.5)
    assert got["value_status"] == "at_most"


@pytest.mark.parametrize(
    "changes", [{USD: ""}, {USD: "n.a."}, {USD: "-5"}, {FIRST: "x"}, {SECOND: "12"}, {CODE: "28469"}]
)
def test_a_cell_that_cannot_be_read_is_set_aside(tmp_path, changes):
    table = read(tmp_path, PLAIN | changes, PLAIN | {MONTH: "202502"})
    assert reasons(table) == {"unreadable_value": 1}
    assert table.frame["period_start"].to_list() == [date(2025, 2, 1)]


def test_a_second_quantity_with_a_unit_is_kept_beside_the_weight(tmp_path):
    got = row(tmp_path, PLAIN | {SECOND: "77", SECOND_UNIT: "个"})
    assert (got["net_weight_kg"], got["quantity"], got["quantity_unit"]) == (1500.0, 77.0, "items")


@pytest.mark.parametrize("mark", ["?", "-", ""])
def test_a_mark_stands_for_no_second_unit_and_no_second_quantity(tmp_path, mark):
    for quantity in ("0", mark):
        table = read(tmp_path, PLAIN | {SECOND: quantity, SECOND_UNIT: mark})
        assert (table.rejects.height, table.frame["quantity"].to_list()) == (0, [None])


@pytest.mark.parametrize(
    ("printed", "unit"),
    [
        ("克", "gram"),
        ("吨", "tonne"),
        ("台", "items"),
        ("件", "items"),
        ("双", "pairs"),
        ("平方米", "square_metre"),
        ("令", "令"),
    ],
)
def test_only_kilograms_are_a_weight_and_nothing_is_converted(tmp_path, printed, unit):
    got = row(tmp_path, PLAIN | {FIRST: "77", FIRST_UNIT: printed})
    assert (got["net_weight_kg"], got["quantity"], got["quantity_unit"]) == (None, 77.0, unit)


def test_a_unit_with_a_digit_in_it_is_a_shifted_column(tmp_path):
    with pytest.raises(LayoutError, match=r"unit '1,500'.*shifted"):
        read(tmp_path, PLAIN | {FIRST_UNIT: "1,500"})


def test_a_small_partner_that_is_not_known_is_set_aside(tmp_path):
    strange = PLAIN | {PARTNER: "999", PARTNER_NAME: "亚特兰蒂斯", USD: "5"}
    known = PLAIN | {PARTNER: "111", PARTNER_NAME: "印度"}
    table = read(tmp_path, known, strange, partition="GACC/CHN/X/all/284690/2025")
    assert table.frame["partner_code"].to_list() == ["IND"]
    assert reasons(table) == {"unknown_partner": 1}


def test_a_first_quantity_in_pieces_is_no_weight(tmp_path):
    got = row(tmp_path, PLAIN | {FIRST: "77", FIRST_UNIT: "个"})
    assert (got["net_weight_kg"], got["weight_status"]) == (None, "not_available")
    assert (got["quantity"], got["quantity_unit"]) == (77.0, "items")
    swapped = row(tmp_path, PLAIN | {FIRST: "77", FIRST_UNIT: "个", SECOND: "5", SECOND_UNIT: "千克"})
    assert (swapped["net_weight_kg"], swapped["quantity"]) == (5.0, 77.0)


def test_quantities_that_were_not_chosen_are_not_available(tmp_path):
    bare = {name: BY_MODE[name] for name in (MONTH, CODE, NAME, PARTNER, PARTNER_NAME, MODE, MODE_NAME, USD)}
    got = row(tmp_path, bare)
    assert (got["value_usd"], got["net_weight_kg"], got["weight_status"]) == (12_345.0, None, "not_available")
    assert (got["weight_raw"], got["weight_rounding_kg"], got["quantity"]) == (None, None, None)


def test_a_weight_of_zero_is_unknown(tmp_path):
    got = row(tmp_path, PLAIN | {FIRST: "0"})
    assert (got["net_weight_kg"], got["weight_raw"], got["weight_status"]) == (None, "0", "not_available")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({PARTNER: "999"}, "china_customs/labels.csv, 'partner_code'.*'999'"),
        ({PARTNER_NAME: "印渡"}, "china_customs/labels.csv, 'partner_name'.*'印渡'"),
        (
            {PARTNER: "116"},
            "'116'.*'印度'.*partner_code and partner_name of sources/publishers/china_customs/labels.csv",
        ),
        ({MODE: "77"}, r"'77'.*\[trade_modes\] in sources/publishers/china_customs/layouts.toml"),
        ({MODE_NAME: "一般贸"}, r"'10'.*'一般贸'.*\[trade_modes\] in sources/publishers/china_customs/layouts.toml"),
        ({MODE: "41", MODE_NAME: "一般贸易"}, r"'41'.*'一般贸易'.*\[trade_modes\]"),
    ],
)
def test_a_label_that_is_not_known_or_disagrees_with_its_code_stops_the_load_by_name(tmp_path, changes, message):
    with pytest.raises(UnknownLabelError, match=message):
        read(tmp_path, BY_MODE | changes)


@pytest.mark.parametrize(
    ("code", "name", "area"),
    [
        ("143", "中国台湾", "TWN"),
        ("143", "台澎金马关税区", "TWN"),
        ("110", "中国香港", "HKG"),
        ("244", "南非", "ZAF"),
        ("334", "爱沙尼亚", "EST"),
        ("344", "俄罗斯联邦", "RUS"),
        ("352", "捷克", "CZE"),
        ("609", "新西兰", "NZL"),
    ],
)
def test_partners_are_those_of_the_customs_list_under_any_name_it_prints(tmp_path, code, name, area):
    got = row(tmp_path, BY_MODE | {PARTNER: code, PARTNER_NAME: name}, partition="GACC/CHN/X/all/284690/2025")
    assert (got["partner_code"], got["partner_label"]) == (area, name)


def labels(vocabulary: str) -> dict[str, str]:
    with (sources()["china_customs"].package / "labels.csv").open(encoding="utf-8", newline="") as text:
        return {row["label"]: row["area_code"] for row in csv.DictReader(text) if row["vocabulary"] == vocabulary}


def test_every_country_may_be_asked_for_by_its_code():
    with (PROJECT / "dbt_project" / "seeds" / "seed_area.csv").open(encoding="utf-8", newline="") as text:
        countries = {row["area_code"] for row in csv.DictReader(text) if row["area_type"] == "country"}
    assert labels("asked") == {code: code for code in countries} | {"all": "WLD"}
    assert "TWN" in countries


def test_every_partner_has_one_code_and_a_name():
    codes = labels("partner_code")
    assert len(set(codes.values())) == len(codes)
    assert set(codes.values()) == set(labels("partner_name").values())


def test_a_mode_under_its_older_name_is_the_same_part(tmp_path):
    older = row(tmp_path, BY_MODE | {MODE: "33", MODE_NAME: "保税仓库进出境货物"})
    assert older["part_label"] == "33 保税监管场所进出境货物"
    assert row(tmp_path, BY_MODE | {MODE: "41", MODE_NAME: "免税品"})["part_label"] == "41 免税品"


@pytest.mark.parametrize("month", ["202500", "202513", "2025", "202501-02", "2025-01", "1", "202501-202502", ""])
def test_a_period_that_is_no_single_month_is_refused(tmp_path, month):
    with pytest.raises(LayoutError, match="January and February together"):
        read(tmp_path, PLAIN | {MONTH: month})


def test_the_month_may_stand_under_its_other_name_but_not_be_absent(tmp_path):
    renamed = {("月份" if name == MONTH else name): cell for name, cell in PLAIN.items()}
    assert row(tmp_path, renamed)["period_start"] == date(2025, 1, 1)
    whole_year = {name: cell for name, cell in PLAIN.items() if name != MONTH}
    with pytest.raises(LayoutError, match="month by month"):
        read(tmp_path, whole_year)
    with pytest.raises(LayoutError, match=r"of the columns .*wants 1"):
        read(tmp_path, PLAIN | {CNY: "80,000"})


def test_a_code_without_its_name_column_is_refused(tmp_path):
    half = {name: cell for name, cell in BY_MODE.items() if name != PARTNER_NAME}
    with pytest.raises(LayoutError, match="only one of the columns"):
        read(tmp_path, half)


def test_a_download_of_exactly_ten_thousand_rows_is_refused_as_truncated(tmp_path):
    rows = [PLAIN | {CODE: f"{at:08d}"} for at in range(10_000)]
    with pytest.raises(TruncatedError, match=r"exactly 10000 rows.*fewer codes"):
        read(tmp_path, *rows)
    assert read(tmp_path, *rows[:-1]).frame.height == 9_999


def test_a_line_break_inside_quotes_and_an_empty_last_column_are_read(tmp_path):
    table = read(tmp_path, PLAIN | {NAME: "未列名\n氧化稀土"}, PLAIN | {MONTH: "202502"})
    assert table.frame.height == 2


def test_another_encoding_is_refused(tmp_path):
    data = download(PLAIN).decode("gb18030").encode("utf-8")
    with pytest.raises(LayoutError, match="download-under-test"):
        read(tmp_path, data=data)


@pytest.mark.parametrize("data", [b"", b"\x00" * 64, "请拖动滑块\n".encode("gb18030"), b"<html><script>\n</html>\n"])
def test_what_is_no_download_is_refused(tmp_path, data):
    with pytest.raises(SourceError, match="download-under-test"):
        read(tmp_path, data=data)


@given(st.integers(1, len(download(BY_MODE, BY_MODE | {MONTH: "202502"})) - 1))
@settings(max_examples=60, deadline=None)
def test_a_download_cut_anywhere_loses_whole_records_or_is_refused(scratch, cut):
    data = download(BY_MODE, BY_MODE | {MONTH: "202502"})
    table = parse_unless_refused(customs(scratch, data=data[:cut]))
    assert table is None or data[:cut].endswith(b"\n")


@pytest.mark.parametrize(("column", "printed"), [(FIRST, "1200,5"), (USD, "9000,25"), (FIRST, "1.200"), (USD, "1e4")])
def test_a_figure_with_a_decimal_comma_or_a_point_is_no_number(tmp_path, column, printed):
    # 9000,25 US$ would be 900,025 without its comma; the query prints whole dollars and whole kilograms
    assert reasons(read(tmp_path, PLAIN | {column: printed})) == {"unreadable_value": 1}


def test_tabs_behind_codes_and_figures_are_left_out_by_the_inbox_and_the_parser(tmp_path):
    tabbed = BY_MODE | {MONTH: "202501\t", CODE: "28469012\t", FIRST: "50,000\t", USD: "30,061\t"}
    dropped = tmp_path / "export_IND_284690.csv"
    dropped.write_bytes(download(tabbed))
    (received,) = receive(dropped, date(2026, 11, 20), tmp_path)
    assert received.partition == "GACC/CHN/X/IND/284690/2025"
    got = parse(received).frame.row(0, named=True)
    assert (got["hs_code"], got["period_start"]) == ("28469012", date(2025, 1, 1))
    assert (got["value_usd"], got["net_weight_kg"]) == (30_061.0, 50_000.0)
