"""Faults that an alert was sent for and that are not over: one alert when a fault begins, one when it is over.

They are kept in a file under `REE_HOME`, so that a restart repeats no alert. A damaged file counts as empty: at worst
an alert is sent again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal

from filelock import FileLock

from warehouse.settings import Settings
from warehouse.storage.landing import write_durably
from warehouse.wording import duration

FaultKind = Literal["run_failed", "check_failed", "overdue"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `what` is its identity, such as `landing/usgs_mcs arrived`; `publisher` is empty if it is of none."""

    kind: FaultKind
    what: str
    publisher: str
    text: str
    since: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.text}"


def begin(settings: Settings, faults: Iterable[Fault], send: Callable[[list[Fault]], bool]) -> None:
    """Send the faults that are not open yet, and keep them open if anyone received the alert."""
    with _opened(settings) as opened:
        new = [fault for fault in faults if fault.what not in opened]
        if new and send(new):
            since = datetime.now(UTC).isoformat(timespec="seconds")
            opened |= {fault.what: Fault(fault.kind, fault.what, fault.publisher, fault.text, since) for fault in new}


def end(settings: Settings, is_over: Callable[[Fault], bool], send: Callable[[list[Fault]], bool]) -> None:
    """Send that open faults are over, and forget them if anyone received the alert."""
    with _opened(settings) as opened:
        over = [fault for fault in opened.values() if is_over(fault)]
        if over and send(over):
            for fault in over:
                del opened[fault.what]


def forget(settings: Settings, is_moot: Callable[[Fault], bool]) -> None:
    """Forget open faults that nobody needs to hear of any more."""
    end(settings, is_moot, lambda _: True)


def any_open(settings: Settings) -> bool:
    """Whether a fault is open, which a run that succeeds may end. Makes no file where no alert was ever sent."""
    if not settings.faults_file.exists():
        return False
    with _opened(settings) as opened:
        return bool(opened)


def how_long(fault: Fault) -> str:
    """Since when a fault was open: `began 2026-11-24 08:00 UTC, 3 days ago`."""
    since = datetime.fromisoformat(fault.since)
    return f"began {since:%Y-%m-%d %H:%M} UTC, {duration((datetime.now(UTC) - since).total_seconds())} ago"


@contextmanager
def _opened(settings: Settings) -> Iterator[dict[str, Fault]]:
    """The open faults by what they are. Changes are written when the block ends; sensors take turns."""
    file = settings.faults_file
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(file.with_suffix(".lock")):
        try:
            before = {row["what"]: Fault(**row) for row in json.loads(file.read_bytes())}
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            before = {}
        opened = dict(before)
        yield opened
        if opened != before:
            write_durably(file, json.dumps([asdict(fault) for fault in opened.values()], indent=1).encode())
