"""Signed links, pages that want a person, used-up quotas, and the remedies of refusals."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest

from sources.http.addresses import Addresses
from sources.http.client import Client
from sources.http.config import ClientConfig, user_agent
from sources.http.errors import (
    ChallengeError,
    FetchError,
    MissingError,
    NotAllowedError,
    RateLimitedError,
    RetryableError,
    retry_after_seconds,
)
from sources.http.redaction import Secrets, unsigned
from sources.registry import sources
from tests.fakes.server import Reply, serving
from tests.helpers.http_clients import GOOD, client_for, good

SIGNATURE, KEY_ID = "5f1d7e84a7b9c0de12aa34bb56cc78dd90ee", "ASIAQWERTYUIOP123456"
SIGNED = (
    f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={KEY_ID}%2F20261127%2Fus-west-2%2Fs3%2Faws4_request"
    f"&X-Amz-Expires=300&X-Amz-Security-Token=FwoGZXIvYXdzEBYaDHs&X-Amz-Signature={SIGNATURE}"
)
CAPTCHA = b"<html><head><title>Human Verification</title></head><body><div id='captcha-container'></div></body></html>"
QUOTA = sources()["un_comtrade"].about["live"]["quota_words"]


@pytest.fixture
def make_client(tmp_path: Path) -> Callable[..., Client]:
    return partial(client_for, tmp_path)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"https://b.s3.amazonaws.com/k?versionId=3&{SIGNED}", "https://b.s3.amazonaws.com/k?versionId=3"),
        ("https://b.s3.amazonaws.com/k?AWSAccessKeyId=A&Expires=1&Signature=B%3D", "https://b.s3.amazonaws.com/k"),
        ("https://x.blob.core.windows.net/f?sv=2024&sig=abc%2B", "https://x.blob.core.windows.net/f?sv=2024"),
        ("https://cdn/f?Policy=p&Key-Pair-Id=k&Signature=s", "https://cdn/f"),
        ("get/1?f=__disk__a%2Fb&token=abc#x", "get/1?f=__disk__a%2Fb#x"),
        ("get/1?f=__disk__a%2Fb&max=10", "get/1?f=__disk__a%2Fb&max=10"),
    ],
)
def test_what_signs_an_address_is_left_out_and_the_rest_stays(address, shown) -> None:
    assert unsigned(address) == shown


def test_a_signed_redirect_is_followed_and_recorded_as_the_address_that_was_asked_for(make_client, caplog) -> None:
    with serving(good) as storage, serving(lambda _: Reply(b"", status=302, headers={"Location": there})) as server:
        there = f"{storage.url}/bucket/key?{SIGNED}"
        with caplog.at_level(logging.DEBUG):
            body = make_client(server).get("catalog/file/get/1", params={"f": "__disk__1"})
    assert storage.requests[0].query["X-Amz-Signature"] == SIGNATURE, "the storage host gets the whole address"
    assert (body.url, body.location) == (f"{server.url}/catalog/file/get/1?f=__disk__1", f"{storage.url}/bucket/key")
    assert SIGNATURE not in caplog.text


def test_a_storage_hosts_refusal_repeats_no_signature(make_client, caplog) -> None:
    refusal = (
        f"<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>{KEY_ID}</AWSAccessKeyId>"
        f"<SignatureProvided>{SIGNATURE}</SignatureProvided><Resource>/k?X-Amz-Signature={SIGNATURE}</Resource></Error>"
    ).encode()
    with serving(lambda _: Reply(refusal, "application/xml", 403)) as storage:
        to_storage = Reply(b"", status=302, headers={"Location": f"{storage.url}/bucket/key?{SIGNED}"})
        with serving(lambda _: to_storage) as server, caplog.at_level(logging.DEBUG):
            client = make_client(server)
            with pytest.raises(NotAllowedError) as caught:
                client.get("file")
    assert "SignatureDoesNotMatch" in str(caught.value)
    for secret in (SIGNATURE, KEY_ID):
        assert secret not in str(caught.value) + caplog.text


def test_a_text_with_a_signed_link_is_redacted() -> None:
    shown = Secrets().redact(
        f"see https://b/k?{SIGNED} or next=https%3A%2F%2Fb%3FX-Amz-Signature%3D{SIGNATURE}%26a%3D1"
    )
    assert SIGNATURE not in shown
    assert "FwoGZXIvYXdzEBYaDHs" not in shown


@pytest.mark.parametrize("region", [".s3", ".s3.us-west-2", ".s3-us-west-2", ".s3.dualstack.us-west-2"])
@pytest.mark.parametrize("bucket", ["prod-is-usgs-sb-prod-content", "prod-is-usgs-sb-prod-publish"])
def test_sciencebases_buckets_are_allowed_in_every_way_that_s3_writes_them(bucket, region) -> None:
    assert sciencebase().is_allowed(httpx.URL(f"https://{bucket}{region}.amazonaws.com/key?{SIGNED}"))


@pytest.mark.parametrize(
    "address",
    [
        "https://other-bucket.s3.us-west-2.amazonaws.com/",
        "https://prod-is-usgs-sb-prod-content.s3.us-west-2.amazonaws.com.evil.example/",
        "https://evil.example/prod-is-usgs-sb-prod-content.s3.us-west-2.amazonaws.com",
        "https://xprod-is-usgs-sb-prod-content.s3.amazonaws.com/",
        "https://prod-is-usgs-sb-prod-content.s3.us-west-2.amazonaws.com:8443/",
        "http://prod-is-usgs-sb-prod-content.s3.us-west-2.amazonaws.com/",
    ],
)
def test_no_other_bucket_port_or_scheme_is(address) -> None:
    assert not sciencebase().is_allowed(httpx.URL(address))


def sciencebase() -> Addresses:
    live = sources()["usgs_mcs"].about["live"]
    config = ClientConfig(live["base_url"], frozenset(live["hosts"]), tuple(live["host_patterns"]))
    return Addresses("usgs_mcs", config, Secrets())


@pytest.mark.parametrize("status", [200, 202, 403, 404, 405])
@pytest.mark.parametrize("expect", ["json", "zip", "html", "any"])
def test_a_captcha_page_is_an_error_of_its_own_and_requested_once(make_client, status, expect) -> None:
    with (
        serving(lambda _: Reply(CAPTCHA, "text/html", status)) as server,
        pytest.raises(ChallengeError, match=r"CAPTCHA.*inbox/publisher/") as caught,
    ):
        make_client(server, inbox="inbox/publisher/").get("list", expect=expect)
    assert len(server.requests) == 1
    assert not isinstance(caught.value, RetryableError | MissingError | NotAllowedError)


@pytest.mark.parametrize("headers", [{"x-amzn-waf-action": "challenge"}, {"cf-mitigated": "challenge"}])
def test_a_firewall_that_says_so_in_a_header_is_understood(make_client, headers) -> None:
    with serving(lambda _: Reply(b"", "text/html", 202, headers)) as server, pytest.raises(ChallengeError):
        make_client(server).get("list", expect="json")


def test_an_ordinary_page_with_such_words_in_a_form_is_no_challenge(make_client) -> None:
    page = b"<html><title>Trade</title><form>Type the captcha</form><script src='awswaf.js'></script>" + b" " * 6000
    with serving(lambda _: Reply(page, "text/html")) as server:
        assert make_client(server).get("page", expect="html").read() == page
    for not_found in (b"<h1>Not found</h1>", page):
        with serving(lambda _, body=not_found: Reply(body, "text/html", 404)) as server, pytest.raises(MissingError):
            make_client(server).get("page")


@pytest.mark.parametrize("retry_after", ["0", "", "3"])
@pytest.mark.parametrize("status", [403, 429])
def test_the_words_of_a_spent_quota_win_over_retry_after(make_client, status, retry_after) -> None:
    words = b'{"message": "Out of call volume quota. Quota will be replenished in 02:30:00."}'
    headers = {"Retry-After": retry_after} if retry_after else {}
    with (
        serving(lambda _: Reply(words, status=status, headers=headers)) as server,
        pytest.raises(RateLimitedError) as caught,
    ):
        make_client(server, quota_words=QUOTA).get("list")
    assert len(server.requests) == 1
    assert caught.value.not_before is not None
    wait = caught.value.not_before - datetime.now(UTC)
    assert timedelta(hours=2, minutes=29) < wait <= timedelta(hours=2, minutes=30)


def test_a_spent_quota_without_a_time_is_left_for_a_day_and_other_publishers_keep_their_retries(make_client) -> None:
    words = Reply(b'{"message": "Out of call volume quota."}', status=403, headers={"Retry-After": "0"})
    with serving(lambda _: words) as server:
        with pytest.raises(RateLimitedError) as caught:
            make_client(server, quota_words=QUOTA).get("list")
        assert caught.value.not_before is not None
        assert caught.value.not_before - datetime.now(UTC) > timedelta(hours=23)
        with pytest.raises(RetryableError):
            make_client(server).get("list")


@pytest.mark.parametrize(("text", "seconds"), [("1.02:14:17", 94_457.0), ("00:00:30", 30.0), ("2:00", None)])
def test_retry_after_may_be_a_span(text, seconds) -> None:
    assert retry_after_seconds(text) == seconds


@pytest.mark.parametrize(
    ("config", "remedy"),
    [
        ({}, "takes no key"),
        ({"key_setting": "REE_P__KEY"}, "set REE_P__KEY"),
        ({"key_setting": "REE_P__KEY", "key": "0123456789abcdef"}, "REE_P__KEY is correct and not expired"),
        ({"inbox": "inbox/publisher/"}, "inbox/publisher/"),
    ],
)
def test_the_remedy_of_a_refusal_speaks_of_a_key_only_where_there_is_one(make_client, config, remedy) -> None:
    with (
        serving(lambda _: Reply(b"no", "text/plain", 403)) as server,
        pytest.raises(NotAllowedError, match=re.escape(remedy)),
    ):
        make_client(server, **config).get("list")


def test_another_host_names_the_inbox(make_client) -> None:
    with serving(good) as server, pytest.raises(FetchError, match="inbox/publisher/"):
        make_client(server, inbox="inbox/publisher/").get("https://elsewhere.example/file")


def test_the_user_agent_carries_the_operators_address(make_client) -> None:
    with serving(good) as server:
        assert make_client(server, contact="data@example.org").get("list").read() == GOOD
    assert server.requests[0].headers["user-agent"] == user_agent("data@example.org")
    assert user_agent("data@example.org").endswith("; contact: data@example.org)")
    assert "contact" not in user_agent()
