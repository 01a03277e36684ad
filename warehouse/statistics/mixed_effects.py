"""A linear model with two crossed sets of random effects: y = groups + slope · covariate + row effect + column effect.

The equations are Henderson's: adding κ = residual variance / variance of the effects to the diagonal of the normal
equations gives the best linear unbiased prediction of the effects (Henderson 1975, Biometrics 31, 423–447). The block
of the column effects is diagonal and is eliminated first; LAPACK inverts the rest.

The last digits of a sum, a logarithm or an inverse depend on the processor, the number of threads, the library and the
order of the observations. The caller sorts the observations, and every figure returned is settled to `DIGITS`. Two
machines settle a figure differently only where it lies within that noise of a rounding boundary.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warehouse.figures import settle_difference

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

DIGITS = 7
"""Significant digits of fitted figures, whose standard errors are in the second digit. Two fewer than other derived
figures have, because one fitted figure that two machines settle differently changes every weight."""

_RIDGE = 1e-9
"""Added to the diagonal of the fixed effects: the equations stay regular where all flows are of one size."""


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
    """Fixed and row effects, and column effects."""

    left: Floats
    columns: Floats


def _equations(layout: Layout, y: Floats) -> _Equations:
    """Normal equations of the observations."""
    size = layout.n_fixed + layout.n_rows
    one = np.ones(len(y))
    terms = (
        (layout.groups, one),
        (np.full(len(y), layout.n_fixed - 1), layout.covariate),
        (layout.rows + layout.n_fixed, one),
    )
    left, cross, right = np.zeros((size, size)), np.zeros((size, layout.n_columns)), np.zeros(size)
    for at, value in terms:
        np.add.at(right, at, y * value)
        np.add.at(cross, (at, layout.columns), value)
        for beside, other in terms:
            np.add.at(left, (at, beside), value * other)
    return _Equations(
        left=left,
        cross=cross,
        column_counts=np.bincount(layout.columns, minlength=layout.n_columns).astype(np.float64),
        right=right,
        right_columns=np.bincount(layout.columns, y, minlength=layout.n_columns).astype(np.float64),
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
    return _Solution(left, columns)


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
