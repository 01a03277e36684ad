"""The record of the last build, and what a reader sees of a build that runs."""

from __future__ import annotations

from warehouse.storage.last_build import end_build, last_build, start_build
from warehouse.storage.lock import active_writer, note_step, sole_writer


def test_before_the_first_build_there_is_no_record(settings) -> None:
    assert last_build(settings) == "none recorded"
    assert not settings.home.exists()


def test_a_build_is_recorded_with_its_start_and_its_end(settings) -> None:
    start_build(settings, "b1")
    end_build(settings, "b1", "published", "2026.11.24.1")
    assert last_build(settings).startswith("published, started 20")
    assert last_build(settings).endswith(" UTC: 2026.11.24.1")


def test_a_build_that_runs_is_running_and_one_that_was_killed_is_interrupted(settings) -> None:
    with sole_writer(settings, "run b1"):
        start_build(settings, "b1")
        assert last_build(settings).startswith("running, started")
    assert last_build(settings).startswith("interrupted, started")


def test_a_long_reason_is_cut(settings) -> None:
    end_build(settings, "b1", "refused", "x" * 1_000_000)
    assert len(last_build(settings)) < 3_000


def test_a_damaged_record_is_no_record(settings) -> None:
    settings.home.mkdir()
    settings.build_file.write_text('{"outcome": ')
    assert last_build(settings) == "none recorded"


def test_readers_see_who_writes_and_at_which_step(settings) -> None:
    assert active_writer(settings) is None
    with sole_writer(settings, "run b1"):
        assert active_writer(settings).step == ""
        note_step(settings, "models")
        assert str(active_writer(settings)).endswith(" UTC, now at models")
    assert active_writer(settings) is None
