"""The ledger of builds: when a build started, when it ended, and how."""

from __future__ import annotations

from datetime import UTC, datetime

from warehouse.settings import Settings
from warehouse.storage.work import open_work


def start_build(settings: Settings, build_id: str) -> None:
    """Record that a build started. A build that still counts as running was interrupted."""
    with open_work(settings) as con:
        con.execute("update ledger.builds set outcome = 'interrupted' where outcome = 'running'")
        con.execute("delete from ledger.builds where build_id = ?", [build_id])
        con.execute("insert into ledger.builds values (?, ?, null, 'running', null)", [build_id, datetime.now(UTC)])


def end_build(settings: Settings, build_id: str, outcome: str, detail: str) -> None:
    """Record how a build ended: `published` or `unchanged` with the version, `refused` with the reason."""
    with open_work(settings) as con:
        con.execute(
            "update ledger.builds set ended_at = ?, outcome = ?, detail = ? where build_id = ?",
            [datetime.now(UTC), outcome, detail, build_id],
        )


def last_build(settings: Settings) -> str:
    """How the last build ended: `published, started 2026-11-24 08:00 UTC: 2026.11.24.1`.

    A build may have been refused while an older release stays current.
    """
    with open_work(settings) as con:
        row = con.execute(
            "select outcome, started_at, detail from ledger.builds order by started_at desc limit 1"
        ).fetchone()
    if row is None:
        return "no build yet"
    outcome, started_at, detail = row
    return f"{outcome}, started {started_at:%Y-%m-%d %H:%M} UTC" + (f": {detail}" if detail else "")
