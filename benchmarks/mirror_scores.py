"""How near does a reconciled figure come to CEPII's BACI? `python -m benchmarks.mirror_scores`.

Reads the panels of `mirror_files` and prints tables of values, weights and intervals, how well intervals are
calibrated, and how far figures move when a year joins the panel. The constants of `reporter_record` were chosen on the
thirty minerals' codes (`mirror_choice`); magnets (850511) took no part in the choice, except in that of weights in kg.
BACI is read in no method.
"""

from __future__ import annotations

import sys
import zlib
from itertools import pairwise

import numpy as np
import polars as pl

from benchmarks.mirror_files import MAGNETS, folder, read
from warehouse.statistics.gap_effects import LEAST_USD
from warehouse.statistics.gap_spread import (
    CIF_MARGIN,
    QUANTILE_CAUCHY,
    Bounds,
    both_sides,
    sole_report,
    spreads,
    variance,
    with_spread,
)
from warehouse.statistics.reporter_record import exporter_weight, measures, records

X, M, BACI = pl.col("x_value"), pl.col("m_value"), pl.col("reference_usd")
FLOW = ["exporter_code", "importer_code", "product_key", "period_start"]
IS_MAGNETS = pl.col("product_key") == MAGNETS
GAP_EDGES = (0.0, 0.05, 0.3, 0.7, 2.0, float("inf"))
LEAST_FLOW_USD, LEAST_IMPORTER_USD, LEAST_FLOW_KG = 1e5, 1e6, 1e4
N_FOLDS = 5
CLIPPED_AT = float(np.log(10.0))


def write(line: str) -> None:
    """A line of the report."""
    sys.stdout.write(line + "\n")


def by_role(flows: pl.DataFrame, table: pl.DataFrame, column: str, names: tuple[str, str]) -> pl.DataFrame:
    """Flows with a column of the reporters' table for the exporter and for the importer."""
    for role, name in zip(("exporter", "importer"), names, strict=True):
        one = table.filter(pl.col("reporter_role") == role).select(
            pl.col("reporter_code").alias(f"{role}_code"), pl.col(column).alias(name)
        )
        flows = flows.join(one, on=f"{role}_code", how="left", maintain_order="left")
    return flows


def with_records(flows: pl.DataFrame, measured: pl.DataFrame) -> pl.DataFrame:
    """Flows with both records and the exporter's weights that they give."""
    flows = by_role(flows, records(measured), "record", ("x_record", "m_record"))
    weights = {kind: exporter_weight(pl.col("x_record"), pl.col("m_record"), kind) for kind in ("value", "weight")}
    return flows.with_columns(w_value=weights["value"], w_weight=weights["weight"])


def mixed(weight: pl.Expr, x: pl.Expr = X, m: pl.Expr = M) -> pl.Expr:
    """The weighted mean of both reports, or the sole one."""
    return pl.coalesce(weight * x + (1.0 - weight) * m, x, m)


def share_errors(flows: pl.DataFrame, estimate_usd: pl.Expr, *, matched: bool = True) -> pl.DataFrame:
    """Supplier share error of each importer: half the sum of absolute differences of its suppliers' shares.

    Args:
        flows: flows with BACI's figures.
        estimate_usd: the estimate.
        matched: whether flows that only one of both lists are left out.
    """
    of = ["year", "product_key", "importer_code"]
    both = flows.select(*of, e=estimate_usd.fill_null(0.0), b=BACI.fill_null(0.0))
    if matched:
        both = both.filter(pl.col("e") > 0, pl.col("b") > 0)
    totals = {"of_baci": pl.col("b").sum().over(of), "of_estimate": pl.col("e").sum().over(of)}
    scored = both.with_columns(**totals).filter(pl.col("of_baci") > LEAST_IMPORTER_USD)
    share = pl.when(pl.col("of_estimate") > 0).then(pl.col("e") / pl.col("of_estimate")).otherwise(0.0)
    gap = (share - pl.col("b") / pl.col("of_baci")).abs()
    return scored.group_by(of).agg(error=gap.sum() / 2).sort(of)


def log_errors(flows: pl.DataFrame, figure: pl.Expr, truth: pl.Expr, least: float) -> pl.Series:
    """|ln(figure / truth)| of flows whose truth is above the least."""
    return flows.filter(truth > least, figure > 0).select(e=(figure / truth).log().abs())["e"]


