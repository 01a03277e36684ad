"""The published figures in Python, read-only.

    import warehouse as ree

    ree.table("mart_corridor").filter("exporter_code = 'CHN'").pl()      # Polars; .df() is pandas, .arrow() is Arrow
    ree.connect().sql("select year, edition, production_t_reo from fct_production").show()
    ree.as_of("2024-12-31").table("core.fct_production")                 # what was known on that day
    ree.why("fct_production", country_code="CHN", year=2023, edition="MCS 2024")

Everything is read from the current release under `REE_HOME` (by default `var/` of the current folder). `release` names
another one that is on disk; `path` names a DuckDB file instead, such as one that `ree as-of` wrote. A connection keeps
the release that it opened: connect again to follow later ones.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from warehouse.read.as_of import connect_as_of
from warehouse.read.why import explain_in
from warehouse.release.store import database
from warehouse.settings_error import read_settings
from warehouse.storage.database import connect_reader

if TYPE_CHECKING:
    import polars as pl


def connect(release: str | None = None, *, path: str | Path | None = None) -> duckdb.DuckDBPyConnection:
    """Open a release read-only. Its tables need no schema: `con.sql("from mart_corridor")`.

    Args:
        release: its version, `2026.11.27.1`; the current one by default.
        path: a DuckDB file to open instead.

    Raises:
        LookupError: nothing is published, or no release of this version is on disk.
        FileNotFoundError: there is no such file.
        FileHeldError, UnreadableFileError: the file cannot be opened (`warehouse.storage.database`).
        InvalidSettingError: a variable `REE_…` is invalid.
    """
    return connect_reader(_file(release, path), read_settings())


def table(name: str, release: str | None = None, *, path: str | Path | None = None) -> duckdb.DuckDBPyRelation:
    """A table or view as a relation of DuckDB: `ree.table("mart_corridor").pl()`.

    Nothing is read before it is needed. `.filter("year >= 2020")`, `.project("year, edition")` and `.order("year")`
    narrow it; `.pl()`, `.df()`, `.arrow()` and `.fetchall()` read it.

    Raises:
        duckdb.CatalogException: there is no such table; `ree tables` lists them.
        LookupError: as `connect`, whose other errors are raised too.
    """
    return connect(release, path=path).table(name)


def as_of(day: date | str, release: str | None = None, *, path: str | Path | None = None) -> duckdb.DuckDBPyConnection:
    """A database in memory with core as it was known on a day, by the rules of `ree as-of`.

    Marts are left out, since they are built from the latest reports; `meta.left_out` lists them.

    Args:
        day: `date(2024, 12, 31)` or `"2024-12-31"`.
        release: as for `connect`.
        path: as for `connect`.

    Raises:
        ValueError: the text is no day.
        LookupError: as `connect`, whose other errors are raised too.
    """
    known_on = day if isinstance(day, date) else date.fromisoformat(day)
    return connect_as_of(_file(release, path), known_on)


def why(
    fact: str, *, release: str | None = None, path: str | Path | None = None, **columns: object
) -> dict[str, pl.DataFrame]:
    """Where a figure comes from, as `ree why` shows it: a frame for each title, such as "Statements, oldest first".

    Args:
        fact: a `fact_id`; or a table, `fct_production`, whose `columns` name one fact.
        release: as for `connect`.
        path: as for `connect`.
        columns: values of the table's columns: `country_code="CHN", year=2023`.

    Raises:
        WhyError: no fact fits, or several do; the message says what would tell them apart.
        LookupError: as `connect`, whose other errors are raised too.
    """
    import polars as pl

    with connect(release, path=path) as con:
        sections = explain_in(con, read_settings(), [fact, *(f"{name}={value}" for name, value in columns.items())])
    return {
        section.title: pl.DataFrame(
            section.result.rows, schema=section.result.columns, orient="row", infer_schema_length=None
        )
        for section in sections
    }


def _file(release: str | None, path: str | Path | None) -> Path:
    """The database that is meant."""
    if path is None:
        return database(read_settings(), release)
    if release is not None:
        msg = "release and path are mutually exclusive"
        raise ValueError(msg)
    file = Path(path).expanduser()
    if not file.is_file():
        msg = f"{file} is not there: name a DuckDB file, such as <release>/rare_earths.duckdb"
        raise FileNotFoundError(msg)
    return file
