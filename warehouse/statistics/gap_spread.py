"""How far two reports of a flow usually lie apart, and the interval of the figure made of them.

Gaps between reports follow a Cauchy distribution whose scale S depends on product, size and both reporters:

    ln S² = level + slope · ln(size / REFERENCE_USD) + exporter's effect + importer's effect

Half of the thirty minerals' gaps lie within 1.02 S and four fifths within 3.15 S; a Cauchy distribution has 1 and 3.08.
The mean of ln |gap| of such a distribution is ln S, so the linear model of `gap_effects` estimates it directly.

A Cauchy gap is a normal one of a variance that is itself unknown, with one degree of freedom. Given both reports, with
w the exporter's weight and d their gap, the error of a figure between them has Student's t distribution with two:

    scale² = w (1 − w) (S² + d²) / 2

So reports that happen to agree do not make the figure sure: S² remains. A sole report has the Cauchy distribution of
scale S times the root of its side's share of the variance. Nothing here is fitted to any figure but the two reports.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl

from warehouse.figures import settled
from warehouse.statistics.gap_effects import REFERENCE_USD, fitted, log_square, observations
from warehouse.statistics.mixed_effects import DIGITS

ALL = "all"
"""The family of all products, for products of a family that no panel has."""

QUANTILE_CAUCHY = math.tan(0.4 * math.pi)
"""Nine tenths of a Cauchy distribution lie below it: 3.0777."""

QUANTILE_T2 = 0.8 / math.sqrt(2.0 * 0.9 * 0.1)
"""Nine tenths of Student's t distribution with two degrees of freedom lie below it: 1.8856."""

LEAST_PAIRS = 20
"""Pairs from which a product or family has a level of its own (assumption)."""

UNKNOWN_PRODUCT = 0.6
"""Added to ln S² of a product that has only the level of its chapter or of all. Products of a chapter differ: with the
chapter's level alone 75 % (values) and 73 % (weights) of left-out codes' gaps lay where 80 % should, with this 82 % and
81 % (benchmarks/mirror_scores.py)."""

CIF_MARGIN = 1.036
"""Median of importers' over exporters' values in the wide panel: how far a CIF value may lie above its FOB value."""

SPREAD_SCHEMA = {
    "figure_kind": pl.String,
    "family": pl.String,
    "n_pairs": pl.Int64,
    "log_variance": pl.Float64,
    "size_slope": pl.Float64,
}
"""One row per kind of figure and family: a product key, a chapter of the HS ("28") or `all`; ln S² at REFERENCE_USD."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Expressions of the lower and the upper end of an interval."""

    low: pl.Expr
    high: pl.Expr


def spreads(flows: pl.DataFrame, prior: pl.DataFrame | None = None) -> pl.DataFrame:
    """Levels of every product, chapter and of all products (SPREAD_SCHEMA) of a panel (FLOW_SCHEMA).

    Args:
        flows: a panel of all reporters.
        prior: measures (EFFECT_SCHEMA) of another panel, as in `reporter_record.measures`.
    """
    observed = observations(flows)
    found = [pl.DataFrame(schema=SPREAD_SCHEMA)]
    for kind in ("value", "weight"):
        gap = f"{kind}_gap"
        model = fitted(observed, log_square(pl.col(gap)), (gap, gap), prior)
        if model is None:
            continue
        families = (pl.col("product_key"), pl.col("product_key").str.slice(3, 2), pl.lit(ALL))
        levels = model.levels.with_columns(weighted=pl.col("level") * pl.col("n"))
        found.extend(
            levels.group_by(family=family)
            .agg(n_pairs=pl.col("n").sum().cast(pl.Int64), log_variance=pl.col("weighted").sum() / pl.col("n").sum())
            .filter(pl.col("n_pairs") >= LEAST_PAIRS)
            .with_columns(figure_kind=pl.lit(kind), size_slope=pl.lit(model.slope))
            .select(list(SPREAD_SCHEMA))
            for family in families
        )
    return pl.concat(found).pipe(settled, DIGITS).sort("figure_kind", "family")


