"""The journal of fetch runs: what a killed run leaves is enough to resume, whoever else writes to it."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from warehouse.storage.journal import RUN_FINISHED, Journal


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "it's a home" / "journal.sqlite"


@pytest.fixture
def journal(file: Path) -> Journal:
    return Journal(file, "usgs_mcs")


def count_many(file: Path, requests: int) -> None:
    for _ in range(requests):
        Journal(file, "un_comtrade").count_request()


def test_before_the_first_run_nothing_is_known_and_reading_creates_no_file(journal: Journal) -> None:
    assert journal.task_states() == {}
    assert journal.catalogue() == ({}, None)
    assert journal.requests_on(datetime.now(UTC)) == 0
    assert journal.last_run() is None
    assert journal.last_complete_run() is None
    assert not journal.file.parent.exists()


def test_the_last_fetch_of_a_task_counts_with_its_cursor(journal: Journal) -> None:
    journal.finish_task("MCS 2026", {"md5": "a"}, "1 new")
    journal.finish_task("MCS 2025", {"md5": "b"}, "1 new")
    journal.finish_task("MCS 2026", {"md5": "c"}, "1 new")
    found = {key: state.cursor["md5"] for key, state in journal.task_states().items()}
    assert found == {"MCS 2026": "c", "MCS 2025": "b"}


def test_publishers_share_the_file_and_not_their_state(file: Path, journal: Journal) -> None:
    other = Journal(file, "bgs_wms")
    journal.finish_task("a", {}, "", ["P"])
    journal.count_request()
    other.finish_task("a", {"n": "2"}, "", ["P"])
    other.refuse_partition("P")
    assert (set(journal.task_states()), set(other.task_states())) == ({"a"}, set())
    assert (journal.requests_on(datetime.now(UTC)), other.requests_on(datetime.now(UTC))) == (1, 0)


def test_a_task_whose_partition_was_refused_is_due_again_until_it_is_fetched(journal: Journal) -> None:
    journal.finish_task("a", {}, "", ["A1", "A2"])
    journal.finish_task("b", {}, "", ["B"])
    journal.refuse_partition("A2")
    assert set(journal.task_states()) == {"b"}
    journal.finish_task("a", {}, "", ["A1"])
    assert set(journal.task_states()) == {"a", "b"}


def test_requests_are_counted_by_the_day(journal: Journal) -> None:
    for _ in range(3):
        journal.count_request()
    assert journal.requests_on(datetime.now(UTC)) == 3
    assert journal.requests_on(datetime.now(UTC) - timedelta(days=1)) == 0


def test_a_transaction_that_fails_leaves_nothing(journal: Journal) -> None:
    journal.finish_task("a", {}, "")
    with pytest.raises(sqlite3.ProgrammingError):
        journal.finish_task("b", {}, "", [object()])  # type: ignore[list-item]
    assert set(journal.task_states()) == {"a"}


def write_half(file: Path) -> None:
    db = sqlite3.connect(file, isolation_level=None)
    db.execute("pragma cache_spill = 1")
    db.execute("pragma cache_size = 5")
    db.execute("begin immediate")
    for n in range(5_000):  # more than the cache holds, so that pages of the transaction are in the file
        db.execute("insert or replace into tasks values ('usgs_mcs', ?, '2026-01-01', '{}')", (f"half {n}",))
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_killed_while_it_writes_loses_only_its_transaction(file: Path, journal: Journal) -> None:
    journal.finish_task("a", {}, "")
    killed = multiprocessing.get_context("spawn").Process(target=write_half, args=(file,))
    killed.start()
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    assert file.with_name("journal.sqlite-journal").exists(), "it was killed in the middle"
    assert set(journal.task_states()) == {"a"}
    journal.finish_task("b", {}, "")
    assert set(journal.task_states()) == {"a", "b"}


def test_two_processes_count_every_request(file: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=count_many, args=(file, 50)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert Journal(file, "un_comtrade").requests_on(datetime.now(UTC)) == 100


def test_the_last_complete_run_is_distinguished_from_the_last(journal: Journal) -> None:
    journal.finish_run(3, (), 0, None)
    complete = journal.last_run()
    journal.finish_run(0, ("MCS 2026: no answer",), 0, None)
    assert complete is not None
    assert journal.last_complete_run() == complete.at
    last = journal.last_run()
    assert last is not None
    assert last.failures == ("MCS 2026: no answer",)
    assert not last.is_complete


def test_a_run_that_stopped_at_its_quota_says_when_the_next_may_start(journal: Journal) -> None:
    tomorrow = datetime(2026, 11, 25, 0, 10, tzinfo=UTC)
    journal.finish_run(10, (), 7, tomorrow)
    last = journal.last_run()
    assert last is not None
    assert (last.deferred, last.not_before, last.is_complete) == (7, tomorrow, False)


def test_an_event_has_a_name_and_named_details(journal: Journal) -> None:
    journal.finish_run(3, (), 0, None)
    with sqlite3.connect(journal.file) as db:
        ((event, details),) = db.execute("select event, details from events").fetchall()
    db.close()
    assert event == RUN_FINISHED == "run_finished"
    assert json.loads(details) == {"new_artifacts": 3, "failures": [], "deferred": 0, "not_before": None}


def test_the_catalogue_is_kept_with_the_moment_it_was_found(journal: Journal) -> None:
    journal.save_catalogue({"editions": ["MCS 2025"]})
    journal.save_catalogue({"editions": ["MCS 2026"]})
    found, at = journal.catalogue()
    assert found == {"editions": ["MCS 2026"]}
    assert at is not None
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
