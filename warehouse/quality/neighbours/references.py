"""What a figure is held against: the other figures of the same thing, by the way they are related to it."""

from __future__ import annotations

import polars as pl

_THING = ["account", "thing"]
_PERIOD = ["period_start", "period_end"]
_YEARS_BESIDE = 2
"""How far away a neighbouring year may lie, where the one beside it is not held."""
_LEAST_UNIT_VALUES = 3
"""Unit values of a code in one load, from which their median is a reference."""
_UNIT_VALUE_FROM_KG, _RATE_FROM_USD = 2.0, 6.0
"""Decimal logarithms: smaller flows have unit values and exchange rates that rounding makes."""


def with_references(figures: pl.DataFrame, *, of_other_loads: bool) -> pl.DataFrame:
    """Add to each row of `read_figures` the references that its figures are held against (decimal logarithms).

    `<figure>_same`: the same account's figure of the same period in another load, the nearest in knowledge;
    `<figure>_mirror`: the median of what other accounts say of the flow; `<figure>_before`, `<figure>_after`: the
    account's rate a month in the neighbouring years; `unit_before`, `unit_after`, `unit_code`: unit values of those
    years and of the code in other loads; `rate`: the exchange rate of other loads. With `of_other_loads` no reference
    comes from the row's own load: what is wrong with a whole load is wrong with all its figures alike.
    """
    rows = _same_period(figures)
    rows = _mirror(rows, of_other_loads=of_other_loads)
    rows = _beside(rows, of_other_loads=of_other_loads)
    return _exchange_rate(_unit_value_of_code(rows))


def _same_period(figures: pl.DataFrame) -> pl.DataFrame:
    others = figures.select("load_id", *_THING, *_PERIOD, "value", "local", "weight", "known_from")
    pairs = (
        figures.select("row", "load_id", *_THING, *_PERIOD, "known_from")
        .join(others, on=[*_THING, *_PERIOD], suffix="_other")
        .filter(pl.col("load_id") != pl.col("load_id_other"))
        .with_columns(days=(pl.col("known_from_other") - pl.col("known_from")).dt.total_days().abs())
        .sort("row", "days", "load_id_other")
    )
    nearest = pairs.group_by("row").agg(
        pl.col(name).drop_nulls().first().alias(f"{name}_same") for name in ("value", "local", "weight")
    )
    return figures.join(nearest, on="row", how="left")


def _mirror(rows: pl.DataFrame, *, of_other_loads: bool) -> pl.DataFrame:
    """The median of other accounts: of the same period, else of their rates in the year, as of another fiscal year."""
    exact = _of_other_accounts(rows, [*_PERIOD], rows, of_other_loads=of_other_loads)
    rates = rows.with_columns(pl.col(name) - pl.col("months") for name in ("value", "weight"))
    yearly = _of_other_accounts(rows, ["year"], rates, of_other_loads=of_other_loads)
    joined = rows.join(exact, on="row", how="left").join(yearly, on="row", how="left", suffix="_rate")
    return joined.with_columns(
        pl.coalesce(f"{name}_mirror", pl.col(f"{name}_mirror_rate") + pl.col("months")).alias(f"{name}_mirror")
        for name in ("value", "weight")
    ).drop("value_mirror_rate", "weight_mirror_rate")


def _of_other_accounts(
    rows: pl.DataFrame, period: list[str], figures: pl.DataFrame, *, of_other_loads: bool
) -> pl.DataFrame:
    pairs = (
        rows.select("row", "load_id", *_THING, *period)
        .join(figures.select("load_id", *_THING, *period, "value", "weight"), on=["thing", *period], suffix="_other")
        .filter(pl.col("account") != pl.col("account_other"))
    )
    if of_other_loads:
        pairs = pairs.filter(pl.col("load_id") != pl.col("load_id_other"))
    return pairs.group_by("row").agg(pl.col(name).median().alias(f"{name}_mirror") for name in ("value", "weight"))


def _beside(rows: pl.DataFrame, *, of_other_loads: bool) -> pl.DataFrame:
    years = rows.group_by("load_id", *_THING, "year").agg(
        *((pl.col(name) - pl.col("months")).median() for name in ("value", "local", "weight")),
        unit=(pl.col("value") - pl.col("weight")).median(),
    )
    for side, sign in (("before", -1), ("after", 1)):
        pairs = (
            rows.select("row", "load_id", *_THING, "year")
            .join(years, on=_THING, suffix="_other")
            .with_columns(distance=(pl.col("year_other") - pl.col("year")) * sign)
            .filter(pl.col("distance").is_between(1, _YEARS_BESIDE))
        )
        if of_other_loads:
            pairs = pairs.filter(pl.col("load_id") != pl.col("load_id_other"))
        nearest = (
            pairs.sort("row", "distance", "load_id_other")
            .group_by("row")
            .agg(
                pl.col(name).drop_nulls().first().alias(f"{name}_{side}")
                for name in ("value", "local", "weight", "unit")
            )
        )
        rows = rows.join(nearest, on="row", how="left")
    return rows


def _of_other_loads(rows: pl.DataFrame, figure: pl.Expr, by: str, name: str, years: int) -> pl.DataFrame:
    """Add the median over other loads of `figure` by `by`, of years that lie within `years`."""
    medians = (
        rows.filter(figure.is_not_null())
        .group_by("load_id", by, "year")
        .agg(figure.median().alias(name), pl.len().alias("count"))
        .filter(pl.col("count") >= _LEAST_UNIT_VALUES)
    )
    wanted = rows.filter(pl.col(by).is_not_null()).select("load_id", by, "year").unique()
    found = (
        wanted.join(medians, on=by, suffix="_other")
        .filter(
            (pl.col("load_id") != pl.col("load_id_other")) & ((pl.col("year") - pl.col("year_other")).abs() <= years)
        )
        .group_by("load_id", by, "year")
        .agg(pl.col(name).median())
    )
    return rows.join(found, on=["load_id", by, "year"], how="left")


def _unit_value_of_code(rows: pl.DataFrame) -> pl.DataFrame:
    unit = pl.when(pl.col("weight") > _UNIT_VALUE_FROM_KG).then(pl.col("value") - pl.col("weight"))
    return _of_other_loads(rows, unit, "product", "unit_code", years=1)


def _exchange_rate(rows: pl.DataFrame) -> pl.DataFrame:
    rate = pl.when(pl.col("value") > _RATE_FROM_USD).then(pl.col("local") - pl.col("value"))
    return _of_other_loads(rows, rate, "currency_code", "rate", years=_YEARS_BESIDE)
