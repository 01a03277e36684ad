"""Opens a release as one client does, keeps it open while another is published, then opens it again.

Usage: `python client.py <client> <folder of the release>`. It prints one line of JSON for what it opened, waits for a
line, prints what the open connection shows then, what a second one beside it shows, and what one shows that is opened
when both are closed.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from typing import Any

SUM = "select sum(production_t_reo) from bi.production where year = 2024"
VERSION = "select version from meta.release"
WRITE = "create table bi.mine as select 1 as a"
Query = Callable[[str], Any]


def duckdb_(folder: Path) -> Query:
    import duckdb

    con = duckdb.connect(str(folder / "rare_earths.duckdb"), read_only=True)
    return lambda sql: con.execute(sql).fetchall()[0][0]


def cli(folder: Path) -> Query:
    """DuckDB's command line, which answers as long as its input is open."""
    command = [Path(sys.executable).parent / "duckdb", "-readonly", "-json", folder / "rare_earths.duckdb"]
    shell = subprocess.Popen(command, stdin=-1, stdout=-1, stderr=subprocess.STDOUT, text=True)

    def query(sql: str) -> Any:
        assert shell.stdin is not None
        assert shell.stdout is not None
        shell.stdin.write(f"{sql};\n.print END\n")
        shell.stdin.flush()
        printed = "".join(takewhile(lambda line: line != "END\n", shell.stdout))
        if not printed.startswith("["):
            raise RuntimeError(printed)
        return next(iter(json.loads(printed)[0].values()))

    return query


def sqlalchemy(folder: Path) -> Query:
    """duckdb-engine, by an address alone, as Superset has it."""
    import sqlalchemy as sa

    engine = sa.create_engine(f"duckdb:///{folder / 'rare_earths.duckdb'}?access_mode=read_only")

    def query(sql: str) -> Any:
        with engine.connect() as con:
            return con.execute(sa.text(sql)).scalar()

    return query


def ibis(folder: Path) -> Query:
    from ibis import duckdb

    con = duckdb.connect(folder / "rare_earths.duckdb", read_only=True)

    def query(sql: str) -> Any:
        if sql == SUM:
            view = con.table("production", database="bi")
            return view.filter(view.year == 2024).production_t_reo.sum().execute()
        return con.raw_sql(sql).fetchall()[0][0]

    return query


def pandas(folder: Path) -> Query:
    """Parquet, without DuckDB: every read opens the file by its name."""
    import pandas as pd

    def query(sql: str) -> Any:
        if sql == SUM:
            frame = pd.read_parquet(folder / "parquet" / "bi" / "production.parquet")
            return float(frame.loc[frame["year"] == 2024, "production_t_reo"].sum())
        return _without_sql(sql, lambda: pd.read_parquet(folder / "parquet" / "meta" / "release.parquet")["version"][0])

    return query


def polars(folder: Path) -> Query:
    """Parquet, without DuckDB: every read opens the file by its name."""
    import polars as pl

    def query(sql: str) -> Any:
        if sql == SUM:
            frame = pl.scan_parquet(folder / "parquet" / "bi" / "production.parquet")
            return frame.filter(pl.col("year") == 2024).select(pl.col("production_t_reo").sum()).collect().item()
        release = folder / "parquet" / "meta" / "release.parquet"
        return _without_sql(sql, lambda: pl.read_parquet(release)["version"][0])

    return query


def _without_sql(sql: str, version: Callable[[], Any]) -> Any:
    if sql == WRITE:
        msg = "a reader of Parquet writes nothing into it"
        raise NotImplementedError(msg)
    return version()


def shown(query: Query) -> dict[str, Any]:
    return {"version": str(query(VERSION)), "sum": query(SUM)}


def refusal(query: Query) -> str:
    try:
        query(WRITE)
    except Exception as error:  # noqa: BLE001 - each client has its own
        return str(error)
    return ""


def tell(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    opened, release = globals()[sys.argv[1]], Path(sys.argv[2])
    first = opened(release)
    tell(shown(first) | {"refusal": refusal(first)})
    sys.stdin.readline()
    tell(shown(first))
    tell(shown(opened(release)))
    del first
    gc.collect()  # what shares the open database of this process is closed
    tell(shown(opened(release)))
