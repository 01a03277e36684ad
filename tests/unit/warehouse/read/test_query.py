"""One query at a time on an open reader: its limit, its errors, and Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from warehouse.read.query import QueryError, QueryResult, answer_of, result_of
from warehouse.settings import Settings
from warehouse.storage.database import open_reader


@pytest.fixture
def con(settings: Settings, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    file = tmp_path / "numbers.duckdb"
    with duckdb.connect(str(file)) as con:
        con.execute("create table numbers as select range as n from range(5)")
    with open_reader(file, settings) as con:
        yield con


def answer(con: duckdb.DuckDBPyConnection, query: str, limit: int = 0) -> QueryResult:
    return result_of(answer_of(con, query), limit)


def test_a_limit_leaves_rows_out_and_says_so(con) -> None:
    assert answer(con, "from numbers", 2) == QueryResult(["n"], [(0,), (1,)], has_more=True)
    assert not answer(con, "from numbers", 5).has_more
    assert len(answer(con, "from numbers").rows) == 5


def test_rows_are_read_in_batches_in_their_order(con) -> None:
    batches = list(answer_of(con, "select range as n from range(5000) order by n").batches())
    assert len(batches) > 1
    assert [row for batch in batches for row in batch] == [(n,) for n in range(5000)]


def test_letters_that_are_no_utf_8_are_refused(con) -> None:
    with pytest.raises(QueryError, match="UTF-8"):
        answer(con, "select '\udce9'")


@pytest.mark.parametrize("text", ["", "  ", "-- a comment", "/* a comment */", ";;", "\0"])
def test_a_text_without_a_query_is_refused(con, text) -> None:
    with pytest.raises(QueryError, match="there is no query"):
        answer(con, text)


def test_several_queries_are_refused_before_any_of_them_runs(con) -> None:
    with pytest.raises(QueryError, match="these are 2 queries"):
        answer(con, "create temp table t as select 1; from t")
    with pytest.raises(duckdb.CatalogException):
        answer(con, "from t")


def test_a_semicolon_at_the_end_or_in_a_text_is_no_second_query(con) -> None:
    assert answer(con, "select ';' as a; -- done").rows == [(";",)]


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C raises also where the tests were started in the background, whose processes ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_a_long_query(con) -> None:
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        answer(con, "select count(*) from range(1000000000000)")
