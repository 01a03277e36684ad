"""The release as it was known on a day: a database of its own, made of the published one.

Each fact is filtered by one predicate. Its marks (`is_preferred`, `is_current`) are set among what was known on the
day, by the rules in `meta.as_of_rules` of the release. Tables that are derived from the whole release are left out and
listed in `meta.left_out`: a stale figure is worse than none.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from warehouse.read.query import Answer, QueryError, QueryResult, answer_of, query_errors, result_of, statement_of
from warehouse.release.store import database
from warehouse.settings import Settings
from warehouse.storage.database import find_by_name, open_database, open_reader
from warehouse.storage.literals import literal

KNOWN = "known_from <= date '{day}' and (known_to is null or date '{day}' < known_to)"
"""What was known on a day, on every fact."""
_JUDGED = "failed_rules"
"""Column of rules that figures fail among those of the release; what was known on a day may fail others."""
_NOT_DERIVED = "derived from the whole release, not from what was known on the day"
_META = (
    "lineage",
    "artifacts",
    "artifact_checks",
    "as_of_rules",
    "loads",
    "quarantine",
    "data_dictionary",
    "usage_warnings",
)


@dataclass(frozen=True, slots=True)
class AsOf:
    """What was written: rows and statements of each table, and what was left out and why."""

    path: Path
    facts: list[tuple[str, int, int]]
    left_out: list[tuple[str, str]]


def write_as_of(settings: Settings, day: date, path: Path) -> AsOf:
    """Write a database of what was known on a day: core's facts and dimensions, with where they come from.

    Facts are those the predicate lets through. Seen from that day nothing had ended yet, so `known_to` is null and
    `is_latest` true; `is_preferred` and `is_current` are set among what was known. Marts and the mirror are left out.

    Raises:
        LookupError: nothing is published.
        FileExistsError: there is a file in that place already.
        QueryError: the release cannot be read, or the file cannot be written.
    """
    published = database(settings)
    if path.exists():
        msg = f"{path} is there already: name another file, or remove it"
        raise FileExistsError(msg)
    try:
        with open_database(path, settings) as con:
            return AsOf(path, *_write(con, published.resolve(), day))
    except duckdb.Error as error:
        path.unlink(missing_ok=True)
        raise QueryError(str(error)) from error


def _write(
    con: duckdb.DuckDBPyConnection, published: Path, day: date
) -> tuple[list[tuple[str, int, int]], list[tuple[str, str]]]:
    con.execute(f"attach {literal(published)} as published (read_only)")
    for schema in ("core", "meta"):
        con.execute(f"create schema {schema}")
    facts, left_out = _write_core(con, day)
    _write_meta(con, day, left_out)
    con.execute("detach published")
    return facts, left_out


def _tables(con: duckdb.DuckDBPyConnection, schema: str) -> list[tuple[str, list[str]]]:
    """Tables and views of the published file with their columns."""
    return con.execute(
        "select table_name, list(column_name order by column_index) from duckdb_columns()"
        " where database_name = 'published' and schema_name = ? group by 1 order by 1",
        [schema],
    ).fetchall()


def _write_core(con: duckdb.DuckDBPyConnection, day: date) -> tuple[list[tuple[str, int, int]], list[tuple[str, str]]]:
    facts, left_out = [], []
    rules = mark_rules(con, "published")
    views = _views(con)
    for table, columns in _tables(con, "core"):
        if table in views:
            continue
        if "known_to" in columns:
            con.execute(f"create table core.{table} as {known(f'published.core.{table}', rules.get(table, {}), day)}")
            facts.append((table, _count(con, f"core.{table}"), _count(con, f"published.core.{table}")))
        elif table.startswith("fct_"):
            left_out.append((f"core.{table}", _NOT_DERIVED))
        else:
            where = f" where known_from <= date '{day}'" if "known_from" in columns else ""
            con.execute(f"create table core.{table} as select * from published.core.{table}{where}")
    for definition in views.values():
        con.execute(definition)
    for schema in ("marts", "bi"):
        left_out += [(f"{schema}.{table}", _NOT_DERIVED) for table, _ in _tables(con, schema)]
    return facts, left_out


def _views(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Views of core in the published file, and the SQL that defines each on tables of core."""
    return dict(
        con.execute(
            "select view_name, sql from duckdb_views() where database_name = 'published' and schema_name = 'core'"
        ).fetchall()
    )


