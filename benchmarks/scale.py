"""What do more rows cost, and a month more? `python -m benchmarks.scale DIR [MONTHS …]` (0, 6 and 40 months).

Builds the bundle beside made-up worlds of so many months (14,400 customs rows each), then a month onto each, and a
third time with nothing new. Prints processor seconds, peak memory and sizes, and how many times as much a build costs
as what reads or builds the same and checks nothing: a Polars scan of the same files, a bare `dbt run` of the same
models, and a pandas script that pairs both reports. DIR needs some gigabytes; 40 months take about a quarter of an
hour.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.made_up_world import world, write_world

_SCAN = """
import sys, polars as pl
files = sorted(str(f) for f in __import__("pathlib").Path(sys.argv[1]).glob("un_comtrade/*.gz"))
frame = pl.scan_csv(files, separator="\t", infer_schema=False).filter(pl.col("cmdCode").is_in(["284690", "284610"]))
print(frame.collect(engine="streaming").height)
"""
_PANDAS = """
import sys, pandas as pd
from pathlib import Path
files = sorted(Path(sys.argv[1]).glob("un_comtrade/*.gz"))
rows = pd.concat(pd.read_csv(f, sep="\t", dtype={"cmdCode": str, "period": str}) for f in files)
key = ["exporter", "importer", "cmdCode", "period"]
is_export = rows.flowCode == "X"
rows["exporter"] = rows.reporterCode.where(is_export, rows.partnerCode)
rows["importer"] = rows.partnerCode.where(is_export, rows.reporterCode)
both = rows[is_export].merge(rows[~is_export], on=key, suffixes=("_x", "_m"))
both["gap"] = both.primaryValue_x / both.primaryValue_m
both[[*key, "primaryValue_x", "primaryValue_m", "gap"]].to_parquet(Path(sys.argv[1]) / "pairs.parquet")
print(len(both))
"""
_MODELS = """
from warehouse.settings import Settings
from warehouse.transform.dbt import create_candidate, run_command
settings = Settings()
create_candidate(settings)
failed = [result.unique_id for result in run_command(settings, "running", ["run"]) if not result.ok]
assert not failed, failed
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor seconds and peak memory in MB of a process and what it started."""

    seconds: float
    megabytes: float


def cost_of(command: Sequence[str], environment: dict[str, str]) -> Cost:
    """Run a command to its end; its output goes to this process's standard error.

    Raises:
        RuntimeError: it failed.
    """
    process = subprocess.Popen(command, env=os.environ | environment, stdout=sys.stderr)  # noqa: S603 (our commands)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        msg = f"{' '.join(command[:3])} ended with {process.returncode}"
        raise RuntimeError(msg)
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)


def facts_of(database: Path) -> int:
    """Rows of all facts of a release."""
    with duckdb.connect(str(database), read_only=True) as con:
        tables = con.execute(
            "select table_name from duckdb_tables() where schema_name = 'core' and table_name like 'fct%'"
        ).fetchall()
        return sum(con.execute(f"select count(*) from core.{name}").fetchall()[0][0] for (name,) in tables)


def measure(folder: Path, months: int) -> str:
    """Build a world of so many months and a month more; return a row of the table."""
    files, home = folder / f"world-{months}", folder / f"home-{months}"
    environment = {"REE_HOME": str(home), "REE_OWN_FILES": str(files)}
    build = [sys.executable, "-m", "orchestration.cli", "build"]
    files.mkdir(parents=True)
    records = write_world(files, world(), range(months))
    first = cost_of(build, environment)
    yardsticks = ["–", "–"]
    if months:
        bare = [cost_of([sys.executable, "-c", script, str(files)], environment) for script in (_SCAN, _PANDAS)]
        yardsticks = [f"{first.seconds / one.seconds:,.0f}" for one in bare]
    models = cost_of([sys.executable, "-c", _MODELS], environment)
    write_world(files, world(), range(months, months + 1))
    more = cost_of(build, environment)
    nothing = cost_of(build, environment)
    database = home / "published" / "rare_earths.duckdb"
    facts = facts_of(database)
    size = database.stat().st_size
    cells = [
        f"{records:,}",
        f"{first.seconds:,.0f}",
        f"{first.megabytes:,.0f}",
        f"{first.seconds / models.seconds:.1f}",
        *yardsticks,
        f"{more.seconds:,.0f}",
        f"{nothing.seconds:.1f}",
        f"{size / 1e6:,.0f}",
        f"{size / facts:,.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Measure each number of months and print the table."""
    folder, *months = sys.argv[1:]
    heads = [
        "customs rows beside the bundle", "first build, CPU s", "peak MB", "× bare dbt run", "× Polars scan",
        "× pandas script", "a month more, CPU s", "nothing new, CPU s", "database MB", "bytes a fact",
    ]  # fmt: skip
    sys.stdout.write(f"| {' | '.join(heads)} |\n|{'---:|' * len(heads)}\n")
    for number in [int(one) for one in months] or [0, 6, 40]:
        sys.stdout.write(measure(Path(folder), number) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
