"""What people download of a release: the views of `bi` as CSV files that Excel opens, and as one workbook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from warehouse.release.catalogue import Table
from warehouse.release.workbook import Source, View, write_workbook

CSV_FOLDER = "csv"
WORKBOOK_FILE = "rare_earths.xlsx"
_BI = "bi."


def write_downloads(
    folder: Path, con: duckdb.DuckDBPyConnection, tables: Mapping[str, Table], about: Mapping[str, Any]
) -> None:
    """Write `csv/<view>.csv` of every view of `bi`, and `rare_earths.xlsx` with all of them.

    Rows are in the order of their columns, so the same figures give the same bytes. CSV files are UTF-8 with a byte
    order mark and CRLF, as Excel expects; days are ISO dates.

    Args:
        folder: the release, where the files are written.
        con: a connection to its database.
        tables: the published tables by `schema.name`, as `described_tables` has them.
        about: the row of `meta.release`.
    """
    views = [
        View(table, con.sql(f'from bi."{table.name}" order by all').pl())
        for name, table in sorted(tables.items())
        if name.startswith(_BI)
    ]
    (folder / CSV_FOLDER).mkdir(exist_ok=True)
    for view in views:
        _write_csv(view.rows, folder / CSV_FOLDER / f"{view.table.name}.csv")
    write_workbook(folder / WORKBOOK_FILE, views, _sources(con), about)


def _write_csv(rows: pl.DataFrame, file: Path) -> None:
    rows.write_csv(file, include_bom=True, line_terminator="\r\n")


def _sources(con: duckdb.DuckDBPyConnection) -> list[Source]:
    """The sources that something of the release was loaded from, with their terms."""
    rows = con.execute(
        "select title, publisher, licence, redistribution, citation, url from core.dim_source"
        " where source_code in (select source_code from meta.loads) order by source_code"
    ).fetchall()
    return [Source(*row) for row in rows]
