"""What a check finds, and what it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from warehouse.settings import Settings
from warehouse.storage.lock import Writer

State = Literal["ok", "note", "wrong"]
"""`note`: worth knowing, nothing to do."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `fix` repairs it, where that is safe, and returns what it did."""

    what: str
    state: State
    found: str
    remedy: str = ""
    fix: Callable[[], str] | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.state != "wrong"


@dataclass(frozen=True, slots=True)
class Context:
    """What every check is given. `writer` is the process that writes the warehouse, None if no other does."""

    settings: Settings
    writer: Writer | None
    holds_lock: bool = False


FIX_IT = "`ree doctor --fix`."
"""The remedy of what can be repaired safely."""
_MOST = 10


def listed(items: list[str]) -> str:
    """The first items, one a line, and how many more there are."""
    more = [f"and {len(items) - _MOST} more"] if len(items) > _MOST else []
    return "\n".join([*items[:_MOST], *more])
