"""A fault at each request of a publisher's visit: what is good loads, and the next visit repairs the rest alone.

A visit and its load run without models. The everyday run draws a request and a fault for each publisher by the seed;
`make test-long` puts every kind of fault at every request, on an empty home and on a bundled one, and draws pairs.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sources.http.fetcher import Task
from sources.registry import sources
from sources.snapshot import BUNDLED
from tests.fakes.server import FakeServer, Fault, Request, serving
from tests.fakes.small_snapshot import live_tables, small_snapshot
from tests.helpers.violators import assert_none
from tests.publishers.bgs_wms.fake import FakeBgs
from tests.publishers.brazil_comexstat.fake import FakeComexStat
from tests.publishers.cepii_baci.fake import FakeBaci
from tests.publishers.eurostat_comext.fake import FakeComext
from tests.publishers.india_tradestat.fake import FakeTradeStat
from tests.publishers.uk_hmrc.fake import FakeHmrc
from tests.publishers.un_comtrade.fake import FakeComtrade
from tests.publishers.us_census.fake import FakeCensus
from tests.publishers.usgs_mcs.fake import FakeUsgs
from warehouse import clock
from warehouse.ingest import fetch_run
from warehouse.ingest.acquire import Acquired, acquire
from warehouse.ingest.fetch_run import refuse_partitions
from warehouse.ingest.ingest import Ingested, ingest
from warehouse.ingest.visit import Visit
from warehouse.ingest.visits import Visits
from warehouse.settings import Settings
from warehouse.storage.landing import Landing
from warehouse.storage.lock import sole_writer

KEY = "a-key-of-the-faults"
TODAY = date(2026, 10, 15)
"""A day by which the fakes' newest months are out. Later, a month that they lack would count as one without trade."""
FAKES: dict[str, Callable[[], Any]] = {
    "usgs_mcs": FakeUsgs,
    "bgs_wms": FakeBgs,
    "un_comtrade": partial(FakeComtrade, key=KEY),
    "us_census": partial(FakeCensus, key=KEY),
    "india_tradestat": FakeTradeStat,
    "cepii_baci": partial(FakeBaci, years=(2024,)),
    "uk_hmrc": FakeHmrc,
    "brazil_comexstat": FakeComexStat,
    "eurostat_comext": FakeComext,
}
SWITCHED_ON: dict[str, dict[str, Any]] = {
    "un_comtrade": {"key": KEY}, "us_census": {"key": KEY}, "eurostat_comext": {"fetch": True},
}  # fmt: skip
FAULTS = {
    "500": Fault("status", 500),
    "403": Fault("status", 403),
    "404": Fault("status", 404),
    "429": Fault("status", 429),
    "429 soon": Fault("status", 429, {"Retry-After": "5"}),
    "429 late": Fault("status", 429, {"Retry-After": "7200"}),
    "challenge": Fault("status", 403, {"cf-mitigated": "challenge"}),
    "close": Fault("close"),
    "truncated": Fault("truncated"),
    "html": Fault("html"),
    "corrupt": Fault("corrupt"),
    "empty": Fault("empty"),
}
HAVE_CHECKSUMS = {"usgs_mcs", "cepii_baci", "eurostat_comext"}
"""Publishers whose files prove that they are whole; a changed digit of the others looks like a figure."""
Place = tuple[Any, ...]
LOADS = "select distinct table_name, partition, content_sha256 from ledger.loads where status <> 'refused' order by all"


def place_of(request: Request) -> Place:
    """What is requested: method, address, form without the session's token, and a query in JSON."""
    form = {name: value for name, value in request.form.items() if name != "_token"}
    query = request.body if request.headers.get("content-type") == "application/json" else ""
    return request.method, request.path, tuple(sorted(request.query.items())), tuple(sorted(form.items())), query


def is_form(code: str, request: Request) -> bool:
    """Whether a request begins a session, which serves many tasks."""
    return code == "india_tradestat" and request.method == "GET"


@dataclass
class Home:
    """A home of one publisher and its server. `finished`: the requests of each task that succeeded in a visit."""

    settings: Settings
    server: FakeServer
    code: str
    finished: list[set[Place]] = field(default_factory=list)

    def visit(self) -> tuple[Acquired, Ingested, list[Place]]:
        """One visit and its load: what arrived, what was loaded, and what was requested."""
        source, before = sources()[self.code], len(self.server.requests)
        self.finished = []
        fetch = fetch_run._FetchRun._fetch

        def watched(run: Any, task: Task) -> None:
            begun = len(self.server.requests)
            fetch(run, task)
            own = [request for request in self.server.requests[begun:] if not is_form(self.code, request)]
            self.finished.append({place_of(request) for request in own})

        with pytest.MonkeyPatch.context() as patch, sole_writer(self.settings, "a test"):
            patch.setattr(fetch_run._FetchRun, "_fetch", watched)
            patch.setattr(clock, "today", lambda: TODAY)
            patch.setattr(Visit, "sleep", lambda visit, _: visit.require_running())
            with Visits(self.settings) as visits:
                visits.start({self.code: None})
                acquired = acquire(self.settings, source, visits)
            done = ingest(self.settings, "a build", source)
            refuse_partitions(self.settings, source, done.refused)
        return acquired, done, [place_of(request) for request in self.server.requests[before:]]

    def loaded(self) -> set[tuple[str, str, str]]:
        """Table, partition and content of everything that is loaded."""
        with duckdb.connect(str(self.settings.work_file), read_only=True) as con:
            return set(con.execute(LOADS).fetchall())


