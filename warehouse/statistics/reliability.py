"""How reliable each reporter is, as exporter and as importer, from the gaps between both sides of the same flows.

Belongs here: the decomposition of the gaps of a panel, and its choices, all made inside the panel. Does not belong
here: what is in the panel (reliability_panel.py), what the weights do to a row (dbt models `int_mirror__*`), linear
algebra (mixed_effects.py).

The model is BACI's variance decomposition (Gaulier and Zignago 2010, CEPII working paper 2010-23, §3) on the scale of
log variances: with d = ln(exporter's report / importer's report, FOB) of one flow,

    2 ln |d| = product and year + slope · ln size + exporter's effect + importer's effect + noise

where the noise of a normal d is ln χ²₁, of variance π²/2. Effects are shrunk by n / (n + κ). How the variance of a
usual flow is divided between the two roles is not to be had from |d|; it comes from the signed d, whose lasting part of
each exporter and of each importer has a variance of its own.

Pairs are put in the order of their keys before anything is added up. What is fitted and every figure returned is
settled (figures.py), so that no choice made here rests on the last digits of a sum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from warehouse.figures import settled
from warehouse.statistics.mixed_effects import (
    DIGITS,
    Codes,
    Components,
    Floats,
    Layout,
    components,
    fit,
    held_out_errors,
)
from warehouse.statistics.reliability_panel import (
    ANOMALY_SCHEMA,
    FIGURE_KINDS,
    GAP_FLOOR,
    PAIR_SCHEMA,
    folds,
    largest_component,
    numbers,
    refusal,
    usable,
    without,
)

KAPPAS = (5.0, 10.0, 20.0, 40.0, 80.0, 1000.0)
"""Among these cross-validation chooses; at the last all reporters are alike."""

LEAST_FREEDOM = 3.0
"""Fewer reporters' worth of lasting gaps in a role says nothing of the division between the roles (assumption)."""

SMALL = 0.1
"""Flows smaller than nine in ten of the panel's are judged as of that size: the slope is not seen below it."""

MEAN_LOG_CHI2 = -1.2703628454614782
"""Mean of ln χ² with one degree of freedom, −γ − ln 2."""

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
    "usual_size": pl.Float64,
    "least_size": pl.Float64,
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


def estimate(pairs: pl.DataFrame, anomalies: pl.DataFrame | None = None) -> Reliability:
    """Decompose the gaps of a panel, values and weights apart.

    `pairs` has the columns of PAIR_SCHEMA, in any order of rows: values in US$ FOB, weights in kg (null unless both
    sides report one). Gaps are ratios, so that a common change of the unit of weights changes nothing.

    `anomalies` (ANOMALY_SCHEMA and more) names reporters whose figures of a product and year look like a mistake of
    unit. They are judged too, but have no say in what holds of all reporters: κ and the division of the roles.
    """
    named = pl.DataFrame(schema=ANOMALY_SCHEMA) if anomalies is None else anomalies.select(list(ANOMALY_SCHEMA))
    found = [
        _estimate_kind(
            pairs.select(list(PAIR_SCHEMA)).filter(pl.col("figure_kind") == kind),
            kind,
            named.filter(pl.col("figure_kind") == kind, pl.col("anomaly").is_not_null()),
        )
        for kind in FIGURE_KINDS
    ]
    return Reliability(
        reporters=settled(pl.concat([reporters for reporters, _ in found]), DIGITS),
        panels=settled(pl.DataFrame([panel for _, panel in found], schema=PANEL_SCHEMA, orient="row"), DIGITS),
    )


def _best_kappas(layout: Layout, y: Floats, folds: Codes) -> tuple[float, float, float, float]:
    """κ of exporters and of importers with the least error on the flows left out, and that error beside all alike.

    Of equal errors the larger κ of exporters is taken, then the larger κ of importers: the one that claims less.
    """
    errors = list(held_out_errors(layout, y, folds, KAPPAS))
    exporters, importers, error = min(errors, key=lambda tried: (tried[2], -tried[0], -tried[1]))
    return exporters, importers, error, errors[-1][2]


