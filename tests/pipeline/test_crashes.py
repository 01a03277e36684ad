"""A build killed at any moment leaves the published release intact, and the next build succeeds.

The home under test has its own copy of the parsed dbt project, so that no kill touches another test's.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from tests.helpers.home_fixtures import SnapshotFolder
from warehouse.release.publish import publish
from warehouse.release.store import current_release, database, releases
from warehouse.settings import Settings
from warehouse.transform.manifest import parsed_project

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
    parsed = parsed_project(settings).folder
    shutil.copytree(parsed, Settings(home=settings.home, dbt_cache=None).dbt_cache_folder / parsed.name)
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


@pytest.mark.slow
def test_a_build_killed_at_a_random_moment_leaves_the_release_intact_and_the_next_one_succeeds(
    copy_of_small, snapshot_of, tmp_path, seed
) -> None:
    """In one of its parts, which the seed picks."""
    picked = random.Random(seed).choice([*MOMENTS])  # noqa: S311
    crash_and_recover(copy_of_small, snapshot_of(), tmp_path, seed, [picked])


def test_publications_killed_at_random_moments_leave_the_release_intact_and_the_next_one_succeeds(
    copy_of_small, candidate, seed
) -> None:
    """The step of a build that replaces the release, alone and several times."""
    chance = random.Random(seed)  # noqa: S311
    code = (
        "import sys; from warehouse.release.publish import publish; from warehouse.settings import Settings;"
        " publish(Settings(home=sys.argv[1]), sys.argv[2])"
    )
    figure = "update core.fct_production set production_t_reo = {} where country_code = 'CHN' and year = 2023"
    for turn in range(1, 4):
        before = whole(copy_of_small)
        shutil.rmtree(copy_of_small.candidate, ignore_errors=True)
        build_id = candidate(copy_of_small, figure.format(turn))
        publication = subprocess.Popen([sys.executable, "-c", code, str(copy_of_small.home), build_id])
        while publication.poll() is None and not (copy_of_small.candidate / "CHANGES.md").exists():
            time.sleep(0.005)
        delay = chance.uniform(0, 0.5)
        time.sleep(delay)
        publication.kill()
        publication.wait()
        killed = f"killed {delay:.3f} s into publishing, turn {turn} (--seed={seed})"
        assert whole(copy_of_small) in {before, *(release.version for release in releases(copy_of_small))}, killed
    shutil.rmtree(copy_of_small.candidate, ignore_errors=True)
    release, is_new, _ = publish(copy_of_small, candidate(copy_of_small, figure.format(4)))
    assert is_new
    assert whole(copy_of_small) == release.version
    assert not list(copy_of_small.home.glob(".published.*")), "no link is left lying about"


@pytest.mark.long
@pytest.mark.parametrize("step", range(1, 11))
def test_so_do_builds_killed_at_many_more_moments(copy_of_small, snapshot_of, tmp_path, seed, step) -> None:
    crash_and_recover(copy_of_small, snapshot_of(), tmp_path, seed + step)
