"""`ree publish` to a bucket, against a server that speaks S3's protocol on loopback (moto)."""

from __future__ import annotations

import json
import logging
import sys
import traceback
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.fakes.server import FakeServer, Reply
from tests.helpers.place_readers import KilledError, duckdb_with_httpfs, whole_release
from tests.helpers.small_releases import MINED, add_release
from tests.helpers.violators import assert_same
from warehouse.release.place import bucket as module
from warehouse.release.place import upload
from warehouse.release.place.bucket import Bucket, open_bucket
from warehouse.release.place.place import PlaceError
from warehouse.release.place.upload import publish_to
from warehouse.settings import Settings

FIRST, SECOND = "2026.11.01.1", "2026.11.02.1"
KEY_ID, SECRET = "AKIAEXAMPLEKEYID0001", "secret/of+the+desk/0123456789abcdefghij"
EVERYBODY_READS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}],
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server of buckets."""
    served = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    served.start()
    host, port = served.get_host_and_port()
    yield f"http://{host}:{port}"
    served.stop()


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Credentials of this test alone, and one attempt for each request."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(module, "_ATTEMPTS", 1)


@pytest.fixture
def remote(settings: Settings, server: str) -> Settings:
    """Settings that name the server, which has an empty bucket `data` that everybody may read."""
    client = boto3.client("s3", endpoint_url=server)
    client.create_bucket(Bucket="data")
    client.put_bucket_policy(Bucket="data", Policy=json.dumps(EVERYBODY_READS))
    for page in client.get_paginator("list_objects_v2").paginate(Bucket="data"):
        for found in page.get("Contents", ()):
            client.delete_object(Bucket="data", Key=found["Key"])
    return Settings(home=settings.home, publish_endpoint=server)


@pytest.fixture
def place(remote: Settings) -> Bucket:
    return open_bucket("data", "ree", remote)


def reader(server: str, prefix: str = "ree") -> Callable[[str], bytes | None]:
    """What anybody reads at the bucket's web address."""

    def read(key: str) -> bytes | None:
        try:
            with urllib.request.urlopen(f"{server}/data/{prefix}/{key}") as answer:  # noqa: S310 - loopback
                return bytes(answer.read())
        except urllib.error.HTTPError:
            return None

    return read


def at_each_request(place: Bucket, do: Callable[[str], None]) -> None:
    """Call a function with the method of every request of a place before it is sent."""
    place._client.meta.events.register("before-send.s3", lambda request, **_: do(request.method))


def test_a_bucket_has_the_release_with_the_headers_that_readers_need(remote, place, server) -> None:
    add_release(remote, FIRST)
    publish_to(place, remote)
    assert whole_release(reader(server)) == FIRST

    def headers(key: str) -> tuple[str, str]:
        with urllib.request.urlopen(f"{server}/data/ree/{key}") as answer:  # noqa: S310 - loopback
            return answer.headers["Content-Type"], answer.headers["Cache-Control"].split(", ")[1]

    folder = f"releases/{FIRST}"
    assert_same(
        {
            f"{folder}/parquet/core/fct_production.parquet": ("application/vnd.apache.parquet", "max-age=31536000"),
            f"{folder}/rare_earths.duckdb": ("application/octet-stream", "max-age=31536000"),
            f"{folder}/site/index.html": ("text/html; charset=utf-8", "max-age=31536000"),
            f"{folder}/CHANGES.md": ("text/markdown; charset=utf-8", "max-age=31536000"),
            f"{folder}/views.duckdb": ("application/octet-stream", "max-age=60"),
            f"{folder}/release.json": ("application/json", "max-age=60"),
            "latest.json": ("application/json", "max-age=60"),
            "latest.duckdb": ("application/octet-stream", "max-age=60"),
            "index.html": ("text/html; charset=utf-8", "max-age=60"),
            "feed.xml": ("application/atom+xml; charset=utf-8", "max-age=60"),
        },
        headers,
    )


def test_to_publish_the_same_release_again_sends_no_file(remote, place) -> None:
    add_release(remote, FIRST)
    publish_to(place, remote)
    methods: list[str] = []
    at_each_request(place, methods.append)
    assert publish_to(place, remote).written == 0
    assert set(methods) == {"GET", "HEAD"}
    assert len(methods) < 10, "what a whole release has is not asked for file by file"


