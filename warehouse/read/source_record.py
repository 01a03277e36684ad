"""Finds a record in the publisher's bytes by its number, to show it to a person.

The parsers decide what a record means, and read much more strictly.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

_ENCODINGS = ("utf-8-sig", "gb18030", "cp1252")


def record_text(data: bytes, file_name: str, row: int, printed: str | None = None) -> str | None:
    """The record `row` of a file as `column: cell` text; null where it cannot be shown.

    Records are counted as `artifact_row` counts them: from 1 without the header, in a workbook by the sheet's row.
    `printed` is the published cell's text; a record that contains no part of it is not returned.
    """
    readers = {"csv": _of_csv, "json": _of_json, "xlsx": _of_workbook}
    reader = readers.get(file_name.rpartition(".")[2].lower())
    if reader is None or row < 1:
        return None
    try:
        found = [" · ".join(f"{name}: {cell}" for name, cell in cells) for cells in reader(data, row)]
    except (ValueError, KeyError, IndexError, csv.Error, zipfile.BadZipFile):
        return None
    parts = _parts(printed)
    return next((text for text in found if not parts or any(part in text.replace(",", "") for part in parts)), None)


def _parts(printed: str | None) -> list[str]:
    """The figures of a published cell; one that was added up of several is joined by " + ", ";" or "|"."""
    text = (printed or "").replace(",", "")
    for joint in ("|", ";", ": ", " + "):
        text = text.replace(joint, "\n")
    return [part.strip() for part in text.splitlines() if part.strip()]


def _of_csv(data: bytes, row: int) -> Iterator[list[tuple[str, str]]]:
    for encoding in _ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        records = list(csv.reader(io.StringIO(text, newline="")))
        yield [(name, cell) for name, cell in zip(records[0], records[row], strict=False) if cell.strip()]


def _of_json(data: bytes, row: int) -> Iterator[list[tuple[str, Any]]]:
    body = json.loads(data)
    lists = [body] if isinstance(body, list) else [value for value in body.values() if isinstance(value, list)]
    for records in lists:
        if row <= len(records) and isinstance(records[row - 1], dict):
            yield [(name, cell) for name, cell in records[row - 1].items() if cell is not None]


def _of_workbook(data: bytes, row: int) -> Iterator[list[tuple[str, Any]]]:
    import openpyxl  # costs more than the rest of an answer, and few records are in workbooks

    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    for sheet in book.worksheets:
        if row <= sheet.max_row:
            cells = next(sheet.iter_rows(min_row=row, max_row=row))
            yield [(f"{sheet.title}!{cell.coordinate}", cell.value) for cell in cells if cell.value is not None]
