"""The content hash of a release: what its tables say, whatever machine built it and in whatever order.

Two people who build the same landing with the same code compare one line. Hashed are the tables and views of core,
marts and bi; meta, which holds build times, ids and versions, is not. Of each row of a table the MD5 of its JSON text
enters a sum, so that the order of rows does not count and no table has to fit in memory. Of a view its text counts: its
rows follow from tables.

Hashes of files are in catalogue.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import duckdb

HASHED_SCHEMAS = ("core", "marts", "bi")


def table_hashes(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """SHA-256 of each table and view of core, marts and bi by name, `core.dim_area`, in the order of their names."""
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
        name: _hash((columns, views[name])) if name in views else _table_hash(con, schema, table, columns)
        for schema, table, columns in tables
        if (name := f"{schema}.{table}")
    }


def _hash(content: tuple[str, object]) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()


def _table_hash(con: duckdb.DuckDBPyConnection, schema: str, table: str, columns: str) -> str:
    sums = con.execute(
        "select count(*), sum(cast(md5_number_lower(row_text) as hugeint)),"
        " sum(cast(md5_number_upper(row_text) as hugeint))"
        " from (select cast(to_json(rows) as varchar) as row_text"
        f' from (select * from {schema}."{table}") as rows)'
    ).fetchone()
    return _hash((columns, sums))


def content_hash(tables: Mapping[str, str]) -> str:
    """One SHA-256 over those of all tables: `9f2c…`, 64 hexadecimal digits."""
    return hashlib.sha256("\n".join(f"{name} {digest}" for name, digest in sorted(tables.items())).encode()).hexdigest()
