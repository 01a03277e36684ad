"""Event studies: did a monthly series change around a date by more than it changes around other dates?

For every month of a series: the change of its level from the six months before to the six months after, on the log
scale, minus the same change of its comparison (a difference in differences). Months whose windows do not overlap the
event's are placebo dates: no event is assumed there, so they show how much the series changes by itself. The event's
change is compared with theirs by a prediction interval of Student's t. Windows of neighbouring months share figures, so
the degrees of freedom count only placebo dates whose windows share none.

The last digits of sums and logarithms depend on the machine. Sums over windows are settled before a level is compared
with its floor, contrasts before an interval is made of them, intervals before a verdict is (warehouse/figures.py).
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any

import polars as pl

from warehouse.figures import settle_difference, settled
from warehouse.statistics.student import student_cdf, student_quantile

WINDOW = 6
"""Whole months before and after an event; its own month is in neither window."""
MIN_MONTHS = 4
"""Months of a window that must have a figure."""
MIN_SERIES = 3
"""Other partners that must have traded in the windows, where the comparison is made of partners."""
MIN_APART = 4
"""Placebo dates needed whose windows share no month: with fewer the spread is a guess."""
CONFIDENCE = 0.95
"""Nominal coverage of the prediction interval."""
FLOOR_SHARE = 0.01
"""Levels below this share of the series' mean are raised to it: zero has no logarithm."""

SERIES = ["source_code", "reporter_code", "partner_code", "flow", "product_key"]
_TERMS = {
    "value": ("value_usd", None),
    "weight": ("net_weight_kg", None),
    "unit_value": ("weighed_usd", "weighed_kg"),
}
"""Each measure as a ratio of two columns summed over a window; None divides by the number of months."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An event's change compared with that of the placebo dates; null figures where there are too few of them.

    `n_dates` placebo dates, `n_apart` of them with windows that share no month; `mean_log` of their changes,
    `effect_log` with its interval and two-sided `p_value`. Figures are logs of ratios: −0.7 is a fall to a half.
    """

    n_dates: int
    n_apart: int
    mean_log: float | None = None
    effect_log: float | None = None
    low_log: float | None = None
    high_log: float | None = None
    p_value: float | None = None


def months_apart(dates: list[int], least: int) -> int:
    """How many of the months can be chosen at least `least` apart: `months_apart([1, 5, 14], 13)` is 2.

    `dates` are months counted from year 0, ascending.
    """
    count, last = 0, -math.inf
    for month in dates:
        if month - last >= least:
            count, last = count + 1, month
    return count


def estimate(at_event: float | None, placebos: list[tuple[int, float]]) -> Estimate:
    """The event's change minus the mean of the placebo dates', with its prediction interval.

    Args:
        at_event: difference in differences of logs at the event; null where it is unknown.
        placebos: month (counted from year 0) and the same difference, ascending.

    Returns:
        Settled figures; null ones where the change is unknown, or the placebo dates are too few or do not vary.
    """
    apart = months_apart([month for month, _ in placebos], 2 * WINDOW + 1)
    return predicted(at_event, [change for _, change in placebos], apart, MIN_APART)


def predicted(at_event: float | None, changes: list[float], n_apart: int, least: int) -> Estimate:
    """A change minus the mean of placebo changes, with the interval of a new observation.

    The interval is effect ± t · s · √(1 + 1/n), with s the standard deviation over all placebos and n those that share
    no figure.

    Args:
        at_event: the change; null where it is unknown.
        changes: the same of the placebos (dates, years or partners).
        n_apart: placebos that share no figure with each other: the degrees of freedom plus one.
        least: placebos of that kind that are needed.
    """
    if at_event is None or n_apart < least:
        return Estimate(len(changes), n_apart)
    mean = math.fsum(changes) / len(changes)
    spread = math.sqrt(math.fsum((change - mean) ** 2 for change in changes) / (len(changes) - 1) * (1 + 1 / n_apart))
    if settle_difference(spread) == 0:
        return Estimate(len(changes), n_apart)
    effect = at_event - mean
    reach = student_quantile((1 + CONFIDENCE) / 2, n_apart - 1) * spread
    p_value = 2 * (1 - student_cdf(abs(effect) / spread, n_apart - 1))
    figures = (mean, effect, effect - reach, effect + reach, p_value)
    return Estimate(len(changes), n_apart, *(settle_difference(figure) for figure in figures))


