"""Running dbt: raw tables of the work file → core, marts and lineage in a fresh candidate file."""

from __future__ import annotations

import contextlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.settings import Settings
from warehouse.storage.database import open_database
from warehouse.storage.literals import literal
from warehouse.transform.dbt_runner import invoke_dbt
from warehouse.transform.manifest import is_made_by_year, parsed_project
from warehouse.wording import record_in_words

STORAGE_VERSION = "v1.2.0"
"""Storage version of the published file: DuckDB 1.2 and later open it."""


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What dbt did with one model, seed or test."""

    unique_id: str
    status: str
    seconds: float
    failures: int | None
    message: str | None

    @property
    def ok(self) -> bool:
        """Built or passed."""
        return self.status in {"success", "pass"}

    @property
    def was_skipped(self) -> bool:
        """Not run, because something it needs failed."""
        return self.status == "skipped"


def create_candidate(settings: Settings, basis: Path | None = None) -> None:
    """Make a candidate file in the storage version older drivers open; anything there before goes.

    `basis` is the database of the release whose years the build starts from; without one the file is empty.
    """
    shutil.rmtree(settings.candidate, ignore_errors=True)
    settings.candidate.mkdir(parents=True)
    if basis is not None:
        shutil.copyfile(basis, settings.candidate_file)
        _keep_years_alone(settings)
        return
    with duckdb.connect() as con:
        con.execute(f"attach {literal(settings.candidate_file)} as candidate (storage_version '{STORAGE_VERSION}')")


def _keep_years_alone(settings: Settings) -> None:
    """Drop the tables and views that every build makes whole: what replaces them takes their place in the file.

    The file would otherwise grow by their size, since DuckDB frees the old ones after the new ones are written.
    """
    manifest = json.loads(parsed_project(settings).manifest.read_text(encoding="utf-8"))
    by_year = {f"{node['schema']}.{node['name']}" for node in manifest["nodes"].values() if is_made_by_year(node)}
    with open_database(settings.candidate_file, settings) as con:
        made = con.execute(
            "select schema_name, table_name, 'table' from duckdb_tables() where not internal"
            " union all select schema_name, view_name, 'view' from duckdb_views() where not internal"
        ).fetchall()
        for schema, name, kind in made:
            if f"{schema}.{name}" not in by_year:
                con.execute(f"drop {kind} {schema}.{name}")
        con.execute("checkpoint")


def run_dbt(settings: Settings) -> list[NodeResult]:
    """Build every model into the candidate file and run its data tests; unit tests are for `make test`.

    Raises:
        TransformError: dbt did not get as far as running its nodes.
    """
    return run_command(settings, "building", ["build", "--exclude-resource-type", "unit_test"])


def test_models(settings: Settings) -> list[NodeResult]:
    """Run the models' unit tests against a candidate that is already built.

    Raises:
        TransformError: dbt did not get as far as running them.
    """
    return run_command(settings, "testing", ["test", "--select", "test_type:unit"])


def run_command(settings: Settings, doing: str, command: list[str]) -> list[NodeResult]:
    """Run one dbt command on the candidate and the work file of this home.

    Args:
        settings: the home, and what DuckDB may use.
        doing: what the command does, for its error: "building".
        command: the command's words: `["build", "--select", "path:models/core"]`.

    Raises:
        TransformError: dbt did not get as far as running its nodes.
    """
    parsed = parsed_project(settings)
    settings.home.mkdir(parents=True, exist_ok=True)
    with contextlib.chdir(settings.home):  # paths of the profile are relative to it
        result = invoke_dbt(
            settings,
            doing,
            [*command, "--partial-parse-file-path", str(parsed.partial_parse)],
            target=settings.home / "dbt",
            logs=settings.home / "logs",
        )
    return [
        NodeResult(
            unique_id=node.node.unique_id,
            status=str(node.status),
            seconds=node.execution_time,
            failures=node.failures,
            message=node.message if not node.failures else f"{node.message}; {_sample(settings, node.node)}",
        )
        for node in getattr(result, "results", [])
    ]


def row_counts(settings: Settings) -> dict[tuple[str, str], int]:
    """Rows of each table that dbt built, by schema and name: `{("core", "fct_production"): 1406}`. Views have none."""
    with duckdb.connect(str(settings.candidate_file), read_only=True) as con:
        con.execute(f"attach {literal(settings.work_file)} as work (read_only)")
        tables = con.execute(
            "select database_name, schema_name, table_name from duckdb_tables()"
            " where schema_name not in ('raw', 'ledger', 'quarantine')"
        ).fetchall()
        return {
            (schema, name): con.execute(f'select count(*) from "{database}"."{schema}"."{name}"').fetchall()[0][0]
            for database, schema, name in tables
        }


def _sample(settings: Settings, test: Any) -> str:
    """The first row that a failed test found."""
    with duckdb.connect(str(settings.candidate_file), read_only=True) as con:
        con.execute(f"attach {literal(settings.work_file)} as work (read_only)")
        found = con.execute(test.compiled_code)
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchmany(1)]
    return f"e.g. {record_in_words(rows[0])}" if rows else "no row when it was asked again"
