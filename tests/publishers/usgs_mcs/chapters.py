"""The world table of a printed chapter of the Mineral Commodity Summaries, read off its PDF with `pdftotext`.

It assigns printed words and raised marks to cells; what a cell means is not decided here.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)</word>')
_RAISED_BELOW = 10.0
"""A raised mark is set in smaller type: its box is less high than this, that of a figure higher."""
_SAME_LINE = 4.0
_COLUMNS = (350.0, 450.0, 600.0)
"""Right edges: the first year's figures, the second year's, the reserves."""

Cells = dict[str, tuple[tuple[str, str], ...]]


def world_table(pdf: Path) -> Cells:
    """Country → (figure, raised mark) of the first year, of the second, and of the reserves."""
    text = subprocess.run(
        ["pdftotext", "-bbox", "-f", "2", "-l", "2", str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout
    words = [(*map(float, found[:4]), found[4].replace("&gt;", ">")) for found in _WORD.findall(text)]
    figures = [word for word in words if word[3] - word[1] > _RAISED_BELOW]
    marks = [word for word in words if word[3] - word[1] <= _RAISED_BELOW]
    first = next(word for word in figures if word[4] == "Australia" and word[0] < 60 and _has_figures(figures, word))
    last = next(word for word in figures if word[4] == "(rounded)")
    rows: Cells = {}
    for left in sorted({round(word[3], 1) for word in figures if first[3] - 15 < word[3] < last[3] + 1}):
        line = [word for word in figures if abs(word[3] - left) < 1]
        name = " ".join(word[4] for word in sorted(line) if word[0] < 200)
        cells = [word for word in sorted(line) if word[0] > 200]
        assert len(cells) == len(_COLUMNS), (name, cells)
        rows[name] = tuple((cell[4], _mark_of(cell, marks)) for cell in cells)
    return rows


def salient_page(pdf: Path) -> str:
    """The first page of a chapter, a printed line a line, without the blanks at its ends."""
    command = ["pdftotext", "-layout", "-l", "1", str(pdf), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return "\n".join(line.strip() for line in text.splitlines())


def _has_figures(words: list[tuple[float, float, float, float, str]], name: tuple[float, ...]) -> bool:
    return sum(abs(word[3] - name[3]) < 1 and word[0] > 200 for word in words) == len(_COLUMNS)


def _mark_of(cell: tuple[float, float, float, float, str], marks: list[tuple[float, float, float, float, str]]) -> str:
    """The raised mark that ends where the figure begins, on its line."""
    beside = [mark for mark in marks if abs(mark[2] - cell[0]) < 2 and abs(mark[1] - cell[1]) < _SAME_LINE]
    return beside[0][4] if beside else ""
