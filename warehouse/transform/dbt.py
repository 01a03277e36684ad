"""Running dbt: raw tables of the work file → core, marts and lineage in a fresh candidate file."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.settings import Settings
from warehouse.storage.database import open_database
from warehouse.storage.literals import literal
from warehouse.transform.dbt_runner import invoke_dbt
from warehouse.transform.manifest import downstream, is_made_by_year, parsed_project, read_manifest, relation_name
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


def models_to_build(settings: Settings, changed: Collection[str] | None) -> dict[str, Mapping[str, Any]]:
    """The nodes of dbt's manifest that a build makes, by unique id: those downstream of what changed.

    Args:
        settings: the home, whose cache has the manifest.
        changed: relations by schema and name (manifest.py): `{"raw.un_comtrade__trade"}`. None is everything.

    Raises:
        TransformError: the project does not compile.
    """
    manifest = read_manifest(settings)
    if changed is not None:
        return downstream(manifest, changed)
    return {id_: node for id_, node in manifest["nodes"].items() if node["resource_type"] in {"model", "seed"}}


def create_candidate(settings: Settings, basis: Path | None = None, changed: Collection[str] | None = None) -> None:
    """Make a candidate file in the storage version older drivers open; anything there before goes.

    Args:
        settings: the home whose candidate it is.
        basis: the database of the release that the build starts from; without one the file is empty.
        changed: what changed since, as in `models_to_build`.
    """
    shutil.rmtree(settings.candidate, ignore_errors=True)
    settings.candidate.mkdir(parents=True)
    if basis is not None:
        shutil.copyfile(basis, settings.candidate_file)
        _drop_rebuilt(settings, changed)
        return
    with duckdb.connect() as con:
        con.execute(f"attach {literal(settings.candidate_file)} as candidate (storage_version '{STORAGE_VERSION}')")


def _drop_rebuilt(settings: Settings, changed: Collection[str] | None) -> None:
    """Drop what the build makes whole, and what no model makes: what replaces it takes its place in the file.

    The file would otherwise grow by their size, since DuckDB frees the old ones after the new ones are written.
    """
    rebuilt = models_to_build(settings, changed)
    kept = {
        relation_name(node)
        for unique_id, node in models_to_build(settings, None).items()
        if unique_id not in rebuilt or is_made_by_year(node)
    }
    with open_database(settings.candidate_file, settings) as con:
        made = con.execute(
            "select schema_name || '.' || table_name, 'table' from duckdb_tables() where not internal"
            " union all select schema_name || '.' || view_name, 'view' from duckdb_views() where not internal"
        ).fetchall()
        for name, kind in made:
            if name not in kept:
                con.execute(f"drop {kind} {name}")
        con.execute("checkpoint")


def run_dbt(settings: Settings, changed: Collection[str] | None = None) -> list[NodeResult]:
    """Build into the candidate what changed, and run the data tests of it; unit tests are for `make test`.

    `changed` is as in `models_to_build`.

    Raises:
        TransformError: dbt did not get as far as running its nodes.
    """
    chosen = []
    if changed is not None:
        names = [node["name"] for node in models_to_build(settings, changed).values()]
        if not names:
            return []
        chosen = ["--select", *names]
    return run_command(settings, "building", ["build", "--exclude-resource-type", "unit_test", *chosen])


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
