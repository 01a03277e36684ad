"""Servers that speak raw bytes instead of HTTP, and clients with short timeouts."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sources.http.client import Client, Manners
from tests.fakes.server import Played, Reply, Request

HEADER = "Ocp-Apim-Subscription-Key"
HURRIED = {"timeout_s": 0.3, "deadline_s": 0.3}
"""For a server that hangs or drips alone: whatever else is played may take its time on a busy machine."""
GOOD = b'{"data":[1,2,3]}'


def good(_: Request) -> Reply:
    return Reply(GOOD)


def asking(
    folder: Path, server: Played | str, name: str = "publisher", sleep: Any = time.sleep, **manners: Any
) -> Client:
    """A client of a played server that asks three times, without a pause, and waits long for each answer."""
    usual = {"pace": 0.0, "timeout_s": 30.0, "deadline_s": 60.0, "attempts": 3, "key_header": HEADER}
    url = server if isinstance(server, str) else server.url
    return Client(name, Manners(url, **(usual | manners)), folder, sleep=sleep)


@contextmanager
def speaking(speak: Callable[[socket.socket, int], None]) -> Iterator[str]:
    """A server that speaks bytes rather than HTTP: `speak(connection, number)` after each request."""
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
                    speak(connection, number)
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
