"""A release does not depend on the machine: processor, number of threads, order of rows, noise in the last digit.

Another processor is emulated by what libraries choose by it: the kernel of OpenBLAS, the loops of numpy, the variants
of exp, ln and pow in the C library. Noise is put on finished tables: it tries rules and tests, not the thresholds in
models.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest
import yaml

from tests.helpers.project import PROJECT
from tests.helpers.rebuilding import witness
from warehouse.quality.gates import judge_candidate
from warehouse.release.catalogue import PUBLISHED_SCHEMAS
from warehouse.release.content import content_hash, table_hashes
from warehouse.release.parquet import export_parquet
from warehouse.release.publish import last_core
from warehouse.release.store import current_release, database
from warehouse.settings import Settings
from warehouse.transform.dbt import run_command

MACHINES = {
    "one thread, no AVX": {
        "REE_THREADS": "1",
        "POLARS_MAX_THREADS": "1",
        "OPENBLAS_CORETYPE": "Prescott",
        "OPENBLAS_NUM_THREADS": "1",
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2,-FMA,-FMA4,-AVX",
    },
    "two threads, AVX2": {
        "REE_THREADS": "2",
        "OPENBLAS_CORETYPE": "Haswell",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX512VL",
    },
    "four threads, SSE": {
        "REE_THREADS": "4",
        "POLARS_MAX_THREADS": "4",
        "OPENBLAS_CORETYPE": "Nehalem",
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2,-FMA",
    },
}
NOISE = 1e-12


def rebuilt_on(machine: Mapping[str, str], warehouse: Settings, folder: Path) -> tuple[dict[str, str], str]:
    """The hashes of core, marts and bi, built from the raw tables of a home on such a machine, and its `witness`."""
    home = folder / "home"
    (home / "work").mkdir(parents=True)
    shutil.copyfile(warehouse.work_file, home / "work" / "work.duckdb")
    done = subprocess.run(
        [sys.executable, "-m", "tests.helpers.rebuilding", str(home), "another order"],
        cwd=PROJECT,
        env=os.environ | machine,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout.splitlines()[-1])
    return printed["hashes"], printed["witness"]


@pytest.mark.parametrize(
    "machine", [next(iter(MACHINES)), *(pytest.param(name, marks=pytest.mark.long) for name in list(MACHINES)[1:])]
)
def test_every_table_is_the_same_on_another_machine(warehouse, tmp_path, machine) -> None:
    with duckdb.connect(str(database(warehouse)), read_only=True) as con:
        here = table_hashes(con)
    there, their_witness = rebuilt_on(MACHINES[machine], warehouse, tmp_path)
    assert [table for table in here if here[table] != there[table]] == []
    assert here.keys() == there.keys()
    assert current_release(warehouse).about["content_hash"] == content_hash(there)
    if their_witness == witness():
        pytest.skip("this machine cannot emulate that processor: only threads and the order of rows were varied")


def test_the_docs_state_the_content_hash_of_the_bundled_files(warehouse) -> None:
    """A change of figures changes it: state the hash that `ree doctor` prints after `make warehouse`."""
    stated = re.findall(r"^[0-9a-f]{64}$", (PROJECT / "docs" / "contract.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert stated == [current_release(warehouse).about["content_hash"]]


@pytest.fixture(scope="module")
def noisy(warehouse, tmp_path_factory) -> Settings:
    """A candidate made of the published release, each derived figure multiplied by 1 ± 1e-12 at random."""
    settings = Settings(home=tmp_path_factory.mktemp("noisy"))
    settings.work_file.parent.mkdir()
    shutil.copyfile(warehouse.work_file, settings.work_file)
    settings.published.symlink_to(warehouse.published.resolve())
    settings.candidate.mkdir()
    shutil.copyfile(database(warehouse), settings.candidate_file)
    reported = yaml.safe_load((settings.dbt_project / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    with duckdb.connect(str(settings.candidate_file)) as con:
        con.execute("select setseed(0.5)")
        columns = con.execute(
            "select schema_name || '.' || table_name, table_name, column_name from duckdb_columns()"
            " where schema_name in ('core', 'marts', 'bi') and data_type = 'DOUBLE'"
            " and table_name in (select table_name from duckdb_tables())"
        ).fetchall()
        derived = [
            (place, column)
            for place, table, column in columns
            if column not in reported["reported_figures"].get(table, [])
        ]
        assert len(derived) > 100
        for place, column in derived:
            con.execute(f"update {place} set {column} = {column} * (1 + {NOISE} * (2 * random() - 1))")
    export_parquet(settings, PUBLISHED_SCHEMAS)
    return settings


def test_every_gate_holds_where_the_last_digits_of_derived_figures_are_noise(warehouse, noisy) -> None:
    """The same warnings as those of the release, too."""
    with duckdb.connect(str(database(warehouse)), read_only=True) as con:
        before = con.execute(
            "select table_name, rule from meta.validation_results where gate = 2 and not success"
        ).fetchall()
    results = judge_candidate(noisy, noisy.candidate / "parquet", last_core(noisy))
    assert sorted((r.table_name, r.rule) for r in results if not r.success) == sorted(before)


def test_every_test_of_dbt_holds_where_the_last_digits_of_derived_figures_are_noise(noisy) -> None:
    nodes = run_command(noisy, "testing", ["test", "--exclude", "test_type:unit"])
    assert len(nodes) > 30
    assert [node.unique_id for node in nodes if not node.ok] == []


def test_every_figure_is_settled_or_as_reported(warehouse) -> None:
    """No figure has more than nine digits but those that a publisher printed, and exact sums of them."""
    declared = yaml.safe_load((warehouse.dbt_project / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    with duckdb.connect(str(database(warehouse)), read_only=True) as con:
        columns = con.execute(
            "select schema_name, table_name, column_name from duckdb_columns()"
            " where schema_name in ('core', 'marts', 'bi') and data_type = 'DOUBLE' and not internal"
        ).fetchall()
        digits = declared["significant_digits"] - 1
        longer = [
            f"{table}.{column}"
            for schema, table, column in columns
            if column not in declared["reported_figures"].get(table, [])
            and con.execute(
                f"select count(*) from {schema}.{table}"
                f" where {column} <> cast(printf('%.{digits}e', {column}) as double)"
            ).fetchone()
            != (0,)
        ]
    assert longer == []
    existing = {(table, column) for _, table, column in columns}
    stale = {(table, column) for table, names in declared["reported_figures"].items() for column in names} - existing
    assert stale == set()
