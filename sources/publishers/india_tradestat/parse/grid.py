"""The one table of a portal page that holds the figures, by what its header says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sources.model.artifact import Artifact, LayoutError, TruncatedError
from sources.publishers.india_tradestat.parse.html import Page, Row
from sources.publishers.india_tradestat.parse.shaping import HERE
from sources.publishers.india_tradestat.periods import Period, read_period, with_partial_year
from sources.reading.layouts import declared
from sources.reading.tables import check_columns

_GROWTH = "%Growth"
_UNIT_COLUMN = "UNIT"
_NUMBER_COLUMN = "S.No."


@dataclass(frozen=True, slots=True)
class Column:
    """A column of figures: its position, its unit and its period."""

    at: int
    unit: dict[str, Any]
    period: Period


@dataclass(frozen=True, slots=True)
class Figures:
    """A page's table: positions of its named columns, its columns of figures, its rows below the header."""

    named: dict[str, int]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def cell(self, row: Row, column: str) -> str:
        """The cell of a row under a named column; "" where the page has no such column."""
        return row.cells[self.named[column]] if column in self.named else ""


def find_figures(artifact: Artifact, layout: dict[str, Any], page: Page) -> Figures | None:
    """Find the table by its header cells; None where the page says that it has no record.

    A page of quantities with a header and no row has no record either: it prints no total that would say so.

    Raises:
        LayoutError: no such table, a header cell that is not known, another unit, a row of another width.
        TruncatedError: no row, a row missing by its number, the closing row missing.
    """
    if any(re.fullmatch(declared(HERE)["no_record"], piece) for piece in page.pieces):
        return None
    found = _find_table(layout, page)
    if found is None:
        raise LayoutError(
            artifact,
            f"has no table with the columns {layout['header']}: found {page.found()}.",
            "an error or sign-in page, or another report; fetch the page again, or declare its layout.",
        )
    table, at = found
    if layout["units_beside"]:
        cells, units, rows = _header_of_two_rows(artifact, layout, page, table[at])
    else:
        cells, units, rows = table[at].cells, [_unit_of_the_page(artifact, page)], table[at + 1 :]
    rows = _without_notes(rows)
    figures = _by_header(artifact, layout, page, tuple(_canonical(cell) for cell in cells), units, rows)
    if not figures.rows and {unit["measure"] for unit in units} == {"quantity"}:
        return None
    _require_whole(artifact, layout, figures, len(cells))
    return figures


def has_table(layout: dict[str, Any], page: Page) -> bool:
    """Whether the page has a table with the columns of the layout, or says that it has no record."""
    says_so = any(re.fullmatch(declared(HERE)["no_record"], piece) for piece in page.pieces)
    return says_so or _find_table(layout, page) is not None


def require_columns(artifact: Artifact, layout: dict[str, Any], page: Page) -> None:
    """Look for the report under another header, where no table has the columns of the layout.

    Raises:
        LayoutError: a row names periods and matches no row of the layout: columns were gained and lost.
    """
    for row in (row for table in page.tables for row in table):
        cells = [_canonical(cell) for cell in row.cells]
        named = [cell for cell in cells if not _is_of_figures(artifact, cell, row.cells)]
        if len(named) < len(cells) and not set(layout["header"]) <= set(cells):
            check_columns(artifact, [name for name in named if name], layout["header"])


def _is_of_figures(artifact: Artifact, cell: str, beside: tuple[str, ...]) -> bool:
    """Whether a header cell is above figures or states their unit."""
    return cell in (_GROWTH, _UNIT_COLUMN) or read_period(artifact, cell, beside) is not None


