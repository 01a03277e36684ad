"""Large delimited text without quoting, of which only the records of some codes are kept in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from sources.model.artifact import Artifact, LayoutError, TruncatedError
from sources.reading.tables import check_columns, log_added_fields

_LINE = pl.col("line")


def read_records_of(
    artifact: Artifact,
    path: Path,
    separator: str,
    columns: list[str],
    code_column: str,
    codes: Sequence[str],
    *,
    may_have_more: bool = False,
) -> pl.DataFrame:
    """The records whose `code_column` is one of `codes`, as text, numbered from 1 in `artifact_row`.

    `path` has the text, which may be the unpacked one of the artifact. Every record is checked, also those that are not
    kept; empty lines are left out. An empty field is null. Memory does not grow with the file. With `may_have_more`
    columns beside `columns` are logged and not read.

    Raises:
        TruncatedError: a record has fewer fields than the header, or the text ends inside a record.
        LayoutError: columns lost, or gained where there may be no more, a record of more fields than the header, a
            quotation mark around a comma, zero bytes, text that is not UTF-8.
    """
    _require_line_end(artifact, path)
    lines = pl.scan_lines(path, name="line", row_index_name="artifact_row")
    try:
        header = lines.head(1).collect()["line"].to_list()
        names = [name.strip() for name in header[0].removeprefix("\ufeff").split(separator)] if header else []
        added = set(names) - set(columns) if may_have_more and set(columns) <= set(names) else set()
        check_columns(artifact, [name for name in names if name not in added], columns)
        log_added_fields(artifact, added)
        records = lines.slice(1).filter(_LINE != "")
        _refuse_uneven(artifact, records, separator, len(names))
        kept = records.filter(_LINE.str.contains_any(list(codes))).collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise LayoutError(artifact, f"{_undecodable(path)} ({error}).", "fetch it again.") from error
    fields = _LINE.str.split(separator)
    table = kept.select(
        pl.col("artifact_row").cast(pl.Int64),
        *(fields.list.get(at).alias(name) for at, name in enumerate(names) if name in columns),
    )
    text = pl.col(columns)
    return (
        table.filter(pl.col(code_column).str.strip_chars().is_in(codes))
        .select("artifact_row", pl.when(text != "").then(text))
        .sort("artifact_row")
    )


def _require_line_end(artifact: Artifact, path: Path) -> None:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 1))
        if file.read() != b"\n":
            raise TruncatedError(artifact, "its text ends inside a record.", "fetch it again.")


def _refuse_uneven(artifact: Artifact, records: pl.LazyFrame, separator: str, width: int) -> None:
    found = _LINE.str.count_matches(separator, literal=True) + 1
    strange = _LINE.str.contains("\0", literal=True)
    if separator == ",":
        strange |= _LINE.str.contains('"', literal=True)
    first = (
        records.filter((found != width) | strange).head(1).with_columns(found.alias("n")).collect(engine="streaming")
    )
    if first.is_empty():
        return
    row, line, n = first.row(0)
    if n < width:
        raise TruncatedError(
            artifact, f"record {row} ends before its last field: {n} of {width}, {line!r}.", "fetch it again."
        )
    what = f"holds {n} fields under a header of {width}" if n > width else "holds a quotation mark or a zero byte"
    raise LayoutError(artifact, f"record {row} {what}: {line!r}.", "a record may be shifted; fetch it again.")


def _undecodable(path: Path) -> str:
    with path.open("rb") as file:
        for row, line in enumerate(file):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return f"record {row} is no text in UTF-8"
    return "is no readable text"
