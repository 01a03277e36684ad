"""The polite client against a server whose answers are too large, packed, cut off or of another kind."""

from __future__ import annotations

import gzip
import io
import json
import resource
import socket
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from hashlib import md5
from pathlib import Path

import pytest

from sources.http.client import (
    Body,
    Client,
    FetchError,
    MissingError,
    NotAllowedError,
    PassingError,
)
from tests.fakes.server import ERROR_PAGE, Reply, Request, playing
from tests.helpers.asking import GOOD, asking, files_of, good, speaking

pytestmark = pytest.mark.thorough

PUBLISHER = "publisher"


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., Client]:
    return partial(asking, tmp_path)


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
            ask(server).get("list")
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
                ask(server).get("list")
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
