"""Reliability of each reporter, as exporter and as importer, from the gaps between both reports of the same flows.

The model is BACI's variance decomposition (Gaulier and Zignago 2010, CEPII working paper 2010-23, section 3) on the
scale of log variances. With d = ln(exporter's report / importer's report) of one flow, values at FOB:

    2 ln |d| = level of product and year + slope · ln size + exporter's effect + importer's effect + noise

For a normal d the noise is ln χ² with one degree of freedom, of variance π²/2. Effects are shrunk by n / (n + κ).

|d| does not show which side errs. The division of a typical flow's variance between the two roles comes from the
signed d: the persistent part of each exporter's and of each importer's gaps has a variance of its own.

Rows are sorted by their keys before anything is summed, and every fitted figure is settled (warehouse/figures.py), so
that no choice depends on the last digits of a sum.
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
"""Candidates for κ; cross-validation chooses among them. With the last one all reporters are practically equal."""

LEAST_FREEDOM = 3.0
"""Degrees of freedom of a role's persistent gaps below which both roles get the same weight (assumption)."""

SMALL = 0.1
"""Quantile of flow sizes below which a flow gets the error of that size: the panel does not show the slope there."""

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
"""One row per reporter, role and kind of figure.

`effect` and its standard error `effect_sd` are in log variances (0.4 is a variance 1.5 times the typical one);
`shrinkage` is n / (n + κ), between 0 and 1; `sigma` (0.2) is a standard deviation of log errors and `sigma_relative`
(1.1) a multiple of the typical reporter's; `variance_share` is the role's share of a typical variance times
exp(effect): the weights of reports are computed from it.
"""

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
"""One row a kind of figure: what its panel identifies.

Counts of pairs, reporters, products and years; `usual_size` and `least_size` of a flow in US$ or kg; `size_slope` of
the log variance by log size (−0.45); the chosen κ and the cross-validated mean squared errors; variances of log gaps;
`common_exporter_weight` of two typical reporters (0.24) with the standard error of its logit. Where nothing is
identified, all but the counts and the reason is null.
"""


@dataclass(frozen=True, slots=True)
class Reliability:
    """Reporters of the identified panels (SCHEMA), and one row a panel (PANEL_SCHEMA)."""

    reporters: pl.DataFrame
    panels: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Split:
    """Division of a typical flow's variance: the exporter's weight is the importer's share of it."""

    exporter_weight: float
    basis: str
    logit_sd: float


@dataclass(frozen=True, slots=True)
class _Role:
    """Reporters in one role: the number of each pair's reporter, their effects, the role's share of a variance."""

    kind: str
    name: str
    names: list[str]
    codes: Codes
    effects: Floats
    kappa: float
    share: float


def estimate(pairs: pl.DataFrame, anomalies: pl.DataFrame | None = None) -> Reliability:
    """Decompose the gaps of each kind of figure.

    Args:
        pairs: PAIR_SCHEMA, in any order of rows, both figures above 0. Gaps are ratios: the unit does not matter.
        anomalies: ANOMALY_SCHEMA and more columns: reporters whose figures of a product and year look like a mistake of
            unit. They get an effect like all others, but their pairs are left out where κ and the division between the
            roles are chosen.

    Returns:
        The reporters of each identified panel, and one row a panel whether or not it is identified. Figures keep
        `mixed_effects.DIGITS` significant digits.
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
    """κ of exporters and of importers with the least cross-validated error.

    Of equal errors the larger κ of exporters wins, then the larger κ of importers: more shrinkage claims less.

    Returns:
        κ of exporters, κ of importers, their error, and the error with the largest κ for both (all reporters equal).
    """
    errors = list(held_out_errors(layout, y, folds, KAPPAS))
    exporters, importers, error = min(errors, key=lambda tried: (tried[2], -tried[0], -tried[1]))
    return exporters, importers, error, errors[-1][2]


def _split(bias: Components) -> _Split:
    """The exporter's weight in a flow of two typical reporters, from the variances of persistent gaps by role.

    The standard error of its logit treats each variance as χ² with its effective degrees of freedom f: ln of such a
    variance has variance 2 / f. Both roles get the weight ½ where f is too small or the variances have not converged.
    """
    if not bias.has_converged or min(bias.rows_freedom, bias.columns_freedom) < LEAST_FREEDOM:
        return _Split(0.5, "equal", math.sqrt(4.0 / LEAST_FREEDOM))
    return _Split(
        bias.columns / (bias.rows + bias.columns),
        "bias_variances",
        math.sqrt(2.0 / bias.rows_freedom + 2.0 / bias.columns_freedom),
    )


def _estimate_kind(pairs: pl.DataFrame, kind: str, anomalies: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, object]]:
    """Reporters (SCHEMA) and the row of the panel (PANEL_SCHEMA) of one kind of figure."""
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
    choices = _choose(panel if refusal(trusted, trusted) else trusted)
    reporters, fitted = _judge(panel, kind, choices)
    return reporters, about | {"is_identified": True} | _about_choices(choices) | fitted


@dataclass(frozen=True, slots=True)
class _Choices:
    """What holds of all reporters of a panel: κ by role with the errors that chose them, and the roles' variances."""

    kappa_exporter: float
    kappa_importer: float
    cv_error: float
    cv_error_all_alike: float
    bias: Components
    split: _Split


