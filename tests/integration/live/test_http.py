"""The polite client against a server on loopback that misbehaves in every way a publisher's may: time, size, kind."""

from __future__ import annotations

import gzip
import io
import json
import resource
import socket
import threading
import time
import zipfile
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from hashlib import md5
from pathlib import Path

import pytest

from sources.http import (
    Body,
    Client,
    FetchError,
    Manners,
    MissingError,
    NotAllowedError,
    PassingError,
    TryLaterError,
)
from tests.helpers.asking import GOOD, files_of, good, hasty, speaking
from tests.played.server import ERROR_PAGE, Fault, FaultKind, Reply, Request, playing

PUBLISHER = "publisher"


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., Client]:
    return partial(hasty, tmp_path)


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
        client = ask(server, deadline_s=0.6)
        server.misbehave(Fault(kind))
        assert client.get("list", expect="json", **announced).json() == {"data": [1, 2, 3]}
        assert len(server.asked) == 2
        server.misbehave(Fault(kind), times=-1)
        with pytest.raises(PassingError, match=rf"{server.url}/list|redirects to http://elsewhere\.invalid/"):
            client.get("list", expect="json", **announced)
        assert len(server.asked) == 5


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

    def drip(connection: socket.socket, _: int) -> None:
        connection.sendall(start)
        for _ in range(100):
            connection.sendall(b"1\r\na\r\n" if kind == "chunks" else b"a")
            time.sleep(0.1)

    with speaking(drip) as url:
        began = time.monotonic()
        with pytest.raises(PassingError, match="without end"):
            ask(url, attempts=1, deadline_s=0.7).get("list")
        assert 0.6 < time.monotonic() - began < 2


def test_an_answer_of_no_announced_length_that_the_deadline_cuts_is_not_taken_for_whole(ask, tmp_path) -> None:
    def drip(connection: socket.socket, _: int) -> None:
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/csv\r\n\r\na,b\n")
        for _ in range(100):
            connection.sendall(b"1,2\n")
            time.sleep(0.1)

    with speaking(drip) as url, pytest.raises(PassingError, match="without end"):
        ask(url, attempts=1, deadline_s=0.5).get("table.csv", expect="csv")
    assert files_of(tmp_path) == []


def test_a_server_that_says_nothing_is_left_after_the_time_out(ask) -> None:
    with playing(good) as server:
        server.misbehave(Fault("hang"), times=-1)
        began = time.monotonic()
        with pytest.raises(PassingError, match="ReadTimeout"):
            ask(server, attempts=2).get("list")
        assert 0.9 < time.monotonic() - began < 3


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


# Size and packing


def test_an_answer_that_announces_more_than_the_cap_is_not_begun(ask, tmp_path) -> None:
    with (
        playing(lambda _: Reply(b"[" + b"1," * 5000 + b"1]")) as server,
        pytest.raises(FetchError, match="larger than 10,000 bytes") as caught,
    ):
        ask(server, max_bytes=10_000).get("list")
    assert not isinstance(caught.value, PassingError), "it would be as large the next time"
    assert len(server.asked) == 1
    assert files_of(tmp_path) == []


def test_an_answer_of_no_announced_length_ends_at_the_cap(ask, tmp_path) -> None:
    sent = 0

    def pour(connection: socket.socket, _: int) -> None:
        nonlocal sent
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b"1,2\n" * 16_384)
            sent += 65_536

    with speaking(pour) as url, pytest.raises(FetchError, match="larger"):
        ask(url, max_bytes=200_000).get("list")
    assert sent < 20_000_000
    assert files_of(tmp_path) == []


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """10 GB of nothing in 10 MB."""
    one = zlib.compressobj(9, zlib.DEFLATED, 31)
    megabyte = bytes(1 << 20)
    member = b"".join(one.compress(megabyte) for _ in range(100)) + one.flush()
    return member * 100


def test_ten_megabytes_that_stand_for_ten_gigabytes_are_refused_in_little_memory(ask, tmp_path, bomb) -> None:
    assert 9_000_000 < len(bomb) < 11_000_000
    with playing(lambda _: Reply(bomb, headers={"Content-Encoding": "gzip"})) as server:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(FetchError, match="larger than 50,000,000"):
            ask(server, timeout_s=30, deadline_s=60).get("list")
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 20_000, f"{after - before:,} KB more"
    assert files_of(tmp_path) == []


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip,deflate", "br", "zstd", "identity, gzip"])
def test_a_stacked_or_unknown_encoding_is_refused(ask, encoding) -> None:
    body = gzip.compress(gzip.compress(GOOD))
    with (
        playing(lambda _: Reply(body, headers={"Content-Encoding": encoding})) as server,
        pytest.raises(FetchError, match="packed as"),
    ):
        ask(server).get("list")


def test_a_bomb_in_an_error_page_is_not_unpacked(ask, bomb) -> None:
    twice = gzip.compress(bomb)
    for encoding, body in (("gzip, gzip", twice), ("gzip", bomb)):
        reply = Reply(body, status=404, headers={"Content-Encoding": encoding})
        with playing(lambda _, reply=reply: reply) as server:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            with pytest.raises(MissingError):
                ask(server, timeout_s=30, deadline_s=60).get("list")
            assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:5]) + gzip.compress(data[5:])),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("identity", bytes),
    ],
)
def test_what_is_packed_once_is_unpacked(ask, encoding, pack) -> None:
    data = json.dumps(list(range(100_000))).encode()
    with playing(lambda _: Reply(pack(data), headers={"Content-Encoding": encoding})) as server:
        assert ask(server).get("list", expect="json", size=len(data)).read() == data


@pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b[: len(b) // 2], lambda b: b"\0" + b, lambda _: b""])
def test_a_packed_body_that_is_cut_off_or_damaged_is_asked_for_again(ask, damage) -> None:
    def play(request: Request) -> Reply:
        body = gzip.compress(GOOD * 1000)
        return Reply(damage(body) if request.number == 1 else body, headers={"Content-Encoding": "gzip"})

    with playing(play) as server:
        assert ask(server).get("list").read() == GOOD * 1000
    assert len(server.asked) == 2


def test_files_that_are_packed_already_are_asked_for_as_they_lie(ask) -> None:
    with playing(lambda _: Reply(gzip.compress(b"a\tb\n"), "application/gzip")) as server:
        body = ask(server).get("file.gz", expect="gzip")
    assert server.asked[0].headers["accept-encoding"] == "identity"
    assert gzip.decompress(body.read()) == b"a\tb\n"


# What is believed


def packed(text: bytes = b"a,b\n1,2\n") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.csv", text)
    return file.getvalue()


GOOD_BODIES = {
    "json": b'\xef\xbb\xbf {"a": 1}',
    "csv": b"\xef\xbb\xbfa,b\r\n1,2\r\n",
    "html": b"\xef\xbb\xbf\n<!-- made by hand --><!DOCTYPE html><html></html>",
    "zip": packed(),
    "gzip": gzip.compress(b"a\tb\n"),
}


@pytest.mark.parametrize("expect", GOOD_BODIES)
@pytest.mark.parametrize("came", GOOD_BODIES)
def test_a_body_is_what_its_bytes_say_whatever_its_content_type(ask, expect, came) -> None:
    with playing(lambda _: Reply(GOOD_BODIES[came], "application/octet-stream")) as server:
        client = ask(server, attempts=1)
        if came == expect:
            assert client.get("thing", expect=expect).read() == GOOD_BODIES[came]
        else:
            with pytest.raises(PassingError, match=f"where {expect} is due"):
                client.get("thing", expect=expect)


@pytest.mark.parametrize(
    "page",
    [ERROR_PAGE, b"\xef\xbb\xbf" + ERROR_PAGE, b"\n\n  <!-- x -->\n" + ERROR_PAGE, b"<p>Maintenance</p>"],
    ids=["page", "byte-order mark", "comment first", "fragment"],
)
@pytest.mark.parametrize("expect", ["json", "csv", "zip", "gzip"])
def test_an_error_page_is_never_taken_for_data(ask, tmp_path, page, expect) -> None:
    with (
        playing(lambda _: Reply(page, "application/json")) as server,
        pytest.raises(PassingError, match="is an HTML page where"),
    ):
        ask(server).get("data", expect=expect)
    assert files_of(tmp_path) == []


@pytest.mark.parametrize("whole", [b'{"data":[1,2,{"a":3}]}', packed()], ids=["json", "zip"])
def test_a_body_cut_off_without_an_announced_length_is_asked_for_again(ask, whole) -> None:
    def speak(connection: socket.socket, number: int) -> None:
        body = whole[:-3] if number == 1 else whole
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + body)

    with speaking(speak) as url:
        assert ask(url).get("data", expect="zip" if whole[:2] == b"PK" else "json").read() == whole


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_truncated_body_is_asked_for_again(ask, tmp_path, framing) -> None:
    def speak(connection: socket.socket, number: int) -> None:
        if framing == "length":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(GOOD))
            connection.sendall(GOOD if number == 2 else GOOD[:5])
        else:
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(GOOD), GOOD))
            connection.sendall(b"0\r\n\r\n" if number == 2 else b"")

    with speaking(speak) as url:
        assert ask(url).get("data").read() == GOOD
    assert files_of(tmp_path) == [GOOD], "half an answer leaves nothing behind"


def test_announced_size_and_checksum_are_held_against_the_bytes(ask) -> None:
    with playing(good) as server:
        client = ask(server)
        right = md5(GOOD, usedforsecurity=False).hexdigest()
        assert client.get("data", size=len(GOOD), md5=right.upper()).read() == GOOD
        with pytest.raises(PassingError, match="16 bytes where 17 are announced"):
            client.get("data", size=17)
        with pytest.raises(PassingError, match=f"has the MD5 {right}"):
            client.get("data", md5="0" * 32)


def test_the_callers_own_check_has_the_publisher_asked_again(ask) -> None:
    def is_whole(body: Body) -> None:
        if body.json()["n"] < 2:
            raise PassingError(body.url, "is not ready.", "again.")

    with playing(lambda request: Reply(b'{"n": %d}' % request.number)) as server:
        assert ask(server).get("data", check=is_whole).json() == {"n": 2}


@pytest.mark.parametrize(("status", "kind"), [(404, MissingError), (410, MissingError), (401, NotAllowedError)])
def test_a_plain_refusal_is_not_asked_for_again(ask, status, kind) -> None:
    with (
        playing(lambda _: Reply(b"<html><p>No\n such&nbsp;thing</p></html>", "text/html", status)) as server,
        pytest.raises(kind, match=f"answers {status} .*: No such"),
    ):
        ask(server).get("data")
    assert len(server.asked) == 1


def test_two_clients_with_one_folder_leave_each_others_bodies_alone(ask) -> None:
    with playing(lambda request: Reply(b"%d" % request.number)) as server:
        first, second = ask(server).get("a"), ask(server).get("b")
    assert (first.read(), second.read()) == (b"1", b"2")
