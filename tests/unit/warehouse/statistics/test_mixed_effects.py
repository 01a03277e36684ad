"""The linear model with two crossed sets of random effects, against answers known beforehand."""

import json
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from warehouse.statistics import mixed_effects
from warehouse.statistics.mixed_effects import Layout, components, fit, held_out_errors

ORACLE = json.loads((Path(__file__).parent / "oracle" / "reml_oracle.json").read_text(encoding="utf-8"))


def crossed(row_sd: float, column_sd: float, noise: float, n: int = 40) -> tuple[Layout, np.ndarray]:
    """Every row meets every column once, with effects of known spread."""
    random = np.random.default_rng(7)
    rows, columns = (axis.ravel() for axis in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))
    layout = Layout(rows, columns, np.zeros(n * n, dtype=np.int64), random.normal(size=n * n))
    effects = random.normal(0, row_sd, n)[rows] + random.normal(0, column_sd, n)[columns]
    return layout, 3.0 + 0.5 * layout.covariate + effects + random.normal(0, noise, n * n)


def test_level_and_slope_are_recovered() -> None:
    layout, y = crossed(1.0, 0.5, 0.1)
    fitted = fit(layout, y, 0.01, 0.01)
    assert fitted.slope == pytest.approx(0.5, abs=0.02)
    assert np.mean(fitted.groups[layout.groups] + fitted.rows[layout.rows] + fitted.columns[layout.columns]) == (
        pytest.approx(np.mean(y - fitted.slope * layout.covariate))
    )


def test_an_effect_keeps_n_over_n_plus_kappa_of_what_its_row_shows() -> None:
    rows = np.repeat([0, 1], 10)
    layout = Layout(rows, np.tile(np.arange(10), 2), np.zeros(20, dtype=np.int64), np.zeros(20))
    y = np.where(rows == 0, 1.0, -1.0)
    assert fit(layout, y, 30.0, 1e6).rows == pytest.approx([0.25, -0.25], abs=1e-4)


def test_variances_of_both_sets_are_recovered() -> None:
    found = components(*crossed(1.2, 0.4, 1.0))
    assert found.rows == pytest.approx(1.44, rel=0.4)
    assert found.columns == pytest.approx(0.16, rel=0.4)
    assert found.residual == pytest.approx(1.0, rel=0.1)
    assert min(found.rows_freedom, found.columns_freedom) > 25


def test_variance_components_are_those_of_statsmodels_and_of_the_dense_likelihood() -> None:
    """Nine fixed effects of 35 observations: maximum likelihood, which ignores them, is off by more than a fifth."""
    data = {name: np.array(values) for name, values in ORACLE["data"].items()}
    found = components(Layout(data["row"], data["column"], data["group"], data["covariate"]), data["y"])
    assert found.has_converged
    for name in ("rows", "columns", "residual"):
        assert getattr(found, name) == pytest.approx(ORACLE["reml"][name], rel=1e-4)
        assert getattr(found, name) == pytest.approx(ORACLE["reml_statsmodels"][name], rel=1e-4)
        assert abs(ORACLE["ml_statsmodels"][name] / getattr(found, name) - 1) > 0.2


def test_a_component_that_is_slow_to_converge_does_not_depend_on_the_rounds(monkeypatch) -> None:
    found = components(*crossed(0.0, 0.0, 1.0))
    monkeypatch.setattr(mixed_effects, "TOLERANCE", 1e-12)
    assert astuple(components(*crossed(0.0, 0.0, 1.0))) == pytest.approx(astuple(found), rel=2e-7)


def test_components_say_so_when_the_cap_is_reached(monkeypatch) -> None:
    monkeypatch.setattr(mixed_effects, "MAX_ROUNDS", 3)
    assert not components(*crossed(1.2, 0.4, 1.0)).has_converged


def test_without_any_variance_every_component_is_0() -> None:
    layout, y = crossed(1.0, 1.0, 1.0, n=5)
    found = components(layout, 0.0 * y)
    assert (found.rows, found.columns, found.residual, found.rows_freedom) == (0, 0, 0, 0)


def test_effects_that_are_not_there_have_no_freedom() -> None:
    found = components(*crossed(0.0, 0.0, 1.0))
    assert max(found.rows, found.columns) < 0.02
    assert min(found.rows_freedom, found.columns_freedom) < 8


def test_what_is_left_out_is_predicted_best_with_effects_where_there_are_effects() -> None:
    layout, y = crossed(1.0, 1.0, 1.0)
    folds = np.arange(len(y)) % 10
    errors = {(rows, columns): error for rows, columns, error in held_out_errors(layout, y, folds, (1.0, 1000.0))}
    assert errors[1.0, 1.0] < 0.8 * errors[1000.0, 1000.0]
