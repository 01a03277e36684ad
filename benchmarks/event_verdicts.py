"""How often is an event study's verdict false, and how often is a break found? `python -m benchmarks.event_verdicts`.

Simulated series, 90 months with a comparison of five partners, as the tests make them: verdicts asked at every month
where nothing happened, in one family and each date alone; then a level that falls to a part of itself, asked at its
own month and at the months around it. With a folder of a built warehouse (`REE_HOME`) the held series are asked too, at
every month at which none of the warehouse's steps bears on them within a year, each as if a step bore on it. Prints
shares of dates.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from tests.unit.warehouse.statistics.test_event_study import EVENT, shipped, simulated, studies
from warehouse.statistics.annual_study import annual_effects
from warehouse.statistics.event_claim import claimed
from warehouse.statistics.event_partners import among_partners
from warehouse.statistics.event_study import SERIES, effects
from warehouse.statistics.event_verdict import upheld

_N = 100
_QUIET = {
    "months that follow each other a little": {},
    "independent months": {"memory": 0.0},
    "months that follow each other": {"memory": 0.8},
    "lumpy, a fifth of the months zero": {"spread": 1.0, "zeros": 0.2},
}
_LEFT = (0.6, 0.4, 0.2, 0.1)
_AROUND = (-4, -3, -2, -1, 0, 1, 2, 3)
_MIN_P = 0.05
_FIRST_QUIET_YEAR = 2014
"""From 2015 to 2016 on no quota and, but for its first months, no duty is on China's exports."""


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def judged(months: pl.DataFrame, asked: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Every study of `asked` as the warehouse judges it, all of them one family."""
    found = upheld(among_partners(effects(months, asked), parts), parts)
    return claimed(found, months).filter(pl.col("p_value").is_not_null())


def shares(found: pl.DataFrame) -> str:
    """Dates with an estimate, those with p at most 5 %, and those with a verdict."""
    verdicts = found["verdict"].is_in(["drop", "rise"])
    return f"{len(found):6} dates, {(found['p_value'] <= _MIN_P).mean():6.1%} p ≤ 5 %, {verdicts.mean():7.2%} a verdict"


def alone(months: pl.DataFrame, asked: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """The same with each date a family of its own: no correction for many tests."""
    dates = asked.partition_by("event_date", "reporter_code")
    return pl.concat(judged(months.filter(pl.col("reporter_code") == part["reporter_code"][0]), part, parts)
                     for part in dates)  # fmt: skip


def quiet() -> None:
    """False alarms: every month of simulated series is asked."""
    for name, how in _QUIET.items():
        one_by_one, together = [], []
        for seed in range(_N // 5):
            months, parts = simulated(seed, **how), shipped(seed, **how)
            asked = pl.concat(studies([f"r{seed}"], month=month) for month in range(6, 84))
            together.append(judged(months, asked, parts))
            if seed < _N // 25:
                one_by_one.append(alone(months, asked, parts))
        say(f"{name:42} one family a series {shares(pl.concat(together))}")
        say(f"{'':42} each date alone     {shares(pl.concat(one_by_one))}")


def planted() -> None:
    """Power: the level falls after the month EVENT, and dates around it are asked, each alone."""
    for left in _LEFT:
        found = []
        for seed in range(_N):
            months, parts = simulated(seed, left=left), shipped(seed, left=left)
            for lag in _AROUND:
                one = judged(months, studies([f"r{seed}"], month=EVENT + 1 + lag), parts)
                found.append((lag, one["verdict"].item() == "drop" if len(one) else False))
        rates = pl.DataFrame(found, schema=["lag", "found"], orient="row").group_by("lag").agg(pl.col("found").mean())
        say(f"fall to {left}: " + ", ".join(f"{lag:+d}: {rate:.0%}" for lag, rate in rates.sort("lag").iter_rows()))


def held(home: Path) -> None:
    """False alarms on the held series: months from which every step that bears is more than a year away."""
    with duckdb.connect(str(home / "work" / "work.duckdb"), read_only=True) as con:
        months = con.sql("from intermediate.int_event__months").pl()
        parts = con.sql("from intermediate.int_event__shipments").pl()
        steps = con.sql("select distinct event_date, * from intermediate.int_event__studies where does_bear").pl()
    bearing = steps.select(*SERIES, pl.col("event_date").alias("step"))
    every = months.filter(pl.col("value_usd").is_not_null() | pl.col("net_weight_kg").is_not_null())
    asked = every.select(*SERIES, pl.col("month").alias("event_date")).join(bearing, on=SERIES, how="left")
    near = pl.col("step").is_between(
        pl.col("event_date").dt.offset_by("-12mo"), pl.col("event_date").dt.offset_by("12mo")
    )
    asked = asked.group_by(*SERIES, "event_date").agg(near.any().alias("is_near")).filter(~pl.col("is_near"))
    asked = asked.drop("is_near").with_columns(has_unaffected=pl.lit(value=True), does_bear=pl.lit(value=True))
    found = judged(months, asked.sort(*SERIES, "event_date"), parts)
    say(f"{'held series, one family':63}{shares(found)}")
    claims = found.filter(pl.col("verdict").is_in(["drop", "rise"]))
    for row in claims.iter_rows(named=True):
        day: date = row["event_date"]
        say(f"  {row['verdict']} {day} {' '.join(row[name] for name in SERIES)} {row['effect_measure']}")


def held_by_year(home: Path) -> None:
    """False alarms of annual studies: every pair of neighbouring years, on every partner and on each large one."""
    with duckdb.connect(str(home / "work" / "work.duckdb"), read_only=True) as con:
        figures = con.sql("from intermediate.int_event__annual_figures").pl()
        comparison = con.sql(
            "select max(comparison_product_key) from intermediate.int_event__annual_studies"
        ).fetchall()[0][0]  # fmt: skip
    products = sorted(set(figures["product_key"]) - {comparison})
    years = [year for year in range(figures["year"].min(), figures["year"].max()) if year > _FIRST_QUIET_YEAR]  # type: ignore[arg-type]
    targets = [None, *figures.group_by("partner_code").len().sort("len", "partner_code").tail(8)["partner_code"]]
    asked = [
        (product, target, None if target else comparison, year, year + 1)
        for product in products for target in targets for year in years
    ]  # fmt: skip
    columns = ["product_key", "target_code", "comparison_product_key", "year_before", "year_after"]
    types = dict.fromkeys(columns[:3], pl.String)
    found = annual_effects(figures, pl.DataFrame(asked, schema=columns, orient="row", schema_overrides=types))
    found = found.filter(pl.col("p_value").is_not_null())
    say(f"{'pairs of years from 2015 on, all and eight targets, one family':63}{shares(found)}")


if __name__ == "__main__":
    if home := os.environ.get("REE_HOME"):
        held(Path(home))
        held_by_year(Path(home))
    quiet()
    planted()
