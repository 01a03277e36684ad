"""Releases on disk: order, pruning, roll-back. Folders with two files serve as releases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from warehouse.release import store
from warehouse.release.diff import compare
from warehouse.settings import Settings

FIRST_BUILT_AT = datetime(2026, 11, 1, tzinfo=UTC)


def make(settings: Settings, version: str, days: int) -> Path:
    folder = settings.releases / version
    (folder / "parquet" / "meta").mkdir(parents=True)
    about = {"version": version, "built_at": FIRST_BUILT_AT + timedelta(days=days), "code_version": "0"}
    pl.DataFrame([about]).write_parquet(folder / "parquet" / "meta" / "release.parquet")
    (folder / "datapackage.json").write_text("{}")
    return folder


@pytest.fixture
def three(settings: Settings) -> Settings:
    for days, version in enumerate(("2026.11.1.9", "2026.11.1.10", "2026.11.2.1")):
        store._point_to(settings, make(settings, version, days))
    return settings


def versions(settings: Settings) -> list[str]:
    return [release.version for release in store.releases(settings)]


def test_releases_are_ordered_by_build_time_not_by_name(three) -> None:
    assert versions(three) == ["2026.11.1.9", "2026.11.1.10", "2026.11.2.1"]
    assert store.current_release(three).version == "2026.11.2.1"


def test_an_incomplete_release_is_not_listed(three) -> None:
    (three.releases / "2026.11.3.1" / "parquet").mkdir(parents=True)
    assert len(versions(three)) == 3


def test_the_published_link_is_relative_so_that_a_home_can_be_moved(three) -> None:
    moved = three.home.rename(three.home.with_name("moved"))
    assert store.current_release(Settings(home=moved)).version == "2026.11.2.1"


def test_roll_back_makes_the_previous_release_current_and_deletes_none(three) -> None:
    assert store.roll_back(three).version == "2026.11.1.10"
    assert store.current_release(three).version == "2026.11.1.10"
    assert store.roll_back(three).version == "2026.11.1.9"
    assert len(versions(three)) == 3


def test_roll_back_to_a_named_version_works_in_both_directions(three) -> None:
    assert store.roll_back(three, "2026.11.1.9").version == "2026.11.1.9"
    assert store.roll_back(three, "2026.11.2.1").version == "2026.11.2.1"
    assert store.current_release(three).version == "2026.11.2.1"


def test_roll_back_from_the_first_release_is_refused_and_changes_nothing(three) -> None:
    store.roll_back(three, "2026.11.1.9")
    with pytest.raises(LookupError, match="before the current one"):
        store.roll_back(three)
    assert store.current_release(three).version == "2026.11.1.9"


def test_roll_back_to_an_unknown_version_lists_the_versions_on_disk(three) -> None:
    with pytest.raises(LookupError, match=r"2026\.11\.1\.10"):
        store.roll_back(three, "2025.1.1.1")


def test_roll_back_without_a_release_is_refused(settings) -> None:
    with pytest.raises(LookupError):
        store.roll_back(settings)


def test_pruning_keeps_the_last_three_releases(three) -> None:
    store._point_to(three, make(three, "2026.11.4.1", 5))
    store.prune(three)
    assert versions(three) == ["2026.11.1.10", "2026.11.2.1", "2026.11.4.1"]


def test_the_current_release_is_never_pruned(three) -> None:
    store.roll_back(three, "2026.11.1.9")
    make(three, "2026.11.4.1", 5)
    store.prune(three)
    assert "2026.11.1.9" in versions(three)


def test_a_missing_release_is_reported_with_its_remedy(settings) -> None:
    with pytest.raises(LookupError, match="ree build"):
        store.database(settings)


def test_two_releases_are_needed_to_compare(settings) -> None:
    make(settings, "2026.11.1.1", 0)
    with pytest.raises(LookupError, match="need two releases"):
        compare(settings, None, None)
