"""Fetch runs: what is due lands task by task, a failure is contained, a killed run resumes where it stopped.

The publisher here is small: two editions behind a list, each a copy of a bundled table. What the real publishers' own
fetchers do is tested beside each of them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sources.http.errors import FetchError, RetryableError, SchemaChangedError
from sources.http.fetcher import FetchContext, Fetcher, FetchResult, Task
from sources.registry import sources
from sources.snapshot import BUNDLED
from tests.fakes.server import FakeServer, Fault, Reply, Request, serving
from tests.publishers.usgs_mcs.fake import FakeUsgs
from warehouse.ingest import fetch_plan, fetch_run
from warehouse.ingest.fetch_context import journal_of
from warehouse.ingest.ingest import ingest, land
from warehouse.settings import Settings
from warehouse.storage.journal import Journal, JournalError
from warehouse.storage.landing import Landing

EDITIONS = {
    "2024": ("mcs2024", "usgs_mcs/mcs2024-raree_world.csv"),
    "2025": ("mcs2025", "usgs_mcs/MCS2025_World_Data.csv"),
    "2026": ("mcs2026", "usgs_mcs/MCS2026_Commodities_Data.csv"),
}


class Editions:
    """Plays the publisher: `list`, and a table per edition; `suffix` makes other bytes that say the same."""

    def __init__(self) -> None:
        self.editions = dict(EDITIONS)
        self.altered: dict[str, bytes] = {}

    def __call__(self, request: Request) -> Reply:
        if request.path == "/list":
            return Reply(json.dumps(sorted(self.editions)).encode())
        year = request.path.rpartition("/")[2]
        return Reply(self.altered.get(year, (BUNDLED / self.editions[year][1]).read_bytes()), "text/csv")


def discover(context: FetchContext) -> dict[str, Any]:
    return {"editions": context.http.get("list", expect="json").json()}


def plan(context: FetchContext) -> list[Task]:
    return [
        Task(year, date(int(year), 1, 1), date(int(year), 12, 31), 1, None, "listed", {"year": year})
        for year in context.catalogue.get("editions", [])
        if context.states.get(year) is None or context.states[year].cursor["day"] != str(context.today)
    ]


def fetch(context: FetchContext, task: Task) -> FetchResult:
    year = task.params["year"]
    body = context.http.get(f"table/{year}", expect="csv")
    artifact = context.artifact(
        body.path, name=f"{year}.csv", layout=EDITIONS[year][0], partition=f"MCS {year}", year=int(year),
        edition=f"MCS {year}", release=f"as uploaded {context.today}", known_from=context.today, known_basis="assumed",
        url=body.url,
    )  # fmt: skip
    return FetchResult((artifact,), {"day": str(context.today)})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    for module in (fetch_run, fetch_plan):
        monkeypatch.setattr(module, "fetchers", lambda: {"usgs_mcs": Fetcher(discover, plan, fetch)})
    source = sources()["usgs_mcs"]
    live = {"base_url": "http://nowhere.invalid", "pause_s": 1.0, "max_bytes": 5_000_000, "fetch_within_days": 40}
    monkeypatch.setitem(source.about, "live", live)
    with serving(Editions()) as server:
        yield server


@pytest.fixture
def settings(tmp_path, server: FakeServer) -> Settings:
    return Settings(home=tmp_path / "home", urls={"usgs_mcs": server.url}, pace=0)


def fetch_all(settings: Settings) -> fetch_run.FetchSummary:
    return fetch_run.run_fetch(settings, sources()["usgs_mcs"])


def landed(settings: Settings) -> list[str]:
    return sorted(item.artifact.partition for item in Landing(settings.landing).landed("usgs_mcs"))


def requested(server: FakeServer) -> list[str]:
    return [request.path for request in server.requests]


def make_all_due(settings: Settings) -> None:
    """Make every task due again, as the next month would."""
    journal = journal_of(settings, "usgs_mcs")
    for partition in landed(settings):
        journal.refuse_partition(partition)


def later(monkeypatch: pytest.MonkeyPatch, **by: float) -> None:
    """Let the warehouse think that it is later."""

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(**by)

    monkeypatch.setattr(fetch_plan, "datetime", Later)


def test_everything_due_lands_and_the_run_is_complete(settings, server) -> None:
    done = fetch_all(settings)
    assert (done.new_artifacts, done.fetched, done.deferred, done.failures) == (3, 3, 0, [])
    assert landed(settings) == ["MCS 2024", "MCS 2025", "MCS 2026"]
    assert fetch_plan.unfinished(settings) == []
    assert fetch_plan.overdue(settings) == []
    assert not list(settings.scratch.iterdir()), "scratch files are gone"


def test_a_second_run_of_the_day_requests_the_list_only(settings, server) -> None:
    fetch_all(settings)
    before = len(server.requests)
    assert fetch_all(settings).new_artifacts == 0
    assert requested(server)[before:] == ["/list"]


def test_a_task_that_another_makes_due_is_fetched_in_the_same_run(settings, server, monkeypatch) -> None:
    def newest_first(context: FetchContext) -> list[Task]:
        """Each edition is due once the one after it has been fetched."""
        due = plan(context)
        return [task for task in due if str(int(task.key) + 1) not in {other.key for other in due}]

    monkeypatch.setattr(fetch_run, "fetchers", lambda: {"usgs_mcs": Fetcher(discover, newest_first, fetch)})
    server.add_fault(Fault("status", 404), when=lambda request: request.path == "/table/2025")
    done = fetch_all(settings)
    assert (done.fetched, len(done.failures)) == (1, 1), "what waits for a task that failed is not due"
    assert requested(server) == ["/list", "/table/2026", "/table/2025"]
    done = fetch_all(settings)
    assert (done.fetched, done.failures) == (2, [])
    assert requested(server)[3:] == ["/list", "/table/2025", "/table/2024"]


def test_other_bytes_that_say_the_same_do_not_land(settings, server) -> None:
    fetch_all(settings)
    make_all_due(settings)
    table = (BUNDLED / EDITIONS["2024"][1]).read_bytes()
    header, *rows = table.splitlines(keepends=True)
    server.responder.altered["2024"] = header + b"".join(reversed(rows))
    done = fetch_all(settings)
    assert (done.fetched, done.new_artifacts) == (3, 0)


def test_other_figures_land_as_a_new_release_beside_the_old(settings, server) -> None:
    fetch_all(settings)
    make_all_due(settings)
    table = (BUNDLED / EDITIONS["2024"][1]).read_bytes()
    assert table.count(b"2900") >= 1
    server.responder.altered["2024"] = table.replace(b"2900", b"2950")
    assert fetch_all(settings).new_artifacts == 1
    assert landed(settings) == ["MCS 2024", "MCS 2024", "MCS 2025", "MCS 2026"]


def test_a_fault_that_lasts_fails_its_task_only_and_the_next_run_repairs_it(settings, server, monkeypatch) -> None:
    server.add_fault(Fault("status", 500), when=lambda request: request.path == "/table/2025", times=-1)
    done = fetch_all(settings)
    assert landed(settings) == ["MCS 2024", "MCS 2026"]
    (failure,) = done.failures
    assert failure.startswith("2025: ")
    assert "500" in failure
    assert fetch_plan.unfinished(settings) == [], "it is left alone for six hours"
    later(monkeypatch, hours=7)
    assert fetch_plan.unfinished(settings) == ["usgs_mcs"]
    server.clear_faults()
    before = len(server.requests)
    done = fetch_all(settings)
    assert done.failures == []
    assert requested(server)[before:] == ["/list", "/table/2025"]
    assert landed(settings) == ["MCS 2024", "MCS 2025", "MCS 2026"]
    assert fetch_plan.unfinished(settings) == []


def test_a_publisher_that_fails_again_and_again_is_asked_less_and_less(settings, server, monkeypatch) -> None:
    server.add_fault(Fault("status", 500), when=lambda request: request.path == "/table/2025", times=-1)
    for _ in range(3):
        fetch_all(settings)
    for hours, due in ((7, []), (23, []), (25, ["usgs_mcs"])):
        later(monkeypatch, hours=hours)
        assert fetch_plan.unfinished(settings) == due


def test_a_list_that_cannot_be_had_is_a_failure_and_raises_nothing(settings, server) -> None:
    server.add_fault(Fault("html"), times=-1)
    done = fetch_all(settings)
    assert landed(settings) == []
    (failure,) = done.failures
    assert failure.startswith("lists: ")
    assert "HTML" in failure


def test_after_three_tasks_in_a_row_without_an_answer_the_rest_waits(settings, server) -> None:
    server.responder.editions |= {"2022": ("mcs2022", ""), "2023": ("mcs2023", "")}
    server.add_fault(Fault("close"), when=lambda request: request.path != "/list", times=-1)
    done = fetch_all(settings)
    assert len(done.failures) == 3
    assert done.deferred == 2


def test_a_service_that_is_out_of_reach_leaves_the_others(settings, server, monkeypatch, caplog) -> None:
    def of_two(context: FetchContext) -> list[Task]:
        day = date(2024, 1, 1)
        return [Task(f"{n}", day, day, 1, None, "listed", {}, "gone" if n % 5 else "here") for n in range(20)]

    def half(context: FetchContext, task: Task) -> FetchResult:
        if task.service == "gone":
            raise RetryableError(task.key, "does not answer.", "later.")
        return FetchResult()

    monkeypatch.setattr(fetch_run, "fetchers", lambda: {"usgs_mcs": Fetcher(discover, of_two, half)})
    done = fetch_all(settings)
    assert (done.fetched, len(done.failures), done.deferred) == (4, 3, 13)
    assert "usgs_mcs gone: out of reach; 13 tasks deferred to the next run" in caplog.text


def test_a_layout_that_changed_is_not_said_to_be_out_of_reach(settings, server, monkeypatch, caplog) -> None:
    server.responder.editions |= {"2022": ("mcs2022", ""), "2023": ("mcs2023", "")}

    def changed(context: FetchContext, task: Task) -> FetchResult:
        raise SchemaChangedError(task.key, "gained ['Rank'].", "declare it.")

    monkeypatch.setattr(fetch_run, "fetchers", lambda: {"usgs_mcs": Fetcher(discover, plan, changed)})
    done = fetch_all(settings)
    assert (len(done.failures), done.deferred) == (3, 2)
    assert "its layout changed; 2 tasks deferred" in caplog.text
    assert "out of reach" not in caplog.text


def test_failures_of_two_kinds_in_turn_give_up_nothing(settings, server, monkeypatch) -> None:
    def either(context: FetchContext, task: Task) -> FetchResult:
        raise (SchemaChangedError if task.key == "2025" else RetryableError)(task.key, "is of no use.", "later.")

    monkeypatch.setattr(fetch_run, "fetchers", lambda: {"usgs_mcs": Fetcher(discover, plan, either)})
    done = fetch_all(settings)
    assert (len(done.failures), done.deferred) == (3, 0)


def test_a_task_that_is_fetched_ends_a_row_of_failures(settings, server, monkeypatch) -> None:
    def every_third(context: FetchContext, task: Task) -> FetchResult:
        if int(task.key) % 3:
            raise RetryableError(task.key, "does not answer.", "later.")
        return FetchResult()

    def many(context: FetchContext) -> list[Task]:
        day = date(2024, 1, 1)
        return [Task(f"{n}", day, day, 1, None, "listed") for n in range(12)]

    monkeypatch.setattr(fetch_run, "fetchers", lambda: {"usgs_mcs": Fetcher(discover, many, every_third)})
    done = fetch_all(settings)
    assert (done.fetched, len(done.failures), done.deferred) == (4, 8, 0)


def test_a_publisher_that_says_come_back_tomorrow_is_left_until_then(settings, server, monkeypatch) -> None:
    tomorrow = {"Retry-After": "86400"}
    server.add_fault(Fault("status", 429, tomorrow), when=lambda request: request.path == "/table/2025")
    done = fetch_all(settings)
    assert (done.fetched, done.deferred, done.failures) == (1, 2, [])
    assert done.not_before is not None
    assert timedelta(hours=23) < done.not_before - datetime.now(UTC) <= timedelta(hours=24)
    assert fetch_plan.unfinished(settings) == [], "not yet"
    later(monkeypatch, hours=25)
    assert fetch_plan.unfinished(settings) == ["usgs_mcs"]


def test_a_publisher_that_says_so_of_its_lists_is_deferred_and_has_not_failed(settings, server) -> None:
    """Nobody has to act, so there is no failure and no alert; the run is still owed."""
    server.add_fault(Fault("status", 429, {"Retry-After": "86400"}), when=lambda request: request.path == "/list")
    done = fetch_all(settings)
    assert (done.fetched, done.deferred, done.failures) == (0, 1, [])
    assert done.not_before is not None


def test_the_days_quota_stops_a_run_before_the_call_and_counts_failed_ones(settings, server) -> None:
    sources()["usgs_mcs"].about["live"]["daily_calls"] = 3
    server.add_fault(Fault("close"), at=2)
    done = fetch_all(settings)
    assert len(server.requests) == 3, "the list, a call that failed, and one that did not"
    assert (done.fetched, done.deferred) == (1, 2)
    assert done.not_before is not None
    assert done.not_before.date() == (datetime.now(UTC) + timedelta(days=1)).date()
    assert fetch_plan.plan(settings, sources()["usgs_mcs"]).calls_left == 0


def test_a_plan_makes_no_call(settings, server) -> None:
    source = sources()["usgs_mcs"]
    assert fetch_plan.plan(settings, source).tasks == ()
    fetch_all(settings)
    make_all_due(settings)
    before = len(server.requests)
    planned = fetch_plan.plan(settings, source)
    assert [task.key for task in planned.tasks] == ["2024", "2025", "2026"]
    assert planned.calls == 3
    assert len(server.requests) == before


class Killed(BaseException):
    """What ends a process, whatever the run does about it."""


def test_a_run_cut_off_before_every_call_in_turn_goes_on_and_asks_for_nothing_twice(
    settings, server, monkeypatch
) -> None:
    call, cut_at = Journal.count_request, 0

    def cut(journal: Journal) -> None:
        nonlocal cut_at
        cut_at -= 1
        if cut_at == 0:
            raise Killed
        call(journal)

    monkeypatch.setattr(Journal, "count_request", cut)
    for cut_at, there in ((1, 0), (2, 0), (3, 1), (2, 1), (3, 2), (2, 2)):  # noqa: B007 - `cut` counts it down
        with pytest.raises(Killed):
            fetch_all(settings)
        assert len(landed(settings)) == there
    assert fetch_all(settings).failures == []
    assert landed(settings) == ["MCS 2024", "MCS 2025", "MCS 2026"]
    assert sorted(path for path in requested(server) if path != "/list") == [
        f"/table/{year}" for year in sorted(EDITIONS)
    ]
    assert not [folder for folder in settings.scratch.iterdir() if list(folder.iterdir())]


def test_a_statement_older_than_the_newest_keeps_its_day_and_is_history(settings, server, monkeypatch) -> None:
    fetch_all(settings)
    make_all_due(settings)
    server.responder.altered["2024"] = (BUNDLED / EDITIONS["2024"][1]).read_bytes().replace(b"2900", b"2950")
    earlier = datetime.now(UTC).date() - timedelta(days=400)

    def older(context: FetchContext, task: Task) -> FetchResult:
        answer = fetch(context, task)
        stated = {"known_from": earlier, "known_basis": "stated"}
        return FetchResult(tuple(replace(artifact, **stated) for artifact in answer.artifacts), answer.cursor)

    monkeypatch.setattr(fetch_run, "fetchers", lambda: {"usgs_mcs": Fetcher(discover, plan, older)})
    assert fetch_all(settings).new_artifacts == 3, "figures that did not change were known earlier than was thought"
    of_2024 = [i.artifact for i in Landing(settings.landing).landed("usgs_mcs") if i.artifact.partition == "MCS 2024"]
    assert (of_2024[0].known_from, of_2024[0].known_basis) == (earlier, "stated")
    assert of_2024[-1].known_from > earlier, "the newest statement is still the first that was fetched"
    make_all_due(settings)
    assert fetch_all(settings).new_artifacts == 0, "it is compared with the statement of its own day"


def test_a_file_uploaded_before_the_newest_statement_held_is_history(tmp_path) -> None:
    """Brazil's reserves in MCS 2026: 21 million t in the file of February, 11 million in the chapter of May."""
    source = sources()["usgs_mcs"]
    fake = FakeUsgs()
    fake.reupload(2026, fake.tables[2026].replace(b'"2,900"', b'"2,901"'), uploaded="2026-02-06")
    with serving(fake) as sciencebase:
        settings = Settings(home=tmp_path / "home", urls={"usgs_mcs": sciencebase.url}, pace=0, live_from=2020)
        land(settings, source)
        done = fetch_run.run_fetch(settings, source)
    assert done.failures == []
    of_2026 = [i.artifact for i in Landing(settings.landing).landed("usgs_mcs") if i.artifact.partition == "MCS 2026"]
    assert {one.known_from.isoformat() for one in of_2026[:-1]} == {"2026-02-06"}
    assert (of_2026[-1].release, of_2026[-1].known_from.isoformat()) == ("1.3", "2026-05-27")


