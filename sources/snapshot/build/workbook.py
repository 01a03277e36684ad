"""Sheets of workbooks for the snapshot: read as runs of text, written so that the same cells give the same bytes."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

Runs = list[tuple[Any, bool]]
"""A cell's runs in order, each raised (superscript) or not; a number is one run."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_SAVED_AT = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)")


def cells_of(path: Path, sheet: str) -> dict[str, Runs]:
    """Every filled cell of one sheet by its place; a formula counts as the figure it last gave."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # print areas, which say nothing of the figures
        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), rich_text=True, data_only=True)
    cells: dict[str, Runs] = {}
    for row in book[sheet].iter_rows():
        for cell in row:
            raised = cell.font.vertAlign == "superscript"
            if isinstance(cell.value, CellRichText):
                cells[cell.coordinate] = [
                    (run.text, run.font.vertAlign == "superscript") if isinstance(run, TextBlock) else (run, raised)
                    for run in cell.value
                ]
            elif cell.value is not None:
                cells[cell.coordinate] = [(cell.value, raised)]
    return cells


def workbook(sheet: str, cells: dict[str, Runs]) -> bytes:
    """A workbook of one sheet with these cells.

    The same bytes on every run: the times openpyxl notes are set to the zip format's first day, and nothing is
    compressed, since compressors differ between machines.
    """
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = sheet
    for place, runs in cells.items():
        if len(runs) == 1:
            page[place].value, raised = runs[0]
            if raised:
                page[place].font = Font(vertAlign="superscript")
        else:
            page[place].value = CellRichText(
                *(TextBlock(InlineFont(vertAlign="superscript" if raised else None), text) for text, raised in runs)
            )
    saved = io.BytesIO()
    book.save(saved)
    return _without_times(saved.getvalue())


def _without_times(data: bytes) -> bytes:
    again = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as saved, zipfile.ZipFile(again, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(saved.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            part = zipfile.ZipInfo(name, _EPOCH)
            part.create_system = 0
            target.writestr(part, _SAVED_AT.sub(rb"\g<1>1980-01-01T00:00:00Z\g<3>", saved.read(name)))
    return again.getvalue()
