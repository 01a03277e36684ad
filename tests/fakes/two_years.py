"""What the publishers do in two years: they release, revise, withdraw, move, add fields, refuse and fall silent.

Each act has its day. Faults have the day of their begin and of their end, so that a test knows which alerts are due.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.fakes.all_publishers import FakePublishers
from tests.fakes.server import FakeServer, Fault
from tests.publishers.un_comtrade.fake import CHINA, INDIA

FIRST_DAY = date(2026, 11, 24)
LAST_DAY = date(2029, 6, 30)
CHINA_REVISED = {date(2027, 1, 10): 1.03, date(2027, 4, 2): 1.05}
"""Comtrade releases China's year 2024 again on these days, its values times the factor."""
WITHDRAWN_MONTH = "2026-05"
"""A month of India's portal that shows 0.00 from 8 January 2027 on."""
WITHDRAWN_BY_COMTRADE = "202601"
BRAZIL_REVISED = date(2026, 12, 5)


@dataclass(frozen=True)
class Outage:
    """A publisher's fault from one day to another. `alerts` are the faults that an alert names, by what they are."""

    code: str
    begin: date
    end: date
    fault: Fault
    alerts: tuple[str, ...] = ()


OUTAGES = (
    Outage("bgs_wms", date(2027, 1, 1), date(2027, 1, 4), Fault("status", 503), ("landing/bgs_wms arrived",)),
    Outage(
        "india_tradestat", date(2027, 3, 4), date(2027, 3, 18),
        Fault("status", 403, {"cf-mitigated": "challenge"}), ("landing/india_tradestat arrived",),
    ),
    Outage("usgs_mcs", date(2027, 4, 5), date(2027, 5, 8), Fault("redirect"), ("landing/usgs_mcs arrived",)),
    Outage(
        "un_comtrade", date(2027, 7, 1), date(2027, 8, 12), Fault("close"),
        ("landing/un_comtrade arrived", "un_comtrade overdue"),
    ),
    Outage("un_comtrade", date(2027, 9, 4), date(2027, 9, 6), Fault("status", 429, {"Retry-After": "86000"})),
    Outage("cepii_baci", date(2028, 2, 1), date(2028, 2, 3), Fault("status", 503), ("landing/cepii_baci arrived",)),
    Outage(
        "india_tradestat", date(2028, 3, 4), date(2028, 5, 1), Fault("close"),
        ("landing/india_tradestat arrived", "india_tradestat overdue"),
    ),
)  # fmt: skip
REFUSED = "raw/bgs_wms__production loaded"
"""An alert that stays open: BGS leaves out a third of what had landed, which loads only when a person accepts it."""
Act = tuple[date, Callable[[], Any]]


@dataclass
class TwoYears:
    """Acts of the publishers that are still to come, in the order of their days. `new_address` takes over the USGS."""

    publishers: FakePublishers
    new_address: FakeServer
    _acts: list[Act] = field(default_factory=list)
    _today: date = FIRST_DAY

    def __post_init__(self) -> None:
        acts = [*self._releases(), *self._changes(), *self._outages()]
        self._acts = sorted(acts, key=lambda act: act[0])

    def days(self) -> list[date]:
        """The days of the acts to come."""
        return [day for day, _ in self._acts]

    def until(self, day: date) -> None:
        """Do everything up to this day."""
        while self._acts and self._acts[0][0] <= day:
            self._today, act = self._acts.pop(0)
            self.publishers.fakes["un_comtrade"].today = self._today
            act()

    def _releases(self) -> list[Act]:
        """A month of Comtrade and of India's portal each month, an edition and an archive each year."""
        of = self.publishers.fakes
        comtrade, portal, usgs, baci = (
            of[code] for code in ("un_comtrade", "india_tradestat", "usgs_mcs", "cepii_baci")
        )
        acts: list[Act] = []
        for number in range(30):
            year, month = divmod(2026 * 12 + 11 + number, 12)
            printed, released = (divmod(year * 12 + month - lag, 12) for lag in (5, 11))
            out, other = f"{printed[0]}-{printed[1] + 1:02}", f"{released[0]}{released[1] + 1:02}"
            acts.append((date(year, month + 1, 15), lambda out=out: portal.publish(out)))
            acts.append((date(year, month + 1, 18), lambda other=other: comtrade.release(CHINA, "M", other)))
        for year in (2027, 2028):
            acts.append((date(year, 2, 3), lambda year=year: usgs.publish_edition(year, f"{year}-02-03")))
            acts.append((date(year, 1, 25), lambda year=year: baci.publish(f"V{year}01")))
            acts.append((date(year, 6, 22), lambda year=year: comtrade.release(CHINA, "A", str(year - 1))))
        return acts

    def _changes(self) -> list[Act]:
        """Figures that are revised or withdrawn, and fields that are added."""
        of = self.publishers.fakes
        comtrade, portal, bgs = of["un_comtrade"], of["india_tradestat"], of["bgs_wms"]
        revised = [
            (day, lambda factor=factor: comtrade.revise(CHINA, "2024", factor)) for day, factor in CHINA_REVISED.items()
        ]
        return [
            *revised,
            (BRAZIL_REVISED, lambda: of["usgs_mcs"].revise(uploaded=str(BRAZIL_REVISED))),
            (date(2027, 2, 10), lambda: portal.revise("2026-07", "CHINA P RP", 1.5)),
            (date(2027, 3, 25), bgs.revise),
            (date(2027, 1, 8), lambda: portal.withdraw(WITHDRAWN_MONTH)),
            (date(2027, 5, 8), lambda: comtrade.withdraw(INDIA, "M", WITHDRAWN_BY_COMTRADE)),
            (date(2027, 6, 20), lambda: bgs.withdraw("IND", 2019)),
            (date(2027, 2, 25), lambda: _add_field(comtrade)),
            (date(2027, 6, 25), lambda: _add_column(bgs)),
        ]

    def _outages(self) -> list[Act]:
        acts: list[Act] = []
        for one in OUTAGES:
            acts.append((one.begin, lambda one=one: self.publishers.servers[one.code].add_fault(one.fault, times=-1)))
            over = self._moved if one.fault.kind == "redirect" else self.publishers.servers[one.code].clear_faults
            acts.append((one.end, over))
        return acts

    def _moved(self) -> None:
        """The operator enters the new address of the publisher that moved."""
        os.environ["REE_URLS__USGS_MCS"] = self.new_address.url


def _add_field(comtrade: Any) -> None:
    for place, records in comtrade.records.items():
        comtrade.records[place] = [record | {"gainedField": "of 2027"} for record in records]


def _add_column(bgs: Any) -> None:
    bgs.records = [record | {"gained_column": "of 2027"} for record in bgs.records]
