"""A linear model with two crossed sets of random effects: y = groups + slope · covariate + row effect + column effect.

Belongs here: the normal equations, effects shrunk by n/(n + κ), cross-validation of κ, variance components by
restricted maximum likelihood. Does not belong here: what rows, columns and y mean (reliability.py).

The equations are Henderson's: adding κ = residual variance / variance of the effects to the diagonal of the normal
equations gives the best linear unbiased prediction of the effects (Henderson 1975, Biometrics 31, 423–447). Restricted
maximum likelihood is found by expectation and maximisation (Searle, Casella and McCulloch 1992, Variance Components,
chapter 8). The column effects' block is diagonal and is eliminated first; what is left is inverted here, without BLAS:
its threads wait for each other on a busy machine, and its last digits are those of the machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

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


@dataclass(frozen=True, slots=True)
class _Equations:
    """Normal equations in blocks: `left` of fixed and row effects, `cross` with columns, whose own is diagonal."""

    left: Floats
    cross: Floats
    column_counts: Floats
    right: Floats
    right_columns: Floats
    square: float
    n: int


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
        square=float(np.sum(observed**2)),
        n=len(observed),
    )


def inverse(matrix: Floats) -> Floats:
    """Inverse of a symmetric positive definite matrix, by Gauss and Jordan; such a one needs no pivoting."""
    result = matrix.copy()
    for step in range(len(result)):
        pivot, factors = result[step, step], result[:, step].copy()
        factors[step] = 0.0
        result[step, step] = 1.0
        row = result[step] / pivot
        result[:, step] = 0.0
        result[step] = row
        result -= factors[:, np.newaxis] * row
    return result


def _solve(layout: Layout, equations: _Equations, kappa_rows: float, kappa_columns: float) -> _Solution:
    penalty = np.concatenate([np.full(layout.n_fixed, _RIDGE), np.full(layout.n_rows, kappa_rows)])
    column_penalty = equations.column_counts + kappa_columns
    scaled = equations.cross / column_penalty
    reduced = inverse(equations.left + np.diag(penalty) - np.einsum("ij,kj->ik", scaled, equations.cross))
    left = np.einsum("ij,j->i", reduced, equations.right - np.einsum("ij,j->i", scaled, equations.right_columns))
    columns = (equations.right_columns - np.einsum("ij,i->j", equations.cross, left)) / column_penalty
    return _Solution(left, columns, reduced, column_penalty)


def _predicted(layout: Layout, solution: _Solution) -> Floats:
    predicted: Floats = (
        solution.left[layout.groups]
        + solution.left[layout.n_fixed - 1] * layout.covariate
        + solution.left[layout.n_fixed + layout.rows]
        + solution.columns[layout.columns]
    )
    return predicted


def fit(layout: Layout, y: Floats, kappa_rows: float, kappa_columns: float) -> Effects:
    """Effects shrunk by κ: a row with n observations keeps about n / (n + κ) of what it shows."""
    solution = _solve(layout, _equations(layout, y), kappa_rows, kappa_columns)
    return Effects(
        groups=solution.left[: layout.n_fixed - 1],
        slope=float(solution.left[layout.n_fixed - 1]),
        rows=solution.left[layout.n_fixed :],
        columns=solution.columns,
        residuals=y - _predicted(layout, solution),
    )


def held_out_errors(
    layout: Layout, y: Floats, folds: Codes, kappas: tuple[float, ...]
) -> Iterator[tuple[float, float, float]]:
    """Mean squared error of prediction of the observations left out, for each pair of κ: (rows, columns, error)."""
    parts = [(folds == fold, _equations(layout, y, folds != fold)) for fold in np.unique(folds)]
    for kappa_rows, kappa_columns in product(kappas, kappas):
        squares = 0.0
        for left_out, equations in parts:
            predicted = _predicted(layout, _solve(layout, equations, kappa_rows, kappa_columns))
            squares += float(np.sum((y - predicted)[left_out] ** 2))
        yield kappa_rows, kappa_columns, squares / len(y)


def components(layout: Layout, y: Floats, rounds: int = 100) -> Components:
    """Variance components by restricted maximum likelihood; an effect that is not there tends to nought."""
    equations = _equations(layout, y)
    residual = float(np.var(y))
    rows = columns = residual / 4
    rows_freedom = columns_freedom = 0.0
    for _ in range(rounds):
        solution = _solve(layout, equations, residual / max(rows, _RIDGE), residual / max(columns, _RIDGE))
        row_effects = solution.left[layout.n_fixed :]
        row_noise = residual * float(np.sum(np.diag(solution.inverse)[layout.n_fixed :]))
        spread = np.einsum("ij,ij->j", equations.cross, np.einsum("ik,kj->ij", solution.inverse, equations.cross))
        column_noise = residual * float(np.sum(1.0 / solution.column_penalty + spread / solution.column_penalty**2))
        rows_freedom = layout.n_rows - row_noise / max(rows, _RIDGE)
        columns_freedom = layout.n_columns - column_noise / max(columns, _RIDGE)
        explained = float(np.sum(solution.left * equations.right) + np.sum(solution.columns * equations.right_columns))
        rows = (float(np.sum(row_effects**2)) + row_noise) / layout.n_rows
        columns = (float(np.sum(solution.columns**2)) + column_noise) / layout.n_columns
        residual = (equations.square - explained) / (equations.n - layout.n_fixed)
    return Components(rows, columns, residual, rows_freedom, columns_freedom)
