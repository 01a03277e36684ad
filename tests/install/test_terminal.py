"""`ree` in terminals and shells of all kinds: a sentence or a table, never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from orchestration import cli
from sources.registry import fetchers
from tests.fakes.server import Fault, Reply, serving
from tests.helpers.project import PROJECT
from warehouse.ingest.fetch_plan import not_asked
from warehouse.settings import Settings

LIKE_HOME = "o'b ]{{ 1 }} ${HOME} #&"


def start(tmp_path: Path, *words: str, stdout: int = subprocess.PIPE, **shell: str | None) -> subprocess.Popen[str]:
    """Start `ree` with these variables in a home of an odd name; None removes a variable."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("REE_")}
    given |= {"REE_HOME": str(tmp_path / LIKE_HOME), "PYTHONPATH": str(PROJECT)}
    given |= {name: value for name, value in shell.items() if value is not None}
    return subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", *words],
        cwd=tmp_path,
        env={name: value for name, value in given.items() if shell.get(name, value) is not None},
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="latin-1",
    )


def run(tmp_path: Path, *words: str, **shell: str | None) -> tuple[int, str, str]:
    with start(tmp_path, *words, **shell) as process:
        output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


SHELLS: dict[str, dict[str, str | None]] = {
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "ASCII, dumb, narrow": {"PYTHONIOENCODING": "ascii", "TERM": "dumb", "COLUMNS": "20", "NO_COLOR": "1"},
    "C, without a home": {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "HOME": None, "COLUMNS": "0"},
    "warnings are errors": {"PYTHONWARNINGS": "error", "PYTHONOPTIMIZE": "1", "TZ": "Asia/Kolkata"},
}


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS.values(), ids=SHELLS)
def test_a_table_is_shown_in_every_shell(tmp_path: Path, shell: dict[str, str | None]) -> None:
    (tmp_path / ".env").write_text("REE_THREADS=x\n", encoding="utf-8")
    code, output, errors = run(tmp_path, "plan", **shell)
    assert (code, errors) == (0, "")
    assert "usgs_mcs" in output.replace("\n", "")


@pytest.mark.slow
def test_a_reader_that_leaves_early_is_no_error_to_read_about(tmp_path: Path) -> None:
    with start(tmp_path, "plan", "--tasks") as process:
        assert process.stdout
        process.stdout.close()
        assert process.stderr
        errors = process.stderr.read()
    assert (process.returncode, errors) == (1, "")


@pytest.mark.slow
def test_output_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with (
        Path("/dev/full").open("w", encoding="utf-8") as full,
        start(tmp_path, "plan", stdout=full.fileno()) as process,
    ):
        assert process.stderr
        errors = process.stderr.read()
    assert process.returncode == 1
    assert "No space left on device" in errors
    assert "Traceback" not in errors


@pytest.mark.slow
def test_python_without_docstrings_is_refused(tmp_path: Path) -> None:
    code, _, errors = run(tmp_path, "releases", PYTHONOPTIMIZE="2")
    assert code == 2
    assert errors.startswith("Unset PYTHONOPTIMIZE")


ENDED_BY_INTERRUPT = (130, -signal.SIGINT)
"""A shell shows 130 for both. CPython ends by the signal itself where it interrupts code that `exec` compiled."""


@pytest.mark.slow
@pytest.mark.parametrize("phase", ["start", "landing"])
def test_ctrl_c_ends_a_build_with_one_line(tmp_path: Path, phase: str) -> None:
    with start(tmp_path, "build", stdout=subprocess.DEVNULL) as process:
        landing = tmp_path / LIKE_HOME / ("dagster" if phase == "start" else "landing")
        until = time.monotonic() + 300
        while not landing.exists() and time.monotonic() < until:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert process.returncode in ENDED_BY_INTERRUPT
    assert errors == "Interrupted.\n"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_build_whose_publishers_do_not_respond(tmp_path: Path, number: signal.Signals) -> None:
    with serving(lambda _: Reply(b"", "text/plain")) as server:
        server.add_fault(Fault("hang"), times=-1)
        urls = {f"REE_URLS__{code.upper()}": server.url for code in fetchers()}
        with start(tmp_path, "build", stdout=subprocess.DEVNULL, REE_SOURCES="live", **urls) as process:
            until = time.monotonic() + 300
            asked = len(fetchers()) - len(not_asked(Settings()))
            while len(server.requests) < asked and time.monotonic() < until:
                time.sleep(0.1)
            sent_at = time.monotonic()
            process.send_signal(number)
            _, errors = process.communicate(timeout=120)
            assert time.monotonic() - sent_at < 25, "before the first response is given up"
    assert process.returncode in ENDED_BY_INTERRUPT
    assert errors == "Interrupted.\n"
    home = tmp_path / LIKE_HOME
    assert not (home / "visit.json").exists()
    assert (home / "landing" / "ledger.jsonl").exists(), "the bundle has landed"


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (KeyboardInterrupt(), 130, "Interrupted."),
        (PermissionError(13, "Permission denied", "/data/ree"), 1, "/data/ree: Permission denied. Change"),
        (OSError(28, "No space left on device"), 1, "No space left on device. The disk is full"),
    ],
)
def test_an_error_of_the_system_is_a_sentence_in_every_command(monkeypatch, capsys, error, code, says) -> None:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr("warehouse.release.store.releases", fail)
    monkeypatch.setattr("sys.argv", ["ree", "releases"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code
    assert " ".join(capsys.readouterr().err.split()).startswith(says)


@pytest.mark.parametrize("query", ["", "-- no more than a comment", " ; "])
def test_an_empty_query_is_a_sentence(warehouse, at, monkeypatch, capsys, query: str) -> None:
    at(warehouse)
    for words in (["sql"], ["sql", "--as-of", "2025-01-01"]):
        monkeypatch.setattr("sys.argv", ["ree", *words, "--", query])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert (ended.value.code, capsys.readouterr().err[:17]) == (1, "there is no query")


def test_a_cell_is_shown_as_it_is(warehouse, at, monkeypatch, capsys) -> None:
    at(warehouse)
    monkeypatch.setattr("sys.argv", ["ree", "sql", "select '[bold]x[/y] :smile:' as a"])
    cli.main()
    assert "[bold]x[/y] :smile:" in capsys.readouterr().out