def direction(found: Estimate) -> str:
    """What an interval says by itself: drop, rise, no_evidence, or insufficient_data where there is none."""
    if found.low_log is None or found.high_log is None:
        return "insufficient_data"
    return "drop" if found.high_log < 0 else "rise" if found.low_log > 0 else "no_evidence"


def contrasts(months: pl.DataFrame, *, gap: int = 1) -> pl.DataFrame:
    """Every measure of every series at every month: levels before and after, its change and that of its comparison.

    Args:
        months: one row a series and month: the columns of SERIES, `month` (its first day), `value_usd`,
            `net_weight_kg`, `weighed_usd`, `weighed_kg` (value and weight of flows that have both), the same four of
            the comparison with the prefix `placebo_`, `n_placebo_series` (null where the comparison is not made of
            partners), `rounding_usd` and `rounding_kg`.
        gap: 1 leaves the month itself out of both windows; 0 begins the window after with it, as where a new level
            begins in that month.

    Returns:
        One row a series, measure and month, from six months before the first to six after the last: counts of months,
        levels (US$ or kg a month, US$ per kg), the sums they are made of and their floors, `target_log`,
        `placebo_log`, `did_log`. Every figure is settled.
    """
    grid = _grid(months)
    table = pl.concat(_contrast(grid, measure, gap) for measure in _TERMS).sort(*SERIES, "effect_measure", "month")
    return settled(table)


def _grid(months: pl.DataFrame) -> pl.DataFrame:
    """The months of each series without gaps, extended by a window at either end."""
    spans = months.group_by(SERIES).agg(
        pl.date_ranges(
            pl.col("month").min().dt.offset_by(f"-{WINDOW}mo"), pl.col("month").max().dt.offset_by(f"{WINDOW}mo"), "1mo"
        ).first()
    )
    return spans.explode("month").join(months, on=[*SERIES, "month"], how="left").sort(*SERIES, "month")


def _contrast(grid: pl.DataFrame, measure: str, gap: int) -> pl.DataFrame:
    """`contrasts` of one measure."""
    frame = grid.with_columns(term for side in SIDES for term in _terms(side, measure))
    frame = frame.with_columns(_floor(side, measure) for side in SIDES)
    steps = {"before": range(1, WINDOW + 1), "after": range(-gap, -gap - WINDOW, -1)}
    windows = [_window(side, when, shifts) for side in SIDES for when, shifts in steps.items()]
    frame = settled(frame.with_columns(expression for window in windows for expression in window))
    frame = frame.with_columns(
        pl.lit(measure).alias("effect_measure"),
        log_change("").alias("target_log"),
        log_change("placebo_").alias("placebo_log"),
        pl.max_horizontal(_traded(shifts) for shifts in steps.values()).alias("n_placebo_series"),
    )
    levels = [f"{side}{what}_{when}" for side in SIDES for what in _OF_WINDOW for when in ("before", "after")]
    return frame.select(
        *SERIES,
        "effect_measure",
        "month",
        *levels,
        *(f"{side}floor" for side in SIDES),
        "n_placebo_series",
        "target_log",
        "placebo_log",
        (pl.col("target_log") - pl.col("placebo_log")).alias("did_log"),
    )


SIDES = ("", "placebo_")
"""Prefixes of the columns of the series and of its comparison."""
_OF_WINDOW = ("n", "level", "top", "bottom")
"""Figures of a window: months with a figure, level, and the two sums whose ratio the level is."""


def _terms(side: str, measure: str) -> list[pl.Expr]:
    """The two columns that are summed over a window, in months that have both."""
    top, bottom = _TERMS[measure]
    divisor = pl.col(f"{side}{bottom}") if bottom else pl.lit(1.0)
    is_known = pl.col(f"{side}{top}").is_not_null() & (divisor > 0)
    return [
        pl.when(is_known).then(f"{side}{top}").alias(f"{side}top"),
        pl.when(is_known).then(divisor).alias(f"{side}bottom"),
    ]


def _floor(side: str, measure: str) -> pl.Expr:
    """Least level of a series: FLOOR_SHARE of its mean, and at least the rounding of a month."""
    rounding = {"value": pl.col("rounding_usd").max(), "weight": pl.col("rounding_kg").max()}.get(measure, pl.lit(0.0))
    mean = pl.col(f"{side}top").sum() / pl.col(f"{side}bottom").sum()
    return pl.max_horizontal(FLOOR_SHARE * mean, rounding).over(SERIES).alias(f"{side}floor")


