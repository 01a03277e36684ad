"""The content hash of a release: what its tables say, whatever machine built it and in whatever order.

Two people who build the same landing with the same code compare one line. Hashed are the tables of core, marts and bi:
a view says nothing that they do not, and meta holds build times, ids and versions. Of each row the MD5 of its JSON text
enters a sum, so that the order of rows does not count and no table has to fit in memory.

Hashes of files are in catalogue.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import duckdb

HASHED_SCHEMAS = ("core", "marts", "bi")


def table_hashes(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """SHA-256 of each table of core, marts and bi by its name, `core.dim_area`, in the order of their names."""
    tables = con.execute(
        "select table_schema, table_name, string_agg(column_name || ' ' || data_type, ', ' order by ordinal_position)"
        " from information_schema.columns inner join information_schema.tables"
        " using (table_catalog, table_schema, table_name)"
        " where table_catalog = current_database() and table_type = 'BASE TABLE'"
        " and list_contains(?::varchar[], table_schema)"
        " group by table_schema, table_name order by table_schema, table_name",
        [list(HASHED_SCHEMAS)],
    ).fetchall()
    return {f"{schema}.{table}": _table_hash(con, schema, table, columns) for schema, table, columns in tables}


def _table_hash(con: duckdb.DuckDBPyConnection, schema: str, table: str, columns: str) -> str:
    sums = con.execute(
        "select count(*), sum(cast(md5_number_lower(row_text) as hugeint)),"
        " sum(cast(md5_number_upper(row_text) as hugeint))"
        " from (select cast(to_json(rows) as varchar) as row_text"
        f' from (select * from {schema}."{table}") as rows)'
    ).fetchone()
    return hashlib.sha256(repr((columns, sums)).encode()).hexdigest()


def content_hash(tables: Mapping[str, str]) -> str:
    """One SHA-256 over those of all tables: `9f2c…`, 64 hexadecimal digits."""
    return hashlib.sha256("\n".join(f"{name} {digest}" for name, digest in sorted(tables.items())).encode()).hexdigest()