def _choose(trusted: pl.DataFrame) -> _Choices:
    """κ and the division of the roles, from the pairs without a suspected mistake of unit."""
    panel = numbers(trusted)
    kappa_exporter, kappa_importer, error, all_alike = _best_kappas(panel.layout, panel.y, folds(trusted))
    slope = fit(panel.layout, panel.y, kappa_exporter, kappa_importer).slope
    # gaps are scaled to those of a typical size: otherwise the many small flows outweigh the few large ones
    bias = components(panel.layout, panel.gaps * np.exp(-0.5 * slope * panel.layout.covariate))
    return _Choices(kappa_exporter, kappa_importer, error, all_alike, bias, _split(bias))


def _about_choices(choices: _Choices) -> dict[str, object]:
    """The columns of PANEL_SCHEMA that say what was chosen."""
    return {
        "kappa_exporter": choices.kappa_exporter,
        "kappa_importer": choices.kappa_importer,
        "cv_error": choices.cv_error,
        "cv_error_all_alike": choices.cv_error_all_alike,
        "bias_variance_exporter": choices.bias.rows,
        "bias_variance_importer": choices.bias.columns,
        "common_exporter_weight": choices.split.exporter_weight,
        "common_weight_basis": choices.split.basis,
        "common_weight_logit_sd": choices.split.logit_sd,
    }


def _judge(panel: pl.DataFrame, kind: str, choices: _Choices) -> tuple[pl.DataFrame, dict[str, object]]:
    """Every reporter by all its pairs, and the columns of PANEL_SCHEMA that are fitted with them."""
    whole = numbers(panel)
    layout = whole.layout
    fitted = fit(layout, whole.y, choices.kappa_exporter, choices.kappa_importer)
    residual = float(np.var(fitted.residuals))
    # a gap without the parts of the flow's size and of the other side: the reporter's own, at typical size and partner
    scaled = np.abs(whole.gaps) * np.exp(-0.5 * fitted.slope * layout.covariate)
    share = choices.split.exporter_weight
    exporters = _Role(kind, "exporter", whole.exporters, layout.rows, fitted.rows, choices.kappa_exporter, 1.0 - share)
    importers = _Role(kind, "importer", whole.importers, layout.columns, fitted.columns, choices.kappa_importer, share)
    reporters = pl.concat(
        [
            _reporters(exporters, scaled * np.exp(-0.5 * fitted.columns[layout.columns]), residual),
            _reporters(importers, scaled * np.exp(-0.5 * fitted.rows[layout.rows]), residual),
        ]
    )
    sizes = panel["size"].to_numpy()
    return reporters, {
        "size_slope": fitted.slope,
        "usual_size": float(np.exp(sizes.mean())),
        "least_size": float(np.exp(np.quantile(sizes, SMALL))),
        "residual_variance": residual,
        "typical_sigma": math.sqrt(float(np.exp(np.mean(fitted.groups[layout.groups]) - MEAN_LOG_CHI2))),
    }


def _reporters(role: _Role, gaps: Floats, residual: float) -> pl.DataFrame:
    """One role's reporters (SCHEMA).

    `sigma` is BACI's: the mean absolute gap is √(2/π) σ where gaps are normal. From the variance that this gives, for a
    flow of typical size with a typical partner, the partner's share is subtracted; GAP_FLOOR is the least. Weights use
    `sigma_relative` instead: the shrunken effect as a ratio of standard deviations, 1 for the typical reporter.

    Args:
        role: the reporters.
        gaps: absolute log gap of each pair, scaled to typical size and partner.
        residual: variance of the residuals of the fit, in squared log variances (5.2).
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
