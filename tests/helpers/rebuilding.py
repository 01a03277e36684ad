"""Build the models of a home once more, its raw rows in another order, and print the hash of each published table.

Run as a program, so that the processor it sees can be another one: what numpy, BLAS and the C library choose by the
processor is read from the environment when a process starts.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from pathlib import Path

import duckdb
import numpy as np

from warehouse.release.content import table_hashes
from warehouse.settings import Settings
from warehouse.transform.dbt import create_candidate, run_command

WITHOUT_TESTS = ["build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"]


def reorder_raw_rows(settings: Settings, seed: str) -> None:
    """Put the rows of every raw table into an order made by the seed; half of the loads are of an earlier build."""
    with duckdb.connect(str(settings.work_file)) as con:
        tables = con.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()
        con.execute("update ledger.loads set build_id = 'an earlier build' where hash(load_id) % 2 = 0")
        con.execute(
            "update ledger.failed_rows set build_id = loads.build_id from ledger.loads"
            " where failed_rows.table_name = loads.table_name and failed_rows.artifact_sha256 = loads.artifact_sha256"
        )
        for (table,) in tables:
            con.execute(
                f"create or replace table raw.{table} as from raw.{table}"
                f" order by md5(load_id || '{seed}' || rowid::varchar)"
            )


def rebuild(settings: Settings, seed: str) -> dict[str, str]:
    """The hashes of core, marts and bi, built from the raw tables of this home."""
    reorder_raw_rows(settings, seed)
    create_candidate(settings)
    failed = [node for node in run_command(settings, "building", WITHOUT_TESTS) if not node.ok]
    assert not failed, failed
    with duckdb.connect(str(settings.candidate_file), read_only=True) as con:
        return table_hashes(con)


def witness() -> str:
    """A hash of what BLAS and the C library make of fixed numbers: another one where another processor is emulated."""
    matrix = np.random.default_rng(3).normal(size=(60, 80))
    powers = [math.exp(value) + math.log(abs(value)) for value in matrix.ravel()]
    return hashlib.sha256(np.linalg.inv(matrix @ matrix.T).tobytes() + np.array(powers).tobytes()).hexdigest()


if __name__ == "__main__":
    hashes = rebuild(Settings(home=Path(sys.argv[1])), seed=sys.argv[2])
    sys.stdout.write(json.dumps({"hashes": hashes, "witness": witness()}) + "\n")
