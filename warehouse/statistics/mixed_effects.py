"""A linear model with two crossed sets of random effects: y = groups + slope · covariate + row effect + column effect.

Belongs here: the normal equations, effects shrunk by n/(n + κ), cross-validation of κ, variance components by
restricted maximum likelihood. Does not belong here: what rows, columns and y mean (reliability.py).

The equations are Henderson's: adding κ = residual variance / variance of the effects to the diagonal of the normal
equations gives the best linear unbiased prediction of the effects (Henderson 1975, Biometrics 31, 423–447). The column
effects' block is diagonal and is eliminated first; what is left is inverted by LAPACK.

The last digits of a sum, a logarithm or an inverse depend on the processor, the number of threads, the library and the
order of the observations. On the bundle's panels, between the processors that numpy, OpenBLAS and the C library can be
made to emulate on one machine, figures differed by up to 1e-13 of themselves, variances and weights by up to 2e-15. The
caller puts the observations in a fixed order, and all that leaves this module is settled to `DIGITS`. Two machines may
still settle a figure differently: with these differences about three times in a million builds. Nothing here chooses
between candidates by digits that are not settled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from warehouse.figures import settle, settle_difference

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

DIGITS = 7
"""Significant digits that fitted figures keep; their standard errors stand in the second. It is two fewer than other
derived figures keep, because one fitted figure that two machines settle differently changes every weight."""

TOLERANCE = 1e-10
"""A variance ratio has converged when a round changes it by no more than this share of it."""

MAX_ROUNDS = 1000
"""Rounds after which the components count as not converged. The published panels take fewer than 50."""

LEAST_RATIO = 1e-8
"""An effect whose variance falls below this share of the residual variance is not there: its variance is 0."""

_RIDGE = 1e-9
"""Keeps a group that one fold lacks from making the equations singular."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which row effect, column effect and group each observation has, coded from 0, and its covariate."""

    rows: Codes
    columns: Codes
    groups: Codes
    covariate: Floats

    @property
    def n_fixed(self) -> int:
        """Groups and, last of the fixed effects, the slope."""
        return int(self.groups.max()) + 2

    @property
    def n_rows(self) -> int:
        """Number of row effects."""
        return int(self.rows.max()) + 1

    @property
    def n_columns(self) -> int:
        """Number of column effects."""
        return int(self.columns.max()) + 1


@dataclass(frozen=True, slots=True)
class Effects:
    """What was fitted: fixed effects of the groups, the slope, and the shrunken effects of rows and columns."""

    groups: Floats
    slope: float
    rows: Floats
    columns: Floats
    residuals: Floats


@dataclass(frozen=True, slots=True)
class Components:
    """Variances of the row effects, column effects and residuals, and how many effects' worth of data is in each."""

    rows: float
    columns: float
    residual: float
    rows_freedom: float
    columns_freedom: float
    has_converged: bool


@dataclass(frozen=True, slots=True)
class _Equations:
    """Normal equations in blocks: `left` of fixed and row effects, `cross` with columns, whose own is diagonal."""

    left: Floats
    cross: Floats
    column_counts: Floats
    right: Floats
    right_columns: Floats


@dataclass(frozen=True, slots=True)
class _Solution:
    left: Floats
    columns: Floats
    inverse: Floats
    column_penalty: Floats


def _equations(layout: Layout, y: Floats, kept: NDArray[np.bool_] | None = None) -> _Equations:
    """Normal equations of the observations kept; their size depends on the effects only."""
    kept = np.ones(len(y), dtype=bool) if kept is None else kept
    observed, columns = y[kept], layout.columns[kept]
    size = layout.n_fixed + layout.n_rows
    one = np.ones(len(observed))
    terms = (
        (layout.groups[kept], one),
        (np.full(len(observed), layout.n_fixed - 1), layout.covariate[kept]),
        (layout.rows[kept] + layout.n_fixed, one),
    )
    left, cross, right = np.zeros((size, size)), np.zeros((size, layout.n_columns)), np.zeros(size)
    for at, value in terms:
        np.add.at(right, at, observed * value)
        np.add.at(cross, (at, columns), value)
        for beside, other in terms:
            np.add.at(left, (at, beside), value * other)
    return _Equations(
        left=left,
        cross=cross,
        column_counts=np.bincount(columns, minlength=layout.n_columns).astype(np.float64),
        right=right,
        right_columns=np.bincount(columns, observed, minlength=layout.n_columns).astype(np.float64),
    )


def _solve(layout: Layout, equations: _Equations, kappa_rows: float, kappa_columns: float) -> _Solution:
    penalty = np.concatenate([np.full(layout.n_fixed, _RIDGE), np.full(layout.n_rows, kappa_rows)])
    column_penalty = equations.column_counts + kappa_columns
    scaled = equations.cross / column_penalty
    reduced = equations.left + np.diag(penalty) - scaled @ equations.cross.T
    inverse = np.asarray(np.linalg.inv(reduced), dtype=np.float64)
    left = inverse @ (equations.right - scaled @ equations.right_columns)
    columns = (equations.right_columns - left @ equations.cross) / column_penalty
    return _Solution(left, columns, inverse, column_penalty)


