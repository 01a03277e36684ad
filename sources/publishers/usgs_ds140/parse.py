"""Read the rare-earths worksheet of Data Series 140."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sources.model.artifact import Artifact, LayoutError, TruncatedError
from sources.model.source import ParsedTable, TableSpec
from sources.publishers.usgs_ds140.partition import Partition
from sources.reading.cells import read_cell
from sources.reading.layouts import declared, layout_of
from sources.reading.mineral_statistics import production_table
from sources.reading.workbooks import Row, column_of, read_sheet, require_words

_HERE = Path(__file__).parent
_RAW = ["country_label", "year", "value_raw"]

HISTORY = TableSpec(
    name="usgs_ds140__history",
    feed="mineral_statistics",
    key=("measure", "scope", "country_code", "year", "series"),
    partitions=(Partition,),
)
TABLES = (HISTORY,)


def _parts(artifact: Artifact, layout: dict[str, Any], rows: list[Row]) -> tuple[Row, list[Row], list[Row]]:
    """The header, the rows of years, and the lines below them."""
    header = next((i for i, (_, cells) in enumerate(rows) if cells[0].plain == layout["year_column"]), None)
    if header is None:
        raise LayoutError(
            artifact,
            f"has no row headed {layout['year_column']!r} on its sheet {layout['sheet']}.",
            "it may be another table; declare its layout.",
        )
    require_words(artifact, rows[:header], layout["says"])
    closing = next((i for i, (_, cells) in enumerate(rows) if cells[0].plain == layout["closing"]), None)
    if closing is None:
        raise TruncatedError(artifact, f"does not end in the line {layout['closing']!r}.", "fetch the file again.")
    return rows[header], rows[header + 1 : closing], rows[closing:]


def _require_years(artifact: Artifact, layout: dict[str, Any], found: list[str]) -> None:
    """Every year of the edition, once and in order."""
    first, last = layout["years"]
    wanted = [str(year) for year in range(first, last + 1)]
    missing, beside = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
    if missing:
        raise TruncatedError(artifact, f"has no row for {missing}.", "fetch the file again.")
    if beside or len(found) != len(wanted):
        raise LayoutError(
            artifact,
            f"holds the years {beside or 'of its edition twice'} beside {first} to {last}.",
            "a newer edition is a new table of layouts.toml.",
        )


def _figures(artifact: Artifact, layout: dict[str, Any], header: Row, body: list[Row]) -> list[dict[str, Any]]:
    """One dict per figure of mine production: its place and what is printed."""
    loaded = [cell["column"] for cell in layout["cell"]]
    places = column_of(artifact, header, [layout["year_column"], *loaded, *layout["not_loaded"]])
    stray = [number for number, cells in body if any(c.whole for i, c in enumerate(cells) if i not in places.values())]
    if stray:
        raise LayoutError(artifact, f"rows {stray[:4]} hold values under no heading.", "look at the sheet.")
    years = [cells[places[layout["year_column"]]].plain for _, cells in body]
    _require_years(artifact, layout, years)
    return [
        {
            "artifact_row": number,
            "country_label": cell["label"],
            "year": int(year),
            "value_raw": cells[places[cell["column"]]].parts,
        }
        for (number, cells), year in zip(body, years, strict=True)
        for cell in layout["cell"]
    ]


def _basis_of_all(below: list[Row]) -> tuple[str | None, str]:
    """What the lines below the table say of all its figures alike, and the words that say it."""
    for _, cells in below:
        for note in declared(_HERE)["footnote"]:
            if note["words"] in cells[0].plain:
                return note["basis"], note["words"]
    return None, ""


def _measured(figure: dict[str, Any], basis: str | None, words: str) -> dict[str, Any] | None:
    """The figure with its number and status; None where the cell is not one of the publisher's marks."""
    read = read_cell(figure["value_raw"])
    if read is None:
        return None
    return figure | {
        "value_t": read.value,
        "value_low_t": read.low,
        "value_high_t": read.high,
        "value_status": read.status,
        "basis_code": basis if read.status == "reported" else None,
        "is_revised": False,
        "note": words,
    }


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read one edition of the worksheet.

    Returns one table of `MINERAL_STATISTICS` rows (242: the United States and the world in 121 years), in tonnes of
    rare-earth-oxide equivalent. `artifact_row` is the sheet's row; `value_raw` the number its cell holds. Cells that
    are none of the publisher's marks become rejects with reason `unreadable_value`.

    Raises:
        LayoutError: no such sheet, columns gained or lost, another unit, years beside the edition's, an undeclared
            layout.
        TruncatedError: not a whole workbook, a year is missing, or the line that ends the table.
    """
    layout = layout_of(artifact, _HERE)
    header, body, below = _parts(artifact, layout, read_sheet(artifact, layout["sheet"]))
    basis, words = _basis_of_all(below)
    figures = _figures(artifact, layout, header, body)
    measured = [(figure, _measured(figure, basis, words)) for figure in figures]
    return (production_table(artifact, _HERE, HISTORY, measured, _RAW),)
