"""Commands that read the published release: sql, as-of, why."""

from __future__ import annotations

import csv
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli import console
from warehouse.read.as_of import query_as_of, write_as_of
from warehouse.read.query import QueryError, run_query
from warehouse.read.why import WhyError, explain
from warehouse.settings import Settings


def sql(
    query: Annotated[str, typer.Argument(help="SQL, or a file that ends in .sql.")],
    limit: Annotated[int, typer.Option(min=0, help="Rows to show; 0 for all.")] = 40,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV to standard output.")] = False,
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Query what was known on a day.")] = None,
) -> None:
    """Query the published release, read-only."""
    try:
        text = _read_query(Path(query)) if query.endswith(".sql") else query
        shown = 0 if as_csv else limit
        result = query_as_of(Settings(), as_of.date(), text, shown) if as_of else run_query(Settings(), text, shown)
    except (QueryError, OSError) as error:
        raise console.fail(str(error)) from error
    if as_csv:
        csv.writer(sys.stdout).writerows([result.columns, *([_harmless(cell) for cell in row] for row in result.rows)])
        return
    console.show_table("", result.columns, result.rows)
    if result.has_more:
        console.out.print(f"Only the first {limit} rows are shown: use --limit 0 for all.", style="dim")


def _read_query(path: Path) -> str:
    """The text of a file of SQL.

    Raises:
        QueryError: it is not UTF-8.
        OSError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{path} is not text in UTF-8: save it as UTF-8"
        raise QueryError(msg) from error


def _harmless(cell: object) -> object:
    """A CSV cell that a spreadsheet displays without running it: text that begins like a formula is quoted."""
    is_formula = isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} and any(map(str.isalnum, cell))
    return f"'{cell}" if is_formula else cell


def as_of(
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="Day, YYYY-MM-DD.")],
    to: Annotated[Path, typer.Option(help="DuckDB file to write.")],
) -> None:
    """Write the facts as they were known on a day to a separate database."""
    try:
        written = write_as_of(Settings(), day.date(), to)
    except (LookupError, OSError, QueryError) as error:
        raise console.fail(str(error)) from error
    console.show_table(f"Known on {day:%Y-%m-%d}", ["fact", "known", "in the release"], written.facts)
    console.out.print(
        f"Left out, since they are built from the latest reports: {len(written.left_out)} tables (meta.left_out)."
    )
    console.out.print(f"Written to {to}")


def why(
    what: Annotated[list[str], typer.Argument(help="A fact_id; or a table and column=value pairs that name one fact.")],
) -> None:
    """Show where a figure comes from: its statements, both sides, files, checks and the publisher's record."""
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
