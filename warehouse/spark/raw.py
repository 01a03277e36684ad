"""The raw ledger as Parquet: what a distributed engine reads from a file system or a bucket.

```
raw/trade/publisher=un_comtrade/reporter=CHN/year=2024/data_0.parquet   tables of reports, by reporter and year
raw/prices/publisher=usgs_mcs/data_0.parquet                             all other tables of figures, small
ledger/loads/data_0.parquet, seeds/seed_area/data_0.parquet              what the models need beside them
tables.json                                                              columns and types of each table
```

A reader of one reporter and year opens the files of one folder. Columns are those of the raw table, unchanged; the
parts of the folder's name are columns of their own, `publisher`, `reporter` and `year`.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from warehouse.settings import Settings
from warehouse.storage.database import open_database
from warehouse.storage.literals import literal

_SCHEMAS = ("raw", "ledger", "seeds")
_TABLES = "tables.json"
_REPORTS = {"reporter_code", "period_start"}
"""Columns of a table of reports."""


class RawError(Exception):
    """The raw tables cannot be written or read. The message has the remedy."""


@dataclass(frozen=True, slots=True)
class RawTable:
    """One table on disk."""

    name: str
    """With its schema: `raw.un_comtrade__trade`."""
    folder: str
    """Below the folder of all: `raw/trade/publisher=un_comtrade`."""
    columns: dict[str, str]
    """DuckDB's type of each column, in order: `{"load_id": "VARCHAR"}`."""
    partitions: tuple[str, ...]
    """Columns that stand in the names of folders: `("reporter", "year")`, or none."""


def export(settings: Settings, to: Path) -> list[RawTable]:
    """Write the raw tables, the ledger and the seeds of a built home to `to`, replacing what an earlier export left.

    Raises:
        RawError: nothing is built there.
        FileHeldError: a build has the work file open.
    """
    if not settings.work_file.is_file():
        msg = f"{settings.home} has no work file: build first (`make warehouse`)."
        raise RawError(msg)
    for schema in _SCHEMAS:
        shutil.rmtree(to / schema, ignore_errors=True)
    with open_database(settings.work_file, settings, read_only=True) as con:
        tables = _tables(con)
        for table in tables:
            _write(con, table, to)
    (to / _TABLES).write_text(json.dumps([asdict(table) for table in tables], indent=1), encoding="utf-8")
    return tables


def exported(folder: Path) -> list[RawTable]:
    """The tables that `export` wrote to a folder.

    Raises:
        RawError: none did.
    """
    try:
        listed = json.loads((folder / _TABLES).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        msg = f"{folder} has no {_TABLES}: `ree spark --to {folder}` writes the raw tables first."
        raise RawError(msg) from error
    return [RawTable(**{**one, "partitions": tuple(one["partitions"])}) for one in listed]


def _tables(con: duckdb.DuckDBPyConnection) -> list[RawTable]:
    columns = con.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns()"
        " where schema_name in (select unnest(?)) order by schema_name, table_name, column_index",
        [list(_SCHEMAS)],
    ).fetchall()
    found: dict[tuple[str, str], dict[str, str]] = {}
    for schema, name, column, data_type in columns:
        found.setdefault((schema, name), {})[column] = data_type
    return [
        RawTable(
            name=f"{schema}.{name}",
            folder=_folder(schema, name),
            columns=types,
            partitions=("reporter", "year") if schema == "raw" and types.keys() >= _REPORTS else (),
        )
        for (schema, name), types in found.items()
    ]


def _folder(schema: str, name: str) -> str:
    """The folder of a table: `raw.un_comtrade__trade` lies in `raw/trade/publisher=un_comtrade`."""
    publisher, _, kind = name.partition("__")
    return f"raw/{kind}/publisher={publisher}" if schema == "raw" else f"{schema}/{name}"


def _write(con: duckdb.DuckDBPyConnection, table: RawTable, to: Path) -> None:
    folder = to / table.folder
    folder.mkdir(parents=True)
    rows, layout = f"select * from {table.name}", "per_thread_output true"
    if table.partitions:
        rows = f"select *, reporter_code as reporter, year(period_start) as year from {table.name} order by all"
        layout = "partition_by (reporter, year)"
    con.execute(f"copy ({rows}) to {literal(folder)} (format parquet, {layout}, overwrite_or_ignore true)")