def test_a_signature_and_a_key_id_are_nowhere_in_the_home(tmp_path, caplog) -> None:
    fake, source = FakeUsgs(), sources()["usgs_mcs"]
    fake.signature, fake.signs_links = "c0ffee5ea1edbeefc0ffee5ea1edbeef01", True
    with serving(fake.stored) as storage, serving(fake) as sciencebase, caplog.at_level(logging.DEBUG):
        fake.storage = storage.url
        refused = Fault("status", 403)
        storage.add_fault(refused, times=1)
        settings = Settings(home=tmp_path / "home", urls={"usgs_mcs": sciencebase.url}, pace=0, live_from=2020)
        done = fetch_run.run_fetch(settings, source)
        ingest(settings, "build-1", source)
    assert done.new_artifacts == 13
    (failure,) = done.failures
    written = b"".join(path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file())
    urls = [item.artifact.url for item in Landing(settings.landing).landed("usgs_mcs")]
    assert urls
    assert sciencebase.url.encode() in written or storage.url.encode() in written
    for secret in (fake.signature, "ASIAKEYOFTHEFAKE0001"):
        assert secret.encode() not in written
        assert secret not in caplog.text + failure + "".join(urls)


def test_robots_txt_is_obeyed_unless_the_operator_overrides_it_and_then_the_log_says_so(
    settings, server, caplog
) -> None:
    server.robots = b"User-agent: *\nDisallow: /table/\n"
    done = fetch_all(settings)
    assert (done.new_artifacts, len(done.failures)) == (0, 3)
    assert "REE_IGNORE_ROBOTS=usgs_mcs" in done.failures[0]
    assert requested(server) == ["/list"]
    assert (settings.landing / "robots").is_dir()
    done = fetch_all(settings.model_copy(update={"ignore_robots": "usgs_mcs"}))
    assert (done.new_artifacts, done.failures) == (3, [])
    assert "usgs_mcs: robots.txt is not read, by REE_IGNORE_ROBOTS" in caplog.text
    assert server.robots_requests == 1


