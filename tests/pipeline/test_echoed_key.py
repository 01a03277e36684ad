"""A publisher's server that echoes the key everywhere: no byte under the home and no line of output has it."""

from __future__ import annotations

import logging
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from orchestration import alerts
from orchestration.alerts import Alert
from sources.http.fetcher import FetchContext, Fetcher, FetchResult, Task
from sources.registry import sources
from tests.helpers.echoes import ECHOES, KEY, leaks
from tests.helpers.http_clients import raw_server
from tests.helpers.violators import assert_none
from warehouse.ingest import fetch_run
from warehouse.ingest.windows import whole_window
from warehouse.secrets import secrets_of
from warehouse.settings import Settings

HEADERS = ("ETag", "Last-Modified", "Content-Type", "Retry-After", "Set-Cookie", "X-Echo", "Server", "WWW-Authenticate")
PLACES = (
    "headers",
    "encoding",
    "reason",
    "body",
    "page",
    "trailer",
    "redirect",
    "elsewhere",
    "broken header",
    "status",
)


def answers(echo: str) -> dict[str, bytes]:
    """Responses with the echo in one place each, and in all their headers."""
    raw = echo.encode("utf-8", "surrogateescape")
    line = raw.replace(b"\n", b"\t")
    headers = b"".join(name.encode() + b": " + line + b"\r\n" for name in HEADERS)
    none = b'{"data": []}'

    def response(status: bytes, body: bytes = b"", more: bytes = b"") -> bytes:
        length = f"Content-Length: {len(body)}\r\n\r\n".encode()
        return b"HTTP/1.1 " + status + b"\r\n" + more + headers + length + body

    return {
        "headers": response(b"200 OK", none),
        "encoding": response(b"200 OK", none, b"Content-Encoding: " + line + b"\r\n"),
        "reason": response(b"404 " + line),
        "status": line + b"\r\n\r\n",
        "body": response(b"200 OK", b'{"data": [{"period": "' + raw + b'"}], "error": "' + raw + b'"}'),
        "text": response(b"200 OK", b"the key " + raw),
        "page": response(b"403 Forbidden", b"<p>the key " + raw + b" is wrong</p>"),
        "trailer": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
        + headers
        + b"\r\nc\r\n"
        + none
        + b"\r\n0\r\nX-Trailer: "
        + line
        + b"\r\n\r\n",
        "redirect": response(b"302 Found", more=b"Location: /?key=" + line + b"\r\n"),
        "elsewhere": response(b"302 Found", more=b"Location: http://elsewhere.invalid/" + line + b"\r\n"),
        "broken header": b"HTTP/1.1 200 OK\r\n" + line + b"\r\n\r\n",
    }


PLACES = tuple(answers("x"))


def discover(context: FetchContext) -> dict[str, Any]:
    return context.http.get("list", expect="json").json()


def plan(_: FetchContext) -> list[Task]:
    return []


def fetch(_: FetchContext, __: Task) -> FetchResult:
    return FetchResult()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch) -> Settings:
    """A live publisher with the key of un_comtrade, whose fetcher stores what its server lists."""
    monkeypatch.setattr(fetch_run, "fetchers", lambda: {"un_comtrade": Fetcher(discover, plan, fetch)})
    return Settings(home=tmp_path / "home", sources="live", pace=0, publishers={"un_comtrade": {"key": KEY}})


@pytest.mark.parametrize("place", PLACES)
def test_an_echo_is_written_nowhere(settings: Settings, place: str, caplog, capfd) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "httpcore.http11", "ree"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    source = sources()["un_comtrade"]
    found = []
    for name, encode in ECHOES.items():
        reply = answers(encode(KEY))[place]
        requests: list[bytes] = []

        def speak(connection: socket.socket, number: int, reply: bytes = reply, to: list[bytes] = requests) -> None:
            to.append(b"%d" % number)
            connection.sendall(reply)

        with raw_server(speak) as url:
            here = settings.model_copy(update={"urls": {"un_comtrade": url}})
            summary = fetch_run.run_fetch(here, source, whole_window(here))
        assert requests
        alert = Alert("run_failed", "failed", "\n".join(summary.failures), datetime(2026, 11, 26, tzinfo=UTC))
        shown = repr(alerts._redacted(alert, secrets_of(here)))
        logged = "".join(f"{record.getMessage()}{record.__dict__}" for record in caplog.records)
        caplog.clear()
        output = "".join(capfd.readouterr())
        written = [path.read_bytes() for path in settings.home.rglob("*") if path.is_file()]
        said = "\n".join([*summary.failures, shown, logged, output]).encode("utf-8", "surrogateescape")
        found += [f"{name}: {leak}" for data in (*written, said) for leak in leaks(data)]
    assert_none(found)


def test_what_a_publisher_says_of_a_task_is_not_stored_with_the_key(settings: Settings, monkeypatch) -> None:
    """The server lists nothing; the fetcher itself puts what it read into cursors."""

    def plan_one(_: FetchContext) -> list[Task]:
        return [Task("one", *[whole_window(settings).first] * 2, 1, None, "due")]

    def fetch_echo(_: FetchContext, __: Task) -> FetchResult:
        return FetchResult(cursor={"release": ECHOES["zero-width spaces"](KEY)})

    fetcher = Fetcher(lambda _: {}, plan_one, fetch_echo)
    monkeypatch.setattr(fetch_run, "fetchers", lambda: {"un_comtrade": fetcher})
    summary = fetch_run.run_fetch(settings, sources()["un_comtrade"])
    assert summary.fetched == 0
    assert [failure for failure in summary.failures if "echoes the key" in failure]
    assert not leaks(settings.journal_file.read_bytes())
