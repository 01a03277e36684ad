"""Results for programs: CSV, JSON, lines, Markdown, Parquet."""

from __future__ import annotations

import csv
import io
import json

import duckdb
import polars as pl
import pytest

from orchestration.cli import formats
from warehouse.read.query import Answer, QueryError, answer_of

ROWS = [(1, 'a "b", c', None), (12_345, "", 0.1), (3, "two\nlines | x", 1.0)]
COLUMNS = ["n", "text", "share"]


def written(form: str, rows=ROWS, columns=COLUMNS) -> str:
    file = io.StringIO(newline="")
    formats.WRITERS[form](file, columns, [rows[:1], rows[1:]] if rows else [])
    return file.getvalue()


def answer(query: str) -> Answer:
    return answer_of(duckdb.connect(), query)


def test_csv_reads_back_with_nulls_and_empty_texts_and_its_lines_end_in_lf() -> None:
    text = written("csv")
    assert "\r" not in text
    assert text.startswith("n,text,share\n1,")
    assert list(csv.reader(io.StringIO(text)))[1:] == [
        ["1", 'a "b", c', ""],
        ["12345", "", "0.1"],
        ["3", "two\nlines | x", "1.0"],
    ]
    frame = pl.read_csv(io.StringIO(text))
    assert frame["share"].to_list() == [None, 0.1, 1.0]
    assert frame["text"].to_list()[1] == ""
    assert written("csv", [(None,), ("",)], ["a"]) == 'a\n\n""\n'


@pytest.mark.parametrize("cell", ["=1+1", "+A1", "-A1", "@sum", "\tx"])
def test_a_spreadsheet_does_not_run_a_text_of_a_csv_file(cell: str) -> None:
    assert f"'{cell}" in written("csv", [(cell,)], ["a"])
    assert written("csv", [(-1.5,), ("-",)], ["a"]) == "a\n-1.5\n-\n"


@pytest.mark.parametrize("rows", [ROWS, ROWS[:1], []])
def test_json_is_an_array_of_objects(rows) -> None:
    assert json.loads(written("json", rows)) == [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def test_lines_show_each_cell_on_a_line_of_its_own() -> None:
    assert written("line", ROWS[:2]).splitlines() == [
        "    n = 1", ' text = a "b", c', "share = NULL", "", "    n = 12,345", " text = ", "share = 0.1",
    ]  # fmt: skip


def test_a_cell_of_markdown_ends_no_cell_and_no_line() -> None:
    lines = written("markdown").splitlines()
    assert lines[1] == "| ---: | --- | ---: |"
    assert lines[4] == r"| 3 | two\\nlines \| x | 1.0 |"


@pytest.mark.parametrize(("limit", "rows"), [(0, 5000), (3, 3)])
def test_parquet_keeps_types_and_the_limit(limit: int, rows: int) -> None:
    file = io.BytesIO()
    formats.write_parquet(file, answer("select range as n, date '2025-04-01' as day from range(5000)"), limit)
    frame = pl.read_parquet(io.BytesIO(file.getvalue()))
    assert frame.schema == {"n": pl.Int64, "day": pl.Date}
    assert frame["n"].to_list() == list(range(rows))


def test_a_type_that_parquet_lacks_is_a_sentence() -> None:
    with pytest.raises(QueryError, match="cast the column to varchar"):
        formats.write_parquet(io.BytesIO(), answer("select interval 1 month as a"), 0)
