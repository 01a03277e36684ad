"""Where the polite client goes, and what it never tells: redirects, hosts, TLS, cookies, the key, hooks."""

from __future__ import annotations

import base64
import json
import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest

from sources.http.client import Client
from sources.http.config import ClientConfig
from sources.http.errors import FetchError, MissingError, RetryableError
from sources.http.exchange import post_json
from tests.fakes.server import FakeServer, Fault, Reply, Request, Responder, serving
from tests.helpers.http_clients import GOOD, HEADER, SHORT_TIMEOUTS, client_for, files_of, good, raw_server
from tests.helpers.tls import self_signed

pytestmark = pytest.mark.thorough

KEY = "S3cret/Key+0123=4567 89ab~cdef"


@pytest.fixture
def make_client(tmp_path: Path) -> Callable[..., Client]:
    return partial(client_for, tmp_path)


# Where it leads


def leading(to: Callable[[Request], str | None], status: int = 302) -> Responder:
    def handle(request: Request) -> Reply:
        target = to(request)
        return Reply(GOOD) if target is None else Reply(b"", "text/plain", status, {"Location": target})

    return handle


def test_a_redirect_within_the_publisher_is_followed(make_client) -> None:
    with serving(leading(lambda r: {"/a": "b", "/b": "/c"}.get(r.path))) as server:
        body = make_client(server, key=KEY).get("a")
    assert (body.url, body.location) == (f"{server.url}/a", f"{server.url}/c")
    assert [request.headers[HEADER.lower()] for request in server.requests] == [KEY] * 3


@pytest.mark.parametrize(("status", "method"), [(302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
def test_a_form_is_sent_on_only_where_the_status_says_so(make_client, status, method) -> None:
    with serving(leading(lambda r: "/b" if r.path == "/a" else None, status)) as server:
        make_client(server).post("a", form={"x": "1"})
    assert (server.requests[1].method, server.requests[1].form) == (method, {"x": "1"} if method == "POST" else {})


def test_five_redirects_are_followed_and_a_circle_is_left(make_client) -> None:
    with serving(leading(lambda r: f"/{int(r.path[1:]) + 1}" if r.path < "/5" else None)) as server:
        assert make_client(server).get("0").read() == GOOD
    with serving(leading(lambda _: "/round")) as server, pytest.raises(RetryableError, match="more than 5 times"):
        make_client(server, attempts=1).get("0")
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    "target", ["http://elsewhere.invalid/a", "//elsewhere.invalid/a", "https://127.0.0.1/", "ftp://x/"]
)
def test_no_redirect_is_followed_to_another_host(make_client, target) -> None:
    with (
        serving(leading(lambda _: target)) as server,
        pytest.raises(FetchError, match=r"not one of its hosts.*source\.toml"),
    ):
        make_client(server).get("a")


def test_an_address_on_another_host_is_not_asked(make_client) -> None:
    with serving(good) as server, pytest.raises(FetchError, match=r"requests http://elsewhere\.invalid/"):
        make_client(server).get("http://elsewhere.invalid/")
    assert server.requests == []


def test_a_publisher_on_this_machine_is_known_by_all_its_names_and_ports(make_client) -> None:
    with serving(good) as store, serving(good) as server:
        client = make_client(server, key=KEY)
        named, elsewhere = (url.replace("127.0.0.1", "localhost") for url in (server.url, store.url))
        assert client.get(f"{named}/file").read() == GOOD
        assert client.get(f"{elsewhere}/file").read() == GOOD
    assert server.requests[0].headers[HEADER.lower()] == KEY
    assert KEY not in repr(store.requests)


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("https://example.org", "http://127.0.0.1:8000/file"),
        ("https://example.org", "https://localhost/file"),
        ("http://127.0.0.1:8000", "http://127.0.0.2:8000/file"),
        ("http://127.0.0.1:8000", "http://localhost.example.org:8000/file"),
    ],
)
def test_this_machine_is_no_host_of_any_other_publisher(tmp_path, base, address) -> None:
    with pytest.raises(FetchError, match="not one of its hosts"):
        Client("p", ClientConfig(base), tmp_path).get(address)


@pytest.mark.parametrize("address", ["http://[", "http://a b/", "x" * 70_000, "\x00"])
def test_what_is_no_address_is_an_error_of_the_publishers(make_client, address) -> None:
    with serving(good) as server, pytest.raises(FetchError):
        make_client(server).get(address)
    with serving(leading(lambda _: address.replace("\x00", "http://["))) as server, pytest.raises(FetchError):
        make_client(server).get("a")


def test_the_key_goes_to_the_publisher_and_not_to_its_other_hosts(make_client) -> None:
    with serving(good) as store, serving(leading(lambda r: f"{store.url}/file" if r.path == "/a" else None)) as server:
        client = make_client(server, key=KEY, hosts=frozenset({store.url}))
        assert client.get("a").read() == GOOD
        assert client.get(f"{store.url}/file").read() == GOOD
        with pytest.raises(FetchError, match="would be sent the key"):
            client.get(f"{store.url}/file", params={"k": KEY})
        with pytest.raises(FetchError, match="would be sent the key"):
            client.get(f"{store.url}/file", headers={"X-Key": KEY})
    assert server.requests[0].headers[HEADER.lower()] == KEY
    assert len(store.requests) == 2
    assert KEY not in repr(store.requests)


