from __future__ import annotations

import time

import polars as pl
import pytest

from sources.model.artifact import LayoutError
from sources.model.feeds import FEEDS
from sources.model.source import REJECTS, TableSpec
from sources.reading.tables import check_columns, rejects_from, to_feed_schema, unreadable
from tests.helpers.artifacts import artifact


def test_columns_are_compared_in_any_order_and_named_when_gained_or_lost(tmp_path):
    under_test = artifact(tmp_path, b"x", layout="mcs2024")
    check_columns(under_test, ["b", "a"], ["a", "b"])
    with pytest.raises(LayoutError, match=r"'mcs2024': lost \['b'\], gained \['c', 'd'\].*Remedy"):
        check_columns(under_test, ["a", "c", "d"], ["a", "b"])


def test_rows_take_the_columns_order_and_types_of_their_feed():
    spec = TableSpec("a_table", "quotas", ("year",))
    shaped = to_feed_schema(spec, pl.DataFrame({"year": ["2024"], "scratch": [1], "value_t": [270_000]}))
    assert dict(shaped.schema) == FEEDS["quotas"]
    assert shaped.select("year", "value_t", "page_url").row(0) == (
        2024,
        270_000.0,
        None,
    )


def test_rows_set_aside_keep_their_cells_as_json():
    aside = rejects_from(pl.DataFrame({"artifact_row": [3], "cell": ["?1"]}), "unreadable_value", "a mark", ["cell"])
    assert dict(aside.schema) == REJECTS
    assert aside.row(0) == (3, "unreadable_value", "a mark", '{"cell":"?1"}')


def test_the_cells_that_cannot_be_read_are_named_with_their_text():
    frame = pl.DataFrame({"kg": ["1200,5", "5"], "usd": ["9", None], "n": [None, 5], "m": [9, None]})
    detail = unreadable({"kg": pl.col("n").is_not_null(), "usd": pl.col("m") > 0})
    assert frame.select(detail.alias("why"))["why"].to_list() == [
        "cannot be read: kg '1200,5'",
        "cannot be read: usd ''",
    ]


def test_comparing_many_columns_takes_a_moment(tmp_path):
    names = [f"c{n}" for n in range(40_000)]
    start = time.monotonic()
    check_columns(artifact(tmp_path, b"x"), names, names[::-1])
    with pytest.raises(LayoutError, match="more than once"):
        check_columns(artifact(tmp_path, b"x"), [*names, "c7"], names)
    assert time.monotonic() - start < 2
