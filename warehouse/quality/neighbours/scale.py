"""Whether figures in another unit, or with two columns exchanged, would fit their neighbours better than as printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

FAMILIES = ("value", "weight", "value and weight", "local money", "exchanged columns")


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way to read the figures of a load: what each column would be, as decimal logarithms."""

    family: str
    name: str
    value: pl.Expr
    local: pl.Expr
    weight: pl.Expr
    needs: tuple[str, ...]


_VALUE, _LOCAL, _WEIGHT = pl.col("value"), pl.col("local"), pl.col("weight")
_AS_PRINTED = Alternative("", "as printed", _VALUE, _LOCAL, _WEIGHT, ())
_POWERS = tuple(power for power in range(-6, 7) if power)


def _times(power: int) -> str:
    return f"times 1e{power}" if power > 0 else f"divided by 1e{-power}"


ALTERNATIVES: tuple[Alternative, ...] = (
    *(Alternative("value", f"values {_times(p)}", _VALUE + p, _LOCAL, _WEIGHT, ("value",)) for p in _POWERS),
    *(Alternative("weight", f"weights {_times(p)}", _VALUE, _LOCAL, _WEIGHT + p, ("weight",)) for p in _POWERS),
    *(
        Alternative("value and weight", f"both {_times(p)}", _VALUE + p, _LOCAL, _WEIGHT + p, ("value", "weight"))
        for p in _POWERS
    ),
    *(Alternative("local money", f"local {_times(p)}", _VALUE, _LOCAL + p, _WEIGHT, ("local",)) for p in _POWERS),
    Alternative(
        "exchanged columns", "value and weight exchanged", _WEIGHT, _LOCAL, _VALUE, ("value", "weight")
    ),
    Alternative("exchanged columns", "US$ and local money exchanged", _LOCAL, _VALUE, _WEIGHT, ("value", "local")),
)  # fmt: skip

_SPREAD: Mapping[str, float] = {
    "same": 0.08,
    "mirror": 0.45,
    "beside": 0.35,
    "unit_beside": 0.3,
    "unit_code": 0.4,
    "rate": 0.02,
}
"""How far the median of a load usually lies from its references of one kind, in decimal orders: 0.3 is a factor of two.
Assumptions in the size that the bundle shows; the limits below are measured with them."""

_AGREED = 0.2
"""The spread around the years beside it where both are held and agree: what did not move rarely jumps and returns."""

_EXACT, _EXACT_WEIGHS = 0.002, 4.0
"""Decimal orders within which a figure is the same as its reference, and what it says if all of a group are: figures
that a publisher repeats fit exactly in the right unit alone."""

_WEIGHED = 2
"""Decimal orders below the largest figure of a group, within which figures count: small flows jump by themselves."""

FEW = 5
"""Figures below which a group's median says little."""

LIMITS: Mapping[str, tuple[float, float]] = {
    "value": (2.5, 6.0),
    "weight": (4.0, 6.0),
    "value and weight": (8.0, 10.0),
    "local money": (2.5, 6.0),
    "exchanged columns": (2.5, 6.0),
}
"""Evidence (logarithm of a likelihood ratio) from which an alternative is the better reading, for a group of at least
`FEW` figures and for a smaller one. A load of several groups is looked at several times: the logarithm of their number
is added. `benchmarks/neighbours.py` measures how many right and wrong loads they stop;
docs/quality.md states it."""

_CONTRADICTED = 0.5
"""Evidence against an alternative, over all kinds of reference, from which it is no better reading."""


def misfits(rows: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """The groups of `rows` that an alternative fits better: the best alternative each.

    `rows` come from `with_references`. Columns: those of `by`, `count` (figures weighed), `alternative`, `family`,
    `evidence` (8.2), `limit` (2.5), and `off_<kind>`: the median of the figures as printed over their references of
    one kind (3.0 is a thousand times).
    """
    size = pl.max_horizontal("value", "local", "weight")
    weighed = rows.filter(size >= size.max().over(by) - _WEIGHED)
    rows_with = {
        needs: weighed.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in needs))
        for needs in {alternative.needs for alternative in ALTERNATIVES}
    }
    printed = {needs: _offsets(complete, by, _AS_PRINTED) for needs, complete in rows_with.items()}
    movable = {needs: _movable(offsets) for needs, offsets in printed.items()}
    rows_moved = {needs: rows_with[needs].join(groups, on=by, how="semi") for needs, groups in movable.items()}
    found = [
        _evidence(rows_with[each.needs], printed[each.needs], by, each)
        if each.family == "exchanged columns"
        else _evidence(rows_moved[each.needs], movable[each.needs], by, each)
        for each in ALTERNATIVES
        if each.family == "exchanged columns" or not movable[each.needs].is_empty()
    ]
    counted = pl.concat([offsets.select(by) for offsets in printed.values()]).unique()
    n_groups = counted.group_by("load_id").agg(groups=pl.len().cast(pl.Float64).log())
    limit = pl.col("family").replace_strict({name: few for name, (_, few) in LIMITS.items()}, return_dtype=pl.Float64)
    enough = pl.col("family").replace_strict(
        {name: many for name, (many, _) in LIMITS.items()}, return_dtype=pl.Float64
    )
    return (
        pl.concat(found)
        .join(n_groups, on="load_id")
        .with_columns(limit=pl.when(pl.col("count") >= FEW).then(enough).otherwise(limit) + pl.col("groups"))
        .drop("groups")
        .filter((pl.col("evidence") >= pl.col("limit")) & (pl.col("against") > -_CONTRADICTED))
        .sort("evidence", descending=True)
        .group_by(by, maintain_order=True)
        .first()
    )


