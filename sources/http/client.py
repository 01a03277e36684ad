"""Shared HTTP client: rate limiting, retries, redirect allow-list, response validation."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import httpx

from sources.http.addresses import Addresses
from sources.http.bodies import BodyWriter, Expected
from sources.http.config import ClientConfig, user_agent
from sources.http.errors import RETRIED_NEXT_RUN, FetchError, NotAllowedError, RetryableError, quota_error, refusal
from sources.http.exchange import Connection, DeadlineError, is_untrusted
from sources.http.ranges import Download
from sources.http.redaction import Secrets
from sources.http.response import Body, Kind, validate_checksums
from sources.http.retry import retrying
from sources.http.robots import Robots, read_robots
from sources.model.artifact import SourceError

log = logging.getLogger("ree.http")

_MAX_REDIRECTS = 5
_last_request: dict[str, float] = {}
"""When each publisher was last requested, on the monotonic clock: all clients of a process keep one pause."""


@dataclass(frozen=True, slots=True)
class _Request:
    """One request, to the publisher or, after a redirect, to the redirect's target; `asked` is the first address."""

    method: str
    asked: httpx.URL
    url: httpx.URL
    headers: Mapping[str, str]
    form: Mapping[str, str] | None
    payload: Mapping[str, Any] | None
    expect: Kind
    max_bytes: int
    may_be_empty: bool

    @property
    def is_conditional(self) -> bool:
        """Whether it may be answered by a 304."""
        return any(name.lower() in ("if-none-match", "if-modified-since") for name in self.headers)