@pytest.fixture
def cut_off(remote: Settings, server: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Kill publishers of a second release before the chosen ones of their requests, and publish again each time."""
    monkeypatch.setattr(upload, "CONNECTIONS", 1)
    add_release(remote, FIRST)
    add_release(remote, SECOND, MINED | {2023: 255_000.0})

    first = open_bucket("data", "first", remote)
    publish_to(first, remote, FIRST)

    def publish_second(prefix: str, lives: int) -> int:
        """Publish it beside the first, with a connection that breaks. Returns how many requests were sent."""
        for key in first.sizes(""):
            source = {"Bucket": "data", "Key": f"first/{key}"}
            first._client.copy_object(Bucket="data", Key=f"{prefix}/{key}", CopySource=source)
        dying, sent = open_bucket("data", prefix, remote), []

        def live(method: str) -> None:
            if len(sent) >= lives:
                raise KilledError
            sent.append(method)

        at_each_request(dying, live)
        publish_to(dying, remote, SECOND)
        return len(sent)

    def run(choose: Callable[[int], list[int]]) -> None:
        for lives in choose(publish_second("uninterrupted", 1000)):
            with pytest.raises(KilledError):
                publish_second(f"ree{lives}", lives)
            assert whole_release(reader(server, f"ree{lives}")) == FIRST, lives
            publish_to(open_bucket("data", f"ree{lives}", remote), remote, SECOND)
            assert whole_release(reader(server, f"ree{lives}")) == SECOND, lives

    return run


@pytest.mark.slow
def test_a_publisher_killed_before_any_request_leaves_readers_on_the_old_release_and_the_next_completes(
    cut_off,
) -> None:
    cut_off(lambda requests: list(range(requests)))


def test_old_releases_are_deleted(remote, place, server) -> None:
    for version in (FIRST, SECOND, "2026.11.03.1"):
        add_release(remote, version)
        publish_to(place, remote, keep=2)
    assert {key.split("/")[1] for key in place.sizes("releases/")} == {SECOND, "2026.11.03.1"}
    assert whole_release(reader(server)) == "2026.11.03.1"


def test_duckdb_reads_the_views_by_http_and_as_a_bucket(remote, server) -> None:
    add_release(remote, FIRST)
    host = server.removeprefix("http://")
    publish_to(open_bucket("data", "web", remote), remote, address=f"{server}/data/web")
    publish_to(open_bucket("data", "s3", remote), remote)
    with duckdb_with_httpfs() as con:
        con.execute(
            f"create secret (type s3, key_id '{KEY_ID}', secret '{SECRET}', endpoint '{host}', url_style 'path',"
            " use_ssl false)"
        )
        for name, address in (("by_http", f"{server}/data/web"), ("as_bucket", "s3://data/s3")):
            con.execute(f"attach '{address}/latest.duckdb' as {name} (read_only)")
            assert con.execute(f"select version from {name}.meta.release").fetchall() == [(FIRST,)]


def test_credentials_are_in_no_object_log_or_exception(remote, place, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    add_release(remote, FIRST)
    publish_to(place, remote)
    texts = {key: place.read(key) or b"" for key in place.sizes("")}
    texts |= {f"{path}": path.read_bytes() for path in remote.home.rglob("*") if path.is_file()}
    with FakeServer(lambda _: _refusal("SignatureDoesNotMatch", 403)) as refusing:
        elsewhere = Settings(home=remote.home, publish_endpoint=refusing.url)
        with pytest.raises(PlaceError) as raised:
            publish_to(open_bucket("data", "ree", elsewhere), elsewhere)
        assert any(KEY_ID in str(dict(request.headers)) for request in refusing.requests), "they were sent"
    texts["traceback"] = "".join(traceback.format_exception(raised.value)).encode()
    texts["log"] = caplog.text.encode()
    assert len(caplog.records) > 0
    found = [name for name, text in texts.items() if KEY_ID.encode() in text or SECRET.encode() in text]
    assert found == []


def _refusal(code: str, status: int) -> Reply:
    text = f"<Error><Code>{code}</Code><Message>{KEY_ID} and so on</Message><RequestId>1</RequestId></Error>"
    return Reply(text.encode(), content_type="application/xml", status=status)


def sentence(settings: Settings, endpoint: str, bucket: str = "data") -> str:
    return sentence_of(lambda: open_bucket(bucket, "ree", Settings(home=settings.home, publish_endpoint=endpoint)))


def sentence_of(place: Callable[[], Bucket]) -> str:
    with pytest.raises(PlaceError) as raised:
        place().read("latest.json")
    assert raised.value.__suppress_context__ or raised.value.__context__ is None, "what boto3 said is not shown"
    return str(raised.value)


def test_a_refusal_of_the_server_is_a_sentence_with_a_remedy(settings) -> None:
    answer = [("", 200)]
    with FakeServer(lambda _: _refusal(*answer[0])) as refusing:
        place = open_bucket("data", "ree", Settings(home=settings.home, publish_endpoint=refusing.url))

        def begins(asked: tuple[str, int]) -> str:
            answer[0] = asked
            said = sentence_of(lambda: place)
            assert KEY_ID not in said
            return said.removeprefix("s3://data/ree: ").partition(".")[0]

        assert_same(
            {
                ("NoSuchBucket", 404): "there is no such bucket",
                ("AccessDenied", 403): "access was denied",
                ("InvalidAccessKeyId", 403): "the server does not know this access key",
                ("SignatureDoesNotMatch", 403): "the secret key does not belong to the access key",
                ("ExpiredToken", 400): "the credentials have expired",
                ("RequestTimeTooSkewed", 403): "this machine's clock differs too much from the server's",
                ("XMinioStorageFull", 507): "the bucket is full",
                ("SlowDown", 503): "the server asks for fewer requests",
                ("SomethingNew", 500): "the server failed",
                ("SomethingElse", 418): "the server refused a request (SomethingElse, status 418)",
            },
            begins,
        )


def test_what_is_missing_here_is_a_sentence_with_a_remedy(settings, server, monkeypatch) -> None:
    assert "there is no such bucket" in sentence(settings, server, "absent")
    with FakeServer(lambda _: _refusal("", 500)) as closed:
        endpoint = closed.url
    assert "cannot be reached. Check the endpoint" in sentence(settings, endpoint)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "the credentials are incomplete" in sentence(settings, server)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert "there are no credentials. Set AWS_ACCESS_KEY_ID" in sentence(settings, server)
    monkeypatch.setenv("AWS_PROFILE", "absent")
    assert "AWS_PROFILE names a profile" in sentence(settings, server)


def test_without_boto3_the_extra_is_named(settings, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(PlaceError, match=r"pip install 'rare-earth-warehouse\[publish\]'"):
        open_bucket("data", "", settings)
