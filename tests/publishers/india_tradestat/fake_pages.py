"""Pages as TradeStat prints them: whole documents with their menu, form, token, report and footer.

Markup only; figures, sessions and faults are in `fake.py`.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence

MONTHS = list(calendar.month_name)
UNITS = {"usd": "US $ Million", "inr": "₹ Crore", "quantity": "Quantity"}
COUNTRIES = [
    ("75", "TAIWAN"), ("77", "CHINA P RP"), ("217", "KOREA RP"), ("423", "U S A"), ("437", "VIETNAM SOC REP"),
]  # fmt: skip

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="utf-8">
    <meta name="csrf-token" content="{token}">
    <title>TRADESTAT</title>
    <style>table td {{ text-align: right; }}</style>
</head>
<body>
<nav><ul><li><a href="/eidb">EIDB</a></li><li><a href="/meidb">MEIDB</a></li></ul></nav>
<p style="margin-bottom: 0px;">Data available {available} &nbsp;&nbsp;&nbsp; Last data updated on {updated} &nbsp;</p>
{form}
{report}
<footer>Developed by the National Informatics Centre</footer>
<script>$(function () {{ $('#example1').DataTable({{ "emptyTable": "No record found" }}); }});</script>
</body>
</html>
"""


def page(form: str, report: str, token: str, updated: str, available: str) -> bytes:
    """A whole page; `report` is empty on the page that only asks."""
    return _PAGE.format(form=form, report=report, token=token, updated=updated, available=available).encode()


def options(offered: Iterable[tuple[str, str]], chosen: str) -> str:
    """The options of a select."""
    return "".join(
        f'<option value="{value}" {"selected" if value == chosen else ""}>\n   {words}\n</option>\n'
        for value, words in offered
    )


def select(name: str, offered: Iterable[tuple[str, str]], chosen: str = "") -> str:
    """A select with its options."""
    return f'<select class="form-select" name="{name}" id="{name}" required>\n{options(offered, chosen)}</select>\n'


def form(path: str, token: str, controls: str) -> str:
    """A form of a Laravel site, with its token."""
    hidden = f'<input type="hidden" name="_token" value="{token}" autocomplete="off">' if token else ""
    return (
        f'<form method="POST" action="https://tradestat.commerce.gov.in{path}" onsubmit="openLoader()">\n{hidden}\n'
        f'<div class="row"><label>Values in</label>{controls}</div>\n'
        '<input type="checkbox" name="sorted" value="1">\n<button type="submit" class="btn">Submit</button>\n</form>\n'
    )


def monthly_report(
    code: str, flow: str, measure: str, *, periods: Sequence[str], rows: Sequence[Sequence[str]],
    totals: Sequence[Sequence[str]], dated: str, extra: Sequence[str] = (),
) -> str:  # fmt: skip
    """The report of MEIDB by country: rows are a country and a cell a period."""
    unit = ["UNIT"] if measure == "quantity" else []
    head = ["S.No.", "Country", *unit, *periods[:2], "%Growth", *periods[2:], "%Growth", *extra]
    cells = [f"<th>{name}</th>" for name in head]

    def line(number: str, label: str, figures: Sequence[str]) -> str:
        named = [number, label, *(["KGS"] if unit and number else unit and [""])]
        body = [*named, *figures[:2], "\n   -   ", *figures[2:], "-", *("1" for _ in extra)]
        return "<tr>" + "".join(f"<td align=right>{cell}</td>\n" for cell in body) + "</tr>\n"

    unit_said = "" if measure != "quantity" else "&nbsp;&nbsp; Unit: <b>KGS</b>"
    return (
        f"<p>Commodity: <b>{code} PRECIOUS EARTHS</b>{unit_said}</p>"
        '<p style="color:red;">* ITC HS Code of the Commodity is either dropped or re-allocated.</p>'
        f'<p style="text-align:right;"><b>Report Dated: {dated}||\nValues in {UNITS[measure]} ||\n   (R) Revised\n'
        '</b></p>\n<table id="example1"  class="table table-bordered border-primary"  style="width:100%">\n<thead><tr>'
        + "\n".join(cells)
        + "</tr></thead>\n<tbody>\n"
        + "".join(line(str(at), label, figures) for at, (label, *figures) in enumerate(rows, 1))
        + "</tbody>\n<tfoot>\n"
        + "".join(line("", f"<b>{label}</b>", figures) for label, *figures in totals)
        + f"</tfoot>\n</table>\n<!-- {flow} -->"
    )


def yearly_report(
    code: str, flow: str, measure: str, *, years: Sequence[str], china: Sequence[str], world: Sequence[str], dated: str
) -> str:
    """The report of EIDB of one commodity and one country: five fiscal years."""
    word = UNITS[measure]
    blank = ["\n      " for _ in years]
    lines = [
        ("1", f"Values in {word}", china), ("2", "%Growth", blank), ("3", f"Total {flow} of commodity", world),
        ("4", "%Growth", blank), ("5", "%Share of country (1 of 3)", blank),
        ("6", f"Total {flow} to country", ["10,879.03" for _ in years]),
    ]  # fmt: skip
    body = "".join(
        f'<tr><td>{number}</td>\n<td style="text-align: left;">{label}</td>'
        + "".join(f'<td class="border">\n   {cell}\n</td>' for cell in cells)
        + "</tr>\n"
        for number, label, cells in lines
    )
    heads = "".join(f"<th>{name}</th>\n" for name in ["S.No.", "Year", *years])
    return (
        '<table class="table table-bordered table-responsiv" id="example" class="display">\n'
        f'<tr><td colspan="10">Country:&nbsp;<b><span>CHINA P RP</span></b>&nbsp;&nbsp; HSCODE:  <span><b>{code}</b>'
        f"&nbsp;&nbsp;Description:&nbsp;<b>WORDS</b> </span>&nbsp;Unit:&nbsp;<b>KGS</b>\n"
        f'<p style="float: right;">Report Date: <b>{dated}</b>||  Values in {word}</p></td></tr>\n'
        f'<tr style="background: #6e0d38bd">{heads}</tr>\n{body}</table>\n'
    )


NO_RECORD = '<div class="alert alert-warning"><p>No record found</p></div>'
EXPIRED = b"""<!DOCTYPE html>
<html lang="en"><head><title>Page Expired</title></head>
<body><div class="code">419</div><div class="message">Page Expired</div></body></html>
"""
