"""How reliable each reporter is, as exporter and as importer, from the gaps between both sides of the same flows.

Belongs here: the decomposition of the gaps of a panel, its choices (all made inside the panel), and when a panel
identifies nothing. Does not belong here: which flows are in the panel and what the weights do to a row (dbt models
`int_mirror__*`), or linear algebra (mixed_effects.py).

The model is BACI's variance decomposition (Gaulier and Zignago 2010, CEPII working paper 2010-23, §3) on the scale of
log variances: with d = ln(exporter's report / importer's report, FOB) of one flow,

    2 ln |d| = product and year + slope · ln size + exporter's effect + importer's effect + noise

where the noise of a normal d is ln χ²₁, of variance π²/2. Effects are shrunk by n / (n + κ). How the variance of a
usual flow is divided between the two roles is not to be had from |d|; it comes from the signed d, whose lasting part of
each exporter and of each importer has a variance of its own.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

import numpy as np
import polars as pl

from warehouse.mixed_effects import Codes, Components, Floats, Layout, components, fit, held_out_errors

FIGURES = {"value": ("x_fob_usd", "m_fob_usd"), "weight": ("x_weight_kg", "m_weight_kg")}
"""What is judged, and the columns of both reports."""

GAP_FLOOR = 0.05
"""Reports within 5 % agree: below it |d| is rounding and CIF rate, and its logarithm would run away."""

SMALLEST_FLOW_USD = 10_000.0
"""Both values together; smaller parcels are thresholds and misfiled declarations more than a reporter's habit."""

LEAST_PAIRS, LEAST_REPORTERS, LEAST_IN_GROUP = 100, 10, 20
"""Below these a panel identifies nothing (assumption): pairs, reporters of each role, pairs of a product and year."""

KAPPAS = (5.0, 10.0, 20.0, 40.0, 80.0, 1000.0)
"""Among these cross-validation chooses; at the last all reporters are alike."""

N_FOLDS = 10
LEAST_FREEDOM = 3.0
"""Fewer reporters' worth of lasting gaps in a role says nothing of the division between the roles (assumption)."""

MEAN_LOG_CHI2 = -1.2703628454614782
"""Mean of ln χ² with one degree of freedom, −γ − ln 2."""

PAIR_SCHEMA = {
    "exporter_code": pl.String,
    "importer_code": pl.String,
    "product_key": pl.String,
    "period_start": pl.Date,
    "x_fob_usd": pl.Float64,
    "m_fob_usd": pl.Float64,
    "x_weight_kg": pl.Float64,
    "m_weight_kg": pl.Float64,
}
"""A panel's row: one flow that both sides report, in one calendar year."""

SCHEMA = {
    "figure_kind": pl.String,
    "reporter_role": pl.String,
    "reporter_code": pl.String,
    "n_pairs": pl.Int64,
    "effect": pl.Float64,
    "effect_sd": pl.Float64,
    "shrinkage": pl.Float64,
    "sigma": pl.Float64,
    "sigma_relative": pl.Float64,
    "variance_share": pl.Float64,
}
PANEL_SCHEMA = {
    "figure_kind": pl.String,
    "is_identified": pl.Boolean,
    "not_identified_reason": pl.String,
    "n_pairs": pl.Int64,
    "n_exporters": pl.Int64,
    "n_importers": pl.Int64,
    "n_product_years": pl.Int64,
    "size_slope": pl.Float64,
    "kappa_exporter": pl.Float64,
    "kappa_importer": pl.Float64,
    "cv_error": pl.Float64,
    "cv_error_all_alike": pl.Float64,
    "residual_variance": pl.Float64,
    "typical_sigma": pl.Float64,
    "bias_variance_exporter": pl.Float64,
    "bias_variance_importer": pl.Float64,
    "common_exporter_weight": pl.Float64,
    "common_weight_basis": pl.String,
    "common_weight_logit_sd": pl.Float64,
}


@dataclass(frozen=True, slots=True)
class Reliability:
    """The reporters of an identified panel (SCHEMA), and one row on each kind's panel (PANEL_SCHEMA)."""

    reporters: pl.DataFrame
    panels: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Split:
    """How a usual flow's variance is divided: the share of it that is the importer's is the exporter's weight."""

    exporter_weight: float
    basis: str
    logit_sd: float


@dataclass(frozen=True, slots=True)
class _Role:
    """One role's reporters: which pair is whose, their shrunken effects, the role's share of a usual variance."""

    kind: str
    name: str
    names: list[str]
    codes: Codes
    effects: Floats
    kappa: float
    share: float


