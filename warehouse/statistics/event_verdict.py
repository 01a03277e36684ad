"""Robustness of an event study's verdicts: does the series itself move, does the verdict hold without any one month?

A drop or a rise becomes no_evidence in two cases: only the comparison moved and not the series itself, or the verdict
fails when one shipment is left out (one month of the series, or one partner's month of the comparison). Only shipments
of the event's windows are left out. The windows of placebo dates share no month with them, so the spread does not
change.
"""

from __future__ import annotations

import polars as pl

from warehouse.figures import RELATIVE_TOLERANCE, SIGNIFICANT_DIGITS, settled
from warehouse.statistics.event_study import SERIES, SIDES, WINDOW, log_change

_STUDY = ["event_date", *SERIES, "effect_measure"]
_TERMS = ("top", "bottom")
_WHEN = ("before", "after")


def upheld(found: pl.DataFrame, shipments: pl.DataFrame) -> pl.DataFrame:
    """Effects with the verdicts that are not robust set to no_evidence.

    Args:
        found: what `event_study.effects` returns.
        shipments: one row per figure that is part of a month of a series or of its comparison: the columns of SERIES,
            `shipped_month`, `is_comparison`, `is_whole_month` (false for one partner's part of a comparison),
            `shipper_code`, `shipped_usd`, `shipped_kg`, `shipped_weighed_usd`, `shipped_weighed_kg`.

    Returns:
        The same rows without the sums of their windows and with `has_moved_itself` (null where the interval contains
        0), `rests_on_shipper` and `rests_on_month` (the shipment without which the verdict fails by most; null where
        it holds without any one).
    """
    direction = pl.col("verdict").replace_strict({"drop": -1, "rise": 1}, default=None, return_dtype=pl.Int32)
    frame = found.with_columns(direction.alias("direction")).with_columns(
        (pl.col("target_log") * pl.col("direction") > 0).alias("has_moved_itself")
    )
    frame = frame.join(_rested_on(frame, shipments), on=_STUDY, how="left", maintain_order="left")
    does_fall = ~pl.col("has_moved_itself") | pl.col("rests_on_month").is_not_null()
    sums = [f"{side}{name}" for side in SIDES for name in ("floor", *(f"{t}_{w}" for t in _TERMS for w in _WHEN))]
    return settled(
        frame.with_columns(pl.when(does_fall).then(pl.lit("no_evidence")).otherwise("verdict").alias("verdict")).drop(
            "direction", *sums
        )
    )


def _rested_on(frame: pl.DataFrame, shipments: pl.DataFrame) -> pl.DataFrame:
    """The shipment of each study without which its verdict fails by most; no row where it always holds."""
    without = _left_out(frame.filter(pl.col("direction").is_not_null()), shipments)
    effect = (pl.col("target_log") - pl.col("placebo_log") - pl.col("placebo_mean_log")) * pl.col("direction")
    reach = (pl.col("effect_high_log") - pl.col("effect_low_log")) / 2
    moves = pl.col("target_log").round(SIGNIFICANT_DIGITS) * pl.col("direction") > 0
    return (
        without.with_columns((effect - reach).round(SIGNIFICANT_DIGITS).alias("margin"), moves.alias("moves"))
        .filter(pl.col("margin").is_null() | (pl.col("margin") <= 0) | (pl.col("has_moved_itself") & ~pl.col("moves")))
        .sort(*_STUDY, "margin", "shipped_month", "is_comparison", "shipper_code", nulls_last=False)
        .group_by(_STUDY, maintain_order=True)
        .first()
        .select(
            *_STUDY,
            pl.col("shipper_code").alias("rests_on_shipper"),
            pl.col("shipped_month").alias("rests_on_month"),
        )
    )


def _left_out(claims: pl.DataFrame, shipments: pl.DataFrame) -> pl.DataFrame:
    """Each study once for every shipment of its windows, with both changes computed without it."""
    month, shipped = pl.col("month"), pl.col("shipped_month")
    frame = (
        claims.join(shipments, on=SERIES, how="inner")
        .with_columns(*_shipped())
        .filter(
            pl.col("shipped_top") > 0,
            shipped != month,
            shipped.is_between(month.dt.offset_by(f"-{WINDOW}mo"), month.dt.offset_by(f"{WINDOW}mo")),
        )
    )
    frame = frame.with_columns(
        _level(side, when, (pl.col("is_comparison") == (side != "")) & is_then)
        for side in SIDES
        for when, is_then in (("before", shipped < month), ("after", shipped > month))
    )
    return frame.with_columns(log_change("").alias("target_log"), log_change("placebo_").alias("placebo_log"))


def _shipped() -> list[pl.Expr]:
    """What a shipment adds to the two sums of a window in the study's measure (a mean is a sum over months)."""
    measure, months = pl.col("effect_measure"), pl.col("is_whole_month").cast(pl.Float64)
    top = pl.when(measure == "value").then("shipped_usd").when(measure == "weight").then("shipped_kg")
    bottom = pl.when(measure == "unit_value").then("shipped_weighed_kg").otherwise(months)
    return [top.otherwise("shipped_weighed_usd").alias("shipped_top"), bottom.alias("shipped_bottom")]


def _level(side: str, when: str, is_in: pl.Expr) -> pl.Expr:
    """The level of a window without the shipment, where the shipment is in it; null where the divisor becomes 0.

    Sums are settled and shipments are not: a rest within the tolerance of the sum is 0.
    """
    top, bottom = (
        _less(f"{side}{term}_{when}", pl.when(is_in).then(f"shipped_{term}").otherwise(0.0)) for term in _TERMS
    )
    return pl.when(bottom > 0).then(top / bottom).alias(f"{side}level_{when}")


def _less(total: str, part: pl.Expr) -> pl.Expr:
    """A sum without a part of it; 0 where both are equal within the tolerance."""
    rest = pl.col(total) - part
    return pl.when(rest.abs() > RELATIVE_TOLERANCE * pl.col(total).abs()).then(rest).otherwise(rest * 0.0)