def test_a_publisher_that_wants_a_person_is_left_after_three_tasks_and_the_error_names_the_inbox(
    settings, server
) -> None:
    server.responder.editions |= {"2022": ("mcs2022", ""), "2023": ("mcs2023", "")}
    page = Reply(b"<html><title>Human Verification</title></html>", "text/html", 404)
    tables = server.responder
    server.responder = lambda request: page if request.path != "/list" else tables(request)
    done = fetch_all(settings)
    assert (len(done.failures), done.deferred) == (3, 2)
    assert len(server.requests) == 4
    assert "CAPTCHA" in done.failures[0]


def test_an_error_of_a_fetcher_that_will_not_pass_does_not_count_as_out_of_reach(settings, monkeypatch) -> None:
    def refuse(context: FetchContext, task: Task) -> FetchResult:
        raise FetchError(task.key, "is of another shape.", "declare it.")

    monkeypatch.setattr(fetch_run, "fetchers", lambda: {"usgs_mcs": Fetcher(discover, plan, refuse)})
    done = fetch_all(settings)
    assert len(done.failures) == 3
    assert done.deferred == 0


def test_any_exception_of_a_fetcher_fails_its_task_alone(settings, server, monkeypatch) -> None:
    def stumble(context: FetchContext, task: Task) -> FetchResult:
        if task.key == "2024":
            json.loads("[" * 200_000)
        return fetch(context, task)

    monkeypatch.setattr(fetch_run, "fetchers", lambda: {"usgs_mcs": Fetcher(discover, plan, stumble)})
    done = fetch_all(settings)
    (failure,) = done.failures
    assert failure.startswith("2024: usgs_mcs: what was fetched cannot be read (RecursionError: ")
    assert landed(settings) == ["MCS 2025", "MCS 2026"]