def estimate(pairs: pl.DataFrame) -> Reliability:
    """Decompose the gaps of a panel, values and weights apart.

    `pairs` has the columns of PAIR_SCHEMA, in any order of rows: values in US$ FOB, weights in kg (null unless both
    sides report one). Gaps are ratios, so that a common change of the unit of weights changes nothing.
    """
    found = [_estimate_kind(pairs.select(list(PAIR_SCHEMA)), kind) for kind in FIGURES]
    return Reliability(
        reporters=pl.concat([reporters for reporters, _ in found]),
        panels=pl.DataFrame([panel for _, panel in found], schema=PANEL_SCHEMA, orient="row"),
    )


def _usable(pairs: pl.DataFrame, kind: str) -> pl.DataFrame:
    exporter, importer = FIGURES[kind]
    return (
        pairs.filter(
            (pl.col(exporter) > 0)
            & (pl.col(importer) > 0)
            & (pl.col("x_fob_usd") + pl.col("m_fob_usd") > SMALLEST_FLOW_USD)
        )
        .with_columns(
            gap=(pl.col(exporter) / pl.col(importer)).log(),
            size=0.5 * (pl.col(exporter).log() + pl.col(importer).log()),
            group=pl.concat_str("product_key", pl.lit(" "), pl.col("period_start").cast(pl.String)),
        )
        .filter(pl.len().over("group") >= LEAST_IN_GROUP)
        .sort("group", "exporter_code", "importer_code")
    )


def _largest_component(panel: pl.DataFrame) -> pl.DataFrame:
    """Pairs of the largest set of reporters that pairs connect; effects of others cannot be set beside theirs."""
    of: dict[str, str] = {}

    def root(node: str) -> str:
        while of.setdefault(node, node) != node:
            of[node] = of[of[node]]
            node = of[node]
        return node

    for exporter, importer in panel.select("exporter_code", "importer_code").unique().sort(pl.all()).iter_rows():
        of[root(f"x {exporter}")] = root(f"m {importer}")
    roots = [root(f"x {code}") for code in panel["exporter_code"]]
    return (
        panel.with_columns(component=pl.Series(roots, dtype=pl.String))
        .with_columns(members=pl.len().over("component"))
        .filter(pl.col("members") == pl.col("members").max())
        .filter(pl.col("component") == pl.col("component").min())
    )


def _refusal(panel: pl.DataFrame, connected: pl.DataFrame) -> str | None:
    """Why a panel identifies no reliability, or null."""
    if panel.height < LEAST_PAIRS:
        return f"too_few_pairs: {panel.height}, at least {LEAST_PAIRS} are needed"
    if connected.height < 0.9 * panel.height:
        return f"disconnected: only {connected.height} of {panel.height} pairs hang together"
    exporters, importers = connected["exporter_code"].n_unique(), connected["importer_code"].n_unique()
    if min(exporters, importers) < LEAST_REPORTERS:
        return f"too_few_reporters: {exporters} exporters and {importers} importers, {LEAST_REPORTERS} are needed"
    if connected["gap"].abs().max() <= GAP_FLOOR:  # type: ignore[operator]
        return "no_gaps: both sides of every flow agree"
    return None


def _codes(column: pl.Series) -> tuple[Codes, list[str]]:
    names = sorted(column.unique())
    numbers = {name: number for number, name in enumerate(names)}
    return np.array([numbers[name] for name in column], dtype=np.int64), names


def _folds(panel: pl.DataFrame) -> Codes:
    """A fold for each flow by a checksum of its key: the same on every machine and in every order of rows."""
    keys = panel.select(pl.concat_str("group", "exporter_code", "importer_code", separator="|")).to_series()
    return np.array([zlib.crc32(key.encode()) % N_FOLDS for key in keys], dtype=np.int64)


def _best_kappas(layout: Layout, y: Floats, folds: Codes) -> tuple[float, float, float, float]:
    """κ of exporters and of importers with the least error on the flows left out, and that error beside all alike."""
    errors = list(held_out_errors(layout, y, folds, KAPPAS))
    exporters, importers, error = min(errors, key=lambda tried: (tried[2], -tried[0], -tried[1]))
    return exporters, importers, error, errors[-1][2]


def _split(bias: Components) -> _Split:
    """The exporter's weight in a flow of two usual reporters, from the variances of lasting gaps by role.

    The uncertainty of its logit takes each variance for a χ² with the freedom that the shrunken effects leave it.
    """
    if min(bias.rows_freedom, bias.columns_freedom) < LEAST_FREEDOM:
        return _Split(0.5, "equal", math.sqrt(4.0 / LEAST_FREEDOM))
    return _Split(
        bias.columns / (bias.rows + bias.columns),
        "bias_variances",
        math.sqrt(2.0 / bias.rows_freedom + 2.0 / bias.columns_freedom),
    )


