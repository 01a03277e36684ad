"""The models on Spark: `ree spark` in its own environment builds the facts that DuckDB published. docs/spark.md."""

from __future__ import annotations

import os
import re
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


def compared(output: str) -> dict[str, bool]:
    """Whether each table equals the release's, of those that were compared: `{"core.fct_quota": True}`."""
    cells = [line.split() for line in output.splitlines()]
    return {row[0]: row[2] == "true" for row in cells if len(row) == 4 and row[2] in {"true", "false"}}


def test_without_spark_the_command_says_what_it_needs(small: Settings, tmp_path: Path) -> None:
    """The project's own environment has no pyspark."""
    done = run([Path(sys.executable).with_name("ree"), "spark", "--to", tmp_path], small.home)
    assert done.returncode == 1
    assert "make spark" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.spark
def test_every_fact_of_the_bundle_is_that_of_the_release(programs: Path, warehouse: Settings, tmp_path: Path) -> None:
    command = [programs / "ree", "spark", "--to", tmp_path, "--table", "core", "--compare", "--no-tests"]
    done = run(command, warehouse.home)
    assert not done.returncode, done.stdout + done.stderr
    with duckdb.connect(str(database(warehouse)), read_only=True) as con:
        tables = con.execute("select 'core.' || table_name from duckdb_tables() where schema_name = 'core'").fetchall()
    assert compared(done.stdout) == {name: True for (name,) in tables}


@pytest.mark.long
def test_no_row_on_spark_breaks_a_test_of_dbt(programs: Path, warehouse: Settings, tmp_path: Path) -> None:
    done = run([programs / "ree", "spark", "--to", tmp_path, "--table", "core"], warehouse.home)
    assert not done.returncode, done.stdout + done.stderr
    assert re.search(r"^[1-9]\d+ tests of dbt ran", done.stdout, re.MULTILINE), done.stdout


@pytest.mark.long
def test_every_fact_of_a_million_rows_is_that_of_duckdb(programs: Path, warehouse: Settings, tmp_path: Path) -> None:
    panel = PROJECT / "benchmarks" / "spark_panel.py"
    done = run([programs / "python", panel, warehouse.home, tmp_path], warehouse.home)
    assert not done.returncode, done.stdout + done.stderr
