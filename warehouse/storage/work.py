"""The work file: the DuckDB file with the schemas `raw`, `ledger` and `quarantine`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import date

import duckdb
import polars as pl

from sources.model.source import TableSpec
from sources.registry import sources, table_specs
from warehouse.settings import Settings
from warehouse.storage.database import explained, open_database

_TYPES = {
    pl.String(): "varchar",
    pl.Int32(): "integer",
    pl.Int64(): "bigint",
    pl.Float64(): "double",
    pl.Boolean(): "boolean",
    pl.Date(): "date",
}
LEDGER_VERSION = 4
"""Raise it when a table below changes: an older work file is then replaced and filled from the landing."""

FIRST_YEAR, LAST_YEAR = 1, 9998
"""Years that no report lies before or after; the year after the last one is a date on every engine."""

_LEDGER = """
create schema if not exists raw;
create schema if not exists ledger;
create schema if not exists quarantine;
create table if not exists ledger.version (version integer, tables_sha256 varchar);
create table if not exists ledger.artifacts (
    sha256 varchar, original_sha256 varchar, source_code varchar, name varchar, layout varchar,
    partition varchar, edition varchar, release varchar, known_from date, known_basis varchar,
    transcription varchar, url varchar, fetched_at timestamptz, bytes bigint
);
create table if not exists ledger.loads (
    load_id varchar, build_id varchar, source_code varchar, table_name varchar, partition varchar,
    year integer, edition varchar, release varchar, known_from date, known_basis varchar,
    artifact_sha256 varchar, layout varchar, landing_sequence bigint, statement varchar,
    parser_version varchar, content_sha256 varchar, status varchar, rows_parsed bigint,
    rows_loaded bigint, rows_quarantined bigint, corrections varchar[], loaded_at timestamptz
);
create table if not exists ledger.validation_results (
    build_id varchar, gate integer, table_name varchar, partition varchar, rule varchar,
    expectation varchar, column_name varchar, severity varchar, success boolean, raised boolean,
    observed varchar, unexpected_count bigint, element_count bigint, sample varchar, why varchar,
    checked_at timestamptz
);
create table if not exists ledger.failed_rows (
    build_id varchar, table_name varchar, rule varchar, artifact_sha256 varchar, artifact_row bigint
);
create table if not exists ledger.years_to_build as select 'trade' as part, null::integer as year;
create table if not exists ledger.years_built as from ledger.years_to_build;
create table if not exists ledger.year_portions (first_year integer, last_year integer);
create table if not exists ledger.built (version varchar, code_version varchar, is_current boolean);
create table if not exists ledger.built_loads (load_id varchar, table_name varchar, stated varchar, year integer);
create table if not exists ledger.built_views (view_name varchar, rows_hash varchar);
create table if not exists ledger.built_sums (
    table_name varchar, year integer, n_rows bigint, lower_sum hugeint, upper_sum hugeint
);
create table if not exists quarantine.rejects (
    load_id varchar, source_code varchar, table_name varchar, reason_code varchar, detail varchar,
    row_json varchar, artifact_sha256 varchar, artifact_row bigint, is_expected boolean
);
"""

_SOURCE_COLUMNS = (
    "code",
    "publisher",
    "title",
    "licence",
    "redistribution",
    "citation",
    "url",
    "cadence",
    "measures",
)


@contextmanager
def open_work(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the work file, with its ledger in place.

    Only a writer opens it, while it holds the writer lock: DuckDB lets no one else in, not even a reader. A file with
    another ledger version or other columns in raw is renamed to `.outdated`, and a new one is filled from the landing.

    Raises:
        FileHeldError: another process still has it open after `lock_timeout_s` seconds.
        UnreadableFileError: it is not a DuckDB file, or damaged.
    """
    is_new = not settings.work_file.exists()
    with ExitStack() as opened:
        con = opened.enter_context(_opened(settings))
        with explained(settings.work_file, settings):
            prepared = _prepared(con)
            is_prepared = prepared == (LEDGER_VERSION, _tables_sha256())
            is_outdated = not (is_new or is_prepared) and (
                prepared is None or prepared[0] != LEDGER_VERSION or _has_other_columns(con)
            )
        if is_outdated:
            opened.close()
            settings.work_file.replace(settings.work_file.with_suffix(".duckdb.outdated"))
            con = opened.enter_context(_opened(settings))
        if not is_prepared:
            with explained(settings.work_file, settings):
                _prepare(con)
        yield con


