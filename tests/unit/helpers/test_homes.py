"""The cache of built homes: built once, copied for each test, rebuilt when the code changes."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from orchestration.run import Outcome
from tests.helpers.homes import Homes, cache_key

CODE = ("sources/a/parse.py", "sources/snapshot/files/a.csv", "dbt_project/models/a.sql", "requirements.lock")
BUILT = Outcome("run", True, "2026.01.01.1", True, 3, 0, {"models": 1.5}, (), ("bgs_wms: 503",), ("fct_quota: a rule",))


@pytest.fixture
def homes(tmp_path) -> Homes:
    return Homes(tmp_path / "cache", "key")


@pytest.fixture
def project(tmp_path) -> Path:
    for file in CODE:
        path = tmp_path / "project" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("before")
    return tmp_path / "project"


def build(root: Path) -> Outcome:
    """Build a home of one file that is written in place, one that is replaced, and a link; count the builds."""
    with (root.parents[2] / "builds").open("a") as file:
        file.write("built\n")
    (root / "home" / "releases").mkdir(parents=True)
    (root / "home" / "work.duckdb").write_text("as built")
    (root / "home" / "releases" / "1").write_text("as built")
    (root / "home" / "published").symlink_to("releases/1")
    return BUILT


def builds(homes: Homes) -> int:
    return len((homes.folder.parent / "builds").read_text().splitlines())


def test_a_home_is_built_once_and_its_outcome_is_kept(homes, tmp_path) -> None:
    copies = [homes.copy("small", build, tmp_path / name) for name in "ab"]
    assert builds(homes) == 1
    assert [outcome for _, outcome in copies] == [BUILT, BUILT]
    assert [settings.home for settings, _ in copies] == [tmp_path / "a" / "home", tmp_path / "b" / "home"]


def test_what_a_test_changes_in_its_copy_reaches_neither_the_cache_nor_another_copy(homes, tmp_path) -> None:
    first = homes.copy("small", build, tmp_path / "a")[0].home
    for name in ("work.duckdb", "published"):
        with (first / name).open("a") as file:
            file.write(", then changed in place")
    (first / "added").write_text("")
    second = homes.copy("small", build, tmp_path / "b")[0].home
    assert (second / "work.duckdb").read_text() == (second / "published").read_text() == "as built"
    assert not (second / "added").exists()
    assert builds(homes) == 1


def copy_in_process(homes: Homes, to: Path) -> None:
    homes.copy("small", build, to)


def test_two_workers_share_one_build(homes, tmp_path) -> None:
    spawn = multiprocessing.get_context("fork")
    workers = [spawn.Process(target=copy_in_process, args=(homes, tmp_path / str(n))) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert builds(homes) == 1


def test_an_interrupted_build_leaves_no_home_and_the_next_one_starts_in_an_empty_folder(homes, tmp_path) -> None:
    def interrupted(root: Path) -> Outcome:
        build(root)
        (root / "home" / "half").write_text("")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        homes.copy("small", interrupted, tmp_path / "a")
    home = homes.copy("small", build, tmp_path / "b")[0].home
    assert not (home / "half").exists()
    assert not (tmp_path / "a").exists()


def test_a_build_that_is_refused_is_not_kept(homes, tmp_path) -> None:
    refused = Outcome("run", False, None, False, 3, 1, {}, ("gate 2: a rule failed",), (), ())
    with pytest.raises(AssertionError, match="gate 2: a rule failed"):
        homes.copy("small", lambda _: refused, tmp_path / "a")
    assert list(homes.folder.rglob("outcome.json")) == []


@pytest.mark.parametrize("file", CODE)
def test_an_edited_file_gives_another_key(project, file) -> None:
    before = cache_key(project, ("sources", "dbt_project", "requirements.lock"))
    (project / file).write_text("after")
    assert cache_key(project, ("sources", "dbt_project", "requirements.lock")) != before


def test_generated_files_do_not_change_the_key(project) -> None:
    before = cache_key(project, ("sources", "dbt_project"))
    for file in ("sources/a/__pycache__/parse.pyc", "dbt_project/target/manifest.json"):
        (project / file).parent.mkdir()
        (project / file).write_text("generated")
    assert cache_key(project, ("sources", "dbt_project")) == before


def test_only_this_key_and_the_one_used_last_are_kept(homes, tmp_path) -> None:
    for number, key in enumerate(("oldest", "old", "key")):
        Homes(homes.folder, key).copy("small", build, tmp_path / str(number))
    homes.prune()
    assert sorted(path.name for path in homes.folder.iterdir() if path.is_dir()) == ["key", "old"]


def test_cleared_homes_are_built_again(homes, tmp_path) -> None:
    homes.copy("small", build, tmp_path / "a")
    homes.clear()
    homes.copy("small", build, tmp_path / "b")
    assert builds(homes) == 2
