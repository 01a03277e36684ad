"""The visits of the running build: a note that `ree status` reads, and one line in words.

The writer replaces `visit.json` in one rename and deletes it at the end. A note whose process has died is ignored.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict

from warehouse.ingest.visit import VisitState
from warehouse.settings import Settings
from warehouse.storage.lock import active_writer
from warehouse.wording import duration


def write_note(settings: Settings, visits: Sequence[VisitState]) -> None:
    """Record how far the visits of this process are. Only the holder of the writer lock calls it."""
    partial = settings.visit_file.with_suffix(".partial")
    partial.write_text(json.dumps({"pid": os.getpid(), "visits": [asdict(one) for one in visits]}), encoding="utf-8")
    partial.replace(settings.visit_file)


def remove_note(settings: Settings) -> None:
    """Delete the note: the visits have ended."""
    settings.visit_file.unlink(missing_ok=True)


def running_visits(settings: Settings) -> list[VisitState]:
    """The visits of the build that is writing now; none where it fetches nothing, or no build runs."""
    writer = active_writer(settings)
    try:
        note = json.loads(settings.visit_file.read_bytes())
        if writer is None or writer.pid != note["pid"]:
            return []
        return [VisitState(**visit) for visit in note["visits"]]
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return []


def in_a_line(visits: Sequence[VisitState]) -> str:
    """All visits in one line: `3 of 5 publishers visited; un_comtrade 120 of 1,089 tasks, about 2 h 10 min left`."""
    done = sum(visit.phase == "done" for visit in visits)
    running = [_in_words(visit) for visit in visits if visit.phase != "done"]
    return "; ".join([f"{done} of {len(visits)} publishers visited", *running])


def _in_words(visit: VisitState) -> str:
    if visit.phase != "tasks":
        return f"{visit.source_code} {'requests its lists' if visit.phase == 'lists' else 'not begun'}"
    tasks = f"{visit.source_code} {visit.tasks_done:,} of {visit.tasks:,} tasks"
    return ", ".join(filter(None, [tasks, time_left(visit)]))


def time_left(visit: VisitState) -> str:
    """How long a visit still takes: `about 2 h 10 min left`, `about 5 min until its daily quota is used up`."""
    if visit.seconds_left is None:
        return ""
    about = f"about {duration(visit.seconds_left)}"
    return f"{about} until its daily quota is used up" if visit.is_limited else f"{about} left"
