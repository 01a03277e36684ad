"""Errors of HTTP access. All are `SourceError`s: what happened, where, and the remedy."""

from __future__ import annotations

import contextlib
import re
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from sources.http.config import ClientConfig
from sources.model.artifact import SourceError

RETRIED_NEXT_RUN = "it is retried in the next run."
"""The remedy of a failure that may be gone by itself."""

RETRYABLE_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_MAY_HAVE_RETRY_AFTER = RETRYABLE_STATUSES | {403}
_MAY_SPEAK_OF_QUOTA = frozenset({403, 429})
_A_DAY_S = 86_400.0
_MAX_RETRY_AFTER_S = 400 * _A_DAY_S


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


class ChallengeError(FetchError):
    """The publisher answers with a CAPTCHA, or the challenge of a firewall: a person must request the file."""


class RateLimitedError(FetchError):
    """The publisher demands a longer wait than a run can make, or the daily quota or the time of a visit is used up.

    `not_before` is the moment from which requests are allowed again, None where it is unknown.
    """

    def __init__(self, artifact: str, problem: str, remedy: str, not_before: datetime | None = None) -> None:
        super().__init__(artifact, problem, remedy)
        self.not_before = not_before


def refusal(url: str, status: int, problem: str, retry_after: str, config: ClientConfig) -> FetchError:
    """The error for a response of this status, other than 200.

    `url` is redacted; `retry_after` is that header as received. Words that speak of a used-up quota, or a longer wait
    than `config.max_wait_s` seconds, make a `RateLimitedError`.
    """
    error = _refusal(url, status, problem, retry_after, config)
    error.status = status
    return error


def _refusal(url: str, status: int, problem: str, retry_after: str, config: ClientConfig) -> FetchError:
    wait_s = retry_after_seconds(retry_after) if status in _MAY_HAVE_RETRY_AFTER else None
    if status in _MAY_SPEAK_OF_QUOTA and (spent := quota_error(url, problem, config, wait_s)):
        return spent
    if wait_s is not None and wait_s > config.max_wait_s:
        return _rate_limited(url, problem, wait_s)
    # a 2xx other than 200, or 304 to an unconditional request, is an error of the server
    is_busy = status in RETRYABLE_STATUSES | config.busy_statuses
    if is_busy or wait_s is not None or status < HTTPStatus.BAD_REQUEST:
        retryable = RetryableError(url, problem, RETRIED_NEXT_RUN)
        retryable.retry_after_s = wait_s
        return retryable
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return MissingError(url, problem, f"check whether the publisher moved it.{config.by_hand}")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return NotAllowedError(url, problem, not_allowed_remedy(config))
    return FetchError(url, problem, "check whether the publisher changed its interface.")


def quota_error(
    url: str, text: str, config: ClientConfig, retry_after_s: float | None = None
) -> RateLimitedError | None:
    """The error for words that speak of a used-up quota, whatever `Retry-After` says; None where they do not.

    The quota is renewed at the time in the words, else after `retry_after_s` where that is not 0, else after a day.
    """
    found = re.search(config.quota_words, text, re.IGNORECASE | re.DOTALL) if config.quota_words else None
    if found is None:
        return None
    parts = {name: int(value) for name, value in found.groupdict(default="0").items()}
    return _rate_limited(url, text, timedelta(**parts).total_seconds() or retry_after_s or _A_DAY_S)


def _rate_limited(url: str, problem: str, wait_s: float) -> RateLimitedError:
    until = datetime.fromtimestamp(time.time() + wait_s, UTC)
    return RateLimitedError(url, problem, f"it is retried after {until:%Y-%m-%d %H:%M} UTC.", until)


def not_allowed_remedy(config: ClientConfig) -> str:
    """The remedy of a 401 or 403: the key, where the publisher has one."""
    if not config.key_setting:
        return f"the publisher takes no key: it may refuse programs, or this machine's address.{config.by_hand}"
    if not config.key:
        return f"set {config.key_setting}, the publisher's key.{config.by_hand}"
    return f"check whether {config.key_setting} is correct and not expired.{config.by_hand}"


def retry_after_seconds(text: str) -> float | None:
    """Seconds to wait by a Retry-After header; None where it states no time.

    It may be in seconds ("120"), an HTTP date, or days and a time as .NET writes a span ("1.02:14:17").
    """
    text = text.strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return min(float(text), _MAX_RETRY_AFTER_S)
    if span := re.fullmatch(r"(?:(\d{1,3})\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?", text):
        days, hours, minutes, seconds = (int(part or 0) for part in span.groups())
        return min(((days * 24 + hours) * 60 + minutes) * 60.0 + seconds, _MAX_RETRY_AFTER_S)
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