@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_that_hands_the_key_to_another_host_is_not_followed(make_client, status) -> None:
    with serving(good) as store:
        target = f"{store.url}/file?key={quote(KEY, safe='')}"
        with serving(leading(lambda r: target if r.path == "/a" else None, status)) as server:
            client = make_client(server, key=KEY, hosts=frozenset({store.url}))
            with pytest.raises(FetchError, match="would be sent the key"):
                client.get("a")
            target = f"{store.url}/file"
            if status == 307:
                with pytest.raises(FetchError, match="would be sent the key"):
                    client.post("a", form={"key": KEY})
    assert store.requests == []


def test_cookies_are_sent_back_to_their_publisher_alone(make_client) -> None:
    def handle(request: Request) -> Reply:
        return Reply(GOOD, headers={"Set-Cookie": f"session={request.number}; Path=/"})

    with serving(handle) as server:
        with make_client(server, "one") as one, make_client(server, "two") as two:
            one.get("a")
            one.get("b")
            two.get("c")
        with one:
            one.get("d")
    assert [request.headers.get("cookie") for request in server.requests] == [None, "session=1", None, None]


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("tls"))


@contextmanager
def serving_tls(responder: Responder, certificate: tuple[Path, Path]) -> Iterator[tuple[FakeServer, str]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = FakeServer(responder)
    server._server.socket = context.wrap_socket(server._server.socket, server_side=True)
    server._server.handle_error = lambda *_: None  # a client that hangs up says so on the terminal otherwise
    with server:
        yield server, server.url.replace("http://127.0.0.1", "https://localhost")


def test_an_untrusted_certificate_is_refused_at_once(make_client, certificate) -> None:
    with (
        serving_tls(good, certificate) as (server, url),
        pytest.raises(FetchError, match=r"CERTIFICATE_VERIFY_FAILED.*certificate by hand") as caught,
    ):
        make_client(url, key=KEY).get("list")
    assert not isinstance(caught.value, RetryableError)
    assert server.requests == []


def test_a_trusted_one_is_taken_and_no_redirect_leads_out_of_tls(make_client, certificate, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with (
        serving(good) as plain,
        serving_tls(leading(lambda r: f"{plain.url}/open" if r.path == "/out" else None), certificate) as (_, url),
    ):
        client = make_client(url, hosts=frozenset({plain.url}))
        assert client.get("list").read() == GOOD
        with pytest.raises(RetryableError, match="without TLS"):
            client.get("out")
    assert plain.requests == []


def test_a_slow_drip_is_ended_under_tls_too(make_client, certificate, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with serving_tls(lambda _: Reply(b"x" * 1000), certificate) as (server, url):
        server.add_fault(Fault("drip"), times=-1)
        with pytest.raises(RetryableError, match="did not end"):
            make_client(url, attempts=1, deadline_s=SHORT_TIMEOUTS["deadline_s"]).get("list")


# The key

ECHOES = {
    "raw": KEY,
    "quoted": quote(KEY, safe=""),
    "quoted, small letters": quote(KEY, safe="").lower(),
    "in a form": KEY.replace(" ", "+").replace("/", "%2F").replace("+0", "%2B0").replace("=", "%3D"),
    "as JSON": KEY.replace("/", "\\/"),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "base64 of user and key": base64.b64encode(f"user:{KEY}".encode()).decode(),
    "base64 in the midst": base64.b64encode(f"a={KEY}&b=2".encode()).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(KEY.encode()).decode(),
}


def stretches(text: str) -> list[str]:
    """All stretches of eight characters of a secret: even a part of it must not be written down."""
    return [text[i : i + 8] for i in range(len(text) - 7)]


def leaks(written: str) -> list[str]:
    forms = [KEY, quote(KEY, safe=""), base64.b64encode(KEY.encode()).decode()]
    return [part for form in forms for part in stretches(form) if part in written]


@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
@pytest.mark.parametrize("where", ["start", "across blocks"])
def test_a_body_that_echoes_the_key_is_refused_and_never_written(make_client, tmp_path, echo, where) -> None:
    before = "" if where == "start" else "x" * (65_536 - 9)
    with (
        serving(lambda _: Reply(f'["{before}", "{echo}"]'.encode())) as server,
        pytest.raises(FetchError, match="echoes the key"),
    ):
        make_client(server, key=KEY).get("list", expect="json")
    assert len(server.requests) == 1
    assert files_of(tmp_path) == []


def test_a_body_with_half_the_key_is_kept_whole(make_client) -> None:
    body = json.dumps(["a" * 65_530, KEY[:15], "and no more of it", KEY[15:]]).encode()
    with serving(lambda _: Reply(body)) as server:
        assert make_client(server, key=KEY).get("list", expect="json").read() == body


@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 429, 500])
def test_the_key_stands_in_no_error_and_no_log(make_client, tmp_path, caplog, echo, status) -> None:
    """In the body, a header and the target of a redirect; cut at any length; with every logger at its loudest."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "httpcore.connection", "httpcore.http11", "ree.http"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    body = f"<p>{'because ' * 23}key {echo} is wrong</p>"
    headers = {
        "X-Echo": quote(echo),
        "ETag": f'"{quote(echo)}"',
        "Location": f"http://elsewhere.invalid/?k={quote(echo)}",
    }
    reply = Reply(body.encode(), "text/html", status, headers if status == 302 else {**headers, "Location": "/"})
    with serving(lambda _: reply) as server:
        client = make_client(server, key=KEY, attempts=2)
        with pytest.raises(FetchError) as caught:
            client.get("list", params={"subscription-key": KEY}, expect="json")
    error: BaseException | None = caught.value
    while error is not None:  # what a traceback would show, and what it hides
        written = f"{error}{error!r}{vars(error)}"
        assert leaks(written) == []
        error = error.__cause__ or error.__context__
    assert leaks(repr(client) + repr(client.config)) == []
    records = "".join(f"{record.getMessage()}{record.__dict__}" for record in caplog.records)
    assert leaks(records) == []
    assert leaks("".join(data.decode("latin-1") for data in files_of(tmp_path))) == []
    assert server.requests[0].query["subscription-key"] == KEY, "the key was sent"


def test_the_key_stands_in_no_log_of_a_call_that_ends_well(make_client, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    headers = {"X-Echo": quote(KEY), "ETag": quote(KEY)}
    with serving(lambda _: Reply(GOOD, headers=headers)) as server:
        body = make_client(server, key=KEY).get("list", params={"k": KEY, "year": "2024"})
    assert leaks(repr(body) + "".join(str(record.__dict__) for record in caplog.records)) == []
    assert body.url.endswith("/list?k=•••&year=2024")
    assert body.etag == "", "it would be kept, and sent again"
    assert any(record.name == "ree.http" for record in caplog.records), "the call itself is logged"


def test_the_libraries_log_again_once_the_call_is_over(make_client, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(good) as server:
        make_client(server).get("list")
    logging.getLogger("httpx").info("hello")
    assert "hello" in caplog.text


def test_a_status_line_that_echoes_the_key_is_redacted(make_client) -> None:
    def speak(connection: socket.socket, _: int) -> None:
        connection.sendall(f"HTTP/1.1 404 No {KEY}\r\nContent-Length: 0\r\n\r\n".encode())

    with raw_server(speak) as url, pytest.raises(MissingError, match="No •••") as caught:
        make_client(url, key=KEY).get("list")
    assert leaks(str(caught.value)) == []


@pytest.mark.parametrize("key", ["with\nnewline-0123", "ümlaut-0123456"])
def test_a_key_that_no_header_can_hold_is_an_error_that_does_not_show_it(make_client, key) -> None:
    with serving(good) as server, pytest.raises(FetchError, match="copy the key again") as caught:
        make_client(server, key=key).get("list")
    assert "0123" not in str(caught.value)
    assert server.requests == []


def test_a_key_copied_with_its_line_end_is_sent_without(make_client) -> None:
    with serving(good) as server:
        make_client(server, key=f"{KEY}\n").get("list")
    assert server.requests[0].headers[HEADER.lower()] == KEY


# Hooks


def test_a_message_is_posted_to_a_hook_as_json() -> None:
    with serving(lambda _: Reply(b"ok", "text/plain")) as server:
        post_json(f"{server.url}/hook?token=1", {"text": "hello"})
    (request,) = server.requests
    assert (request.method, request.path, request.query) == ("POST", "/hook", {"token": "1"})
    assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize("fault", [Fault("status", 503), Fault("close"), Fault("hang")])
def test_a_hook_that_does_not_answer_is_tried_twice(fault) -> None:
    with serving(good) as server:
        server.add_fault(fault, times=-1)
        with pytest.raises(FetchError) as caught:
            post_json(f"{server.url}/hook/T0KEN123456", {"text": "x"}, timeout_s=0.3)
    assert len(server.requests) == 2
    assert "T0KEN" not in str(caught.value)
    assert server.url not in str(caught.value)


def test_a_hook_that_redirects_is_not_followed() -> None:
    with (
        serving(leading(lambda r: "/other" if r.path == "/hook" else None)) as server,
        pytest.raises(FetchError, match="302"),
    ):
        post_json(f"{server.url}/hook", {"text": "x"})
    assert len(server.requests) == 1


def test_a_key_that_is_a_parameter_is_sent_to_the_publisher_alone_and_recorded_nowhere(make_client, caplog) -> None:
    caplog.set_level("DEBUG")
    with serving(good) as server, serving(good) as store:
        config = {"key": KEY, "key_header": "", "key_parameter": "key", "hosts": frozenset({store.url})}
        client = make_client(server, **config)
        body = client.get("list", params={"year": "2024"})
        client.get(f"{store.url}/file")
    assert server.requests[0].query == {"year": "2024", "key": KEY}
    assert store.requests[0].query == {}
    assert KEY not in caplog.text
    assert body.url == f"{server.url}/list?year=2024"
