"""Files that a person accepted although they do not fit what is known: JSON lines in the landing, only appended to.

They are part of the landing, since a work file that is filled again must come to the same result.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

LEAST_DIGITS = 12
"""Digits of a hash that name a file for good."""


class AcceptancesError(Exception):
    """The file of acceptances is damaged; the message has the line and the remedy."""


class Acceptance(BaseModel):
    """A person's reason for which bytes are loaded as they read. `sha256` has the first digits of their hash."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str
    reason: str
    accepted_at: datetime


class Acceptances:
    """The acceptances of one landing."""

    def __init__(self, landing: Path) -> None:
        self.path = landing / "acceptances.jsonl"

    @cached_property
    def all(self) -> tuple[Acceptance, ...]:
        """Every acceptance, oldest first.

        Raises:
            AcceptancesError: a line cannot be read.
        """
        if not self.path.exists():
            return ()
        found = []
        for number, line in enumerate(self.path.read_bytes().splitlines(), start=1):
            try:
                found.append(Acceptance.model_validate_json(line))
            except ValidationError as error:
                msg = (
                    f"{self.path}, line {number}: cannot be read. Remedy: restore the file from the backup of landing/."
                )
                raise AcceptancesError(msg) from error
        return tuple(found)

    def reason(self, sha256: str) -> str:
        """The newest reason for which bytes were accepted; empty where they were not.

        Raises:
            AcceptancesError: a line cannot be read.
        """
        return next((one.reason for one in reversed(self.all) if sha256.startswith(one.sha256)), "")

    def add(self, sha256: str, reason: str) -> None:
        """Record an acceptance; it is on disk when this returns.

        Raises:
            ValueError: too few digits, or no hexadecimal ones.
        """
        digits = sha256.strip().lower()
        if not LEAST_DIGITS <= len(digits) <= 64 or not set(digits) <= set("0123456789abcdef"):
            msg = f"{sha256!r} is no hash: give its first {LEAST_DIGITS} digits or more, as the refusal prints them."
            raise ValueError(msg)
        one = Acceptance(sha256=digits, reason=reason, accepted_at=datetime.now(UTC).replace(microsecond=0))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(one.model_dump_json() + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.__dict__.pop("all", None)
