"""Whether single figures of a load fit their neighbours better with their places exchanged, or in another unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Figures = dict[str, NDArray[np.float64]]

SINGLE, LABELS = "single_figures_fit_their_neighbours", "labels_fit_their_neighbours"

LIMIT_LABELS, LIMIT_MAIN_LABELS, LIMIT_PERIODS, LIMIT_SINGLE = 10.0, 3.5, 6.0, 6.0
"""Evidence (logarithm of a likelihood ratio) from which two exchanged labels, two that move most of their group, two
exchanged periods, or one figure in another unit, are the better reading. `benchmarks/neighbours.py` measures how many
right and wrong loads they stop."""

_SAME_DIGITS = 7
"""Decimals of a logarithm to which two figures are the same."""

_EXACTLY = 0.001
"""Decimal orders within which a figure is a power of ten times another statement of it: 0.2 %. A revision hardly ever
is."""

_MAIN_SHARE, _MAIN_PERIOD = 0.5, 0.9
"""Share of a group's value that an exchange must move, and the least length of its period (decimal logarithm of months:
about eight), for the lower limit: partners of that size rarely change places by themselves in a year. In a month one
large lot does it."""

_LARGE_SHARE = 0.1
"""Share of its group from which a figure is looked at: small flows change places by themselves."""

_CONTRADICTED = 0.5
_MOST_PERIODS = 40
_LEAST_IMPROVED = 2
"""Things whose figures must fit better with two periods exchanged: one country may have been revised."""

_SAME, _MIRROR, _EDITION = 0.08, 0.4, 0.01
_BESIDE_BOTH, _BESIDE_ONE = 0.2, 0.8
_UNIT_BOTH, _UNIT_ONE = 0.15, 0.5
"""How far one figure usually lies from a reference of each kind, in decimal orders; a year beside says less where the
other side is not held, or differs from it."""

_COLUMNS = (
    *("value", "weight", "months", "unit_before", "unit_after"),
    *(f"{name}_{kind}" for name in ("value", "weight") for kind in ("same", "mirror", "before", "after")),
)
_POWERS = np.array([power for power in range(-6, 7) if power], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A better reading of single figures of a load: in words, with its evidence."""

    load_id: str
    rule: str
    reading: str
    evidence: float
    limit: float


def exchanges(rows: pl.DataFrame) -> list[Exchange]:
    """The better readings that move single figures, in the loads of `rows` (from `with_references`, of other loads)."""
    found = _shifted(rows) + _crossed(rows)
    for (load_id, kind, start, end), group in _groups(rows, ["load_id", "kind", "period_start", "period_end"]):
        figures = _arrays(group)
        where = f"of {kind}, {start} to {end}"
        labels, accounts = group["label"].to_list(), group["account"].to_list()
        if pair := _best_pair(figures, np.array(accounts)):
            i, j, evidence = pair
            is_main = _moved(figures, i, j) >= _MAIN_SHARE and figures["months"][i] >= _MAIN_PERIOD
            limit = LIMIT_MAIN_LABELS if is_main else LIMIT_LABELS
            if evidence >= limit:
                reading = f"{labels[i]} and {labels[j]} exchanged, {where}"
                found.append(Exchange(load_id, LABELS, reading, evidence, limit))
        if single := _best_single(figures):
            i, name, power, evidence = single
            if evidence >= LIMIT_SINGLE:
                reading = f"the {name} of {labels[i]} times 1e{int(power)}, {where}"
                found.append(Exchange(load_id, SINGLE, reading, evidence, LIMIT_SINGLE))
    for (load_id, kind), group in _groups(rows, ["load_id", "kind"]):
        if periods := _best_periods(group):
            p, q, evidence = periods
            if evidence >= LIMIT_PERIODS:
                reading = f"{p} and {q} exchanged, of {kind}"
                found.append(Exchange(load_id, "periods_fit_their_neighbours", reading, evidence, LIMIT_PERIODS))
    return found


def _shifted(rows: pl.DataFrame) -> list[Exchange]:
    """Figures that are exactly a power of ten times what another statement of the same period says."""
    found = []
    for name in ("value", "local", "weight"):
        offset = pl.col(name) - pl.col(f"{name}_same")
        shifted = rows.filter((offset.round().abs() >= 1) & ((offset - offset.round()).abs() < _EXACTLY))
        for row in shifted.with_columns(power=offset.round()).iter_rows(named=True):
            reading = (
                f"the {name} of {row['label'] or row['thing']} times 1e{-int(row['power'])}, of {row['kind']},"
                f" {row['period_start']} to {row['period_end']}, as another statement has it"
            )
            found.append(Exchange(row["load_id"], SINGLE, reading, 2 * LIMIT_SINGLE, LIMIT_SINGLE))
    return found


