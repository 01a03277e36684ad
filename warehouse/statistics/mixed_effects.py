"""A linear model with two crossed sets of random effects: y = groups + slope · covariate + row effect + column effect.

The equations are Henderson's: adding κ = residual variance / variance of the effects to the diagonal of the normal
equations gives the best linear unbiased prediction of the effects (Henderson 1975, Biometrics 31, 423–447). The block
of the column effects is diagonal and is eliminated first; LAPACK inverts the rest.

The last digits of a sum, a logarithm or an inverse depend on the processor, the number of threads, the library and the
order of the observations. On the bundle's panels, between the processors that numpy, OpenBLAS and the C library can
emulate on one machine, figures differed by at most 1e-13 of themselves, variances and weights by 2e-15. The caller
sorts the observations, and every figure returned is settled to `DIGITS`. Two machines may still settle a figure
differently: with these differences about three times in a million builds. No choice between candidates depends on
digits that are not settled.
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
"""Significant digits of fitted figures, whose standard errors are in the second digit. Two fewer than other derived
figures have, because one fitted figure that two machines settle differently changes every weight."""

TOLERANCE = 1e-10
"""Relative change of a variance ratio in one iteration, at or below which it has converged."""

MAX_ROUNDS = 1000
"""Iterations after which the components count as not converged. The published panels take fewer than 50."""

LEAST_RATIO = 1e-8
"""Variance of effects over residual variance, at or below which the variance of the effects is 0."""

_RIDGE = 1e-9
"""Added to the diagonal of the fixed effects: the equations stay regular where a fold lacks a group."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Arrays of one entry an observation: numbers of its row effect, column effect and group, and its covariate."""

    rows: Codes
    columns: Codes
    groups: Codes
    covariate: Floats

    @property
    def n_fixed(self) -> int:
        """Number of fixed effects: the groups and, last, the slope."""
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
    """A fit: levels of the groups, the slope, shrunken effects of rows and columns, residuals of the observations."""

    groups: Floats
    slope: float
    rows: Floats
    columns: Floats
    residuals: Floats


@dataclass(frozen=True, slots=True)
class Components:
    """Variances of row effects, column effects and residuals, and the effective degrees of freedom of both effects."""

    rows: float
    columns: float
    residual: float
    rows_freedom: float
    columns_freedom: float
    has_converged: bool


@dataclass(frozen=True, slots=True)
class _Equations:
    """Normal equations in blocks.

    `left` is the square block of the fixed and row effects (n_fixed + n_rows), `cross` theirs with the column effects
    (n_fixed + n_rows by n_columns), `column_counts` the diagonal of the column effects' block; `right` and
    `right_columns` are the right-hand sides.
    """

    left: Floats
    cross: Floats
    column_counts: Floats
    right: Floats
    right_columns: Floats


@dataclass(frozen=True, slots=True)
class _Solution:
    """Fixed and row effects, column effects, the inverse of the reduced block, the diagonal of the columns' block."""

    left: Floats
    columns: Floats
    inverse: Floats
    column_penalty: Floats


def _equations(layout: Layout, y: Floats, kept: NDArray[np.bool_] | None = None) -> _Equations:
    """Normal equations of the observations that the mask `kept` selects, by default all."""
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


def _solve(
    layout: Layout, equations: _Equations, kappa_rows: float | Floats, kappa_columns: float | Floats
) -> _Solution:
    """Solve Henderson's mixed model equations for given κ, one for all effects of a set or one each."""
    penalty = np.concatenate([np.full(layout.n_fixed, _RIDGE), np.full(layout.n_rows, kappa_rows)])
    column_penalty = equations.column_counts + kappa_columns
    scaled = equations.cross / column_penalty
    reduced = equations.left + np.diag(penalty) - scaled @ equations.cross.T
    inverse = np.asarray(np.linalg.inv(reduced), dtype=np.float64)
    left = inverse @ (equations.right - scaled @ equations.right_columns)
    columns = (equations.right_columns - left @ equations.cross) / column_penalty
    return _Solution(left, columns, inverse, column_penalty)


def _predicted(layout: Layout, solution: _Solution) -> Floats:
    """The fitted y of every observation."""
    predicted: Floats = (
        solution.left[layout.groups]
        + solution.left[layout.n_fixed - 1] * layout.covariate
        + solution.left[layout.n_fixed + layout.rows]
        + solution.columns[layout.columns]
    )
    return predicted


def _settled(values: Floats) -> Floats:
    """Values on the scale of logarithms, rounded to `DIGITS`."""
    return np.array([settle_difference(value, DIGITS) for value in values.tolist()], dtype=np.float64)


def fit(layout: Layout, y: Floats, kappa_rows: float | Floats, kappa_columns: float | Floats) -> Effects:
    """Effects shrunk by κ: a row with n observations keeps about n / (n + κ) of its mean residual.

    Args:
        layout: effects of the n observations.
        y: n values on the scale of logarithms.
        kappa_rows: residual variance over variance of the row effects (20), one for all or one a row.
        kappa_columns: the same of the column effects.

    Returns:
        The effects, settled to `DIGITS` decimal places.
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
    """Cross-validated mean squared error of prediction for each pair of κ.

    Args:
        layout: effects of the n observations.
        y: n values on the scale of logarithms.
        folds: fold of each observation.
        kappas: candidates, tried for rows and columns in all combinations.

    Yields:
        (κ of rows, κ of columns, error), the error settled: (20.0, 20.0, 5.781). Errors that differ only by noise are
        equal, so a caller that chooses the least one needs a rule for ties.
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
    """One iteration of restricted maximum likelihood: residual variance, variance ratios and degrees of freedom."""

    residual: float
    rows: float
    columns: float
    rows_freedom: float
    columns_freedom: float


def _round(layout: Layout, y: Floats, equations: _Equations, rows: float, columns: float) -> _Round:
    """One iteration from the variance ratios `rows` and `columns` (effects over residual).

    The new variance of a set of effects is their sum of squares over their effective degrees of freedom: their number
    less κ times the trace of their block of the inverse.
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
    """Variance of the effects over that of the residuals; 0 without degrees of freedom or residual variance."""
    if freedom <= _RIDGE or residual <= 0:
        return 0.0
    return min(float(np.sum(effects**2)) / freedom / residual, 1 / LEAST_RATIO)


def components(layout: Layout, y: Floats) -> Components:
    """Variance components by restricted maximum likelihood.

    Fixed-point iteration (Harville 1977, Journal of the American Statistical Association 72, 320–338): each variance is
    its effects' sum of squares over their effective degrees of freedom, repeated until nothing changes. Effects without
    variance end at 0 with 0 degrees of freedom.

    Args:
        layout: effects of the n observations.
        y: n values.

    Returns:
        Variances in squared units of y and degrees of freedom, settled. After `MAX_ROUNDS` iterations those of the last
        one, with `has_converged` false: they are no maximum and must not be used.
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
    """A figure of a set of effects, settled; 0 where the effects have no variance."""
    return settle(value, DIGITS) if ratio > LEAST_RATIO else 0.0