def _without_notes(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The rows without those below them that are a note of one cell."""
    last = max((at for at, row in enumerate(rows) if not row.is_note), default=-1)
    return rows[: last + 1]


def _find_table(layout: dict[str, Any], page: Page) -> tuple[tuple[Row, ...], int] | None:
    """The table, and the index of the row with the columns of the layout."""
    wanted = set(layout["header"])
    rows = ((table, at, row) for table in page.tables for at, row in enumerate(table))
    return next(((table, at) for table, at, row in rows if wanted <= {_canonical(cell) for cell in row.cells}), None)


def _canonical(cell: str) -> str:
    """A header cell by the name that the layouts have for it."""
    names = declared(HERE)["column"]
    return next((name for name, pattern in names.items() if re.fullmatch(pattern, cell)), cell)


def is_named(pattern: str, label: str) -> bool:
    """Whether a row's label is the one a layout declares; no pattern names none."""
    return bool(pattern) and re.fullmatch(pattern, label) is not None


def _unit_of_the_page(artifact: Artifact, page: Page) -> dict[str, Any]:
    text = _squeezed(page.text)
    units = [unit for unit in declared(HERE)["unit"] if _squeezed(unit["printed"]) in text]
    if len({(unit["measure"], unit["scale"]) for unit in units}) != 1:
        raise LayoutError(
            artifact,
            f"says its figures are in {[unit['printed'] for unit in units]}; one unit is needed: {page.found()}.",
            "if the portal has a new unit, declare it as a [[unit]] of layouts.toml.",
        )
    unit: dict[str, Any] = units[0]
    return unit


def _squeezed(text: str) -> str:
    """Words without what printing may change: case, spaces and colons, and whether one value or several are meant."""
    return re.sub(r"[\s:]", "", text).lower().replace("valuesin", "valuein")


def _header_of_two_rows(
    artifact: Artifact, layout: dict[str, Any], page: Page, head: Row
) -> tuple[tuple[str, ...], list[dict[str, Any]], tuple[Row, ...]]:
    """Units in one row, periods in a later one, which may be in a table of its own."""
    known = {unit["printed"]: unit for unit in declared(HERE)["unit"]}
    groups = [cell for cell in head.cells if cell not in layout["header"]]
    check_columns(artifact, groups, [cell for cell in groups if cell in known])
    for table in page.tables:
        for at, row in enumerate(table):
            if row.place > head.place and any(read_period(artifact, cell, row.cells) for cell in row.cells):
                labels = iter(layout["header"])
                cells = tuple(cell or next(labels, "") for cell in row.cells)
                return cells, [known[group] for group in groups], table[at + 1 :]
    raise LayoutError(artifact, f"names no period under {groups}: found {page.found()}.", "fetch the page again.")


def _by_header(
    artifact: Artifact,
    layout: dict[str, Any],
    page: Page,
    cells: tuple[str, ...],
    units: list[dict[str, Any]],
    rows: tuple[Row, ...],
) -> Figures:
    """Name every column; where a period comes again, the next unit has begun."""
    named = {cell: at for at, cell in enumerate(cells) if cell in {*layout["header"], _UNIT_COLUMN}}
    groups: list[dict[Period, int]] = [{}]
    unknown = []
    for at, cell in enumerate(cells):
        if at in named.values() or cell == _GROWTH:
            continue
        period = read_period(artifact, with_partial_year(page.text, cell), cells)
        if period is None:
            unknown.append(cell)
            continue
        if period in groups[-1]:
            groups.append({})
        groups[-1][period] = at
    known = [*layout["header"], _GROWTH]
    check_columns(artifact, [*known, *unknown] if set(layout["header"]) <= set(named) else list(named), known)
    if len(groups) != len(units) or not groups[0] or any(set(group) != set(groups[0]) for group in groups):
        raise LayoutError(
            artifact, f"names {len(units)} units over the columns {list(cells)}.", "look at the page's header."
        )
    columns = [
        Column(at, unit, period) for unit, group in zip(units, groups, strict=True) for period, at in group.items()
    ]
    return Figures(named, tuple(columns), rows)


def _require_whole(artifact: Artifact, layout: dict[str, Any], figures: Figures, width: int) -> None:
    """Rows of the header's width, numbered without a gap, and the closing total where there is money."""
    if not figures.rows:
        raise TruncatedError(artifact, "holds a header and no row.", "not zero trade; fetch the page again.")
    uneven = next((row for row in figures.rows if len(row.cells) != width), None)
    if uneven is not None:
        raise LayoutError(
            artifact,
            f"row {uneven.place} has {len(uneven.cells)} cells under a header of {width}: {list(uneven.cells)}.",
            "look at the page: a column was gained or lost.",
        )
    spanning = next((row for row in figures.rows if any(c.at in row.spanned for c in figures.columns)), None)
    if spanning is not None:
        raise LayoutError(
            artifact,
            f"row {spanning.place} has one cell over several columns of figures: {list(spanning.cells)}.",
            "one figure cannot be that of two periods; look at the page.",
        )
    labels = [figures.cell(row, layout["label"]) for row in figures.rows]
    totals = [at for at, label in enumerate(labels) if any(is_named(pattern, label) for pattern, _ in layout["rows"])]
    if layout["numbered"]:
        body = figures.rows[: totals[0]] if totals else figures.rows
        numbers = [figures.cell(row, _NUMBER_COLUMN).removesuffix(".") for row in body]
        gap = next((at for at, number in enumerate(numbers, 1) if number != str(at)), None)
        if gap is not None:
            raise TruncatedError(
                artifact, f"numbers a row {numbers[gap - 1]!r} where {gap} is due.", "rows are missing; fetch it again."
            )
    has_money = any(column.unit["measure"] != "quantity" for column in figures.columns)
    if has_money and not any(is_named(layout["closes"], label) for label in labels):
        raise TruncatedError(
            artifact, f"ends without the row '{layout['closes']}'.", "the page is cut short; fetch it again."
        )
