"""The workbook of a saved query as the table that an extract of it is: one row a figure's place, one column a year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, LayoutError, TruncatedError
from sources.reading.workbooks import Row, read_sheets

_PARAMETERS = "Query Parameters"
_TITLE = re.compile(r"Imports For Consumption\|Annual \+ Year-To-Date Data from ([A-Z][a-z]{2} - [A-Z][a-z]{2})")
_YEAR = re.compile(r"((?:19|20)[0-9][0-9])(_Year_to_date)?(_Suppressed)?")
_HEAD_ROWS = 3
_TOTAL = "Total:"


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet of figures: the months of its years to date, and its rows by the names of its columns."""

    months: str
    records: list[dict[str, str]]


def read_workbook(artifact: Artifact, layout: dict[str, Any], codes: list[str]) -> pl.DataFrame:
    """Rows of the headings `codes` from the sheets of money and first quantity, as text.

    Columns: `artifact_row` (sheets numbered on), those of the extract, one a year. The year of the download has no
    annual figure yet: its column is left out. A suppressed quantity is empty.

    Raises:
        LayoutError: another query, sheet or column than declared.
        TruncatedError: a sheet has other than the rows it counts.
    """
    titles = [title for pair in layout["timeframes"].values() for title in pair]
    sheets = read_sheets(artifact, [_PARAMETERS, *titles])
    downloaded = _downloaded_in(artifact, layout, sheets[_PARAMETERS])
    rows: list[dict[str, str]] = []
    for timeframe, pair in layout["timeframes"].items():
        for title in pair:
            sheet = _sheet(artifact, title, layout["columns"], sheets[title])
            months = "" if timeframe == "annual" else sheet.months
            rows += [
                _as_extract(record, months, downloaded) for record in sheet.records if record["HTS Number"] in codes
            ]
    names = sorted({name for row in rows for name in row if name.isdigit()})
    fixed = ["months", *(name for name in layout["columns"] if name != "Description")]
    table = [[row.get(name, "") for name in (*fixed, *names)] for row in rows]
    frame = pl.DataFrame(table, schema=dict.fromkeys((*fixed, *names), pl.String), orient="row")
    return frame.with_row_index("artifact_row", offset=1)


def _downloaded_in(artifact: Artifact, layout: dict[str, Any], rows: list[Row]) -> int:
    """The year of the download, once the parameters are those of the declared query."""
    said = {cells[0].whole: cells[1].whole for _, cells in rows if len(cells) > 1}
    wrong = {name: said.get(name) for name, value in layout["query"].items() if said.get(name) != value}
    year = re.match(r"(20[0-9][0-9])-", said.get("Download Date", ""))
    if wrong or year is None:
        raise LayoutError(
            artifact,
            f"is of another query: its parameters say {wrong or {'Download Date': said.get('Download Date')}}.",
            f"save the query again with {layout['query']}.",
        )
    return int(year[1])


def _sheet(artifact: Artifact, title: str, columns: list[str], rows: list[Row]) -> _Sheet:
    """The figures of a sheet below its title, the number of its rows and its header."""
    heading = _TITLE.fullmatch(rows[0][1][0].whole) if rows else None
    if heading is None or len(rows) < _HEAD_ROWS:
        raise LayoutError(artifact, f"its sheet {title!r} has no title of its query.", "save the query again.")
    names = [cell.whole for cell in rows[2][1]]
    strange = [name for name in names if name not in columns and not _YEAR.fullmatch(name)]
    lost = [name for name in columns if name not in names]
    if strange or lost:
        raise LayoutError(
            artifact,
            f"its sheet {title!r} has not the columns of layout '{artifact.layout}': lost {lost}, gained {strange}.",
            "if DataWeb changed its layout, declare the new one as a table of layouts.toml.",
        )
    figures = [cells for _, cells in rows[_HEAD_ROWS:] if cells[0].whole != _TOTAL]
    counted = rows[1][1][1].whole
    if counted != str(len(figures)):
        raise TruncatedError(
            artifact, f"its sheet {title!r} counts {counted} rows and has {len(figures)}.", "save the query again."
        )
    records = [dict(zip(names, (cell.whole for cell in cells), strict=False)) for cells in figures]
    return _Sheet(heading[1], records)


def _as_extract(record: dict[str, str], months: str, downloaded: int) -> dict[str, str]:
    """One row of a sheet under an extract's columns: years by their number, suppressed quantities empty."""
    row = {"months": months}
    for name, text in record.items():
        year = _YEAR.fullmatch(name)
        if year is None:
            row[name] = text
        elif not year[3] and (months or int(year[1]) < downloaded):
            is_suppressed = record.get(f"{name}_Suppressed", "0") != "0"
            row[year[1]] = "" if is_suppressed else text
    return row
