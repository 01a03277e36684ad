"""Visits: publishers are fetched side by side, stop with the build, and find the bundle's files landed before them."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sources.http.fetcher import FetchContext, Fetcher, FetchResult, Task, Window
from sources.registry import sources
from sources.snapshot import BUNDLED
from tests.fakes.server import FakeServer, Fault, Reply, serving
from tests.helpers.artifacts import bundled
from tests.helpers.home_fixtures import SnapshotFolder
from warehouse.ingest import acquire as acquiring
from warehouse.ingest import fetch_run
from warehouse.ingest.acquire import acquire
from warehouse.ingest.fetch_run import run_fetch
from warehouse.ingest.inbox import receive_files
from warehouse.ingest.ingest import land
from warehouse.ingest.visit import Visit
from warehouse.ingest.visit_note import in_a_line, running_visits, write_note
from warehouse.ingest.visits import Visits
from warehouse.settings import Settings
from warehouse.storage.landing import Landing
from warehouse.storage.lock import sole_writer

DAY = date(2024, 1, 1)
TABLE = BUNDLED / "usgs_mcs" / "mcs2024-raree_world.csv"
Fetch = Callable[[FetchContext, Task], FetchResult]


def task(key: str, calls: int = 1) -> Task:
    return Task(key, DAY, DAY, calls, None, "listed")


def fetcher(fetch: Fetch, *keys: str, discover: Callable[[FetchContext], dict[str, Any]] = lambda _: {}) -> Fetcher:
    """A publisher without lists, with a task for each key that was not fetched before."""
    return Fetcher(discover, lambda context: [task(key) for key in keys if key not in context.states], fetch)


def nothing(context: FetchContext, task: Task) -> FetchResult:
    return FetchResult()


def table_of(context: FetchContext, task: Task) -> FetchResult:
    """The USGS's table of 2024, from a request."""
    body = context.http.get(task.key, expect="csv")
    artifact = context.artifact(
        body.path, name=f"{task.key}.csv", layout="mcs2024", partition=f"MCS {task.key}", year=2024,
        edition=f"MCS {task.key}", release="1.0", known_from=DAY, known_basis="stated", url=body.url,
    )  # fmt: skip
    return FetchResult((artifact,))


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with serving(lambda _: Reply(TABLE.read_bytes(), "text/csv")) as server:
        yield server


@pytest.fixture
def settings(tmp_path, server: FakeServer) -> Settings:
    return Settings(home=tmp_path / "home", sources="live", urls=dict.fromkeys(sources(), server.url), pace=0)


@pytest.fixture
def publishers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def put(**given: Fetcher) -> None:
        for module in (fetch_run, acquiring):
            monkeypatch.setattr(module, "fetchers", lambda: given)

    return put


def visit_all(settings: Settings, *codes: str) -> dict[str, Any]:
    with sole_writer(settings, "a test"), Visits(settings) as visits:
        visits.start(dict.fromkeys(codes))
        return {code: acquire(settings, sources()[code], visits) for code in codes}


def test_publishers_are_fetched_side_by_side(settings, publishers) -> None:
    meeting = threading.Barrier(3, timeout=20)

    def meet(context: FetchContext, task: Task) -> FetchResult:
        meeting.wait()
        return FetchResult()

    codes = ("usgs_mcs", "bgs_wms", "cepii_baci")
    publishers(**{code: fetcher(meet, "1", "2") for code in codes})
    assert all(done.failures == [] for done in visit_all(settings, *codes).values())
    assert meeting.n_waiting == 0


def test_a_retry_after_of_one_publisher_stops_no_other(settings, publishers, server) -> None:
    publishers(usgs_mcs=fetcher(table_of, "2024"), bgs_wms=fetcher(nothing, "1", "2", "3"))
    server.add_fault(Fault("status", 429, {"Retry-After": "86400"}), times=-1)
    done = visit_all(settings, "usgs_mcs", "bgs_wms")
    assert (done["usgs_mcs"].deferred, done["bgs_wms"].deferred) == (1, 0)
    assert done["usgs_mcs"].is_owed
    assert "1 task(s) are deferred and continue after" in done["usgs_mcs"].summary()
    assert not done["bgs_wms"].is_owed


