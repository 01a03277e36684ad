"""The linear model with two crossed sets of random effects, against answers known beforehand."""

import numpy as np
import pytest

from warehouse.statistics.mixed_effects import Layout, fit


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
