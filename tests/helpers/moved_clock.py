"""A clock that a test moves: every module of the project, and Dagster, read it in the place of the machine's."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest

import orchestration
import sources
import warehouse


class MovedClock:
    """The time that the project reads. It goes on at the machine's speed between two moves."""

    def __init__(self, start: datetime) -> None:
        self.move_to(start)

    def move_to(self, moment: datetime) -> None:
        """It is this moment now."""
        self._base, self._since = moment, time.monotonic()

    def now(self, tz: tzinfo | None = UTC) -> datetime:
        """In the place of `datetime.now`."""
        return (self._base + timedelta(seconds=time.monotonic() - self._since)).astimezone(tz)

    def time(self) -> float:
        """In the place of `time.time`."""
        return self.now().timestamp()


class _WithMoved:
    """The class `datetime` or the module `time`, with another clock."""

    def __init__(self, original: Any, **moved: Any) -> None:
        self.__dict__.update(moved)
        self._original = original

    def __call__(self, *values: Any, **named: Any) -> Any:
        return self._original(*values, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)


@contextmanager
def moved_clock(start: datetime) -> Iterator[MovedClock]:
    """While the block lasts, the project's modules and Dagster's records read a clock that starts here."""
    clock = MovedClock(start)
    with pytest.MonkeyPatch.context() as patch:
        for module in _modules():
            for name, value in list(vars(module).items()):
                if value is datetime:
                    patch.setattr(module, name, _WithMoved(datetime, now=clock.now))
                elif value is time:
                    patch.setattr(module, name, _WithMoved(time, time=clock.time))
        patch.setattr("dagster._time._mockable_get_current_datetime", clock.now)
        patch.setattr("dagster._time._mockable_get_current_timestamp", clock.time)
        yield clock


def _modules() -> Iterator[Any]:
    """All modules of the three packages, imported."""
    for package in (sources, warehouse, orchestration):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)
