"""Version numbers of a release and of the code that built it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from warehouse.release import publish
from warehouse.release.store import Release


def test_versions_of_one_day_are_numbered_in_order(settings, monkeypatch) -> None:
    monkeypatch.setattr(publish, "code_version", lambda: "0")
    today = datetime.now(UTC).strftime("%Y.%m.%d")
    assert publish._about(settings, "b", None)["version"] == f"{today}.1"
    for number in (1, 2, 10):
        (settings.releases / f"{today}.{number}").mkdir(parents=True)
    assert publish._about(settings, "b", None)["version"] == f"{today}.11"
    (settings.releases / "history.json").write_text(f'["{today}.12"]')
    assert publish._about(settings, "b", None)["version"] == f"{today}.13", "a pruned version is not reused"


def test_the_code_version_is_a_number_and_a_stable_hash() -> None:
    assert publish.code_version() == publish.code_version()
    number, _, digest = publish.code_version().partition("+")
    assert number
    assert len(digest) == 12


@pytest.mark.parametrize(("schema_version", "is_comparable"), [("2.7.0", True), ("1.3.0", False), ("10.0.0", False)])
def test_drift_is_judged_only_against_facts_of_the_same_major_schema(
    settings, monkeypatch, schema_version, is_comparable
) -> None:
    folder = settings.releases / "2026.11.1.1"
    release = Release("2026.11.1.1", folder, is_current=True, about={"schema_version": schema_version})
    monkeypatch.setattr(publish, "SCHEMA_VERSION", "2.0.0")
    monkeypatch.setattr(publish, "last_intact", lambda _: release)
    assert publish.last_core(settings) == (folder / "parquet" / "core" if is_comparable else None)


def test_before_the_first_release_there_is_nothing_to_compare_with(settings) -> None:
    assert publish.last_core(settings) is None
