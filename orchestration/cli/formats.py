"""Writes a result in a format for programs, row by row as the database gives it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from orchestration.cli.cells import are_numbers, as_text, readable
from warehouse.read.query import Answer, QueryError

Batches = Iterable[Sequence[tuple[Any, ...]]]
Writer = Callable[[IO[str], Sequence[str], Batches], None]
BY_SUFFIX = {".csv": "csv", ".json": "json", ".md": "markdown", ".parquet": "parquet", ".txt": "table"}
"""The format that a file's name means."""
_FORMULA = frozenset("=+-@\t\r")


def write_csv(file: IO[str], columns: Sequence[str], batches: Batches) -> None:
    """CSV as in RFC 4180, with LF at the end of lines. Null is an empty field, an empty text is `""`."""
    file.write(",".join(map(_field, columns)) + "\n")
    for rows in batches:
        file.writelines(",".join(map(_field, row)) + "\n" for row in rows)


def _field(value: object) -> str:
    """A field. The module `csv` writes null and an empty text alike."""
    text = as_text(value)
    if isinstance(value, str) and value[:1] in _FORMULA and any(map(str.isalnum, value)):
        text = f"'{value}"  # a spreadsheet displays it without running it as a formula
    is_quoted = (text == "" and value is not None) or any(letter in text for letter in ',"\n\r')
    return '"' + text.replace('"', '""') + '"' if is_quoted else text


def write_json(file: IO[str], columns: Sequence[str], batches: Batches) -> None:
    """An array with one object per row, each on its line."""
    from warehouse.read.values import plain

    before = "[\n"
    for rows in batches:
        for row in rows:
            cells = {name: plain(value) for name, value in zip(columns, row, strict=True)}
            file.write(before + json.dumps(cells, ensure_ascii=False))
            before = ",\n"
    file.write("[]\n" if before == "[\n" else "\n]\n")


def write_lines(file: IO[str], columns: Sequence[str], batches: Batches) -> None:
    """A line `column = value` for each cell, and an empty line between rows: for wide tables."""
    width = max(map(len, columns), default=0)
    between = ""
    for rows in batches:
        for row in rows:
            file.write(between)
            file.writelines(
                f"{name:>{width}} = {readable([value])[0]}\n" for name, value in zip(columns, row, strict=True)
            )
            between = "\n"


def write_markdown(file: IO[str], columns: Sequence[str], batches: Batches) -> None:
    """A table of Markdown, with numbers on the right."""
    rows = [row for batch in batches for row in batch]
    values = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in columns]
    rules = ["---:" if are_numbers(column) else "---" for column in values]
    for cells in (columns, rules, *zip(*map(readable, values), strict=True)):
        file.write("| " + " | ".join(cell.replace("\\", "\\\\").replace("|", "\\|") for cell in cells) + " |\n")


def write_parquet(file: IO[bytes], answer: Answer, limit: int) -> None:
    """Parquet with DuckDB's types, compressed with Zstandard.

    Raises:
        QueryError: a type that Parquet does not have.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    reader = answer.cursor.to_arrow_reader()
    try:
        with pq.ParquetWriter(file, reader.schema, compression="zstd") as writer:
            left = limit
            for batch in reader:
                writer.write_batch(batch.slice(0, left) if limit else batch)
                left -= batch.num_rows
                if limit and left <= 0:
                    break
    except pa.ArrowException as error:
        msg = f"the result cannot be written as Parquet ({error}): cast the column to varchar"
        raise QueryError(msg) from error


WRITERS: Mapping[str, Writer] = {
    "csv": write_csv,
    "json": write_json,
    "line": write_lines,
    "markdown": write_markdown,
}
"""The formats of text that are written row by row."""


def format_of(path: Path) -> str | None:
    """The format that a file's name means: `csv` for `answer.csv`; None if it means none."""
    return BY_SUFFIX.get(path.suffix.lower())
