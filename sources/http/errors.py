"""Errors of HTTP access. All are `SourceError`s: what happened, where, and the remedy."""

from __future__ import annotations

import contextlib
import re
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from sources.model.artifact import SourceError

RETRIED_NEXT_RUN = "it is retried in the next run."
"""The remedy of a failure that may be gone by itself."""

RETRYABLE_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_MAY_HAVE_RETRY_AFTER = RETRYABLE_STATUSES | {403}
_MAX_RETRY_AFTER_S = 400 * 86_400.0


class FetchError(SourceError):
    """A request failed. Nothing of the response is kept. `status` is the HTTP status of a refusal."""

    status: int | None = None


class RetryableError(FetchError):
    """A failure that the next attempt may not have: no response, a busy server, an incomplete body.

    `retry_after_s` is the server's Retry-After in seconds, None where it sent none.
    """

    retry_after_s: float | None = None


class MissingError(FetchError):
    """The publisher has nothing at this address (404, 410)."""


class SchemaChangedError(FetchError):
    """The response has other columns or fields than declared. A retry does not help."""


class NotAllowedError(FetchError):
    """The publisher refuses access (401, 403): a key is missing or wrong."""


class RateLimitedError(FetchError):
    """The publisher demands a longer wait than a run can make, or the daily quota is used up.

    `not_before` is the moment from which requests are allowed again, None where it is unknown.
    """

    def __init__(self, artifact: str, problem: str, remedy: str, not_before: datetime | None = None) -> None:
        super().__init__(artifact, problem, remedy)
        self.not_before = not_before


def refusal(url: str, status: int, problem: str, retry_after: str, max_wait_s: float) -> FetchError:
    """The error for a response of this status, other than 200.

    `url` is redacted; `retry_after` is that header as received; a longer wait than `max_wait_s` seconds is a
    `RateLimitedError`.
    """
    error = _refusal(url, status, problem, retry_after, max_wait_s)
    error.status = status
    return error


def _refusal(url: str, status: int, problem: str, retry_after: str, max_wait_s: float) -> FetchError:
    wait_s = retry_after_seconds(retry_after) if status in _MAY_HAVE_RETRY_AFTER else None
    if wait_s is not None and wait_s > max_wait_s:
        until = datetime.fromtimestamp(time.time() + wait_s, UTC)
        return RateLimitedError(url, problem, f"it is retried after {until:%Y-%m-%d %H:%M} UTC.", until)
    # a 2xx other than 200, or 304 to an unconditional request, is an error of the server
    if status in RETRYABLE_STATUSES or wait_s is not None or status < HTTPStatus.BAD_REQUEST:
        retryable = RetryableError(url, problem, RETRIED_NEXT_RUN)
        retryable.retry_after_s = wait_s
        return retryable
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return MissingError(url, problem, "check whether the publisher moved it.")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return NotAllowedError(url, problem, "check whether the key is set, correct and not expired.")
    return FetchError(url, problem, "check whether the publisher changed its interface.")


def retry_after_seconds(text: str) -> float | None:
    """Seconds to wait by a Retry-After header, in seconds ("120") or as an HTTP date; None where it is neither."""
    text = text.strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return min(float(text), _MAX_RETRY_AFTER_S)
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        until = parsedate_to_datetime(text)
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return min(max(0.0, until.timestamp() - time.time()), _MAX_RETRY_AFTER_S)
    return None


def too_large(limit: int, url: str) -> FetchError:
    """The error for a response of more than `limit` bytes."""
    return FetchError(
        url, f"is larger than {limit:,} bytes.", "raise max_bytes in the publisher's source.toml if that is right."
    )
