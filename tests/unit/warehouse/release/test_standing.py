"""Whether a build could find anything new: it could after every change that a run would see, and in every doubt."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from sources.snapshot.provenance import PROVENANCE
from tests.helpers.small_releases import add_release
from tests.helpers.violators import assert_none
from tests.helpers.whole_build import BUILD, VERSION, home_of_a_whole_build, settings_in
from warehouse.release import standing, store
from warehouse.settings import Settings
from warehouse.storage.acceptances import Acceptances
from warehouse.storage.home import HomeError
from warehouse.storage.landing import Landing
from warehouse.storage.last_build import end_build, last_build, start_build
from warehouse.storage.lock import sole_writer

Change = Callable[[Settings], Settings | None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a home and what it reads, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    home_of_a_whole_build(folder)
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Callable[[], Settings]:
    """Copy the home of a whole build, and what it reads."""
    numbers = count()
    return lambda: settings_in(shutil.copytree(made, tmp_path / f"copy{next(numbers)}", symlinks=True))


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "program" / "__pycache__").mkdir(parents=True)
    (tmp_path / "program" / "assets.py").write_text("code")
    return tmp_path / "program"


@pytest.fixture(autouse=True)
def _code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "code_version", lambda: "0.2.0+1f0c3a5b7d9e")  # to hash all code takes 0.1 s


@pytest.fixture
def remembered(copy: Callable[[], Settings], program: Path) -> Callable[[], Settings]:
    """Copy the home and record what its build had read."""

    def make() -> Settings:
        settings = copy()
        read = standing.what_is_read(settings, program)
        assert read is not None
        standing.remember(settings, BUILD, read)
        return settings

    return make


def stands(settings: Settings, program: Path) -> bool:
    return standing.standing_release(settings, standing.what_is_read(settings, program)) is not None


def landed(settings: Settings) -> Path:
    return Landing(settings.landing).path_of("ab" * 32)


def written(path: Path, text: str = "something new") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.chmod(0o600)
    path.write_text(text)


def exchanged(path: Path) -> None:
    """Other bytes in the same file: as many, with the same time of change as programs may set it."""
    before = path.stat()
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.write(b"X")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def recorded(settings: Settings, **fields: str) -> None:
    record = json.loads(settings.inputs_file.read_bytes())
    settings.inputs_file.write_text(json.dumps(record | fields))


def run_days_ago(days: float) -> Change:
    return lambda settings: recorded(settings, ended_at=(datetime.now(UTC) - timedelta(days=days)).isoformat())


def roll_back(settings: Settings) -> None:
    add_release(settings, "2026.11.23.1")


def build_again(settings: Settings, outcome: str) -> None:
    start_build(settings, "b2")
    if outcome:
        end_build(settings, "b2", outcome, VERSION)


OUTSIDE: dict[str, Change] = {
    "a file of the snapshot has other bytes": lambda s: exchanged(s.snapshot / "usgs_mcs" / "mcs.csv"),
    "a file of the snapshot is new": lambda s: written(s.snapshot / "usgs_mcs" / "new.csv"),
    "a file of the snapshot is gone": lambda s: (s.snapshot / "usgs_mcs" / "mcs.csv").unlink(),
    "a row of the provenance is corrected": lambda s: exchanged(s.snapshot / PROVENANCE),
    "the snapshot is gone": lambda s: shutil.rmtree(s.snapshot),
    "a file of the user's own has other bytes": lambda s: exchanged(s.own_files / "usgs_mcs" / "mcs.csv"),
    "an own label is corrected": lambda s: exchanged(s.own_labels),
    "the own labels are gone": lambda s: s.own_labels.unlink(),
    "the user's own files are left out": lambda s: s.model_copy(update={"own_files": None}),
    "the as-of day is another": lambda s: s.model_copy(update={"as_of_day": date(2025, 12, 31)}),
    "only what has landed is used": lambda s: s.model_copy(update={"sources": "landing"}),
    "publishers are live": lambda s: s.model_copy(update={"sources": "live"}),
}
INSIDE: dict[str, Change] = {
    "landed bytes are gone": lambda s: landed(s).unlink(),
    "landed bytes are damaged": lambda s: exchanged(landed(s)),
    "the ledger has another line": lambda s: written(Landing(s.landing).ledger.path, "a line\nanother"),
    "a person accepted a file": lambda s: Acceptances(s.landing).add("ab" * 32, "looked at"),
    "the work file is gone": lambda s: s.work_file.unlink(),
    "the work file is damaged": lambda s: exchanged(s.work_file),
    "the work file was not closed": lambda s: written(s.work_file.with_name("work.duckdb.wal")),
    "a file is dropped into the inbox": lambda s: written(s.inbox / "china_customs" / "exports.csv"),
    "a file is dropped into an inbox that had none": lambda s: written(s.inbox / "un_comtrade" / "exports.csv"),
    "an inbox is gone": lambda s: shutil.rmtree(s.inbox / "china_customs"),
    "a table of the release has other bytes": lambda s: exchanged(s.releases / VERSION / "rare_earths.duckdb"),
    "a file of the release is gone": lambda s: (s.releases / VERSION / "CHANGES.md").unlink(),
    "the release is gone": lambda s: shutil.rmtree(s.releases / VERSION),
    "the link to the release is gone": lambda s: s.published.unlink(),
    "another release is current": roll_back,
}
HISTORY: dict[str, Change] = {
    "a later build was refused": lambda s: build_again(s, "refused"),
    "a later build was interrupted": lambda s: build_again(s, ""),
    "a later run of Dagster's left no record of what it read": lambda s: build_again(s, "unchanged"),
    "the last build is not known": lambda s: s.build_file.unlink(),
    "the record is gone": lambda s: s.inputs_file.unlink(),
    "the record is cut off": lambda s: written(s.inputs_file, '{"build_id": "b1"'),
    "the record has another form": lambda s: recorded(s, ended_at="last week"),
    "the last run was a week ago": run_days_ago(7.01),
    "the clock was set back": run_days_ago(-0.01),
}


def test_after_a_whole_build_nothing_is_new_until_something_changes(remembered, program) -> None:
    settings = remembered()
    for _ in range(2):
        assert stands(settings, program)
    run_days_ago(6.9)(settings)
    (settings.snapshot / ".DS_Store").touch()
    written(settings.inbox / "china_customs" / "done" / "seen.csv")
    written(program / "__pycache__" / "assets.pyc")
    assert stands(settings, program)
    assert stands(settings.model_copy(update={"accept_drift": "a reason for nothing"}), program)


def test_every_change_that_a_run_would_see_and_every_doubt_is_a_run(remembered, program) -> None:
    def is_overlooked(change: Change) -> bool:
        settings = remembered()
        assert standing._read(settings) is not None
        return stands(change(settings) or settings, program)

    assert_none(name for name, change in {**OUTSIDE, **INSIDE, **HISTORY}.items() if is_overlooked(change))


def test_a_large_file_is_not_read_and_its_change_is_seen(remembered, program, monkeypatch) -> None:
    monkeypatch.setattr(standing, "_LARGE", 10)
    settings = remembered()
    large = settings.snapshot / "usgs_mcs" / "mcs.csv"
    assert standing._content(large) == ""
    assert stands(settings, program)
    exchanged(large)
    assert not stands(settings, program)


def test_other_code_is_a_run(remembered, program, monkeypatch) -> None:
    settings = remembered()
    exchanged(program / "assets.py")
    assert not stands(settings, program)
    settings = remembered()
    monkeypatch.setattr(standing, "code_version", lambda: "0.2.0+000000000000")
    assert not stands(settings, program)


def test_a_release_without_its_site_is_a_run(remembered, program, monkeypatch) -> None:
    settings = remembered()
    monkeypatch.setattr(standing, "site_fault", lambda _: "KeyError: 'year'")
    assert not stands(settings, program)


def test_another_writer_is_a_run_which_says_who_writes(remembered, program) -> None:
    settings = remembered()
    with sole_writer(settings, "a long build"):
        assert not stands(settings, program)
    assert last_build(settings).startswith("published, started")


def test_a_home_without_space_is_a_run_which_says_so(remembered, program, monkeypatch) -> None:
    def full(_: Settings) -> None:
        raise HomeError

    settings = remembered()
    monkeypatch.setattr(standing, "require_space", full)
    assert not stands(settings, program)


def test_a_look_that_found_nothing_new_is_the_last_build(remembered, program) -> None:
    settings = remembered()
    about = json.loads(settings.build_file.read_bytes())
    settings.build_file.write_text(json.dumps(about | {"started_at": "2026-11-24T08:00:00+00:00"}))
    assert stands(settings, program)
    assert last_build(settings).startswith("unchanged, started 20")
    assert last_build(settings).endswith(f" UTC: {VERSION}")
    assert "2026-11-24 08:00" not in last_build(settings)


def test_a_build_is_remembered_only_while_it_is_the_last_and_has_a_release(copy, program) -> None:
    for name, later in {"refused": "refused", "another": "unchanged", "interrupted": ""}.items():
        settings = copy()
        build_again(settings, later)
        standing.remember(settings, BUILD, "what was read")
        assert not settings.inputs_file.exists(), name
    settings = copy()
    with sole_writer(settings, "the next build"):
        standing.remember(settings, BUILD, "what was read")
    assert not settings.inputs_file.exists()


def test_a_release_of_another_day_is_none_of_the_build(copy, program) -> None:
    """A roll-back between the end of a build and its record would make an older release look like the build's own."""
    settings = copy()
    add_release(settings, "2026.11.23.1")
    read = standing.what_is_read(settings, program)
    standing.remember(settings, BUILD, read)
    assert not stands(settings, program)
    store.roll_back(settings, VERSION)
    assert stands(settings, program)
