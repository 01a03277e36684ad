"""Bars: one row a country or account, its value written at the end; estimates are hollow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from warehouse.release.site.charts.canvas import NARROW, WIDE, Canvas, Drawing, Spec, tip, tipped

_LETTER, _BOLD_LETTER = 6.7, 7.3
"""Pixels of a letter at 13 pixels, plain and bold: estimates, since no font is known when the site is built."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a bar chart: `shown` is its value as written, `low` and `high` its interval, if it has one."""

    name: str
    value: float | None
    shown: str
    colour: str = "other"
    is_estimate: bool = False
    low: float | None = None
    high: float | None = None
    says: str = ""


def bars(rows: Sequence[Bar], most: float | None = None, reference: float | None = None) -> Drawing:
    """Horizontal bars in the order given, from zero to `most` or to the largest value.

    `reference` is a value at which a line is drawn, such as 1 among ratios. Margins follow the longest texts.
    """
    label_width = min(max((len(row.name) for row in rows), default=0) * _LETTER + 16, WIDE // 2)
    label_room = max((len(row.shown) for row in rows), default=0) * _BOLD_LETTER + 16

    def draw(*, narrow: bool) -> tuple[Canvas, list[Spec]]:
        pitch = 40 if narrow else 30
        canvas = Canvas(
            width=NARROW if narrow else WIDE,
            height=len(rows) * pitch + 8,
            left=0 if narrow else round(label_width),
            right=min(round(label_room), 150) if narrow else round(label_room),
            top=4,
            bottom=4,
        )
        return canvas, _layers(rows, most, reference, canvas, pitch)

    return draw


def _layers(rows: Sequence[Bar], most: float | None, reference: float | None, canvas: Canvas, pitch: int) -> list[Spec]:
    ends = [end for row in rows for end in (row.value, row.high) if end is not None]
    scale = canvas.plot_width / (most or max(ends, default=1.0) or 1.0)
    height = 14 if canvas.is_narrow else 18
    drop = 12 if canvas.is_narrow else 0
    drawn = [_placed(row, at * pitch + pitch / 2 + drop / 2, scale, height, canvas) for at, row in enumerate(rows)]
    held = [row for row in drawn if row["has_value"]]
    layers = [_names(drawn, canvas)]
    if reference is not None:
        layers.append(_reference(reference * scale, canvas))
    for is_estimate in (False, True):
        some = [row for row in held if row["is_estimate"] is is_estimate]
        look = {"strokeWidth": 1.6, "strokeDash": [4, 3], "fillOpacity": 0.12} if is_estimate else {"strokeWidth": 0}
        layers.append(
            tipped(
                {
                    "data": {"values": some},
                    "mark": {"type": "rect", "cornerRadiusEnd": 1} | look,
                    "encoding": _box()
                    | {
                        "fill": {"field": "colour", "type": "nominal", "scale": None},
                        "stroke": {"field": "colour", "type": "nominal", "scale": None},
                    },
                }
            )
        )
    with_interval = [row for row in held if row["low"] is not None]
    if with_interval:
        layers.append(_whiskers(with_interval))
    return [*layers, _values(drawn)]


def _reference(at: float, canvas: Canvas) -> Spec:
    line = {"type": "rule", "color": "var(--muted)", "strokeDash": [2, 3]}
    ends = {"y": {"value": 0}, "y2": {"value": canvas.plot_height}}
    return {"data": {"values": [{"x": at}]}, "mark": line, "encoding": {"x": _pixels("x")} | ends}


def _placed(row: Bar, middle: float, scale: float, height: float, canvas: Canvas) -> Spec:
    length = max((row.value or 0) * scale, 1)
    end = max(length, min((row.high or 0) * scale, canvas.plot_width))
    return {
        "name": row.name,
        "shown": row.shown,
        "colour": f"var(--{row.colour})",
        "is_estimate": row.is_estimate,
        "has_value": row.value is not None,
        "x": 0,
        "x2": length,
        "y": middle - height / 2,
        "y2": middle + height / 2,
        "middle": middle,
        "label_y": middle - height / 2 - 9 if canvas.is_narrow else middle,
        "low": None if row.low is None else row.low * scale,
        "high": None if row.high is None else min(row.high * scale, canvas.plot_width),
        "end": (end + 8) if row.value is not None else 4,
        "tip": tip(row.name, row.says or row.shown),
    }


def _pixels(field: str) -> Spec:
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}


def _box() -> Spec:
    return {"x": _pixels("x"), "x2": {"field": "x2"}, "y": _pixels("y"), "y2": {"field": "y2"}}


def _names(rows: Sequence[Spec], canvas: Canvas) -> Spec:
    align = "left" if canvas.is_narrow else "right"
    return {
        "data": {"values": list(rows)},
        "mark": {"type": "text", "align": align, "baseline": "middle", "fontSize": 13, "limit": canvas.width - 8},
        "encoding": {
            "x": {"value": 0 if canvas.is_narrow else -10},
            "y": _pixels("label_y"),
            "text": {"field": "name", "type": "nominal"},
        },
    }


def _values(rows: Sequence[Spec]) -> Spec:
    return {
        "data": {"values": list(rows)},
        "mark": {"type": "text", "align": "left", "baseline": "middle", "fontSize": 13, "fontWeight": "bold"},
        "encoding": {
            "x": _pixels("end"),
            "y": _pixels("middle"),
            "text": {"field": "shown", "type": "nominal"},
        },
    }


def _whiskers(rows: Sequence[Spec]) -> Spec:
    return {
        "data": {"values": list(rows)},
        "mark": {"type": "rule", "color": "var(--ink)", "strokeWidth": 2},
        "encoding": {"x": _pixels("low"), "x2": {"field": "high"}, "y": _pixels("middle")},
    }
