"""Builds a panel of about a million raw rows of trade on DuckDB and on Spark, and compares every fact of both.

Prints the seconds and the most memory (RSS) of each engine's process; the memory only on Linux.

`python -m benchmarks.spark_panel HOME FOLDER [ROWS]`, with the Python of `.venv-spark`: HOME is a built home, which is
copied to FOLDER/home; FOLDER/spark is what Spark builds. Ends with code 1 where a fact differs.

The panel is the bundle's trade, copied under headings that do not exist (4001, 4002, …) until it has so many rows: each
copy has the bundle's reporters, partners, periods, restatements and national lines, so that every step of the trade
path has as much more to do.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import duckdb

from warehouse.settings import Settings
from warehouse.spark.build import build
from warehouse.spark.compare import compare
from warehouse.spark.models import compiled, needed_for
from warehouse.spark.raw import export
from warehouse.spark.session import spark_session
from warehouse.transform.dbt import create_candidate, run_command

FACTS = "core"
MOST_COPIES = 99
"""Copies are told apart by the last two digits of their headings."""


def enlarge(work_file: Path, rows: int) -> int:
    """Copy the trade of a work file under other headings until it has at least `rows`; the rows that it then has."""
    with duckdb.connect(str(work_file)) as con:
        tables = [
            name
            for (name,) in con.execute(
                "select table_name from duckdb_tables() where schema_name = 'raw' and ends_with(table_name, '__trade')"
            ).fetchall()
        ]
        held = sum(con.execute(f"select count(*) from raw.{table}").fetchall()[0][0] for table in tables)
        copies = min(-(-rows // held) - 1, MOST_COPIES)
        everything = " union all ".join(f"select left(hs_code, 4) as heading from raw.{table}" for table in tables)
        con.execute(
            "create temp table other_heading as select heading, copy,"
            " cast(4000 + 100 * dense_rank() over (order by heading) + copy as varchar) as other"
            f" from (select distinct heading from ({everything})), (select unnest(range(1, {copies + 1})) as copy)"
        )
        for table in tables:
            con.execute(
                f"insert into raw.{table} select rows.* replace ("
                " other || substr(hs_code, 5) as hs_code, other || substr(scope_code, 5) as scope_code)"
                f" from raw.{table} as rows inner join other_heading on left(hs_code, 4) = heading"
            )
        return int(held * (copies + 1))


def most_memory(process: int | str = "self") -> str:
    """The most memory that a process has held: `1.3 GB`."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    [kib] = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return f"{kib * 1024 / 1e9:.1f} GB"


def main(home: Path, folder: Path, rows: int) -> int:
    """Build on both engines and print a line for each fact; the number of facts that differ."""
    copied = folder / "home"
    shutil.rmtree(copied, ignore_errors=True)
    shutil.copytree(home, copied, symlinks=True, ignore=shutil.ignore_patterns("releases", "landing", "site"))
    settings, on_spark = Settings(home=copied), folder / "spark"
    nodes = [node for node in needed_for(compiled(settings), [FACTS]) if node.kind != "test"]
    sys.stdout.write(f"{enlarge(settings.work_file, rows):,} raw rows of trade\n")
    started = time.monotonic()
    create_candidate(settings)
    failed = [
        one for one in run_command(settings, "building", ["run", "--select", f"+path:models/{FACTS}"]) if not one.ok
    ]
    sys.stdout.write(f"DuckDB: {time.monotonic() - started:.0f} s, {most_memory()}\n")
    if failed:
        sys.stdout.write(f"{failed[0].unique_id}: {failed[0].message}\n")
        return len(failed)
    started, differing = time.monotonic(), 0
    on_spark.mkdir(parents=True, exist_ok=True)
    raw = export(settings, on_spark)
    sys.stdout.write(f"raw tables as Parquet: {time.monotonic() - started:.0f} s\n")
    started = time.monotonic()
    with spark_session(str(on_spark), memory="4g") as session:
        for result in build(session, str(on_spark), raw, nodes):
            verdict = ""
            if result.name.startswith(FACTS) and result.kind != "view":
                both = compare(settings, settings.candidate_file, on_spark, result.name)
                differing += not both.is_equal
                verdict = "equal" if both.is_equal else f"only DuckDB {both.only_duckdb}, only Spark {both.only_spark}"
            sys.stdout.write(f"{result.name:<45} {result.rows or 0:>10,} {result.seconds:7.1f} s  {verdict}\n")
            sys.stdout.flush()
        java = session.sparkContext._gateway.proc.pid  # noqa: SLF001 - it has no other name
        sys.stdout.write(f"Spark: {time.monotonic() - started:.0f} s, {most_memory(java)}\n")
    return differing


if __name__ == "__main__":
    least = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
    sys.exit(bool(main(Path(sys.argv[1]), Path(sys.argv[2]), least)))
