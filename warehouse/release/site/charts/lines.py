"""Lines over time: labelled at their ends, with intervals as bands, estimates hollow, and gaps as gaps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from warehouse.release.site.charts.canvas import (
    NARROW,
    WIDE,
    Canvas,
    Drawing,
    Spec,
    spread,
    ticks,
    tip,
    tipped,
    x_years,
    y_axis,
)


@dataclass(frozen=True, slots=True)
class Point:
    """A figure at a decimal year; `y` is None for a gap. `low` and `high` are its interval, if it has one."""

    x: float
    y: float | None
    says: str
    low: float | None = None
    high: float | None = None
    is_estimate: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A series: its colour is a name of the palette; a step line holds each value until the next."""

    name: str
    colour: str
    points: Sequence[Point]
    is_dashed: bool = False
    is_step: bool = False
    is_context: bool = False
    has_marks: bool = True

    @property
    def last(self) -> Point | None:
        """The last point with a value."""
        return next((point for point in reversed(self.points) if point.y is not None), None)


@dataclass(frozen=True, slots=True)
class Mark:
    """A dated step, drawn as a vertical line with a short label above."""

    x: float
    label: str
    says: str


@dataclass(frozen=True, slots=True)
class Scale:
    """How a chart of lines is laid out: format of its numbers, height, margins and bounds."""

    form: str
    height: int = 340
    right: int = 130
    left: int = 58
    from_zero: bool = True
    first: float | None = None
    last: float | None = None
    top_value: float | None = None
    marks: Sequence[Mark] = field(default_factory=list)


def lines(series: Sequence[Line], scale: Scale) -> Drawing:
    """A chart of these lines."""

    def draw(*, narrow: bool) -> tuple[Canvas, list[Spec]]:
        return _draw(series, scale, narrow=narrow)

    return draw


def _draw(series: Sequence[Line], scale: Scale, *, narrow: bool) -> tuple[Canvas, list[Spec]]:
    longest = max((len(line.name) for line in series), default=0)
    right = min(scale.right, longest * 7 + 16)
    canvas = Canvas(
        width=NARROW if narrow else WIDE,
        height=min(scale.height, 280) if narrow else scale.height,
        left=scale.left if not narrow else min(scale.left, 52),
        right=right if not narrow else min(right, 104),
        top=30 if scale.marks else 14,
    )
    points = [point for line in series for point in line.points]
    highs = [y for point in points for y in (point.y, point.high) if y is not None]
    lows = [y for point in points for y in (point.y, point.low) if y is not None]
    top = scale.top_value or max(highs, default=1.0)
    values = ticks(0.0 if scale.from_zero else min(lows), top, 4 if narrow else 5)
    first = scale.first if scale.first is not None else min(point.x for point in points)
    last = scale.last if scale.last is not None else max(point.x for point in points)
    x = x_years(canvas, first, last)
    y = y_axis(canvas, values, scale.form)
    layers = [*_marks(scale.marks, x, canvas), *(layer for line in series for layer in _line(line, x, y, values[-1]))]
    return canvas, [*layers, _end_labels(series, canvas, values, narrow=narrow)]


def _line(line: Line, x: Spec, y: Spec, most: float) -> list[Spec]:
    rows = [
        {
            "x": p.x,
            "y": p.y,
            "low": p.low,
            "high": None if p.high is None else min(p.high, most),
            "tip": tip(line.name, p.says),
            "fill": "var(--bg)" if p.is_estimate else f"var(--{line.colour})",
        }
        for p in line.points
    ]
    xy = {"x": {"field": "x"} | x, "y": {"field": "y"} | y}
    stroke = {
        "type": "line",
        "stroke": f"var(--{line.colour})",
        "strokeWidth": 1.6 if line.is_context else 2.5,
        "strokeCap": "round",
        "strokeJoin": "round",
        "invalid": "break-paths-show-domains",
        "interpolate": "step-after" if line.is_step else "linear",
        "opacity": 0.75 if line.is_context else 1,
    } | ({"strokeDash": [5, 4]} if line.is_dashed else {})
    layers: list[Spec] = []
    if any(row["low"] is not None for row in rows):
        layers += _interval(rows, line, x, y)
    layers.append({"data": {"values": rows}, "mark": stroke, "encoding": xy})
    if line.has_marks:
        seen = [row for row in rows if row["y"] is not None]
        size = 22 if line.is_context else (46 if len(seen) < 40 else 22)
        dots: Spec = {
            "data": {"values": seen},
            "mark": {
                "type": "point",
                "filled": True,
                "size": size,
                "opacity": 1,
                "strokeWidth": 1.8,
                "stroke": f"var(--{line.colour})",
            },
            "encoding": xy | {"fill": {"field": "fill", "type": "nominal", "scale": None}},
        }
        layers.append(tipped(dots))
    return layers


