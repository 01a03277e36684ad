"""Derived figures: how they are rounded before they are published, and how two of them are compared.

A sum, a logarithm or a matrix product may differ in its last digit between two processors, thread counts or row
orders. Two rules keep that digit out of a release. Derived figures are settled: rounded to nine significant digits.
And no rule or test compares derived figures exactly: two figures are equal within a stated relative tolerance.

dbt models use the macros of the same names (`dbt_project/macros/figures.sql`), with the same two numbers in the vars
of `dbt_project.yml`.
"""

from __future__ import annotations

import math

import polars as pl
import polars.selectors as cs

SIGNIFICANT_DIGITS = 9
"""Digits a derived figure keeps. Noise of 1e-15 then changes about one figure in ten million."""

RELATIVE_TOLERANCE = 1e-7
"""Two figures within this share of the larger are equal. It is 20 times the rounding of a settled figure (5e-9), so
that sums of settled figures pass, and far below any change that a publisher makes."""


def settle(value: float, digits: int = SIGNIFICANT_DIGITS) -> float:
    """Round to significant digits: `settle(103.60000000000001)` is 103.6. Infinities and NaN stay as they are."""
    return float(f"{value:.{digits - 1}e}") + 0.0


def settle_difference(value: float, digits: int = SIGNIFICANT_DIGITS) -> float:
    """Round to significant digits, and below 1 to decimal places: `settle_difference(-1e-17)` is 0.0.

    For logarithms, shares and differences, of which the noise is absolute: what cancels to 0 on one machine leaves
    1e-17 on another. A figure below 1e-6 needs a larger unit first. Infinities and NaN stay as they are.
    """
    return (round(value, digits) if abs(value) < 1 else settle(value, digits)) + 0.0


def settled(frame: pl.DataFrame, digits: int = SIGNIFICANT_DIGITS) -> pl.DataFrame:
    """A frame with `settle_difference` done to every figure of its float columns; nulls stay null.

    Polars computes it the same on every machine. From 10 ** `digits` a figure may have another last bit than
    `settle_difference` gives it: 258524499999.99997 for 258524500000.
    """
    figures = cs.float()
    below_one = pl.when(figures.abs() < 1).then(figures.round(digits)).otherwise(figures.round_sig_figs(digits))
    return frame.with_columns(below_one + 0.0)


def is_close(left: float, right: float) -> bool:
    """Whether two figures are equal within `RELATIVE_TOLERANCE` of the larger; a null-like NaN equals nothing."""
    return math.isclose(left, right, rel_tol=RELATIVE_TOLERANCE, abs_tol=0)


def differs(left: str, right: str) -> str:
    """SQL for "these two figures are not equal within the tolerance"; null where either is null.

    `differs("value_usd", "x_fob_usd")` is `(abs((value_usd) - (x_fob_usd)) > 1e-07 * greatest(…))`.
    """
    return f"(abs(({left}) - ({right})) > {RELATIVE_TOLERANCE} * greatest(abs({left}), abs({right})))"


def exceeds(left: str, right: str) -> str:
    """SQL for "the left figure is larger than the right by more than the tolerance"; null where either is null."""
    return f"(({left}) - ({right}) > {RELATIVE_TOLERANCE} * greatest(abs({left}), abs({right})))"
