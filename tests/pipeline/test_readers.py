"""Reading commands open nothing for writing: on a read-only home, and while a build runs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.helpers.home_fixtures import SnapshotFolder
from tests.helpers.project import PROJECT
from tests.helpers.unprivileged import make_read_only, make_writable, run_unprivileged
from tests.helpers.violators import assert_none
from warehouse.release.store import current_release, damage
from warehouse.settings import Settings
from warehouse.storage.journal import Journal

COMMANDS = {
    "status": "Last build: ",
    "releases": "→",
    "sql 'select count(*) from core.dim_area'": "count_star",
    "sql --format csv 'select version from meta.release'": "version",
    "sql --as-of 2026-11-24 'select count(*) from core.fct_quota'": "count_star",
    "why fct_quota quota_type=mining year=2014 earths=all": "The figure",
    "doctor": "content hash",
    "plan": "Next fetch run",
    "diff": "need two releases",
}
"""Every reading command, and words of its output; those of `diff` are an error."""
RUN = """
import shlex, sys
from typer.testing import CliRunner
from orchestration.cli import app
for command in sys.argv[1:]:
    result = CliRunner().invoke(app, shlex.split(command))
    known = result.exception is None or isinstance(result.exception, SystemExit)
    print("COMMAND", command, "" if known else repr(result.exception), result.output)
"""


def outputs(text: str) -> dict[str, str]:
    """What `RUN` printed, by command."""
    parts = text.split("COMMAND ")[1:]
    return {command: part for part in parts for command in COMMANDS if part.startswith(command)}


def files(home: Path) -> dict[str, int]:
    """Every file of a home with its time of change, in nanoseconds."""
    return {str(path): path.lstat().st_mtime_ns for path in home.rglob("*")}


@pytest.fixture
def read_only_home(copy_of_small, tmp_path) -> Settings:
    """A home that nobody may write, in a folder with a blank and an apostrophe, with a journal."""
    home = copy_of_small.home.rename(tmp_path / "it's a home")
    settings = copy_of_small.model_copy(update={"home": home})
    Journal(settings.journal_file, "un_comtrade").count_request()
    make_read_only(home)
    yield settings
    make_writable(home)


def test_every_reading_command_works_on_a_read_only_home_and_changes_nothing(read_only_home) -> None:
    before = files(read_only_home.home)
    done = run_unprivileged(RUN, *COMMANDS, home=read_only_home.home)
    shown = outputs(done.stdout)
    assert shown.keys() == COMMANDS.keys(), done.stdout + done.stderr
    assert_none(f"{command}: {shown[command]}" for command, word in COMMANDS.items() if word not in shown[command])
    assert files(read_only_home.home) == before


@pytest.mark.long
def test_readers_in_a_loop_during_a_build_all_work_and_it_does_not_fail(copy_of_small, snapshot_of, tmp_path) -> None:
    """`ree status` in a loop once killed every build: DuckDB gives the work file to one process."""
    snapshot: SnapshotFolder = snapshot_of()
    file = "usgs_mcs/MCS2025_World_Data.csv"
    environment = os.environ | {
        "REE_HOME": str(copy_of_small.home),
        "REE_SNAPSHOT": str(snapshot.folder),
    }
    done = threading.Event()
    seen: list[str] = []

    def read() -> None:
        loop = ("status", "sql 'select count(*) from core.dim_area'", "releases", "doctor")
        while not done.is_set():
            read = subprocess.run(
                [sys.executable, "-c", RUN, *loop], cwd=PROJECT, env=environment, capture_output=True, text=True,
                check=False,
            )  # fmt: skip
            seen.append(read.stdout + read.stderr)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        snapshot.release(file, snapshot.read(file).replace(b"41600,45000", b"41700,45000"), "2025-06-01")
        build = subprocess.run(
            [sys.executable, "-m", "orchestration.cli", "build"], cwd=tmp_path,
            env=environment | {"PYTHONPATH": str(PROJECT)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert build.returncode == 0, build.stdout + build.stderr
    finally:
        done.set()
        reader.join()
    assert_none(text for text in seen if "Traceback" in text or "Error" in text or "not what was published" in text)
    assert any("Being written: run " in text and "now at " in text for text in seen)
    release = current_release(copy_of_small)
    assert damage(copy_of_small, release) is None
