"""Clients with short waits, and a server that sends raw bytes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sources.http.client import Client
from sources.http.config import ClientConfig
from tests.fakes.server import FakeServer, Reply, Request

HEADER = "Ocp-Apim-Subscription-Key"
SHORT_TIMEOUTS = {"timeout_s": 0.3, "deadline_s": 0.3}
"""For a server that hangs or drips. Other tests keep long timeouts, since the machine may be busy."""
GOOD = b'{"data":[1,2,3]}'


def good(_: Request) -> Reply:
    return Reply(GOOD)


def client_for(
    folder: Path, server: FakeServer | str, name: str = "publisher", sleep: Any = time.sleep, **config: Any
) -> Client:
    """A client of a fake server: three attempts, no pauses, long timeouts."""
    defaults = {"pace": 0.0, "timeout_s": 30.0, "deadline_s": 60.0, "attempts": 3, "key_header": HEADER}
    url = server if isinstance(server, str) else server.url
    return Client(name, ClientConfig(url, **(defaults | config)), folder, sleep=sleep)


@contextmanager
def raw_server(respond: Callable[[socket.socket, int], None]) -> Iterator[str]:
    """A server that sends raw bytes: `respond(connection, number)` after each request; then it closes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        number = 0
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            number += 1
            with connection:
                try:
                    connection.recv(65536)
                    respond(connection, number)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def files_of(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
