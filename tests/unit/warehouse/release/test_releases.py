"""Releases on disk: order, pruning, roll-back. Folders with two files stand in for releases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from warehouse.release import publish as releasing
from warehouse.settings import Settings

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)


def make(settings: Settings, version: str, days: int) -> Path:
    folder = settings.releases / version
    (folder / "parquet" / "meta").mkdir(parents=True)
    about = {"version": version, "built_at": BEGAN + timedelta(days=days), "code_version": "0"}
    pl.DataFrame([about]).write_parquet(folder / "parquet" / "meta" / "release.parquet")
    (folder / "datapackage.json").write_text("{}")
    return folder


@pytest.fixture
def three(settings: Settings) -> Settings:
    for days, version in enumerate(("2026.11.1.9", "2026.11.1.10", "2026.11.2.1")):
        releasing._point_to(settings, make(settings, version, days))
    return settings


def versions(settings: Settings) -> list[str]:
    return [release.version for release in releasing.releases(settings)]


def test_releases_are_listed_by_when_they_were_built_not_by_their_spelling(three) -> None:
    assert versions(three) == ["2026.11.1.9", "2026.11.1.10", "2026.11.2.1"]
    assert releasing.current_release(three).version == "2026.11.2.1"


def test_a_folder_that_is_no_whole_release_is_not_listed(three) -> None:
    (three.releases / "2026.11.3.1" / "parquet").mkdir(parents=True)
    assert len(versions(three)) == 3


def test_the_published_link_is_relative_so_that_a_home_can_be_moved(three) -> None:
    moved = three.home.rename(three.home.with_name("moved"))
    assert releasing.current_release(Settings(home=moved)).version == "2026.11.2.1"


def test_going_back_makes_the_release_before_current_and_loses_none(three) -> None:
    assert releasing.roll_back(three).version == "2026.11.1.10"
    assert releasing.current_release(three).version == "2026.11.1.10"
    assert releasing.roll_back(three).version == "2026.11.1.9"
    assert len(versions(three)) == 3


def test_going_back_and_forth_by_name(three) -> None:
    assert releasing.roll_back(three, "2026.11.1.9").version == "2026.11.1.9"
    assert releasing.roll_back(three, "2026.11.2.1").version == "2026.11.2.1"
    assert releasing.current_release(three).version == "2026.11.2.1"


def test_going_back_from_the_first_release_is_refused_and_changes_nothing(three) -> None:
    releasing.roll_back(three, "2026.11.1.9")
    with pytest.raises(LookupError, match="before the current one"):
        releasing.roll_back(three)
    assert releasing.current_release(three).version == "2026.11.1.9"


def test_going_back_to_a_version_that_is_gone_names_those_that_are_there(three) -> None:
    with pytest.raises(LookupError, match=r"2026\.11\.1\.10"):
        releasing.roll_back(three, "2025.1.1.1")


def test_going_back_with_nothing_published_is_refused(settings) -> None:
    with pytest.raises(LookupError):
        releasing.roll_back(settings)


def test_the_last_three_are_kept(three) -> None:
    releasing._point_to(three, make(three, "2026.11.4.1", 5))
    releasing._prune(three)
    assert versions(three) == ["2026.11.1.10", "2026.11.2.1", "2026.11.4.1"]


def test_the_current_release_is_kept_however_old(three) -> None:
    releasing.roll_back(three, "2026.11.1.9")
    make(three, "2026.11.4.1", 5)
    releasing._prune(three)
    assert "2026.11.1.9" in versions(three)


def test_the_published_file_is_asked_for_with_a_remedy_when_there_is_none(settings) -> None:
    with pytest.raises(LookupError, match="ree build"):
        releasing.database(settings)


def test_versions_of_one_day_are_numbered_on(settings, monkeypatch) -> None:
    monkeypatch.setattr(releasing, "code_version", lambda: "0")
    today = datetime.now(UTC).strftime("%Y.%m.%d")
    assert releasing._about(settings, "b", None)["version"] == f"{today}.1"
    for number in (1, 2, 10):
        (settings.releases / f"{today}.{number}").mkdir(parents=True)
    assert releasing._about(settings, "b", None)["version"] == f"{today}.11"


def test_two_releases_are_needed_to_compare(settings) -> None:
    make(settings, "2026.11.1.1", 0)
    with pytest.raises(LookupError, match="need two releases"):
        releasing.compare(settings, None, None)


def test_the_code_version_is_the_same_until_a_file_that_decides_changes() -> None:
    assert releasing.code_version() == releasing.code_version()
    number, _, digest = releasing.code_version().partition("+")
    assert number
    assert len(digest) == 12
