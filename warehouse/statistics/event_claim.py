"""Which dates an event study may claim: many tests are corrected for, and the break must lie at the date.

A drop or a rise becomes no_evidence in two cases. Its q-value, by Benjamini and Hochberg (1995) over all tests of one
call, is above MAX_Q. Or a scan over the months around the date puts the break elsewhere: windows of
neighbouring dates share their figures, so one break makes many dates look unusual.
"""

from __future__ import annotations

import polars as pl

from warehouse.figures import settle_difference, settled
from warehouse.statistics.event_study import SERIES, WINDOW, contrasts

MAX_Q = 0.1
"""Largest false discovery rate of a verdict: of ten tests that are claimed, one may be of nothing."""
MAX_LAG = 1
"""A break shows in the month of its date, or in the next: months cannot tell the two apart."""

_SERIES_AND_MEASURE = [*SERIES, "effect_measure"]
_STUDY = ["event_date", *_SERIES_AND_MEASURE]


def q_values(p_values: list[float | None]) -> list[float | None]:
    """Smallest false discovery rate at which each test is rejected; null where there is no p-value.

    `q_values([0.01, None, 0.04, 0.03])` is `[0.03, None, 0.04, 0.04]` (Benjamini and Hochberg 1995).
    """
    ranked = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    found: list[float | None] = [None] * len(p_values)
    least = 1.0
    for rank, (p, place) in reversed(list(enumerate(ranked, start=1))):
        least = min(least, p * len(ranked) / rank)
        found[place] = settle_difference(least)
    return found


def claimed(found: pl.DataFrame, months: pl.DataFrame) -> pl.DataFrame:
    """Effects with the verdicts that fail the correction or the scan set to no_evidence.

    The family of the correction is every row of `found` that has a p-value.

    Args:
        found: one row a study and measure, with `p_value`, `placebo_mean_log`, `month` and `verdict`.
        months: as for `event_study.contrasts`.

    Returns:
        The same rows with `q_value`; `n_tests`, the size of the family; `scan_break_on`, the first month of the new
        level that the scan finds within 12 months of the date, and `scan_distance_months` from the date's month to it
        (null without an estimate); `nearest_date`, of the dates that share a break in their month or the next the one
        nearest to it.
    """
    frame = found.with_columns(
        pl.Series("q_value", q_values(found["p_value"].to_list()), pl.Float64),
        pl.col("p_value").count().cast(pl.Int32).alias("n_tests"),
    )
    frame = frame.join(_breaks(found, months), on=_STUDY, how="left", maintain_order="left")
    months_apart = (pl.col("scan_break_on").dt.year() - pl.col("month").dt.year()) * 12 + (
        pl.col("scan_break_on").dt.month().cast(pl.Int32) - pl.col("month").dt.month().cast(pl.Int32)
    )
    frame = frame.with_columns(months_apart.cast(pl.Int32).alias("scan_distance_months"))
    at_date = pl.col("scan_distance_months").is_between(0, MAX_LAG)
    nearest = (
        frame.filter(at_date)
        .with_columns((pl.col("event_date") - pl.col("scan_break_on")).dt.total_days().abs().alias("days"))
        .sort(*_SERIES_AND_MEASURE, "scan_break_on", "days", "event_date")
        .group_by(*_SERIES_AND_MEASURE, "scan_break_on", maintain_order=True)
        .agg(pl.col("event_date").first().alias("nearest_date"))
    )
    frame = frame.join(nearest, on=[*_SERIES_AND_MEASURE, "scan_break_on"], how="left", maintain_order="left")
    is_claimed = at_date & (pl.col("event_date") == pl.col("nearest_date")) & (pl.col("q_value") <= MAX_Q)
    is_verdict = pl.col("verdict").is_in(["drop", "rise"])
    verdict = pl.when(is_verdict & ~is_claimed.fill_null(value=False)).then(pl.lit("no_evidence")).otherwise("verdict")
    return frame.with_columns(verdict.alias("verdict"))


def _breaks(found: pl.DataFrame, months: pl.DataFrame) -> pl.DataFrame:
    """The month within two windows of each date at which the series changes most, against other dates' mean."""
    scan = contrasts(months, gap=0).filter(pl.col("did_log").is_not_null())
    scan = scan.select(
        *_SERIES_AND_MEASURE, pl.col("month").alias("scan_break_on"), pl.col("did_log").alias("at_break")
    )
    reach = pl.lit(f"{2 * WINDOW}mo")
    near = pl.col("scan_break_on").is_between(
        pl.col("month").dt.offset_by(pl.lit("-") + reach), pl.col("month").dt.offset_by(reach)
    )
    return (
        settled(
            found.filter(pl.col("p_value").is_not_null())
            .select(*_STUDY, "month", "placebo_mean_log")
            .join(scan, on=_SERIES_AND_MEASURE, how="inner")
            .filter(near)
            .with_columns((pl.col("at_break") - pl.col("placebo_mean_log")).abs().alias("size"))
        )
        .sort(*_STUDY, "size", "scan_break_on", descending=[False] * len(_STUDY) + [True, False])
        .group_by(_STUDY, maintain_order=True)
        .first()
        .select(*_STUDY, "scan_break_on")
    )
