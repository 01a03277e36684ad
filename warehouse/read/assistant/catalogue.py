"""What a release says of its tables: columns, keys, warnings, and which numbers of `bi` may be added up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from warehouse.read.query import QueryError, is_numeric
from warehouse.release.never_add import never_add

SCHEMAS = ("bi", "marts", "core", "meta")
"""Published schemas, the first to read first."""


@dataclass(frozen=True, slots=True)
class Table:
    """A published table.

    Attributes:
        columns: descriptions, in order.
        numbers: its columns that hold numbers.
        key: columns that identify a row.
        warnings: its usage warnings as sentences.
        sums: of a view of `bi`, which of its numbers may be added up (docs/bi-views.md).
    """

    name: str
    about: str
    columns: Mapping[str, str]
    numbers: frozenset[str]
    key: tuple[str, ...]
    warnings: tuple[str, ...]
    sums: Mapping[str, Any] = field(default_factory=dict)

    @property
    def thing(self) -> tuple[str, ...]:
        """Columns that identify what a row states and which statement it is."""
        return tuple(never_add().things.get(self.name, self.key))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The tables of a release by `schema.name`, its version, and the day until which it knows figures."""

    version: str
    known_until: date
    tables: Mapping[str, Table]

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """Columns of each table."""
        return {name: tuple(table.columns) for name, table in self.tables.items()}

    def find(self, name: str) -> Table | None:
        """A table by its name, with schema or without."""
        wanted = name.strip().lower()
        return next((t for n, t in self.tables.items() if wanted in {n, n.partition(".")[2]}), None)


@lru_cache(maxsize=4)
def _sums(folder: Path, _version: str) -> dict[str, Mapping[str, Any]]:
    """What the views of a release declare about their numbers, by `schema.name`, from its data package."""
    try:
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{folder / 'datapackage.json'} cannot be read: `ree doctor` checks the release."
        raise QueryError(msg) from error
    return {
        "bi." + Path(resource["path"]).stem: resource["sums"] for resource in package["resources"] if "sums" in resource
    }


def read_catalogue(con: duckdb.DuckDBPyConnection, folder: Path | None) -> Catalogue:
    """Read the catalogue of an open release.

    Args:
        con: the release, or a database of what was known on a day.
        folder: the folder of the release; None for a database without views of `bi`.
    """
    version, known_until = con.execute("select version, as_of_day from meta.release").fetchall()[0]
    sums = _sums(folder, version) if folder else {}
    warnings: dict[str, list[str]] = {}
    for table, meaning in con.execute(
        "select schema_name || '.' || table_name, meaning from meta.usage_warnings order by all"
    ).fetchall():
        warnings.setdefault(table, []).append(meaning)
    relations = con.execute(
        "select schema_name || '.' || table_name, comment from duckdb_tables()"
        " union all select schema_name || '.' || view_name, comment from duckdb_views() where not internal order by all"
    ).fetchall()
    columns: dict[str, dict[str, str]] = {}
    numbers: dict[str, set[str]] = {}
    keys: dict[str, list[str]] = {}
    for table, column, about, kind, is_key in con.execute(
        "select columns.schema_name || '.' || columns.table_name as name, columns.column_name,"
        " coalesce(dictionary.description, ''), columns.data_type,"
        " coalesce(dictionary.is_key, false) from duckdb_columns() as columns"
        " left join meta.data_dictionary as dictionary on columns.schema_name = dictionary.schema_name"
        " and columns.table_name = dictionary.table_name and columns.column_name = dictionary.column_name"
        " where columns.database_name = current_database() order by name, columns.column_index"
    ).fetchall():
        columns.setdefault(table, {})[column] = about
        if is_numeric(kind):
            numbers.setdefault(table, set()).add(column)
        if is_key:
            keys.setdefault(table, []).append(column)
    return Catalogue(
        version,
        known_until,
        {
            name: Table(
                name,
                about or "",
                columns[name],
                frozenset(numbers.get(name, ())),
                tuple(keys.get(name, ())),
                tuple(warnings.get(name, ())),
                sums.get(name, {}),
            )
            for name, about in relations
        },
    )