def test_a_visit_of_many_hours_leaves_the_rest_to_the_next_build(settings, publishers, server, monkeypatch) -> None:
    """A publisher that sends a byte now and then must not hold a build until Dagster ends it."""

    def slow(context: FetchContext, task: Task) -> FetchResult:
        monkeypatch.setattr(Visit, "seconds_taken", 5 * 3600.0)
        return table_of(context, task)

    publishers(usgs_mcs=fetcher(slow, "2022", "2023"), bgs_wms=fetcher(nothing, "1"))
    done = visit_all(settings, "usgs_mcs", "bgs_wms")
    assert (done["usgs_mcs"].deferred, done["usgs_mcs"].failures, done["bgs_wms"].is_owed) == (2, [], False)
    assert server.requests == []


@pytest.mark.parametrize("run", [run_fetch, receive_files], ids=["fetching", "receiving"])
def test_what_a_killed_run_left_is_removed_after_a_day(settings, publishers, run) -> None:
    publishers(usgs_mcs=fetcher(nothing, "1"))
    old, young = (settings.scratch / f"usgs_mcs-{name}" for name in ("old", "young"))
    for folder, hours in ((old, 25), (young, 1)):
        folder.mkdir(parents=True)
        at = time.time() - hours * 3600
        os.utime(folder, (at, at))
    run(settings, sources()["usgs_mcs"])
    assert (old.exists(), young.exists()) == (False, True)


def test_an_error_of_this_machine_is_raised_for_its_publisher_alone(settings, publishers) -> None:
    def full(context: FetchContext, task: Task) -> FetchResult:
        raise OSError(28, "No space left on device")

    publishers(usgs_mcs=fetcher(full, "1"), bgs_wms=fetcher(nothing, "1"))
    with sole_writer(settings, "a test"), Visits(settings) as visits:
        visits.start(dict.fromkeys(("usgs_mcs", "bgs_wms")))
        with pytest.raises(OSError, match="No space left"):
            acquire(settings, sources()["usgs_mcs"], visits)
        assert acquire(settings, sources()["bgs_wms"], visits).failures == []
        publishers(usgs_mcs=fetcher(nothing, "1"), bgs_wms=fetcher(nothing, "1"))
        visits.start({"usgs_mcs": None})
        assert acquire(settings, sources()["usgs_mcs"], visits).failures == [], "the retried step visits again"


def test_the_end_of_a_build_stops_a_visit_that_waits_and_the_next_one_resumes(settings, publishers, server) -> None:
    publishers(usgs_mcs=fetcher(table_of, "2022", "2023", "2024"))
    server.add_fault(Fault("status", 503, {"Retry-After": "80"}), when=lambda request: request.path == "/2023")
    began = time.monotonic()
    with sole_writer(settings, "a test"), Visits(settings) as visits:
        visits.start({"usgs_mcs": None})
        while len(server.requests) < 2:
            time.sleep(0.02)
    assert time.monotonic() - began < 20
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("visit")]
    assert not settings.visit_file.exists()
    done = visit_all(settings, "usgs_mcs")["usgs_mcs"]
    assert done.failures == []
    assert [request.path for request in server.requests] == ["/2022", "/2023", "/2023", "/2024"]


def test_nothing_lands_of_a_response_that_arrives_after_the_end(settings, publishers, tmp_path) -> None:
    waiting, responds = threading.Event(), threading.Event()

    def late(context: FetchContext, task: Task) -> FetchResult:
        waiting.set()
        responds.wait(20)
        path = context.folder / "late.csv"
        path.write_bytes(TABLE.read_bytes())
        return FetchResult((replace(bundled()["mcs2024-raree_world.csv"], path=path),))

    publishers(usgs_mcs=fetcher(late, "1"))
    settings = settings.model_copy(update={"snapshot": bundle(tmp_path, "policy_events/policy_events.csv").folder})
    with sole_writer(settings, "a test"), Visits(settings) as visits:
        visits.start({"usgs_mcs": None})
        assert waiting.wait(20)
        visits._stop.set()
        responds.set()
    assert Landing(settings.landing).landed() == []


