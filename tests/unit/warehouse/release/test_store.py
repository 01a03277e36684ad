"""Releases on disk: order, damage, pruning, roll-back. Folders with a few small files serve as releases."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from warehouse.release import store
from warehouse.release.diff import compare
from warehouse.settings import Settings

FIRST_BUILT_AT = datetime(2026, 11, 1, tzinfo=UTC)


def make(settings: Settings, version: str, previous: str | None, days: int = 0) -> Path:
    """A folder under `releases/` as a build leaves it, not published yet."""
    folder = settings.releases / version
    (folder / "parquet" / "meta").mkdir(parents=True)
    about = {
        "version": version,
        "built_at": FIRST_BUILT_AT + timedelta(days=days),
        "code_version": "0",
        "previous_version": previous,
    }
    pl.DataFrame([about], schema_overrides={"previous_version": pl.String}).write_parquet(
        folder / "parquet" / "meta" / "release.parquet"
    )
    (folder / "rare_earths.duckdb").write_text(version)
    files = [path for path in folder.rglob("*") if path.is_file()]
    resources = [
        {
            "path": path.relative_to(folder).as_posix(),
            "hash": f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}",
        }
        for path in files
    ]
    (folder / "datapackage.json").write_text(json.dumps({"resources": resources}))
    return folder


def publish(settings: Settings, version: str, days: int = 0) -> None:
    """Publish a release after the current one."""
    current = store.current_release(settings)
    store._point_to(settings, make(settings, version, current.version if current else None, days))


@pytest.fixture
def three(settings: Settings) -> Settings:
    for days, version in enumerate(("2026.11.01.9", "2026.11.01.10", "2026.11.02.1")):
        publish(settings, version, days)
    return settings


def versions(settings: Settings) -> list[str]:
    return [release.version for release in store.releases(settings)]


def current(settings: Settings) -> str:
    release = store.current_release(settings)
    assert release is not None
    return release.version


def test_releases_are_ordered_by_publication_not_by_name_or_clock(settings) -> None:
    for version, days in (("2026.11.05.1", 5), ("2026.11.02.9", 2), ("2026.11.02.10", 2), ("2026.11.01.1", 1)):
        publish(settings, version, days)
    assert versions(settings) == ["2026.11.05.1", "2026.11.02.9", "2026.11.02.10", "2026.11.01.1"]
    assert store.roll_back(settings).version == "2026.11.02.10"


def test_the_order_survives_the_loss_of_the_history_because_releases_name_their_predecessors(three) -> None:
    (three.releases / "history.json").write_text("not JSON")
    assert versions(three) == ["2026.11.01.9", "2026.11.01.10", "2026.11.02.1"]
    (three.releases / "history.json").unlink()
    assert versions(three) == ["2026.11.01.9", "2026.11.01.10", "2026.11.02.1"]


def test_after_a_roll_back_and_a_build_the_predecessor_is_the_release_that_was_rolled_back_to(three) -> None:
    store.roll_back(three, "2026.11.01.9")
    publish(three, "2026.11.03.1")
    assert versions(three) == ["2026.11.01.9", "2026.11.01.10", "2026.11.02.1", "2026.11.03.1"]
    assert store.roll_back(three).version == "2026.11.01.9"


def test_a_folder_that_was_renamed_and_never_linked_is_an_orphan_and_no_release(three) -> None:
    orphan = make(three, "2026.11.03.1", "2026.11.02.1", 5)
    assert len(versions(three)) == 3
    assert store.orphans(three) == [orphan]
    assert current(three) == "2026.11.02.1"
    assert store.versions_of_day(three, "2026.11.03") == [1]
    with pytest.raises(LookupError, match=r"no release 2026\.11\.03\.1"):
        store.roll_back(three, "2026.11.03.1")


def test_a_release_that_was_linked_and_not_recorded_before_a_kill_is_no_orphan(three, monkeypatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(store, "_record", lambda *_: None)
        publish(three, "2026.11.03.1")
    assert not store.orphans(three)
    publish(three, "2026.11.04.1")
    store.roll_back(three, "2026.11.01.9")
    assert versions(three)[-2:] == ["2026.11.03.1", "2026.11.04.1"]


def test_pruning_deletes_orphans_and_nothing_that_is_not_named_like_a_version(three) -> None:
    orphan = make(three, "2026.11.03.1", None)
    mine = three.releases / "my copy"
    mine.mkdir()
    store.prune(three)
    assert not orphan.exists()
    assert mine.exists()
    assert len(versions(three)) == 3


def test_pruning_keeps_the_last_three_releases(three) -> None:
    publish(three, "2026.11.04.1")
    store.prune(three)
    assert versions(three) == ["2026.11.01.10", "2026.11.02.1", "2026.11.04.1"]


def test_pruning_keeps_the_current_release_and_its_predecessors_before_others(three) -> None:
    store.roll_back(three, "2026.11.01.9")
    publish(three, "2026.11.04.1")
    store.prune(three)
    assert versions(three) == ["2026.11.01.9", "2026.11.02.1", "2026.11.04.1"]


def test_the_published_link_is_relative_so_that_a_home_can_be_moved(three) -> None:
    moved = three.home.rename(three.home.with_name("moved"))
    assert current(Settings(home=moved)) == "2026.11.02.1"


def test_roll_back_makes_the_previous_release_current_and_deletes_none(three) -> None:
    assert store.roll_back(three).version == "2026.11.01.10"
    assert current(three) == "2026.11.01.10"
    assert store.roll_back(three).version == "2026.11.01.9"
    assert len(versions(three)) == 3


def test_roll_back_to_a_named_version_works_in_both_directions(three) -> None:
    assert store.roll_back(three, "2026.11.01.9").version == "2026.11.01.9"
    assert store.roll_back(three, "2026.11.02.1").version == "2026.11.02.1"
    assert current(three) == "2026.11.02.1"


def test_roll_back_from_the_first_release_is_refused_and_changes_nothing(three) -> None:
    store.roll_back(three, "2026.11.01.9")
    with pytest.raises(LookupError, match="before the current one"):
        store.roll_back(three)
    assert current(three) == "2026.11.01.9"


def test_roll_back_to_an_unknown_version_lists_the_versions_on_disk(three) -> None:
    with pytest.raises(LookupError, match=r"2026\.11\.01\.10"):
        store.roll_back(three, "2025.01.01.1")


def test_roll_back_without_a_release_is_refused(settings) -> None:
    with pytest.raises(LookupError):
        store.roll_back(settings)


def harmed(settings: Settings, version: str, harm: str) -> None:
    folder = settings.releases / version
    database = folder / "rare_earths.duckdb"
    if harm == "changed":
        database.write_text(version[::-1])
    elif harm == "missing":
        database.unlink()
    elif harm == "write-ahead log":
        (folder / "rare_earths.duckdb.wal").write_text("update")
    elif harm == "no package":
        (folder / "datapackage.json").unlink()
    elif harm == "cut package":
        package = folder / "datapackage.json"
        package.write_text(package.read_text()[:-10])
    elif harm == "unreadable meta":
        (folder / "parquet" / "meta" / "release.parquet").write_bytes(b"PAR1")


HARMS = {
    "changed": "rare_earths.duckdb was changed since publication",
    "missing": "rare_earths.duckdb is missing",
    "write-ahead log": "rare_earths.duckdb.wal was added since publication",
    "no package": "datapackage.json cannot be read",
    "cut package": "datapackage.json is not a data package",
    "unreadable meta": "parquet/meta/release.parquet was changed since publication",
}


@pytest.mark.parametrize("harm", HARMS)
def test_every_damage_is_found_and_named_and_the_release_stays_listed_in_its_place(three, harm) -> None:
    order = versions(three)
    assert store.remedy(three).endswith("`ree rollback 2026.11.02.1`.")
    harmed(three, "2026.11.02.1", harm)
    release = store.current_release(three)
    found = store.damage(three, release)
    assert HARMS[harm] in found
    assert found.startswith("releases/2026.11.02.1: ") or str(release.folder) in found
    assert versions(three) == order
    assert store.last_intact(three).version == "2026.11.01.10"
    assert store.remedy(three).endswith("`ree rollback 2026.11.01.10`.")
    assert store.roll_back(three).version == "2026.11.01.10"


@pytest.mark.parametrize("harm", HARMS)
def test_roll_back_to_a_damaged_release_is_refused_by_name_and_lists_the_intact_ones(three, harm) -> None:
    harmed(three, "2026.11.01.10", harm)
    with pytest.raises(store.DamagedError) as refused:
        store.roll_back(three)
    assert "release 2026.11.01.10 is damaged, so nothing was changed" in str(refused.value)
    assert HARMS[harm] in str(refused.value)
    assert "Intact are 2026.11.01.9, 2026.11.02.1" in str(refused.value)
    assert current(three) == "2026.11.02.1"


def test_a_hidden_file_of_the_desktop_is_no_damage(three) -> None:
    (three.published / ".DS_Store").write_bytes(b"")
    assert store.damage(three, store.current_release(three)) is None


def test_another_mtime_is_no_damage_because_copies_have_one(three) -> None:
    (three.published / "rare_earths.duckdb").touch()
    assert store.damage(three, store.current_release(three)) is None


def test_many_damaged_files_are_counted(three) -> None:
    for number in range(5):
        (three.published / f"{number}.parquet").write_bytes(b"")
    assert "; and 2 more" in store.damage(three, store.current_release(three))


def test_swapping_in_makes_every_file_read_only_and_leaves_folders_removable(settings) -> None:
    made = make(settings, "2026.11.01.1", None)
    made.rename(settings.candidate)
    store.swap_in(settings, {"version": "2026.11.01.1", "previous_version": None})
    for path in settings.published.resolve().rglob("*"):
        assert bool(path.stat().st_mode & 0o222) == path.is_dir(), path


def test_a_missing_release_is_reported_with_its_remedy(settings) -> None:
    with pytest.raises(LookupError, match="ree build"):
        store.database(settings)


def test_two_releases_are_needed_to_compare(settings) -> None:
    publish(settings, "2026.11.01.1")
    with pytest.raises(LookupError, match="need two releases"):
        compare(settings, None, None)


def test_a_comparison_with_a_damaged_release_is_refused_by_name(three) -> None:
    harmed(three, "2026.11.01.10", "changed")
    with pytest.raises(store.DamagedError, match=r"release 2026\.11\.01\.10 is damaged"):
        compare(three, None, None)
