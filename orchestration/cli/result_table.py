"""A result as a table: as many of its columns as fit, the others named below, the numbers never cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from orchestration.cli.cells import readable

_GAP = 2
_LONGEST_RULE = 60
_LEAST_TEXT = 16
"""Columns of text are narrowed to this width, or their names', before a column is left out."""


def print_table(
    console: Console,
    columns: Sequence[str],
    is_number: Sequence[bool],
    rows: Sequence[tuple[Any, ...]],
    width: int | None,
) -> None:
    """Print rows under their columns' names.

    Args:
        console: where to print; its encoding decides which letters are shown as escapes.
        columns: the names.
        is_number: whether each column is one of numbers, which are on the right and never shortened.
        rows: the values.
        width: of a line. Text is shortened (…), and columns that do not fit are counted and named below the table. None
            shows everything.
    """
    values = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in columns]
    cells = [[_encodable(cell, console) for cell in readable(column)] for column in values]
    names = [_encodable(name, console) for name in columns]
    full = [max([cell_len(name), *map(cell_len, column)]) for name, column in zip(names, cells, strict=True)]
    widths = full if width is None else _fit(names, full, is_number, width)
    shown = range(len(widths))
    mark, rule = ("…", "─") if (console.encoding or "").startswith("utf") else ("...", "-")

    def line(parts: Sequence[str]) -> str:
        fitted = (_fitted(part, widths[i], mark, is_right=is_number[i]) for i, part in zip(shown, parts, strict=True))
        return (" " * _GAP).join(fitted).rstrip()

    console.print(Text(line(names[: len(widths)]), style="bold"), soft_wrap=True)
    console.print(Text(line([rule * min(n, _LONGEST_RULE) for n in widths]), style="dim"), soft_wrap=True)
    for row in zip(*cells[: len(widths)], strict=True):
        console.file.write(f"{line(row)}\n")
    if left_out := names[len(widths) :]:
        number = f"{len(left_out)} more column{'' if len(left_out) == 1 else 's'}"
        console.print(Text(f"{number}, which --format line shows: {', '.join(left_out)}", style="dim"))


def _fit(names: Sequence[str], full: Sequence[int], is_number: Sequence[bool], width: int) -> list[int]:
    """The widths of the first columns, as many as fit. Text gets what the others leave."""
    least = [
        whole if is_of_numbers else min(whole, max(cell_len(name), _LEAST_TEXT))
        for name, whole, is_of_numbers in zip(names, full, is_number, strict=True)
    ]
    widths: list[int] = []
    for needed in least:
        if widths and sum(widths) + _GAP * len(widths) + needed > width:
            break
        widths.append(needed)
    widths[:1] = [min(widths[0], width)] if widths else []
    left = width - sum(widths) - _GAP * (len(widths) - 1)
    while left > 0 and (narrowed := [i for i in range(len(widths)) if widths[i] < full[i]]):
        for i in narrowed[:left]:
            widths[i] += 1
        left -= len(narrowed[:left])
    return widths


def _fitted(text: str, width: int, mark: str, *, is_right: bool) -> str:
    if cell_len(text) > width:
        return set_cell_size(text, max(width - len(mark), 0)) + mark[:width]
    return " " * (width - cell_len(text)) + text if is_right else text + " " * (width - cell_len(text))


def _encodable(text: str, console: Console) -> str:
    """A text as the terminal will show it, to be measured: what its encoding lacks is an escape there."""
    return text.encode(console.encoding or "utf-8", "backslashreplace").decode(console.encoding or "utf-8")
