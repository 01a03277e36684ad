"""Read-only queries on the published release, which can reach nothing but that release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

import duckdb

from warehouse.release.store import database
from warehouse.settings import Settings
from warehouse.storage.database import open_reader

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
    """The query is wrong, nothing is published, or the release cannot be read."""


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Result of a query: column names and rows. `has_more` is true if the limit left rows out."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    has_more: bool


def statement_of(query: str) -> duckdb.Statement:
    """The one statement of a text, which may have comments around it.

    Raises:
        QueryError: there is none, or several.
        duckdb.Error: DuckDB cannot parse it.
    """
    statements = duckdb.extract_statements(query)
    if len(statements) != 1:
        problem = f"these are {len(statements)} queries: run them one by one" if statements else "there is no query"
        msg = f'{problem}. An example of one: "from marts.mart_corridor"'
        raise QueryError(msg)
    return statements[0]


def run_query(settings: Settings, query: str, limit: int = 0) -> QueryResult:
    """Run one query on the published release, read-only; a limit of 0 gives all rows.

    Raises:
        QueryError: nothing is published, there is not exactly one query, or DuckDB does not accept it.
        KeyboardInterrupt: the query was interrupted.
    """
    try:
        with open_reader(database(settings), settings) as con:
            return result_of(con, query, limit)
    except (LookupError, duckdb.Error) as error:
        raise QueryError(str(error)) from error


def result_of(con: duckdb.DuckDBPyConnection, query: str, limit: int = 0) -> QueryResult:
    """Run the one query of a text on an open reader; a limit of 0 gives all rows.

    Raises:
        QueryError: the text has no query, or several, or a value that Python cannot represent.
        duckdb.Error: DuckDB does not accept the query.
        KeyboardInterrupt: the query was interrupted.
    """
    statement = statement_of(query)
    try:
        cursor = con.execute(statement)
        columns = [column[0] for column in cursor.description or ()]
        rows: list[tuple[Any, ...]] = cursor.fetchmany(limit + 1) if limit else cursor.fetchall()
    except (ValueError, OverflowError) as error:
        msg = f"a value of the result cannot be shown ({error}): cast it to varchar"
        raise QueryError(msg) from error
    except RuntimeError as error:
        _raise_interrupt(con, error)
    return QueryResult(columns, rows[:limit] if limit else rows, has_more=bool(limit) and len(rows) > limit)


def _raise_interrupt(con: duckdb.DuckDBPyConnection, error: RuntimeError) -> NoReturn:
    """Ctrl-C during a query: DuckDB raises a plain RuntimeError for it, and its threads may still be at work."""
    if "interrupted" in str(error).lower():
        con.interrupt()
        raise KeyboardInterrupt from error
    raise error
