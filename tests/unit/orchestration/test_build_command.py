"""`ree build`: it makes a run unless nothing is new, and remembers only a build that had everything."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration import run as module
from orchestration.cli import app
from orchestration.cli import build as command
from orchestration.run import Outcome
from tests.helpers.whole_build import VERSION, home_of_a_whole_build
from warehouse.settings import Settings
from warehouse.storage.last_build import end_build, start_build

NOTHING_CHANGED = f"Nothing changed: release {VERSION} stays current in"


class Runs:
    """Stands for the job: counts its runs, which end as `missing` says, and does something during them."""

    def __init__(self) -> None:
        self.count = 0
        self.missing: tuple[str, ...] = ()
        self.meanwhile: Callable[[], object] = lambda: None

    def refresh(self, settings: Settings, *_: object) -> Outcome:
        self.count += 1
        run_id = f"run {self.count}"
        start_build(settings, run_id)
        self.meanwhile()
        end_build(settings, run_id, "unchanged", VERSION)
        return Outcome(
            run_id=run_id, success=True, version=VERSION, is_new=False, checks=1, failed_checks=0, seconds_by_step={},
            errors=(), missing=self.missing, warnings=(),
        )  # fmt: skip


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runs:
    found = Runs()
    program = tmp_path / "program"
    program.mkdir()
    monkeypatch.setattr(module, "refresh", found.refresh)
    monkeypatch.setattr(command, "PROGRAM", program)
    monkeypatch.setattr(command, "_log_to_console", lambda: None)
    return found


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    made = home_of_a_whole_build(tmp_path)
    for name in ("home", "snapshot", "own_files", "own_labels"):
        monkeypatch.setenv(f"REE_{name.upper()}", str(getattr(made, name)))
    return made


def build(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["build", *options])
    return result.exit_code, " ".join(result.output.split())


def test_a_second_build_makes_no_run_and_says_that_nothing_changed(settings, runs) -> None:
    code, output = build()
    assert (code, runs.count) == (0, 1)
    assert NOTHING_CHANGED in output
    for options in ((), ("--source", "usgs_mcs"), ("--accept-drift", "a reason")):
        assert build(*options) == (0, f"{NOTHING_CHANGED} {settings.published}")
    assert runs.count == 1


@pytest.mark.usefixtures("settings")
def test_a_build_that_lacked_something_is_repeated(runs) -> None:
    runs.missing = ("usgs_mcs: not fetched",)
    assert [build()[0], build()[0], runs.count] == [3, 3, 2]


@pytest.mark.usefixtures("settings")
def test_a_build_of_one_publisher_says_nothing_of_the_others(runs) -> None:
    build("--source", "usgs_mcs")
    build()
    assert runs.count == 2


def test_a_file_that_came_during_a_build_is_found_by_the_next(settings, runs) -> None:
    runs.meanwhile = (settings.snapshot / "usgs_mcs" / "new.csv").touch
    build()
    runs.meanwhile = lambda: None
    build()
    assert runs.count == 2
    build()
    assert runs.count == 2


def test_an_open_fault_is_a_run_since_only_its_success_ends_the_fault(settings, runs) -> None:
    build()
    fault = {"kind": "run_failed", "what": "run", "publisher": "", "text": "killed", "since": "2026-11-24T08:00:00Z"}
    settings.faults_file.write_text(json.dumps([fault]))
    build()
    assert runs.count == 2
    settings.faults_file.write_text("[]")
    build()
    assert runs.count == 2


@pytest.mark.usefixtures("settings")
def test_live_builds_are_runs(runs) -> None:
    build("--live")
    build("--live")
    assert runs.count == 2