def values(panels: dict[str, pl.DataFrame]) -> None:
    """Table of values."""
    write(
        "\nValues: supplier share error of matched flows, of all flows; median |log| above 100,000 US$, both-sided only"
    )
    rivals = {
        "records": mixed(pl.col("w_value")),
        "records of other codes": mixed(pl.col("w_other_codes")),
        "records without prior": mixed(pl.col("w_own_panel")),
        "importer's report": pl.coalesce(M, X),
        "exporter's report": pl.coalesce(X, M),
        "mean": mixed(pl.lit(0.5)),
        **{f"constant {weight}": mixed(pl.lit(weight)) for weight in (0.15, 0.25, 0.35)},
    }
    for panel, flows in panels.items():
        for name, figure in rivals.items():
            two_sided = log_errors(flows.filter(X > 0, M > 0), figure, BACI, LEAST_FLOW_USD)
            scores = (
                share_errors(flows, figure)["error"].mean(),
                share_errors(flows, figure, matched=False)["error"].mean(),
                log_errors(flows, figure, BACI, LEAST_FLOW_USD).median(),
                two_sided.median(),
            )
            write(f"{panel:<14}{name:<24}" + "".join(f"{score:9.4f}" for score in scores))


def weights(magnets: pl.DataFrame) -> None:
    """Table of weights: magnets only, since BACI's file of the other codes has none."""
    x, m, truth = pl.col("x_weight"), pl.col("m_weight"), pl.col("reference_kg")
    both = magnets.filter(x > 0, m > 0)
    write("\nWeights of magnets 2024 above ten tonnes: median |log|, mean, mean clipped at ln 10; flows")
    rivals = {
        "records": pl.col("w_weight"),
        "importer's report": pl.lit(0.0),
        "exporter's report": pl.lit(1.0),
        "mean": pl.lit(0.5),
        "constant 0.25": pl.lit(0.25),
    }
    figures = {name: mixed(weight, x, m) for name, weight in rivals.items()}
    figures["geometric mean"] = (x * m).sqrt()
    figures["records, geometric"] = (pl.col("w_weight") * x.log() + (1.0 - pl.col("w_weight")) * m.log()).exp()
    for name, figure in figures.items():
        errors = log_errors(both, figure, truth, LEAST_FLOW_KG)
        clipped = errors.clip(upper_bound=CLIPPED_AT).mean()
        write(f"{name:<24}{errors.median():9.3f}{errors.mean():9.3f}{clipped:9.3f}{errors.len():7}")


def with_variance(
    flows: pl.DataFrame, measured: pl.DataFrame, kind: str, loaded: pl.DataFrame, prior: pl.DataFrame
) -> pl.DataFrame:
    """Flows with the S² of both reports, of the exporter's alone and of the importer's alone."""
    effects = measured.filter(pl.col("measure") == f"{kind}_gap")
    flows = by_role(with_spread(flows, kind, loaded, prior), effects, "effect", ("x_effect", "m_effect"))
    x, m, usual = pl.col("x_effect"), pl.col("m_effect"), pl.lit(0.0)
    return flows.with_columns(
        spread=variance((X * M).sqrt(), x, m), x_spread=variance(X, x, usual), m_spread=variance(M, usual, m)
    )


def ends(kind: str) -> dict[str, Bounds]:
    """Intervals of one kind of figure: of both reports, and of each as if it were the only one."""
    x, m, usual = pl.col(f"x_{kind}"), pl.col(f"m_{kind}"), pl.lit(0.0)
    x_weight = exporter_weight(pl.col("x_record"), usual, kind)
    m_weight = exporter_weight(usual, pl.col("m_record"), kind)
    margin = CIF_MARGIN if kind == "value" else 1.0
    return {
        "both reports": both_sides(x, m, pl.col(f"w_{kind}"), pl.col("spread")),
        "exporter's alone": sole_report(x, 1.0 - x_weight, pl.col("x_spread")),
        "importer's alone": sole_report(m, m_weight, pl.col("m_spread"), margin),
    }


def intervals(panels: dict[str, pl.DataFrame], kind: str, truth: str, least: float) -> None:
    """Table of intervals of one kind of figure."""
    write(f"\nIntervals of {kind}s, nominal 80 %: share with BACI's figure inside; median and mean width; flows")
    x, m = pl.col(f"x_{kind}"), pl.col(f"m_{kind}")
    gap = (x / m).log().abs()
    for panel, flows in panels.items():
        two_sided = flows.filter(x > 0, m > 0, pl.col(truth) > least)
        parts = [(name, "", bounds, two_sided) for name, bounds in ends(kind).items()]
        both = ends(kind)["both reports"]
        for low, high in pairwise(GAP_EDGES):
            parts.append(("both reports", f"gap {low:g}-{high:g}", both, two_sided.filter(gap >= low, gap < high)))
        for name, part_name, bounds, part in parts:
            inside = pl.col(truth).is_between(bounds.low, bounds.high)
            found = part.select(inside=inside, width=(bounds.high / bounds.low).log())
            scores = (found["inside"].mean(), found["width"].median(), found["width"].mean())
            printed = "".join(f"{score:8.3f}" for score in scores)
            write(f"{panel:<14}{name:<18}{part_name:<14}{printed}{part.height:7}")


