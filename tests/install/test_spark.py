"""The models on Spark: `ree spark` in its own environment builds the facts that DuckDB published. docs/spark.md."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from tests.helpers.project import PROJECT
from warehouse.release.store import database
from warehouse.settings import Settings

pytestmark = pytest.mark.long

PROGRAMS = PROJECT / ".venv-spark" / "bin"


@pytest.fixture(scope="module")
def programs(shared: Path) -> Path:
    """The folder of the programs of Spark's environment, which is set up once for all workers."""
    if shutil.which("java") is None:
        pytest.skip("Spark needs a Java runtime, and there is none")
    with FileLock(shared / "spark.lock"):
        done = subprocess.run(
            ["make", "--silent", "spark-setup"], cwd=PROJECT, capture_output=True, text=True, check=False
        )
    if done.returncode:
        pytest.skip(f"deploy/spark/requirements.lock cannot be installed here: {done.stderr[-200:]}")
    return PROGRAMS


def run(command: list[str | Path], home: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REE_")}
    return subprocess.run(
        command,
        env=environment | {"REE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


FACTS = ("core.fct_trade_flow", "core.fct_trade_total", "core.fct_trade_rollup", "core.fct_production")
"""The trade path with its roll-ups, and a simple fact; the whole of core is compared by `make test-long`."""


def compared(output: str) -> dict[str, bool]:
    """Whether each table equals the release's, of those that were compared: `{"core.fct_quota": True}`."""
    cells = [line.split() for line in output.splitlines()]
    return {row[0]: row[2] == "true" for row in cells if len(row) == 4 and row[2] in {"true", "false"}}


def test_facts_of_spark_are_those_of_the_release(programs: Path, small: Settings, tmp_path: Path) -> None:
    wanted = [word for fact in FACTS for word in ("--table", fact)]
    done = run([programs / "ree", "spark", "--to", tmp_path, *wanted, "--compare", "--no-tests"], small.home)
    assert not done.returncode, done.stdout + done.stderr
    assert dict.fromkeys(FACTS, True).items() <= compared(done.stdout).items(), done.stdout


def test_without_spark_the_command_says_what_it_needs(small: Settings, tmp_path: Path) -> None:
    """The project's own environment has no pyspark."""
    done = run([Path(sys.executable).with_name("ree"), "spark", "--to", tmp_path], small.home)
    assert done.returncode == 1
    assert "make spark" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_fact_of_the_bundle_is_that_of_the_release(programs: Path, warehouse: Settings, tmp_path: Path) -> None:
    done = run([programs / "ree", "spark", "--to", tmp_path, "--table", "core", "--compare"], warehouse.home)
    assert not done.returncode, done.stdout + done.stderr
    with duckdb.connect(str(database(warehouse)), read_only=True) as con:
        tables = con.execute("select 'core.' || table_name from duckdb_tables() where schema_name = 'core'").fetchall()
    assert compared(done.stdout) == {name: True for (name,) in tables}


def test_every_fact_of_a_million_rows_is_that_of_duckdb(programs: Path, warehouse: Settings, tmp_path: Path) -> None:
    panel = PROJECT / "benchmarks" / "spark_panel.py"
    done = run([programs / "python", panel, warehouse.home, tmp_path], warehouse.home)
    assert not done.returncode, done.stdout + done.stderr
