"""Portions of years: every year is in one, and none has more reports than a build takes at once."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from warehouse.release.basis import portions_of
from warehouse.storage.work import FIRST_YEAR, LAST_YEAR


def test_portions_end_where_the_next_year_would_be_too_much() -> None:
    assert portions_of({2019: 4, 2020: 3, 2021: 3, 2022: 9, 2023: 1}, at_once=7) == [
        (FIRST_YEAR, 2020),
        (2021, 2021),
        (2022, 2022),
        (2023, LAST_YEAR),
    ]


def test_few_reports_and_none_are_built_at_once() -> None:
    assert portions_of({2019: 4, 2020: 3}, at_once=7) == []
    assert portions_of({}, at_once=7) == []


@given(st.dictionaries(st.integers(1900, 2100), st.integers(1, 50), min_size=1), st.integers(1, 120))
def test_every_year_is_in_one_portion(reports: dict[int, int], at_once: int) -> None:
    portions = portions_of(reports, at_once) or [(FIRST_YEAR, LAST_YEAR)]
    assert (portions[0][0], portions[-1][1]) == (FIRST_YEAR, LAST_YEAR)
    assert all(last + 1 == first for (_, last), (first, _) in pairwise(portions))
    for first, last in portions:
        within = [n for year, n in reports.items() if first <= year <= last]
        assert sum(within) <= at_once or len(within) == 1 or len(portions) == 1