def calibration(thirty: pl.DataFrame) -> None:
    """Gaps of codes that the spreads do not come from: the share that lies within the nominal quantile."""
    write("\nGaps of left-out codes within the quantile of 80 %: values, weights")
    folds = thirty.with_columns(fold=pl.col("product_key").map_elements(code_fold, return_dtype=pl.Int64))
    for kind in ("value", "weight"):
        gap, parts = (pl.col(f"x_{kind}") / pl.col(f"m_{kind}")).log().abs(), []
        for fold in range(N_FOLDS):
            others = folds.filter(pl.col("fold") != fold)
            measured, found = measures(others), spreads(others)
            left_out = folds.filter(pl.col("fold") == fold, X + M > LEAST_USD)
            spread = with_variance(left_out, measured, kind, found.clear(), found)
            parts.append(spread.select(year="year", is_inside=gap <= QUANTILE_CAUCHY * pl.col("spread").sqrt()))
        inside = pl.concat(parts).drop_nulls()
        write(f"{kind}: {inside['is_inside'].mean():.3f} of {inside.height}")


def stability(thirty: pl.DataFrame) -> None:
    """How far one year's figures move when the other year joins the panel, without any prior."""
    write("\nA year joins the panel: median and ninth decile of |ln| of the other year's two-sided values")
    for year in (2022, 2024):
        own = thirty.filter(pl.col("year") == year)
        other = thirty.filter(pl.col("year") != year)
        alone = measures(own)
        figures = [
            with_records(own.filter(X > 0, M > 0), measured).select(e=mixed(pl.col("w_value")))["e"].to_numpy()
            for measured in (alone, measures(other, alone))
        ]
        moved = np.abs(np.log(figures[1] / figures[0]))
        write(f"{year}: {np.median(moved):.4f} {np.quantile(moved, 0.9):.4f}")


def code_fold(product_key: str) -> int:
    """The fold of a code."""
    return zlib.crc32(product_key.encode()) % N_FOLDS


def of_other_codes(thirty: pl.DataFrame) -> pl.DataFrame:
    """`w_other_codes`: the weight of each flow by records from the codes of other folds."""
    folds = thirty.with_columns(fold=pl.col("product_key").map_elements(code_fold, return_dtype=pl.Int64))
    parts = [
        with_records(folds.filter(pl.col("fold") == fold), measures(folds.filter(pl.col("fold") != fold)))
        for fold in range(N_FOLDS)
    ]
    return pl.concat(parts).select("exporter_code", "importer_code", "product_key", "year", w_other_codes="w_value")


def main() -> None:
    """Read the panels and print the tables."""
    flows = read(folder())
    thirty, magnets = flows.filter(~IS_MAGNETS), flows.filter(IS_MAGNETS)
    prior, spread = measures(thirty), spreads(thirty)
    updated = measures(magnets, prior)
    key = [*FLOW[:3], "year"]
    alone = pl.concat(
        with_records(part, measures(part)).select(*key, w_own_panel="w_value") for part in (thirty, magnets)
    )
    others = pl.concat([of_other_codes(thirty), with_records(magnets, prior).select(*key, w_other_codes="w_value")])
    scored = with_records(flows, updated).join(others, on=key, how="left").join(alone, on=key, how="left")
    panels = {
        "thirty 2022": scored.filter(~IS_MAGNETS, pl.col("year") == 2022),
        "thirty 2024": scored.filter(~IS_MAGNETS, pl.col("year") == 2024),
        "magnets 2024": scored.filter(IS_MAGNETS),
    }
    values(panels)
    weights(panels["magnets 2024"])
    loaded = spreads(magnets, prior)
    for kind, truth, least, names in (
        ("value", "reference_usd", LEAST_FLOW_USD, list(panels)),
        ("weight", "reference_kg", LEAST_FLOW_KG, ["magnets 2024"]),
    ):
        chosen = {name: with_variance(panels[name], updated, kind, loaded, spread) for name in names}
        intervals(chosen, kind, truth, least)
    calibration(thirty)
    stability(thirty)


if __name__ == "__main__":
    main()
