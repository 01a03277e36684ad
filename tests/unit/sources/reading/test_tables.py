from __future__ import annotations

import polars as pl
import pytest

from sources.model.artifact import LayoutError
from sources.model.feeds import FEEDS
from sources.model.source import REJECTS, TableSpec
from sources.reading.tables import check_columns, rejects_from, to_feed_schema
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
