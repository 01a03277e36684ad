"""A body that breaks off is resumed where the server allows it, within the attempts of one request."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from hashlib import md5, sha256
from pathlib import Path

import pytest

from sources.http.client import Client
from sources.http.decoding import BLOCK
from sources.http.errors import FetchError, RetryableError
from tests.fakes.server import Reply, Request, serving
from tests.helpers.http_clients import client_for, files_of, raw_server

WHOLE = bytes(range(256)) * 1000
"""256,000 bytes of which no part repeats at another offset of a block."""


@dataclass
class Storage:
    """A server that understands `Range`; its first `cuts` responses break off after `sends` bytes, whole blocks."""

    body: bytes = WHOLE
    etag: str = '"v1"'
    sends: int = BLOCK
    cuts: int = 1
    accepts: str = "bytes"
    answer: Callable[[Request, Storage], Reply | None] = lambda _request, _storage: None
    ranges: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        asked = request.headers.get("range", "")
        self.ranges.append(asked)
        if reply := self.answer(request, self):
            return reply
        headers = {"ETag": self.etag, "Accept-Ranges": self.accepts}
        first = int(re.findall(r"\d+", asked)[0]) if asked and request.headers.get("if-range") == self.etag else 0
        body, status = self.body[first:], 206 if first else 200
        if first:
            headers["Content-Range"] = f"bytes {first}-{len(self.body) - 1}/{len(self.body)}"
        if self.cuts:
            self.cuts -= 1
            return Reply(body[: self.sends], "application/zip", status, headers | {"Content-Length": str(len(body))})
        return Reply(body, "application/zip", status, headers)


@pytest.fixture
def make_client(tmp_path: Path) -> Callable[..., Client]:
    return partial(client_for, tmp_path)


def test_a_body_that_is_cut_by_its_deadline_is_resumed(make_client) -> None:
    """A large file over a slow line: each attempt continues where the deadline of the one before ended it."""
    arrived = 2 * BLOCK
    validator = b'ETag: "v1"\r\nAccept-Ranges: bytes\r\nContent-Type: application/zip\r\n'

    def storage(connection: socket.socket, number: int) -> None:
        if number > 1:
            part = f"Content-Range: bytes {arrived}-{len(WHOLE) - 1}/{len(WHOLE)}\r\n"
            size = f"Content-Length: {len(WHOLE) - arrived}\r\n\r\n"
            head = b"HTTP/1.1 206 Partial Content\r\n" + validator + (part + size).encode()
            connection.sendall(head + WHOLE[arrived:])
            return
        head = b"HTTP/1.1 200 OK\r\n" + validator + f"Content-Length: {len(WHOLE)}\r\n\r\n".encode()
        connection.sendall(head + WHOLE[:arrived])
        for byte in WHOLE[arrived : arrived + 200]:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    with raw_server(storage) as url:
        assert make_client(url, deadline_s=1.0).get("a.zip").read() == WHOLE


def test_the_rest_is_requested_and_the_checksum_is_of_the_whole(make_client, tmp_path) -> None:
    with serving(Storage(cuts=2)) as server:
        body = make_client(server).get("a.zip", md5=md5(WHOLE, usedforsecurity=False).hexdigest(), size=len(WHOLE))
    assert server.responder.ranges == ["", "bytes=65536-", "bytes=131072-"]
    assert (body.read(), body.sha256, body.status) == (WHOLE, sha256(WHOLE).hexdigest(), 200)
    assert files_of(tmp_path) == [WHOLE]


@pytest.mark.parametrize(
    "change", [{"accepts": "none"}, {"etag": 'W/"v1"'}, {"etag": ""}], ids=["no ranges", "weak etag", "no validator"]
)
def test_a_server_without_ranges_or_a_strong_validator_is_asked_for_the_whole(make_client, change) -> None:
    with serving(Storage(**change)) as server:
        assert make_client(server).get("a.zip").read() == WHOLE
    assert server.responder.ranges == ["", ""]


def test_a_body_that_changed_meanwhile_starts_over(make_client) -> None:
    def changed(_: Request, storage: Storage) -> None:
        if len(storage.ranges) == 2:
            storage.etag, storage.body = '"v2"', WHOLE[::-1]

    with serving(Storage(answer=changed)) as server:
        assert make_client(server).get("a.zip").read() == WHOLE[::-1]
    assert server.responder.ranges == ["", "bytes=65536-"]


@pytest.mark.parametrize(
    "wrong",
    [
        Reply(b"", status=416, headers={"Content-Range": "bytes */256000"}),
        Reply(WHOLE[5 : 5 + len(WHOLE) - BLOCK], status=206, headers={"Content-Range": "bytes 5-190468/256000"}),
        Reply(WHOLE[BLOCK:], status=206, headers={"Content-Range": "bytes 65536-255999/256000", "ETag": '"v2"'}),
        Reply(WHOLE[BLOCK:], status=206),
    ],
    ids=["416", "another part", "another body", "no Content-Range"],
)
def test_a_wrong_part_starts_over(make_client, wrong: Reply) -> None:
    with serving(Storage(answer=lambda _, storage: wrong if len(storage.ranges) == 2 else None)) as server:
        assert make_client(server).get("a.zip").read() == WHOLE
    assert server.responder.ranges == ["", "bytes=65536-", ""]


def test_a_server_that_sends_less_than_the_rest_is_asked_for_what_is_missing(make_client) -> None:
    def capped(request: Request, storage: Storage) -> Reply | None:
        if request.headers.get("range") != "bytes=65536-":
            return None
        headers = {"Content-Range": "bytes 65536-131071/256000", "ETag": storage.etag}
        return Reply(WHOLE[BLOCK : 2 * BLOCK], status=206, headers=headers)

    with serving(Storage(answer=capped)) as server:
        assert make_client(server).get("a.zip").read() == WHOLE
    assert server.responder.ranges == ["", "bytes=65536-", "bytes=131072-"]


def test_a_busy_answer_in_between_keeps_what_has_arrived(make_client) -> None:
    busy = Reply(b"", status=503)
    with serving(Storage(answer=lambda _, storage: busy if len(storage.ranges) == 2 else None)) as server:
        assert make_client(server).get("a.zip").read() == WHOLE
    assert server.responder.ranges == ["", "bytes=65536-", "bytes=65536-"]


def test_the_limit_is_of_the_whole(make_client, tmp_path) -> None:
    """No part announces more than the limit; together they are more."""

    def announced_less(request: Request, storage: Storage) -> Reply | None:
        headers = {"ETag": storage.etag, "Accept-Ranges": "bytes", "Content-Length": "150000"}
        return None if request.headers.get("range") else Reply(WHOLE[:BLOCK], headers=headers)

    with serving(Storage(answer=announced_less, cuts=0)) as server:
        client = make_client(server)
        with pytest.raises(FetchError, match="larger than 200,000 bytes"):
            client.get("a.zip", max_bytes=200_000)
    assert server.responder.ranges == ["", "bytes=65536-"]
    assert files_of(tmp_path) == []


def test_nothing_partial_is_left_after_the_last_attempt_and_the_next_request_starts_over(make_client, tmp_path) -> None:
    with serving(Storage(cuts=3, sends=BLOCK)) as server:
        client = make_client(server)
        with pytest.raises(RetryableError):
            client.get("a.zip")
        assert files_of(tmp_path) == []
        assert client.get("a.zip").read() == WHOLE
    assert server.responder.ranges == ["", "bytes=65536-", "bytes=131072-", ""]
