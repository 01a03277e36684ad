"""One exchange with a server: opened, held to its deadline, and silent about what was sent.

Belongs here: connections and time. Does not belong here: what a publisher is asked and how often (`http.py`).
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx

from sources.http.redaction import Secrets, quiet
from sources.http.response import PASSING, FetchError
from sources.version import DISTRIBUTION, project_version

USER_AGENT = f"{DISTRIBUTION}/{project_version()} (open data warehouse; asks slowly, once; respects Retry-After)"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to wait for the next bytes, and for all of them. A server on loopback is reached without a proxy."""

    timeout_s: float
    deadline_s: float
    is_on_loopback: bool


def is_loopback(address: str) -> bool:
    """Whether an address is on this machine."""
    with contextlib.suppress(ValueError, httpx.InvalidURL):
        host = httpx.URL(address).host
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    return False


def is_this_machine(host: str) -> bool:
    """Whether a host is one of the three names that this machine always has for itself."""
    return host in ("localhost", "127.0.0.1", "::1")


def trusted_tls() -> ssl.SSLContext:
    """The TLS context that trusts this machine's certificate authorities, or those that the environment names."""
    return _trusted_tls(os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", ""))


@functools.cache
def _trusted_tls(_file: str, _folder: str) -> ssl.SSLContext:
    """One context for each place of certificates: OpenSSL reads the two variables, and takes some 25 ms for it."""
    return ssl.create_default_context()


class LateError(Exception):
    """An answer did not end before its deadline."""


class _Deadline:
    """Ends one call when its time is up, however slowly it drips: in its headers or in its body.

    The watch shuts the socket down rather than closing it: that wakes the thread that reads from it.
    """

    def __init__(self, seconds: float) -> None:
        self._is_over = threading.Event()
        self._socket: socket.socket | None = None
        self._watch = threading.Timer(seconds, self._end)
        self._watch.daemon = True

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._watch.cancel()

    def is_over(self) -> bool:
        """Whether the time is up."""
        return self._is_over.is_set()

    def trace(self, event: str, about: Mapping[str, Any]) -> None:
        """Called by httpx as a call goes on: remember the connection it is made by."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._socket = about["return_value"].get_extra_info("socket")
            if self.is_over():
                self._end()

    def _end(self) -> None:
        self._is_over.set()
        if self._socket is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


@contextlib.contextmanager
def exchange(
    limits: Limits, tls: ssl.SSLContext, cookies: httpx.Cookies, request: Mapping[str, Any]
) -> Iterator[tuple[httpx.Response, Callable[[], bool]]]:
    """An open answer, and whether its deadline has passed. Nothing of it is logged by the libraries.

    Raises:
        LateError: the deadline passed.
        httpx.HTTPError: no whole answer.
    """
    with (
        quiet(),
        _Deadline(limits.deadline_s) as deadline,
        httpx.Client(
            verify=tls, timeout=limits.timeout_s, cookies=cookies, trust_env=not limits.is_on_loopback
        ) as client,
    ):
        try:
            with client.stream(**request, extensions={"trace": deadline.trace}) as response:
                yield response, deadline.is_over
        except (httpx.HTTPError, httpx.StreamError):
            if deadline.is_over():
                raise LateError from None
            raise


def post_json(address: str, message: Mapping[str, Any], *, timeout_s: float = 10.0, attempts: int = 2) -> None:
    """Post a message to a hook, following no redirect. The whole address is a secret and stands in no error and no log.

    Raises:
        FetchError: the hook did not take it.
    """
    hidden = Secrets(address)
    why = "has no address"
    for _ in range(attempts):
        try:
            limits = Limits(timeout_s, 2 * timeout_s, is_on_loopback=is_loopback(address))
            request = {"method": "POST", "url": address, "json": message, "headers": {"User-Agent": USER_AGENT}}
            with exchange(limits, trusted_tls(), httpx.Cookies(), request) as (response, _):
                if response.is_success:
                    return
                why = f"answers {response.status_code}"
                if response.status_code not in PASSING:
                    break
        except LateError:
            why = "did not answer in time"
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            why = f"was not reached ({type(error).__name__}: {hidden.redact(str(error))})"
    name = "the hook"
    raise FetchError(name, f"{why}.", "look whether its address is right and whether it is up.")


def is_distrust(error: BaseException | None) -> bool:
    """Whether a connection failed since the publisher's certificate is not to be trusted."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None