def test_any_exception_while_lists_are_read_is_a_failure_of_the_run(settings, server, monkeypatch) -> None:
    def stumble(context: FetchContext) -> dict[str, Any]:
        return {"editions": json.loads(b'{"editions": []}')["edition"]}

    monkeypatch.setattr(fetch_run, "fetchers", lambda: {"usgs_mcs": Fetcher(stumble, plan, fetch)})
    (failure,) = fetch_all(settings).failures
    assert "its lists cannot be read (KeyError: 'edition')" in failure
    assert fetch_plan.last_runs(settings)[0][2] is None, "the run is not complete"


def test_a_damaged_journal_is_named_with_its_remedy(settings, server) -> None:
    fetch_all(settings)
    settings.journal_file.write_bytes(b"not a database" * 1000)
    with pytest.raises(JournalError, match=r"journal\.sqlite: .*Remedy: .*move it away"):
        fetch_all(settings)
    with pytest.raises(JournalError, match=r"journal\.sqlite"):
        fetch_plan.last_runs(settings)


def test_bytes_that_are_gone_from_the_landing_are_stored_again_when_they_are_fetched(settings, server) -> None:
    fetch_all(settings)
    make_all_due(settings)
    gone = Landing(settings.landing).newest("usgs_mcs", {"MCS 2024"})["MCS 2024"].path
    gone.unlink()
    fetch_all(settings)
    assert gone.exists()
    assert landed(settings) == ["MCS 2024", "MCS 2025", "MCS 2026"]
