"""TradeStat's files and pages, built by hand: invented figures in the portal's shapes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sources.model.artifact import Artifact
from sources.model.source import ParsedTable
from tests.helpers.artifacts import artifact, parse, table

LINES_KG = [
    "calendar_year", "flow", "hs8", "description", "partner_country", "quantity", "unit", "report_month",
    "report_dated",
]  # fmt: skip
CALENDAR_USD = [
    "calendar_year",
    "flow",
    "hs4",
    "partner_country",
    "value_usd_million",
    "report_month",
    "report_dated",
]
EIDB_EXPORTS = [
    "hs8", "description", "unit", "country", "financial_year", "export_value_usd_million", "export_value_inr_crore",
    "quantity",
]  # fmt: skip


def tradestat(folder: Path, data: bytes, layout: str, partition: str = "a partition", year: int = 2024) -> Artifact:
    """Bytes that say they are TradeStat's."""
    facts: dict[str, Any] = {"source_code": "india_tradestat", "layout": layout, "partition": partition, "year": year}
    return artifact(folder, data, name="tradestat-under-test", **facts)


def lines_kg(folder: Path, *rows: Iterable[str], unit: str = "KGS") -> ParsedTable:
    """Rows as year, line, partner, kilograms."""
    full = [[y, "import", hs, "WORDS", who, kg, unit, f"{y}-12", "2026-09-15"] for y, hs, who, kg in rows]
    return parse(tradestat(folder, table(LINES_KG, *full), "extract_meidb_lines_kg"))


def calendar_usd(folder: Path, *rows: Iterable[str]) -> ParsedTable:
    """Rows as year, partner, US$ million; imports of 2846."""
    full = [[y, "import", "2846", who, million, f"{y}-12", "2026-09-14"] for y, who, million in rows]
    return parse(tradestat(folder, table(CALENDAR_USD, *full), "extract_meidb_calendar_usd"))


def exports(folder: Path, *rows: Iterable[str], unit: str = "KGS") -> ParsedTable:
    """Rows as line, country, fiscal year, US$ million, rupees crore, kilograms."""
    full = [[hs, "WORDS", unit, who, year, usd, inr, kg] for hs, who, year, usd, inr, kg in rows]
    return parse(tradestat(folder, table(EIDB_EXPORTS, *full), "extract_eidb_exports"))


def row(*cells: Any, cell: str = "td") -> str:
    """One row of an HTML table."""
    return "<tr>" + "".join(f"<{cell}>\n   {text} </{cell}>" for text in cells) + "</tr>\n"


def document(*parts: str) -> bytes:
    """A whole page."""
    return ("<!DOCTYPE html>\n<html><body>\n" + "\n".join(parts) + "\n</body></html>\n").encode()


def months_page(
    *rows: Iterable[Any],
    unit: str = "US $ Million",
    periods: Iterable[str] = ("Jun-2021\n (R)", "Jun-2022\n\n (F)"),
    total: Iterable[str] | None = ("5,000.00", "6,000.00"),
    flow: str = "import",
) -> bytes:
    """A page of MEIDB, commodity-wise: rows as code, its unit for a quantity, a figure a period."""
    names = ["S.No.", "HSCode", "Commodity", *(["UNIT"] if unit == "Quantity" else []), *periods, "%Growth"]
    body = [row(n, code, "WORDS", *cells, "-") for n, (code, *cells) in enumerate(rows, 1)]
    foot = row("", "", f"<b>India's Total {flow.capitalize()}</b>", *total, "1.00") if total else ""
    return document(
        f'<form method="post" action="https://example.org/meidb/commoditywise_{flow}"></form>',
        f"<p><b>Report Dated: 1 Jan 2027||\nValues in {unit} || (R) Revised Final</b></p>",
        '<table id="example1"><thead>' + row(*names, cell="th") + "</thead><tbody>" + "".join(body),
        "</tbody><tfoot>" + foot + "</tfoot></table>",
    )


