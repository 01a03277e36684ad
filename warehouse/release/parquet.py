"""The tables of a release as Parquet files that describe themselves.

Each file has key-value metadata, which DuckDB reads with `parquet_kv_metadata` and pyarrow with `read_schema`: what the
table is, its key, and the unit and description of each column.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse.release.catalogue import Table, described_tables
from warehouse.release.store import versions_of_day
from warehouse.release.units import unit_of
from warehouse.settings import Settings
from warehouse.storage.database import open_database
from warehouse.storage.literals import literal

RELEASE_KEY = "release"
_WITNESS = Path("parquet") / "core" / "dim_source.parquet"
"""A table of every release, whose file tells for which release the others were written."""


def next_version(settings: Settings) -> str:
    """The version that a release published now would have: the day and a number, `2026.11.24.1`."""
    today = datetime.now(UTC).strftime("%Y.%m.%d")
    return f"{today}.{max(versions_of_day(settings, today), default=0) + 1}"


def export_parquet(settings: Settings, schemas: tuple[str, ...], version: str | None = None) -> Path:
    """Write the candidate's tables and views of these schemas as Parquet; return the folder.

    `version` is the release that the files name, by default the next one.
    """
    version = version or next_version(settings)
    target = settings.candidate / "parquet"
    described = described_tables(settings)
    with open_database(settings.candidate_file, settings, read_only=True) as con:
        for schema, table, types in _tables(con, schemas):
            about = described.get(f"{schema}.{table}")
            if about is not None and not about.has_file:
                continue
            (target / schema).mkdir(parents=True, exist_ok=True)
            file = target / schema / f"{table}.parquet"
            metadata = _metadata(about, types, version)
            entries = ", ".join(f"{key}: {literal(value)}" for key, value in metadata.items())
            con.execute(
                f"copy (from {schema}.{table}) to {literal(file)}"
                f" (format parquet, compression zstd, kv_metadata {{{entries}}})"
            )
    return target


@dataclass(frozen=True, slots=True)
class TableSize:
    """Rows of a published table, and bytes of its Parquet file."""

    rows: int
    bytes: int


def table_sizes(release: Path) -> dict[str, TableSize]:
    """The size of each table of a release or candidate: `{"core.fct_quota": TableSize(65, 8212)}`."""
    files = sorted((release / "parquet").glob("*/*.parquet"))
    with duckdb.connect() as con:
        return {
            f"{file.parent.name}.{file.stem}": TableSize(
                con.execute(f"select num_rows from parquet_file_metadata({literal(file)})").fetchall()[0][0],
                file.stat().st_size,
            )
            for file in files
        }


def exported_for(candidate: Path) -> str | None:
    """The version that the candidate's Parquet files name; None where none were written."""
    file = candidate / _WITNESS
    if not file.exists():
        return None
    with duckdb.connect() as con:
        found = con.execute(
            f"select decode(value) from parquet_kv_metadata({literal(file)}) where decode(key) = ?", [RELEASE_KEY]
        ).fetchone()
    return str(found[0]) if found else None


def _tables(con: duckdb.DuckDBPyConnection, schemas: tuple[str, ...]) -> list[tuple[str, str, dict[str, str]]]:
    """Schema, table and the type of each column in lower case, in order."""
    columns = con.execute(
        "select schema_name, table_name, column_name, lower(data_type) from duckdb_columns()"
        " where database_name = current_database() and list_contains(?::varchar[], schema_name)"
        " order by schema_name, table_name, column_index",
        [list(schemas)],
    ).fetchall()
    found: dict[tuple[str, str], dict[str, str]] = {}
    for schema, table, column, kind in columns:
        found.setdefault((schema, table), {})[column] = kind
    return [(schema, table, types) for (schema, table), types in found.items()]


def _metadata(table: Table | None, types: dict[str, str], version: str) -> dict[str, str]:
    """Key-value metadata of one file. A table that nothing describes yet has its release alone."""
    if table is None:
        return {RELEASE_KEY: version}
    columns = {
        name: {"description": table.columns.get(name, ""), "unit": unit_of(name, kind)} for name, kind in types.items()
    }
    return {
        RELEASE_KEY: version,
        "description": table.description,
        "grain": table.grain,
        "key": ", ".join(table.key),
        "columns": json.dumps(columns, ensure_ascii=False),
    }
