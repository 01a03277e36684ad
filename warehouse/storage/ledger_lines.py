"""The lines of the ledger: which fields each kind of line has, and reading one strictly."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from sources.model.artifact import KnownBasis, Transcription

Row = dict[str, Any]

LANDED, SET_ASIDE, TAKEN_BACK, LOSS_ACCEPTED = "landed", "set_aside", "taken_back", "loss_accepted"
"""The events. A line without the field `event` is of an artifact that landed."""


def _is_day(text: str) -> str:
    date.fromisoformat(text)
    return text


def _is_moment(text: str) -> str:
    datetime.fromisoformat(text)
    return text


_Day = Annotated[str, AfterValidator(_is_day)]
_Moment = Annotated[str, AfterValidator(_is_moment)]
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Line(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    line: int | None = None
    check: str | None = None


class _Landed(_Line):
    source_code: str
    name: str
    layout: str
    partition: str
    year: int
    edition: str | None
    release: str
    known_from: _Day
    known_basis: KnownBasis
    transcription: Transcription
    url: str
    sha256: _Sha256
    original_sha256: str | None
    landed_at: _Moment
    bytes: int
    came_by: str | None = None


class _OfBytes(_Line):
    event: str
    sha256: _Sha256
    reason: str
    at: _Moment


class _LostStatement(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    source_code: str
    partition: str
    sha256: str


class _LossAccepted(_Line):
    event: str
    lines: list[int]
    statements: list[_LostStatement]
    reason: str
    at: _Moment


_MODELS: dict[str, type[_Line]] = {
    LANDED: _Landed,
    SET_ASIDE: _OfBytes,
    TAKEN_BACK: _OfBytes,
    LOSS_ACCEPTED: _LossAccepted,
}


def event_of(row: Row) -> str:
    """The event that a line records: `landed`, `set_aside`, `taken_back` or `loss_accepted`."""
    return str(row.get("event", LANDED))


def read_line(line: bytes) -> Row:
    """A line of the ledger as a row.

    Raises:
        ValueError: it is not JSON, is of an unknown event, or a field is missing, unknown or of another type; in words.
    """
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        msg = f"is not JSON ({str(error)[:100]})"
        raise ValueError(msg) from None
    model = _MODELS.get(event_of(row)) if isinstance(row, dict) else None
    if model is None:
        msg = "records no event that this version knows"
        raise ValueError(msg)
    try:
        model.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        msg = f"has a wrong field '{field[:60]}': {first['msg'][:100]}"
        raise ValueError(msg) from None
    return dict(row)
