"""Excel workbooks: a sheet as text, with superscripts kept apart from the text they follow."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock

from sources.model.artifact import Artifact, LayoutError, TruncatedError
from sources.reading.cells import normalise

_BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)
_BROKEN_CONTENT = (KeyError, ValueError, TypeError, IndexError, AttributeError, SyntaxError)
"""What openpyxl raises when a part is missing or is not what its name says (an XML error is a SyntaxError)."""


_MOST_UNPACKED = 8_000_000
_MOST_CELLS = 200_000
"""What a workbook may hold: that of a query of DataWeb unpacks to 5 MB, and sheets have some ten thousand cells."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A cell as printed: its runs of text in order, each raised (superscript) or not.

    A label may be of several runs; a figure is one. `figure`, `raised` and `parts` put a space between runs, so that
    those of two figures never make one.
    """

    runs: tuple[tuple[str, bool], ...] = ()

    @property
    def plain(self) -> str:
        """The text without what is raised: "China" of "China³"."""
        return normalise("".join(text for text, raised in self.runs if not raised))

    @property
    def figure(self) -> str:
        """The text without what is raised, its runs parted: "1,100" of "1,100³", and "1,100 2" of two runs."""
        return normalise(" ".join(text for text, raised in self.runs if not raised))

    @property
    def raised(self) -> str:
        """What is raised: "3" of "China³"."""
        return normalise(" ".join(text for text, raised in self.runs if raised))

    @property
    def whole(self) -> str:
        """All of the text."""
        return normalise("".join(text for text, _ in self.runs))

    @property
    def parts(self) -> str:
        """All of the text, its runs parted: "1,100 3" of "1,100³"."""
        return normalise(" ".join(text for text, _ in self.runs))


Row = tuple[int, list[Printed]]
"""A row's number in the sheet, from 1, and its cells."""


def read_sheet(artifact: Artifact, title: str) -> list[Row]:
    """Every row of one sheet that is not wholly empty. A formula counts as the figure it last gave.

    Raises:
        TruncatedError: not a whole workbook; the checksum of a part is wrong.
        LayoutError: no such sheet, a part that is not what a workbook's should be, or more than 8 MB unpacked or
            200,000 cells.
    """
    return read_sheets(artifact, [title])[title]


def read_sheets(artifact: Artifact, titles: Sequence[str]) -> dict[str, list[Row]]:
    """The rows of several sheets by their titles; see `read_sheet`."""
    data = artifact.read_bytes()
    _refuse_broken_archive(artifact, data)
    try:
        with warnings.catch_warnings():
            # openpyxl warns of print areas and extensions, which say nothing of the figures
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(io.BytesIO(data), rich_text=True, data_only=True)
        missing = [title for title in titles if title not in book.sheetnames]
        if missing:
            raise LayoutError(
                artifact, f"has no sheet {missing[0]!r}, only {book.sheetnames}.", "it may be another table or edition."
            )
        return {title: _rows(artifact, book[title]) for title in titles}
    except _BROKEN_CONTENT as error:
        raise LayoutError(artifact, f"is not a readable workbook ({error!r}).", "fetch the file again.") from error


def _rows(artifact: Artifact, sheet: Any) -> list[Row]:
    _refuse_large_sheet(artifact, sheet)
    rows = [(number, [_printed(cell) for cell in cells]) for number, cells in enumerate(sheet.iter_rows(), start=1)]
    return [(number, cells) for number, cells in rows if any(cell.whole for cell in cells)]


def column_of(artifact: Artifact, row: Row, names: list[str]) -> dict[str, int]:
    """The position of each declared column in a header row.

    Raises:
        LayoutError: columns gained, lost or doubled.
    """
    number, cells = row
    got = [cell.plain for cell in cells if cell.plain]
    lost, gained = [name for name in names if name not in got], [name for name in got if name not in names]
    if lost or gained or len(set(got)) != len(got):
        raise LayoutError(
            artifact,
            f"its columns in row {number} are not those of layout '{artifact.layout}': lost {lost}, gained {gained}.",
            "if the publisher changed its layout, declare the new one as a table of layouts.toml.",
        )
    return {cell.plain: place for place, cell in enumerate(cells) if cell.plain}


def require_words(artifact: Artifact, rows: list[Row], words: list[str]) -> None:
    """Check that a sheet has the lines that say what its table measures, and in which unit.

    Raises:
        LayoutError: names the lines that are missing.
    """
    printed = {cell.plain for _, cells in rows for cell in cells}
    missing = [line for line in words if line not in printed]
    if missing:
        raise LayoutError(
            artifact,
            f"does not say {missing} above its table, only {sorted(printed - {''})}.",
            "if the publisher changed what it measures or its unit, declare a new layout.",
        )


def _refuse_large_sheet(artifact: Artifact, sheet: Any) -> None:
    """A cell far off makes a sheet of billions of empty ones."""
    n = sheet.max_row * sheet.max_column
    if n > _MOST_CELLS:
        raise LayoutError(
            artifact,
            f"its sheet {sheet.title!r} spans {sheet.max_row:,} rows and {sheet.max_column:,} columns; "
            f"at most {_MOST_CELLS:,} cells are read.",
            "look at the workbook: a cell far from the table may hold something.",
        )


def _refuse_broken_archive(artifact: Artifact, data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
            if unpacked > _MOST_UNPACKED:
                raise LayoutError(
                    artifact,
                    f"unpacks its {len(data):,} bytes to {unpacked:,}; allowed are {_MOST_UNPACKED:,}.",
                    "look at the workbook by hand.",
                )
            damaged = archive.testzip()
    except _BROKEN_ARCHIVE as error:
        raise TruncatedError(
            artifact, f"is not a whole workbook ({error}).", "an error page or a cut file; fetch it again."
        ) from error
    if damaged:
        raise TruncatedError(artifact, f"its part {damaged} has a wrong checksum.", "fetch the file again.")


def _printed(cell: Any) -> Printed:
    """A cell's runs: those of rich text carry their own font, the first and any other inherit the cell's."""
    if cell.value is None:
        return Printed()
    of_cell = cell.font.vertAlign == "superscript"
    if not isinstance(cell.value, CellRichText):
        return Printed(((_as_text(cell.value), of_cell),))
    return Printed(
        tuple(
            (run.text, run.font.vertAlign == "superscript") if isinstance(run, TextBlock) else (run, of_cell)
            for run in cell.value
        )
    )


def _as_text(value: Any) -> str:
    """A stored number in the digits that give it; a whole one without a decimal point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
