"""Build the models of a home once more, its raw rows in another order, and print the hash of each published table.

Run as a program, so that the processor it sees can be another one: what numpy, BLAS and the C library choose by the
processor is read from the environment when a process starts.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

from warehouse.content import table_hashes
from warehouse.settings import Settings
from warehouse.transform import create_candidate, run_command

WITHOUT_TESTS = ["build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"]


def reorder_raw_rows(settings: Settings, seed: str) -> None:
    """Put the rows of every raw table into an order that depends on nothing but the seed."""
    with duckdb.connect(str(settings.work_file)) as con:
        tables = con.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()
        for (table,) in tables:
            con.execute(
                f"create or replace table raw.{table} as from raw.{table}"
                f" order by md5(load_id || '{seed}' || rowid::varchar)"
            )


def rebuild(settings: Settings, seed: str) -> dict[str, str]:
    """The hashes of core and marts, built from the raw tables of this home."""
    reorder_raw_rows(settings, seed)
    create_candidate(settings)
    failed = [node for node in run_command(settings, "building", WITHOUT_TESTS) if not node.ok]
    assert not failed, failed
    with duckdb.connect(str(settings.candidate_file), read_only=True) as con:
        return table_hashes(con)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(rebuild(Settings(home=Path(sys.argv[1])), seed=sys.argv[2])) + "\n")
