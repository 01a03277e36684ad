"""Revisions written into a work file: withdrawn rows and revised figures on random days, repeatable by seed."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import duckdb

MEASURED = ("value_t", "value_usd", "value_local", "net_weight_kg", "share")
FIRST, LAST = date(2024, 1, 1), date(2027, 12, 31)


def restate(work_file: Path, seed: int) -> list[date]:
    """Release some partitions of every raw table once to three times more; return the days, ascending.

    A fifth of a partition's rows is missing from each such release, and a third of its figures differ. Some releases
    share a day with the one before.
    """
    chance = random.Random(seed)  # noqa: S311 - made up on purpose, and the same each time
    days: list[date] = []
    with duckdb.connect(str(work_file)) as con:
        loads = con.execute(
            "select table_name, load_id, known_from from ledger.loads where status <> 'refused' order by 1, 3, 2"
        ).fetchall()
        number = con.execute("select max(landing_sequence) from ledger.loads").fetchall()[0][0]
        tables = sorted({table for table, *_ in loads})
        for table in tables:
            of_table = [(load, known) for name, load, known in loads if name == table]
            for load, known in chance.sample(of_table, min(4, len(of_table))):
                day = known
                for again in range(chance.randint(1, 3)):
                    day += timedelta(days=chance.choice((0, 1, 40, 300) if again else (1, 40, 300)))
                    number += 1
                    _release(con, table, load, number, day)
                    days.append(day)
    return sorted(set(days))


def _release(con: duckdb.DuckDBPyConnection, table: str, load: str, number: int, day: date) -> None:
    name = f"again-{number}"
    con.execute(
        "insert into ledger.loads"
        f" select * replace ('{name}' as load_id, '{name}' as release, date '{day}' as known_from,"
        f" '{name}' as artifact_sha256, {number} as landing_sequence, '{name}' as statement,"
        f" '{name}' as content_sha256) from ledger.loads where load_id = ?",
        [load],
    )
    columns = [column for column, *_ in con.execute(f"describe raw.{table}").fetchall()]
    revised = [
        f"case when hash(artifact_row, {number}) % 3 = 0 then {column} * 1.25 else {column} end as {column}"
        for column in columns
        if column in MEASURED
    ]
    replaced = ", ".join([f"'{name}' as load_id", *revised])
    con.execute(
        f"insert into raw.{table} select * replace ({replaced}) from raw.{table}"
        f" where load_id = ? and hash({number}, artifact_row) % 5 > 0",
        [load],
    )
