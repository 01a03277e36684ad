"""An HTTP server on loopback: responses by a function, a log of requests, and faults that any server may have.

A publisher's responses are in `tests/publishers/<code>/fake.py`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit

FaultKind = Literal["status", "hang", "drip", "close", "truncated", "corrupt", "html", "redirect", "empty"]
ERROR_PAGE = b"<!DOCTYPE html><html><head><title>Oops</title></head><body><h1>Something went wrong</h1></body></html>"


@dataclass(frozen=True)
class Request:
    """A received request: its number from 1, query and form with one value per name, the client's port, its body."""

    number: int
    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]
    port: int
    body: str = ""


@dataclass
class Reply:
    """A response."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """A fault of the server: `status` with `headers`, or one of the ways a connection or body fails."""

    kind: FaultKind
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    to: str = "http://elsewhere.invalid/"


Responder = Callable[[Request], Reply]


class FakeServer:
    """A server. `requests` are those received, in order; those of robots.txt are counted apart.

    `robots` is the body of robots.txt, or the status with which it is answered.
    """

    def __init__(self, responder: Responder) -> None:
        self.responder = responder
        self.requests: list[Request] = []
        self.robots: bytes | int = 404
        self.robots_requests = 0
        self._faults: list[tuple[Callable[[Request], bool], Fault, list[int]]] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._request_handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Its base address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def add_fault(
        self, fault: Fault, *, at: int | None = None, when: Callable[[Request], bool] | None = None, times: int = 1
    ) -> None:
        """Respond with a fault to request number `at`, or to those that `when` selects, `times` times (-1: always)."""
        picks = when or ((lambda request: request.number == at) if at is not None else (lambda _: True))
        self._faults.append((picks, fault, [times]))

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._faults.clear()

    def _fault(self, request: Request) -> Fault | None:
        with self._lock:
            for picks, fault, left in self._faults:
                if left[0] and picks(request):
                    left[0] -= 1
                    return fault
        return None

    def _request_handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class RequestHandler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else a body waits 40 ms for the client to acknowledge the headers

            def do_GET(self) -> None:
                server._respond(self)

            do_POST = do_GET  # noqa: N815
            do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Log nothing; `requests` holds the requests."""

        return RequestHandler

    def _respond(self, handler: BaseHTTPRequestHandler) -> None:
        split = urlsplit(handler.path)
        if split.path == "/robots.txt":
            self.robots_requests += 1
            robots = self.robots
            _send(handler, Reply(b"", status=robots) if isinstance(robots, int) else Reply(robots, "text/plain"))
            return
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length).decode()
        with self._lock:
            request = Request(
                number=len(self.requests) + 1,
                method=handler.command,
                path=split.path,
                query={name: values[-1] for name, values in parse_qs(split.query, keep_blank_values=True).items()},
                form={name: values[-1] for name, values in parse_qs(body, keep_blank_values=True).items()},
                headers={name.lower(): value for name, value in handler.headers.items()},
                port=handler.client_address[1],
                body=body,
            )
            self.requests.append(request)
        fault = self._fault(request)
        try:
            if fault is None:
                reply = self.responder(request)
                # a reply that announces more than it has breaks off
                handler.close_connection |= "Content-Length" in reply.headers
                _send(handler, reply)
            else:
                self._send_fault(handler, request, fault)
        except (BrokenPipeError, ConnectionResetError):
            handler.close_connection = True

    def _send_fault(self, handler: BaseHTTPRequestHandler, request: Request, fault: Fault) -> None:
        handler.close_connection = True
        if fault.kind == "hang":
            self._over.wait(60)
        elif fault.kind in {"truncated", "drip"}:
            self._cut_or_drip(handler, self.responder(request), is_cut=fault.kind == "truncated")
        elif fault.kind != "close":
            _send(handler, self._wrong_reply(request, fault))

    def _wrong_reply(self, request: Request, fault: Fault) -> Reply:
        if fault.kind == "corrupt":
            reply = self.responder(request)
            middle = len(reply.body) // 2
            reply.body = reply.body[:middle] + bytes([reply.body[middle] ^ 1]) + reply.body[middle + 1 :]
            return reply
        return {
            "status": Reply(b'{"statusCode": %d}' % fault.status, status=fault.status, headers={**fault.headers}),
            "html": Reply(ERROR_PAGE, "text/html"),
            "empty": Reply(b"", "text/plain"),
            "redirect": Reply(b"", "text/plain", 302, {"Location": fault.to}),
        }[fault.kind]

    def _cut_or_drip(self, handler: BaseHTTPRequestHandler, reply: Reply, *, is_cut: bool) -> None:
        _send(handler, reply, declared_size=len(reply.body), body=b"")
        if is_cut:
            handler.wfile.write(reply.body[: len(reply.body) // 2])
            return
        for byte in reply.body:
            if self._over.is_set():
                return
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.05)


def _send(
    handler: BaseHTTPRequestHandler, reply: Reply, declared_size: int | None = None, body: bytes | None = None
) -> None:
    handler.send_response(reply.status)
    handler.send_header("Content-Type", reply.content_type)
    if "Content-Length" not in reply.headers:
        handler.send_header("Content-Length", str(len(reply.body) if declared_size is None else declared_size))
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    if handler.close_connection:
        handler.send_header("Connection", "close")
    handler.end_headers()
    if handler.command != "HEAD" and reply.status != 304:
        handler.wfile.write(reply.body if body is None else body)


@contextmanager
def serving(responder: Responder) -> Iterator[FakeServer]:
    """A running server that responds so, while the block lasts."""
    with FakeServer(responder) as server:
        yield server
