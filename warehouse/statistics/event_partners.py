"""Event studies of short series: the change of a partner compared with that of the other partners at the same date.

Where a series is too short for placebo dates, the other partners of the same reporter, flow and product are the
placebos: the step does not touch them, so their changes from the window before to the window after show how much a
partner changes by itself. Small partners change more than large ones, so the interval of a large one is too wide
rather than too narrow.
"""

from __future__ import annotations

import math
from dataclasses import astuple
from typing import Any

import polars as pl

from warehouse.figures import settled
from warehouse.statistics.event_study import (
    FLOOR_SHARE,
    MIN_APART,
    MIN_MONTHS,
    MIN_SERIES,
    SERIES,
    WINDOW,
    direction,
    predicted,
)

MIN_SHARE = 0.01
"""Least share of a placebo partner in the comparison before the date: parcels of small partners vary without bound."""

_TERMS = {
    "value": ("shipped_usd", None),
    "weight": ("shipped_kg", None),
    "unit_value": ("shipped_weighed_usd", "shipped_weighed_kg"),
}


def among_partners(found: pl.DataFrame, shipments: pl.DataFrame) -> pl.DataFrame:
    """Effects with those that have too few placebo dates estimated among the other partners.

    Args:
        found: what `event_study.effects` returns.
        shipments: as for `event_verdict.upheld`.

    Returns:
        The same rows with `inference_basis` (placebo_dates, placebo_partners, none) and `n_placebo_partners`; a row
        with four partners or more has its estimate from them.
    """
    partners = shipments.filter(pl.col("is_comparison") & ~pl.col("is_whole_month"))
    of_series = partners.partition_by(SERIES, as_dict=True)
    rows = [_row(row, of_series.get(tuple(row[name] for name in SERIES))) for row in found.iter_rows(named=True)]
    return settled(found.drop(_FOUND, strict=False).hstack(pl.DataFrame(rows, schema=_FOUND, orient="row")))


_FOUND = {
    "inference_basis": pl.String(),
    "n_placebo_partners": pl.Int32(),
    "placebo_mean_log": pl.Float64(),
    "effect_log": pl.Float64(),
    "effect_low_log": pl.Float64(),
    "effect_high_log": pl.Float64(),
    "p_value": pl.Float64(),
    "verdict": pl.String(),
}


def _row(row: dict[str, Any], partners: pl.DataFrame | None) -> tuple[Any, ...]:
    """The columns of _FOUND of one study."""
    as_found = tuple(row[name] for name in list(_FOUND)[2:])
    if row["effect_log"] is not None:
        return "placebo_dates", None, *as_found
    n_series = row["n_placebo_series"]
    is_comparable = row["does_bear"] and row["has_unaffected"] and n_series is not None and n_series >= MIN_SERIES
    if not is_comparable or row["did_log"] is None or row["n_placebo_dates_apart"] >= MIN_APART or partners is None:
        return "none", None, *as_found
    changes = [change - row["placebo_log"] for change in _changes(row, partners)]
    found = predicted(row["did_log"], changes, len(changes), MIN_APART)
    basis = "none" if found.effect_log is None else "placebo_partners"
    return basis, len(changes), *astuple(found)[2:], direction(found)


def _changes(row: dict[str, Any], partners: pl.DataFrame) -> list[float]:
    """Log change of every partner from the window before to that after.

    Partners that traded in four of the six months before, and were a hundredth of the comparison or more. A partner
    that stops falls to a hundredth of its mean of both windows.
    """
    top, bottom = _TERMS[row["effect_measure"]]
    month = pl.lit(row["month"])
    shipped = pl.col("shipped_month")
    windows = {
        "before": shipped.is_between(month.dt.offset_by(f"-{WINDOW}mo"), month.dt.offset_by("-1mo")),
        "after": shipped.is_between(month.dt.offset_by("1mo"), month.dt.offset_by(f"{WINDOW}mo")),
    }
    terms = {"": top, "by_": bottom or top}
    sums = (
        partners.filter(pl.col(top) > 0)
        .sort("shipper_code", "shipped_month")
        .group_by("shipper_code", maintain_order=True)
        .agg(
            windows["before"].sum().alias("n"),
            *(
                pl.col(term).filter(is_in).sum().alias(f"{prefix}{name}")
                for prefix, term in terms.items()
                for name, is_in in windows.items()
            ),
        )
        .filter(pl.col("n") >= MIN_MONTHS)
    )
    changes = []
    for partner in sums.iter_rows(named=True):
        before, after = (
            partner[when] / (partner[f"by_{when}"] or math.inf) if bottom else partner[when] / row[f"n_{when}"]
            for when in ("before", "after")
        )
        is_small = not bottom and before < MIN_SHARE * row["placebo_level_before"]
        if is_small or (bottom and after == 0):
            continue
        floor = FLOOR_SHARE * (before + after) / 2
        changes.append(math.log(max(after, floor) / before))
    return changes
