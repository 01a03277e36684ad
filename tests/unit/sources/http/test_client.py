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

from sources.http.client import (
    Client,
    Manners,
    PassingError,
    TryLaterError,
)
from tests.fakes.server import Fault, FaultKind, Reply, Request, playing
from tests.helpers.asking import GOOD, HURRIED, asking, files_of, good, speaking

pytestmark = pytest.mark.thorough

PUBLISHER = "publisher"


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., Client]:
    return partial(asking, tmp_path)


# What is asked


def test_it_names_itself_and_what_it_is(ask) -> None:
    with playing(good) as server:
        ask(server).get("list", params={"q": "a b"})
    (request,) = server.asked
    assert request.headers["user-agent"].startswith("rare-earth-warehouse/")
    assert request.query == {"q": "a b"}


def test_a_form_is_posted(ask) -> None:
    with playing(good) as server:
        assert ask(server).post("report", form={"_token": "t"}).json() == {"data": [1, 2, 3]}
    assert (server.asked[0].method, server.asked[0].form) == ("POST", {"_token": "t"})


def test_every_call_is_announced_before_it_goes_out_redirects_and_attempts_too(tmp_path) -> None:
    def play(request: Request) -> Reply:
        return Reply(b"", status=302, headers={"Location": "/b"}) if request.path == "/a" else Reply(GOOD)

    announced: list[int] = []
    with playing(play) as server:
        server.misbehave(Fault("close"), at=2)
        client = Client(
            "p", Manners(server.url, pace=0), tmp_path, on_call=lambda: announced.append(len(server.asked) + 1)
        )
        client.get("a")
    assert announced == [1, 2, 3, 4] == [request.number for request in server.asked]


def test_a_call_that_is_not_allowed_does_not_go_out(tmp_path) -> None:
    def spent() -> None:
        raise TryLaterError(PUBLISHER, "has no calls left today.", "tomorrow.")

    with playing(good) as server:
        before = threading.active_count()
        with pytest.raises(TryLaterError):
            Client("p", Manners(server.url), tmp_path, on_call=spent).get("a")
        assert server.asked == []
        assert threading.active_count() == before, "no watch is left behind"


def test_an_unchanged_answer_has_no_bytes(ask) -> None:
    def play(request: Request) -> Reply:
        if request.headers.get("if-none-match") == '"v1"':
            return Reply(b"", status=304, headers={"ETag": '"v1"'})
        return Reply(GOOD, headers={"ETag": '"v1"', "Last-Modified": "Sun, 22 Nov 2026 10:00:00 GMT"})

    with playing(play) as server:
        client = ask(server)
        first = client.get("list", expect="json")
        again = client.get("list", expect="json", validators={"etag": first.etag, "last_modified": first.last_modified})
    assert (first.is_unchanged, again.is_unchanged, again.path, again.read()) == (False, True, None, b"")
    assert server.asked[1].headers["if-modified-since"] == "Sun, 22 Nov 2026 10:00:00 GMT"


def test_not_modified_without_being_asked_for_it_is_no_answer(ask) -> None:
    with playing(lambda _: Reply(b"", status=304)) as server, pytest.raises(PassingError, match="304"):
        ask(server).get("list")
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [202, 204, 206, 300])
def test_anything_but_the_whole_is_asked_for_again(ask, status) -> None:
    with playing(lambda request: Reply(GOOD, status=status if request.number == 1 else 200)) as server:
        assert ask(server).get("list", expect="json").status == 200


# Time


@pytest.mark.parametrize(
    "kind", ["status", "hang", "drip", "close", "truncated", "corrupt", "html", "redirect", "empty"]
)
def test_one_fault_is_survived_and_a_lasting_one_is_named(ask, kind: FaultKind) -> None:
    announced = {"md5": md5(GOOD, usedforsecurity=False).hexdigest()}
    with playing(good) as server:
        client = ask(server, **(HURRIED if kind in ("hang", "drip") else {}))
        server.misbehave(Fault(kind))
        assert client.get("list", expect="json", **announced).json() == {"data": [1, 2, 3]}
        before = len(server.asked)
        assert before == 2 or (before == 3 and kind in ("hang", "drip")), "a busy machine may be too late once more"
        server.misbehave(Fault(kind), times=-1)
        with pytest.raises(PassingError, match=rf"{server.url}/list|redirects to http://elsewhere\.invalid/"):
            client.get("list", expect="json", **announced)
        assert len(server.asked) == before + 3


def test_attempts_are_bounded_and_further_apart_each_time_with_jitter(ask) -> None:
    waits: list[list[float]] = []
    with playing(good) as server:
        server.misbehave(Fault("status", 500), times=-1)
        for _ in range(4):
            waits.append([])
            with pytest.raises(PassingError, match="500"):
                ask(server, sleep=waits[-1].append, pace=1.0, attempts=8).get("list")
    assert {len(row) for row in waits} == {7}
    for row in waits:
        assert all(low <= wait <= 2 * low for wait, low in zip(row, (0.5, 1, 2, 4, 8, 16, 20), strict=True))
    assert len({tuple(row) for row in waits}) == 4, "no two clients come back at the same time"


