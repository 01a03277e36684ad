"""Charts of the site: what is drawn, and what a page needs of it."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.release.site.charts.bars import Bar, bars
from warehouse.release.site.charts.canvas import rendering, spread, ticks
from warehouse.release.site.charts.grid import Square, grid
from warehouse.release.site.charts.lines import Line, Mark, Point, Scale, lines


def line_of(*values: float | None, **more: object) -> Line:
    points = [Point(2020 + at, value, f"in {2020 + at}") for at, value in enumerate(values)]
    return Line("India", "india", points, **more)


def tips(svg: str) -> list[str]:
    return re.findall(r'data-tip="([^"]*)"', svg)


def path_of_line(svg: str) -> str:
    return next(found for found in re.findall(r' d="([^"]*)" stroke="var\(--india\)"', svg) if "A" not in found)


def test_a_gap_is_drawn_as_a_gap_and_never_bridged() -> None:
    whole = path_of_line(rendering(lines([line_of(1, 2, 3, 4)], Scale("plain")), narrow=False).svg())
    broken = path_of_line(rendering(lines([line_of(1, 2, None, 4, 5)], Scale("plain")), narrow=False).svg())
    assert whole.count("M") == 1
    assert broken.count("M") == 2
    assert len(tips(rendering(lines([line_of(1, 2, None, 4)], Scale("plain")), narrow=False).svg())) == 3


def test_an_estimate_is_hollow() -> None:
    points = [Point(2020, 1, "a"), Point(2021, 2, "b", is_estimate=True)]
    svg = rendering(lines([Line("India", "india", points)], Scale("plain")), narrow=False).svg()
    assert len(re.findall(r'data-tip="[^"]*"[^>]*fill="var\(--bg\)"', svg)) == 1


def test_an_interval_is_a_band_and_a_lone_one_a_bar() -> None:
    def drawn(*points: Point) -> str:
        return rendering(lines([Line("", "reference", points, has_marks=False)], Scale("plain")), narrow=False).svg()

    band = drawn(Point(2020, 2, "", 1, 3), Point(2021, 3, "", 2, 4))
    assert re.search(r'd="M[^"]*L[^"]*Z" fill="var\(--reference\)"', band)
    bar = drawn(Point(2020, None, ""), Point(2021, 3, "", 2, 4), Point(2022, None, ""))
    assert re.search(r'<line [^>]*stroke="var\(--reference\)"[^>]*stroke-width="3"', bar)


@pytest.mark.parametrize("narrow", [False, True])
def test_a_drawing_has_no_font_role_or_colour_of_its_own(narrow: bool) -> None:
    marks = [Mark(2020.5, "1", "a step"), Mark(2020.55, "2", "another")]
    squares = [Square("row", "2020", "held", "held"), Square("row", "2021", "gap", "not held")]
    for drawing in (
        lines([line_of(1, 2, 3)], Scale("percent", marks=marks)),
        bars([Bar("China", 3, "3 t", "china"), Bar("India", None, "not held"), Bar("US", 1, "1 t", low=0.5, high=2)]),
        grid(squares, ["row"], ["2020", "2021"]),
    ):
        svg = rendering(drawing, narrow=narrow).svg()
        assert not re.findall(r"font-family|role=|aria-label|aria-roledescription|<script|href=", svg)
        colours = set(re.findall(r'(?:fill|stroke)="([^"]*)"', svg))
        assert [one for one in colours if not re.fullmatch(r"none|transparent|var\(--\w+\)", one)] == []
        assert 'aria-hidden="true"' in svg
        assert tips(svg)


def test_names_of_lines_that_end_together_are_moved_apart() -> None:
    series = [Line(name, "other", [Point(2020, 1, ""), Point(2021, 5, "")]) for name in ("EU", "US", "UK")]
    svg = rendering(lines(series, Scale("plain")), narrow=False).svg()
    heights = [float(found) for found in re.findall(r'translate\([\d.]+,([\d.]+)\)"[^>]*font-weight="bold"', svg)]
    assert len(heights) == 3
    assert all(b - a >= 12 for a, b in pairwise(sorted(heights)))


def test_neighbours_of_a_grid_that_say_the_same_are_one_mark_and_others_are_not() -> None:
    says = ["held", "held", "not held", "held"]
    columns = ["2020", "2021", "2022", "2023"]
    squares = [Square("row", year, "held", said) for year, said in zip(columns, says, strict=True)]
    found = [
        tip for tip in tips(rendering(grid(squares, ["row"], columns), narrow=False).svg()) if tip.startswith("row")
    ]
    assert found == ["row · 2020 to 2021 · held", "row · 2022 · not held", "row · 2023 · held"]


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_ticks_are_evenly_spaced_and_hold_the_values(low: float, size: float) -> None:
    high = low + size
    found = ticks(low, high)
    slack = 1e-6 * max(abs(low), abs(high), 1)
    assert found[0] <= low + slack
    assert found[-1] >= high - slack
    steps = [b - a for a, b in pairwise(found)]
    assert max(steps, default=0) - min(steps, default=0) <= 1e-6 * max(abs(found[-1]), abs(found[0]), 1)


@given(st.lists(st.floats(0, 300), min_size=1, max_size=8))
def test_positions_spread_apart_keep_their_order_and_bounds(positions: list[float]) -> None:
    found = spread(positions, 12, 0, 300)
    order = sorted(range(len(positions)), key=lambda at: positions[at])
    assert all(found[a] <= found[b] + 1e-6 for a, b in pairwise(order))
    assert all(-1e-6 <= one <= 300 + 1e-6 for one in found)


def test_a_rendering_is_known_by_what_it_is_made_from() -> None:
    def key(*values: float, narrow: bool = False) -> str:
        return rendering(lines([line_of(*values)], Scale("plain")), narrow=narrow).key

    assert key(1, 2, 3) == key(1, 2, 3)
    assert len({key(1, 2, 3), key(1, 2, 4), key(1, 2, 3, narrow=True)}) == 3
