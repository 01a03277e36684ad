"""A played UN Comtrade of few reporters, and who visits it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sources.registry import sources
from tests.fakes.server import Played, playing
from tests.helpers.visiting import Visitor
from tests.publishers.un_comtrade.fake import CHINA, INDIA, PlayedComtrade
from tests.publishers.un_comtrade.live_calls import KEY


@pytest.fixture
def play() -> PlayedComtrade:
    return PlayedComtrade(key=KEY)


@pytest.fixture
def server(play) -> Iterator[Played]:
    with playing(play) as server:
        yield server


@pytest.fixture(autouse=True)
def few_reporters(live) -> None:
    """India, China, the USA, and two of the groups of small reporters that share a call."""
    live(groups=[[INDIA], [CHINA], [842], [40, 703], [196, 442, 470]])


@pytest.fixture
def visitor(server, tmp_path) -> Callable[..., Visitor]:
    def make(*years: int, key: str = KEY, **manners: Any) -> Visitor:
        span = (years[0], years[-1])
        return Visitor("un_comtrade", server.url, span, key=key, manners=manners, folder=tmp_path)

    return make


@pytest.fixture
def live(monkeypatch) -> Callable[..., None]:
    def change(**settings: Any) -> None:
        for name, value in settings.items():
            monkeypatch.setitem(sources()["un_comtrade"].about["live"], name, value)

    return change
