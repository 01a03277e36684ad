"""China's quotas: figures quoted from pages, and figures worked out from them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.model.artifact import LayoutError, TruncatedError, UnknownLabelError
from sources.publishers.china_quotas.parse import tonnes
from tests.helpers.artifacts import artifact, parse, reasons, table

COLUMNS = ["year", "quota_type", "earths", "batch", "printed_t", "derived", "page_url"]
ROW = dict(zip(COLUMNS, ["2024", "mining", "all", "year", "270,000", "no", "https://example.org/1"], strict=True))


def quotas(folder, *rows):
    return parse(
        artifact(
            folder,
            table(COLUMNS, *(row.values() for row in rows)),
            source_code="china_quotas",
            layout="extract_quotas",
            partition="China quotas",
        )
    )


def test_a_quoted_figure_is_tonnes_as_printed(tmp_path):
    got = quotas(tmp_path, ROW).frame.row(0, named=True)
    assert (got["country_code"], got["quota_type"], got["earths"], got["batch"], got["year"]) == (
        "CHN", "mining", "all", "year", 2024,
    )  # fmt: skip
    assert (got["value_t"], got["value_raw"], got["value_status"]) == (270_000.0, "270,000", "reported")
    assert (got["basis_code"], got["page_url"]) == (None, "https://example.org/1")


@pytest.mark.parametrize(
    ("printed", "derived", "value", "basis"),
    [
        ("93,800 - 4,600", "difference", 89_200.0, "derived_by_difference"),
        ("255,000 - 120,000 - 15,000", "difference", 120_000.0, "derived_by_difference"),
        ("46,900 x 2", "ratio", 93_800.0, "derived_by_ratio"),
    ],
)
def test_a_figure_worked_out_from_others_is_an_estimate_that_keeps_its_sum(tmp_path, printed, derived, value, basis):
    got = quotas(tmp_path, ROW | {"printed_t": printed, "derived": derived}).frame.row(0, named=True)
    assert (got["value_t"], got["value_raw"], got["value_status"], got["basis_code"]) == (
        value, printed, "estimated", basis,
    )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"printed_t": "93,800 - 4,600"},
        {"printed_t": "270,000", "derived": "difference"},
        {"printed_t": "270,000", "derived": "ratio"},
        {"printed_t": ""},
        {"printed_t": "NA"},
        {"printed_t": "0"},
        {"printed_t": "2,70,000"},
        {"printed_t": "100 - 200", "derived": "difference"},
        {"year": "24"},
        {"page_url": "a newspaper"},
    ],
)
def test_a_figure_that_is_not_what_its_row_says_is_set_aside(tmp_path, changes):
    read = quotas(tmp_path, ROW | changes, ROW | {"year": "2023"})
    assert reasons(read) == {"unreadable_value": 1}
    assert read.frame["year"].to_list() == [2023]


@pytest.mark.parametrize(
    ("column", "word"), [("quota_type", "export"), ("earths", "heavy"), ("batch", "fourth"), ("derived", "guess")]
)
def test_a_word_that_is_not_known_stops_the_load_by_name(tmp_path, column, word):
    with pytest.raises(UnknownLabelError, match=f"{column}.*'{word}'"):
        quotas(tmp_path, ROW | {column: word})


def test_a_figure_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="share a key"):
        quotas(tmp_path, ROW, ROW | {"page_url": "https://example.org/2"})


def test_a_table_without_a_row_is_refused(tmp_path):
    with pytest.raises(TruncatedError, match="no record"):
        quotas(tmp_path)


@given(st.integers(1, 10**7), st.lists(st.integers(0, 10**6), min_size=1, max_size=4))
def test_a_difference_is_what_is_left(first, rest):
    assert tonnes(" - ".join(f"{n:,}" for n in [first, *rest]), "difference") == first - sum(rest)
    assert tonnes(f"{first:,}", "no") == first
