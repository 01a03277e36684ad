"""Gaps between both reports of the same flows, divided among products and years, sizes, exporters and importers.

Every measure of a reporter comes from one linear model (`mixed_effects.fit`):

    y = level of product and year + slope · ln size + exporter's effect + importer's effect + noise

The effects are deviations from a prior: effects that another panel gave, with the observations they rest on. Without a
prior they are shrunk towards 0 by n / (n + KAPPA); with one of n₀ observations by n / (n + n₀ + KAPPA) towards it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from warehouse.statistics.mixed_effects import Codes, Floats, Layout, fit

KAPPA = 40.0
"""Noise of one observation over the variance between reporters, chosen on thirty minerals' codes; 10 to
80 score alike."""

GAP_FLOOR = 0.1
"""Least absolute log gap: reports within 10 % agree (freight, exchange rates, rounding), and ln |gap| diverges at 0."""

LEAST_USD = 10_000.0
"""Both reports of a flow together: below this it is a parcel."""

REFERENCE_USD = 100_000.0
"""Size of a flow at which levels are stated."""

FLOW_SCHEMA = {
    "exporter_code": pl.String,
    "importer_code": pl.String,
    "product_key": pl.String,
    "period_start": pl.Date,
    "x_value": pl.Float64,
    "m_value": pl.Float64,
    "x_weight": pl.Float64,
    "m_weight": pl.Float64,
}
"""One row per flow of a calendar year that at least one side reports: values in US$, weights in kg, null where a side
reports none."""

EFFECT_SCHEMA = {
    "reporter_role": pl.String,
    "reporter_code": pl.String,
    "measure": pl.String,
    "n": pl.Int64,
    "effect": pl.Float64,
}
"""One row per reporter, role and measure: observations it rests on, and the effect above 0 of a worse reporter."""


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted model: effects (EFFECT_SCHEMA), level of each product and year at REFERENCE_USD, slope, residuals."""

    effects: pl.DataFrame
    levels: pl.DataFrame
    slope: float
    residuals: Floats


def observations(flows: pl.DataFrame) -> pl.DataFrame:
    """Flows that are more than a parcel, with gaps, sizes and which side is missing, sorted by key.

    Args:
        flows: FLOW_SCHEMA, in any order.

    Returns:
        FLOW_SCHEMA and `group` (product and year), `size` (ln of the mean report over REFERENCE_USD), `value_gap`,
        `weight_gap` and `unit_value_gap` (ln of exporter's over importer's, null where a side is missing),
        `is_x_missing` and `is_m_missing` (null where the country reports nothing of that product and year: no report
        is no omission).
    """
    x, m = _positive("x_value"), _positive("m_value")
    does_x_report = x.is_not_null().any().over("group", "exporter_code")
    does_m_report = m.is_not_null().any().over("group", "importer_code")
    return (
        flows.select(list(FLOW_SCHEMA))
        .filter(x.fill_null(0.0) + m.fill_null(0.0) > LEAST_USD)
        .with_columns(
            group=pl.concat_str("product_key", pl.lit(" "), pl.col("period_start").cast(pl.String)),
            size=pl.mean_horizontal(x.log(), m.log()) - float(np.log(REFERENCE_USD)),
            value_gap=(x / m).log(),
            weight_gap=(_positive("x_weight") / _positive("m_weight")).log(),
        )
        .with_columns(
            weight_gap=pl.when(pl.col("value_gap").is_not_null()).then("weight_gap"),
            unit_value_gap=pl.col("value_gap") - pl.col("weight_gap"),
            is_x_missing=pl.when(m.is_not_null(), does_x_report).then(x.is_null()),
            is_m_missing=pl.when(x.is_not_null(), does_m_report).then(m.is_null()),
        )
        .sort("group", "exporter_code", "importer_code")
    )


def _positive(column: str) -> pl.Expr:
    """A figure above 0, otherwise null."""
    return pl.when(pl.col(column) > 0).then(pl.col(column))


def log_square(gap: pl.Expr) -> pl.Expr:
    """2 ln max(|gap|, GAP_FLOOR): the log of a variance with one observation; null where the gap is."""
    return 2.0 * gap.abs().clip(lower_bound=GAP_FLOOR).log()


def fitted(
    observed: pl.DataFrame, y: pl.Expr, names: tuple[str, str], prior: pl.DataFrame | None = None
) -> Model | None:
    """Fit the model to the observations of which `y` is not null; null where there are none.

    Args:
        observed: as `observations` returns it.
        y: what is explained.
        names: measure that the exporters' effects are, and that the importers' are.
        prior: EFFECT_SCHEMA, of flows that are not among these.
    """
    panel = observed.with_columns(y=y.cast(pl.Float64)).drop_nulls("y")
    if panel.is_empty():
        return None
    exporters, importers = _role(panel, "exporter", names[0], prior), _role(panel, "importer", names[1], prior)
    groups, group_names = _codes(panel["group"])
    size = panel["size"].to_numpy()
    layout = Layout(exporters.codes, importers.codes, groups, size)
    expected = exporters.effects[exporters.codes] + importers.effects[importers.codes]
    found = fit(layout, panel["y"].to_numpy() - expected, KAPPA + exporters.n, KAPPA + importers.n)
    levels = panel.group_by("group", "product_key", "period_start").agg(n=pl.len()).sort("group")
    return Model(
        effects=pl.concat([exporters.updated(found.rows), importers.updated(found.columns)]),
        levels=levels.with_columns(level=pl.Series(found.groups[: len(group_names)])),
        slope=found.slope,
        residuals=found.residuals,
    )


@dataclass(frozen=True, slots=True)
class _Role:
    """Reporters in one role: the number of each observation's reporter, and the prior's effects and observations."""

    name: str
    measure: str
    names: list[str]
    codes: Codes
    effects: Floats
    n: Floats

    def updated(self, deviations: Floats) -> pl.DataFrame:
        """Prior and deviation added up (EFFECT_SCHEMA)."""
        observed = np.bincount(self.codes, minlength=len(self.names))
        return pl.DataFrame(
            {
                "reporter_role": [self.name] * len(self.names),
                "reporter_code": self.names,
                "measure": [self.measure] * len(self.names),
                "n": (self.n + observed).astype(np.int64),
                "effect": self.effects + deviations,
            },
            schema=EFFECT_SCHEMA,
        )


def _role(panel: pl.DataFrame, role: str, measure: str, prior: pl.DataFrame | None) -> _Role:
    """The reporters of a panel in one role, with what the prior says of them: nothing is 0 with 0 observations."""
    codes, names = _codes(panel[f"{role}_code"])
    known = pl.DataFrame(schema=EFFECT_SCHEMA) if prior is None else prior
    of = {
        row["reporter_code"]: (row["effect"], row["n"])
        for row in known.filter(pl.col("reporter_role") == role, pl.col("measure") == measure).iter_rows(named=True)
    }
    before = np.array([of.get(name, (0.0, 0)) for name in names], dtype=np.float64)
    return _Role(role, measure, names, codes, before[:, 0], before[:, 1])


def _codes(column: pl.Series) -> tuple[Codes, list[str]]:
    """Names as numbers from 0 in the order of their text, and the names."""
    names = sorted(column.unique())
    numbers = {name: number for number, name in enumerate(names)}
    return np.array([numbers[name] for name in column], dtype=np.int64), names
