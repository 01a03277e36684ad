"""Windows: the period that a fetch run covers, from settings or from a person's words."""

from __future__ import annotations

import calendar
import re
from datetime import date

from sources.http.fetcher import Window
from sources.model.artifact import FIRST_YEAR
from warehouse import clock
from warehouse.settings import Settings


def whole_window(settings: Settings) -> Window:
    """From the first year that is fetched from live publishers to the end of this one."""
    return Window(date(settings.live_from, 1, 1), date(clock.today().year, 12, 31))


def read_span(first: str, last: str) -> Window:
    """A window from "2019" or "2019-04" to "2024" or "2024-09"; an open end is the warehouse's first year, or this one.

    Raises:
        ValueError: a text of another form, or an end before its beginning.
    """
    begins = _days_of(first)[0] if first else date(FIRST_YEAR, 1, 1)
    ends = _days_of(last)[1] if last else date(clock.today().year, 12, 31)
    if begins > ends:
        msg = f"The span {first or '…'} to {last or '…'} ends before it begins."
        raise ValueError(msg)
    return Window(begins, ends)


def _days_of(text: str) -> tuple[date, date]:
    match = re.fullmatch(r"((?:19|20)\d\d)(?:-(0[1-9]|1[0-2]))?", text)
    if match is None:
        msg = f"'{text}' is neither a year (2019) nor a month (2019-04)."
        raise ValueError(msg)
    year, month = int(match[1]), int(match[2] or 0)
    if not month:
        return date(year, 1, 1), date(year, 12, 31)
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
