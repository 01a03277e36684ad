"""Commands that read the published release: sql, as-of, why."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import IO

from rich.console import Console

from orchestration.cli import console, formats
from orchestration.cli.result_table import print_table
from warehouse.read.query import Answer, QueryError, is_numeric, open_query, result_of
from warehouse.settings import Settings

_SHOWN = 40
"""Rows of a table on a terminal, without --limit."""


def show_answer(query: str, form: str | None, output: Path | None, limit: int | None, day: date | None) -> None:
    """Run a query on the release, or on what was known on a day, and write its result."""
    try:
        chosen = form or _usual_format(output)
        text = _text_of(query)
        with _opened(text, day) as answer:
            if output is None:
                _write_to_output(answer, chosen, limit)
            else:
                _write_to_file(answer, chosen, limit or 0, output)
    except QueryError as error:
        raise console.fail(str(error)) from error


def _usual_format(output: Path | None) -> str:
    if output is None:
        return "table" if console.out.is_terminal else "csv"
    if found := formats.format_of(output):
        return found
    msg = f"The name {output} does not say which format it is to have: end it in {', '.join(formats.BY_SUFFIX)}, or "
    raise QueryError(msg + "give --format.")


def _text_of(query: str) -> str:
    """The text of a query, which may be in a file or come from standard input.

    Raises:
        QueryError: the file cannot be read, or is no text in UTF-8.
    """
    if query != "-" and not query.rstrip().endswith(".sql"):
        return _in_utf_8(query)
    path = Path(query.strip())
    try:
        data = sys.stdin.buffer.read() if query == "-" else path.read_bytes()
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{'Standard input' if query == '-' else path} is not text in UTF-8: save it as UTF-8."
        raise QueryError(msg) from error
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else str(error)
        msg = f"{path} cannot be read ({what}): name a file with one query, or give the query itself."
        raise QueryError(msg) from error


def _in_utf_8(query: str) -> str:
    """A query as it was typed, also where Python takes the terminal for one without UTF-8 (`LC_ALL=C`)."""
    try:
        return os.fsencode(query).decode("utf-8")
    except UnicodeError:
        return query


def _opened(text: str, day: date | None) -> AbstractContextManager[Answer]:
    if day is None:
        return open_query(Settings(), text)
    from warehouse.read.as_of import open_query_as_of

    return open_query_as_of(Settings(), day, text)


def _write_to_output(answer: Answer, form: str, limit: int | None) -> None:
    if form == "parquet":
        if console.out.is_terminal:
            msg = "Parquet is not text: add --output FILE, or send it to a file or program."
            raise QueryError(msg)
        formats.write_parquet(sys.stdout.buffer, answer, limit or 0)
    elif form == "table":
        _print_table(answer, limit)
    else:
        _write_text(sys.stdout, answer, form, limit or 0)


def _print_table(answer: Answer, limit: int | None) -> None:
    is_terminal = console.out.is_terminal
    most = limit if limit is not None else _SHOWN if is_terminal else 0
    if answer.columns == ["explain_key", "explain_value"]:
        console.out.file.writelines(f"{text}\n" for _, text in result_of(answer).rows)
        return
    result = result_of(answer, most)
    width = console.out.width if is_terminal else None
    print_table(console.out, answer.columns, list(map(is_numeric, answer.types)), result.rows, width)
    if result.has_more:
        console.out.print(f"Only the first {most} rows are shown: use --limit 0 for all.", style="dim")
    elif not result.rows:
        console.out.print("No rows.", style="dim")


def _write_text(file: IO[str], answer: Answer, form: str, limit: int) -> None:
    if form == "table":
        rows = result_of(answer, limit).rows
        plain = Console(file=file, color_system=None)
        print_table(plain, answer.columns, list(map(is_numeric, answer.types)), rows, None)
        return
    formats.WRITERS[form](file, answer.columns, [answer.first(limit)] if limit else answer.batches())


def _write_to_file(answer: Answer, form: str, limit: int, path: Path) -> None:
    """Write a result to a file, which is complete or not there."""
    try:
        with _replacing(path) as file:
            if form == "parquet":
                formats.write_parquet(file, answer, limit)
            else:
                with open(file.fileno(), "w", encoding="utf-8", newline="", closefd=False) as text:
                    _write_text(text, answer, form, limit)
    except OSError as error:
        msg = f"{path} cannot be written ({error.strerror or error}): name a file in a folder where you can write."
        raise QueryError(msg) from error
    console.err.print(f"Written to {path}", soft_wrap=True)


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `path` at the end of this block, and is deleted after an error."""
    with tempfile.NamedTemporaryFile(dir=path.absolute().parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            yield file
            file.flush()
            umask = os.umask(0)
            os.umask(umask)
            Path(file.name).chmod(0o666 & ~umask)
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def write_day(day: date, to: Path) -> None:
    """Write the facts as they were known on a day to a separate database."""
    from warehouse.read.as_of import write_as_of

    try:
        written = write_as_of(Settings(), day, to)
    except (LookupError, OSError, QueryError) as error:
        raise console.fail(str(error)) from error
    console.show_table(f"Known on {day:%Y-%m-%d}", ["fact", "known", "in the release"], written.facts)
    console.out.print(
        f"Left out, since they are built from the latest reports: {len(written.left_out)} tables (meta.left_out)."
    )
    console.out.print(f"Written to {to}", soft_wrap=True)


def show_origin(what: list[str]) -> None:
    """Show where a figure comes from."""
    from warehouse.read.why import WhyError, explain

    try:
        sections = explain(Settings(), what)
    except WhyError as error:
        raise console.fail(str(error)) from error
    for section in sections:
        result = section.result
        if len(result.rows) == 1:
            pairs = [pair for pair in zip(result.columns, result.rows[0], strict=True) if pair[1] is not None]
            console.show_table(section.title, ["column", "value"], pairs, unbroken="column")
        else:
            console.show_table(section.title, result.columns, result.rows)
