"""What the years beside a figure say of it, and what remains of that when a load is left out."""

from __future__ import annotations

import random

import duckdb

from warehouse.quality.neighbours.figures import LOADS, OF_YEARS, TABLE, collect_rates, leave_out

_COLUMNS = "load int, flow int, year int, months double, value double, local double, weight double"


def rates_of(rows: list[tuple[object, ...]], left_out: str | None = None) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        con.execute(f"create temp table {TABLE} ({_COLUMNS})")
        con.executemany(f"insert into {TABLE} values (?, ?, ?, ?, ?, ?, ?)", rows)
        con.execute(f"create temp table {LOADS} as select distinct load, 'l' || load as load_id from {TABLE}")
        collect_rates(con)
        if left_out:
            leave_out(con, left_out)
        return con.execute(f"from {OF_YEARS} order by all").fetchall()


def test_the_rates_of_two_loads_are_those_of_the_first_and_of_the_next() -> None:
    rows = [(2, 7, 2024, 0.0, 3.0, None, 1.0), (1, 7, 2024, 1.0, 6.0, None, None), (1, 7, 2024, 1.0, 8.0, None, None)]
    value, local, weight, unit = (1, 6.0, 3.0), (None, None, None), (2, 1.0, None), (2, 2.0, None)
    assert rates_of(rows) == [(7, 2024, *value, *local, *weight, *unit)]


def test_without_a_load_the_rates_are_those_of_the_others(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    rows: list[tuple[object, ...]] = [
        (
            *(chance.randrange(4), chance.randrange(5), 2020 + chance.randrange(3), chance.choice((0.0, 1.0))),
            *(chance.choice((None, chance.uniform(1, 9))) for _ in range(3)),
        )
        for _ in range(200)
    ]
    assert rates_of(rows, left_out="l2") == rates_of([row for row in rows if row[0] != 2])
