"""CSV files, the workbook and the metadata of Parquet files say the same as the database of their release."""

from __future__ import annotations

import json
import math
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import polars as pl
import pytest

from tests.helpers.violators import assert_none
from warehouse.release.store import current_release
from warehouse.storage.literals import literal


@pytest.fixture(scope="module")
def folder(warehouse) -> Path:
    return warehouse.published.resolve()


@pytest.fixture(scope="module")
def views(published) -> dict[str, pl.DataFrame]:
    """The rows of each view of `bi`, in the order of its columns."""
    names = published.execute("select table_name from duckdb_tables() where schema_name = 'bi' order by 1").fetchall()
    return {name: published.sql(f"from bi.{name} order by all").pl() for (name,) in names}


def test_a_csv_file_has_the_rows_of_its_view_as_excel_reads_them(folder, views) -> None:
    assert {path.name for path in folder.glob("csv/*")} == {f"{name}.csv" for name in views}
    for name, rows in views.items():
        text = (folder / "csv" / f"{name}.csv").read_bytes()
        assert text.startswith(b"\xef\xbb\xbf"), name
        assert text.count(b"\r\n") == text.count(b"\n") == rows.height + 1, name
        assert pl.read_csv(text, schema=rows.schema).equals(rows), name


def is_same(cell: Any, value: Any) -> bool:
    """Whether a cell says what a view does: days are times at midnight in Excel, and numbers have sixteen digits."""
    if isinstance(value, float) and cell is not None:
        return math.isclose(cell, value, rel_tol=1e-14)
    return (cell.date() if isinstance(cell, datetime) else cell) == value


def test_a_sheet_has_the_cells_of_its_view(folder, views) -> None:
    book = openpyxl.load_workbook(folder / "rare_earths.xlsx", read_only=True)
    assert book.sheetnames == ["about", *views]
    for name, rows in views.items():
        header, *cells = book[name].iter_rows(values_only=True)
        assert list(header) == rows.columns
        days = {index for index, kind in enumerate(rows.dtypes) if kind == pl.Date}
        assert len(cells) == rows.height
        assert_none(
            f"{name}: {cell} instead of {value}"
            for line, row in zip(cells, rows.rows(), strict=True)
            for cell, value in zip(line, row, strict=True)
            if not is_same(cell, value)
        )
        assert all(isinstance(row[i], datetime) for row in cells for i in days if row[i] is not None), name


def test_the_first_sheet_has_the_release_the_terms_and_every_column(warehouse, folder, published, views) -> None:
    book = openpyxl.load_workbook(folder / "rare_earths.xlsx", read_only=True)
    lines = list(book["about"].iter_rows(values_only=True))
    texts = {cell for line in lines for cell in line}
    release = current_release(warehouse)
    assert {release.version, release.about["content_hash"]} <= texts
    terms = published.execute(
        "select title, licence, citation from core.dim_source where source_code in (select source_code from meta.loads)"
    ).fetchall()
    assert len(terms) > 10
    assert_none(part for source in terms for part in source if part not in texts)
    described = {(line[0], line[1]): line[2:5] for line in lines}
    assert_none(
        f"{name}.{column}"
        for name, rows in views.items()
        for column in rows.columns
        if not described.get((name, column), (None, None, None))[2]
    )
    assert described["production", "production_t_reo"][:2] == ("t of rare-earth oxide", "add up")
    assert described["prices", "price_usd_per_kg"][:2] == ("US$ per kg", "one line for each price_name")
    built_at = release.about["built_at"].replace(tzinfo=None, microsecond=0)
    assert book.properties.created == built_at


def test_every_parquet_file_describes_itself_and_names_its_release(warehouse, folder, published) -> None:
    version = current_release(warehouse).version
    described = {
        (schema, table): columns
        for schema, table, columns in published.execute(
            "select schema_name, table_name, list(column_name order by column_position)"
            " from meta.data_dictionary group by all"
        ).fetchall()
    }

    def problem(path: Path) -> str | None:
        query = f"select decode(key), decode(value) from parquet_kv_metadata({literal(path)})"
        found = dict(duckdb.sql(query).fetchall())
        columns = json.loads(found.get("columns", "{}"))
        if found.get("release") != version:
            return f"names release {found.get('release')}"
        if list(columns) != described[path.parent.name, path.stem] or not all(
            about["description"] for about in columns.values()
        ):
            return "lacks descriptions of columns"
        return None if found["description"] and found["grain"] and found["key"] else "lacks its description"

    files = sorted(folder.glob("parquet/*/*.parquet"))
    assert len(files) == len(described) - 1, "all but mart_why"
    assert_none(f"{path.name} {found}" for path in files if (found := problem(path)))
    price = duckdb.sql(
        f"select decode(value) from parquet_kv_metadata({literal(folder / 'parquet/core/fct_price.parquet')})"
        " where decode(key) = 'columns'"
    ).fetchall()[0][0]
    assert json.loads(price)["price_usd_per_kg"]["unit"] == "US$ per kg"
