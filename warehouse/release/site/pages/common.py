"""What several pages need: series from rows, periods in words, and charts that have something to show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from warehouse.release.site.chart import Chart
from warehouse.release.site.charts.lines import Point
from warehouse.release.site.tables import Row, decimal_year
from warehouse.release.site.wording import day

PRODUCTS = {
    "HS:850511": "magnets of metal",
    "HS:2846": "rare-earth compounds",
    "HS:284690": "compounds other than cerium",
    "HS:284610": "cerium compounds",
    "HS:280530": "rare-earth metals",
}
"""Names of the codes that pages speak of most."""

COUNTRY_COLOURS = {"CHN": "china", "IND": "india"}


def colour(code: str | None) -> str:
    """The colour of a country: China and India have their own, all others one grey."""
    return COUNTRY_COLOURS.get(code, "other") if code else "soft"


def held(charts: Iterable[Chart | None]) -> list[Chart]:
    """The charts for which the release has figures."""
    return [chart for chart in charts if chart is not None]


def points(
    rows: Sequence[Row],
    column: str,
    says: Callable[[Row], str],
    *,
    low: str | None = None,
    high: str | None = None,
    is_estimate: Callable[[Row], bool] | None = None,
) -> list[Point]:
    """The points of a series, one a row, in order of `period_start`; a row without a value is a gap."""
    return [
        Point(
            x=decimal_year(row["period_start"]),
            y=row[column],
            says=says(row),
            low=row[low] if low else None,
            high=row[high] if high else None,
            is_estimate=bool(is_estimate and is_estimate(row)),
        )
        for row in sorted(rows, key=lambda row: row["period_start"])
    ]


def with_gaps(series: Sequence[Point], step: float = 1.0) -> list[Point]:
    """The points of a yearly (or, with `step` 1/12, monthly) series, with an empty one wherever a period is missing."""
    found: list[Point] = []
    for point in series:
        if found and point.x - found[-1].x > step * 1.5:
            found.append(Point(found[-1].x + step, None, ""))
        found.append(point)
    return found


def period(row: Row) -> str:
    """The period of a row in words: `2024`, `fiscal year 2024-25`, `March 2025`."""
    start: date = row["period_start"]
    kind = row.get("period_type") or "calendar_year"
    if kind == "fiscal_year":
        return f"fiscal year {start.year}-{(start.year + 1) % 100:02d}"
    if kind == "month":
        return day(start, "month")
    if kind in ("calendar_year", "year"):
        return str(start.year)
    return day(row.get("period_end") or start)


def last_with(rows: Sequence[Row], *columns: str) -> Row | None:
    """The last row that has a value in each of these columns."""
    return next((row for row in reversed(rows) if all(row[column] is not None for column in columns)), None)
