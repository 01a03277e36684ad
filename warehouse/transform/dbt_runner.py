"""One call of dbt in this process: its arguments, its environment, and the error when it could not start."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from warehouse.settings import Settings

_SHARE_OF_MEMORY = 0.7
"""DuckDB's share of `REE_MEMORY_LIMIT` while models run; it holds up to a third more, and Python models hold some."""
_DBT_PREFIX = "DBT_"
"""Variables that dbt reads for its command line, its engine and `env_var`."""


class TransformError(Exception):
    """dbt could not start, or its project does not compile."""


def profile_variables(settings: Settings) -> dict[str, str]:
    """The variables that `profiles.yml` reads.

    Paths are relative to the home, which makes one profile of all homes: dbt parses its project again whenever the
    profile differs.
    """
    return {
        "REE_DBT_CANDIDATE": str(settings.candidate_file.relative_to(settings.home)),
        "REE_DBT_WORK": str(settings.work_file.relative_to(settings.home)),
        "REE_MEMORY_LIMIT": settings.memory_limit_of(_SHARE_OF_MEMORY),
        "REE_THREADS": str(settings.threads),
    }


def invoke_dbt(settings: Settings, doing: str, command: list[str], target: Path, logs: Path) -> Any:
    """Run one dbt command on the project; return what dbt gives as its result.

    `target` and `logs` are absolute folders that dbt writes to; it writes nothing to the project's folder. Variables
    of the shell that set dbt's options (`DBT_TARGET`, `DBT_VARS`, …) have no effect: profile, target and flags are the
    product's.

    Raises:
        TransformError: dbt did not get as far as running its nodes.
        KeyboardInterrupt: Ctrl-C ended it.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    project = str(settings.dbt_project)
    arguments = [
        *command,
        "--project-dir", project,
        "--profiles-dir", project,
        "--target-path", str(target),
        "--log-path", str(logs),
        "--quiet",
        "--log-level", "none",
        "--warn-error",
        "--no-version-check",
    ]  # fmt: skip
    with _environment(profile_variables(settings)):
        try:
            outcome = dbtRunner().invoke(arguments)
        finally:
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise outcome.exception
    if outcome.exception is not None:
        msg = f"dbt stopped while {doing}: {outcome.exception}"
        raise TransformError(msg) from outcome.exception
    return outcome.result


@contextlib.contextmanager
def _environment(given: dict[str, str]) -> Iterator[None]:
    """The environment with these variables and without dbt's own, while the block lasts."""
    given = given | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    own = [name for name in os.environ if name.upper().startswith(_DBT_PREFIX)]
    before = {name: os.environ.pop(name, None) for name in {*given, *own}}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
