"""The tables of a release as Parquet files that describe themselves.

Each file has key-value metadata, which DuckDB reads with `parquet_kv_metadata` and pyarrow with `read_schema`: what the
table is, its key, and the unit and description of each column.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse.release.basis import unbuilt_years_from
from warehouse.release.catalogue import Table, described_tables
from warehouse.release.store import versions_of_day
from warehouse.release.units import unit_of
from warehouse.settings import Settings
from warehouse.storage.database import open_database
from warehouse.storage.literals import literal, read_parquet
from warehouse.storage.parquet_files import NO_YEAR, table_files

RELEASE_KEY = "release"
_YEAR, _NO_PARTITION = "written_year", "__HIVE_DEFAULT_PARTITION__"
ROWS_OF_ONE_FILE = 500_000
"""Rows above which a table that builds make by year has a file of each year."""

_WITNESS = Path("parquet") / "core" / "dim_source.parquet"
"""A table of every release, whose file tells for which release the others were written."""


def next_version(settings: Settings) -> str:
    """The version that a release published now would have: the day and a number, `2026.11.24.1`."""
    today = datetime.now(UTC).strftime("%Y.%m.%d")
    return f"{today}.{max(versions_of_day(settings, today), default=0) + 1}"


def export_parquet(settings: Settings, schemas: tuple[str, ...], version: str | None = None) -> Path:
    """Write the candidate's tables and views of these schemas as Parquet; return the folder.

    `version` is the release that the files name, by default the next one. Files of years that were not built are those
    of the release that the build started from (basis.py), and name the release that wrote them.
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
            metadata = _metadata(about, types, version)
            if about is not None and about.year is not None and _is_large(con, about):
                _export_years(settings, con, about, target / schema / table, metadata)
            else:
                _copy(con, f"from {schema}.{table}", target / schema / f"{table}.parquet", metadata)
    return target


def _is_large(con: duckdb.DuckDBPyConnection, table: Table) -> bool:
    rows = con.execute(f"select count(*) from {table.schema}.{table.name}").fetchall()[0][0]
    return bool(rows > ROWS_OF_ONE_FILE)


def _export_years(
    settings: Settings, con: duckdb.DuckDBPyConnection, table: Table, folder: Path, metadata: Mapping[str, str]
) -> None:
    """Write a file for each year of a table that was built, and link those of the others."""
    name = f"{table.schema}.{table.name}"
    last, built = unbuilt_years_from(settings, table.year_part)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    written = [
        year
        for (year,) in con.execute(f"select distinct {table.year} as year from {name} order by year").fetchall()
        if last is None or year is None or year in built or not _link(last.folder, settings.candidate, folder, year)
    ]
    if not written:
        return
    of_years = " or ".join(f"{table.year} is not distinct from {'null' if y is None else y}" for y in written)
    by_year = folder / "by_year"
    _copy(con, f"select *, {table.year} as {_YEAR} from {name} where {of_years}", by_year, metadata, by=_YEAR)
    for year in written:
        (part,) = (by_year / f"{_YEAR}={_NO_PARTITION if year is None else year}").iterdir()
        part.rename(folder / f"{NO_YEAR if year is None else year}.parquet")
    shutil.rmtree(by_year)


def _link(last: Path, candidate: Path, folder: Path, year: int) -> bool:
    """Take a year's file from the last release; false where that has none, or the file system no hard links."""
    file = folder / f"{year}.parquet"
    try:
        file.hardlink_to(last / file.relative_to(candidate))
    except OSError:
        return False
    return True


def _copy(
    con: duckdb.DuckDBPyConnection, query: str, to: Path, metadata: Mapping[str, str], by: str | None = None
) -> None:
    """Write a query to a file, or to a folder with a folder for each value of the column `by`, which is left out."""
    entries = ", ".join(f"{key}: {literal(value)}" for key, value in metadata.items())
    parts = f", partition_by ({by})" if by else ""
    con.execute(f"copy ({query}) to {literal(to)} (format parquet, compression zstd, kv_metadata {{{entries}}}{parts})")


@dataclass(frozen=True, slots=True)
class TableSize:
    """Rows of a published table, and bytes of its Parquet files."""

    rows: int
    bytes: int


def table_sizes(release: Path) -> dict[str, TableSize]:
    """The size of each table of a release or candidate: `{"core.fct_quota": TableSize(65, 8212)}`."""
    with duckdb.connect() as con:
        return {
            table: TableSize(
                con.execute(f"select count(*) from {read_parquet(files)}").fetchall()[0][0],
                sum(file.stat().st_size for file in files),
            )
            for table, files in table_files(release / "parquet").items()
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
