"""Programs other than ours that read a release: what they add up is right, they lock nothing, they see the next one.

Each client has an environment of its own, from its own lock. `docs/bi.md` says what is tested here.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from warehouse.release.publish import publish
from warehouse.release.store import current_release
from warehouse.settings import Settings

pytestmark = pytest.mark.long

HERE = Path(__file__).parent
CLIENTS = HERE / "clients"
PRINTED_T, HALF_A_DIGIT_T = 380_000, 5_000
"""World mine production of 2024 in MCS 2026, printed to two digits."""
OLDEST, NEWEST = HERE / "requirements-duckdb-1.2.2.txt", CLIENTS / "requirements-duckdb-2.0.1.txt"
OTHERS = CLIENTS / "requirements-python.txt"
CLI = CLIENTS / "requirements-cli.txt"
OF_SUPERSET = CLIENTS / "requirements-sqlalchemy-1.4.txt"
"""Superset 6 demands SQLAlchemy 1.4."""


@pytest.fixture(scope="module")
def node(shared: Path) -> Path:
    """A folder with `client.mjs` and DuckDB's package for Node."""
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("no npm on the PATH: DuckDB's package for Node is not tried")
    folder = shared / "node"
    with FileLock(folder.with_suffix(".lock")):
        if not (folder / "node_modules").exists():
            folder.mkdir(exist_ok=True)
            for name in ("package.json", "package-lock.json", "client.mjs"):
                shutil.copy(CLIENTS / name, folder)
            done = subprocess.run([npm, "ci", "--no-audit"], cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"DuckDB's package for Node cannot be installed here: {done.stderr[-200:]}")
    return folder


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A client with its pipes; it is ended with the block."""
    client = subprocess.Popen(command, cwd=folder, stdin=-1, stdout=-1, stderr=-1, text=True)
    try:
        yield client
    finally:
        client.kill()
        client.communicate()


def answer(client: subprocess.Popen[str]) -> dict[str, Any]:
    """The next line that a client printed."""
    assert client.stdout is not None
    assert client.stderr is not None
    line = client.stdout.readline()
    return dict(json.loads(line)) if line else pytest.fail(client.stderr.read())


def check(
    command: list[str],
    home: Settings,
    candidate: Callable[..., str],
    *,
    keeps_release: bool = True,
    shares: bool = False,
) -> None:
    """A client opens the release, another is published while it has it open, and it opens the release again.

    `keeps_release` says that what is open shows the old one, `shares` that what is opened beside it does too.
    """
    before = current_release(home)
    assert before is not None
    with running([*command, str(home.published)], home.home) as client:
        first = answer(client)
        assert first["version"] == before.version
        assert abs(first["sum"] - PRINTED_T) <= HALF_A_DIGIT_T
        assert first["refusal"], "it writes nothing"
        after = publish(home, candidate(home, "update core.dim_stage set description = 'changed'")).release
        assert client.stdin is not None
        client.stdin.write("published\n")
        client.stdin.flush()
        assert answer(client)["version"] == (before.version if keeps_release else after.version)
        assert answer(client)["version"] == (before.version if shares else after.version)
        assert answer(client) == {"version": after.version, "sum": first["sum"]}


@pytest.mark.parametrize("lock", [OLDEST, OTHERS, NEWEST], ids=["oldest", "ours", "newest"])
def test_duckdb_of_every_age_reads_a_release_and_sees_the_next(lock, environment, copy_of_small, candidate) -> None:
    check([environment(lock), str(CLIENTS / "client.py"), "duckdb_"], copy_of_small, candidate, shares=lock == OLDEST)


@pytest.mark.parametrize(
    ("lock", "name"), [(OF_SUPERSET, "sqlalchemy"), (OTHERS, "sqlalchemy"), (OTHERS, "ibis")],
    ids=["sqlalchemy-1.4", "sqlalchemy-2.0", "ibis"],
)  # fmt: skip
def test_a_library_on_duckdb_reads_a_release_and_sees_the_next(
    lock, name, environment, copy_of_small, candidate
) -> None:
    check([environment(lock), str(CLIENTS / "client.py"), name], copy_of_small, candidate)


def test_the_command_line_reads_a_release_and_sees_the_next(environment, copy_of_small, candidate) -> None:
    check([environment(CLI), str(CLIENTS / "client.py"), "cli"], copy_of_small, candidate)


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_a_library_of_frames_reads_parquet_and_sees_the_next_release(
    name, environment, copy_of_small, candidate
) -> None:
    check([environment(OTHERS), str(CLIENTS / "client.py"), name], copy_of_small, candidate, keeps_release=False)


def test_duckdb_for_node_reads_a_release_and_sees_the_next(node, copy_of_small, candidate) -> None:
    check(["node", str(node / "client.mjs")], copy_of_small, candidate)