def _interval(rows: Sequence[Spec], line: Line, x: Spec, y: Spec) -> list[Spec]:
    """Neighbouring intervals as a band, one that stands alone as a bar."""
    with_bounds = [row["low"] is not None for row in rows]
    alone = [
        row
        for at, row in enumerate(rows)
        if with_bounds[at] and not any(with_bounds[beside] for beside in (at - 1, at + 1) if 0 <= beside < len(rows))
    ]
    bounds = {"x": {"field": "x"} | x, "y": {"field": "low"} | y, "y2": {"field": "high"}}
    band = {
        "type": "area",
        "color": f"var(--{line.colour})",
        "opacity": 0.09 if line.is_dashed else 0.2,
        "invalid": "break-paths-show-domains",
    }
    bar = {"type": "rule", "color": f"var(--{line.colour})", "opacity": 0.5, "strokeWidth": 3}
    return [
        {"data": {"values": list(rows)}, "mark": band, "encoding": bounds},
        {"data": {"values": alone}, "mark": bar, "encoding": bounds},
    ]


def _marks(marks: Sequence[Mark], x: Spec, canvas: Canvas) -> list[Spec]:
    low, high = x["scale"]["domain"]
    inside = [mark for mark in marks if low <= mark.x <= high]
    labels = _merged(inside, canvas.plot_width / ((high - low) or 1))
    rows = [{"x": m.x, "label": label, "tip": tip(m.says)} for m, label in zip(inside, labels, strict=True)]
    if not rows:
        return []
    at = {"x": {"field": "x"} | x}
    rule = {"type": "rule", "color": "var(--muted)", "strokeDash": [2, 3], "opacity": 0.8}
    text = {"type": "text", "baseline": "bottom", "fontSize": 11.5, "fontWeight": "bold", "color": "var(--muted)"}
    return [
        tipped({"data": {"values": rows}, "mark": rule, "encoding": dict(at)}),
        tipped(
            {
                "data": {"values": rows},
                "mark": text,
                "encoding": at | {"y": {"value": -6}, "text": {"field": "label", "type": "nominal"}},
            }
        ),
    ]


def _merged(marks: Sequence[Mark], scale: float) -> list[str]:
    """Labels of marks; of those too near to each other the first has them all: `8–11`, the others none."""
    groups: list[list[Mark]] = []
    for mark in marks:
        if groups and (mark.x - groups[-1][0].x) * scale < 30:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return [
        (f"{group[0].label}–{group[-1].label}" if len(group) > 1 else group[0].label) if at == 0 else ""
        for group in groups
        for at in range(len(group))
    ]


def _end_labels(series: Sequence[Line], canvas: Canvas, values: Sequence[float], *, narrow: bool) -> Spec:
    """The name of each line beside its last value, moved apart where two would overlap."""
    labelled = [(line, line.last) for line in series if line.name and line.last]
    spare = canvas.plot_height / ((values[-1] - values[0]) or 1)
    heights = [canvas.plot_height - ((point.y or 0) - values[0]) * spare for _, point in labelled if point]
    places = spread(heights, 15, 4, canvas.plot_height - 2)
    rows = [
        {"name": line_name, "y": place, "colour": f"var(--{line.colour})"}
        for (line, _), place in zip(labelled, places, strict=True)
        for line_name in [_fitted(line.name, canvas.right) if narrow else line.name]
    ]
    return {
        "data": {"values": rows},
        "mark": {"type": "text", "align": "left", "baseline": "middle", "fontSize": 12.5, "fontWeight": "bold"},
        "encoding": {
            "x": {"value": canvas.plot_width + 9},
            "y": {"field": "y", "type": "quantitative", "scale": None, "axis": None},
            "text": {"field": "name", "type": "nominal"},
            "color": {"field": "colour", "type": "nominal", "scale": None},
        },
    }


def _fitted(name: str, room: int) -> str:
    """A name cut to the room that a phone has."""
    most = math.floor((room - 12) / 6.6)
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"