def _movable(printed: pl.DataFrame) -> pl.DataFrame:
    """The groups that a power of ten could fit better by the least limit, if it fitted every reference perfectly.

    A power of ten makes only those figures exact that are about as far away; figures that fit leave nothing to gain.
    """
    kinds = [name for name in printed.columns if name.startswith("fit_") and name != "fit_exact"]
    most = _EXACT_WEIGHS * pl.col("far") - pl.sum_horizontal(pl.col(name).fill_null(0) for name in kinds)
    return printed.filter(most >= min(min(limits) for limits in LIMITS.values()) - _EXACT)


def _evidence(rows: pl.DataFrame, printed: pl.DataFrame, by: list[str], alternative: Alternative) -> pl.DataFrame:
    """How much better an alternative fits than the figures as printed, whose offsets are `printed`, by group."""
    otherwise = _offsets(rows, by, alternative)
    kinds = [name for name in printed.columns if name.startswith("fit_")]
    gains = [(pl.col(f"{name}_otherwise") - pl.col(name)).fill_null(0).alias(name) for name in kinds]
    return (
        printed.join(otherwise.select(*by, *kinds), on=by, suffix="_otherwise")
        .with_columns(gains)
        .with_columns(
            evidence=pl.sum_horizontal(kinds),
            against=pl.sum_horizontal(pl.col(name).clip(upper_bound=0) for name in kinds),
            alternative=pl.lit(alternative.name),
            family=pl.lit(alternative.family),
        )
        .drop(*kinds, "far")
    )


def _offsets(rows: pl.DataFrame, by: list[str], reading: Alternative) -> pl.DataFrame:
    """The median offset from the references of each kind, and how well such an offset fits (0 is perfect)."""
    offsets: dict[str, tuple[float, list[pl.Expr]]] = {}
    months = pl.col("months")
    for name, figure in (("value", reading.value), ("local", reading.local), ("weight", reading.weight)):
        offsets[f"{name}_same"] = (_SPREAD["same"], [figure - pl.col(f"{name}_same")])
        beside = [figure - months - pl.col(f"{name}_{side}") for side in ("before", "after")]
        offsets[f"{name}_beside"] = (_SPREAD["beside"], beside)
    for name, figure in (("value", reading.value), ("weight", reading.weight)):
        offsets[f"{name}_mirror"] = (_SPREAD["mirror"], [figure - pl.col(f"{name}_mirror")])
    unit = reading.value - reading.weight
    offsets["unit_beside"] = (_SPREAD["unit_beside"], [unit - pl.col(f"unit_{side}") for side in ("before", "after")])
    offsets["unit_code"] = (_SPREAD["unit_code"], [unit - pl.col("unit_code")])
    offsets["rate"] = (_SPREAD["rate"], [reading.local - reading.value - pl.col("rate")])
    medians = {f"{kind}_{n}": each for kind, (_, several) in offsets.items() for n, each in enumerate(several)}
    repeated = [
        each for kind, (_, several) in offsets.items() if kind.endswith(("_same", "_beside")) for each in several
    ]
    grouped = rows.group_by(by, maintain_order=True).agg(
        pl.len().alias("count"),
        pl.when(pl.any_horizontal(each.is_not_null() for each in repeated))
        .then(pl.any_horizontal((each.abs() < _EXACT).fill_null(value=False) for each in repeated))
        .mean()
        .alias("exact"),
        pl.any_horizontal((each.abs() > 1 - 2 * _EXACT).fill_null(value=False) for each in repeated)
        .mean()
        .alias("far"),
        *(each.median().alias(name) for name, each in medians.items()),
    )
    fits, offs = [(_EXACT_WEIGHS * pl.col("exact")).alias("fit_exact")], []
    for kind, (spread, several) in offsets.items():
        columns = [pl.col(f"{kind}_{n}") for n in range(len(several))]
        usual: pl.Expr | float = spread
        if len(columns) > 1:
            apart = (columns[0] - columns[1]).abs()
            usual = (apart.pow(2) + _AGREED**2).sqrt().clip(upper_bound=spread).fill_null(spread)
        fits.append(pl.max_horizontal(-(1 + (c / usual).pow(2)).log() for c in columns).alias(f"fit_{kind}"))
        offs.append(pl.mean_horizontal(columns).alias(f"off_{kind}"))
    return grouped.with_columns(*fits, *offs).drop(*medians, "exact")
