"""Makes reml_oracle.json: variance components of a small panel by two implementations that are not ours.

statsmodels is no dependency of the project. To run it again:

    python3 -m venv oracle-venv
    oracle-venv/bin/pip install statsmodels==0.15.0 scipy==1.17.1 numpy==2.4.6
    oracle-venv/bin/python tests/unit/warehouse/statistics/oracle/reml_oracle.py

The first is `statsmodels.MixedLM` with one group and two variance components. The second writes the dense restricted
likelihood down and maximises it by Nelder and Mead (scipy). The script stops unless they agree to 1e-6, and unless
maximum likelihood differs from restricted maximum likelihood by more than a fifth.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
import statsmodels
import statsmodels.api as sm
from scipy.optimize import minimize

N_ROWS, N_COLUMNS, N_GROUPS = 7, 6, 8


def data() -> pd.DataFrame:
    """An unbalanced panel: some cells missing, some with two observations; four groups and a slope."""
    random = np.random.default_rng(1)
    cells = [(i, j) for i in range(N_ROWS) for j in range(N_COLUMNS) if random.random() < 0.75]
    cells += [cells[at] for at in random.choice(len(cells), 5, replace=False)]
    frame = pd.DataFrame(cells, columns=["row", "column"])
    frame["group"] = (frame["row"] + random.integers(0, 3, len(frame))) % N_GROUPS  # a group holds few rows
    frame["covariate"] = random.normal(size=len(frame)).round(3)
    row_effects, column_effects = random.normal(0, 0.9, N_ROWS), random.normal(0, 0.7, N_COLUMNS)
    y = 0.5 * frame["group"] - 0.3 * frame["covariate"] + random.normal(0, 0.8, len(frame))
    frame["y"] = (y + row_effects[frame["row"]] + column_effects[frame["column"]]).round(3)
    return frame


def matrices(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """y, fixed effects, and the incidence of rows and of columns."""
    fixed = np.column_stack([pd.get_dummies(frame["group"], dtype=float), frame["covariate"]])
    rows, columns = (pd.get_dummies(frame[name], dtype=float).to_numpy() for name in ("row", "column"))
    return frame["y"].to_numpy(), fixed, rows, columns


def by_statsmodels(frame: pd.DataFrame, *, reml: bool) -> dict[str, float]:
    """Variances of rows, columns and residuals by MixedLM."""

    data = frame.assign(whole=1)
    components = {"rows": "0 + C(row)", "columns": "0 + C(column)"}
    model = sm.MixedLM.from_formula(
        "y ~ 0 + C(group) + covariate", data, groups="whole", re_formula="0", vc_formula=components
    )
    found = model.fit(reml=reml, method=["bfgs"], gtol=1e-7, maxiter=2000)
    variances = dict(zip(model.exog_vc.names, found.vcomp, strict=True))
    return {"rows": variances["rows"], "columns": variances["columns"], "residual": found.scale}


def by_likelihood(frame: pd.DataFrame) -> dict[str, float]:
    """The same by the dense restricted likelihood, over the logs of the three variances."""
    y, fixed, rows, columns = matrices(frame)

    def loss(logs: np.ndarray) -> float:
        of_rows, of_columns, residual = np.exp(logs)
        covariance = of_rows * rows @ rows.T + of_columns * columns @ columns.T + residual * np.eye(len(y))
        weighted = np.linalg.solve(covariance, fixed)
        information = fixed.T @ weighted
        errors = y - fixed @ np.linalg.solve(information, weighted.T @ y)
        return float(
            np.linalg.slogdet(covariance)[1]
            + np.linalg.slogdet(information)[1]
            + errors @ np.linalg.solve(covariance, errors)
        )

    found = minimize(loss, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 9999})
    return dict(zip(("rows", "columns", "residual"), np.exp(found.x).tolist(), strict=True))


def main() -> None:
    """Fit, compare, write."""
    frame = data()
    reml, ml, dense = by_statsmodels(frame, reml=True), by_statsmodels(frame, reml=False), by_likelihood(frame)
    for name, value in dense.items():
        if abs(reml[name] / value - 1) > 1e-6:
            sys.exit(f"{name}: the two implementations differ: {reml[name]} and {value}")
        if abs(ml[name] / value - 1) < 0.2:
            sys.exit(f"{name}: maximum likelihood differs by less than a fifth: {ml[name]} and {value}")
    about = {
        "versions": {"statsmodels": statsmodels.__version__, "scipy": scipy.__version__, "numpy": np.__version__},
        "reml": {name: round(float(value), 8) for name, value in dense.items()},
        "reml_statsmodels": {name: round(float(value), 8) for name, value in reml.items()},
        "ml_statsmodels": {name: round(float(value), 8) for name, value in ml.items()},
        "data": frame.to_dict(orient="list"),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(about) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
