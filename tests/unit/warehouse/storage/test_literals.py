"""Paths as SQL literals: DuckDB reads back the same text, whatever characters are in it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from warehouse.storage.literals import literal, read_parquet


@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_literal_reads_back_as_the_text(text: str) -> None:
    assert duckdb.sql(f"select {literal(text)}").fetchall() == [(text,)]


FOLDERS = [
    "it's",
    "a [b] c",
    "a*c",
    "a?c",
    "abc",
    "aXc",
    "**",
    "[!x]",
    "[]",
    "{{ 1 }} ${HOME} %41 #;&",
    "ünï 東",
    'a"b',
]


def test_each_parquet_file_is_read_by_its_own_path(tmp_path: Path) -> None:
    for number, name in enumerate(FOLDERS):
        (tmp_path / name).mkdir()
        pl.DataFrame({"number": [number]}).write_parquet(tmp_path / name / "x.parquet")
    found = [duckdb.sql(f"from {read_parquet(tmp_path / name / 'x.parquet')}").fetchall() for name in FOLDERS]
    assert found == [[(number,)] for number in range(len(FOLDERS))], "wildcards of one match no other"


def test_several_files_are_read_as_one_table(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("it's.parquet", "[1].parquet", "1.parquet")]
    for number, file in enumerate(files):
        pl.DataFrame({"number": [number]}).write_parquet(file)
    assert sorted(duckdb.sql(f"from {read_parquet(files[:2])}").fetchall()) == [(0,), (1,)]
