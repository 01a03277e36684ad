"""A fake UN Comtrade with few reporters, and a harness that fetches from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from sources.registry import sources
from tests.fakes.server import FakeServer, serving
from tests.helpers.fetch_harness import FetchHarness
from tests.publishers.un_comtrade.fake import CHINA, INDIA, FakeComtrade
from tests.publishers.un_comtrade.live_calls import KEY


@pytest.fixture
def fake() -> FakeComtrade:
    return FakeComtrade(key=KEY)


@pytest.fixture
def server(fake) -> Iterator[FakeServer]:
    with serving(fake) as server:
        yield server


@pytest.fixture(autouse=True)
def few_reporters(live) -> None:
    """India, China, the USA, and two of the groups of small reporters that share a call."""
    live(groups=[[INDIA], [CHINA], [842], [40, 703], [196, 442, 470]])


@pytest.fixture
def harness(server, tmp_path) -> Callable[..., FetchHarness]:
    def make(*years: int, key: str = KEY, premium: bool = False, **config: Any) -> FetchHarness:
        settings = {"premium": premium}
        span = (years[0], years[-1])
        folder = Path(mkdtemp(dir=tmp_path))
        return FetchHarness("un_comtrade", server.url, span, key=key, config=config, settings=settings, folder=folder)

    return make


@pytest.fixture
def live(monkeypatch) -> Callable[..., None]:
    def change(**settings: Any) -> None:
        for name, value in settings.items():
            monkeypatch.setitem(sources()["un_comtrade"].about["live"], name, value)

    return change
