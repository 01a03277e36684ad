"""What every chart shares: sizes, axes, rendering by vl-convert, and the SVG as the page takes it."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import vl_convert

from warehouse.release.site.wording import THIN

Spec = dict[str, Any]
VEGA_LITE = "6.1"
WIDE, NARROW = 720, 340
"""Pixels of the two renderings: text keeps its size on a phone, since nothing is scaled down by half."""

_KEPT_ATTRIBUTES = re.compile(r' (?:role|aria-roledescription|aria-hidden|pointer-events|font-family|display)="[^"]*"')
_AXIS_LABEL = re.compile(r' aria-label="(?:X-axis|Y-axis)[^"]*"')
_GEOMETRY = re.compile(r' (d|transform|x2|y2|x|y|width|height)="([^"]*)"')
_LONG_DECIMAL = re.compile(r"(\.\d)\d+")
_HIDDEN = re.compile(r"<(?:path|g|text) [^>]*?(?:class=\"(?:background|foreground)\")[^>]*/>")
_INVISIBLE_TEXT = re.compile(r'<text [^>]*opacity="0"[^>]*>[^<]*</text>')


@dataclass(frozen=True, slots=True)
class Canvas:
    """Size of one rendering: the plot and the margins around it, in pixels."""

    width: int
    height: int
    left: int
    right: int
    top: int = 14
    bottom: int = 28

    @property
    def plot_width(self) -> int:
        """Width between the margins."""
        return self.width - self.left - self.right

    @property
    def plot_height(self) -> int:
        """Height between the margins."""
        return self.height - self.top - self.bottom

    @property
    def is_narrow(self) -> bool:
        """Whether this is the rendering for a phone."""
        return self.width < 500


class Drawing(Protocol):
    """Draws a chart: the canvas and the layers of a Vega-Lite specification."""

    def __call__(self, *, narrow: bool) -> tuple[Canvas, list[Spec]]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Rendering:
    """What one rendering of a chart is made from: everything that decides its `<svg>`."""

    canvas: Canvas
    spec: Spec

    @property
    def key(self) -> str:
        """A hash of the specification and of what turns it into an `<svg>`."""
        text = json.dumps([self.spec, asdict(self.canvas), *_renderer()], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def svg(self) -> str:
        """The chart as one `<svg>` without fonts, scripts, ids or roles; marks have `data-tip`. Takes 0.1 s."""
        return _trimmed(vl_convert.vegalite_to_svg(self.spec, vl_version=VEGA_LITE), self.canvas)


@cache
def _renderer() -> tuple[str, str, str]:
    """What else decides an `<svg>`: vl-convert, Vega-Lite and this module."""
    return version("vl-convert-python"), VEGA_LITE, hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def rendering(drawing: Drawing, *, narrow: bool) -> Rendering:
    """A chart as it will be rendered, for a phone or a wide window."""
    canvas, layers = drawing(narrow=narrow)
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": canvas.plot_width,
        "height": canvas.plot_height,
        "padding": {"left": canvas.left, "right": canvas.right, "top": canvas.top, "bottom": canvas.bottom},
        "autosize": {"type": "none"},
        "layer": layers,
        "config": _CONFIG,
    }
    return Rendering(canvas, spec)


def _trimmed(svg: str, canvas: Canvas) -> str:
    """Vega's SVG without what a page does not need; `aria-label` of a mark becomes `data-tip`."""
    svg = _AXIS_LABEL.sub("", _KEPT_ATTRIBUTES.sub("", svg))
    svg = _INVISIBLE_TEXT.sub("", _HIDDEN.sub("", svg))
    svg = _GEOMETRY.sub(lambda found: f' {found[1]}="{_LONG_DECIMAL.sub(chr(92) + "1", found[2])}"', svg)
    svg = re.sub(r' aria-label="(?:[^";]*: [^"]*|)"', "", svg) if 'aria-label="tip:' not in svg else svg
    svg = svg.replace('aria-label="tip:', 'data-tip="')
    svg = re.sub(r' aria-label="[^"]*"', "", svg)
    return re.sub(
        r"^<svg [^>]*>",
        f'<svg viewBox="0 0 {canvas.width} {canvas.height}" width="{canvas.width}" height="{canvas.height}"'
        ' aria-hidden="true" focusable="false">',
        svg,
        count=1,
    )