def _predicted(layout: Layout, solution: _Solution) -> Floats:
    predicted: Floats = (
        solution.left[layout.groups]
        + solution.left[layout.n_fixed - 1] * layout.covariate
        + solution.left[layout.n_fixed + layout.rows]
        + solution.columns[layout.columns]
    )
    return predicted


def _settled(values: Floats) -> Floats:
    return np.array([settle_difference(value, DIGITS) for value in values.tolist()], dtype=np.float64)


def fit(layout: Layout, y: Floats, kappa_rows: float, kappa_columns: float) -> Effects:
    """Effects shrunk by κ, settled: a row with n observations keeps about n / (n + κ) of what it shows.

    `y` is on the scale of logarithms: figures are settled to `DIGITS` decimal places too.
    """
    solution = _solve(layout, _equations(layout, y), kappa_rows, kappa_columns)
    return Effects(
        groups=_settled(solution.left[: layout.n_fixed - 1]),
        slope=settle_difference(float(solution.left[layout.n_fixed - 1]), DIGITS),
        rows=_settled(solution.left[layout.n_fixed :]),
        columns=_settled(solution.columns),
        residuals=_settled(y - _predicted(layout, solution)),
    )


def held_out_errors(
    layout: Layout, y: Floats, folds: Codes, kappas: tuple[float, ...]
) -> Iterator[tuple[float, float, float]]:
    """Mean squared error of prediction of the observations left out, settled, for each pair of κ.

    Yields:
        (κ of rows, κ of columns, error). Errors that differ only by noise are equal, so that a caller who chooses the
        least must say which of two equal ones it takes.
    """
    parts = [(folds == fold, _equations(layout, y, folds != fold)) for fold in np.unique(folds)]
    for kappa_rows, kappa_columns in product(kappas, kappas):
        squares = 0.0
        for left_out, equations in parts:
            predicted = _predicted(layout, _solve(layout, equations, kappa_rows, kappa_columns))
            squares += float(np.sum((y - predicted)[left_out] ** 2))
        yield kappa_rows, kappa_columns, settle(squares / len(y), DIGITS)


@dataclass(frozen=True, slots=True)
class _Round:
    """One round of restricted maximum likelihood: what the variance ratios given imply."""

    residual: float
    rows: float
    columns: float
    rows_freedom: float
    columns_freedom: float


def _round(layout: Layout, y: Floats, equations: _Equations, rows: float, columns: float) -> _Round:
    """The residual variance at the ratios given, and both ratios by the effects' sums of squares over their freedom.

    The freedom of a set of effects is their number less κ times the trace of their block of the inverse.
    """
    solution = _solve(layout, equations, 1 / rows, 1 / columns)
    weighted = equations.cross / solution.column_penalty
    rows_trace = float(np.sum(np.diag(solution.inverse)[layout.n_fixed :]))
    columns_trace = float(np.sum(1 / solution.column_penalty) + np.sum((solution.inverse @ weighted) * weighted))
    rows_freedom = layout.n_rows - rows_trace / rows
    columns_freedom = layout.n_columns - columns_trace / columns
    residual = float(np.sum((y - _predicted(layout, solution)) * y)) / (len(y) - layout.n_fixed)
    return _Round(
        residual=residual,
        rows=_ratio(solution.left[layout.n_fixed :], rows_freedom, residual),
        columns=_ratio(solution.columns, columns_freedom, residual),
        rows_freedom=rows_freedom,
        columns_freedom=columns_freedom,
    )


def _ratio(effects: Floats, freedom: float, residual: float) -> float:
    """Variance of the effects over that of the residuals, 0 where the data hold nothing of either."""
    if freedom <= _RIDGE or residual <= 0:
        return 0.0
    return min(float(np.sum(effects**2)) / freedom / residual, 1 / LEAST_RATIO)


def components(layout: Layout, y: Floats) -> Components:
    """Variance components by restricted maximum likelihood, settled.

    The equations of the maximum are solved as Harville (1977, Journal of the American Statistical Association 72,
    320–338) does: each variance is its effects' sum of squares over their freedom, again and again until nothing
    changes. An effect that is not there ends at 0 with a freedom of 0. After `MAX_ROUNDS` the figures of the last
    round are given and `has_converged` is false: they are then no maximum, and nothing should be read from them.
    """
    equations = _equations(layout, y)
    rows = columns = 0.25
    has_converged = False
    for _ in range(MAX_ROUNDS):
        found = _round(layout, y, equations, max(rows, LEAST_RATIO), max(columns, LEAST_RATIO))
        steps = ((rows, found.rows), (columns, found.columns))
        has_converged = all(
            abs(after - before) <= TOLERANCE * after or max(before, after) <= LEAST_RATIO for before, after in steps
        )
        rows, columns = found.rows, found.columns
        if has_converged:
            break
    return Components(
        rows=_component(found.residual * rows, rows),
        columns=_component(found.residual * columns, columns),
        residual=settle(found.residual, DIGITS),
        rows_freedom=_component(found.rows_freedom, rows),
        columns_freedom=_component(found.columns_freedom, columns),
        has_converged=has_converged,
    )


def _component(value: float, ratio: float) -> float:
    """A figure of an effect, settled; 0 where the effect is not there."""
    return settle(value, DIGITS) if ratio > LEAST_RATIO else 0.0
