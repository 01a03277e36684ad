"""The panel from which reliability is estimated: its pairs of reports, and whether it identifies anything."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import polars as pl

from warehouse.figures import settle
from warehouse.statistics.mixed_effects import Codes, Floats, Layout

FIGURE_KINDS = ("value", "weight")
"""Kinds of figures, each with a panel of its own."""

GAP_FLOOR = 0.05
"""Least absolute log gap: reports within 5 % agree. Below it a gap is rounding and CIF ratio, and ln |d| diverges."""

LEAST_PAIRS, LEAST_REPORTERS, LEAST_IN_GROUP = 100, 10, 20
"""Minimum of pairs, of reporters in each role, and of pairs of a product and year (assumptions)."""

LEAST_CONNECTED = 0.9
"""Share of the pairs that the largest connected set of reporters must hold (assumption)."""

N_FOLDS = 10
"""Folds of the cross-validation."""

PAIR_SCHEMA = {
    "exporter_code": pl.String,
    "importer_code": pl.String,
    "product_key": pl.String,
    "period_start": pl.Date,
    "figure_kind": pl.String,
    "x_figure": pl.Float64,
    "m_figure": pl.Float64,
}
"""A panel's row: one value (US$ FOB) or weight (kg) of a calendar year's flow that both sides report."""

ANOMALY_SCHEMA = {
    "figure_kind": pl.String,
    "reporter_role": pl.String,
    "reporter_code": pl.String,
    "product_key": pl.String,
    "period_start": pl.Date,
    "anomaly": pl.String,
}
"""One row per reporter, role, product and year; `anomaly` names the unit error its figures look like, or is null."""


def usable(pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs of products and years that have enough of them.

    Args:
        pairs: PAIR_SCHEMA, one kind of figure, both figures above 0, in any order of rows.

    Returns:
        The pairs kept with `gap` (ln of exporter's over importer's figure), `size` (ln of their geometric mean) and
        `group` (product and year), sorted by group, exporter, importer and figures, so that sums over pairs do not
        depend on the order of the rows given.
    """
    return (
        pairs.with_columns(
            gap=(pl.col("x_figure") / pl.col("m_figure")).log(),
            size=0.5 * (pl.col("x_figure").log() + pl.col("m_figure").log()),
            group=pl.concat_str("product_key", pl.lit(" "), pl.col("period_start").cast(pl.String)),
        )
        .filter(pl.len().over("group") >= LEAST_IN_GROUP)
        .sort("group", "exporter_code", "importer_code", "x_figure", "m_figure")
    )


def largest_component(panel: pl.DataFrame) -> pl.DataFrame:
    """Pairs of the largest connected set of reporters; effects of other reporters are not comparable with theirs."""
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


def refusal(panel: pl.DataFrame, connected: pl.DataFrame) -> str | None:
    """Why a panel identifies no reliability: `too_few_pairs: 56, at least 100 are needed`, or null.

    Args:
        panel: all pairs, as `usable` returns them.
        connected: those of the largest connected set of reporters.
    """
    if panel.height < LEAST_PAIRS:
        return f"too_few_pairs: {panel.height}, at least {LEAST_PAIRS} are needed"
    if connected.height < LEAST_CONNECTED * panel.height:
        return f"disconnected: only {connected.height} of {panel.height} pairs hang together"
    exporters, importers = connected["exporter_code"].n_unique(), connected["importer_code"].n_unique()
    if min(exporters, importers) < LEAST_REPORTERS:
        return f"too_few_reporters: {exporters} exporters and {importers} importers, {LEAST_REPORTERS} are needed"
    if settle(connected["gap"].abs().max()) <= GAP_FLOOR:  # type: ignore[arg-type]
        return "no_gaps: both sides of every flow agree"
    return None


def _codes(column: pl.Series) -> tuple[Codes, list[str]]:
    """Names as numbers from 0 in the order of their text, and the names."""
    names = sorted(column.unique())
    numbers = {name: number for number, name in enumerate(names)}
    return np.array([numbers[name] for name in column], dtype=np.int64), names


def folds(panel: pl.DataFrame) -> Codes:
    """The fold of each pair, 0 to N_FOLDS − 1, from a CRC-32 of its key: the same on every machine and in any order."""
    keys = panel.select(pl.concat_str("group", "exporter_code", "importer_code", separator="|")).to_series()
    return np.array([zlib.crc32(key.encode()) % N_FOLDS for key in keys], dtype=np.int64)


def without(panel: pl.DataFrame, anomalies: pl.DataFrame) -> pl.DataFrame:
    """The pairs without those of which `anomalies` (ANOMALY_SCHEMA) names the exporter or the importer."""
    for role in ("exporter", "importer"):
        named = anomalies.filter(pl.col("reporter_role") == role).rename({"reporter_code": f"{role}_code"})
        panel = panel.join(named, on=[f"{role}_code", "product_key", "period_start"], how="anti", maintain_order="left")
    return panel


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel as arrays of one entry a pair: signed log gaps, y = 2 ln |gap|, and the codes of its reporters."""

    gaps: Floats
    y: Floats
    layout: Layout
    exporters: list[str]
    importers: list[str]


def numbers(panel: pl.DataFrame) -> Panel:
    """Arrays of a panel (as `usable` returns it); the covariate is the log size less its mean."""
    exporters, exporter_names = _codes(panel["exporter_code"])
    importers, importer_names = _codes(panel["importer_code"])
    groups, _ = _codes(panel["group"])
    size, gaps = panel["size"].to_numpy(), panel["gap"].to_numpy()
    y = 2.0 * np.log(np.maximum(np.abs(gaps), GAP_FLOOR))
    return Panel(gaps, y, Layout(exporters, importers, groups, size - size.mean()), exporter_names, importer_names)
