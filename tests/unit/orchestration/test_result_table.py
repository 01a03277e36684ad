"""A table on a terminal: it is never wider, shows whole numbers, and names what it leaves out."""

from __future__ import annotations

import io
import random
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from orchestration.cli.result_table import print_table


def shown(columns, rows, width, encoding="utf-8", numeric=()) -> list[str]:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace")
    console = Console(file=file, width=width or 100_000, color_system=None, markup=False, emoji=False, highlight=False)
    print_table(console, columns, [name in numeric for name in columns], rows, width)
    file.flush()
    return file.buffer.getvalue().decode(encoding).splitlines()


@pytest.mark.parametrize("width", [20, 80, 120, 220])
def test_a_table_is_as_wide_as_the_terminal_at_most_and_every_column_is_shown_or_named(width: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    for _ in range(50):
        columns = [f"c{i}_{'x' * chance.randint(0, 12)}" for i in range(chance.randint(1, 60))]
        rows = [
            tuple(chance.choice([None, chance.randint(0, 10**9), "é" * chance.randint(0, 90)]) for _ in columns)
            for _ in range(chance.randint(0, 4))
        ]
        numeric = [name for i, name in enumerate(columns) if rows and all(isinstance(row[i], int) for row in rows)]
        lines = shown(columns, rows, width, numeric=numeric)
        assert max(map(cell_len, lines)) <= width
        left_out = " ".join(lines[2 + len(rows) :])
        in_table = lines[0].split()
        assert all(in_table), "no empty column"
        named = re.findall(r"c\d+_x*", left_out)
        assert in_table[:1] == [columns[0]] or cell_len(columns[0]) > width
        assert in_table[1:] + named == columns[1:]
        assert not named or left_out.startswith(f"{len(named)} more column")


def test_numbers_are_on_the_right_and_whole_and_text_is_shortened_with_a_mark() -> None:
    lines = shown(
        ["what", "usd"], [("a long description of some goods", 1_234_567_890), ("ore", None)], 33, numeric=["usd"]
    )
    assert lines[0].endswith(" usd")
    assert lines[2].endswith("1,234,567,890")
    assert lines[2].startswith("a long descrip")
    assert "…" in lines[2]
    assert lines[3].endswith("NULL")
    assert len(lines[3]) == len(lines[2])


def test_without_a_width_everything_is_shown() -> None:
    text = "x" * 500
    lines = shown(["a", "b"], [(text, text)], None)
    assert lines[2] == f"{text}  {text}"
    assert len(lines) == 3


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_letters_that_the_terminal_lacks_are_escapes_and_columns_stay_aligned(encoding: str) -> None:
    lines = shown(["a", "b"], [("a – 铈", 1), ("x", 2)], 80, encoding, numeric=["b"])
    assert lines[1].startswith("---")
    assert lines[2] == r"a \u2013 \u94c8  1"
    assert lines[3].index("2") == lines[2].rindex("1")