def _estimate_kind(pairs: pl.DataFrame, kind: str) -> tuple[pl.DataFrame, dict[str, object]]:
    usable = _usable(pairs, kind)
    panel = _largest_component(usable) if usable.height else usable
    about: dict[str, object] = dict.fromkeys(PANEL_SCHEMA)
    about |= {
        "figure_kind": kind,
        "n_pairs": panel.height,
        "n_exporters": panel["exporter_code"].n_unique(),
        "n_importers": panel["importer_code"].n_unique(),
        "n_product_years": panel["group"].n_unique(),
    }
    reason = _refusal(usable, panel)
    if reason is not None:
        return pl.DataFrame(schema=SCHEMA), about | {"is_identified": False, "not_identified_reason": reason}
    return _decompose(panel, kind, about)


def _decompose(panel: pl.DataFrame, kind: str, about: dict[str, object]) -> tuple[pl.DataFrame, dict[str, object]]:
    exporters, exporter_names = _codes(panel["exporter_code"])
    importers, importer_names = _codes(panel["importer_code"])
    groups, _ = _codes(panel["group"])
    size, gap = panel["size"].to_numpy(), panel["gap"].to_numpy()
    layout = Layout(exporters, importers, groups, size - size.mean())
    y = 2.0 * np.log(np.maximum(np.abs(gap), GAP_FLOOR))
    kappa_exporter, kappa_importer, error, alike = _best_kappas(layout, y, _folds(panel))
    fitted = fit(layout, y, kappa_exporter, kappa_importer)
    # gaps of a usual size, so that the one large panel of small flows does not speak for the large ones
    bias = components(layout, gap * np.exp(-0.5 * fitted.slope * layout.covariate))
    split = _split(bias)
    typical = float(np.exp(np.mean(fitted.groups[groups]) - MEAN_LOG_CHI2))
    # a gap without the part of flow's size and of the other side is the reporter's own, as of a usual flow and partner
    scaled = np.abs(gap) * np.exp(-0.5 * fitted.slope * layout.covariate)
    residual = float(np.var(fitted.residuals))
    reporters = [
        _reporters(
            _Role(kind, role, names, codes, effects, kappa, share),
            scaled * np.exp(-0.5 * partners),
            residual,
        )
        for role, names, codes, effects, kappa, share, partners in (
            (
                "exporter", exporter_names, exporters, fitted.rows, kappa_exporter, 1.0 - split.exporter_weight,
                fitted.columns[importers],
            ),
            (
                "importer", importer_names, importers, fitted.columns, kappa_importer, split.exporter_weight,
                fitted.rows[exporters],
            ),
        )
    ]  # fmt: skip
    return pl.concat(reporters), about | {
        "is_identified": True,
        "size_slope": fitted.slope,
        "kappa_exporter": kappa_exporter,
        "kappa_importer": kappa_importer,
        "cv_error": error,
        "cv_error_all_alike": alike,
        "residual_variance": residual,
        "typical_sigma": math.sqrt(typical),
        "bias_variance_exporter": bias.rows,
        "bias_variance_importer": bias.columns,
        "common_exporter_weight": split.exporter_weight,
        "common_weight_basis": split.basis,
        "common_weight_logit_sd": split.logit_sd,
    }


def _reporters(role: _Role, gaps: Floats, residual: float) -> pl.DataFrame:
    """One role's reporters.

    σ is BACI's, from the mean absolute gap (√(2/π) σ if gaps are normal): the variance of a flow of usual size with a
    usual partner, less the partner's part of it, floored. `sigma_relative` puts the most reliable at the floor.
    """
    n_pairs = np.bincount(role.codes, minlength=len(role.names))
    variance = math.pi / 2.0 * (np.bincount(role.codes, gaps, minlength=len(role.names)) / n_pairs) ** 2
    usual = float(np.exp(np.average(np.log(np.maximum(variance, GAP_FLOOR**2)), weights=n_pairs)))
    sigma = np.maximum(np.sqrt(np.maximum(variance - (1.0 - role.share) * usual, 0.0)), GAP_FLOOR)
    return pl.DataFrame(
        {
            "figure_kind": [role.kind] * len(role.names),
            "reporter_role": [role.name] * len(role.names),
            "reporter_code": role.names,
            "n_pairs": n_pairs,
            "effect": role.effects,
            "effect_sd": np.sqrt(residual / (n_pairs + role.kappa)),
            "shrinkage": n_pairs / (n_pairs + role.kappa),
            "sigma": sigma,
            "sigma_relative": GAP_FLOOR + sigma - sigma.min(),
            "variance_share": role.share * np.exp(role.effects),
        },
        schema=SCHEMA,
    )
