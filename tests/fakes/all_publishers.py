"""All publishers that a program can reach, played together, and what may happen to them from one month to the next.

Belongs here: starting them, the settings that lead to them, and changes that concern a whole run. Does not belong here:
what one of them answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from sources.snapshot.reader import BUNDLED
from tests.fakes.server import Played, playing
from tests.publishers.bgs_wms.fake import PlayedBgs
from tests.publishers.cepii_baci.fake import PlayedBaci
from tests.publishers.india_tradestat.fake import PlayedTradeStat
from tests.publishers.un_comtrade.fake import CHINA, PlayedComtrade
from tests.publishers.usgs_mcs.fake import TABLES, PlayedUsgs


@dataclass
class Stage:
    """The plays by publisher, and the servers that play them."""

    plays: Mapping[str, Any]
    servers: dict[str, Played] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """Variables that lead a warehouse to the played publishers."""
        return {f"REE_URLS__{code.upper()}": server.url for code, server in self.servers.items()}

    def urls(self) -> dict[str, str]:
        """Their base addresses, for `Settings`."""
        return {code: server.url for code, server in self.servers.items()}

    def next_month(self) -> None:
        """India's portal prints July 2026."""
        self.plays["india_tradestat"].publish("2026-07")

    def revision(self) -> None:
        """China releases its year 2024 anew, all values 3 % higher."""
        self.plays["un_comtrade"].revise(CHINA, "2024", 1.03)

    def withdrawal(self) -> None:
        """India's portal takes June 2026 back."""
        self.plays["india_tradestat"].withdraw("2026-06")

    def mend(self) -> None:
        """Every server behaves, and every publisher's layout is the one it had."""
        for server in self.servers.values():
            server.behave()
        table = (BUNDLED / "usgs_mcs" / TABLES[2026]).read_bytes()
        self.plays["usgs_mcs"].reupload(2026, table, "2026-11-22")
        self.plays["india_tradestat"].mend()


@contextmanager
def on_stage(key: str = "", **plays: Callable[..., Any]) -> Iterator[Stage]:
    """Play every publisher while the block lasts; Comtrade takes `key`."""
    stage = Stage(
        {
            "usgs_mcs": PlayedUsgs(),
            "bgs_wms": PlayedBgs(),
            "un_comtrade": PlayedComtrade(key=key),
            "india_tradestat": PlayedTradeStat(),
            "cepii_baci": PlayedBaci(),
            **plays,
        }
    )
    with ExitStack() as open_servers:
        for code, play in stage.plays.items():
            stage.servers[code] = open_servers.enter_context(playing(play))
        yield stage
