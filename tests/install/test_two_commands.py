"""The README's two commands in a clean checkout."""

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from sources.snapshot import BUNDLED
from tests.install.conftest import plain_environment

pytestmark = pytest.mark.slow


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=plain_environment() | environment, capture_output=True, text=True, check=False
    )


def test_make_warehouse_builds_and_publishes_on_a_fresh_copy(clean_checkout: Path, built_checkout: str) -> None:
    assert re.search(r"Release \d{4}\.\d\d\.\d\d\.1 is published", built_checkout)
    assert "usgs_mcs: MCS 2026 loaded: 54 rows" in built_checkout
    assert "Next: ree tables" in built_checkout
    published = clean_checkout / "var" / "published"
    assert {path.name for path in published.iterdir()} == {
        "rare_earths.duckdb", "rare_earths.xlsx", "parquet", "csv", "site", "datapackage.json", "validation.html",
        "CHANGES.md",
    }  # fmt: skip
    package = json.loads((published / "datapackage.json").read_text(encoding="utf-8"))
    assert {"core.fct_production", "core.trade_preferred_all_levels"} <= {
        resource["name"].removeprefix("parquet.").removesuffix(".parquet") for resource in package["resources"]
    }


def test_a_second_make_warehouse_loads_nothing_and_keeps_the_release(
    clean_checkout: Path, built_checkout: str, tmp_path: Path
) -> None:
    """On a copy of the state, since other tests look at that of the first run meanwhile.

    The copy gets a run, since its files have other inodes; after that there is nothing new.
    """
    home = shutil.copytree(clean_checkout / "var", tmp_path / "var", symlinks=True)
    again = run(clean_checkout, "make", "warehouse", REE_HOME=str(home))
    assert again.returncode == 0, again.stderr
    with (BUNDLED / "provenance.csv").open(encoding="utf-8", newline="") as file:
        offered = sum(row["source_code"] == "un_comtrade" for row in csv.DictReader(file))
    assert f"un_comtrade: nothing new, {offered} artifacts already loaded" in again.stdout
    assert "Nothing changed: release" in again.stdout
    assert sum(path.is_dir() for path in (home / "releases").iterdir()) == 1
    runs = sorted((home / "dagster" / "history" / "runs").iterdir())
    third = run(clean_checkout, "make", "warehouse", REE_HOME=str(home))
    said = [line for line in third.stdout.splitlines() if not line.startswith("make")]
    assert len(said) == 1
    assert re.fullmatch(r"Nothing changed: release \S+ stays current in .*", said[0])
    assert sorted((home / "dagster" / "history" / "runs").iterdir()) == runs


def queries_of_the_readme(clean_checkout: Path) -> list[str]:
    readme = (clean_checkout / "README.md").read_text(encoding="utf-8")
    return re.findall(r"```sql\n(.+?)```", readme, re.DOTALL)


def test_the_first_query_of_the_readme_answers(clean_checkout: Path, built_checkout: str) -> None:
    answer = run(clean_checkout, ".venv/bin/ree", "sql", "--format", "csv", queries_of_the_readme(clean_checkout)[0])
    header, *found = csv.reader(answer.stdout.splitlines())
    records = [dict(zip(header, row, strict=True)) for row in found]
    wanted = ("edition", "production_t_reo", "value_status", "basis_code", "is_latest")
    assert [[row[column] for column in wanted] for row in records] == [
        ["MCS 2024", "240000.0", "estimated", "quota", "false"],
        ["MCS 2025", "255000.0", "reported", "quota", "true"],
    ]


def test_the_readmes_queries_answer_in_a_reader_that_only_opens_the_file(
    clean_checkout: Path, built_checkout: str
) -> None:
    file = clean_checkout / "var" / "published" / "rare_earths.duckdb"
    asked = queries_of_the_readme(clean_checkout)
    assert asked
    with duckdb.connect(str(file), read_only=True) as con:
        assert [query for query in asked if not con.execute(query).fetchall()] == []


def test_every_ree_command_of_the_readme_runs(clean_checkout: Path, built_checkout: str) -> None:
    assert "Release" in run(clean_checkout, ".venv/bin/ree", "status").stdout
    assert run(clean_checkout, ".venv/bin/ree", "doctor").returncode == 0
    for command in ("diff", "rollback"):
        refused = run(clean_checkout, ".venv/bin/ree", command)
        assert refused.returncode == 1
        assert "on disk are" in refused.stderr.replace("\n", " ")
        assert "Traceback" not in refused.stderr


def test_duckdb_1_2_2_opens_the_release(clean_checkout: Path, built_checkout: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "old")], check=True)
    python = str(tmp_path / "old" / "bin" / "python")
    locked = Path(__file__).parent / "requirements-duckdb-1.2.2.txt"
    installed = run(tmp_path, python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(locked))
    if installed.returncode:
        pytest.skip(f"duckdb 1.2.2 has no wheel for this Python: {installed.stderr[-200:]}")
    database = clean_checkout / "var" / "published" / "rare_earths.duckdb"
    script = (
        "import duckdb, sys; con = duckdb.connect(sys.argv[1], read_only=True);"
        " print(duckdb.__version__, con.sql('select count(*) from core.trade_preferred_all_levels').fetchone()[0])"
    )
    old = run(tmp_path, python, "-c", script, str(database))
    assert old.returncode == 0, old.stderr
    with duckdb.connect(str(database), read_only=True) as con:
        flows = con.sql("select count(*) from core.trade_preferred_all_levels").fetchall()[0][0]
    assert old.stdout.split() == ["1.2.2", str(flows)]
