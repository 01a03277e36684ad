"""A played TradeStat, and who visits it."""

from __future__ import annotations

import pytest

from sources.registry import sources
from tests.fakes.server import playing
from tests.helpers.visiting import Visitor
from tests.publishers.india_tradestat.fake import PlayedTradeStat
from tests.publishers.india_tradestat.live_calls import (
    FEW,
    TODAY,
)


@pytest.fixture
def play():
    return PlayedTradeStat()


@pytest.fixture
def server(play):
    with playing(play) as server:
        yield server


@pytest.fixture
def visitor(server, monkeypatch):
    """A visitor of 2026 who asks for the months of 2846 alone, by their age; `ask` changes what for."""

    def of(ask=FEW, years=(2026, 2026), today=TODAY, newest_months=0, **how) -> Visitor:
        about = sources()["india_tradestat"].about
        monkeypatch.setitem(about, "live", {**about["live"], "newest_months": newest_months, **ask})
        return Visitor("india_tradestat", server.url, years, today, **how)

    return of
