"""Two hundred scheduled ticks in one process: Dagster's scheduler and sensors, against publishers of two years.

Time is moved from one schedule's moment to the next. Each run fetches, lands and loads; one in twenty is built and
released too. What the publishers do is in `tests/fakes/two_years.py`.
"""

from __future__ import annotations

import gc
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from orchestration.retention import KEPT
from tests.fakes.all_publishers import FakePublishers, serving_all
from tests.fakes.server import serving
from tests.fakes.small_snapshot import live_tables, small_snapshot
from tests.fakes.two_years import (
    BRAZIL_REVISED,
    CHINA_REVISED,
    FIRST_DAY,
    OUTAGES,
    REFUSED,
    WITHDRAWN_BY_COMTRADE,
    WITHDRAWN_MONTH,
    TwoYears,
)
from tests.helpers.dagster_daemon import Daemon, daemon_of
from tests.helpers.mail import Post, post_office
from tests.helpers.moved_clock import moved_clock
from tests.helpers.stubbed_build import stubbed_build
from tests.helpers.violators import assert_none
from tests.publishers.cepii_baci.fake import FakeBaci
from tests.publishers.usgs_mcs.fake import FakeUsgs
from warehouse.facts import facts
from warehouse.read.as_of import query_as_of
from warehouse.release.store import current_release, database
from warehouse.settings import Settings

pytestmark = pytest.mark.long

KEY = "a-key-of-the-ticks"
TICKS = 200
BUILT_EVERY = 20
WARM_UP = 40
MOST_MB_A_TICK = 1.0
TICK_RECORDS_KEPT = timedelta(days=91)
"""`retention` of `orchestration/dagster.yaml`, applied by each evaluation."""
STATED = {fact.table: fact for fact in facts().values() if fact.is_stated}
CHINA_2024 = """
select value_usd from core.fct_trade_flow
where source_code = 'un_comtrade' and reporter_code = 'CHN' and partner_code = 'IND' and flow = 'import'
    and product_key = 'HS:2846' and period_type = 'calendar_year' and period_start = date '2024-01-01'
"""
BRAZIL = """
select reserves_t_reo from core.fct_reserves
where source_code = 'usgs_mcs' and edition = 'MCS 2026' and country_code = 'BRA'
"""


@dataclass
class Measured:
    """Memory of this process after a tick, and what is on disk, in MB."""

    tick: int
    day: date
    memory: float
    disk: float
    landing: float
    was_built: bool


@dataclass
class Ticks:
    """The home after all ticks: what was measured, the runs that failed, the alerts that were received.

    `progress` is a file that says how far it is. It is not logged, since runs of Dagster and dbt replace log handlers.
    """

    settings: Settings
    publishers: FakePublishers
    post: Post
    daemon: Daemon
    progress: Path
    measured: list[Measured] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    releases: list[str] = field(default_factory=list)
    _shown: int = 0

    def run(self, script: TwoYears) -> None:
        """Move from moment to moment until so many schedules have fired."""
        clock, done = self.daemon.clock, 0
        self.look()
        moments = Counter[datetime]()
        for moment in self.daemon.firings():
            moments[moment] += 1
            if moments.total() == TICKS:
                break
        for moment, schedules in moments.items():
            is_built = (done + schedules) // BUILT_EVERY > done // BUILT_EVERY
            done += schedules
            for day in [day for day in script.days() if day < moment.date()]:
                script.until(day)
            with nullcontext() if is_built else stubbed_build(self.settings):
                for later in (timedelta(minutes=1), timedelta(hours=13)):
                    script.until((moment + later).date())
                    clock.move_to(moment + later)
                    self._look_at(self.daemon.iterate())
            self._measure(done, is_built=is_built)

    def look(self) -> None:
        """One iteration an hour later: schedules and sensors begin to look, or see how the last runs ended."""
        with stubbed_build(self.settings):
            self.daemon.clock.move_to(self.daemon.clock.now() + timedelta(hours=1))
            self._look_at(self.daemon.iterate())

    def _look_at(self, runs: list[Any]) -> None:
        day = f"{self.daemon.clock.now():%Y-%m-%d}"
        failed = [f"{day} {run.job_name} {run.run_id}" for run in runs if not run.is_success]
        self.failed += failed
        mails = [mail.get_content().partition("\nkind: ")[0] for mail in self.post.mails[self._shown :]]
        self._shown += len(mails)
        self.note(f"{day}: {len(runs)} runs, failed {failed}, alerts {mails}")
        release = current_release(self.settings)
        if release and release.version not in self.releases:
            self.releases.append(release.version)

    def _measure(self, tick: int, *, is_built: bool) -> None:
        for server in self.publishers.servers.values():
            server.requests.clear()
        gc.collect()
        home = self.settings.home
        one = Measured(
            tick, self.daemon.clock.now().date(), _memory(), _size(home) - _size(home / "landing"),
            _size(home / "landing"), is_built,
        )  # fmt: skip
        self.measured.append(one)
        self.note(str(one))

    def note(self, line: str) -> None:
        """Append a line to `progress`."""
        with self.progress.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(database(self.settings)), read_only=True) as con:
            return con.execute(query).fetchall()

    def as_of(self, day: date, query: str) -> list[tuple[Any, ...]]:
        return query_as_of(self.settings, day, query).rows


