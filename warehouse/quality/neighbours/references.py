"""What a figure is held against: the other figures of the same thing, by the way they are related to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import duckdb
import polars as pl

from warehouse.quality.neighbours.figures import RATES, SERIES, TABLE, YEARS_BESIDE, Figures

_PERIOD = ["period_start", "period_end"]
_LEAST_UNIT_VALUES = 3
"""Unit values of a code in one load, from which their median is a reference."""
_UNIT_VALUE_FROM_KG, _RATE_FROM_USD = 2.0, 6.0
"""Decimal logarithms: smaller flows have unit values and exchange rates that rounding makes."""


@dataclass(frozen=True, slots=True)
class Medians:
    """Medians of each load and year: `unit_code` by `product`, `rate` by `currency_code` (decimal logarithms)."""

    unit_values: pl.DataFrame
    rates: pl.DataFrame


def medians(con: duckdb.DuckDBPyConnection) -> Medians:
    """Unit values and exchange rates of the figures that `collect_figures` found."""

    def of(by: str, name: str, figure: str, condition: str) -> pl.DataFrame:
        return con.execute(
            f"select load, series.{by}, year, median({figure}) as {name} from {TABLE} as figures"
            f" inner join {SERIES} as series on figures.series = series.series"
            f" where {figure} is not null and {condition} and series.{by} is not null"
            f" group by load, series.{by}, year having count(*) >= {_LEAST_UNIT_VALUES}"
            f" order by load, series.{by}, year"
        ).pl()

    return Medians(
        of("product", "unit_code", "value - weight", f"weight > {_UNIT_VALUE_FROM_KG}"),
        of("currency_code", "rate", "local - value", f"value > {_RATE_FROM_USD}"),
    )


class References(NamedTuple):
    """Rows with their references: of other loads only, and of any load."""

    of_others: pl.DataFrame
    of_any: pl.DataFrame


def with_references(figures: Figures, of_codes: Medians) -> References:
    """Add to the rows of a batch the references that its figures are held against (decimal logarithms).

    Added are `<figure>_same`: the same account's figure of the same period in another load, the nearest in knowledge;
    `<figure>_mirror`: the median of what other accounts say of the flow; `<figure>_before`, `<figure>_after`: the
    account's rate a month in the neighbouring years; `unit_before`, `unit_after`, `unit_code`: unit values of those
    years and of the code in other loads; `rate`: the exchange rate of other loads. In `of_others` no reference comes
    from the row's own load: what is wrong with a whole load is wrong with all its figures alike.
    """
    rows, near, rates = figures
    rows = rows.join(_same_period(rows, near), on="row", how="left")
    rows = _of_other_loads(rows, of_codes.unit_values, "product", "unit_code", years=1)
    rows = _of_other_loads(rows, of_codes.rates, "currency_code", "rate", years=YEARS_BESIDE)
    both = zip(_mirror(rows, near), _beside(rows, rates), strict=True)
    of_others, of_any = (
        rows.join(mirror, on="row", how="left").join(beside, on="row", how="left") for mirror, beside in both
    )
    return References(of_others, of_any)


def _same_period(rows: pl.DataFrame, near: pl.DataFrame) -> pl.DataFrame:
    """Of each row the figures of the same account, thing and period in the load nearest in knowledge."""
    return (
        rows.select("row", "load", "flow", *_PERIOD, "known_from")
        .join(
            near.select("load", "flow", *_PERIOD, "value", "local", "weight", "known_from"),
            on=["flow", *_PERIOD],
            suffix="_other",
        )
        .filter(pl.col("load") != pl.col("load_other"))
        .with_columns(days=(pl.col("known_from_other") - pl.col("known_from")).dt.total_days().abs())
        .sort("row", "days", "load_other")
        .group_by("row")
        .agg(pl.col(name).drop_nulls().first().alias(f"{name}_same") for name in ("value", "local", "weight"))
    )


def _mirror(rows: pl.DataFrame, near: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The median of other accounts: of the same period, else of their rates in the year, as of another fiscal year."""
    exact = _of_other_accounts(rows, _PERIOD, near)
    lacking = rows.join(exact[0].drop_nulls(), on="row", how="anti")
    rates = near.with_columns(pl.col(name) - pl.col("months") for name in ("value", "weight"))
    yearly = _of_other_accounts(lacking, ["year"], rates)
    months = rows.select("row", "months")
    of_others, of_any = (
        months.join(of_period, on="row", how="left")
        .join(of_year, on="row", how="left", suffix="_rate")
        .select(
            "row",
            *(
                pl.coalesce(f"{name}_mirror", pl.col(f"{name}_mirror_rate") + pl.col("months")).alias(f"{name}_mirror")
                for name in ("value", "weight")
            ),
        )
        for of_period, of_year in zip(exact, yearly, strict=True)
    )
    return of_others, of_any


def _of_other_accounts(rows: pl.DataFrame, period: list[str], near: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    pairs = (
        rows.select("row", "load", "flow", "thing_number", *period)
        .join(
            near.select("load", "flow", "thing_number", *period, "value", "weight"),
            on=["thing_number", *period],
            suffix="_other",
        )
        .filter(pl.col("flow") != pl.col("flow_other"))
    )
    medians_of = [pl.col(name).median().alias(f"{name}_mirror") for name in ("value", "weight")]
    of_others = pairs.filter(pl.col("load") != pl.col("load_other"))
    return of_others.group_by("row").agg(medians_of), pairs.group_by("row").agg(medians_of)


def _beside(rows: pl.DataFrame, rates: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The account's rates in the nearest year before and after, each from the first load that has one."""
    rows = rows.select("row", "load", "flow", "year")
    both = [rows.select("row"), rows.select("row")]
    for side, sign in (("before", -1), ("after", 1)):
        of_distance = [
            rows.join(
                rates.with_columns(pl.col("year") - sign * distance),
                on=["flow", "year"],
                how="left",
                maintain_order="left",
            )
            for distance in range(1, YEARS_BESIDE + 1)
        ]
        for number, of_other_loads in enumerate((True, False)):
            both[number] = both[number].with_columns(
                pl.select(pl.coalesce(_rate(joined, name, of_other_loads=of_other_loads) for joined in of_distance))
                .to_series()
                .alias(f"{name}_{side}")
                for name in RATES
            )
    return both[0], both[1]


def _rate(joined: pl.DataFrame, name: str, *, of_other_loads: bool) -> pl.Series:
    """The rate of the first load, or of the second where the first is the row's own and may not be."""
    if not of_other_loads:
        return joined[f"{name}_first"]
    is_own = pl.col(f"{name}_load") == pl.col("load")
    chosen = pl.when(is_own).then(pl.col(f"{name}_second")).otherwise(pl.col(f"{name}_first"))
    return joined.select(chosen.alias(name)).to_series()


def _of_other_loads(rows: pl.DataFrame, of_loads: pl.DataFrame, by: str, name: str, years: int) -> pl.DataFrame:
    """Add the median over other loads of a median of each, of years that lie within `years`."""
    wanted = rows.filter(pl.col(by).is_not_null()).select("load", by, "year").unique()
    found = (
        wanted.join(of_loads, on=by, suffix="_other")
        .filter((pl.col("load") != pl.col("load_other")) & ((pl.col("year") - pl.col("year_other")).abs() <= years))
        .group_by("load", by, "year")
        .agg(pl.col(name).median())
    )
    return rows.join(found, on=["load", by, "year"], how="left")