class Homes:
    """Makes homes of a publisher; knows what two visits without a fault request and load."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.empty = small_snapshot(root / "empty")
        self.made = 0
        self._clean: dict[tuple[str, bool], tuple[list[Place], set[Place], set[Any]]] = {}

    def open(self, code: str, server: FakeServer, *, is_bundled: bool) -> Home:
        """A home in which nothing has been fetched; a bundled one is built from the bundle first."""
        self.made += 1
        settings = Settings(
            home=self.root / f"home{self.made}", sources="live", urls={code: server.url}, pace=0, live_from=2024,
            snapshot=BUNDLED if is_bundled else self.empty,
            publishers=SWITCHED_ON,
        )  # fmt: skip
        return Home(settings, server, code)

    def clean(self, code: str, *, is_bundled: bool) -> tuple[list[Place], set[Place], set[Any]]:
        """Requests of a first visit, those of a second one, and what is loaded then."""
        if (code, is_bundled) not in self._clean:
            with serving(FAKES[code]()) as server:
                home = self.open(code, server, is_bundled=is_bundled)
                first, done, requests = home.visit()
                assert not first.is_owed, first.summary()
                assert done.failures == []
                again = set(home.visit()[2])
                assert len(again) < len(set(requests)) or code == "bgs_wms"
                self._clean[code, is_bundled] = requests, again, home.loaded()
        return self._clean[code, is_bundled]


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    with pytest.MonkeyPatch.context() as patch:
        for table, changes in live_tables():
            for name, change in changes.items():
                patch.setitem(table, name, change)
        yield Homes(tmp_path_factory.mktemp("faults"))


def lasting(place: Place) -> Callable[[Request], bool]:
    """Whether a request is for this place."""
    return lambda request: place_of(request) == place


def check(homes: Homes, code: str, places: dict[Place, str], *, is_bundled: bool, times: int) -> None:
    """A visit with a fault at each of these places, and one without: see this file's first lines."""
    _, again, expected = homes.clean(code, is_bundled=is_bundled)
    with serving(FAKES[code]()) as server:
        home = homes.open(code, server, is_bundled=is_bundled)
        for place, kind in places.items():
            server.add_fault(FAULTS[kind], when=lasting(place), times=times)
        acquired, done, _ = home.visit()
        about = f"{code}, {places}, bundled {is_bundled}, times {times}"
        assert_none(f"{about}: {text}" for text in [*acquired.failures, *done.failures] if "Remedy: " not in text)
        assert_none(f"{about}: {text}" for text in [*acquired.failures, *done.failures] if "Traceback" in text)
        landed = {item.artifact.partition for item in Landing(home.settings.landing).landed(code)}
        assert landed - {partition for _, partition, _ in home.loaded()} <= set(done.refused), about
        is_corrupt = "corrupt" in places.values() and code not in HAVE_CHECKSUMS
        assert is_corrupt or home.loaded() <= expected, about
        # a page that is not there is a month that is not out yet: its task succeeds, and is due again
        absent = {place for place, kind in places.items() if kind == "404"}
        finished = {place for task in home.finished if not task & absent for place in task}
        refused = done.refused
        server.clear_faults()
        acquired, done, requests = home.visit()
        assert not acquired.is_owed, f"{about}: {acquired.summary()}"
        assert done.failures == [], about
        if not is_corrupt:
            assert home.loaded() == expected, about
        if not refused:
            assert_none(f"{about}: requested again: {place}" for place in set(requests) & finished - again)
        assert list(home.settings.scratch.glob("*")) == [], about


@pytest.mark.parametrize("code", FAKES)
def test_a_fault_at_a_request_by_chance_is_repaired_by_the_next_visit(homes: Homes, code: str, seed: int) -> None:
    chance = random.Random(f"{seed} {code}")  # noqa: S311 - repeatable by the seed
    place = chance.choice(homes.clean(code, is_bundled=False)[0])
    check(homes, code, {place: chance.choice(list(FAULTS))}, is_bundled=False, times=chance.choice((1, -1)))


@pytest.mark.long
@pytest.mark.parametrize("is_bundled", [False, True], ids=["empty", "bundled"])
@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("code", FAKES)
def test_a_fault_at_each_request_is_repaired_by_the_next_visit(
    homes: Homes, code: str, kind: str, is_bundled: bool
) -> None:
    for place in Counter(homes.clean(code, is_bundled=is_bundled)[0]):
        check(homes, code, {place: kind}, is_bundled=is_bundled, times=-1)


@pytest.mark.long
@pytest.mark.parametrize("code", FAKES)
def test_two_faults_in_one_visit_are_repaired_by_the_next_visit(homes: Homes, code: str, seed: int) -> None:
    chance = random.Random(f"{seed} {code}")  # noqa: S311 - repeatable by the seed
    places = sorted(set(homes.clean(code, is_bundled=False)[0]))
    for _ in range(40):
        pair = {place: chance.choice(list(FAULTS)) for place in chance.sample(places, min(2, len(places)))}
        check(homes, code, pair, is_bundled=False, times=chance.choice((1, -1)))
