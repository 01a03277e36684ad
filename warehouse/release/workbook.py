"""One workbook of the views of `bi`: a sheet that says what it is, and a sheet a view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from warehouse.release.catalogue import Table
from warehouse.release.units import unit_of

ABOUT_SHEET = "about"
_TITLE = "Rare earths between India and China"
_HOW_TO_ADD_UP = (
    "Add up the columns that say so under Columns below. They are empty in a period of which a part is missing, so that"
    " a sum is whole or not there. Any other number is of one row alone: one line of a chart."
)
_NUMBER_FORMATS = {"US$ per kg": "#,##0.00", "share of 1": "0.0%", "index from 0 to 10,000": "#,##0"}
_WHOLE, _AS_IT_IS, _DAY = "#,##0", "General", "yyyy-mm-dd"
_NARROWEST, _WIDEST = 9, 48
_WIDTHS = (30, 30, 44, 44, 60, 44)
_DUCKDB_TYPES = {pl.Float64: "double", pl.Int32: "integer", pl.Int64: "bigint", pl.Date: "date", pl.Boolean: "boolean"}
_PLAIN_NUMBERS = frozenset({"year"})


@dataclass(frozen=True, slots=True)
class View:
    """A view of `bi` with its rows."""

    table: Table
    rows: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Source:
    """A data set and its terms, in the columns of `core.dim_source`."""

    title: str
    publisher: str
    licence: str
    redistribution: str
    citation: str
    url: str


@dataclass(frozen=True, slots=True)
class _Formats:
    """The cell formats of a workbook."""

    title: Format
    header: Format
    wrapped: Format
    by_code: Mapping[str, Format]


def write_workbook(file: Path, views: list[View], sources: list[Source], about: Mapping[str, Any]) -> None:
    """Write the workbook. The same rows and the same release give the same bytes.

    Args:
        file: where to write it.
        views: the views in the order of their sheets.
        sources: the data sets that the release was made from.
        about: the row of `meta.release`; its `built_at` is the workbook's creation date.
    """
    built_at: datetime = about["built_at"].astimezone(UTC)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with Workbook(str(file), options) as book:
        book.set_properties({"title": _TITLE, "subject": about["version"], "created": built_at.replace(tzinfo=None)})
        formats = _formats(book)
        sheet = book.add_worksheet(ABOUT_SHEET)
        _write_about(sheet, formats, views, sources, about, built_at)
        for view in views:
            _write_view(book.add_worksheet(view.table.name), formats, view)


def _formats(book: Workbook) -> _Formats:
    codes = {_WHOLE, _AS_IT_IS, _DAY, *_NUMBER_FORMATS.values()}
    return _Formats(
        title=book.add_format({"bold": True, "font_size": 14}),
        header=book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#F0F0F0"}),
        wrapped=book.add_format({"text_wrap": True, "valign": "top"}),
        by_code={code: book.add_format({"num_format": code}) for code in sorted(codes)},
    )


def _write_about(
    sheet: Worksheet,
    formats: _Formats,
    views: list[View],
    sources: list[Source],
    about: Mapping[str, Any],
    built_at: datetime,
) -> None:
    """Release, how to add up, sheets, terms of use and the dictionary of columns, one below the other."""
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width, formats.wrapped)
    sheet.write_string(0, 0, _TITLE, formats.title)
    sheet.merge_range(1, 0, 1, len(_WIDTHS) - 1, _HOW_TO_ADD_UP, formats.wrapped)
    row = _write_block(sheet, formats, 3, ("Release", ""), [
        ("version", about["version"]),
        ("ends at", str(about["as_of_day"])),
        ("built", built_at.strftime("%Y-%m-%d %H:%M UTC")),
        ("schema version", about["schema_version"]),
        ("content hash", about["content_hash"]),
    ])  # fmt: skip
    row = _write_block(
        sheet,
        formats,
        row,
        ("Sheet", "Rows", "What it is", "A row is"),
        [(v.table.name, str(v.rows.height), v.table.description, v.table.grain) for v in views],
    )
    row = _write_block(
        sheet,
        formats,
        row,
        ("Source", "Publisher", "Terms of use", "Redistribution", "Cite as", "Address"),
        [(s.title, s.publisher, s.licence, s.redistribution, s.citation, s.url) for s in sources],
    )
    columns = [_described(view.table, name, kind) for view in views for name, kind in _types(view.rows).items()]
    _write_block(sheet, formats, row, ("Sheet", "Column", "Unit", "Adding up", "Meaning"), columns)


def _write_block(
    sheet: Worksheet, formats: _Formats, row: int, header: tuple[str, ...], lines: Sequence[tuple[str, ...]]
) -> int:
    """Write a small table; return the row where the next one starts."""
    for number, line in enumerate((header, *lines)):
        for column, text in enumerate(line):
            sheet.write_string(row + number, column, text, None if number else formats.header)
    return row + len(lines) + 2


def _described(table: Table, column: str, kind: str) -> tuple[str, str, str, str, str]:
    """A column's line in the dictionary."""
    return (table.name, column, unit_of(column, kind) or "", adding_up(table, column), table.columns[column])


def adding_up(table: Table, column: str) -> str:
    """What may be done with a number: `add up`, or `one line for each price_name`; nothing for other columns."""
    if column in table.sums.get("additive", {}):
        return "add up"
    if column in table.sums.get("by_thing", ()):
        return f"one line for each {' and '.join(table.sums['things'])}"
    return ""


def _types(rows: pl.DataFrame) -> dict[str, str]:
    """The type of each column, in DuckDB's words."""
    return {name: _DUCKDB_TYPES.get(type(kind), "varchar") for name, kind in rows.schema.items()}


def _write_view(sheet: Worksheet, formats: _Formats, view: View) -> None:
    """A view below a header that stays in sight, with a filter and a format for each unit."""
    for column, (name, kind) in enumerate(_types(view.rows).items()):
        values = view.rows[name].to_list()
        code = _number_format(name, kind)
        sheet.write_string(0, column, name, formats.header)
        sheet.set_column(column, column, _width(name, values), formats.by_code[code])
        _write_values(sheet, column, values, kind)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, view.rows.height, view.rows.width - 1)


def _write_values(sheet: Worksheet, column: int, values: list[Any], kind: str) -> None:
    """Write a column; its cells take their format from the column. What is null stays empty."""
    write = {
        "double": sheet.write_number,
        "integer": sheet.write_number,
        "bigint": sheet.write_number,
        "date": sheet.write_datetime,
        "boolean": sheet.write_boolean,
    }.get(kind, sheet.write_string)
    for row, value in enumerate(values, start=1):
        if value is not None:
            write(row, column, value)


def _number_format(column: str, kind: str) -> str:
    """Excel's format of a column's cells."""
    if kind == "date":
        return _DAY
    unit = unit_of(column, kind)
    if unit is None or column in _PLAIN_NUMBERS:
        return _AS_IT_IS
    return _NUMBER_FORMATS.get(unit, _WHOLE)


def _width(name: str, values: list[Any]) -> int:
    """Width of a column in characters, after its longest value."""
    longest = max((len(_shown(value)) for value in values if value is not None), default=0)
    return min(max(longest + 2, len(name) + 2, _NARROWEST), _WIDEST)


def _shown(value: Any) -> str:
    return f"{value:,.0f}" if isinstance(value, float) else str(value)
