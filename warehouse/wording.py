"""Durations in words."""

from __future__ import annotations

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_EXACT_HOURS = 10


def duration(seconds: float) -> str:
    """A duration to the precision that a person plans by: `40 s`, `7 min`, `2 h 10 min`, `14 h`, `19 days`."""
    if seconds < _MINUTE:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / _MINUTE)
    if minutes < _HOUR // _MINUTE:
        return f"{minutes} min"
    hours, left = divmod(minutes, 60)
    if hours < _EXACT_HOURS:
        return f"{hours} h {left} min" if left else f"{hours} h"
    if seconds < 2 * _DAY:
        return f"{round(seconds / _HOUR)} h"
    return f"{round(seconds / _DAY)} days"
