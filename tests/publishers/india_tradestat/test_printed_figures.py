"""What a page of months by country may print otherwise than was seen, and still be read."""

from __future__ import annotations

import pytest

from tests.helpers.artifacts import reasons
from tests.publishers.india_tradestat.builders import PARTNERS, document, page, partners_page, row

QUANTITY = ("meidb_all_countries_html", "MEIDB/28461010/import/all/2022-06/quantity")
FORM = (
    "<form method='post' action='/meidb/commodity_wise_all_countries_import'><label>Country:</label>Values in "
    "<select name='unit'><option>US $ Million</option><option>Quantity</option></select></form>"
)


def quantities(*rows: tuple[str, ...], unit: bool, above: str = "", total: bool = True) -> bytes:
    names = ["S.No.", "Country", *(["UNIT"] if unit else []), "Jun-2022 (F)", "%Growth"]
    foot = row("", "Total", *([""] if unit else []), "30", "-") if total else ""
    return document(
        FORM,
        f"<p>{above}</p><p>Values in Quantity</p><table id='example1'><thead>" + row(*names, cell="th"),
        "</thead><tbody>" + "".join(row(n, *cells, "-") for n, cells in enumerate(rows, 1)),
        "</tbody><tfoot>" + foot + "</tfoot></table>",
    )


@pytest.mark.parametrize(
    ("printed", "otherwise"),
    [("S.No.", "S."), ("S.No.", "Sr. No."), ("Country", "Country Name"), ("%Growth", "% Growth"),
     ("Values in US $ Million", "Value in : US $ million"), ("Total </td>", "Grand Total </td>")],
)  # fmt: skip
def test_names_of_columns_and_units_may_be_printed_otherwise(tmp_path, printed, otherwise):
    data = partners_page(("CHINA P RP", "3.00", "4.00"))
    assert printed.encode() in data
    read = page(tmp_path, data.replace(printed.encode(), otherwise.encode()), PARTNERS)
    assert read.frame["partner_code"].to_list() == ["CHN", "CHN", "WLD", "WLD"]


def test_what_a_form_offers_is_not_what_the_page_says(tmp_path):
    data = partners_page(("CHINA P RP", "3.00", "4.00")).replace(b"<p>", FORM.encode() + b"<p>", 1)
    assert page(tmp_path, data, PARTNERS).frame["value_usd"].to_list()[:2] == [3e6, 4e6]


def test_the_only_total_is_all_of_indias_where_it_dwarfs_the_partners(tmp_path):
    totals = (("India's Total Import", "50,000.00", "60,000.00"),)
    read = page(tmp_path, partners_page(("CHINA P RP", "3.00", "4.00"), totals=totals), PARTNERS)
    assert read.frame["partner_code"].to_list() == ["CHN", "CHN"]
    assert reasons(read) == {"all_commodities": 2}


@pytest.mark.parametrize(("unit", "above"), [(True, ""), (False, "Commodity: 28461010 CERIUM OXIDES Unit: KGS")])
def test_a_quantity_has_its_unit_from_its_column_or_from_the_words_above(tmp_path, unit, above):
    kg = ["KGS"] if unit else []
    read = page(tmp_path, quantities(("CHINA P RP", *kg, "20"), ("JAPAN", *kg, "10"), unit=unit, above=above), QUANTITY)
    assert read.frame.select("partner_code", "net_weight_kg").rows() == [("CHN", 20.0), ("JPN", 10.0), ("WLD", 30.0)]


def test_a_quantity_of_a_unit_that_stands_nowhere_is_no_weight(tmp_path):
    frame = page(tmp_path, quantities(("CHINA P RP", "30"), unit=False), QUANTITY).frame
    assert frame.select("net_weight_kg", "quantity").rows() == [(None, 30.0), (None, 30.0)]


def test_a_page_of_quantities_without_a_row_has_no_record(tmp_path):
    assert reasons(page(tmp_path, quantities(unit=True, total=False), QUANTITY)) == {"no_record_found": 1}


@pytest.mark.parametrize("words", ["No record found", "No records found.", "NO DATA AVAILABLE", "No Result Found!"])
def test_no_record_is_said_in_many_ways(tmp_path, words):
    assert reasons(page(tmp_path, document(f"<p>{words}</p>"), PARTNERS)) == {"no_record_found": 1}