class Client:
    """Requests to one publisher, from one thread, over one connection pool.

    `on_request` is called before each request is sent, retries and redirects included, so that a quota counts requests
    of a killed run too; an error it raises stops the request. Use the client as a context manager: the end of the
    block closes the connections and drops cookies.
    """

    def __init__(
        self,
        name: str,
        config: ClientConfig,
        folder: Path,
        *,
        on_request: Callable[[], None] = lambda: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self.config = config
        self._key = config.key.strip()
        self._secrets = Secrets(self._key)
        self._addresses = Addresses(name, config, self._secrets)
        self._bodies = BodyWriter(folder, self._secrets, config.by_hand)
        self._agent = user_agent(config.contact)
        self._robots = Robots(name, config.robots_folder, self._read_robots) if config.robots_folder else None
        self._folder = folder
        self._on_request = on_request
        self._sleep = sleep
        self._pool: Connection | None = None

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def get(self, address: str, **options: Any) -> Body:
        """Send a GET request; see `request`."""
        return self.request("GET", address, **options)

    def post(self, address: str, **options: Any) -> Body:
        """Send a POST request; see `request`. Only for queries that read, since a failed attempt is repeated."""
        return self.request("POST", address, **options)

    def request(  # noqa: PLR0913 - what can be sent and what can be validated
        self,
        method: str,
        address: str,
        *,
        expect: Kind = "any",
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        payload: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        validators: Mapping[str, str] | None = None,
        size: int | None = None,
        md5: str | None = None,
        max_bytes: int | None = None,
        may_be_empty: bool = False,
        check: Callable[[Body], None] | None = None,
    ) -> Body:
        """Request until a complete response of the expected kind has arrived, or all attempts are used.

        `address` is relative to the publisher's base address, or absolute on one of its hosts. `form` is sent as a
        form, `payload` as JSON. `validators` are the `etag` and `last_modified` of an earlier response: where nothing
        changed, the body has no bytes. `size` in bytes and `md5` are compared with the body. `may_be_empty` accepts a
        204 as the statement that there is no data: the body has no bytes. `check` validates any other body for the
        caller; a `RetryableError` it raises is retried.

        Raises:
            MissingError: 404 or 410.
            NotAllowedError: 401, or 403 without Retry-After.
            RobotsError: the host's robots.txt disallows the address.
            ChallengeError: a CAPTCHA or a firewall's challenge.
            RateLimitedError: Retry-After is longer than `max_wait_s`, or a quota is used up.
            FetchError: any other refusal, another host, a body too large, of another kind, size or checksum, or all
                attempts failed.
        """
        if not (self._key.isascii() and self._key.isprintable()):
            raise FetchError(self.name, "has a key with characters that no header can hold.", "copy the key again.")
        url = self._addresses.resolve(address, params)
        self._secrets.conceal_signature(str(url))
        request = _Request(
            method,
            url,
            url,
            self._headers(expect) | dict(headers or {}) | _conditional_headers(validators or {}),
            form,
            payload,
            expect,
            max_bytes or self.config.max_bytes,
            may_be_empty,
        )

        download = Download()

        def validated() -> Body:
            body = self._attempt(request, download)
            validate_checksums(body, size, md5)
            if check and body.path is not None:
                self._check(check, body)
            return body

        try:
            return retrying(self.config, self._sleep)(validated)
        finally:
            download.discard()

    def _headers(self, expect: Kind) -> dict[str, str]:
        """A file that is compressed must arrive as it is on the server, or size and checksum would differ."""
        encoding = "identity" if expect in ("zip", "gzip", "7z") else "gzip, identity"
        return {"Accept-Encoding": encoding, "User-Agent": self._agent}

    def redact(self, text: str) -> str:
        """`text` without the publisher's key, in whatever encoding an address or a page has it."""
        return self._secrets.redact(text)

    def refuse_echo(self, what: str, value: Any) -> None:
        """Check that a value to be stored, of anything that JSON can hold, does not contain the key.

        Raises:
            FetchError: it does.
        """
        if self._secrets.found_in(json.dumps(value, default=str, ensure_ascii=False)):
            raise FetchError(self.name, f"echoes the key in {what}; it is not kept.", "report it to the publisher.")

    def _check(self, check: Callable[[Body], None], body: Body) -> None:
        """Validate a body for the caller, whose errors may quote it."""
        try:
            check(body)
        except SourceError as error:
            error.args = (self.redact(str(error)),)
            spent = quota_error(body.url, str(error), self.config) if isinstance(error, NotAllowedError) else None
            if spent is not None:
                raise spent from None
            raise

    def _attempt(self, request: _Request, download: Download) -> Body:
        """One attempt. Redirects are followed here and not by httpx, so that each is compared with the allow-list."""
        for _ in range(_MAX_REDIRECTS + 1):
            result = self._send(request, download)
            if isinstance(result, Body):
                return result
            request = result
        url = self._redacted_url(request.url)
        raise RetryableError(url, f"redirects more than {_MAX_REDIRECTS} times.", "inspect the address by hand.")

    def _send(self, request: _Request, download: Download) -> Body | _Request:
        """Send one request: its body, or the request of a redirect."""
        url = self._redacted_url(request.url)
        headers = self._headers_for(request) | download.headers()
        if self._robots is not None:
            self._robots.require_allowed(request.url, url)
        self._pause(self._robots.crawl_delay_s(request.url) if self._robots else 0.0)
        self._on_request()
        try:
            with self._connection().open(
                method=request.method,
                url=self._with_key(request.url),
                headers=headers,
                data=request.form,
                json=request.payload,
            ) as (response, is_late):
                log.debug("%s %s answers %d", request.method, url, response.status_code)
                if response.has_redirect_location:
                    return self._redirected(request, response)
                return self._save(request, response, download, is_late)
        except DeadlineError:
            problem, is_retryable = f"did not end its response within {self.config.deadline_s:.0f} s", True
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, UnicodeError) as error:
            # raised below, outside this block: the library's error holds the request, and with it the key
            problem = f"sent no complete response ({self._described(error)})"
            is_retryable = not is_untrusted(error)
        if is_retryable:
            raise RetryableError(url, f"{problem}.", RETRIED_NEXT_RUN)
        raise FetchError(url, f"{problem}.", "inspect the publisher's certificate by hand.")

    def _described(self, error: Exception) -> str:
        """An error of the library in words. What a server sent in a wrong form is quoted in it, and is left out.

        A `UnicodeError` is a cookie of other letters than ASCII, which cannot be sent back.
        """
        is_quoting = isinstance(error, httpx.ProtocolError | httpx.DecodingError | httpx.InvalidURL | UnicodeError)
        return type(error).__name__ if is_quoting else f"{type(error).__name__}: {self.redact(str(error))}"

    def _connection(self) -> Connection:
        if self._pool is None:
            self._pool = Connection(
                timeout_s=self.config.timeout_s,
                deadline_s=self.config.deadline_s,
                is_on_loopback=self.config.is_on_loopback,
            )
        return self._pool

    def _headers_for(self, request: _Request) -> dict[str, str]:
        """The headers to send. The key goes to the publisher's base address only, and in no form anywhere else."""
        headers = dict(request.headers)
        if self._addresses.is_base(request.url):
            if self._key and self.config.key_header:
                headers[self.config.key_header] = self._key
        elif self._secrets.found_in(" ".join([str(request.url), *headers.values(), _sent(request)])):
            url = self._redacted_url(request.url)
            raise FetchError(url, "would be sent the key.", "inspect the address by hand.")
        return headers

    def _with_key(self, url: httpx.URL) -> httpx.URL:
        """The address to send: with the key, where the publisher takes it as a parameter, on its base address only."""
        if self._key and self.config.key_parameter and self._addresses.is_base(url):
            return url.copy_set_param(self.config.key_parameter, self._key)
        return url

    def _save(
        self, request: _Request, response: httpx.Response, download: Download, is_late: Callable[[], bool]
    ) -> Body:
        """The response's body on disk, or the error that its status means."""
        url, status = self._redacted_url(request.url), response.status_code
        expected = Expected(self._redacted_url(request.asked), url, request.expect, request.max_bytes)
        if status == httpx.codes.NOT_MODIFIED and request.is_conditional:
            return self._bodies.without_bytes(response, expected)
        if status == httpx.codes.NO_CONTENT and request.may_be_empty:
            return self._bodies.without_bytes(response, expected)
        is_rest = status == httpx.codes.PARTIAL_CONTENT and download.is_resumable
        if status != httpx.codes.OK and not is_rest:
            problem = self._bodies.error_text(response, url)
            if status == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and download.is_resumable:
                download.discard()
                raise RetryableError(url, problem, RETRIED_NEXT_RUN)
            raise refusal(url, status, problem, response.headers.get("Retry-After", ""), self.config)
        return self._bodies.save(response, expected, download, is_late)

    def _redirected(self, request: _Request, response: httpx.Response) -> _Request:
        target = self._addresses.redirect_target(request.url, response.headers["Location"])
        self._secrets.conceal_signature(str(target))
        if response.status_code in (httpx.codes.TEMPORARY_REDIRECT, httpx.codes.PERMANENT_REDIRECT):
            return replace(request, url=target)
        return replace(request, url=target, method="GET", form=None, payload=None)

    def _read_robots(self, address: httpx.URL) -> str | None:
        """The text of a host's robots.txt. It is no request of the publisher's interface, so no quota counts it.

        A text with the key in it is not kept: it counts as none.
        """
        self._pause()
        text = read_robots(self._connection(), address, {"User-Agent": self._agent}, self._addresses.is_allowed)
        return "" if text and self._secrets.found_in(text) else text

    def _pause(self, crawl_delay_s: float = 0.0) -> None:
        """Wait until the publisher may be requested again: its pause, and at least what robots.txt asks for."""
        if not self.config.is_on_loopback:
            pause_s = max(self.config.pause_s * self.config.pace, min(crawl_delay_s, self.config.max_wait_s))
            due = _last_request.get(self.name, float("-inf")) + pause_s
            wait_s = due - time.monotonic()
            if wait_s > 0:
                self._sleep(wait_s)
        _last_request[self.name] = time.monotonic()

    def _redacted_url(self, url: httpx.URL) -> str:
        return self._addresses.redacted(url)


def _sent(request: _Request) -> str:
    """The text of what a request sends in its body."""
    return " ".join([*(request.form or {}).values(), json.dumps(request.payload, ensure_ascii=False)])


def _conditional_headers(validators: Mapping[str, str]) -> dict[str, str]:
    """The headers that ask for a body only if it differs from the one with these validators."""
    by_name = {"If-None-Match": "etag", "If-Modified-Since": "last_modified"}
    return {header: validators[name] for header, name in by_name.items() if validators.get(name)}