def with_prior(flows: pl.DataFrame, measures: pl.DataFrame, levels: pl.DataFrame) -> pl.DataFrame:
    """Levels of the panel's products, and of chapters and all products as the wide panel has them.

    Args:
        flows: FLOW_SCHEMA, a panel of all reporters, or no row.
        measures: EFFECT_SCHEMA of the wide panel.
        levels: SPREAD_SCHEMA of the wide panel.

    Returns:
        SPREAD_SCHEMA and `spread_basis`: `panel` or `prior`.
    """
    of_products = spreads(flows, measures).filter(pl.col("family").is_in(flows["product_key"].unique()))
    return pl.concat(
        [
            of_products.with_columns(spread_basis=pl.lit("panel")),
            levels.select(list(SPREAD_SCHEMA))
            .cast(pl.Schema(SPREAD_SCHEMA))
            .with_columns(spread_basis=pl.lit("prior")),
        ]
    ).sort("figure_kind", "family")


def with_spread(flows: pl.DataFrame, figure_kind: str, loaded: pl.DataFrame, prior: pl.DataFrame) -> pl.DataFrame:
    """Flows with `log_variance` (ln S² at REFERENCE_USD) and `size_slope`.

    The level is that of the product in the loaded panel, else in the prior; else that of its chapter in the prior, else
    of all products, wider by UNKNOWN_PRODUCT.

    Args:
        flows: any frame with `product_key`.
        figure_kind: `value` or `weight`.
        loaded: SPREAD_SCHEMA of the loaded panel.
        prior: SPREAD_SCHEMA of the wide panel.
    """
    product, chapter = pl.col("product_key"), pl.col("product_key").str.slice(3, 2)
    sources = (
        (loaded, product, 0.0),
        (prior, product, 0.0),
        (prior, chapter, UNKNOWN_PRODUCT),
        (prior, pl.lit(ALL), UNKNOWN_PRODUCT),
    )
    found = flows.with_columns(log_variance=pl.lit(None, dtype=pl.Float64), size_slope=pl.lit(None, dtype=pl.Float64))
    for spread, family, added in sources:
        known = spread.filter(pl.col("figure_kind") == figure_kind).select(
            "family", next_level=pl.col("log_variance") + added, next_slope="size_slope"
        )
        found = (
            found.with_columns(family=family)
            .join(known, on="family", how="left", maintain_order="left")
            .with_columns(
                log_variance=pl.coalesce("log_variance", "next_level"),
                size_slope=pl.coalesce("size_slope", "next_slope"),
            )
            .drop("family", "next_level", "next_slope")
        )
    return found


def variance(size_usd: pl.Expr, exporter_effect: pl.Expr, importer_effect: pl.Expr) -> pl.Expr:
    """S² of a flow, from `log_variance` and `size_slope`, its size in US$ and the reporters' effects of that gap.

    A side without an effect counts as the usual reporter.
    """
    size = (size_usd / REFERENCE_USD).log()
    effects = exporter_effect.fill_null(0.0) + importer_effect.fill_null(0.0)
    return (pl.col("log_variance") + pl.col("size_slope") * size + effects).exp()


def both_sides(x: pl.Expr, m: pl.Expr, weight: pl.Expr, spread: pl.Expr) -> Bounds:
    """The interval of a figure made of two reports: eight tenths of the distribution around their weighted log mean.

    Args:
        x: the exporter's figure, above 0.
        m: the importer's.
        weight: the exporter's weight, between 0 and 1.
        spread: S², as `variance` gives it.

    Returns:
        Ends of the interval, which also holds the weighted arithmetic mean of both reports.
    """
    centre = (weight * x.log() + (1.0 - weight) * m.log()).exp()
    figure = weight * x + (1.0 - weight) * m
    scale = (weight * (1.0 - weight) * (spread + (x / m).log() ** 2) / 2.0).sqrt()
    factor = (QUANTILE_T2 * scale).exp()
    return Bounds(pl.min_horizontal(centre / factor, figure), pl.max_horizontal(centre * factor, figure))


def sole_report(figure: pl.Expr, share: pl.Expr, spread: pl.Expr, margin: float = 1.0) -> Bounds:
    """The interval of a figure that one side reports.

    Args:
        figure: the report, above 0.
        share: its side's share of the variance: 1 − w of the exporter's, w of the importer's.
        spread: S², as `variance` gives it, with the other side counted as the usual reporter.
        margin: CIF_MARGIN for an importer's value, which may include freight and insurance; otherwise 1.
    """
    factor = (QUANTILE_CAUCHY * (share * spread).sqrt()).exp()
    return Bounds(figure / factor / margin, figure * factor)