def _opened(settings: Settings) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    return open_database(settings.work_file, settings, wait_s=settings.lock_timeout_s)


@contextmanager
def read_work(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the work file for reading: nothing is created or changed. Only while no other process is the writer.

    Raises:
        FileHeldError: another process has it open for writing.
        UnreadableFileError: it is missing, damaged, or not a DuckDB file.
    """
    with open_database(settings.work_file, settings, read_only=True) as con:
        yield con


def _prepared(con: duckdb.DuckDBPyConnection) -> tuple[int, str] | None:
    """The ledger version of the work file and the hash of what `_prepare` wrote; None in a new file or one before 4."""
    try:
        return con.execute("select version, tables_sha256 from ledger.version").fetchone()
    except (duckdb.CatalogException, duckdb.BinderException):
        return None


def _tables_sha256() -> str:
    """A hash of all that `_prepare` writes."""
    written = [_LEDGER, *map(_raw_table, table_specs().values()), repr(_source_rows())]
    return hashlib.sha256("\0".join(written).encode()).hexdigest()


def _prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Create what the work file lacks."""
    con.begin()
    con.execute(_LEDGER)
    con.execute("delete from ledger.version")
    con.execute("insert into ledger.version values (?, ?)", [LEDGER_VERSION, _tables_sha256()])
    for spec in table_specs().values():
        con.execute(_raw_table(spec))
    _write_sources(con)
    con.commit()


def as_of_day(settings: Settings) -> date:
    """The day a release ends at: that of the settings, or the newest from which a loaded statement was known."""
    with open_work(settings) as con:
        newest = con.execute("select max(known_from) from ledger.loads where status = 'loaded'").fetchone()
    return settings.as_of_day or (newest[0] if newest and newest[0] else date.max)


def write_as_of_day(settings: Settings) -> None:
    """Write the as-of day for the dbt models, as the one row of `ledger.as_of`."""
    day = as_of_day(settings)
    with open_work(settings) as con:
        con.execute("create or replace table ledger.as_of as select cast(? as date) as as_of_day", [day])


def years_built(con: duckdb.DuckDBPyConnection, part: str = "trade") -> list[int] | None:
    """The years that the models of the last build made, of a part of the tables that are made by year; None for all.

    Parts: `trade`, and `mirror` for the reconciled figures (dbt_project/macros/years.sql).
    """
    rows = con.execute("select distinct year from ledger.years_built where part in ('trade', ?)", [part]).fetchall()
    return None if (None,) in rows else sorted(year for (year,) in rows)


def _has_other_columns(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether a table of raw has other columns than this code gives it."""
    columns = con.execute(
        "select table_name, list(column_name order by column_index) from duckdb_columns()"
        " where database_name = current_database() and schema_name = 'raw' group by table_name"
    ).fetchall()
    specs = table_specs()
    return any(table in specs and names != ["load_id", *specs[table].schema] for table, names in columns)


def _raw_table(spec: TableSpec) -> str:
    """The statement that creates `raw.<table>` with exactly the columns of the spec, and `load_id`."""
    columns = ", ".join(f"{name} {_TYPES[dtype]}" for name, dtype in spec.schema.items())
    return f"create table if not exists raw.{spec.name} (load_id varchar, {columns})"


def _source_rows() -> list[list[object]]:
    """The publishers as their `source.toml` describes them, for `core.dim_source`."""
    return [
        [*(source.about[name] for name in _SOURCE_COLUMNS), source.about["fresh_for_days"]]
        for source in sources().values()
    ]


def _write_sources(con: duckdb.DuckDBPyConnection) -> None:
    columns = ", ".join(f"{name} varchar" for name in _SOURCE_COLUMNS)
    con.execute(f"create or replace table ledger.sources ({columns}, fresh_for_days integer)")
    con.executemany(
        f"insert into ledger.sources values ({', '.join('?' * (len(_SOURCE_COLUMNS) + 1))})", _source_rows()
    )
