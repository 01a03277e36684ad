"""The record of the last build: when it started, when it ended, and how.

It is a file of its own, so that `ree status` never opens the work file, which DuckDB gives to one process at a time.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from warehouse.settings import Settings
from warehouse.storage.landing import write_durably
from warehouse.storage.lock import active_writer

_SHOWN_DETAIL = 2_000
_WITH_A_RELEASE = {"published", "unchanged"}


def start_build(settings: Settings, build_id: str) -> None:
    """Record that a build started, in place of the one before."""
    _write(settings, {"build_id": build_id, "started_at": _now(), "ended_at": None, "outcome": "running", "detail": ""})


def end_build(settings: Settings, build_id: str, outcome: str, detail: str) -> None:
    """Record how a build ended: `published` or `unchanged` with the version, `refused` with the reason."""
    before = _read(settings)
    started_at = before["started_at"] if before.get("build_id") == build_id else _now()
    shown = detail if len(detail) <= _SHOWN_DETAIL else f"{detail[:_SHOWN_DETAIL]} …"
    _write(
        settings,
        {"build_id": build_id, "started_at": started_at, "ended_at": _now(), "outcome": outcome, "detail": shown},
    )


def last_build(settings: Settings) -> str:
    """How the last build ended: `published, started 2026-11-24 08:00 UTC: 2026.11.24.1`.

    It may have been refused while an older release stays current. One that neither ended nor runs was interrupted.
    """
    about = _read(settings)
    if not about:
        return "none recorded"
    outcome = about["outcome"]
    if outcome == "running" and active_writer(settings) is None:
        outcome = "interrupted"
    started_at = datetime.fromisoformat(about["started_at"])
    return f"{outcome}, started {started_at:%Y-%m-%d %H:%M} UTC" + (f": {about['detail']}" if about["detail"] else "")


def released_by(settings: Settings, build_id: str) -> str | None:
    """The version that a build published or left current; None if it did not end so, or if another started since."""
    about = _read(settings)
    is_whole = about.get("build_id") == build_id and about.get("outcome") in _WITH_A_RELEASE
    return about.get("detail") if is_whole else None


def has_no_end(settings: Settings) -> bool:
    """Whether the last build recorded no end: it runs, or it was killed."""
    return _read(settings).get("outcome") == "running"


def _read(settings: Settings) -> dict[str, str]:
    try:
        return dict(json.loads(settings.build_file.read_bytes()))
    except (FileNotFoundError, ValueError):
        return {}


def _write(settings: Settings, about: dict[str, str | None]) -> None:
    write_durably(settings.build_file, json.dumps(about, ensure_ascii=False, indent=1).encode())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
