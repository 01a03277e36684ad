"""Visits: what is due lands task by task, a failure stays small, a killed visit goes on where it was.

The publisher here is small: two editions behind a list, each a copy of a bundled table. What the real publishers' own
fetchers do is tested beside each of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sources.http.client import ChangedError, FetchError, PassingError
from sources.http.fetcher import Answer, Fetcher, Task, Visit
from sources.registry import sources
from sources.snapshot.reader import BUNDLED
from tests.fakes.server import Fault, Played, Reply, Request, playing
from warehouse.ingest import fetch_plan as outlook
from warehouse.ingest import fetch_run as visits
from warehouse.settings import Settings
from warehouse.storage.journal import Journal
from warehouse.storage.landing import Landing

EDITIONS = {
    "2024": ("mcs2024", "usgs_mcs/mcs2024-raree_world.csv"),
    "2025": ("mcs2025", "usgs_mcs/MCS2025_World_Data.csv"),
    "2026": ("mcs2026", "usgs_mcs/MCS2026_Commodities_Data.csv"),
}


class Editions:
    """Plays the publisher: `list`, and a table an edition; `suffix` makes other bytes that say the same."""

    def __init__(self) -> None:
        self.editions = dict(EDITIONS)
        self.altered: dict[str, bytes] = {}

    def __call__(self, request: Request) -> Reply:
        if request.path == "/list":
            return Reply(json.dumps(sorted(self.editions)).encode())
        year = request.path.rpartition("/")[2]
        return Reply(self.altered.get(year, (BUNDLED / self.editions[year][1]).read_bytes()), "text/csv")


def discover(visit: Visit) -> dict[str, Any]:
    return {"editions": visit.http.get("list", expect="json").json()}


def plan(visit: Visit) -> list[Task]:
    return [
        Task(year, date(int(year), 1, 1), date(int(year), 12, 31), 1, None, "listed", {"year": year})
        for year in visit.catalogue.get("editions", [])
        if visit.looks.get(year) is None or visit.looks[year].marks["day"] != str(visit.today)
    ]


def fetch(visit: Visit, task: Task) -> Answer:
    year = task.ask["year"]
    body = visit.http.get(f"table/{year}", expect="csv")
    artifact = visit.artifact(
        body.path, name=f"{year}.csv", layout=EDITIONS[year][0], partition=f"MCS {year}", year=int(year),
        edition=f"MCS {year}", release=f"as uploaded {visit.today}", known_from=visit.today, known_basis="assumed",
        url=body.url,
    )  # fmt: skip
    return Answer((artifact,), {"day": str(visit.today)})


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    for module in (visits, outlook):
        monkeypatch.setattr(module, "fetchers", lambda: {"usgs_mcs": Fetcher(discover, plan, fetch)})
    source = sources()["usgs_mcs"]
    live = {"base_url": "http://nowhere.invalid", "pause_s": 1.0, "max_bytes": 5_000_000, "visit_within_days": 40}
    monkeypatch.setitem(source.about, "live", live)
    with playing(Editions()) as server:
        yield server


@pytest.fixture
def settings(tmp_path, played: Played) -> Settings:
    return Settings(home=tmp_path / "home", urls={"usgs_mcs": played.url}, pace=0)


def visit(settings: Settings) -> visits.Visited:
    return visits.visit(settings, sources()["usgs_mcs"])


def landed(settings: Settings) -> list[str]:
    return sorted(item.artifact.partition for item in Landing(settings.landing).landed("usgs_mcs"))


def asked(played: Played) -> list[str]:
    return [request.path for request in played.asked]


def forget_looks(settings: Settings) -> None:
    """Make every task due again, as the next month would."""
    file = settings.landing / "visits" / "usgs_mcs.jsonl"
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if '"look"' not in line]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def later(monkeypatch: pytest.MonkeyPatch, **by: float) -> None:
    """Let the warehouse think that it is later."""

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(**by)

    monkeypatch.setattr(outlook, "datetime", Later)


def test_everything_due_lands_and_the_visit_is_complete(settings, played) -> None:
    done = visit(settings)
    assert (done.new, done.asked, done.left, done.failures) == (3, 3, 0, [])
    assert landed(settings) == ["MCS 2024", "MCS 2025", "MCS 2026"]
    assert outlook.unfinished(settings) == []
    assert outlook.overdue(settings) == []
    assert not list(settings.scratch.iterdir()), "scratch files are gone"


def test_a_second_visit_of_the_day_asks_for_the_list_only(settings, played) -> None:
    visit(settings)
    before = len(played.asked)
    assert visit(settings).new == 0
    assert asked(played)[before:] == ["/list"]


def test_other_bytes_that_say_the_same_do_not_land(settings, played) -> None:
    visit(settings)
    forget_looks(settings)
    table = (BUNDLED / EDITIONS["2024"][1]).read_bytes()
    header, *rows = table.splitlines(keepends=True)
    played.play.altered["2024"] = header + b"".join(reversed(rows))
    done = visit(settings)
    assert (done.asked, done.new) == (3, 0)


def test_other_figures_land_as_a_new_release_beside_the_old(settings, played) -> None:
    visit(settings)
    forget_looks(settings)
    table = (BUNDLED / EDITIONS["2024"][1]).read_bytes()
    assert table.count(b"2900") >= 1
    played.play.altered["2024"] = table.replace(b"2900", b"2950")
    assert visit(settings).new == 1
    assert landed(settings) == ["MCS 2024", "MCS 2024", "MCS 2025", "MCS 2026"]


def test_a_fault_that_lasts_fails_its_task_only_and_the_next_visit_mends_it(settings, played, monkeypatch) -> None:
    played.misbehave(Fault("status", 500), when=lambda request: request.path == "/table/2025", times=-1)
    done = visit(settings)
    assert landed(settings) == ["MCS 2024", "MCS 2026"]
    (failure,) = done.failures
    assert failure.startswith("2025: ")
    assert "500" in failure
    assert outlook.unfinished(settings) == [], "it is left alone for six hours"
    later(monkeypatch, hours=7)
    assert outlook.unfinished(settings) == ["usgs_mcs"]
    played.behave()
    before = len(played.asked)
    done = visit(settings)
    assert done.failures == []
    assert asked(played)[before:] == ["/list", "/table/2025"]
    assert landed(settings) == ["MCS 2024", "MCS 2025", "MCS 2026"]
    assert outlook.unfinished(settings) == []


def test_a_publisher_that_fails_again_and_again_is_asked_less_and_less(settings, played, monkeypatch) -> None:
    played.misbehave(Fault("status", 500), when=lambda request: request.path == "/table/2025", times=-1)
    for _ in range(3):
        visit(settings)
    for hours, due in ((7, []), (23, []), (25, ["usgs_mcs"])):
        later(monkeypatch, hours=hours)
        assert outlook.unfinished(settings) == due


def test_a_list_that_cannot_be_had_is_a_failure_and_raises_nothing(settings, played) -> None:
    played.misbehave(Fault("html"), times=-1)
    done = visit(settings)
    assert landed(settings) == []
    (failure,) = done.failures
    assert failure.startswith("what it has: ")
    assert "HTML" in failure


def test_after_three_tasks_in_a_row_without_an_answer_the_rest_waits(settings, played) -> None:
    played.play.editions |= {"2022": ("mcs2022", ""), "2023": ("mcs2023", "")}
    played.misbehave(Fault("close"), when=lambda request: request.path != "/list", times=-1)
    done = visit(settings)
    assert len(done.failures) == 3
    assert done.left == 2


def test_a_service_that_is_out_of_reach_leaves_the_others(settings, played, monkeypatch, caplog) -> None:
    def of_two(visit: Visit) -> list[Task]:
        day = date(2024, 1, 1)
        return [Task(f"{n}", day, day, 1, None, "listed", {}, "gone" if n % 5 else "here") for n in range(20)]

    def half(visit: Visit, task: Task) -> Answer:
        if task.service == "gone":
            raise PassingError(task.key, "does not answer.", "later.")
        return Answer()

    monkeypatch.setattr(visits, "fetchers", lambda: {"usgs_mcs": Fetcher(discover, of_two, half)})
    done = visit(settings)
    assert (done.asked, len(done.failures), done.left) == (4, 3, 13)
    assert "usgs_mcs gone: out of reach; 13 tasks left for the next run" in caplog.text


def test_a_layout_that_changed_is_not_said_to_be_out_of_reach(settings, played, monkeypatch, caplog) -> None:
    played.play.editions |= {"2022": ("mcs2022", ""), "2023": ("mcs2023", "")}

    def changed(visit: Visit, task: Task) -> Answer:
        raise ChangedError(task.key, "gained ['Rank'].", "declare it.")

    monkeypatch.setattr(visits, "fetchers", lambda: {"usgs_mcs": Fetcher(discover, plan, changed)})
    done = visit(settings)
    assert (len(done.failures), done.left) == (3, 2)
    assert "its layout changed; 2 tasks left" in caplog.text
    assert "out of reach" not in caplog.text


def test_failures_of_two_kinds_in_turn_give_up_nothing(settings, played, monkeypatch) -> None:
    def either(visit: Visit, task: Task) -> Answer:
        raise (ChangedError if task.key == "2025" else PassingError)(task.key, "is of no use.", "later.")

    monkeypatch.setattr(visits, "fetchers", lambda: {"usgs_mcs": Fetcher(discover, plan, either)})
    done = visit(settings)
    assert (len(done.failures), done.left) == (3, 0)


def test_a_publisher_that_says_come_back_tomorrow_is_left_until_then(settings, played, monkeypatch) -> None:
    tomorrow = {"Retry-After": "86400"}
    played.misbehave(Fault("status", 429, tomorrow), when=lambda request: request.path == "/table/2025")
    done = visit(settings)
    assert (done.asked, done.left, done.failures) == (1, 2, [])
    assert done.not_before is not None
    assert timedelta(hours=23) < done.not_before - datetime.now(UTC) <= timedelta(hours=24)
    assert outlook.unfinished(settings) == [], "not yet"
    later(monkeypatch, hours=25)
    assert outlook.unfinished(settings) == ["usgs_mcs"]


def test_the_days_quota_stops_a_visit_before_the_call_and_counts_failed_ones(settings, played) -> None:
    sources()["usgs_mcs"].about["live"]["daily_calls"] = 3
    played.misbehave(Fault("close"), at=2)
    done = visit(settings)
    assert len(played.asked) == 3, "the list, a call that failed, and one that did not"
    assert (done.asked, done.left) == (1, 2)
    assert done.not_before is not None
    assert done.not_before.date() == (datetime.now(UTC) + timedelta(days=1)).date()
    assert outlook.plan(settings, sources()["usgs_mcs"]).calls_left == 0


def test_a_plan_makes_no_call(settings, played) -> None:
    source = sources()["usgs_mcs"]
    assert outlook.plan(settings, source).tasks == ()
    visit(settings)
    forget_looks(settings)
    before = len(played.asked)
    planned = outlook.plan(settings, source)
    assert [task.key for task in planned.tasks] == ["2024", "2025", "2026"]
    assert planned.calls == 3
    assert len(played.asked) == before


class Killed(BaseException):
    """What ends a process, for all that the visit can do about it."""


def test_a_visit_cut_off_before_every_call_in_turn_goes_on_and_asks_for_nothing_twice(
    settings, played, monkeypatch
) -> None:
    call, cut_at = Journal.call, 0

    def cut(journal: Journal) -> None:
        nonlocal cut_at
        cut_at -= 1
        if cut_at == 0:
            raise Killed
        call(journal)

    monkeypatch.setattr(Journal, "call", cut)
    for cut_at, there in ((1, 0), (2, 0), (3, 1), (2, 1), (3, 2), (2, 2)):  # noqa: B007 - `cut` counts it down
        with pytest.raises(Killed):
            visit(settings)
        assert len(landed(settings)) == there
    assert visit(settings).failures == []
    assert landed(settings) == ["MCS 2024", "MCS 2025", "MCS 2026"]
    assert sorted(path for path in asked(played) if path != "/list") == [f"/table/{year}" for year in sorted(EDITIONS)]
    assert not [folder for folder in settings.scratch.iterdir() if list(folder.iterdir())]


def test_a_statement_that_replaces_another_is_not_known_before_it(settings, played, monkeypatch) -> None:
    visit(settings)
    forget_looks(settings)
    played.play.altered["2024"] = (BUNDLED / EDITIONS["2024"][1]).read_bytes().replace(b"2900", b"2950")

    def backdated(visit: Visit, task: Task) -> Answer:
        answer = fetch(visit, task)
        return Answer(tuple(visit.artifact(a.path, **said_of(a, visit)) for a in answer.artifacts), answer.marks)

    def said_of(artifact, visit: Visit) -> dict[str, Any]:
        names = ("name", "layout", "partition", "year", "edition", "release", "url")
        said = {name: getattr(artifact, name) for name in names}
        return said | {"known_from": visit.today - timedelta(days=400), "known_basis": "stated"}

    monkeypatch.setattr(visits, "fetchers", lambda: {"usgs_mcs": Fetcher(discover, plan, backdated)})
    assert visit(settings).new == 1
    newest = max(Landing(settings.landing).landed("usgs_mcs"), key=lambda item: item.sequence)
    assert newest.artifact.known_from == datetime.now(UTC).date()
    assert newest.artifact.known_basis == "assumed"


def test_an_error_of_a_fetcher_that_will_not_pass_does_not_count_as_out_of_reach(settings, monkeypatch) -> None:
    def refuse(visit: Visit, task: Task) -> Answer:
        raise FetchError(task.key, "is of another shape.", "declare it.")

    monkeypatch.setattr(visits, "fetchers", lambda: {"usgs_mcs": Fetcher(discover, plan, refuse)})
    done = visit(settings)
    assert len(done.failures) == 3
    assert done.left == 0
