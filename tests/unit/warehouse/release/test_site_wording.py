"""How the site writes numbers, dates and published values."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.release.site.chart import csv_text
from warehouse.release.site.documents import documents
from warehouse.release.site.lineage import upstream
from warehouse.release.site.tables import Cell, Selection
from warehouse.release.site.wording import data, machine, money, moved, percent, shown, significant, tonnes


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (percent(0.8418), "84.2 %"),
        (money(162_840_884), "162.8 million US$"),
        (money(3_022_028), "3.02 million US$"),
        (money(972_438), "972,438 US$"),
        (tonnes(44_000_000), "44 million t"),
        (tonnes(13_150_000), "13.15 million t"),
        (tonnes(2_900), "2,900 t"),
        (significant(0.0474, 2), "0.047"),
        (significant(0.434, 2), "0.43"),
        (significant(1.0, 2), "1.0"),
        (significant(99.96, 3), "100.0"),
        (significant(0, 2), "0"),
        (shown("china_value_share", 0.5), "50.0 %"),
        (shown("n_flows", 1200), "1,200"),
        (shown("year", 2024), "2024"),
        (shown("value_usd", -1234.5), "−1,234"),
        (shown("known_from", date(2025, 2, 28)), "28 February 2025"),
        (shown("holding_status", "not_published_yet"), "not published yet"),
        (shown("value_usd", None), "–"),
    ],
)
def test_a_value_is_written_in_the_unit_of_its_column(written: str, wanted: str) -> None:
    assert plain(written) == wanted


@given(st.floats(1e-9, 1e12))
def test_significant_figures_stay_within_their_rounding(value: float) -> None:
    assert float(significant(value, 3).replace(",", "")) == pytest.approx(value, rel=0.00501)


def test_a_change_is_worded_by_what_is_read() -> None:
    assert plain(moved(0.362, 0.842)) == "rose from 36.2 % to 84.2 %"
    assert plain(moved(0.842, 0.362)) == "fell from 84.2 % to 36.2 %"
    assert plain(moved(0.84201, 0.84199)) == "stayed at 84.2 %"


def test_a_published_value_carries_all_digits_and_its_address_and_is_escaped() -> None:
    cell = Cell("core.dim_x", "value", {"name": 'O"Neill & <b>'}, 0.1 + 0.2)
    html = str(data(cell, "percent"))
    assert 'value="0.30000000000000004"' in html
    assert "<b>" not in html
    found = re.search(r'data-key="([^"]*)"', html)
    assert found is not None
    from html import unescape

    assert json.loads(unescape(found[1])) == {"name": 'O"Neill & <b>'}
    assert "not held" in data(None)


def test_a_csv_holds_the_key_first_and_every_digit() -> None:
    selection = Selection("marts.x", ("code",), {"share": "Share"}, [{"code": "IND", "share": 0.1 + 0.2}])
    assert csv_text(selection) == "code,share\nIND,0.30000000000000004\n"
    assert machine(None) == ""


def test_every_document_is_a_page_whose_links_lead_to_pages() -> None:
    pages = {page.path: page for page in documents()}
    assert {"docs/index.html", "docs/methods.html", "docs/sources/usgs_mcs.html"} <= pages.keys()
    html = str(pages["docs/index.html"].content["html"])
    assert 'href="cookbook.html"' in html
    assert ".md" not in html
    assert 'id="bitemporal-facts"' in str(pages["docs/methods.html"].content["html"])


def test_a_mart_is_made_of_the_facts_above_it_through_models_that_are_not_published() -> None:
    names = ("marts.mart_corridor", "core.fct_trade_mirror", "core.dim_area", "marts.mart_coverage_calendar")
    found = upstream(names)
    assert "core.fct_trade_mirror" in found["marts.mart_corridor"]
    assert "marts.mart_corridor" not in found["core.fct_trade_mirror"]
