"""A fake TradeStat, and a harness that fetches from it."""

from __future__ import annotations

import pytest

from sources.registry import sources
from tests.fakes.server import serving
from tests.helpers.fetch_harness import FetchHarness
from tests.publishers.india_tradestat.fake import FakeTradeStat
from tests.publishers.india_tradestat.live_calls import (
    FEW,
    TODAY,
)


@pytest.fixture
def fake():
    return FakeTradeStat()


@pytest.fixture
def server(fake):
    with serving(fake) as server:
        yield server


@pytest.fixture
def harness(server, monkeypatch):
    """A harness of 2026 that requests only the months of 2846, by their age; `ask` changes the queries."""

    def of(ask=FEW, years=(2026, 2026), today=TODAY, newest_months=0, **how) -> FetchHarness:
        about = sources()["india_tradestat"].about
        monkeypatch.setitem(about, "live", {**about["live"], "newest_months": newest_months, **ask})
        return FetchHarness("india_tradestat", server.url, years, today, **how)

    return of