def test_a_run_visits_the_publishers_that_it_lands_each_in_its_own_window(
    settings, publishers, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration.assets.publishers import landing_key
    from orchestration.definitions import defs
    from orchestration.instance import open_instance, prepare_instance
    from orchestration.jobs import REFRESH_WAREHOUSE

    started: list[dict[str, Any]] = []
    start = Visits.start
    monkeypatch.setattr(Visits, "start", lambda self, windows: (started.append(dict(windows)), start(self, windows)))
    for name, value in {"HOME": settings.home, "SOURCES": "live", "LIVE_FROM": 2015}.items():
        monkeypatch.setenv(f"REE_{name}", str(value))
    landed = ("un_comtrade", "usgs_mcs")
    publishers(**dict.fromkeys((*landed, "bgs_wms"), fetcher(nothing, "1")))
    prepare_instance(settings)
    with open_instance(settings) as instance:
        done = (
            defs()
            .resolve_job_def(REFRESH_WAREHOUSE)
            .execute_in_process(
                instance=instance,
                tags={"dagster/asset_partition_range_start": "2019", "dagster/asset_partition_range_end": "2020"},
                asset_selection=[landing_key(code) for code in landed],
                run_config={"ops": {"landing__un_comtrade": {"config": {"first": "2019-04"}}}},
            )
        )
    assert done.success
    years = Window(date(2019, 4, 1), date(2020, 12, 31))
    for windows in started:
        assert set(windows) == set(landed)
        assert windows["un_comtrade"] == years, "partitioned by year, with a span"
        assert windows["usgs_mcs"].first == date(2015, 1, 1), "not partitioned"
    assert all(check.passed for check in done.get_asset_check_evaluations())


# The bundle


def bundle(tmp_path, *files: str) -> SnapshotFolder:
    return SnapshotFolder(tmp_path / "bundle", files)


EDITION = "usgs_mcs/mcs2024-raree_world.csv"


def test_a_publisher_that_is_down_at_the_first_visit_has_its_bundled_figures(settings, publishers, tmp_path) -> None:
    def down(context: FetchContext) -> dict[str, Any]:
        context.http.get("lists")
        return {}

    publishers(usgs_mcs=fetcher(nothing, discover=down), bgs_wms=fetcher(nothing, discover=down))
    here = settings.model_copy(
        update={"snapshot": bundle(tmp_path, EDITION).folder, "urls": dict.fromkeys(sources(), "http://127.0.0.1:9")}
    )
    done = visit_all(here, "usgs_mcs", "bgs_wms")
    assert [item.artifact.name for item in Landing(here.landing).landed("usgs_mcs")] == ["mcs2024-raree_world.csv"]
    assert done["usgs_mcs"].is_owed
    assert (
        "Nothing has been fetched from usgs_mcs yet: its figures are those of 1 bundled" in done["usgs_mcs"].summary()
    )
    assert "Nothing has been fetched from bgs_wms yet, and no file of it is bundled." in done["bgs_wms"].summary()


def test_what_is_fetched_lands_on_top_of_the_bundle_and_the_bundle_lands_once(settings, publishers, tmp_path) -> None:
    def fetched(context: FetchContext, task: Task) -> FetchResult:
        (done,) = table_of(context, task).artifacts
        return FetchResult((replace(done, partition="MCS 2024", edition="MCS 2024", known_from=date(2025, 1, 1)),))

    publishers(usgs_mcs=fetcher(fetched, "2024"))
    folder = bundle(tmp_path, EDITION)
    here = settings.model_copy(update={"snapshot": folder.folder})
    folder.alter(EDITION, folder.read(EDITION).replace(b"2900", b"2950"))
    for _ in range(2):
        visit_all(here, "usgs_mcs")
        channels = [entry.row["came_by"] for entry in Landing(here.landing).ledger.landed()]
        assert channels == ["folder", "fetch"]


@pytest.mark.parametrize("is_same", [True, False], ids=["as bundled", "other figures"])
@pytest.mark.parametrize(("known_from", "lands"), [("2023-06-01", True), ("2026-01-01", False)])
def test_a_newer_bundle_adds_history_and_never_replaces_what_was_fetched(
    settings, server, publishers, tmp_path, known_from: str, lands: bool, is_same: bool
) -> None:
    if not is_same:
        server.responder = lambda _: Reply(TABLE.read_bytes().replace(b"2900", b"2960"), "text/csv")

    def fetched(context: FetchContext, task: Task) -> FetchResult:
        (done,) = table_of(context, task).artifacts
        return FetchResult((replace(done, partition="MCS 2024", edition="MCS 2024", known_from=date(2025, 1, 1)),))

    publishers(usgs_mcs=fetcher(fetched, "2024"))
    folder = bundle(tmp_path, EDITION, "usgs_mcs/MCS2025_World_Data.csv")
    here = settings.model_copy(update={"snapshot": folder.folder})
    visit_all(here, "usgs_mcs")
    before = Landing(here.landing).landed("usgs_mcs")
    folder.release(EDITION, folder.read(EDITION).replace(b"2900", b"2950"), known_from)
    folder.release(
        "usgs_mcs/MCS2025_World_Data.csv", folder.read("usgs_mcs/MCS2025_World_Data.csv") + b"\n", known_from
    )
    land(here, sources()["usgs_mcs"])
    new = [item.artifact for item in Landing(here.landing).landed("usgs_mcs") if item not in before]
    assert ("MCS 2024" in [artifact.partition for artifact in new]) == lands
    assert "MCS 2025" in [artifact.partition for artifact in new], "never fetched: the bundle's newer file is the news"
    of_2024 = [one for one in Landing(here.landing).landed("usgs_mcs") if one.artifact.partition == "MCS 2024"]
    assert of_2024[-1] in before, "what was current stays current"


# The ledger


def test_threads_that_land_at_once_leave_one_chain_of_lines(tmp_path) -> None:
    original = bundled()["mcs2024-raree_world.csv"]

    def land_many(number: int) -> None:
        landing = Landing(tmp_path / "landing")
        for n in range(25):
            landing.land([replace(original, partition=f"{number} {n}", source_code=f"publisher{number}")])

    threads = [threading.Thread(target=land_many, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    landing = Landing(tmp_path / "landing")
    assert landing.ledger.problems() == []
    assert len(landing.landed()) == 100
    assert not list((tmp_path / "landing").rglob("*.partial"))


# What one sees


def test_a_visit_says_what_is_left_by_its_pause_and_by_its_quota() -> None:
    visit = Visit("un_comtrade", pause_s=1.5, calls_left=500)
    visit.begin()
    assert visit.state.seconds_left is None
    unmeasured = replace(visit.state, phase="tasks", tasks=3)
    assert in_a_line([unmeasured]) == "0 of 1 publishers visited; un_comtrade 0 of 3 tasks"
    visit.plan([task(f"{n}", calls=9) for n in range(100)])
    assert (visit.state.calls_due, visit.state.seconds_left, visit.state.is_limited) == (900, 750.0, True)
    visit.finish_tasks(80)
    state = visit.state
    assert (state.tasks_done, state.calls_due, state.seconds_left, state.is_limited) == (80, 180, 270.0, False)
    assert in_a_line([state]) == "0 of 1 publishers visited; un_comtrade 80 of 100 tasks, about 4 min left"
    visit.end()
    assert in_a_line([visit.state]) == "1 of 1 publishers visited"


def test_the_time_of_a_call_is_measured_once_there_are_some(monkeypatch) -> None:
    now = 0.0
    monkeypatch.setattr("warehouse.ingest.visit.time.monotonic", lambda: now)
    visit = Visit("india_tradestat", pause_s=2.5)
    visit.plan([task(f"{n}") for n in range(30)])
    for _ in range(10):
        visit.count_call()
    visit.finish_tasks(10)
    now = 100.0
    assert visit.state.seconds_left == 200.0, "ten seconds a call"


def test_the_note_of_visits_is_read_while_its_process_writes_and_ignored_after(settings) -> None:
    visit = Visit("bgs_wms")
    visit.begin()
    with sole_writer(settings, "run 42"):
        write_note(settings, [visit.state])
        assert running_visits(settings) == [visit.state]
        about = json.loads(settings.visit_file.read_bytes())
        settings.visit_file.write_text(json.dumps(about | {"pid": os.getpid() + 1}), encoding="utf-8")
        assert running_visits(settings) == [], "the note of a process that was killed"
    write_note(settings, [visit.state])
    assert running_visits(settings) == [], "no build runs"


def test_a_line_about_progress_is_logged_every_minute(settings, publishers, monkeypatch, caplog) -> None:
    caplog.set_level("INFO", "ree.visits")
    monkeypatch.setattr("warehouse.ingest.visits._LINE_EVERY_S", 0.1)
    monkeypatch.setattr("warehouse.ingest.visits._NOTED_EVERY_S", 0.05)
    logged = threading.Event()

    def until_logged(context: FetchContext, task: Task) -> FetchResult:
        deadline = datetime.now(UTC) + timedelta(seconds=20)
        while "usgs_mcs 0 of 2 tasks" not in caplog.text and datetime.now(UTC) < deadline:
            logged.wait(0.05)
        return FetchResult()

    publishers(usgs_mcs=fetcher(until_logged, "1", "2"), bgs_wms=fetcher(nothing))
    visit_all(settings, "usgs_mcs", "bgs_wms")
    assert "1 of 2 publishers visited; usgs_mcs 0 of 2 tasks" in caplog.text