def country_page(
    values: Iterable[str],
    world: Iterable[str],
    years: Iterable[str] = ("2020 - 2021", "2021 - 2022"),
    unit: str = "₹ Crore",
    country: str = "CHINA P RP",
    available: str = "2017-2018 to 2025-2026",
    extra: str = "",
) -> bytes:
    """A page of EIDB, one commodity and one country."""
    blank = ["" for _ in list(years)]
    return document(
        f"<p>Data available {available} &nbsp; Last data updated on 01/01/2027</p>",
        "<h5><b>Import :: Commodity x Country-wise</b></h5>",
        f"<table id='example'><tr><td colspan='9'>Country:&nbsp;<b>{country}</b> HSCODE: <b>28461010</b>"
        f"&nbsp;Description:&nbsp;<b>WORDS</b> Unit:&nbsp;<b>KGS</b><p>Report Date: <b>1 Jan 2027</b>|| "
        f"Values in {unit}</p></td></tr>",
        row("S.No.", "Year", *years, cell="th"),
        row("1", f"Values in {unit}", *values),
        row("2", "%Growth", *blank),
        row("3", "Total import of commodity", *world),
        row("5", "%Share of country (1 of 3)", *blank),
        extra,
        row("6", "Total import to country", *("9.99" for _ in blank)),
        "</table>",
    )


def countries_page(*rows: Iterable[str], total: Iterable[str] = ("9.00", "9.50", "3.00", "4.00")) -> bytes:
    """A page of the old EIDB, one commodity and all countries: rows as country, two years of lacs, two of thousands."""
    names = ["2017-2018", "2018-2019", "%Growth"]
    gap = "&amp;nbsp;"

    def line(number: str, label: str, a: str, b: str, c: str, d: str) -> str:
        return row(number, label, a, b, gap, c, d, gap)

    body = [line(f"{n}.", *cells) for n, cells in enumerate(rows, 1)]
    return document(
        "<table><table>",
        row("S.No.", "Country", "Values in Rs. Lacs", "Quntity in thousands", cell="th"),
        "</table><table>",
        row("", "", *names, *names, cell="th"),
        *body,
        line(gap, "Total", *total),
        f"<tr><td colspan='2'>India&apos;s Total</td>{'<td>99.00</td>' * 2}{'<td>&amp;nbsp;</td>' * 4}</tr>",
        "</table></table>",
    )


def commodities_page(*rows: Iterable[str], country: str = "CHINA P RP", closed: bool = True) -> bytes:
    """A page of the old EIDB, one country and all commodities: rows as code and two years of US$ million."""
    body = [row(f"{n}.", code, "WORDS", a, b, "1.00") for n, (code, a, b) in enumerate(rows, 1)]
    return document(
        "<p><strong>Export Import Data Bank<br> Import :: Country-wise all commodities</strong></p>",
        "<p>Dated: 1/1/2020<br>Values in US$ Million<br> Sorted on HSCode</p>",
        "<table>" + row("S.No.", "HSCode", "Commodity", "2017-2018", "2018-2019", "%Growth", cell="th"),
        f"<br><font>Country: &nbsp;{country}</font>",
        *body,
        row("&nbsp;", "&nbsp;", "Total", "9.00", "9.50", "1.00") if closed else "",
        "<tr><td colspan=3>India's Total</td><td>99.00</td><td>99.50</td><td>1.00</td></tr>" if closed else "",
        "</table>",
    )


def partners_page(
    *rows: Iterable[str],
    periods: Iterable[str] = ("Jun-2021 (R)", "Jun-2022 (F)"),
    totals: Iterable[Iterable[str]] = (("Total", "3.00", "4.00"), ("India's Total Import", "5,000.00", "6,000.00")),
    above: str = "",
) -> bytes:
    """A page of MEIDB, one commodity and all countries, in US$ million: rows as country and a figure a period."""
    body = [row(n, *cells, "-") for n, cells in enumerate(rows, 1)]
    return document(
        '<form method="post" action="https://example.org/meidb/commodity_wise_all_countries_import"></form>',
        f"<p>{above}</p><p><b>Values in US $ Million</b></p>",
        '<table id="example1"><thead>' + row("S.No.", "Country", *periods, "%Growth", cell="th") + "</thead><tbody>",
        *body,
        "</tbody><tfoot>" + "".join(row("", *cells, "1.00") for cells in totals) + "</tfoot></table>",
    )


MONTHS = ("meidb_commodity_html", "MEIDB/28461010/import/WLD/2022-06/usd")
COUNTRY = ("eidb_commodity_country_html", "EIDB/28461010/import/CHN/2021/inr")
PARTNERS = ("meidb_all_countries_html", "MEIDB/2846/import/all/2022-06/usd")
COUNTRIES = ("eidb_commodity_all_countries_html", "EIDB/2846/export/all/2018/inr")
COMMODITIES = ("eidb_country_all_commodities_html", "EIDB/all/import/CHN/2018/usd")


def page(folder: Path, data: bytes, of: tuple[str, str]) -> ParsedTable:
    """Parse a page as one of the four reports."""
    return parse(tradestat(folder, data, *of))
