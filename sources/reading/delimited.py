"""Delimited text: a file's records as text columns, in any column order, with nothing guessed."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import zip_longest

import polars as pl

from sources.model.artifact import Artifact, LayoutError, TruncatedError
from sources.reading.cells import normalise
from sources.reading.tables import check_columns, log_added_fields


def read_records(
    artifact: Artifact,
    columns: list[str],
    encoding: str = "utf-8-sig",
    optional: Sequence[str] = (),
    *,
    may_have_more: bool = False,
) -> pl.DataFrame:
    """Read every record as text under the declared column names, numbered from 1 in `artifact_row`.

    Of the `optional` columns those that the file has follow the others. With `may_have_more` columns beside them are
    logged and not read. Records are split by the csv module, not by
    Polars, which fills the missing fields of a record cut short. Empty columns without a name and wholly empty records
    are left out, and so are tabs around a cell, which keep a spreadsheet from rounding a code; an empty cell is "". A
    file without its last line end is refused even where its last record has every field: "28000" may be all that came
    of "280000", and of a file cut between two records nothing else would tell.

    Raises:
        LayoutError: another encoding, zero bytes, broken quoting, columns lost, or gained where there may be no more,
            values under no name.
        TruncatedError: a record ends before its last field, or the file holds no record.
    """
    text = _text(artifact, encoding)
    header, records = _records(artifact, text, encoding)
    places = [f"column_{i}" for i in range(len(header))]
    named = {place: name for place, name in zip(places, header, strict=True) if name}
    columns = [*columns, *(name for name in optional if name in named.values())]
    added = set(named.values()) - set(columns) if may_have_more and set(columns) <= set(named.values()) else set()
    check_columns(artifact, [name for name in named.values() if name not in added], columns)
    log_added_fields(artifact, added)
    _refuse_cut_records(artifact, text, records, max(i for i, name in enumerate(header) if name) + 1)
    _refuse_long_records(artifact, records, len(header))
    if not records:
        raise TruncatedError(artifact, "holds a header and no record.", "fetch the file again.")
    cells = zip_longest(*(record for _, record in records), fillvalue="")
    body = pl.DataFrame(dict(zip(places, cells, strict=False)) | {"artifact_row": [row for row, _ in records]})
    body = body.with_columns(pl.col("artifact_row").cast(pl.UInt32))
    _refuse_unnamed_values(artifact, body, [place for place in places if place not in named and place in body.columns])
    return body.select("artifact_row", *named).rename(named).select("artifact_row", *columns)


def _text(artifact: Artifact, encoding: str) -> str:
    """The whole text, where it is in the encoding and no character in it is one that no text has."""
    try:
        text = artifact.read_bytes().decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _unreadable(artifact, encoding, error) from error
    if "\0" in text:
        raise LayoutError(
            artifact,
            f"has a zero byte in line {text.count(chr(10), 0, text.index(chr(0))) + 1}: it is no {encoding} text.",
            "fetch the file again; if it is UTF-16, save it as UTF-8.",
        )
    return text


def _records(artifact: Artifact, text: str, encoding: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and every record that is not wholly empty, numbered from 1; tabs around a cell are left out."""
    try:
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = [normalise(cell) for cell in next(rows, [])]
        stripped = ([cell.strip("\t") for cell in row] for row in rows)
        return header, [(at, row) for at, row in enumerate(stripped, 1) if any(row)]
    except csv.Error as error:
        raise _unreadable(artifact, encoding, error) from error


def _unreadable(artifact: Artifact, encoding: str, error: Exception) -> LayoutError:
    return LayoutError(
        artifact,
        f"is not readable as {encoding} CSV ({error}).",
        "fetch the file again; if the publisher changed its encoding, declare the new one.",
    )


def _refuse_cut_records(artifact: Artifact, text: str, records: list[tuple[int, list[str]]], fields: int) -> None:
    short = next(((row, record) for row, record in records if len(record) < fields), None)
    if short is not None:
        row, record = short
        raise TruncatedError(
            artifact,
            f"record {row} ends before its last field: it has {len(record)} of {fields} and begins {record[0]!r}.",
            "the file is cut short, or ends in a note below its table; fetch it again without the note.",
        )
    if not text.endswith("\n"):
        row = records[-1][0] if records else 0
        raise TruncatedError(
            artifact, f"record {row} ends before its line end.", "the file is cut short; fetch it again."
        )


def _refuse_long_records(artifact: Artifact, records: list[tuple[int, list[str]]], fields: int) -> None:
    long = next((row for row, record in records if len(record) > fields), None)
    if long is not None:
        raise LayoutError(
            artifact, f"record {long} holds more fields than the header names.", "a record may be shifted."
        )


def _refuse_unnamed_values(artifact: Artifact, body: pl.DataFrame, unnamed: list[str]) -> None:
    filled = [name for name in unnamed if (body[name].fill_null("") != "").any()]
    if filled:
        raise LayoutError(
            artifact,
            f"holds values under no column name ({', '.join(filled)}).",
            "look at the file: a record may be shifted, or a header lost.",
        )
