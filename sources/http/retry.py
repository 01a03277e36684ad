"""Retry policy: exponential backoff with jitter, at least as long as the server's Retry-After."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

import tenacity

from sources.http.config import ClientConfig
from sources.http.errors import RetryableError

log = logging.getLogger("ree.http")

_FIRST_WAIT_S, _MAX_BACKOFF_S = 0.5, 20.0
"""Between attempts, before the factor `pace`; doubled each time, with jitter of up to as much again."""


def retrying(config: ClientConfig, sleep: Callable[[float], None]) -> tenacity.Retrying:
    """Repeat a call that raises `RetryableError`, `config.attempts` times in all; the last error is raised as it is."""
    backoff = tenacity.wait_exponential(multiplier=_FIRST_WAIT_S * config.pace, max=_MAX_BACKOFF_S * config.pace)

    def wait(state: tenacity.RetryCallState) -> float:
        jitter = 1 + secrets.randbelow(1000) / 1000
        return max(_retry_after_s(state), backoff(state) * jitter)

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(RetryableError),
        stop=tenacity.stop_after_attempt(config.attempts),
        wait=wait,
        sleep=sleep,
        before_sleep=_log_failure,
        reraise=True,
    )


def _log_failure(state: tenacity.RetryCallState) -> None:
    """One short line of a failure that may pass, without the remedy: nobody needs to act yet."""
    problem = str(_error_of(state)).partition(" Remedy: ")[0]
    log.debug("attempt %d failed, retried in %.0f s: %s", state.attempt_number, state.upcoming_sleep, problem)


def _retry_after_s(state: tenacity.RetryCallState) -> float:
    error = _error_of(state)
    return (error.retry_after_s or 0.0) if isinstance(error, RetryableError) else 0.0


def _error_of(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