def mark_rules(con: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, dict[str, str]]:
    """The rules of a release's marks, from its `meta.as_of_rules`.

    They are by table and column: `{"fct_reserves": {"is_current": "known_to is null and …"}}`.
    """
    rules: dict[str, dict[str, str]] = {}
    for table, column, expression in con.execute(
        f'select table_name, column_name, expression from "{catalog}".meta.as_of_rules order by all'
    ).fetchall():
        rules.setdefault(table, {})[column] = expression
    return rules


def known(table: str, rules: Mapping[str, str], day: date) -> str:
    """The query for what a fact's table held on a day, as it looked then, without `failed_rules`.

    Args:
        table: its name where it is attached: `published.core.fct_reserves`.
        rules: the rules of its marks, by column.
        day: the day of knowledge.
    """
    seen = (
        "select * replace (null::date as known_to, true as is_latest)"
        f" from (select columns(name -> name <> '{_JUDGED}') from {table} where {KNOWN.format(day=day)})"
    )
    if not rules:
        return seen
    marks = ", ".join(f"{expression} as {column}" for column, expression in rules.items())
    return f"select * replace ({marks}) from ({seen})"


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(con.execute(f"select count(*) from {table}").fetchall()[0][0])


def _write_meta(con: duckdb.DuckDBPyConnection, day: date, left_out: list[tuple[str, str]]) -> None:
    views = _views(con)
    facts = [table for table, columns in _tables(con, "core") if "known_to" in columns and table not in views]
    known = " union all ".join(f"select fact_id from core.{table}" for table in facts)
    where = {
        "lineage": f"fact_id in ({known})",
        "artifacts": f"known_from <= date '{day}'",
        "artifact_checks": "artifact_sha256 in (select sha256 from meta.artifacts)",
        "as_of_rules": "true",
        "loads": f"known_from <= date '{day}'",
        "quarantine": "artifact_sha256 in (select sha256 from meta.artifacts)",
        "data_dictionary": "schema_name = 'core' and table_name in (select table_name from duckdb_tables())",
        "usage_warnings": "schema_name = 'core' and table_name in (select table_name from duckdb_tables())",
    }
    for table in _META:
        con.execute(f"create table meta.{table} as select * from published.meta.{table} where {where[table]}")
    con.execute(f"create table meta.release as select *, date '{day}' as as_of from published.meta.release")
    con.execute("create table meta.left_out (table_name varchar, why varchar)")
    for judging in ("meta.validation_results", "meta.failed_rules", f"core.*.{_JUDGED}"):
        con.execute("insert into meta.left_out values (?, 'judges the release, not the day')", [judging])
    con.executemany("insert into meta.left_out values (?, ?)", left_out)


def connect_as_of(published: Path, day: date) -> duckdb.DuckDBPyConnection:
    """A database in memory of what a release knew on a day, as `write_as_of` writes it.

    Raises:
        duckdb.Error: the release cannot be read.
    """
    con = duckdb.connect()
    _write(con, published.resolve(), day)
    find_by_name(con)
    return con


@contextmanager
def open_as_of(settings: Settings, day: date) -> Iterator[duckdb.DuckDBPyConnection]:
    """A reader of what was known on a day, as `write_as_of` writes it to a temporary file.

    Raises:
        QueryError: nothing is published, or the release cannot be read.
    """
    with query_errors(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "as_of.duckdb"
        try:
            write_as_of(settings, day, path)
        except LookupError as error:
            raise QueryError(str(error)) from error
        with open_reader(path, settings) as con:
            yield con


@contextmanager
def open_query_as_of(settings: Settings, day: date, query: str) -> Iterator[Answer]:
    """Run one query on what was known on a day, and keep its result open.

    Raises:
        QueryError: nothing is published, there is not exactly one query, or DuckDB does not accept it.
    """
    with query_errors():
        statement_of(query)  # before the database of the day is written for nothing
        with open_as_of(settings, day) as con:
            yield answer_of(con, query)


def query_as_of(settings: Settings, day: date, query: str, limit: int = 0) -> QueryResult:
    """Run one query on what was known on a day; a limit of 0 gives all rows. Raises as `open_query_as_of` does."""
    with open_query_as_of(settings, day, query) as answer:
        return result_of(answer, limit)
