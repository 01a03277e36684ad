"""All publishers that a program can reach as fake servers, and what may change from one month to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from sources.snapshot import BUNDLED
from tests.fakes.server import FakeServer, serving
from tests.publishers.bgs_wms.fake import FakeBgs
from tests.publishers.brazil_comexstat.fake import FakeComexStat
from tests.publishers.cepii_baci.fake import FakeBaci
from tests.publishers.eurostat_comext.fake import FakeComext
from tests.publishers.india_tradestat.fake import FakeTradeStat
from tests.publishers.uk_hmrc.fake import FakeHmrc
from tests.publishers.un_comtrade.fake import CHINA, INDIA, FakeComtrade
from tests.publishers.us_census.fake import FakeCensus
from tests.publishers.usgs_mcs.fake import TABLES, FakeUsgs
from warehouse import clock


@dataclass
class FakePublishers:
    """The fakes by publisher, and the servers that run them."""

    fakes: Mapping[str, Any]
    servers: dict[str, FakeServer] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """Variables that point a warehouse to the fake publishers, and those without which some are not asked."""
        urls = {f"REE_URLS__{code.upper()}": server.url for code, server in self.servers.items()}
        key = self.fakes["us_census"].key
        return urls | {"REE_EUROSTAT_COMEXT__FETCH": "true"} | ({"REE_US_CENSUS__KEY": key} if key else {})

    def urls(self) -> dict[str, str]:
        """Their base addresses, for `Settings`."""
        return {code: server.url for code, server in self.servers.items()}

    def next_month(self) -> None:
        """India's portal prints July 2026."""
        self.fakes["india_tradestat"].publish("2026-07")

    def revision(self) -> None:
        """Comtrade releases China's year 2024 and India's February 2026 again today, 3 and 5 % higher."""
        self.fakes["un_comtrade"].today = clock.today()
        self.fakes["un_comtrade"].revise(CHINA, "2024", 1.03)
        self.fakes["un_comtrade"].revise(INDIA, "202602", 1.05)

    def withdrawal(self) -> None:
        """India's portal withdraws June 2026."""
        self.fakes["india_tradestat"].withdraw("2026-06")

    def restore(self) -> None:
        """No server has a fault, and every publisher has its first layout again."""
        for server in self.servers.values():
            server.clear_faults()
        table = (BUNDLED / "usgs_mcs" / TABLES[2026]).read_bytes()
        self.fakes["usgs_mcs"].reupload(2026, table, "2026-11-22")
        self.fakes["india_tradestat"].restore()


@contextmanager
def serving_all(key: str = "", **fakes: Callable[..., Any]) -> Iterator[FakePublishers]:
    """A server for every publisher while the block lasts; Comtrade and the US Census Bureau accept `key`.

    Without one the US Census Bureau is not asked. `fakes` replace the default ones.
    """
    publishers = FakePublishers(
        {
            "usgs_mcs": FakeUsgs(),
            "bgs_wms": FakeBgs(),
            "un_comtrade": FakeComtrade(key=key),
            "us_census": FakeCensus(key=key),
            "india_tradestat": FakeTradeStat(),
            "cepii_baci": FakeBaci(),
            "uk_hmrc": FakeHmrc(),
            "brazil_comexstat": FakeComexStat(),
            "eurostat_comext": FakeComext(),
            **fakes,
        }
    )
    with ExitStack() as open_servers:
        for code, fake in publishers.fakes.items():
            publishers.servers[code] = open_servers.enter_context(serving(fake))
        yield publishers
