"""Running dbt: raw tables of the work file → core, marts and lineage in a fresh candidate file.

Belongs here: calling dbt in this process and saying what each node did. Does not belong here: any SQL of a fact.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.settings import Settings
from warehouse.work import write_as_of_day

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


class TransformError(Exception):
    """dbt could not start, or its project does not compile."""


def create_candidate(settings: Settings) -> None:
    """Make an empty candidate file in the storage version older drivers open; anything there before goes."""
    shutil.rmtree(settings.candidate, ignore_errors=True)
    settings.candidate.mkdir(parents=True)
    with duckdb.connect() as con:
        con.execute(f"attach '{settings.candidate_file}' as candidate (storage_version '{STORAGE_VERSION}')")


@contextlib.contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    given = {
        "REE_DBT_CANDIDATE": str(settings.candidate_file.relative_to(settings.home)),
        "REE_DBT_WORK": str(settings.work_file.relative_to(settings.home)),
        "REE_MEMORY_LIMIT": settings.memory_limit,
        "REE_THREADS": str(settings.threads),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    settings.home.mkdir(parents=True, exist_ok=True)
    try:
        # Paths relative to the home make one profile of all homes, so that dbt need not parse its project for each.
        with contextlib.chdir(settings.home):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def parse_project(settings: Settings) -> None:
    """Write dbt's manifest where every home finds it, and from which Dagster learns the models.

    Raises:
        TransformError: the project does not compile.
    """
    _invoke(settings, "parsing", ["parse"], settings.manifest.parent)


def run_dbt(settings: Settings) -> list[NodeResult]:
    """Build every model into the candidate file and run its data tests; unit tests are for `make test`.

    Raises:
        TransformError: dbt did not get as far as running its nodes.
    """
    write_as_of_day(settings)
    target = settings.home / "dbt"
    parsed = settings.manifest.parent / "partial_parse.msgpack"
    if parsed.exists() and not target.exists():
        target.mkdir(parents=True)
        shutil.copyfile(parsed, target / parsed.name)
    return _invoke(settings, "building", ["build", "--exclude-resource-type", "unit_test"], target)


def test_models(settings: Settings) -> list[NodeResult]:
    """Run the models' unit tests against a candidate that is already built.

    Raises:
        TransformError: dbt did not get as far as running them.
    """
    return _invoke(settings, "testing", ["test", "--select", "test_type:unit"], settings.home / "dbt")


def _invoke(settings: Settings, doing: str, command: list[str], target: Path) -> list[NodeResult]:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    project = str(settings.dbt_project)
    arguments = [
        *command,
        "--project-dir", project,
        "--profiles-dir", project,
        "--target-path", str(target),
        "--log-path", str(settings.home / "logs"),
        "--quiet",
        "--warn-error",
        "--no-version-check",
    ]  # fmt: skip
    with _environment(settings):
        try:
            outcome = dbtRunner().invoke(arguments)
        finally:
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if outcome.exception is not None:
        msg = f"dbt stopped while {doing}: {outcome.exception}"
        raise TransformError(msg) from outcome.exception
    return [
        NodeResult(
            unique_id=result.node.unique_id,
            status=str(result.status),
            seconds=result.execution_time,
            failures=result.failures,
            message=result.message if not result.failures else f"{result.message}; {_sample(settings, result.node)}",
        )
        for result in getattr(outcome.result, "results", [])
    ]


def _sample(settings: Settings, test: Any) -> str:
    """The first rows a failed test found, so that nobody has to run its SQL by hand."""
    with duckdb.connect(str(settings.candidate_file), read_only=True) as con:
        con.execute(f"attach '{settings.work_file}' as work (read_only)")
        found = con.execute(test.compiled_code)
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchmany(3)]
    return f"e.g. {rows}"