_CONFIG: Spec = {
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "domain": False,
        "ticks": False,
        "grid": False,
        "title": None,
        "labelColor": "var(--muted)",
        "labelFontSize": 12.5,
        "labelPadding": 6,
        "gridColor": "var(--grid)",
    },
    "text": {"fontSize": 12.5, "color": "var(--ink)"},
}


def tipped(layer: Spec, field: str = "tip") -> Spec:
    """A layer whose marks say a field of their row when pointed at. The field begins with `tip:`."""
    layer["encoding"]["description"] = {"field": field, "type": "nominal"}
    return layer


def tip(*parts: str) -> str:
    """The text of a mark's tooltip, line by line."""
    return "tip:" + " · ".join(part for part in parts if part)


def ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round values from below `low` to above `high`: (0, 187) gives 0, 50, 100, 150, 200."""
    least = max(abs(low), abs(high), 1.0) * 1e-9
    span = high - low if high - low > least else max(abs(high), least)
    raw = span / wanted
    size: float = 10.0 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * at, 10) for at in range(first, last + 1)]


def tick_label(form: str, high: float) -> str:
    """The Vega expression that writes an axis' numbers; one unit for the whole axis."""
    if form == "percent":
        return f"format(datum.value * 100, ',.0f') + '{THIN}%'"
    unit, word = next(
        ((size, word) for size, word in ((1e9, "bn"), (1e6, "m"), (1e3, "k")) if high >= size * 2), (1, "")
    )
    if form in ("plain", "price", "years") or (form == "tonnes" and high < 1e6):
        unit, word = 1, ""
    if form == "weight":
        unit, word = (1000, "t") if high >= 10_000 else (1, "kg")
    text = f"replace(format(datum.value / {unit}, ',.2~f'), '-', '−')"
    return f"datum.value == 0 ? '0' : {text} + '{THIN + word if word else ''}'"


def y_axis(canvas: Canvas, values: Sequence[float], form: str) -> Spec:
    """A scale with grid lines and labels at given values."""
    return {
        "type": "quantitative",
        "scale": {"domain": [values[0], values[-1]], "nice": False, "zero": False},
        "axis": {
            "values": list(values),
            "grid": True,
            "labelExpr": tick_label(form, values[-1]),
            "labelPadding": 8,
            "labelLimit": canvas.left,
        },
    }


def x_years(canvas: Canvas, first: float, last: float) -> Spec:
    """A scale of decimal years, with whole years as labels, as many as there is room for."""
    room = max(canvas.plot_width // 62, 2)
    step = next(step for step in (1, 2, 5, 10, 20, 50) if (last - first) / step <= room)
    start = math.ceil(first / step - 1e-9) * step
    return {
        "type": "quantitative",
        "scale": {"domain": [first, last], "nice": False, "zero": False},
        "axis": {"values": list(range(int(start), math.floor(last) + 1, step)), "format": "d", "labelOverlap": False},
    }


def spread(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions moved apart until neighbours are `gap` pixels from each other, in their order, within bounds."""
    order = sorted(range(len(positions)), key=lambda at: positions[at])
    placed = [min(max(positions[at], low), high) for at in order]
    for _ in range(60):
        for at in range(1, len(placed)):
            overlap = gap - (placed[at] - placed[at - 1])
            if overlap > 0:
                placed[at - 1] -= overlap / 2
                placed[at] += overlap / 2
        placed = [min(max(y, low), high) for y in placed]
    found = dict(zip(order, placed, strict=True))
    return [found[at] for at in range(len(positions))]
