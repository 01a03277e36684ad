"""How the constants of `reporter_record` were chosen. `python -m benchmarks.mirror_choice`.

Values, on the thirty minerals' codes: the measures of a code's reporters come from the codes of other folds, the
constants are searched on those folds' supplier share error against BACI, and the code's flows are scored with both.
Weights, on magnets, the only code of which BACI's weights are held: mean |log| clipped at ln 10, importers left out
fold by fold. Magnets' values take no part. Prints the constants of each fold, and the scores of what was left out.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable

import numpy as np
import polars as pl

from benchmarks.mirror_files import MAGNETS, folder, read
from benchmarks.mirror_scores import CLIPPED_AT, LEAST_FLOW_KG, LEAST_IMPORTER_USD, N_FOLDS, code_fold, with_records
from warehouse.statistics.mixed_effects import Floats
from warehouse.statistics.reporter_record import TERMS, measures

PARTS = {
    "gaps": lambda term: term.measure in ("value_gap", "weight_gap"),
    "unit values": lambda term: term.measure == "unit_value_gap",
    "omitted": lambda term: term.measure == "omitted",
    "unmatched": lambda term: term.measure == "unmatched",
}
"""Parts of the record that share one constant. All are stated as multiples of the coefficients in TERMS."""

_KEY = ["exporter_code", "importer_code", "product_key", "period_start"]
_STEPS = (0.4, 0.2, 0.1, 0.05)
_IMPORTER_FOLDS = 10


def parts(flows: pl.DataFrame, measured: pl.DataFrame) -> Floats:
    """What each of PARTS adds to the logit of the exporter's weight: rows by parts."""
    columns = []
    for chosen in PARTS.values():
        added = pl.Series([0.0] * flows.height)
        for term in filter(chosen, TERMS):
            effects = measured.filter(pl.col("reporter_role") == term.measured_in, pl.col("measure") == term.measure)
            of = dict(effects.select("reporter_code", "effect").iter_rows())
            sign = -1.0 if term.role == "exporter" else 1.0
            added += sign * term.coefficient * flows[f"{term.role}_code"].replace_strict(of, default=0.0)
        columns.append(added.to_numpy())
    return np.column_stack(columns)


class Scored:
    """Matched flows as arrays, and the share errors of their importers."""

    def __init__(self, flows: pl.DataFrame, logits: Floats) -> None:
        names = ("x_value", "m_value", "reference_usd")
        self.x, self.m, self.truth = (flows[name].fill_null(0.0).to_numpy() for name in names)
        key = flows.select(pl.struct("product_key", "period_start", "importer_code").rank("dense"))
        self.key = key.to_series().to_numpy() - 1
        self.n = int(self.key.max()) + 1
        self.logits, self.has_both = logits, (self.x > 0) & (self.m > 0)
        of_importer = flows.select("year", fold=pl.col("fold"), key=pl.Series(self.key)).unique("key").sort("key")
        self.year, self.fold = of_importer["year"].to_numpy(), of_importer["fold"].to_numpy()
        self.total = np.bincount(self.key, self.truth, self.n)

    def errors(self, constants: Floats) -> Floats:
        """Share error of each importer, code and year; NaN below the least that is scored."""
        weight = 1.0 / (1.0 + np.exp(-(constants[0] + self.logits @ constants[1:])))
        figure = np.where(self.has_both, weight * self.x + (1.0 - weight) * self.m, self.x + self.m)
        of_all = np.bincount(self.key, figure, self.n)[self.key]
        gaps = np.bincount(self.key, np.abs(figure / of_all - self.truth / self.total[self.key]), self.n) / 2.0
        return np.where(self.total > LEAST_IMPORTER_USD, gaps, np.nan)


def searched(loss: Callable[[Floats], float], start: Floats) -> Floats:
    """Constants of the least loss, by steps of one constant at a time."""
    best, least = start.copy(), loss(start)
    for step in _STEPS:
        has_moved = True
        while has_moved:
            has_moved = False
            for at in range(len(best)):
                for move in (step, -step):
                    tried = best.copy()
                    tried[at] += move
                    if loss(tried) < least:
                        best, least, has_moved = tried, loss(tried), True
    return best


def values(thirty: pl.DataFrame) -> None:
    """Constants of values, fold by fold of codes."""
    folds = thirty.with_columns(fold=pl.col("product_key").map_elements(code_fold, return_dtype=pl.Int64)).sort(_KEY)
    logits = np.zeros((folds.height, len(PARTS)))
    for fold in range(N_FOLDS):
        of_fold = (folds["fold"] == fold).to_numpy()
        logits[of_fold] = parts(folds.filter(of_fold), measures(folds.filter(~of_fold)))
    is_stated = pl.any_horizontal(pl.col("x_value", "m_value") > 0)
    matched = folds.select(kept=(is_stated & (pl.col("reference_usd") > 0)).fill_null(value=False))
    kept = matched["kept"].to_numpy()
    scored = Scored(folds.filter(kept), logits[kept])
    sys.stdout.write(f"Values: logit, then multiples of the coefficients of {', '.join(PARTS)}\n")
    left_out = np.full(scored.n, np.nan)
    for fold in range(N_FOLDS):
        train = scored.fold != fold
        start = np.array([-0.6, 1.0, 1.0, 1.0, 1.0])

        def loss(tried: Floats, train: Floats = train) -> float:
            return float(np.nanmean(scored.errors(tried)[train]))

        found = searched(loss, start)
        left_out[~train] = scored.errors(found)[~train]
        sys.stdout.write(f"without fold {fold}: {np.round(found, 2)}\n")
    for year in (2022, 2024):
        sys.stdout.write(f"left out, {year}: {np.nanmean(left_out[scored.year == year]):.4f}\n")


def weights(magnets: pl.DataFrame, measured: pl.DataFrame) -> None:
    """Constants of weights, fold by fold of importers."""
    positive = pl.all_horizontal(pl.col("x_weight", "m_weight") > 0, pl.col("reference_kg") > LEAST_FLOW_KG)
    flows = with_records(magnets, measured).filter(positive)
    difference = (flows["m_record"].fill_null(0.0) - flows["x_record"].fill_null(0.0)).to_numpy()
    x, m, truth = (flows[name].to_numpy() for name in ("x_weight", "m_weight", "reference_kg"))
    fold = np.array([zlib.crc32(code.encode()) % _IMPORTER_FOLDS for code in flows["importer_code"]])

    def errors(constants: Floats) -> Floats:
        weight = 1.0 / (1.0 + np.exp(-(constants[0] + constants[1] * difference)))
        return np.asarray(np.minimum(np.abs(np.log((weight * x + (1.0 - weight) * m) / truth)), CLIPPED_AT))

    left_out = np.zeros(len(x))
    sys.stdout.write("Weights: logit and gain\n")
    for number in range(_IMPORTER_FOLDS):
        train = fold != number

        def loss(tried: Floats, train: Floats = train) -> float:
            return float(errors(tried)[train].mean())

        found = searched(loss, np.array([-1.0, 0.5]))
        left_out[~train] = errors(found)[~train]
        sys.stdout.write(f"without fold {number}: {np.round(found, 2)}\n")
    sys.stdout.write(f"left out: mean {left_out.mean():.3f}, median {np.median(left_out):.3f}\n")


def main() -> None:
    """Search both and print."""
    flows = read(folder())
    is_magnets = pl.col("product_key") == MAGNETS
    thirty, magnets = flows.filter(~is_magnets), flows.filter(is_magnets)
    values(thirty)
    weights(magnets, measures(magnets, measures(thirty)))


if __name__ == "__main__":
    main()
