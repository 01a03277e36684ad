"""Delimited text: a file's records as text columns, in any column order, with nothing guessed.

Belongs here: what every CSV a publisher writes needs (encoding, header, short records, empty columns). Does
not belong here: what the columns mean.
"""

from __future__ import annotations

import io

import polars as pl

from sources.cells import normalise
from sources.contract import Artifact, LayoutError, TruncatedError, check_columns


def read_records(artifact: Artifact, columns: list[str], encoding: str = "utf-8-sig") -> pl.DataFrame:
    """Read every record as text under the declared column names, numbered from 1 in `artifact_row`.

    Empty columns without a name and wholly empty records are left out; an empty cell is "".

    Raises:
        LayoutError: another encoding, broken quoting, columns gained or lost, values under no name.
        TruncatedError: a record ends before its last field, or the file holds no record.
    """
    try:
        text = artifact.read_bytes().decode(encoding)
        table = pl.read_csv(io.BytesIO(text.encode()), infer_schema=False, has_header=False, empty_string_is_null=False)
    except (UnicodeDecodeError, pl.exceptions.PolarsError) as error:
        raise LayoutError(
            artifact,
            f"is not readable as {encoding} CSV ({str(error).splitlines()[0]}).",
            "fetch the file again; if the publisher changed its encoding, declare the new one.",
        ) from error
    header = [normalise(cell or "") for cell in table.row(0)]
    named = {column: name for column, name in zip(table.columns, header, strict=True) if name}
    check_columns(artifact, list(named.values()), columns)
    body = table.slice(1).with_row_index("artifact_row", offset=1)
    _refuse_short_records(artifact, body, list(named))
    _refuse_unnamed_values(artifact, body, [name for name in table.columns if name not in named])
    body = body.select("artifact_row", *named).rename(named)
    body = body.filter(pl.any_horizontal(pl.col(name) != "" for name in columns))
    if body.is_empty():
        raise TruncatedError(artifact, "holds a header and no record.", "fetch the file again.")
    return body.select("artifact_row", *columns)


def _refuse_short_records(artifact: Artifact, body: pl.DataFrame, columns: list[str]) -> None:
    short = body.filter(pl.any_horizontal(pl.col(name).is_null() for name in columns))
    if short.height:
        raise TruncatedError(
            artifact,
            f"record {short['artifact_row'][0]} ends before its last field.",
            "the file is cut short; fetch it again.",
        )


def _refuse_unnamed_values(artifact: Artifact, body: pl.DataFrame, unnamed: list[str]) -> None:
    filled = [name for name in unnamed if (body[name].fill_null("") != "").any()]
    if filled:
        raise LayoutError(
            artifact,
            f"holds values under no column name ({', '.join(filled)}).",
            "look at the file: a record may be shifted, or a header lost.",
        )
