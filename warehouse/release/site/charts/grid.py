"""Grids: one square a period or an age, coloured by what is there; the text alternative says it in words."""

from __future__ import annotations

from collections.abc import Sequence
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


def grid(squares: Sequence[Square], rows: Sequence[str], columns: Sequence[str], label_width: int = 210) -> Drawing:
    """Rows by columns. On a phone the names of rows stand above their squares."""

    def draw(narrow: bool) -> tuple[Canvas, list[Spec]]:
        pitch = 42 if narrow else 26
        canvas = Canvas(
            width=NARROW if narrow else WIDE,
            height=len(rows) * pitch + 30,
            left=0 if narrow else label_width,
            right=4,
            top=26,
            bottom=4,
        )
        return canvas, _layers(squares, rows, columns, canvas, pitch)

    return draw


def _layers(
    squares: Sequence[Square], rows: Sequence[str], columns: Sequence[str], canvas: Canvas, pitch: int
) -> list[Spec]:
    across = canvas.plot_width / max(len(columns), 1)
    height = 20 if canvas.is_narrow else 22
    drop = 18 if canvas.is_narrow else 2
    gap = 2 if across > 8 else 0.6
    down, along = {name: at for at, name in enumerate(rows)}, {name: at for at, name in enumerate(columns)}
    drawn = [
        {"x": along[s.column] * across, "x2": (along[s.column] + 1) * across - gap, "y": down[s.row] * pitch + drop,
         "y2": down[s.row] * pitch + drop + height, "colour": f"var(--{s.colour})", "tip": tip(s.row, s.column, s.says),
         "text": s.text if len(s.text) * 6.6 < across else "", "ink": f"var(--{s.ink})", "opacity": s.opacity,
         "cx": (along[s.column] + 0.5) * across - gap / 2, "cy": down[s.row] * pitch + drop + height / 2}
        for s in squares
    ]  # fmt: skip
    names = [
        {"name": name, "y": at * pitch + (8 if canvas.is_narrow else drop + height / 2)} for name, at in down.items()
    ]
    every = max(1, round(44 / across)) if across < 44 else 1
    heads = [{"name": name, "x": (at + 0.5) * across} for name, at in along.items() if at % every == 0]
    return [
        tipped({
            "data": {"values": drawn}, "mark": {"type": "rect"},
            "encoding": {"x": _pixels("x"), "x2": {"field": "x2"}, "y": _pixels("y"), "y2": {"field": "y2"},
                         "fill": {"field": "colour", "type": "nominal", "scale": None},
                         "opacity": {"field": "opacity", "type": "quantitative", "scale": None, "legend": None}},
        }),
        _text([row for row in drawn if row["text"]], "cx", "cy", "text", "center", ink="ink"),
        _text(names, None, "y", "name", "left" if canvas.is_narrow else "right", offset=0 if canvas.is_narrow else -10),
        _text([head | {"y": -12} for head in heads], "x", "y", "name", "center", muted=True),
    ]  # fmt: skip


def _pixels(field: str) -> Spec:
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}


def _text(
    rows: Sequence[Spec], x: str | None, y: str, field: str, align: str, *, offset: int = 0, muted: bool = False,
    ink: str | None = None,
) -> Spec:  # fmt: skip
    colour: Spec = {"field": ink, "type": "nominal", "scale": None} if ink else {
        "value": "var(--muted)" if muted else "var(--ink)"
    }  # fmt: skip
    return {
        "data": {"values": list(rows)},
        "mark": {"type": "text", "align": align, "baseline": "middle", "fontSize": 12 if muted or ink else 13},
        "encoding": {
            "x": _pixels(x) if x else {"value": offset},
            "y": _pixels(y),
            "text": {"field": field, "type": "nominal"},
            "color": colour,
        },
    }
