"""Records of the World Mineral Statistics: series, notes, periods and what stops them. Figures are invented."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.model.artifact import LayoutError, SourceError, TruncatedError, UnknownLabelError
from sources.publishers.bgs_wms.parse import parse as parse_bgs
from sources.reading.tables import forget_added_fields
from tests.helpers.artifacts import artifact, parse, reasons
from tests.publishers.bgs_wms.builders import CONTENT, JUNE, LAYOUTS, MARCH, RECORD, csv_of, noted


def geojson_of(folder, *changes, matched=None, returned=None, extra=None):
    columns = LAYOUTS["bgs_geojson"]["columns"]
    features = [
        {"type": "Feature", "properties": {name: (RECORD | change).get(name) for name in columns} | (extra or {})}
        for change in changes
    ]
    body = {
        "type": "FeatureCollection",
        "features": features,
        "numberMatched": len(features) if matched is None else matched,
        "numberReturned": len(features) if returned is None else returned,
    }
    return artifact(
        folder, json.dumps(body).encode(), source_code="bgs_wms", layout="bgs_geojson", name="bgs.json"
    )  # fmt: skip


def only(folder, **change):
    read = parse(csv_of(folder, change))
    assert read.rejects.is_empty()
    return read.frame.row(0, named=True)


def test_a_record_is_a_row_in_tonnes_of_oxide(tmp_path):
    row = only(tmp_path)
    assert (row["country_code"], row["year"], row["value_t"], row["value_status"]) == ("IND", 2019, 1234.0, "reported")
    assert (row["series"], row["unit_basis"], row["basis_code"]) == ("rare_earth_oxides", "reo", None)
    assert (row["scope"], row["measure"], row["value_raw"]) == ("country", "production", "1234")


def test_a_mineral_is_gross_weight_in_a_series_of_its_own(tmp_path):
    row = only(tmp_path, bgs_commodity_trans="rare earth minerals", bgs_sub_commodity_trans="Monazite")
    assert (row["series"], row["unit_basis"], row["basis_code"]) == (
        "rare_earth_minerals/monazite", "gross", "gross_weight",
    )  # fmt: skip


def test_a_mineral_whose_note_says_oxide_content_is_no_gross_weight(tmp_path):
    mineral = {"bgs_commodity_trans": "rare earth minerals", "bgs_sub_commodity_trans": "Bastnaesite"}
    row = only(tmp_path, **mineral, **noted(CONTENT))
    assert (row["series"], row["unit_basis"], row["basis_code"]) == (
        "rare_earth_minerals/bastnaesite", "reo", "assumed_content",
    )  # fmt: skip
    capacity = only(tmp_path, **mineral, **noted("Estimates.", CONTENT, "Nominal capacity."))
    assert (capacity["value_status"], capacity["basis_code"]) == ("estimated", "nominal_capacity")


def test_both_lists_of_one_country_and_year_stand_beside_each_other(tmp_path):
    minerals = {"bgs_commodity_trans": "rare earth minerals"}
    read = parse(csv_of(tmp_path, {}, minerals, minerals | {"bgs_sub_commodity_trans": "Xenotime"}))
    assert sorted(read.frame["series"]) == [
        "rare_earth_minerals/unspecified", "rare_earth_minerals/xenotime", "rare_earth_oxides",
    ]  # fmt: skip


def test_nil_is_zero_and_three_points_are_not_available(tmp_path):
    nil = only(
        tmp_path, quantity="0", quantity_in_book_style="-----", data_precision_description="Nil (nothing produced)"
    )
    assert (nil["value_t"], nil["value_status"], nil["value_raw"]) == (0.0, "zero", "-----")
    missing = only(
        tmp_path, quantity="", quantity_in_book_style="...", data_precision_description="Figures not available"
    )
    assert (missing["value_t"], missing["value_status"], missing["value_raw"]) == (None, "not_available", "...")


def test_only_a_note_makes_an_estimate_and_never_of_nil(tmp_path):
    assert only(tmp_path, **noted("Estimates."))["value_status"] == "estimated"
    nil = {"quantity": "0", "quantity_in_book_style": "-----", "data_precision_description": "Nil (nothing produced)"}
    assert only(tmp_path, **nil, **noted("Estimates."))["value_status"] == "zero"


@pytest.mark.parametrize(
    ("note", "start", "end"),
    [
        (MARCH, date(2019, 4, 1), date(2020, 3, 31)),
        ("Years ended 31 March following that stated.", date(2019, 4, 1), date(2020, 3, 31)),
        (JUNE, date(2018, 7, 1), date(2019, 6, 30)),
    ],
)
def test_a_note_says_which_months_the_printed_year_means(tmp_path, note, start, end):
    row = only(tmp_path, **noted("Estimates.", note))
    assert (row["year"], row["period_type"]) == (2019, "fiscal_year")
    assert (row["period_start"], row["period_end"]) == (start, end)


def test_a_year_without_a_note_is_the_calendars_even_for_india(tmp_path):
    row = only(tmp_path)
    assert (row["period_type"], row["period_start"], row["period_end"]) == (
        "calendar_year", date(2019, 1, 1), date(2019, 12, 31),
    )  # fmt: skip


@pytest.mark.parametrize(
    "year", ["2019", "2019-01-01", "2019-01-01 00:00:00", "2019-01-01T00:00:00Z", "2019-01-01T00:00:00.000+00:00"]
)
def test_a_year_is_read_however_the_download_writes_its_time(tmp_path, year):
    assert only(tmp_path, year=year)["year"] == 2019


@pytest.mark.parametrize("year", ["", "2019-04-01", "2019/20", "19", "2019-01-01 12:00:00"])
def test_an_invalid_year_is_set_aside(tmp_path, year):
    read = parse(csv_of(tmp_path, {"year": year}, {"year": "2020"}))
    assert reasons(read) == {"unreadable_value": 1}
    assert "India" in read.rejects["detail"][0]
    assert read.rows_parsed == 2


@pytest.mark.parametrize(
    ("quantity", "printed", "precision"),
    [
        ("1234", "1235", ""),
        ("0", "...", "Figures not available"),
        ("", "-----", "Nil (nothing produced)"),
        ("1234", "1234", "Nil (nothing produced)"),
        ("0", "-----", ""),
        ("", "", ""),
        ("x", "x", ""),
    ],
)
def test_a_quantity_that_is_not_the_printed_one_is_set_aside(tmp_path, quantity, printed, precision):
    bad = {"quantity": quantity, "quantity_in_book_style": printed, "data_precision_description": precision}
    read = parse(csv_of(tmp_path, bad, {"year": "2020"}))
    assert reasons(read) == {"unreadable_value": 1}
    assert read.frame["year"].to_list() == [2020]


def test_a_note_of_new_words_stops_the_load_by_name(tmp_path):
    with pytest.raises(UnknownLabelError, match=r"record 1 \(India\).*'Provisional estimates\.'"):
        parse(csv_of(tmp_path, noted("Provisional estimates.")))


def test_codes_that_do_not_go_with_their_notes_stop_the_load(tmp_path):
    for codes, texts in (("a", "Estimates."), ("*", MARCH), ("*|a", "Estimates."), ("", MARCH)):
        with pytest.raises(LayoutError, match="note codes"):
            parse(csv_of(tmp_path, {"concat_figure_notes_code": codes, "concat_figure_notes_text": texts}))


def test_two_notes_that_give_a_year_other_months_stop_the_load(tmp_path):
    with pytest.raises(LayoutError, match="note codes"):
        parse(csv_of(tmp_path, noted(MARCH, JUNE)))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("country_trans", "Indai"),
        ("bgs_statistic_type_trans", "Exports"),
        ("units", "kilograms"),
        ("bgs_commodity_trans", "lithium minerals"),
        ("bgs_sub_commodity_trans", "Euxenite"),
        ("data_precision_description", "Less than half the unit shown"),
    ],
)
def test_a_label_that_is_not_known_stops_the_load_by_name(tmp_path, column, value):
    with pytest.raises(UnknownLabelError, match=value):
        parse(csv_of(tmp_path, {column: value}))


def test_a_country_of_another_code_stops_the_load(tmp_path):
    with pytest.raises(UnknownLabelError, match=r"\('India', 'IDN'\)"):
        parse(csv_of(tmp_path, {"country_iso3_code": "IDN"}))


@pytest.mark.parametrize(
    ("label", "code"), [("Soviet Union", "SUN"), ("Zaire", "ZAR"), ("Myanmar", "MMR"), ("USA", "USA")]
)
def test_former_countries_and_short_names_are_known(tmp_path, label, code):
    assert only(tmp_path, country_trans=label, country_iso3_code=code)["country_code"] == code


def test_a_figure_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="share a key"):
        parse(csv_of(tmp_path, {}, {"quantity": "99", "quantity_in_book_style": "99"}))


def test_the_layout_with_an_id_instead_of_coordinates_says_the_same(tmp_path):
    one, other = (parse(csv_of(tmp_path, {}, layout=name)) for name in ("bgs_csv_xy", "bgs_csv_synthetic_id"))
    assert one.content_sha256() == other.content_sha256()


def test_one_layout_read_by_the_other_is_refused_naming_the_columns(tmp_path):
    read = csv_of(tmp_path, {})
    with pytest.raises(LayoutError, match=r"lost \['synthetic_id'\], gained \['x', 'y'\]"):
        parse(artifact(tmp_path, read.path.read_bytes(), source_code="bgs_wms", layout="bgs_csv_synthetic_id"))


def test_a_column_that_a_csv_gains_is_not_read_and_is_named_in_the_log_once(tmp_path, caplog):
    read = csv_of(tmp_path, {})
    header, *lines = read.path.read_text(encoding="utf-8").splitlines()
    more = "\n".join([f"{header},synthetic_id", *(f"{line},17" for line in lines)]) + "\n"
    forget_added_fields("bgs_wms")
    for _ in range(2):
        got = parse(artifact(tmp_path, more.encode(), source_code="bgs_wms", layout="bgs_csv_xy"))
    assert got.content_sha256() == parse(read).content_sha256()
    assert caplog.text.count("synthetic_id") == 1


@pytest.mark.parametrize("count", [10, 100])
def test_a_csv_of_exactly_a_page_is_refused_as_truncated(tmp_path, count):
    years = [{"year": str(1900 + i)} for i in range(count)]
    with pytest.raises(TruncatedError, match=f"exactly {count} records"):
        parse(csv_of(tmp_path, *years))
    assert parse(csv_of(tmp_path, *years[:-1])).frame.height == count - 1


def test_geojson_says_what_the_csv_says(tmp_path):
    numbers = {"quantity": 1234, "bgs_commodity_code": 20238}
    for extra in ({}, {"synthetic_id": 7}, {"x": 1.5, "y": 2.5}):
        assert parse(geojson_of(tmp_path, numbers, extra=extra)).content_sha256() == (
            parse(csv_of(tmp_path, {})).content_sha256()
        )
    assert parse(geojson_of(tmp_path, {"quantity": 1234.0})).frame["value_t"].to_list() == [1234.0]


def test_nulls_of_geojson_are_empty_cells(tmp_path):
    missing = {
        "quantity": None, "quantity_in_book_style": "...", "data_precision_description": "Figures not available",
    }  # fmt: skip
    assert parse(geojson_of(tmp_path, missing)).frame["value_status"].to_list() == ["not_available"]


def test_a_page_of_features_is_refused_as_truncated(tmp_path):
    with pytest.raises(TruncatedError, match="holds 1 features, numberReturned 1, numberMatched 639"):
        parse(geojson_of(tmp_path, {}, matched=639))


def without_count(folder, *links):
    """One record, no `numberMatched`, and links of these kinds; no links at all where none is named."""
    body = json.loads(geojson_of(folder, {}).read_bytes())
    del body["numberMatched"]
    body |= {"links": [{"rel": rel, "href": "https://example.org"} for rel in links]} if links else {}
    return artifact(folder, json.dumps(body).encode(), source_code="bgs_wms", layout="bgs_geojson")


def test_without_numbermatched_a_page_without_a_next_or_previous_one_is_whole(tmp_path):
    assert parse(without_count(tmp_path, "self", "alternate")).frame["value_t"].to_list() == [1234.0]


@pytest.mark.parametrize(("links", "why"), [(["self", "next"], "next"), (["prev"], "prev"), ([], "neither")])
def test_without_numbermatched_a_part_is_refused_and_so_is_what_does_not_tell(tmp_path, links, why):
    with pytest.raises(TruncatedError, match=why):
        parse(without_count(tmp_path, *links))


def test_pages_put_together_are_whole_though_the_first_said_less(tmp_path):
    both = geojson_of(tmp_path, {}, {"year": "2020"}, matched=2, returned=1)
    assert parse(both).frame.height == 2


@pytest.mark.parametrize(
    "data",
    [b"", b"<html>403</html>", b"[]", b"{}", b'{"features": null}', b'{"features": [], "numberMatched": 0,'
     b' "numberReturned": 0}', b'{"features": [{"properties": null}], "numberMatched": 1, "numberReturned": 1}',
     b"\0\0\0", b"\xff\xfe"],
)  # fmt: skip
def test_what_is_no_feature_collection_is_refused(tmp_path, data):
    with pytest.raises(TruncatedError):
        parse(artifact(tmp_path, data, source_code="bgs_wms", layout="bgs_geojson"))


def test_a_property_that_the_interface_adds_is_not_read_and_is_named_in_the_log(tmp_path, caplog):
    with caplog.at_level("WARNING", logger="ree.parse"):
        assert parse(geojson_of(tmp_path, {}, extra={"colour": "red"})).frame["value_t"].to_list() == [1234.0]
    assert "colour" in caplog.text


@given(tonnes=st.integers(0, 10**7))
def test_any_number_is_read_as_printed(scratch, tonnes):
    change = {"quantity": str(tonnes), "quantity_in_book_style": str(tonnes)}
    if tonnes == 0:
        change["data_precision_description"] = "Nil (nothing produced)"
    (read,) = parse_bgs(csv_of(scratch, change))
    assert read.frame["value_t"].to_list() == [float(tonnes)]
    assert read.frame["value_raw"].to_list() == [str(tonnes)]


@pytest.mark.parametrize("data", [b'{"features":' * 100_000, b'{"numberMatched": NaN}', b"[]", b'{"features": 5}'])
def test_json_that_is_no_collection_is_refused_by_name(tmp_path, data):
    with pytest.raises(SourceError, match=r"bgs\.json"):
        parse(artifact(tmp_path, data, source_code="bgs_wms", layout="bgs_geojson", name="bgs.json"))
