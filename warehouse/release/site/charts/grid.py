"""Grids: one square a period or an age, coloured by what is there; the text alternative says it in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from warehouse.release.site.charts.canvas import NARROW, WIDE, Canvas, Drawing, Spec, tip, tipped


@dataclass(frozen=True, slots=True)
class Square:
    """One square: its row and column by name, colour and, where there is room, a text."""

    row: str
    column: str
    colour: str
    says: str
    text: str = ""
    ink: str = "ink"
    opacity: float = 1.0


def grid(
    squares: Sequence[Square], rows: Sequence[str], columns: Sequence[str], heads: Mapping[str, str] | None = None
) -> Drawing:
    """Rows by columns. On a phone the names of rows stand above their squares.

    `heads` names the columns that have a heading, and what it says; without it as many have one as there is room for.
    Neighbours of a row that say the same are one mark.
    """
    label_width = round(max((len(name) for name in rows), default=0) * 6.7 + 16)

    def draw(*, narrow: bool) -> tuple[Canvas, list[Spec]]:
        pitch = 42 if narrow else 26
        canvas = Canvas(
            width=NARROW if narrow else WIDE,
            height=len(rows) * pitch + 30,
            left=0 if narrow else label_width,
            right=4,
            top=26,
            bottom=4,
        )
        return canvas, _layers(_merged(squares, columns), rows, columns, heads, canvas, pitch)

    return draw


def _layers(
    runs: Sequence[tuple[Square, Square]],
    rows: Sequence[str],
    columns: Sequence[str],
    heads: Mapping[str, str] | None,
    canvas: Canvas,
    pitch: int,
) -> list[Spec]:
    across = canvas.plot_width / max(len(columns), 1)
    height = 20 if canvas.is_narrow else 22
    drop = 18 if canvas.is_narrow else 2
    gap = 2 if across > 8 else 0.6
    down, along = {name: at for at, name in enumerate(rows)}, {name: at for at, name in enumerate(columns)}
    drawn = [
        {
            "x": along[s.column] * across,
            "x2": (along[end.column] + 1) * across - gap,
            "y": down[s.row] * pitch + drop,
            "y2": down[s.row] * pitch + drop + height,
            "colour": f"var(--{s.colour})",
            "tip": tip(s.row, s.column if s is end else f"{s.column} to {end.column}", s.says),
            "text": s.text if len(s.text) * 6.6 < across else "",
            "ink": f"var(--{s.ink})",
            "opacity": s.opacity,
            "cx": (along[s.column] + 0.5) * across - gap / 2,
            "cy": down[s.row] * pitch + drop + height / 2,
        }
        for s, end in runs
    ]
    names = [
        {"name": name, "y": at * pitch + (8 if canvas.is_narrow else drop + height / 2)} for name, at in down.items()
    ]
    every = math.ceil(44 / across)
    named = heads or {name: name for name, at in along.items() if at % every == 0}
    if heads:
        step = math.ceil(44 / (canvas.plot_width / len(heads)))
        named = {name: said for at, (name, said) in enumerate(heads.items()) if at % step == 0}
    titles = [{"name": said, "x": (along[name] + 0.5) * across} for name, said in named.items()]
    return [
        tipped(
            {
                "data": {"values": drawn},
                "mark": {"type": "rect"},
                "encoding": {
                    "x": _pixels("x"),
                    "x2": {"field": "x2"},
                    "y": _pixels("y"),
                    "y2": {"field": "y2"},
                    "fill": {"field": "colour", "type": "nominal", "scale": None},
                    "opacity": {"field": "opacity", "type": "quantitative", "scale": None, "legend": None},
                },
            }
        ),
        _text(
            [row for row in drawn if row["text"]],
            "cx",
            "cy",
            "text",
            "center",
            {"field": "ink", "type": "nominal", "scale": None},
        ),
        _text(names, 0 if canvas.is_narrow else -10, "y", "name", "left" if canvas.is_narrow else "right"),
        _text([title | {"y": -12} for title in titles], "x", "y", "name", "center", {"value": "var(--muted)"}),
    ]


def _merged(squares: Sequence[Square], columns: Sequence[str]) -> list[tuple[Square, Square]]:
    """Runs of neighbours that say the same, each as its first and last square. Squares with a text stay alone."""
    along = {name: at for at, name in enumerate(columns)}
    runs: list[tuple[Square, Square]] = []
    for square in squares:
        if runs:
            first, last = runs[-1]
            is_next = square.row == last.row and along[square.column] == along[last.column] + 1
            if is_next and not square.text and (square.colour, square.says) == (first.colour, first.says):
                runs[-1] = (first, square)
                continue
        runs.append((square, square))
    return runs


def _pixels(field: str) -> Spec:
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}


def _text(rows: Sequence[Spec], x: str | int, y: str, field: str, align: str, colour: Spec | None = None) -> Spec:
    """Texts at given places; `x` is a field, or pixels for all of them."""
    return {
        "data": {"values": list(rows)},
        "mark": {"type": "text", "align": align, "baseline": "middle", "fontSize": 12 if colour else 13},
        "encoding": {
            "x": _pixels(x) if isinstance(x, str) else {"value": x},
            "y": _pixels(y),
            "text": {"field": field, "type": "nominal"},
            "color": colour or {"value": "var(--ink)"},
        },
    }
