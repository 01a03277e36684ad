"""Read-only queries on the published release, which can reach nothing but that release."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

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

_NUMERIC = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL\(.*\)")
_BATCH = 2_048
"""Rows read at a time."""


class QueryError(Exception):
    """The query is wrong, nothing is published, or the release cannot be read."""


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Result of a query: column names and rows. `has_more` is true if the limit left rows out."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """Result of a query while its database is open: column names, types in SQL, the cursor that its rows come from."""

    columns: list[str]
    types: list[str]
    cursor: duckdb.DuckDBPyConnection

    def batches(self) -> Iterator[list[tuple[Any, ...]]]:
        """The rows, some thousand at a time.

        Raises:
            QueryError: a value that Python cannot represent.
            KeyboardInterrupt: the query was interrupted.
        """
        while batch := self.first(_BATCH):
            yield batch

    def first(self, number: int) -> list[tuple[Any, ...]]:
        """The next rows, at most as many. Raises as `batches` does."""
        with _running(self.cursor):
            return self.cursor.fetchmany(number)


def statement_of(query: str) -> duckdb.Statement:
    """The one statement of a text, which may have comments around it.

    Raises:
        QueryError: there is none, or several, or the text has bytes that are no UTF-8.
        duckdb.Error: DuckDB cannot parse it.
    """
    if any("\ud800" <= letter <= "\udfff" for letter in query):
        msg = "the query has letters that are not UTF-8: write it in a UTF-8 terminal, or in a .sql file saved as UTF-8"
        raise QueryError(msg)
    statements = duckdb.extract_statements(query)
    if len(statements) != 1:
        problem = f"these are {len(statements)} queries: run them one by one" if statements else "there is no query"
        msg = f'{problem}. An example of one: "from mart_corridor"'
        raise QueryError(msg)
    return statements[0]


@contextmanager
def open_query(settings: Settings, query: str) -> Iterator[Answer]:
    """Run one query on the published release, read-only, and keep its result open.

    Raises:
        QueryError: nothing is published, there is not exactly one query, or DuckDB does not accept it.
        KeyboardInterrupt: the query was interrupted.
    """
    try:
        path = database(settings)
    except LookupError as error:
        raise QueryError(str(error)) from error
    with query_errors(), open_reader(path, settings) as con:
        yield answer_of(con, query)


def run_query(settings: Settings, query: str, limit: int = 0) -> QueryResult:
    """Run one query on the published release; a limit of 0 gives all rows. Raises as `open_query` does."""
    with open_query(settings, query) as answer:
        return result_of(answer, limit)


def answer_of(con: duckdb.DuckDBPyConnection, query: str) -> Answer:
    """Run the one query of a text on an open reader.

    Raises:
        QueryError: the text has no query, or several.
        duckdb.Error: DuckDB does not accept the query.
        KeyboardInterrupt: the query was interrupted.
    """
    statement = statement_of(query)
    with _running(con):
        cursor = con.execute(statement)
    described = cursor.description or ()
    return Answer([column[0] for column in described], [str(column[1]) for column in described], cursor)


def result_of(answer: Answer, limit: int = 0) -> QueryResult:
    """The rows of an answer; a limit of 0 gives all. Raises as `Answer.batches` does."""
    rows = answer.first(limit + 1) if limit else [row for batch in answer.batches() for row in batch]
    return QueryResult(answer.columns, rows[:limit] if limit else rows, has_more=bool(limit) and len(rows) > limit)


def is_numeric(kind: str) -> bool:
    """Whether a type in SQL is one of numbers: `DECIMAL(18,3)` is."""
    return _NUMERIC.fullmatch(kind) is not None


@contextmanager
def query_errors() -> Iterator[None]:
    """Raise DuckDB's errors in this block as `QueryError`."""
    try:
        yield
    except duckdb.CatalogException as error:
        msg = f"{error}\n`ree tables` lists the tables, `ree describe TABLE` the columns of one."
        raise QueryError(msg) from error
    except duckdb.Error as error:
        raise QueryError(str(error)) from error


@contextmanager
def _running(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Explain what is no `duckdb.Error` while a query runs or its rows are read.

    Ctrl-C: DuckDB raises a plain RuntimeError for it, and its threads may still be at work.
    """
    try:
        yield
    except (ValueError, OverflowError) as error:
        msg = f"a value of the result cannot be shown ({error}): cast it to varchar"
        raise QueryError(msg) from error
    except RuntimeError as error:
        if "interrupted" not in str(error).lower():
            raise
        con.interrupt()
        raise KeyboardInterrupt from error