def _crossed(rows: pl.DataFrame) -> list[Exchange]:
    """Pairs of figures that are each exactly what another statement of the period says of the other."""
    found = []
    group = ["load_id", "account", "kind", "period_start", "period_end"]
    for name in ("value", "weight"):
        printed, before = pl.col(name).round(_SAME_DIGITS), pl.col(f"{name}_same").round(_SAME_DIGITS)
        moved = rows.filter((printed - before).abs() > _EXACTLY).select(
            *group, "row", "thing", pl.col("label").fill_null(pl.col("thing")), printed=printed, before=before
        )
        pairs = moved.join(
            moved, left_on=[*group, "printed", "before"], right_on=[*group, "before", "printed"], suffix="_other"
        ).filter(pl.col("row") < pl.col("row_other"))
        for row in pairs.iter_rows(named=True):
            reading = (
                f"the {name} of {row['label']} and of {row['label_other']} exchanged, of {row['kind']},"
                f" {row['period_start']} to {row['period_end']}, as another statement has them"
            )
            found.append(Exchange(row["load_id"], LABELS, reading, 2 * LIMIT_LABELS, LIMIT_LABELS))
    return found


def _groups(rows: pl.DataFrame, by: list[str]) -> Iterator[tuple[tuple[str, ...], pl.DataFrame]]:
    """Groups of figures with a label, of at least two."""
    labelled = rows.filter(pl.col("label").is_not_null()).with_columns(
        pl.col(name).cast(pl.Float64).fill_null(float("nan")) for name in _COLUMNS
    )
    for key, group in labelled.group_by(by, maintain_order=True):
        if group.height > 1:
            yield tuple(str(part) for part in key), group


def _arrays(group: pl.DataFrame) -> Figures:
    """The columns of a group as arrays; a figure that is not known is NaN."""
    columns = group.select(_COLUMNS).to_numpy()
    return {name: columns[:, number] for number, name in enumerate(_COLUMNS)}


def _fit(offset: NDArray[np.float64], spread: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return -np.log1p((offset / spread) ** 2)


def _beside(before: NDArray[np.float64], after: NDArray[np.float64], both: float, one: float) -> tuple[
    NDArray[np.float64], NDArray[np.float64]
]:  # fmt: skip
    """The figure expected between two years, and how sure it is: less where they differ, or one is not held."""
    has_both = ~np.isnan(before) & ~np.isnan(after)
    expected = np.where(has_both, (before + after) / 2, np.where(np.isnan(before), after, before))
    return expected, np.where(has_both, np.hypot(both, (after - before) / 2), one)


def _references(figures: Figures) -> list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64] | float]]:
    """Each kind of reference: the figures, what they are expected to be, and how far they usually lie from it."""
    kinds: list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64] | float]] = []
    for name in ("value", "weight"):
        x = figures[name]
        kinds.append((x, figures[f"{name}_same"], _SAME))
        kinds.append((x, figures[f"{name}_mirror"], _MIRROR))
        expected, spread = _beside(figures[f"{name}_before"], figures[f"{name}_after"], _BESIDE_BOTH, _BESIDE_ONE)
        kinds.append((x - figures["months"], expected, spread))
    expected, spread = _beside(figures["unit_before"], figures["unit_after"], _UNIT_BOTH, _UNIT_ONE)
    kinds.append((figures["value"] - figures["weight"], expected, spread))
    return kinds


def _large(figures: Figures) -> NDArray[np.bool_]:
    """Figures of at least a tenth of their group, in value or in weight."""
    large = np.zeros(len(figures["value"]), dtype=np.bool_)
    for name in ("value", "weight"):
        amounts = np.nan_to_num(10 ** figures[name])
        if amounts.sum() > 0:
            large |= amounts >= _LARGE_SHARE * amounts.sum()
    return large


def _moved(figures: Figures, i: int, j: int) -> float:
    """The share of the group's value that an exchange of two figures moves (0.8)."""
    amounts = np.nan_to_num(10 ** figures["value"])
    total = float(amounts.sum())
    return float(abs(amounts[i] - amounts[j])) / total if total else 0.0