@pytest.mark.parametrize("kind", ["body", "headers", "chunks"])
def test_a_slow_drip_is_ended_at_the_deadline(ask, kind: str) -> None:
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

    with speaking(drip) as url:
        began = time.monotonic()
        with pytest.raises(PassingError, match="without end"):
            ask(url, attempts=1, deadline_s=HURRIED["deadline_s"]).get("list")
        assert time.monotonic() - began >= HURRIED["deadline_s"]
    assert not is_whole, "it did not wait for the end"


def test_an_answer_of_no_announced_length_that_the_deadline_cuts_is_not_taken_for_whole(ask, tmp_path) -> None:
    def drip(connection: socket.socket, _: int) -> None:
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/csv\r\n\r\na,b\n")
        for _ in range(100):
            connection.sendall(b"1,2\n")
            time.sleep(0.05)

    with speaking(drip) as url, pytest.raises(PassingError, match="without end"):
        ask(url, attempts=1, deadline_s=HURRIED["deadline_s"]).get("table.csv", expect="csv")
    assert files_of(tmp_path) == []


def test_a_server_that_says_nothing_is_left_after_the_time_out(ask) -> None:
    with playing(good) as server:
        server.misbehave(Fault("hang"), times=-1)
        began = time.monotonic()
        with pytest.raises(PassingError, match="ReadTimeout"):
            ask(server, attempts=2, timeout_s=0.3).get("list")
        assert time.monotonic() - began >= 0.6


def test_nobody_there_is_an_error_of_the_publishers(ask) -> None:
    with playing(good) as server:
        client = ask(server)
    with pytest.raises(PassingError, match="ConnectError"):
        client.get("list")


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_short_retry_after_is_kept(ask, status) -> None:
    waits: list[float] = []
    with playing(good) as server:
        server.misbehave(Fault("status", status, {"Retry-After": "7"}))
        assert ask(server, sleep=waits.append).get("list", expect="json")
    assert waits == [7.0]


def test_a_short_retry_after_may_be_a_date(ask) -> None:
    waits: list[float] = []
    with playing(good) as server:
        soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
        server.misbehave(Fault("status", 503, {"Retry-After": soon}))
        ask(server, sleep=waits.append).get("list")
    assert 17 < waits[0] <= 20


@pytest.mark.parametrize("status", [403, 429, 500, 502, 503])
@pytest.mark.parametrize("form", ["seconds", "date", "for ever"])
def test_a_long_retry_after_ends_the_visit(ask, status, form) -> None:
    later = datetime.now(UTC) + timedelta(hours=2)
    said = {"seconds": "7200", "date": format_datetime(later, usegmt=True), "for ever": "9" * 40}[form]
    with playing(good) as server:
        server.misbehave(Fault("status", status, {"Retry-After": said}), times=-1)
        with pytest.raises(TryLaterError, match=str(status)) as caught:
            ask(server, sleep=lambda _: pytest.fail("it waited")).get("list")
    assert len(server.asked) == 1
    assert caught.value.not_before is not None
    if form != "for ever":
        assert abs(caught.value.not_before - later) < timedelta(seconds=5)


@pytest.mark.parametrize("said", ["soon", "-5", "", "Mon, 99 Nov 2026 10:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"])
def test_a_retry_after_that_says_nothing_is_passed_over(ask, said) -> None:
    waits: list[float] = []
    with playing(good) as server:
        server.misbehave(Fault("status", 429, {"Retry-After": said}))
        ask(server, sleep=waits.append).get("list")
    assert waits == [0.0]


def test_a_pause_is_kept_between_calls_to_one_publisher_by_whichever_client(
    ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Publishers on loopback need no pause, so this one is asked through a proxy, which the environment may name."""
    with playing(good) as server:
        monkeypatch.setenv("HTTP_PROXY", server.url)
        monkeypatch.setenv("NO_PROXY", "")
        waits: list[float] = []
        base = "http://publisher.example"
        for _ in range(2):
            client = ask(base, "polite", waits.append, pace=1.0, pause_s=30.0)
            client.get("a")
            client.get("b")
        ask(base, "another", waits.append, pace=1.0, pause_s=30.0).get("c")
    assert [round(wait) for wait in waits] == [30, 30, 30]
    assert [request.headers["host"] for request in server.asked] == ["publisher.example"] * 5


def test_a_publisher_on_loopback_is_never_reached_by_a_proxy(ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with playing(good) as server:
        assert ask(server).get("list").read() == GOOD
