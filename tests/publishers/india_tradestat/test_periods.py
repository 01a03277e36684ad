"""What the portal's header cells say of time."""

from __future__ import annotations

from datetime import date

import pytest

from sources.model.artifact import LayoutError
from sources.publishers.india_tradestat.periods import Period, read_period, with_partial_year
from tests.helpers.violators import assert_same
from tests.publishers.india_tradestat.builders import tradestat

PERIODS = {
    "Jun-2021 (R)": Period("month", date(2021, 6, 1), date(2021, 6, 30), "R"),
    "Feb-2024": Period("month", date(2024, 2, 1), date(2024, 2, 29), ""),
    "Jan-Jun2022 (P)": Period("month_range", date(2022, 1, 1), date(2022, 6, 30), "P"),
    "Apr-Jun2022": Period("month_range", date(2022, 4, 1), date(2022, 6, 30), ""),
    "Jan-Jan2022": Period("month_range", date(2022, 1, 1), date(2022, 1, 31), ""),
    "Jan-Dec2024 (A)": Period("calendar_year", date(2024, 1, 1), date(2024, 12, 31), "A"),
    "2020 - 2021": Period("fiscal_year", date(2020, 4, 1), date(2021, 3, 31), ""),
    "2017-2018": Period("fiscal_year", date(2017, 4, 1), date(2018, 3, 31), ""),
    "1999-2000": Period("fiscal_year", date(1999, 4, 1), date(2000, 3, 31), ""),
    "2025 - 2026 (Apr-Aug)": Period("month_range", date(2025, 4, 1), date(2025, 8, 31), ""),
    "2025-2026 (Apr-Feb)": Period("month_range", date(2025, 4, 1), date(2026, 2, 28), ""),
    "2024-2025 (Apr-Mar)": Period("fiscal_year", date(2024, 4, 1), date(2025, 3, 31), ""),
}


@pytest.fixture
def read(tmp_path):
    """What the header of a column is read as."""
    return lambda printed: read_period(tradestat(tmp_path, b"x", "meidb_commodity_html"), printed)


def test_a_header_is_the_period_it_prints(read):
    assert_same(PERIODS, read)


def test_other_words_are_no_period(read):
    words = ["", "%Growth", "Rank", "June 2021", "2021", "Jun-0000", "2020 - 2021 - 2022"]
    assert_same(dict.fromkeys(words), read)


@pytest.mark.parametrize("printed", ["Apr-Feb2024", "Jum-2021", "2020 - 2022", "Jan-Jum2022"])
def test_a_period_that_cannot_be_or_has_two_readings_is_refused(read, printed):
    with pytest.raises(LayoutError, match=printed):
        read(printed)


def test_only_the_year_the_page_calls_unfinished_is_unfinished():
    text = "Data available 2017-2018 to 2025-2026 (Apr-Aug) Last data updated on 21/10/2025"
    assert with_partial_year(text, "2025 - 2026") == "2025 - 2026 (Apr-Aug)"
    assert with_partial_year(text, "2024 - 2025") == "2024 - 2025"
    assert with_partial_year("Data available 2017-2018 to 2025-2026", "2025 - 2026") == "2025 - 2026"
