"""What a release holds, for people: its tables, and the columns of one with units, warnings and example values.

All of it is read from the release itself: the tables' comments, `meta.data_dictionary` and `meta.usage_warnings`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import duckdb

from warehouse.read.query import QueryError, is_numeric, query_errors
from warehouse.release.store import database
from warehouse.settings import Settings
from warehouse.storage.database import open_reader
from warehouse.storage.literals import literal

_UNITS = (
    ("share", "share, 0 to 1"),
    ("log", "natural logarithm"),
    ("ratio", "ratio"),
    ("usd_per_kg", "US$/kg"),
    ("t_reo", "t REO"),
    ("reo_tonnes", "t REO"),
    ("t_gross", "t of mineral"),
    ("t_monazite", "t of monazite"),
    ("usd", "US$"),
    ("kg", "kg"),
    ("kt", "kt"),
    ("t", "t"),
    ("days", "days"),
    ("months", "months"),
    ("years", "years"),
    ("n", "count"),
)
"""Parts of the names of columns, and the unit each states; the first that a name has counts."""


@dataclass(frozen=True, slots=True)
class TableSummary:
    """A table or view of a release: `("marts", "mart_corridor", 1174, "One row per …")`. `about` is one sentence."""

    schema: str
    name: str
    rows: int
    about: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its type in SQL, unit (`US$`, `t REO`; empty if it has none), description, and a value of it."""

    name: str
    type: str
    unit: str
    about: str
    is_key: bool
    example: Any


@dataclass(frozen=True, slots=True)
class TableDescription:
    """A table with its whole description, columns, and its usage warnings as sentences."""

    schema: str
    name: str
    rows: int
    about: str
    columns: list[Column]
    warnings: list[str]


def list_tables(settings: Settings) -> list[TableSummary]:
    """The tables and views of the published release, by schema and name.

    Raises:
        QueryError: nothing is published, or the release cannot be read.
    """
    with _release(settings) as con:
        found = _relations(con)
        counts = " union all ".join(f'select count(*) from "{schema}"."{name}"' for schema, name, _ in found)
        rows = [count for (count,) in con.execute(counts).fetchall()]
        return [
            TableSummary(schema, name, count, first_sentence(about))
            for (schema, name, about), count in zip(found, rows, strict=True)
        ]


def describe_table(settings: Settings, asked: str) -> TableDescription:
    """Describe a table of the published release, named with its schema or without: `mart_corridor`.

    Raises:
        QueryError: there is no such table, nothing is published, or the release cannot be read.
    """
    with _release(settings) as con:
        schema, name, about = _one(_relations(con), asked)
        (count,) = con.execute(f'select count(*) from "{schema}"."{name}"').fetchall()[0]
        warnings = con.execute(f"select meaning from meta.usage_warnings where {_is_of(schema, name)}").fetchall()
        return TableDescription(schema, name, count, about, _columns(con, schema, name), [text for (text,) in warnings])


@contextmanager
def _release(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        path = database(settings)
    except LookupError as error:
        raise QueryError(str(error)) from error
    with query_errors(), open_reader(path, settings) as con:
        yield con


def _relations(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """Schema, name and description of each table and view."""
    return con.execute(
        "select schema_name, table_name, coalesce(comment, '') from duckdb_tables()"
        " union all select schema_name, view_name, coalesce(comment, '') from duckdb_views() where not internal"
        " order by all"
    ).fetchall()


def _one(found: list[tuple[str, str, str]], asked: str) -> tuple[str, str, str]:
    """The table that was asked for.

    Raises:
        QueryError: there is none of this name; the message names the nearest ones.
    """
    wanted = asked.strip().lower()
    for schema, name, about in found:
        if wanted in {name, f"{schema}.{name}"}:
            return schema, name, about
    names = {name: f"{schema}.{name}" for schema, name, _ in found}
    near = get_close_matches(wanted.rpartition(".")[2], names, n=3, cutoff=0.5)
    hint = f" Is it {' or '.join(names[name] for name in near)}?" if near else ""
    msg = f"There is no table '{asked}'.{hint} `ree tables` lists all."
    raise QueryError(msg)


def _is_of(schema: str, name: str) -> str:
    """A condition on `schema_name` and `table_name`. For parameters DuckDB would import pandas, which takes longer."""
    return f"schema_name = {literal(schema)} and table_name = {literal(name)}"


def _columns(con: duckdb.DuckDBPyConnection, schema: str, name: str) -> list[Column]:
    rows = con.execute(
        "select columns.column_name, columns.data_type, coalesce(dictionary.description, ''),"
        " coalesce(dictionary.is_key, false)"
        f" from (from duckdb_columns() where {_is_of(schema, name)}) as columns"
        " left join meta.data_dictionary as dictionary"
        " on columns.schema_name = dictionary.schema_name and columns.table_name = dictionary.table_name"
        " and columns.column_name = dictionary.column_name"
        " order by columns.column_index"
    ).fetchall()
    values = ", ".join(f'any_value("{column}")' for column, *_ in rows)
    examples = con.execute(f'select {values} from "{schema}"."{name}"').fetchall()[0]
    return [
        Column(column, kind, unit_of(column) if is_numeric(kind) else "", about, is_key, example)
        for (column, kind, about, is_key), example in zip(rows, examples, strict=True)
    ]


def unit_of(column: str) -> str:
    """The unit that a column's name states: `US$` for `importer_cif_usd`; empty if it states none."""
    return next((unit for part, unit in _UNITS if f"_{part}_" in f"_{column}_"), "")


def first_sentence(text: str) -> str:
    """The first sentence of a description, without its full stop."""
    found = re.match(r"(.+?)[.?](?=\s|$)", text, re.DOTALL)
    return found[1] if found else text
