"""One query at a time on an open reader: its limit, its errors, and Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from warehouse.read.query import QueryError, QueryResult, result_of
from warehouse.settings import Settings
from warehouse.storage.database import open_reader


@pytest.fixture
def con(settings: Settings, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    file = tmp_path / "numbers.duckdb"
    with duckdb.connect(str(file)) as con:
        con.execute("create table numbers as select range as n from range(5)")
    with open_reader(file, settings) as con:
        yield con


def test_a_limit_leaves_rows_out_and_says_so(con) -> None:
    assert result_of(con, "from numbers", 2) == QueryResult(["n"], [(0,), (1,)], has_more=True)
    assert not result_of(con, "from numbers", 5).has_more
    assert len(result_of(con, "from numbers").rows) == 5


@pytest.mark.parametrize("text", ["", "  ", "-- a comment", "/* a comment */", ";;"])
def test_a_text_without_a_query_is_refused(con, text) -> None:
    with pytest.raises(QueryError, match="there is no query"):
        result_of(con, text)


def test_several_queries_are_refused_before_any_of_them_runs(con) -> None:
    with pytest.raises(QueryError, match="these are 2 queries"):
        result_of(con, "create temp table t as select 1; from t")
    with pytest.raises(duckdb.CatalogException):
        result_of(con, "from t")


def test_a_semicolon_at_the_end_or_in_a_text_is_no_second_query(con) -> None:
    assert result_of(con, "select ';' as a; -- done").rows == [(";",)]


def test_ctrl_c_ends_a_long_query(con) -> None:
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        result_of(con, "select count(*) from range(1000000000000)")