def _memory() -> float:
    """Resident memory of this process, MB."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1e3


def _size(folder: Path) -> float:
    """Bytes of all files below a folder, MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


@pytest.fixture(scope="module")
def ticks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ticks]:
    from orchestration.run import refresh

    root = tmp_path_factory.mktemp("ticks")
    usgs = FakeUsgs()
    with (
        serving_all(key=KEY, usgs_mcs=usgs, cepii_baci=FakeBaci(years=(2024,))) as publishers,
        serving(usgs) as new_address,
        post_office() as post,
        pytest.MonkeyPatch.context() as patch,
        moved_clock(datetime.combine(FIRST_DAY, time(8), UTC)) as clock,
    ):
        given = {
            "HOME": root / "home", "SOURCES": "live", "SNAPSHOT": small_snapshot(root / "snapshot"),
            "LIVE_FROM": 2024, "UN_COMTRADE__KEY": KEY, "PACE": 0, "TIMEOUT_S": 10,
            "ALERT_EMAIL_TO": "one@example.org", "SMTP_URL": f"smtp://localhost:{post.port}",
        }  # fmt: skip
        for name, value in ({f"REE_{n}": value for n, value in given.items()} | publishers.environment()).items():
            patch.setenv(name, str(value))
        for table, changes in live_tables():
            for name, change in changes.items():
                patch.setitem(table, name, change)
        patch.setattr("warehouse.ingest.visit.Visit.sleep", lambda visit, _: visit.require_running())
        settings = Settings()
        first = refresh(settings)
        assert first.success, "\n".join(first.errors)
        with daemon_of(settings, clock) as daemon:
            done = Ticks(settings, publishers, post, daemon, root / "progress.txt")
            done.run(TwoYears(publishers, new_address))
            done.look()
            yield done


def test_every_run_succeeds(ticks: Ticks) -> None:
    assert ticks.measured[-1].tick == TICKS
    assert sum(one.was_built for one in ticks.measured) == TICKS / BUILT_EVERY
    assert_none(ticks.failed)


def test_every_fault_is_one_alert_when_it_begins_and_one_when_it_is_over(ticks: Ticks) -> None:
    passing = Counter(what for outage in OUTAGES for what in outage.alerts)
    due = passing + Counter([REFUSED])
    begun, over = Counter[str](), Counter[str]()
    for mail in ticks.post.mails:
        lines = mail.get_content().splitlines()
        named = [what for what in due if any(line.startswith(f"{what}: ") for line in lines)]
        assert named, mail.as_string()
        (over if "Over: " in str(mail["Subject"]) else begun).update(named)
    assert begun == due
    assert over == passing


def test_memory_grows_by_less_than_a_megabyte_a_tick(ticks: Ticks) -> None:
    warm = [one for one in ticks.measured if one.tick >= WARM_UP]
    slope, _ = np.polyfit([one.tick for one in warm], [one.memory for one in warm], 1)
    ticks.note(f"memory grows by {slope:.2f} MB a tick, from {warm[0].memory:.0f} to {warm[-1].memory:.0f} MB")
    assert slope < MOST_MB_A_TICK