def _split(bias: Components) -> _Split:
    """The exporter's weight in a flow of two usual reporters, from the variances of lasting gaps by role.

    The uncertainty of its logit takes each variance for a χ² with the freedom that the shrunken effects leave it. The
    roles count alike where a variance has too little freedom, or where the variances have not converged.
    """
    if not bias.has_converged or min(bias.rows_freedom, bias.columns_freedom) < LEAST_FREEDOM:
        return _Split(0.5, "equal", math.sqrt(4.0 / LEAST_FREEDOM))
    return _Split(
        bias.columns / (bias.rows + bias.columns),
        "bias_variances",
        math.sqrt(2.0 / bias.rows_freedom + 2.0 / bias.columns_freedom),
    )


def _estimate_kind(pairs: pl.DataFrame, kind: str, anomalies: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, object]]:
    found = usable(pairs)
    panel = largest_component(found) if found.height else found
    about: dict[str, object] = dict.fromkeys(PANEL_SCHEMA)
    about |= {
        "figure_kind": kind,
        "n_pairs": panel.height,
        "n_exporters": panel["exporter_code"].n_unique(),
        "n_importers": panel["importer_code"].n_unique(),
        "n_product_years": panel["group"].n_unique(),
    }
    reason = refusal(found, panel)
    if reason is not None:
        return pl.DataFrame(schema=SCHEMA), about | {"is_identified": False, "not_identified_reason": reason}
    trusted = without(panel, anomalies)
    return _decompose(panel, panel if refusal(trusted, trusted) else trusted, kind, about)


def _decompose(
    panel: pl.DataFrame, trusted: pl.DataFrame, kind: str, about: dict[str, object]
) -> tuple[pl.DataFrame, dict[str, object]]:
    """Choose κ and the division of roles by the pairs trusted, then judge every reporter by all its pairs."""
    usual = numbers(trusted)
    kappa_exporter, kappa_importer, error, alike = _best_kappas(usual.layout, usual.y, folds(trusted))
    slope = fit(usual.layout, usual.y, kappa_exporter, kappa_importer).slope
    # gaps scaled to those of a usual size, so that the many small flows do not speak for the large ones
    bias = components(usual.layout, usual.gaps * np.exp(-0.5 * slope * usual.layout.covariate))
    split = _split(bias)
    whole = numbers(panel)
    layout = whole.layout
    fitted = fit(layout, whole.y, kappa_exporter, kappa_importer)
    typical = float(np.exp(np.mean(fitted.groups[layout.groups]) - MEAN_LOG_CHI2))
    # a gap without the part of flow's size and of the other side is the reporter's own, as of a usual flow and partner
    scaled = np.abs(whole.gaps) * np.exp(-0.5 * fitted.slope * layout.covariate)
    residual = float(np.var(fitted.residuals))
    reporters = [
        _reporters(
            _Role(
                kind, "exporter", whole.exporters, layout.rows, fitted.rows, kappa_exporter, 1.0 - split.exporter_weight
            ),
            scaled * np.exp(-0.5 * fitted.columns[layout.columns]),
            residual,
        ),
        _reporters(
            _Role(
                kind, "importer", whole.importers, layout.columns, fitted.columns, kappa_importer, split.exporter_weight
            ),
            scaled * np.exp(-0.5 * fitted.rows[layout.rows]),
            residual,
        ),
    ]
    return pl.concat(reporters), about | {
        "is_identified": True,
        "size_slope": fitted.slope,
        "usual_size": float(np.exp(panel["size"].to_numpy().mean())),
        "least_size": float(np.exp(np.quantile(panel["size"].to_numpy(), SMALL))),
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
    usual partner, less the partner's part of it, floored. `sigma_relative` is what the weights rest on: the shrunken
    effect as a ratio of standard deviations, 1 for the usual reporter.
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
            "sigma_relative": np.exp(0.5 * role.effects),
            "variance_share": role.share * np.exp(role.effects),
        },
        schema=SCHEMA,
    )
