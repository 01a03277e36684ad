"""Output of `ree`: tables, failures, moments."""

from __future__ import annotations

import io
import os
import sys
import textwrap
from datetime import datetime
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

_MARK = 7
"""Width of the marks in front of paragraphs."""

_USUAL_WIDTH = 80


def _width() -> int | None:
    """The usual width where the shell says that a terminal has no columns, which Rich would print nothing to."""
    return None if os.environ.get("COLUMNS", "unset").strip("0 ") else _USUAL_WIDTH


out = Console(width=_width(), markup=False, emoji=False, highlight=False)
err = Console(width=_width(), stderr=True, markup=False, emoji=False, highlight=False)
"""Text is printed as it is: a path or a figure's label may hold what Rich takes for markup."""


def accept_any_text() -> None:
    r"""Write what the encoding of the terminal does not have as an escape (`\\u2013`) instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def discard_output() -> None:
    """Send further output nowhere: the reader of a pipe has gone, as after `ree releases | head -1`."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


def fail(message: str) -> typer.Exit:
    """Print an error to standard error; return what to raise to end the command with code 1."""
    print_error(message)
    return typer.Exit(1)


def print_error(message: str) -> None:
    """Print an error to standard error, in red."""
    err.print(message, style="bold red")


def show_table(title: str, columns: list[str], rows: list[tuple[Any, ...]], *, unbroken: str | None = None) -> None:
    """Print a table; cells of the column named `unbroken` are never wrapped."""
    table = Table(title=title, title_justify="left", header_style="bold")
    numeric = [all(isinstance(row[i], int | float) or row[i] is None for row in rows) for i in range(len(columns))]
    for name, is_numeric in zip(columns, numeric, strict=True):
        table.add_column(
            name, justify="right" if is_numeric and rows else "left", overflow="fold", no_wrap=name == unbroken
        )
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    out.print(table)


def show_paragraph(mark: str, text: str) -> None:
    """Print lines of text beside a mark, wrapped between words: paths stay whole, to be copied."""
    for number, line in enumerate(text.splitlines()):
        first = f"{mark:<{_MARK}}" if number == 0 else " " * _MARK
        wrapped = textwrap.fill(
            line, max(out.width, 2 * _MARK), initial_indent=first, subsequent_indent=" " * _MARK,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
        out.print(wrapped, soft_wrap=True)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.2f}"
    return str(value)


def minute(moment: datetime | None) -> str | None:
    """A moment to the minute: `2026-11-24 18:30`."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else None