def test_disk_is_bounded_and_old_records_of_dagster_are_gone(ticks: Ticks) -> None:
    halves = [[one.disk for one in ticks.measured if low <= one.tick < low + TICKS / 2] for low in (20, 101)]
    ticks.note(f"most on disk: {max(halves[0]):.0f} MB in the first half, {max(halves[1]):.0f} MB in the second")
    assert max(halves[1]) < 1.25 * max(halves[0])
    oldest = ticks.daemon.clock.now() - KEPT - timedelta(days=31)
    kept = ticks.daemon.instance.get_run_records(ascending=True, limit=1)[0]
    assert kept.create_timestamp > oldest
    for state in ticks.daemon.instance.all_instigator_state():
        times = [
            tick.timestamp for tick in ticks.daemon.instance.get_ticks(state.instigator_origin_id, state.selector_id)
        ]
        assert not times or max(times) - min(times) < TICK_RECORDS_KEPT.total_seconds(), state.name


def test_nothing_that_was_unchanged_landed_again(ticks: Ticks) -> None:
    """Two loads of a partition that follow one another differ in their rows."""
    repeated = """
    with artifacts as (
        select partition, artifact_sha256, known_from, min(loaded_at) as loaded_at,
            list(table_name || content_sha256 order by table_name) as content
        from ledger.loads where status <> 'refused' group by all
    )
    from (
        select *, lag(content) over (partition by partition order by known_from, loaded_at) as before from artifacts
    ) where content = before"""
    with duckdb.connect(str(ticks.settings.work_file), read_only=True) as con:
        assert_none(con.execute(repeated).fetchall())


def test_a_revised_figure_is_the_new_one_and_the_former_one_before_its_day(ticks: Ticks) -> None:
    days = list(CHINA_REVISED)
    known = [ticks.as_of(day, CHINA_2024)[0][0] for day in (days[0] - timedelta(days=1), *days)]
    factors = list(CHINA_REVISED.values())
    assert known[1:] == pytest.approx([known[0] * factors[0], known[0] * factors[0] * factors[1]], rel=1e-6)
    assert ticks.ask(CHINA_2024 + " and is_latest") == [(known[2],)]
    assert ticks.as_of(BRAZIL_REVISED - timedelta(days=1), BRAZIL) == [(21_000_000.0,)]
    assert ticks.as_of(BRAZIL_REVISED, BRAZIL) == [(11_000_000.0,)]
    assert ticks.ask(BRAZIL + " and is_latest") == [(11_000_000.0,)]


def test_a_withdrawn_figure_has_ended_and_is_kept(ticks: Ticks) -> None:
    of_india = f"""select count(*), count(*) filter (is_latest) from core.fct_trade_total
    where source_code = 'india_tradestat' and flow = 'import' and product_key = 'HS:2846' and period_type = 'month'
        and stated_in = 'usd' and period_start = date '{WITHDRAWN_MONTH}-01'"""
    month = f"{WITHDRAWN_BY_COMTRADE[:4]}-{WITHDRAWN_BY_COMTRADE[4:]}-01"
    of_comtrade = f"""select count(*), count(*) filter (is_latest) from core.fct_trade_flow
    where source_code = 'un_comtrade' and reporter_code = 'IND' and period_type = 'month'
        and period_start = date '{month}'"""
    for query in (of_india, of_comtrade):
        ((stated, latest),) = ticks.ask(query)
        assert stated > 0, query
        assert latest == 0, query


@pytest.mark.parametrize("table", STATED)
def test_on_any_day_one_statement_of_a_fact_is_known(ticks: Ticks, table: str) -> None:
    columns = {name for name, *_ in ticks.ask(f"describe core.{table}")}
    key = [*STATED[table].key, *sorted(columns & {"period_type", "period_end"})]
    same = " and ".join(f"one.{name} is not distinct from other.{name}" for name in key)
    assert_none(
        ticks.ask(
            f"select one, other from core.{table} as one join core.{table} as other on {same}"
            " and one.fact_id < other.fact_id and one.known_from < coalesce(other.known_to, date '9999-12-31')"
            " and other.known_from < coalesce(one.known_to, date '9999-12-31')"
        )
    )


def test_releases_follow_what_the_publishers_do(ticks: Ticks) -> None:
    built = {f"{one.day:%Y.%m.%d}" for one in ticks.measured if one.was_built}
    assert {version.rpartition(".")[0] for version in ticks.releases[1:]} == built
    newest = ticks.ask(
        "select max(period_start) from core.fct_trade_total where source_code = 'india_tradestat' and is_latest"
        " and period_type = 'month'"
    )
    assert newest[0][0] > ticks.measured[-1].day - timedelta(days=240)
