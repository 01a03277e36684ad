"""One writer at a time, and a waiting one learns who holds the lock."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.helpers.project import PROJECT
from warehouse.settings import Settings
from warehouse.storage.lock import BusyError, sole_writer

HOLDER = """
import sys, time
from pathlib import Path
from warehouse.storage.lock import sole_writer
from warehouse.settings import Settings
with sole_writer(Settings(home=Path(sys.argv[1])), "run 42"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_writer_is_refused_with_the_holder_the_time_and_the_purpose(settings: Settings) -> None:
    with (
        sole_writer(settings, "ree build"),
        pytest.raises(BusyError, match="is being written by") as refused,
        sole_writer(settings, "ree rollback"),
    ):
        pytest.fail("two writers at once")
    message = str(refused.value)
    assert str(settings.home) in message
    assert f"ree build (process {os.getpid()} on {socket.gethostname()}) since 20" in message
    assert "stays readable" in message


def test_the_lock_is_free_again_when_its_holder_is_done_or_has_failed(settings: Settings) -> None:
    with pytest.raises(ZeroDivisionError), sole_writer(settings, "ree build"):
        raise ZeroDivisionError
    with sole_writer(settings, "ree build"):
        pass
    with sole_writer(settings, "ree rollback"):
        holder_note = json.loads(settings.lock_file.with_suffix(".holder.json").read_text(encoding="utf-8"))
        assert holder_note["what"] == "ree rollback"


def test_a_refused_writer_leaves_the_holders_note(settings: Settings) -> None:
    note = settings.lock_file.with_suffix(".holder.json")
    with sole_writer(settings, "ree build"):
        before = note.read_bytes()
        with pytest.raises(BusyError), sole_writer(settings, "ree rollback"):
            pass
        assert note.read_bytes() == before


def test_no_note_stays_behind_a_writer_that_failed(settings: Settings) -> None:
    """Otherwise the next refused process would name a writer that has ended."""
    with pytest.raises(ZeroDivisionError), sole_writer(settings, "ree build"):
        raise ZeroDivisionError
    assert not settings.lock_file.with_suffix(".holder.json").exists()


def test_a_killed_holder_holds_no_longer(settings: Settings) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(settings.home)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(BusyError, match="run 42"), sole_writer(settings, "ree build"):
        pass
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    began = time.monotonic()
    with sole_writer(settings, "ree build"):
        pass
    assert time.monotonic() - began < 1
    holder.stdout.close()
