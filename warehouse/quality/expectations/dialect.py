"""The SQLAlchemy dialect through which Great Expectations reads DuckDB.

Great Expectations closes a connection before it reads the cursor, and closing rolls back, which empties DuckDB's
result. This dialect leaves transactions alone; it reads only temporary files. A test fails when Great
Expectations stops needing it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb_sqlalchemy
from sqlalchemy import URL
from sqlalchemy.dialects import registry

_DRIVER = "duckdb+judge"


class JudgeDialect(duckdb_sqlalchemy.Dialect):
    """DuckDB without transactions."""

    driver = "judge"
    supports_statement_cache = False

    def do_begin(self, dbapi_connection: Any) -> None:
        """Begin nothing."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Roll nothing back, so that open results stay readable."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Commit nothing."""


def url(path: Path, limits: Mapping[str, object] | None = None) -> str:
    """The address of a DuckDB file with its options, with what means something in an address (`?`, `%`) encoded."""
    options = {name: str(limit) for name, limit in (limits or {}).items()}
    return URL.create(_DRIVER, database=str(path), query=options).render_as_string()


def register() -> None:
    """Make the dialect known to SQLAlchemy."""
    registry.register("duckdb.judge", __name__, "JudgeDialect")
