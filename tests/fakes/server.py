"""A publisher played on loopback: a real HTTP server whose answers a play gives, and which can be told to misbehave.

Belongs here: the server, its log of what it was asked, and faults that any server may have. Does not belong here: what
one publisher answers, revised figures, changed columns: that is in the publisher's own play.
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
    """What the server was asked: its number from 1, and query and form with one value a name."""

    number: int
    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass
class Reply:
    """What the server answers."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """How the server misbehaves: `status` with `headers`, or one of the ways a connection or body goes wrong."""

    kind: FaultKind
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    to: str = "http://elsewhere.invalid/"


Play = Callable[[Request], Reply]


class Played:
    """A running server. `asked` is what it was asked, in order."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.asked: list[Request] = []
        self._faults: list[tuple[Callable[[Request], bool], Fault, list[int]]] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
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

    def misbehave(
        self, fault: Fault, *, at: int | None = None, when: Callable[[Request], bool] | None = None, times: int = 1
    ) -> None:
        """Answer with a fault: the request of number `at`, or those that `when` picks, `times` of them (-1: always)."""
        picks = when or ((lambda request: request.number == at) if at is not None else (lambda _: True))
        self._faults.append((picks, fault, [times]))

    def behave(self) -> None:
        """Forget all faults."""
        self._faults.clear()

    def _fault(self, request: Request) -> Fault | None:
        with self._lock:
            for picks, fault, left in self._faults:
                if left[0] and picks(request):
                    left[0] -= 1
                    return fault
        return None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        played = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                played._answer(self)

            do_POST = do_GET  # noqa: N815
            do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Say nothing on the terminal; `asked` holds what was asked."""

        return Handler

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        split = urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length") or 0)
        form = handler.rfile.read(length).decode()
        with self._lock:
            request = Request(
                number=len(self.asked) + 1,
                method=handler.command,
                path=split.path,
                query={name: values[-1] for name, values in parse_qs(split.query, keep_blank_values=True).items()},
                form={name: values[-1] for name, values in parse_qs(form, keep_blank_values=True).items()},
                headers={name.lower(): value for name, value in handler.headers.items()},
            )
            self.asked.append(request)
        fault = self._fault(request)
        try:
            if fault is None:
                _send(handler, self.play(request))
            else:
                self._misbehave(handler, request, fault)
        except (BrokenPipeError, ConnectionResetError):
            handler.close_connection = True

    def _misbehave(self, handler: BaseHTTPRequestHandler, request: Request, fault: Fault) -> None:
        handler.close_connection = True
        if fault.kind == "hang":
            self._over.wait(60)
        elif fault.kind in {"truncated", "drip"}:
            self._cut_or_drip(handler, self.play(request), is_cut=fault.kind == "truncated")
        elif fault.kind != "close":
            _send(handler, self._wrong_reply(request, fault))

    def _wrong_reply(self, request: Request, fault: Fault) -> Reply:
        if fault.kind == "corrupt":
            reply = self.play(request)
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
        _send(handler, reply, promise=len(reply.body), body=b"")
        if is_cut:
            handler.wfile.write(reply.body[: len(reply.body) // 2])
            return
        for byte in reply.body:
            if self._over.is_set():
                return
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.05)


def _send(handler: BaseHTTPRequestHandler, reply: Reply, promise: int | None = None, body: bytes | None = None) -> None:
    handler.send_response(reply.status)
    handler.send_header("Content-Type", reply.content_type)
    handler.send_header("Content-Length", str(len(reply.body) if promise is None else promise))
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    if handler.close_connection:
        handler.send_header("Connection", "close")
    handler.end_headers()
    if handler.command != "HEAD" and reply.status != 304:
        handler.wfile.write(reply.body if body is None else body)


@contextmanager
def playing(play: Play) -> Iterator[Played]:
    """Play a publisher while the block lasts."""
    with Played(play) as server:
        yield server