def _best_pair(figures: Figures, accounts: NDArray[np.str_]) -> tuple[int, int, float] | None:
    """The two figures whose exchange fits best, one of them large, and the evidence for it."""
    candidates = np.flatnonzero(_large(figures))
    if not candidates.size:
        return None
    shape = (candidates.size, len(figures["value"]))
    evidence, against = np.zeros(shape), np.zeros(shape)
    for x, expected, spread in _references(figures):
        s = np.broadcast_to(np.asarray(spread, dtype=np.float64), x.shape)
        as_printed = _fit(x - expected, s)
        here = _fit(x[None, :] - expected[candidates, None], s[candidates, None])
        there = _fit(x[candidates, None] - expected[None, :], s[None, :])
        gain = np.nan_to_num(here + there - as_printed[candidates, None] - as_printed[None, :])
        evidence += gain
        against += np.minimum(gain, 0)
    is_pair = (accounts[candidates, None] == accounts[None, :]) & (candidates[:, None] != np.arange(shape[1])[None, :])
    evidence = np.where(is_pair & (against > -_CONTRADICTED), evidence, -np.inf)
    i, j = np.unravel_index(int(np.argmax(evidence)), shape)
    return int(candidates[i]), int(j), float(evidence[i, j])


def _best_single(figures: Figures) -> tuple[int, str, float, float] | None:
    """The large figure that fits best in another unit, and the evidence for it."""
    candidates = np.flatnonzero(_large(figures))
    if not candidates.size:
        return None
    best: tuple[int, str, float, float] | None = None
    for name, sign in (("value", 1.0), ("weight", -1.0)):
        evidence, against = np.zeros((candidates.size, _POWERS.size)), np.zeros((candidates.size, _POWERS.size))
        for number, (x, expected, spread) in enumerate(_references(figures)):
            moves = _moves(number, name, sign)
            if moves == 0:
                continue
            s = np.broadcast_to(np.asarray(spread, dtype=np.float64), x.shape)[candidates, None]
            offset = (x - expected)[candidates, None]
            gain = np.nan_to_num(_fit(offset + moves * _POWERS[None, :], s) - _fit(offset, s))
            evidence += gain
            against += np.minimum(gain, 0)
        evidence = np.where(against > -_CONTRADICTED, evidence, -np.inf)
        i, p = np.unravel_index(int(np.argmax(evidence)), evidence.shape)
        if best is None or evidence[i, p] > best[3]:
            best = (int(candidates[i]), name, float(_POWERS[p]), float(evidence[i, p]))
    return best


def _moves(number: int, name: str, sign: float) -> float:
    """How the reference kind of this number moves when a figure is multiplied: 0, 1, or for unit values its sign."""
    kinds_a_figure = 3
    is_unit = number == 2 * kinds_a_figure
    return sign if is_unit else float(name == ("value", "weight")[number // kinds_a_figure])


def _best_periods(group: pl.DataFrame) -> tuple[str, str, float] | None:
    """The two periods whose exchange fits other statements of the same periods best, over all things at once."""
    periods = group.select("period_start", "period_end").unique(maintain_order=True).sort("period_start", "period_end")
    n = periods.height
    if not 1 < n <= _MOST_PERIODS:
        return None
    number = periods.with_row_index("number")
    evidence, against, improved = np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n))
    for name in ("value", "weight"):
        table = group.join(number, on=["period_start", "period_end"])
        things = table["thing"].unique(maintain_order=True).to_list()
        place = {thing: index for index, thing in enumerate(things)}
        x, expected = np.full((len(things), n), np.nan), np.full((len(things), n), np.nan)
        for thing, column, printed, other in table.select("thing", "number", name, f"{name}_same").iter_rows():
            x[place[thing], column], expected[place[thing], column] = printed, other
        as_printed = _fit(x - expected, _EDITION)
        crossed = _fit(x[:, None, :] - expected[:, :, None], _EDITION)
        gain = np.nan_to_num(
            crossed + crossed.transpose(0, 2, 1) - as_printed[:, :, None] - as_printed[:, None, :]
        )  # fmt: skip
        evidence += gain.sum(axis=0)
        against += np.minimum(gain, 0).sum(axis=0)
        improved += (gain > 0).sum(axis=0)
    evidence = np.where((improved >= _LEAST_IMPROVED) & (against > -evidence / 2), evidence, -np.inf)
    p, q = np.unravel_index(int(np.argmax(np.triu(evidence, 1))), (n, n))
    label = [f"{start} to {end}" for start, end in periods.iter_rows()]
    return label[p], label[q], float(evidence[p, q])
