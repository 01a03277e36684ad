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

from sources.http.client import Client
from sources.http.errors import FetchError, MissingError, NotAllowedError, RetryableError
from sources.http.response import Body
from tests.fakes.server import ERROR_PAGE, Reply, Request, serving
from tests.helpers.http_clients import GOOD, client_for, files_of, good, raw_server

pytestmark = pytest.mark.thorough

PUBLISHER = "publisher"


@pytest.fixture
def make_client(tmp_path: Path) -> Callable[..., Client]:
    return partial(client_for, tmp_path)


# Size and packing


def test_an_answer_that_announces_more_than_the_cap_is_not_begun(make_client, tmp_path) -> None:
    with (
        serving(lambda _: Reply(b"[" + b"1," * 5000 + b"1]")) as server,
        pytest.raises(FetchError, match="larger than 10,000 bytes") as caught,
    ):
        make_client(server, max_bytes=10_000).get("list")
    assert not isinstance(caught.value, RetryableError), "it would be as large the next time"
    assert len(server.requests) == 1
    assert files_of(tmp_path) == []


def test_an_answer_of_no_announced_length_ends_at_the_cap(make_client, tmp_path) -> None:
    sent = 0

    def pour(connection: socket.socket, _: int) -> None:
        nonlocal sent
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b"1,2\n" * 16_384)
            sent += 65_536

    with raw_server(pour) as url, pytest.raises(FetchError, match="larger"):
        make_client(url, max_bytes=200_000).get("list")
    assert sent < 20_000_000
    assert files_of(tmp_path) == []


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """10 GB of nothing in 10 MB."""
    one = zlib.compressobj(9, zlib.DEFLATED, 31)
    megabyte = bytes(1 << 20)
    member = b"".join(one.compress(megabyte) for _ in range(100)) + one.flush()
    return member * 100


def test_ten_megabytes_that_stand_for_ten_gigabytes_are_refused_in_little_memory(make_client, tmp_path, bomb) -> None:
    assert 9_000_000 < len(bomb) < 11_000_000
    with serving(lambda _: Reply(bomb, headers={"Content-Encoding": "gzip"})) as server:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(FetchError, match="larger than 50,000,000"):
            make_client(server).get("list")
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 20_000, f"{after - before:,} KB more"
    assert files_of(tmp_path) == []


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip,deflate", "br", "zstd", "identity, gzip"])
def test_a_stacked_or_unknown_encoding_is_refused(make_client, encoding) -> None:
    body = gzip.compress(gzip.compress(GOOD))
    with (
        serving(lambda _: Reply(body, headers={"Content-Encoding": encoding})) as server,
        pytest.raises(FetchError, match="packed as"),
    ):
        make_client(server).get("list")


def test_a_bomb_in_an_error_page_is_not_unpacked(make_client, bomb) -> None:
    twice = gzip.compress(bomb)
    for encoding, body in (("gzip, gzip", twice), ("gzip", bomb)):
        reply = Reply(body, status=404, headers={"Content-Encoding": encoding})
        with serving(lambda _, reply=reply: reply) as server:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            with pytest.raises(MissingError):
                make_client(server).get("list")
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
def test_what_is_packed_once_is_unpacked(make_client, encoding, pack) -> None:
    data = json.dumps(list(range(100_000))).encode()
    with serving(lambda _: Reply(pack(data), headers={"Content-Encoding": encoding})) as server:
        assert make_client(server).get("list", expect="json", size=len(data)).read() == data


@pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b[: len(b) // 2], lambda b: b"\0" + b, lambda _: b""])
def test_a_packed_body_that_is_cut_off_or_damaged_is_asked_for_again(make_client, damage) -> None:
    def handle(request: Request) -> Reply:
        body = gzip.compress(GOOD * 1000)
        return Reply(damage(body) if request.number == 1 else body, headers={"Content-Encoding": "gzip"})

    with serving(handle) as server:
        assert make_client(server).get("list").read() == GOOD * 1000
    assert len(server.requests) == 2


def test_files_that_are_packed_already_are_asked_for_as_they_lie(make_client) -> None:
    with serving(lambda _: Reply(gzip.compress(b"a\tb\n"), "application/gzip")) as server:
        body = make_client(server).get("file.gz", expect="gzip")
    assert server.requests[0].headers["accept-encoding"] == "identity"
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
def test_a_body_is_what_its_bytes_say_whatever_its_content_type(make_client, expect, came) -> None:
    with serving(lambda _: Reply(GOOD_BODIES[came], "application/octet-stream")) as server:
        client = make_client(server, attempts=1)
        if came == expect:
            assert client.get("thing", expect=expect).read() == GOOD_BODIES[came]
        else:
            with pytest.raises(RetryableError, match=f"where {expect} is due"):
                client.get("thing", expect=expect)


@pytest.mark.parametrize(
    "page",
    [ERROR_PAGE, b"\xef\xbb\xbf" + ERROR_PAGE, b"\n\n  <!-- x -->\n" + ERROR_PAGE, b"<p>Maintenance</p>"],
    ids=["page", "byte-order mark", "comment first", "fragment"],
)
@pytest.mark.parametrize("expect", ["json", "csv", "zip", "gzip"])
def test_an_error_page_is_never_taken_for_data(make_client, tmp_path, page, expect) -> None:
    with (
        serving(lambda _: Reply(page, "application/json")) as server,
        pytest.raises(RetryableError, match="is an HTML page where"),
    ):
        make_client(server).get("data", expect=expect)
    assert files_of(tmp_path) == []


@pytest.mark.parametrize("whole", [b'{"data":[1,2,{"a":3}]}', packed()], ids=["json", "zip"])
def test_a_body_cut_off_without_an_announced_length_is_asked_for_again(make_client, whole) -> None:
    def speak(connection: socket.socket, number: int) -> None:
        body = whole[:-3] if number == 1 else whole
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + body)

    with raw_server(speak) as url:
        assert make_client(url).get("data", expect="zip" if whole[:2] == b"PK" else "json").read() == whole


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_truncated_body_is_asked_for_again(make_client, tmp_path, framing) -> None:
    def speak(connection: socket.socket, number: int) -> None:
        if framing == "length":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(GOOD))
            connection.sendall(GOOD if number == 2 else GOOD[:5])
        else:
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(GOOD), GOOD))
            connection.sendall(b"0\r\n\r\n" if number == 2 else b"")

    with raw_server(speak) as url:
        assert make_client(url).get("data").read() == GOOD
    assert files_of(tmp_path) == [GOOD], "half an answer leaves nothing behind"


def test_announced_size_and_checksum_are_held_against_the_bytes(make_client) -> None:
    with serving(good) as server:
        client = make_client(server)
        right = md5(GOOD, usedforsecurity=False).hexdigest()
        assert client.get("data", size=len(GOOD), md5=right.upper()).read() == GOOD
        with pytest.raises(RetryableError, match="16 bytes where 17 are announced"):
            client.get("data", size=17)
        with pytest.raises(RetryableError, match=f"has the MD5 {right}"):
            client.get("data", md5="0" * 32)


def test_the_callers_own_check_has_the_publisher_asked_again(make_client) -> None:
    def is_whole(body: Body) -> None:
        if body.json()["n"] < 2:
            raise RetryableError(body.url, "is not ready.", "again.")

    with serving(lambda request: Reply(b'{"n": %d}' % request.number)) as server:
        assert make_client(server).get("data", check=is_whole).json() == {"n": 2}


@pytest.mark.parametrize(("status", "kind"), [(404, MissingError), (410, MissingError), (401, NotAllowedError)])
def test_a_plain_refusal_is_not_asked_for_again(make_client, status, kind) -> None:
    with (
        serving(lambda _: Reply(b"<html><p>No\n such&nbsp;thing</p></html>", "text/html", status)) as server,
        pytest.raises(kind, match=f"answers {status} .*: No such"),
    ):
        make_client(server).get("data")
    assert len(server.requests) == 1


def test_two_clients_with_one_folder_leave_each_others_bodies_alone(make_client) -> None:
    with serving(lambda request: Reply(b"%d" % request.number)) as server:
        first, second = make_client(server).get("a"), make_client(server).get("b")
    assert (first.read(), second.read()) == (b"1", b"2")
