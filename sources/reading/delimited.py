"""Delimited text: a file's records as text columns, in any column order, with nothing guessed."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import polars as pl

from sources.model.artifact import Artifact, LayoutError, TruncatedError
from sources.reading.cells import normalise
from sources.reading.tables import check_columns


def read_records(
    artifact: Artifact, columns: list[str], encoding: str = "utf-8-sig", optional: Sequence[str] = ()
) -> pl.DataFrame:
    """Read every record as text under the declared column names, numbered from 1 in `artifact_row`.

    Of the `optional` columns those that the file has follow the others. Records are split by the csv module, not by
    Polars, which fills the missing fields of a record cut short. Empty columns without a name and wholly empty records
    are left out; an empty cell is "". A file without its last line end is refused even where its last record has every
    field: "28000" may be all that came of "280000", and of a file cut between two records nothing else would tell.

    Raises:
        LayoutError: another encoding, broken quoting, columns gained or lost, values under no name.
        TruncatedError: a record ends before its last field, or the file holds no record.
    """
    try:
        text = artifact.read_bytes().decode(encoding)
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise LayoutError(
            artifact,
            f"is not readable as {encoding} CSV ({error}).",
            "fetch the file again; if the publisher changed its encoding, declare the new one.",
        ) from error
    header = [normalise(cell) for cell in records[0]] if records else []
    places = [f"column_{i}" for i in range(len(header))]
    named = {place: name for place, name in zip(places, header, strict=True) if name}
    columns = [*columns, *(name for name in optional if name in named.values())]
    check_columns(artifact, list(named.values()), columns)
    _refuse_cut_records(artifact, text, records, max(i for i, name in enumerate(header) if name) + 1)
    _refuse_long_records(artifact, records)
    padded = [record + [""] * (len(header) - len(record)) for record in records[1:]]
    body = pl.DataFrame(padded, schema=dict.fromkeys(places, pl.String), orient="row").with_row_index(
        "artifact_row", offset=1
    )
    _refuse_unnamed_values(artifact, body, [place for place in places if place not in named])
    body = body.select("artifact_row", *named).rename(named)
    body = body.filter(pl.any_horizontal(pl.col(name) != "" for name in columns))
    if body.is_empty():
        raise TruncatedError(artifact, "holds a header and no record.", "fetch the file again.")
    return body.select("artifact_row", *columns)


def _refuse_cut_records(artifact: Artifact, text: str, records: list[list[str]], fields: int) -> None:
    short = next((row for row, record in enumerate(records) if record and len(record) < fields), None)
    if short is not None or not text.endswith("\n"):
        raise TruncatedError(
            artifact,
            f"record {len(records) - 1 if short is None else short} ends before its last field or its line end.",
            "the file is cut short; fetch it again.",
        )


def _refuse_long_records(artifact: Artifact, records: list[list[str]]) -> None:
    long = next((row for row, record in enumerate(records) if len(record) > len(records[0])), None)
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
