"""Files that a person accepted although they do not fit their neighbours: JSON lines in the landing, appended to only.

They are part of the landing, since a work file that is filled again must come to the same result.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A person's reason for which the bytes of one artifact are loaded as they read."""

    sha256: str
    source_code: str
    partition: str
    reason: str
    accepted_at: str


class Acceptances:
    """The acceptances of one landing."""

    def __init__(self, landing: Path) -> None:
        self._path = landing / "acceptances.jsonl"

    def all(self) -> list[Acceptance]:
        """Every acceptance, oldest first.

        Raises:
            ValueError: a line cannot be read; the message has its number.
        """
        if not self._path.exists():
            return []
        found = []
        for number, line in enumerate(self._path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                found.append(Acceptance(**json.loads(line)))
            except (ValueError, TypeError) as error:
                msg = f"{self._path}: line {number} is damaged ({error}); restore the file from a backup."
                raise ValueError(msg) from error
        return found

    def reasons(self) -> dict[tuple[str, str], str]:
        """The newest reason by the hash of the bytes and the name of the partition."""
        return {(one.sha256, one.partition): one.reason for one in self.all()}

    def add(self, sha256: str, source_code: str, partition: str, reason: str) -> Acceptance:
        """Record an acceptance; it is on disk when this returns."""
        one = Acceptance(sha256, source_code, partition, reason, datetime.now(UTC).isoformat(timespec="seconds"))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return one
