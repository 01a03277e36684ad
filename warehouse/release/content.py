"""The content hash of a release: what its tables say, whatever machine built it and in whatever order.

Two people who build the same landing with the same code compare one line. Hashed are the tables and views of core,
marts and bi; meta, which holds build times, ids and versions, is not. Of each row of a table the MD5 of its JSON text
enters a sum, so that the order of rows does not count and no table has to fit in memory. Of a view its text counts: its
rows follow from tables.

Hashes of files are in catalogue.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import duckdb

HASHED_SCHEMAS = ("core", "marts", "bi")


RowSums = tuple[int, int, int]
"""Rows of a table, or of a year of it, and the sums of the lower and upper halves of their MD5."""


def sums_of_years(
    con: duckdb.DuckDBPyConnection, table: str, year: str, of_years: Sequence[int] | None = None
) -> dict[int, RowSums]:
    """The sums of each year of a table that builds make by year: `{2023: (14400, 1325…, 9071…)}`.

    `table` is its name with the schema, `year` the SQL expression for the year of a row, `of_years` the years wanted,
    by default all.
    """
    condition = "true" if of_years is None else f"list_contains({list(of_years)}::integer[], {year})"
    rows = con.execute(f"select {year}, {_SUMS} from {table} as rows where {condition} group by all").fetchall()
    return {of_year: (n, lower, upper) for of_year, n, lower, upper in rows}


def table_hashes(
    con: duckdb.DuckDBPyConnection, sums: Mapping[str, Mapping[int, RowSums]] | None = None
) -> dict[str, str]:
    """SHA-256 of each table and view of core, marts and bi by name, `core.dim_area`, in the order of their names.

    `sums` are those of the years of some tables, by name, which are then not read again.
    """
    tables = con.execute(
        "select table_schema, table_name, string_agg(column_name || ' ' || data_type, ', ' order by ordinal_position)"
        " from information_schema.columns"
        " where table_catalog = current_database() and list_contains(?::varchar[], table_schema)"
        " group by table_schema, table_name order by table_schema, table_name",
        [list(HASHED_SCHEMAS)],
    ).fetchall()
    views = dict(
        con.execute(
            "select schema_name || '.' || view_name, sql from duckdb_views()"
            " where database_name = current_database() and not internal"
        ).fetchall()
    )
    return {
        name: _hash((columns, views[name]))
        if name in views
        else _hash((columns, _added_up(sums[name]) if sums and name in sums else _sums(con, name)))
        for schema, table, columns in tables
        if (name := f"{schema}.{table}")
    }


def rows_hash(con: duckdb.DuckDBPyConnection, relation: str) -> str:
    """SHA-256 of the rows of a table or view, whatever their order: `9f2c…`, 64 hexadecimal digits."""
    return _hash(("", _sums(con, relation)))


def _hash(content: tuple[str, object]) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()


_SUMS = (
    "count(*), sum(cast(md5_number_lower(cast(to_json(rows) as varchar)) as hugeint)),"
    " sum(cast(md5_number_upper(cast(to_json(rows) as varchar)) as hugeint))"
)


def _sums(con: duckdb.DuckDBPyConnection, table: str) -> tuple[object, ...]:
    return con.execute(f"select {_SUMS} from {table} as rows").fetchall()[0]


def _added_up(of_years: Mapping[int, RowSums]) -> tuple[object, ...]:
    """The sums of a table from those of its years; SQL's null where it has no rows."""
    counts = [sum(parts) for parts in zip(*of_years.values(), strict=True)] or [0]
    return tuple(counts) if counts[0] else (0, None, None)


def content_hash(tables: Mapping[str, str]) -> str:
    """One SHA-256 over those of all tables: `9f2c…`, 64 hexadecimal digits."""
    return hashlib.sha256("\n".join(f"{name} {digest}" for name, digest in sorted(tables.items())).encode()).hexdigest()
