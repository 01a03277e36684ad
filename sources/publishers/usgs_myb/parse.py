"""Read the Minerals Yearbook's table of world mine production of rare earths."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sources.model.artifact import Artifact, LayoutError, TruncatedError, UnknownLabelError
from sources.model.paths import project_path
from sources.model.source import ParsedTable, TableSpec
from sources.publishers.usgs_myb.partition import Partition
from sources.reading.cells import normalise, read_cell
from sources.reading.layouts import declared, layout_of
from sources.reading.mineral_statistics import production_table
from sources.reading.vocabulary import load_vocabulary
from sources.reading.workbooks import Row, column_of, read_sheet, require_words

_HERE = Path(__file__).parent
_RAW = ["country_label", "year", "value_raw", "marks"]

WORLD = TableSpec(
    name="usgs_myb__world",
    feed="mineral_statistics",
    key=("measure", "scope", "country_code", "year", "series"),
    partitions=(Partition,),
)
TABLES = (WORLD,)


def _parts(artifact: Artifact, layout: dict[str, Any], rows: list[Row]) -> tuple[Row, list[Row], list[Row]]:
    """The header, the rows of countries up to the printed total, and the footnotes below it."""
    header = next((i for i, (_, cells) in enumerate(rows) if cells[0].plain == layout["country_column"]), None)
    if header is None:
        raise LayoutError(
            artifact,
            f"has no row headed {layout['country_column']!r} on its sheet {layout['sheet']}.",
            "it may be another table; declare its layout.",
        )
    require_words(artifact, rows[:header], layout["says"])
    kinds = load_vocabulary(_HERE / "labels.csv", "country").entries
    world = {label for label, (kind, _) in kinds.items() if kind == "world"}
    total = next((i for i, (_, cells) in enumerate(rows) if i > header and cells[0].plain in world), None)
    if total is None:
        raise TruncatedError(artifact, "has no printed total below its countries.", "fetch the file again.")
    return rows[header], rows[header + 1 : total + 1], rows[total + 1 :]


def _footnotes(rows: list[Row]) -> dict[str, str]:
    """Mark → what the sheet says of it. A line may hold several; text before the first mark belongs to none."""
    notes: dict[str, str] = {}
    for _, cells in rows:
        mark = None
        for text, raised in cells[0].runs:
            if raised and text.strip():
                mark = text.strip()
                notes[mark] = ""
            elif mark is not None:
                notes[mark] += text
    return {mark: normalise(text) for mark, text in notes.items()}


def _meaning(artifact: Artifact, place: str, marks: list[str], notes: dict[str, str]) -> dict[str, Any]:
    """Status, basis and revision that the marks of one figure give it, by the footnotes of the sheet."""
    meant: dict[str, Any] = {"note": " | ".join(notes.get(mark, "") for mark in marks)}
    for mark in marks:
        known = [note for note in declared(_HERE)["footnote"] if note["words"] in notes.get(mark, "")]
        if not known:
            raise UnknownLabelError(
                artifact,
                f"marks {place} with {mark!r}, and its footnote says {notes.get(mark, 'nothing')!r}.",
                f"say what the footnote means in {project_path(_HERE / 'layouts.toml')}.",
            )
        for note in known:
            meant |= {key: note[key] for key in ("status", "basis", "revised") if key in note}
    return meant


def _figures(
    artifact: Artifact, layout: dict[str, Any], header: Row, body: list[Row], notes: dict[str, str]
) -> list[dict[str, Any]]:
    """One dict a printed figure: its place, what is printed, and what its marks make of it."""
    years = [str(year) for year in layout["years"]]
    places = column_of(artifact, header, [layout["country_column"], *years])
    at_country = places[layout["country_column"]]
    read = {at_country, *(places[year] + beside for year in years for beside in (0, 1))}
    figures: list[dict[str, Any]] = []
    for number, cells in body:
        stray = [cell.whole for place, cell in enumerate(cells) if place not in read and cell.whole]
        if stray or not cells[at_country].plain:
            raise LayoutError(
                artifact, f"row {number} holds {stray or 'figures'} under no heading or name.", "look at the sheet."
            )
        name = cells[at_country]
        for year in years:
            at = places[year]
            beside = cells[at + 1].parts if at + 1 < len(cells) else ""
            marks = re.split(r"[,\s]+", f"{name.raised},{cells[at].raised},{beside}")
            marks = [mark for mark in dict.fromkeys(marks) if mark]
            figures.append(
                {
                    "artifact_row": number,
                    "country_label": name.plain,
                    "year": int(year),
                    "value_raw": cells[at].figure,
                    "marks": " ".join(marks),
                }
                | _meaning(artifact, f"{name.plain} {year}", marks, notes)
            )
    return figures


def _measured(figure: dict[str, Any]) -> dict[str, Any] | None:
    """The figure with its number and status; None where the cell is not one of the publisher's marks."""
    read = read_cell(figure["value_raw"])
    if read is None:
        return None
    status = figure.get("status", read.status) if read.status == "reported" else read.status
    return figure | {
        "value_t": read.value,
        "value_low_t": read.low,
        "value_high_t": read.high,
        "value_status": status,
        "basis_code": figure.get("basis"),
        "is_revised": figure.get("revised", False),
    }


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read one edition's table of world mine production.

    Returns one table of `MINERAL_STATISTICS` rows (65: twelve countries and the world in five years), in tonnes of
    rare-earth-oxide equivalent. `artifact_row` is the sheet's row; `value_raw` the number its cell holds. Cells that
    are none of the publisher's marks become rejects with reason `unreadable_value`.

    Raises:
        LayoutError: no such sheet, columns gained or lost, another unit, an undeclared layout.
        TruncatedError: not a whole workbook, or no printed total.
        UnknownLabelError: a country, a mark or a footnote that is not known.
    """
    layout = layout_of(artifact, _HERE)
    header, body, below = _parts(artifact, layout, read_sheet(artifact, layout["sheet"]))
    figures = _figures(artifact, layout, header, body, _footnotes(below))
    measured = [(figure, _measured(figure)) for figure in figures]
    return (production_table(artifact, _HERE, WORLD, measured, _RAW),)
