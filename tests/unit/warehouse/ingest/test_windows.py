"""Windows: the spans of years and months that a fetch run covers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sources.http.fetcher import Window
from sources.model.artifact import FIRST_YEAR
from warehouse.ingest.windows import read_span, whole_window
from warehouse.settings import Settings

THIS_YEAR = datetime.now(UTC).year


@pytest.mark.parametrize(
    ("first", "last", "window"),
    [
        ("2010", "2012", Window(date(2010, 1, 1), date(2012, 12, 31))),
        ("2019-04", "2019-04", Window(date(2019, 4, 1), date(2019, 4, 30))),
        ("2023-11", "2024-02", Window(date(2023, 11, 1), date(2024, 2, 29))),
        ("", "2001", Window(date(FIRST_YEAR, 1, 1), date(2001, 12, 31))),
        ("2020-06", "", Window(date(2020, 6, 1), date(THIS_YEAR, 12, 31))),
    ],
)
def test_a_span_is_read_to_its_first_and_last_day(first: str, last: str, window: Window) -> None:
    assert read_span(first, last) == window


@pytest.mark.parametrize("text", ["19", "2019-13", "2019-4", "April 2019", "1850", "2019-04-01"])
def test_a_text_that_is_neither_year_nor_month_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        read_span(text, "")


def test_a_span_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        read_span("2020", "2019")


def test_the_full_window_runs_from_the_first_live_year_to_the_end_of_this_one(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, live_from=2015)
    assert whole_window(settings) == Window(date(2015, 1, 1), date(THIS_YEAR, 12, 31))


@pytest.mark.parametrize(
    ("first", "last", "touches"),
    [
        (date(2019, 12, 31), date(2020, 1, 1), True),
        (date(2018, 1, 1), date(2019, 12, 31), False),
        (date(2020, 6, 1), date(2020, 6, 30), True),
        (date(2021, 1, 1), date(2021, 1, 31), False),
        (date(2010, 1, 1), date(2030, 1, 1), True),
    ],
)
def test_a_period_touches_a_window_with_one_day_in_it(first: date, last: date, touches: bool) -> None:
    assert Window(date(2020, 1, 1), date(2020, 12, 31)).touches(first, last) is touches
