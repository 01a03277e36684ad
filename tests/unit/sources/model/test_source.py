from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from sources.model.artifact import LayoutError
from sources.model.feeds import FEEDS
from sources.model.source import REJECTS, ParsedTable, TableSpec, conform
from sources.reading.tables import rejects_from
from tests.helpers.artifacts import artifact

SCHEMA = {
    "artifact_row": pl.Int64(),
    "country": pl.String(),
    "year": pl.Int32(),
    "day": pl.Date(),
    "value": pl.Float64(),
}
SPEC = TableSpec("a_table", "readings", ("country", "year"))


@pytest.fixture(autouse=True)
def _a_feed_of_the_test(monkeypatch):
    monkeypatch.setitem(FEEDS, "readings", SCHEMA)


def rows(*values: tuple) -> pl.DataFrame:
    return pl.DataFrame(list(values), schema=SCHEMA, orient="row")


INDIA = (1, "IND", 2024, date(2024, 1, 31), 2900.0)
CHINA = (2, "CHN", 2024, date(2024, 1, 31), None)


def test_rows_of_the_declared_schema_pass_with_their_rejects(tmp_path):
    aside = rejects_from(pl.DataFrame({"artifact_row": [3], "cell": ["?1"]}), "unreadable_value", "a mark", ["cell"])
    table = conform(SPEC, artifact(tmp_path, b"x"), rows(INDIA, CHINA), aside)
    assert table.rows_parsed == 3
    assert dict(aside.schema) == REJECTS
    assert aside.row(0) == (3, "unreadable_value", "a mark", '{"cell":"?1"}')


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (rows(INDIA).drop("value"), "value"),
        (rows(INDIA).with_columns(pl.lit(1).alias("rank")), "rank"),
        (rows(INDIA).with_columns(pl.col("year").cast(pl.Int64)), "year"),
    ],
    ids=["a column lost", "a column gained", "another type"],
)
def test_rows_of_another_schema_are_refused_naming_the_column(tmp_path, wrong, named):
    with pytest.raises(LayoutError, match=named):
        conform(SPEC, artifact(tmp_path, b"x"), wrong, pl.DataFrame(schema=REJECTS))


def test_two_rows_of_one_key_are_refused_naming_where_they_stand(tmp_path):
    twice = rows(INDIA, CHINA, (7, "IND", 2024, None, 1.0))
    with pytest.raises(LayoutError, match=r"2 rows of a_table share a key.*1, 'IND', 2024.*7, 'IND', 2024"):
        conform(SPEC, artifact(tmp_path, b"x"), twice, pl.DataFrame(schema=REJECTS))


def test_rows_without_a_country_still_share_a_key(tmp_path):
    nameless = rows((1, None, 2024, None, 1.0), (2, None, 2024, None, 2.0))
    with pytest.raises(LayoutError, match="share a key"):
        conform(SPEC, artifact(tmp_path, b"x"), nameless, pl.DataFrame(schema=REJECTS))


def content(*values: tuple, rejects: pl.DataFrame | None = None) -> str:
    return ParsedTable(
        SPEC, rows(*values), pl.DataFrame(schema=REJECTS) if rejects is None else rejects
    ).content_sha256()


def test_content_does_not_depend_on_where_rows_stand():
    moved = [(9, *CHINA[1:]), (4, *INDIA[1:])]
    assert content(INDIA, CHINA) == content(*moved)


@pytest.mark.parametrize(
    "other",
    [
        [INDIA],
        [INDIA, CHINA, (3, "BRA", 2024, None, None)],
        [(*INDIA[:4], 2901.0), CHINA],
        [INDIA, (*CHINA[:4], 0.0)],
        [(*INDIA[:3], date(2024, 2, 1), 2900.0), CHINA],
    ],
    ids=["a row fewer", "a row more", "another figure", "zero for nothing", "another day"],
)
def test_content_changes_with_anything_a_row_says(other):
    assert content(INDIA, CHINA) != content(*other)


def test_content_tells_a_row_set_aside_from_one_that_is_not():
    aside = rejects_from(pl.DataFrame({"artifact_row": [3], "cell": ["?1"]}), "unreadable_value", "a mark", ["cell"])
    elsewhere = aside.with_columns(pl.lit(8, pl.Int64).alias("artifact_row"))
    assert content(INDIA, rejects=aside) != content(INDIA)
    assert content(INDIA, rejects=aside) == content(INDIA, rejects=elsewhere)
