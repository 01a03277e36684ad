"""Read-only queries on the published release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.release.store import database
from warehouse.settings import Settings
from warehouse.storage.work import open_database

PUBLISHERS = """
select source_code, count(*) as loads, max(known_from) as newest_known_from, sum(rows_loaded)::bigint as rows,
    sum(rows_quarantined)::bigint as in_quarantine, max(loaded_at)::date as loaded
from meta.loads group by source_code order by source_code
"""
RULES = """
select gate, severity, count(*) as judged, count(*) filter (where success) as passed
from meta.validation_results group by gate, severity order by gate, severity
"""


class QueryError(Exception):
    """The query is wrong, or nothing is published."""


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Result of a query: column names and rows. `has_more` is true if the limit left rows out."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    has_more: bool


def require_statement(query: str) -> None:
    """Check that a query is more than comments.

    Raises:
        QueryError: it is not.
    """
    if not duckdb.extract_statements(query):
        msg = 'there is no query: write one, such as "from marts.mart_corridor"'
        raise QueryError(msg)


def run_query(settings: Settings, query: str, limit: int = 0) -> QueryResult:
    """Run one query on the published release, read-only; a limit of 0 gives all rows.

    Raises:
        QueryError: nothing is published, or DuckDB does not accept the query.
    """
    try:
        with open_database(database(settings), settings, read_only=True) as con:
            require_statement(query)
            cursor = con.execute(query)
            columns = [column[0] for column in cursor.description or ()]
            rows = cursor.fetchmany(limit + 1) if limit else cursor.fetchall()
    except (LookupError, duckdb.Error) as error:
        raise QueryError(str(error)) from error
    return QueryResult(columns, rows[:limit] if limit else rows, has_more=bool(limit) and len(rows) > limit)
