"""robots.txt of each host: read once a day, obeyed, and never in the way where it is missing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from sources.http.client import Client
from sources.http.config import ClientConfig
from sources.http.robots import RobotsError
from tests.fakes.server import Reply, serving
from tests.helpers.http_clients import GOOD, client_for, good

CLOSED = b"User-agent: *\nDisallow: /private/\n\nUser-agent: rare-earth-warehouse\nDisallow: /closed/\nCrawl-delay: 7\n"


@pytest.fixture
def make_client(tmp_path: Path) -> Callable[..., Client]:
    return partial(client_for, tmp_path / "bodies", robots_folder=tmp_path / "robots")


def test_a_disallowed_path_is_not_requested_and_the_error_names_the_setting(make_client, tmp_path) -> None:
    with serving(good) as server:
        server.robots = CLOSED
        with make_client(server) as client:
            with pytest.raises(RobotsError, match=r"robots\.txt.*REE_IGNORE_ROBOTS=publisher"):
                client.get("closed/list")
            assert client.get("private/list").read() == GOOD, "the group of our own name counts alone"
    assert [request.path for request in server.requests] == ["/private/list"]


def test_it_is_read_once_a_day_by_whichever_client(make_client, tmp_path) -> None:
    with serving(good) as server:
        for _ in range(2):
            with make_client(server) as client:
                client.get("a")
                client.get("b")
        assert server.robots_requests == 1
        (kept,) = (tmp_path / "robots").iterdir()
        os.utime(kept, (time.time() - 90_000,) * 2)
        with make_client(server) as client:
            client.get("c")
        assert server.robots_requests == 2


def test_it_is_no_request_that_a_quota_counts(tmp_path) -> None:
    counted: list[int] = []
    with serving(good) as server:
        config = ClientConfig(server.url, pace=0, robots_folder=tmp_path / "robots")
        with Client("p", config, tmp_path, on_request=lambda: counted.append(1)) as client:
            client.get("a")
    assert (len(counted), server.robots_requests) == (1, 1)


@pytest.mark.parametrize(
    "robots", [404, 403, 401, 500, 503, 429, b"", b"<!DOCTYPE html><html>none</html>", b"\xff\xfe\0"]
)
def test_a_host_without_one_allows_everything(make_client, robots) -> None:
    with serving(good) as server:
        server.robots = robots
        with make_client(server) as client:
            assert client.get("closed/list").read() == GOOD


@pytest.mark.parametrize("status", [500, 503, 429])
def test_where_it_cannot_be_read_the_last_known_counts_and_it_is_read_again_next_time(
    make_client, tmp_path, status
) -> None:
    with serving(good) as server:
        server.robots = CLOSED
        with make_client(server) as client:
            client.get("a")
        (kept,) = (tmp_path / "robots").iterdir()
        os.utime(kept, (time.time() - 90_000,) * 2)
        server.robots = status
        for number in (2, 3):
            with make_client(server) as client, pytest.raises(RobotsError):
                client.get("closed/list")
            assert server.robots_requests == number
        server.robots = 404
        with make_client(server) as client:
            assert client.get("closed/list").read() == GOOD


def test_a_redirect_to_another_host_is_checked_by_that_hosts_file(make_client) -> None:
    with serving(good) as storage, serving(lambda _: Reply(b"", status=302, headers={"Location": there})) as server:
        there = f"{storage.url}/closed/file"
        storage.robots = CLOSED
        with make_client(server) as client, pytest.raises(RobotsError, match=storage.url):
            client.get("a")
    assert (len(storage.requests), storage.robots_requests, server.robots_requests) == (0, 1, 1)


def test_a_crawl_delay_is_the_least_pause(make_client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Publishers on loopback need no pause, so this one is asked through a proxy."""
    with serving(good) as server:
        server.robots = CLOSED
        monkeypatch.setenv("HTTP_PROXY", server.url)
        monkeypatch.setenv("NO_PROXY", "")
        waits: list[float] = []
        # the fake does not play a proxy for robots.txt: its requests have a whole address
        with make_client("http://crawled.example", "crawled", waits.append, pace=0.001, pause_s=1.0) as client:
            client.get("a")
            client.get("b")
    assert [round(wait) for wait in waits] == [7, 7], "after robots.txt, and between the two requests"
