"""Output of `ree`: tables, failures, moments."""

from __future__ import annotations

import io
import os
import sys
import textwrap
from datetime import datetime
from typing import Any, TextIO

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from orchestration.cli.cells import is_number

_MARK = 7
"""Width of the marks in front of paragraphs."""

_USUAL_WIDTH = 80
_UNLIMITED = 100_000


def _width(stream: TextIO | None) -> int | None:
    """The width of lines; None for that of the terminal, which Rich finds.

    It is the usual width where the shell says that a terminal has no columns, which Rich would print nothing to, and
    unlimited where no terminal reads along: a program gets whole lines.
    """
    if "COLUMNS" in os.environ:
        return None if os.environ["COLUMNS"].strip("0 ") else _USUAL_WIDTH
    return None if stream and stream.isatty() else _UNLIMITED


out = Console(width=_width(sys.stdout), markup=False, emoji=False, highlight=False)
err = Console(width=_width(sys.stderr), stderr=True, markup=False, emoji=False, highlight=False)
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
    """Print a table with its title. Cells are wrapped between words, those of the column named `unbroken` not at all.

    A table that is too wide even so is printed row by row, each cell on a line of its own.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for i, name in enumerate(columns):
        is_numeric = bool(rows) and all(is_number(row[i]) or row[i] is None for row in rows)
        table.add_column(name, justify="right" if is_numeric else "left", overflow="fold", no_wrap=name == unbroken)
    for row in cells:
        table.add_row(*row)
    if title:
        out.print(f"\n{title}", style="bold", soft_wrap=True)
    if Measurement.get(out, out.options.update(max_width=_UNLIMITED), table).minimum <= out.width:
        out.print(table)
    else:
        _show_records(columns, cells)


def _show_records(columns: list[str], rows: list[list[str]]) -> None:
    width = max(map(len, columns))
    for row in rows:
        out.print()
        for name, cell in zip(columns, row, strict=True):
            show_indented(cell, f"{name:<{width}}  ")


def show_paragraph(mark: str, text: str) -> None:
    """Print lines of text beside a mark, wrapped between words: paths stay whole, to be copied."""
    for number, line in enumerate(text.splitlines()):
        show_indented(line, f"{mark if number == 0 else '':<{_MARK}}")


def show_indented(text: str, mark: str) -> None:
    """Print a paragraph behind a mark, its further lines indented as far."""
    wrapped = textwrap.fill(
        text, max(out.width, len(mark) + _MARK), initial_indent=mark, subsequent_indent=" " * len(mark),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    out.print(wrapped or mark, soft_wrap=True)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.2f}"
    return str(value)


def minute(moment: datetime | None) -> str | None:
    """A moment to the minute: `2026-11-24 18:30`."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else None
