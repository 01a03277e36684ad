"""The journal of visits to publishers: every call, every look that ended well or badly, and how each visit ended.

Belongs here: what must outlive a run that is killed, so that the next one resumes, keeps to quotas and asks only for
what is new. Does not belong here: what landed (`landing.py`), or visiting (`visits.py`).

One file of JSON lines a publisher, beside the landing; no line holds an address's secrets.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sources.http.fetcher import Look
from warehouse.storage.appended import AppendedLines
from warehouse.storage.landing import write_durably

_COMPACT_FROM_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Ended:
    """How a visit ended: what it left undone, and before when it is no use to come back."""

    at: datetime
    new: int
    failures: tuple[str, ...]
    left: int
    not_before: datetime | None

    @property
    def is_complete(self) -> bool:
        """Everything that was due came."""
        return not self.failures and not self.left


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal of one publisher. One object reads each line once: keep it for a whole visit."""

    folder: Path
    source_code: str
    _read: AppendedLines = field(default_factory=lambda: AppendedLines(_parsed), repr=False, compare=False)

    @property
    def _file(self) -> Path:
        return self.folder / f"{self.source_code}.jsonl"

    @property
    def _catalogue(self) -> Path:
        return self.folder / f"{self.source_code}.catalogue.json"

    def call(self) -> None:
        """Note that a call is about to go out."""
        self._append({"call": 1})

    def look(self, key: str, marks: Mapping[str, str], note: str, partitions: Iterable[str] = ()) -> None:
        """Note that a task came to a good end, and which partitions landed of it."""
        self._append({"look": key, "marks": dict(marks), "note": note, "partitions": list(partitions)})

    def refuse(self, partition: str) -> None:
        """Note that what landed for a partition could not be loaded: the task it came with is due again."""
        self._append({"refused": partition})

    def end(self, new: int, failures: tuple[str, ...], left: int, not_before: datetime | None) -> None:
        """Note how a visit ended."""
        self._append(
            {
                "end": new,
                "failures": list(failures),
                "left": left,
                "not_before": not_before.isoformat() if not_before else None,
            }
        )
        if self._file.stat().st_size > _COMPACT_FROM_BYTES:
            self._compact()

    def keep_catalogue(self, catalogue: Mapping[str, Any]) -> None:
        """Keep what the last discovery found."""
        write_durably(self._catalogue, json.dumps({"at": _now().isoformat(), "found": catalogue}).encode())

    def catalogue(self) -> tuple[dict[str, Any], datetime | None]:
        """What the last discovery found, and when; nothing before the first."""
        if not self._catalogue.exists():
            return {}, None
        kept = json.loads(self._catalogue.read_text(encoding="utf-8"))
        return kept["found"], datetime.fromisoformat(kept["at"])

    def looks(self) -> dict[str, Look]:
        """The last good look at each task whose partitions could be loaded."""
        looks: dict[str, Look] = {}
        tasks: dict[str, str] = {}
        for line in self._lines():
            if "look" in line:
                looks[line["look"]] = Look(datetime.fromisoformat(line["at"]), line["marks"])
                tasks |= dict.fromkeys(line["partitions"], line["look"])
            elif "refused" in line:
                looks.pop(tasks.get(line["refused"], ""), None)
        return looks

    def calls_on(self, day: datetime) -> int:
        """Calls of one day, by UTC."""
        return sum("call" in line and line["at"][:10] == f"{day:%Y-%m-%d}" for line in self._lines())

    def ends(self) -> list[Ended]:
        """How every visit ended, the last one last."""
        return [
            Ended(
                at=datetime.fromisoformat(line["at"]),
                new=line["end"],
                failures=tuple(line["failures"]),
                left=line["left"],
                not_before=datetime.fromisoformat(line["not_before"]) if line["not_before"] else None,
            )
            for line in self._lines()
            if "end" in line
        ]

    def ended(self) -> Ended | None:
        """How the last visit ended; None before the first."""
        return next(reversed(self.ends()), None)

    def last_complete(self) -> datetime | None:
        """When a visit last came to an end with nothing left undone."""
        return next((end.at for end in reversed(self.ends()) if end.is_complete), None)

    def _append(self, line: dict[str, Any]) -> None:
        """A line is written and handed to the system at once: a killed process loses none."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"at": _now().isoformat(), **line}, ensure_ascii=False)
        with self._file.open("ab") as file:
            if file.tell() and not self._ends_whole():
                file.write(b"\n")
            file.write(text.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _ends_whole(self) -> bool:
        with self._file.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read() == b"\n"

    def _lines(self) -> list[dict[str, Any]]:
        """Every whole line; one cut off by a crash was never written."""
        return self._read.read(self._file)

    def _compact(self) -> None:
        """Keep the last look of each task, the ends of visits, what was refused, and the calls of two days."""
        lines = self._lines()
        since = (_now() - timedelta(days=2)).isoformat()
        last = {line["look"]: index for index, line in enumerate(lines) if "look" in line}
        kept = [
            line
            for index, line in enumerate(lines)
            if (last[line["look"]] == index if "look" in line else "call" not in line or line["at"] > since)
        ]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in kept)
        write_durably(self._file, text.encode())


def _parsed(line: bytes) -> dict[str, Any] | None:
    """A line, or None for one that a crash cut off before another was written behind it."""
    try:
        row: dict[str, Any] = json.loads(line)
    except (UnicodeDecodeError, json.JSONDecodeError):
        return None
    return row


def _now() -> datetime:
    return datetime.now(UTC)