def _window(side: str, when: str, shifts: range) -> list[pl.Expr]:
    """Months with a figure in the window on one side of each month, and the level of the window.

    `shifts` are the months of the window: 1 to 6 for those before, −1 to −6 for those after.
    """
    tops, bottoms = ([pl.col(f"{side}{term}").shift(k).over(SERIES) for k in shifts] for term in ("top", "bottom"))
    count = pl.sum_horizontal(top.is_not_null().cast(pl.Int32) for top in tops)
    top, bottom = pl.sum_horizontal(tops), pl.sum_horizontal(bottoms)
    return [
        count.cast(pl.Int32).alias(f"{side}n_{when}"),
        pl.when(count > 0).then(top / bottom).alias(f"{side}level_{when}"),
        top.alias(f"{side}top_{when}"),
        bottom.alias(f"{side}bottom_{when}"),
    ]


def _traded(shifts: range) -> pl.Expr:
    """Most partners of the comparison that traded in one month of a window."""
    return pl.max_horizontal(pl.col("n_placebo_series").shift(k).over(SERIES) for k in shifts)


def log_change(side: str) -> pl.Expr:
    """Log of the level after over before; null with too few months, or where both levels are at or below the floor.

    `side` is one of SIDES.
    """
    before, after, floor = (pl.col(f"{side}{name}") for name in ("level_before", "level_after", "floor"))
    is_whole = (pl.col(f"{side}n_before") >= MIN_MONTHS) & (pl.col(f"{side}n_after") >= MIN_MONTHS)
    is_traded = pl.max_horizontal(before, after) > floor
    change = (pl.max_horizontal(after, floor) / pl.max_horizontal(before, floor)).log()
    return pl.when(is_whole & is_traded).then(change)


def effects(months: pl.DataFrame, studies: pl.DataFrame) -> pl.DataFrame:
    """Study every date of every series: the change at the event compared with that at placebo dates.

    Args:
        months: as for `contrasts`.
        studies: one row a date and series: `event_date`, the columns of SERIES, `has_unaffected` (false where the
            step affects every partner of the series alike), `does_bear` (false where no step of the date is about the
            series' goods).

    Returns:
        One row a date, series and measure: the columns of `contrasts` at the event's month, `n_placebo_dates`,
        `n_placebo_dates_apart`, `placebo_mean_log`, `effect_log`, `effect_low_log`, `effect_high_log`, `p_value` and
        `verdict` (drop, rise, no_evidence, insufficient_data).
    """
    table = contrasts(months)
    at_events = (
        studies.with_columns(pl.col("event_date").dt.truncate("1mo").alias("month"))
        .join(pl.DataFrame({"effect_measure": list(_TERMS)}), how="cross")
        .join(table, on=[*SERIES, "effect_measure", "month"], how="left")
        .sort("event_date", *SERIES, "effect_measure")
    )
    usable = table.filter(pl.col("did_log").is_not_null()).partition_by(*SERIES, "effect_measure", as_dict=True)
    found = [_studied(row, usable) for row in at_events.iter_rows(named=True)]
    return settled(at_events.hstack(pl.DataFrame(found, schema=_FOUND, orient="row")))


_FOUND = {
    "n_placebo_dates": pl.Int32(),
    "n_placebo_dates_apart": pl.Int32(),
    "placebo_mean_log": pl.Float64(),
    "effect_log": pl.Float64(),
    "effect_low_log": pl.Float64(),
    "effect_high_log": pl.Float64(),
    "p_value": pl.Float64(),
    "verdict": pl.String(),
}


def _studied(row: dict[str, Any], usable: dict[tuple[Any, ...], pl.DataFrame]) -> tuple[Any, ...]:
    """The columns of _FOUND for one study, a row of the contrasts at events."""
    others = usable.get(tuple(row[name] for name in (*SERIES, "effect_measure")))
    event = running_month(row["month"])
    placebos = [
        (running_month(month), change)
        for month, change in (others.select("month", "did_log").iter_rows() if others is not None else ())
        if abs(running_month(month) - event) > 2 * WINDOW
    ]
    n_series = row["n_placebo_series"]
    is_comparable = row["does_bear"] and row["has_unaffected"] and (n_series is None or n_series >= MIN_SERIES)
    found = estimate(row["did_log"] if is_comparable else None, placebos)
    return (*astuple(found), direction(found))


def running_month(month: date) -> int:
    """Months counted from year 0: 24,302 for February 2025."""
    return month.year * 12 + month.month
