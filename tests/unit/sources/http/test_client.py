"""The polite client against a server on loopback that misbehaves as a publisher's may: what is asked, and time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from hashlib import md5
from pathlib import Path

import pytest

from sources.http.client import Client
from sources.http.config import ClientConfig
from sources.http.errors import RateLimitedError, RetryableError
from tests.fakes.server import Fault, FaultKind, Reply, Request, serving
from tests.helpers.http_clients import GOOD, SHORT_TIMEOUTS, client_for, files_of, good, raw_server

pytestmark = pytest.mark.thorough

PUBLISHER = "publisher"


@pytest.fixture
def make_client(tmp_path: Path) -> Callable[..., Client]:
    return partial(client_for, tmp_path)


# What is asked


def test_it_names_itself_and_what_it_is(make_client) -> None:
    with serving(good) as server:
        make_client(server).get("list", params={"q": "a b"})
    (request,) = server.requests
    assert request.headers["user-agent"].startswith("rare-earth-warehouse/")
    assert request.query == {"q": "a b"}


def test_a_form_is_posted(make_client) -> None:
    with serving(good) as server:
        assert make_client(server).post("report", form={"_token": "t"}).json() == {"data": [1, 2, 3]}
    assert (server.requests[0].method, server.requests[0].form) == ("POST", {"_token": "t"})


def test_every_call_is_announced_before_it_goes_out_redirects_and_attempts_too(tmp_path) -> None:
    def handle(request: Request) -> Reply:
        return Reply(b"", status=302, headers={"Location": "/b"}) if request.path == "/a" else Reply(GOOD)

    announced: list[int] = []
    with serving(handle) as server:
        server.add_fault(Fault("close"), at=2)
        client = Client(
            "p",
            ClientConfig(server.url, pace=0),
            tmp_path,
            on_request=lambda: announced.append(len(server.requests) + 1),
        )
        client.get("a")
    assert announced == [1, 2, 3, 4] == [request.number for request in server.requests]


def test_a_call_that_is_not_allowed_does_not_go_out(tmp_path) -> None:
    def spent() -> None:
        raise RateLimitedError(PUBLISHER, "has no calls left today.", "tomorrow.")

    with serving(good) as server:
        before = threading.active_count()
        with pytest.raises(RateLimitedError):
            Client("p", ClientConfig(server.url), tmp_path, on_request=spent).get("a")
        assert server.requests == []
        assert threading.active_count() == before, "no watch is left behind"


def test_an_unchanged_answer_has_no_bytes(make_client) -> None:
    def handle(request: Request) -> Reply:
        if request.headers.get("if-none-match") == '"v1"':
            return Reply(b"", status=304, headers={"ETag": '"v1"'})
        return Reply(GOOD, headers={"ETag": '"v1"', "Last-Modified": "Sun, 22 Nov 2026 10:00:00 GMT"})

    with serving(handle) as server:
        client = make_client(server)
        first = client.get("list", expect="json")
        again = client.get("list", expect="json", validators={"etag": first.etag, "last_modified": first.last_modified})
    assert (first.is_unchanged, again.is_unchanged, again.path, again.read()) == (False, True, None, b"")
    assert server.requests[1].headers["if-modified-since"] == "Sun, 22 Nov 2026 10:00:00 GMT"


def test_not_modified_without_being_asked_for_it_is_no_answer(make_client) -> None:
    with serving(lambda _: Reply(b"", status=304)) as server, pytest.raises(RetryableError, match="304"):
        make_client(server).get("list")
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [202, 204, 206, 300])
def test_anything_but_the_whole_is_asked_for_again(make_client, status) -> None:
    with serving(lambda request: Reply(GOOD, status=status if request.number == 1 else 200)) as server:
        assert make_client(server).get("list", expect="json").status == 200


# Connections


def test_one_connection_serves_all_requests_of_a_client_until_it_is_closed(make_client) -> None:
    with serving(good) as server:
        with make_client(server) as client:
            for name in "abc":
                client.get(name)
            server.add_fault(Fault("status", 503))
            client.get("d")
        client.get("e")
    *in_block, after = server.requests
    assert len({request.port for request in in_block[:4]}) == 1
    assert after.port not in {request.port for request in in_block}


def test_a_slow_drip_on_a_reused_connection_is_ended_at_the_deadline_and_the_next_request_works(make_client) -> None:
    with serving(good) as server:
        client = make_client(server, attempts=1, deadline_s=SHORT_TIMEOUTS["deadline_s"])
        client.get("a")
        server.add_fault(Fault("drip"), at=2)
        with pytest.raises(RetryableError, match="did not end"):
            client.get("b")
        assert server.requests[0].port == server.requests[1].port
        assert client.get("c").read() == GOOD


# Time


@pytest.mark.parametrize(
    "kind", ["status", "hang", "drip", "close", "truncated", "corrupt", "html", "redirect", "empty"]
)
def test_one_fault_is_survived_and_a_lasting_one_is_named(make_client, kind: FaultKind) -> None:
    announced = {"md5": md5(GOOD, usedforsecurity=False).hexdigest()}
    with serving(good) as server:
        client = make_client(server, **(SHORT_TIMEOUTS if kind in ("hang", "drip") else {}))
        server.add_fault(Fault(kind))
        assert client.get("list", expect="json", **announced).json() == {"data": [1, 2, 3]}
        before = len(server.requests)
        assert before == 2 or (before == 3 and kind in ("hang", "drip")), "a busy machine may be too late once more"
        server.add_fault(Fault(kind), times=-1)
        with pytest.raises(RetryableError, match=rf"{server.url}/list|redirects to http://elsewhere\.invalid/"):
            client.get("list", expect="json", **announced)
        assert len(server.requests) == before + 3


def test_attempts_are_bounded_and_further_apart_each_time_with_jitter(make_client) -> None:
    waits: list[list[float]] = []
    with serving(good) as server:
        server.add_fault(Fault("status", 500), times=-1)
        for _ in range(4):
            waits.append([])
            with pytest.raises(RetryableError, match="500"):
                make_client(server, sleep=waits[-1].append, pace=1.0, attempts=8).get("list")
    assert {len(row) for row in waits} == {7}
    for row in waits:
        assert all(low <= wait <= 2 * low for wait, low in zip(row, (0.5, 1, 2, 4, 8, 16, 20), strict=True))
    assert len({tuple(row) for row in waits}) == 4, "no two clients come back at the same time"


@pytest.mark.parametrize("kind", ["body", "headers", "chunks"])
def test_a_slow_drip_is_ended_at_the_deadline(make_client, kind: str) -> None:
    """Each byte comes in time, so that only a deadline for all of them helps."""
    start = {
        "body": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
        "headers": b"HTTP/1.1 200 OK\r\nX-Slow: ",
        "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    }[kind]

    is_whole = False

    def drip(connection: socket.socket, _: int) -> None:
        nonlocal is_whole
        connection.sendall(start)
        for _ in range(1000):
            connection.sendall(b"1\r\na\r\n" if kind == "chunks" else b"a")
            time.sleep(0.05)
        is_whole = True

    with raw_server(drip) as url:
        began = time.monotonic()
        with pytest.raises(RetryableError, match="did not end"):
            make_client(url, attempts=1, deadline_s=SHORT_TIMEOUTS["deadline_s"]).get("list")
        assert time.monotonic() - began >= SHORT_TIMEOUTS["deadline_s"]
    assert not is_whole, "it did not wait for the end"


def test_an_answer_of_no_announced_length_that_the_deadline_cuts_is_not_taken_for_whole(make_client, tmp_path) -> None:
    def drip(connection: socket.socket, _: int) -> None:
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/csv\r\n\r\na,b\n")
        for _ in range(100):
            connection.sendall(b"1,2\n")
            time.sleep(0.05)

    with raw_server(drip) as url, pytest.raises(RetryableError, match="did not end"):
        make_client(url, attempts=1, deadline_s=SHORT_TIMEOUTS["deadline_s"]).get("table.csv", expect="csv")
    assert files_of(tmp_path) == []


def test_a_server_that_says_nothing_is_left_after_the_time_out(make_client) -> None:
    with serving(good) as server:
        server.add_fault(Fault("hang"), times=-1)
        began = time.monotonic()
        with pytest.raises(RetryableError, match="ReadTimeout"):
            make_client(server, attempts=2, timeout_s=0.3).get("list")
        assert time.monotonic() - began >= 0.6


def test_a_host_that_does_not_respond_is_an_error_of_the_publisher(make_client) -> None:
    with serving(good) as server:
        client = make_client(server)
    with pytest.raises(RetryableError, match="ConnectError"):
        client.get("list")


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_short_retry_after_is_kept(make_client, status) -> None:
    waits: list[float] = []
    with serving(good) as server:
        server.add_fault(Fault("status", status, {"Retry-After": "7"}))
        assert make_client(server, sleep=waits.append).get("list", expect="json")
    assert waits == [7.0]


def test_a_short_retry_after_may_be_a_date(make_client) -> None:
    waits: list[float] = []
    with serving(good) as server:
        soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
        server.add_fault(Fault("status", 503, {"Retry-After": soon}))
        make_client(server, sleep=waits.append).get("list")
    assert 17 < waits[0] <= 20


@pytest.mark.parametrize("status", [403, 429, 500, 502, 503])
@pytest.mark.parametrize("form", ["seconds", "date", "for ever"])
def test_a_long_retry_after_ends_the_run(make_client, status, form) -> None:
    later = datetime.now(UTC) + timedelta(hours=2)
    header = {"seconds": "7200", "date": format_datetime(later, usegmt=True), "for ever": "9" * 40}[form]
    with serving(good) as server:
        server.add_fault(Fault("status", status, {"Retry-After": header}), times=-1)
        with pytest.raises(RateLimitedError, match=str(status)) as caught:
            make_client(server, sleep=lambda _: pytest.fail("it waited")).get("list")
    assert len(server.requests) == 1
    assert caught.value.not_before is not None
    if form != "for ever":
        assert abs(caught.value.not_before - later) < timedelta(seconds=5)


@pytest.mark.parametrize("header", ["soon", "-5", "", "Mon, 99 Nov 2026 10:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"])
def test_a_retry_after_without_a_valid_time_is_ignored(make_client, header) -> None:
    waits: list[float] = []
    with serving(good) as server:
        server.add_fault(Fault("status", 429, {"Retry-After": header}))
        make_client(server, sleep=waits.append).get("list")
    assert waits == [0.0]


def test_a_pause_is_kept_between_calls_to_one_publisher_by_whichever_client(
    make_client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Publishers on loopback need no pause, so this one is asked through a proxy, which the environment may name."""
    with serving(good) as server:
        monkeypatch.setenv("HTTP_PROXY", server.url)
        monkeypatch.setenv("NO_PROXY", "")
        waits: list[float] = []
        base = "http://publisher.example"
        for _ in range(2):
            client = make_client(base, "polite", waits.append, pace=1.0, pause_s=30.0)
            client.get("a")
            client.get("b")
        make_client(base, "another", waits.append, pace=1.0, pause_s=30.0).get("c")
    assert [round(wait) for wait in waits] == [30, 30, 30]
    assert [request.headers["host"] for request in server.requests] == ["publisher.example"] * 5


def test_a_publisher_on_loopback_is_never_reached_by_a_proxy(make_client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving(good) as server:
        assert make_client(server).get("list").read() == GOOD


def test_no_content_is_an_answer_only_where_there_may_be_none(make_client) -> None:
    with serving(lambda _: Reply(b"", status=204)) as server:
        body = make_client(server).get("list", may_be_empty=True)
        assert (body.is_empty, body.is_unchanged, body.path, body.read()) == (True, False, None, b"")
        assert len(server.requests) == 1
        with pytest.raises(RetryableError, match="answers 204"):
            make_client(server).get("list")
