"""Commands that read import no more than they need: the imports are nearly all of the time they take."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb

from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none

OF_HELP = ("warehouse", "sources", "duckdb", "pydantic_settings")
"""What no command needs to show its help, besides what the others do not need."""
OF_QUERIES = ("polars", "pandas", "numpy", "pyarrow", "httpx", "openpyxl", "lxml", "sources.publishers.usgs_mcs")
"""What no command needs to read the release."""
OF_BUILDS = ("dagster", "dbt", "great_expectations", "sqlalchemy", "orchestration.jobs")
"""What no command needs but `ree serve`, and `ree build` where it makes a run: not to find that nothing is new."""

SCRIPT = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from orchestration import cli

found = {}
for group, commands in json.loads(sys.argv[1]).items():
    for command in commands:
        sys.argv = ["ree", *command]
        with redirect_stdout(io.TextIOWrapper(io.BytesIO())), redirect_stderr(io.StringIO()) as errors:
            try:
                cli.main()
            except SystemExit as end:
                assert not end.code or group == "others", (command, errors.getvalue())
    found[group] = sorted(sys.modules)
print(json.dumps(found))
"""
COMMANDS = {
    "help": [["--help"], ["sql", "--help"]],
    "queries": [
        ["sql", "select 1"], ["sql", "from t", "--format", "table"], ["sql", "from t", "--output", "a.json"],
        ["tables"], ["describe", "t"], ["releases"],
    ],
    "others": [
        ["open"], ["why", "t"], ["status"], ["diff"], ["plan"], ["landing"], ["doctor"],
        ["build", "--source", "of_nobody"],
    ],
}  # fmt: skip


def imported(tmp_path: Path) -> dict[str, list[str]]:
    """The modules that are imported after each group of commands, each group run after the one before it."""
    published = tmp_path / "home" / "published"
    published.mkdir(parents=True)
    with duckdb.connect(str(published / "rare_earths.duckdb")) as con:
        con.execute("create schema core; create schema meta; create table core.t as select 1 as a")
        con.execute(
            "create table meta.data_dictionary (schema_name text, table_name text, column_name text, description text,"
            " is_key boolean); create table meta.usage_warnings (schema_name text, table_name text, meaning text)"
        )
    environment = {"REE_HOME": str(tmp_path / "home"), "PYTHONPATH": str(PROJECT), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(COMMANDS)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_commands_import_only_what_they_need(tmp_path: Path) -> None:
    modules = imported(tmp_path)
    barred = {"help": (*OF_HELP, *OF_QUERIES, *OF_BUILDS), "queries": (*OF_QUERIES, *OF_BUILDS), "others": OF_BUILDS}
    assert_none(
        f"{group}: {module}"
        for group, names in barred.items()
        for module in modules[group]
        if any(module == name or module.startswith(f"{name}.") for name in names)
    )
    assert "warehouse.read.query" in modules["queries"]
    assert {"warehouse.read.doctor", "warehouse.release.standing"} <= set(modules["others"])


def test_to_import_the_warehouse_imports_no_client_until_it_is_used() -> None:
    code = "import sys, warehouse; print('duckdb' in sys.modules, callable(warehouse.connect), 'duckdb' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "True"]
