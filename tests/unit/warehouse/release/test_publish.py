"""Version numbers of a release and of the code that built it."""

from __future__ import annotations

from datetime import UTC, datetime

from warehouse.release import publish


def test_versions_of_one_day_are_numbered_in_order(settings, monkeypatch) -> None:
    monkeypatch.setattr(publish, "code_version", lambda: "0")
    today = datetime.now(UTC).strftime("%Y.%m.%d")
    assert publish._about(settings, "b", None)["version"] == f"{today}.1"
    for number in (1, 2, 10):
        (settings.releases / f"{today}.{number}").mkdir(parents=True)
    assert publish._about(settings, "b", None)["version"] == f"{today}.11"


def test_the_code_version_is_a_number_and_a_stable_hash() -> None:
    assert publish.code_version() == publish.code_version()
    number, _, digest = publish.code_version().partition("+")
    assert number
    assert len(digest) == 12
