"""The window of a visit: from the settings, narrowed by the years of a run and by the span of its config."""

from __future__ import annotations

from datetime import date

import pytest

from orchestration.partitions import Span, every_year, window_of, years_of_run
from sources.http.fetcher import Window
from warehouse.settings import Settings

SETTINGS = Settings(live_from=2015)


@pytest.mark.parametrize(
    ("tags", "years"),
    [
        ({}, None),
        ({"dagster/partition": "2019"}, {2019}),
        (
            {"dagster/asset_partition_range_start": "2019", "dagster/asset_partition_range_end": "2021"},
            {2019, 2020, 2021},
        ),
    ],
)
def test_the_years_of_a_run_are_those_of_its_tags(tags: dict[str, str], years: set[int] | None) -> None:
    assert years_of_run(tags) == years


def test_all_years_do_not_widen_the_window_of_the_settings() -> None:
    whole = window_of(SETTINGS, None, Span())
    assert whole is not None
    assert whole.first == date(2015, 1, 1)
    assert window_of(SETTINGS, years_of_run(every_year()), Span()) == whole


def test_some_years_and_a_span_narrow_it() -> None:
    some = {2019, 2020}
    assert window_of(SETTINGS, some, Span()) == Window(date(2019, 1, 1), date(2020, 12, 31))
    assert window_of(SETTINGS, some, Span(first="2019-04")) == Window(date(2019, 4, 1), date(2020, 12, 31))
    assert window_of(SETTINGS, None, Span(first="2012", last="2012-06")) == Window(date(2012, 1, 1), date(2012, 6, 30))
