"""The cache of the parsed dbt project, with a parser that counts its calls."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from warehouse.settings import Settings
from warehouse.transform import manifest
from warehouse.transform.dbt_runner import TransformError
from warehouse.transform.manifest import parsed_project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dbt project of one model."""
    folder = tmp_path / "project"
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "one.sql").write_text("select 1", encoding="utf-8")
    monkeypatch.setattr("warehouse.settings.find_dbt_project", lambda: folder)
    return folder


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What each parse found of an earlier one."""
    found: list[str] = []

    def parse(settings: Settings, doing: str, command: list[str], target: Path, logs: Path) -> None:
        state = target / "partial_parse.msgpack"
        found.append(state.read_text() if state.exists() else "")
        if (settings.dbt_project / "models" / "broken.sql").exists():
            msg = "it does not compile"
            raise TransformError(msg)
        state.write_text(f"state {len(found)}")
        (target / "manifest.json").write_text("{}")

    monkeypatch.setattr(manifest, "invoke_dbt", parse)
    return found


def test_a_project_is_parsed_once(settings, project, parses) -> None:
    first = parsed_project(settings)
    assert first.manifest.read_text() == "{}"
    assert first.folder.is_relative_to(settings.home)
    assert parsed_project(settings) == first
    assert parses == [""]


def test_an_edited_model_is_parsed_again_from_the_earlier_state_whatever_its_mtime(settings, project, parses) -> None:
    first, model = parsed_project(settings), project / "models" / "one.sql"
    times = model.stat()
    model.write_text("select 2", encoding="utf-8")
    os.utime(model, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert parsed_project(settings) != first
    assert parses == ["", "state 1"]


def test_a_model_that_was_touched_is_not_parsed_again(settings, project, parses) -> None:
    first = parsed_project(settings)
    (project / "models" / "one.sql").touch()
    (project / "target").mkdir()
    (project / "target" / "manifest.json").write_text("of some other tool")
    assert parsed_project(settings) == first
    assert len(parses) == 1


@pytest.mark.parametrize("other", [{"threads": 7}, {"memory_limit": "3GB"}], ids=str)
def test_another_profile_is_parsed_by_itself(settings, project, parses, other) -> None:
    assert parsed_project(settings) != parsed_project(settings.model_copy(update=other))
    assert len(parses) == 2


def test_another_version_of_dbt_parses_from_nothing(settings, project, parses, monkeypatch) -> None:
    first = parsed_project(settings)
    monkeypatch.setattr(manifest, "version", {"dbt-core": "9", "dbt-duckdb": "9"}.get)
    assert parsed_project(settings) != first
    assert parses == ["", ""], "the state of another dbt is not offered to it"


def test_homes_that_share_a_cache_parse_once(settings, project, parses, tmp_path) -> None:
    shared = [Settings(home=tmp_path / name, dbt_cache=tmp_path / "cache") for name in ("one", "two")]
    assert parsed_project(shared[0]) == parsed_project(shared[1])
    assert len(parses) == 1
    assert not any(one.home.exists() for one in shared)


def test_a_project_that_does_not_compile_leaves_nothing_in_the_cache(settings, project, parses) -> None:
    broken = project / "models" / "broken.sql"
    broken.touch()
    for _ in range(2):
        with pytest.raises(TransformError):
            parsed_project(settings)
    broken.unlink()
    assert parsed_project(settings).manifest.exists()
    assert parses == ["", "", ""]


def test_the_cache_stays_small(settings, project, parses) -> None:
    for number in range(12):
        (project / "models" / "one.sql").write_text(f"select {number}", encoding="utf-8")
        last = parsed_project(settings)
    kept = [folder for folder in settings.dbt_cache_folder.iterdir() if folder.is_dir()]
    assert len(kept) == 8
    assert last.folder in kept
