"""The journal of fetch runs: a killed run resumes from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from warehouse.storage import journal as journals
from warehouse.storage.journal import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "visits", "usgs_mcs")


def test_before_the_first_visit_nothing_is_known(journal: Journal) -> None:
    assert journal.looks() == {}
    assert journal.catalogue() == ({}, None)
    assert journal.calls_on(datetime.now(UTC)) == 0
    assert journal.ended() is None
    assert journal.last_complete() is None


def test_the_last_look_at_a_task_stands_with_its_marks(journal: Journal) -> None:
    journal.look("MCS 2026", {"md5": "a"}, "1 new")
    journal.look("MCS 2025", {"md5": "b"}, "1 new")
    journal.look("MCS 2026", {"md5": "c"}, "1 new")
    assert {key: look.marks["md5"] for key, look in journal.looks().items()} == {"MCS 2026": "c", "MCS 2025": "b"}


def test_calls_are_counted_by_the_day(journal: Journal) -> None:
    for _ in range(3):
        journal.call()
    assert journal.calls_on(datetime.now(UTC)) == 3
    assert journal.calls_on(datetime.now(UTC) - timedelta(days=1)) == 0


def test_a_line_cut_off_by_a_crash_costs_only_itself(journal: Journal) -> None:
    journal.call()
    journal.look("a", {}, "")
    file = journal.folder / "usgs_mcs.jsonl"
    file.write_bytes(file.read_bytes() + b'{"at": "2026-11-24T10:00:00+00:00", "lo')
    journal.look("b", {}, "")
    assert set(journal.looks()) == {"a", "b"}
    assert journal.calls_on(datetime.now(UTC)) == 1


def test_the_last_complete_visit_is_told_from_the_last(journal: Journal) -> None:
    journal.end(3, (), 0, None)
    complete = journal.ended()
    journal.end(0, ("MCS 2026: no answer",), 0, None)
    assert complete is not None
    assert journal.last_complete() == complete.at
    last = journal.ended()
    assert last is not None
    assert last.failures == ("MCS 2026: no answer",)
    assert not last.is_complete


def test_a_visit_that_stopped_at_its_quota_says_when_to_come_back(journal: Journal) -> None:
    tomorrow = datetime(2026, 11, 25, 0, 10, tzinfo=UTC)
    journal.end(10, (), 7, tomorrow)
    ended = journal.ended()
    assert ended is not None
    assert (ended.left, ended.not_before, ended.is_complete) == (7, tomorrow, False)


def test_the_catalogue_is_kept_with_the_moment_it_was_found(journal: Journal) -> None:
    journal.keep_catalogue({"editions": ["MCS 2026"]})
    found, at = journal.catalogue()
    assert found == {"editions": ["MCS 2026"]}
    assert at is not None
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)


def test_a_long_journal_is_shortened_and_says_the_same(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    for index in range(50):
        journal.look(f"task {index % 5}", {"round": str(index)}, "")
        journal.call()
    looks = journal.looks()
    before = (journal.folder / "usgs_mcs.jsonl").stat().st_size
    monkeypatch.setattr(journals, "_COMPACT_FROM_BYTES", 1)
    journal.end(1, (), 0, None)
    assert (journal.folder / "usgs_mcs.jsonl").stat().st_size < before
    assert journal.looks() == looks
    assert journal.calls_on(datetime.now(UTC)) == 50
    assert journal.last_complete() is not None
