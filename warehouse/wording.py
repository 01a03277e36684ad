"""Durations, and records of a sample, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_EXACT_HOURS = 10
_FIELDS_AT_AN_END = 5
"""Fields of a record that are shown from its start and from its end: who and when is first, what is wrong last."""
_TECHNICAL = {"fact_id", "artifact_row", "artifact_sha256", "layout_rank", "record_id"}


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


def example(sample: str) -> str:
    """The first record of a sample (JSON) in words: `reporter_code IND, flow import, value_usd 1050000`.

    Nulls, false marks and hashes are left out, and so is the middle of a long record. Text that is no JSON is returned
    as it is.
    """
    try:
        records = json.loads(sample)
    except ValueError:
        return sample
    first = records[0] if isinstance(records, list) and records else records
    return record_in_words(first) if isinstance(first, dict) else str(first)


def record_in_words(record: Mapping[str, Any]) -> str:
    """A record in words: `reporter_code IND, flow import, value_usd 1050000`."""
    fields = [
        f"{name} {value:.12g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in record.items()
        if value is not None and value is not False and name.removeprefix("other_") not in _TECHNICAL
    ]
    if len(fields) > 2 * _FIELDS_AT_AN_END:
        fields = [*fields[:_FIELDS_AT_AN_END], "…", *fields[-_FIELDS_AT_AN_END:]]
    return ", ".join(fields)
