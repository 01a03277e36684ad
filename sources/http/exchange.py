"""Connections: one pooled `httpx.Client`, a deadline for each response, silent library loggers, JSON hooks."""

from __future__ import annotations

import contextlib
import functools
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from sources.http.config import is_loopback, user_agent
from sources.http.errors import RETRYABLE_STATUSES, FetchError
from sources.http.redaction import silence_libraries

_KEEP_ALIVE_S = 30.0
"""How long an idle connection is kept: longer than the pause between two requests."""


def trusted_tls() -> ssl.SSLContext:
    """The TLS context that trusts this machine's certificate authorities, or those that the environment names."""
    return _trusted_tls(os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", ""))


@functools.cache
def _trusted_tls(_file: str, _folder: str) -> ssl.SSLContext:
    """One context per location of certificates: OpenSSL reads the two variables, which takes some 25 ms."""
    return ssl.create_default_context()


class DeadlineError(Exception):
    """A response did not end before its deadline."""


class Connection:
    """A pool of connections to one publisher, for one thread. It stores the cookies it receives until it is closed.

    `timeout_s` is the wait for the next bytes, `deadline_s` for all of a response, in seconds. A server on loopback is
    reached without a proxy.
    """

    def __init__(self, *, timeout_s: float, deadline_s: float, is_on_loopback: bool) -> None:
        self._deadline_s = deadline_s
        self._sockets: list[socket.socket] = []
        self._client = httpx.Client(
            verify=trusted_tls(),
            timeout=timeout_s,
            trust_env=not is_on_loopback,
            limits=httpx.Limits(keepalive_expiry=_KEEP_ALIVE_S),
        )

    def close(self) -> None:
        """Close all connections and forget cookies."""
        self._client.close()

    @contextlib.contextmanager
    def open(self, **request: Any) -> Iterator[tuple[httpx.Response, Callable[[], bool]]]:
        """Send a request (arguments of `httpx.Client.stream`); its open response, and whether its deadline has passed.

        The libraries log nothing of it. A timer ends the response at its deadline, also when it sends a byte now and
        then, in its headers or its body.

        Raises:
            DeadlineError: the deadline passed.
            httpx.HTTPError: no complete response.
        """
        is_over = threading.Event()
        timer = threading.Timer(self._deadline_s, self._end, [is_over])
        timer.daemon = True

        def trace(event: str, info: Mapping[str, Any]) -> None:
            if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
                self._sockets.append(info["return_value"].get_extra_info("socket"))
                if is_over.is_set():
                    self._end(is_over)

        self._sockets = [known for known in self._sockets if known.fileno() != -1]
        with silence_libraries():
            timer.start()
            try:
                with self._client.stream(**request, extensions={"trace": trace}) as response:
                    yield response, is_over.is_set
            except (httpx.HTTPError, httpx.StreamError):
                if is_over.is_set():
                    raise DeadlineError from None
                raise
            finally:
                timer.cancel()

    def _end(self, is_over: threading.Event) -> None:
        """Shut the pool's sockets down. Unlike closing them, this wakes the thread that reads from one.

        httpx does not tell which pooled connection a request uses. The idle ones are replaced at the next request.
        """
        is_over.set()
        for known in list(self._sockets):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(known, socket.SHUT_RDWR)


def post_json(address: str, message: Mapping[str, Any], *, timeout_s: float = 10.0, attempts: int = 2) -> None:
    """Post a message to a hook, following no redirect. The whole address is a secret and is in no error and no log.

    Raises:
        FetchError: the hook did not accept it.
    """
    problem = "has no address"
    for _ in range(attempts):
        connection = Connection(timeout_s=timeout_s, deadline_s=2 * timeout_s, is_on_loopback=is_loopback(address))
        try:
            request = {"method": "POST", "url": address, "json": message, "headers": {"User-Agent": user_agent()}}
            with contextlib.closing(connection), connection.open(**request) as (response, _):
                if response.is_success:
                    return
                problem = f"answers {response.status_code}"
                if response.status_code not in RETRYABLE_STATUSES:
                    break
        except DeadlineError:
            problem = "did not answer in time"
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            problem = f"was not reached ({type(error).__name__})"
    name = "the hook"
    raise FetchError(name, f"{problem}.", "check whether its address is correct and whether it is up.")


def is_untrusted(error: BaseException | None) -> bool:
    """Whether a connection failed because the server's certificate is not trusted."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None
