"""A build killed at any moment leaves the published release intact, and the next build succeeds.

The parsed dbt project is kept in the home under test, so that a kill while it is written touches no other test's.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from tests.helpers.home_fixtures import SnapshotFolder
from warehouse.release.store import current_release, database, releases
from warehouse.settings import Settings

pytestmark = pytest.mark.slow
MOMENTS = {
    "landing or loading": "work/work.duckdb",
    "building with dbt": "candidate/rare_earths.duckdb",
    "judging at gate 2": "candidate/parquet/core",
    "publishing": "candidate/CHANGES.md",
}
"""What a build writes at the start of each part. It is killed up to a second later."""


def whole(settings: Settings) -> str:
    """The version of the published release, after every byte of it was checked."""
    release = current_release(settings)
    assert release is not None
    package = json.loads((release.folder / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        digest = hashlib.sha256((release.folder / resource["path"]).read_bytes()).hexdigest()
        assert resource["hash"] == f"sha256:{digest}", resource["path"]
    with duckdb.connect(str(database(settings).resolve()), read_only=True) as con:
        assert con.execute("select version from meta.release").fetchall() == [(release.version,)]
        assert con.execute("select count(*) from core.trade_preferred_all_levels").fetchall()[0][0] > 100
    return release.version


def is_newer(path: Path, than: float) -> bool:
    """Whether this build wrote it; a killed one may have left it behind."""
    try:
        return path.stat().st_mtime > than
    except FileNotFoundError:
        return False


def crash_and_recover(
    settings: Settings, snapshot: SnapshotFolder, folder: Path, seed: int, moments: Iterable[str] = MOMENTS
) -> None:
    """Kill a build in each of these parts, at moments drawn from `seed`; then build to the end."""
    file = "usgs_mcs/MCS2025_World_Data.csv"
    revised = snapshot.read(file).replace(b"41600,45000", b"41700,45000")
    snapshot.release(file, revised, "2025-06-01")
    environment = os.environ | {
        "REE_HOME": str(settings.home),
        "REE_SNAPSHOT": str(snapshot.folder),
    }
    for name in ("DAGSTER_HOME", "REE_DBT_CACHE"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "orchestration.cli", "build"]
    before = whole(settings)
    chance = random.Random(seed)  # noqa: S311
    for moment in moments:
        written = MOMENTS[moment]
        began = time.time()
        build = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while build.poll() is None and not is_newer(settings.home / written, began):
            time.sleep(0.005)
        delay = chance.uniform(0, 1)
        time.sleep(delay)
        build.kill()
        build.wait()
        killed = f"killed {delay:.3f} s into {moment} (--seed={seed})"
        assert whole(settings) in {before, *(release.version for release in releases(settings))}, killed
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert whole(settings) != before
    assert not list(settings.home.glob(".published.*")), "no link is left lying about"


def test_builds_killed_at_random_moments_leave_the_release_intact_and_the_next_one_succeeds(
    copy_of_small, snapshot_of, tmp_path, seed
) -> None:
    """Of the parts before the last one, this run kills the build in one that its seed picks."""
    *earlier, last = MOMENTS
    picked = random.Random(seed).choice(earlier)  # noqa: S311
    crash_and_recover(copy_of_small, snapshot_of(), tmp_path, seed, (picked, last))


@pytest.mark.long
@pytest.mark.parametrize("step", range(1, 11))
def test_so_do_builds_killed_at_many_more_moments(copy_of_small, snapshot_of, tmp_path, seed, step) -> None:
    crash_and_recover(copy_of_small, snapshot_of(), tmp_path, seed + step)
