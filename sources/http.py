"""The one polite client: how every publisher is asked, and what of an answer is believed.

Belongs here: pauses, retries, limits, redirects, content checks, and keeping secrets out of everything that is written.
Does not belong here: what any publisher is asked for, or what its answers mean.
"""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import json
import logging
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote

import httpx
import stamina
import stamina.instrumentation

from sources.contract import SourceError

log = logging.getLogger("ree.http")

Kind = Literal["json", "csv", "html", "zip", "gzip", "any"]
"""What an answer must look like by its first bytes, whatever its Content-Type says."""

USER_AGENT = "rare-earth-warehouse/0.1 (open data warehouse; asks slowly, once; respects Retry-After)"
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_MAY_SAY_WAIT = frozenset({403, 429, 503})
_SHOWN = 200
_BLOCK = 1 << 16
_HTML = re.compile(rb"^\s*(?:<!--.*?-->\s*)*<(?:!doctype|html|head|body|script)\b", re.I | re.S)


class FetchError(SourceError):
    """A publisher did not answer as it should. Nothing of the answer is kept."""


class PassingError(FetchError):
    """A failure that may be gone at the next attempt: no answer, a busy server, a body that is not whole."""

    wait_s: float | None = None


class MissingError(FetchError):
    """The publisher has nothing at this address (404, 410)."""


class NotAllowedError(FetchError):
    """The publisher refuses us (401, 403): a key is missing or wrong."""


class TryLaterError(FetchError):
    """The publisher says to come back later than a run can wait, or the day's calls are spent."""

    def __init__(self, artifact: str, problem: str, remedy: str, not_before: datetime | None = None) -> None:
        super().__init__(artifact, problem, remedy)
        self.not_before = not_before


@dataclass(frozen=True, slots=True)
class Manners:
    """How one publisher is asked. Durations in seconds, sizes in bytes.

    `hosts` are those besides the base address's own to which a redirect or a download address may lead. `pace` is a
    factor on the pauses between calls and between attempts; what a publisher asks for by Retry-After is always kept.
    """

    base_url: str
    hosts: frozenset[str] = frozenset()
    pause_s: float = 1.0
    pace: float = 1.0
    max_bytes: int = 50_000_000
    attempts: int = 4
    timeout_s: float = 30.0
    deadline_s: float = 300.0
    longest_wait_s: float = 90.0
    key_header: str = ""
    key: str = field(default="", repr=False)

    @property
    def is_played(self) -> bool:
        """Whether the publisher is played on this machine: then no pause is needed between calls."""
        host = httpx.URL(self.base_url).host
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(host).is_loopback
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class Body:
    """A whole answer that passed every check, on disk. `url` has no secrets; `path` is None for "not modified"."""

    url: str
    status: int
    path: Path | None
    sha256: str
    size: int
    etag: str
    last_modified: str
    content_type: str

    @property
    def is_unchanged(self) -> bool:
        """The publisher says that nothing changed since the validators that were sent (304)."""
        return self.status == httpx.codes.NOT_MODIFIED

    def read(self) -> bytes:
        """The bytes."""
        return self.path.read_bytes() if self.path else b""

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            FetchError: it is none, in UTF-8 with or without a byte-order mark.
        """
        try:
            return json.loads(self.read().decode("utf-8-sig"))
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise FetchError(self.url, f"is not whole JSON ({error}).", "it is asked again in the next run.") from error

    def text(self) -> str:
        """The body as UTF-8 text.

        Raises:
            FetchError: it is none.
        """
        try:
            return self.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FetchError(self.url, f"is no text in UTF-8 ({error}).", "look at the page by hand.") from error


class Client:
    """Asks one publisher. Every call is announced to `on_call` before it goes out, so that quotas survive a crash."""

    def __init__(
        self,
        name: str,
        manners: Manners,
        folder: Path,
        *,
        on_call: Callable[[], None] = lambda: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self.manners = manners
        self._base = httpx.URL(manners.base_url.rstrip("/") + "/")
        self._folder = folder
        self._on_call = on_call
        self._sleep = sleep
        self._tls = ssl.create_default_context()
        self._cookies = httpx.Cookies()
        self._last_call = float("-inf")
        self._bodies = 0
        stamina.instrumentation.set_on_retry_hooks(())  # attempts are logged here, without arguments

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._cookies.clear()

    def get(self, address: str, **how: Any) -> Body:
        """Ask by GET; see `ask`."""
        return self.ask("GET", address, **how)

    def post(self, address: str, **how: Any) -> Body:
        """Ask by POST; see `ask`. Only for forms that ask and change nothing, since a failed attempt is repeated."""
        return self.ask("POST", address, **how)

    def ask(  # noqa: PLR0913 - what can be asked and what can be checked
        self,
        method: str,
        address: str,
        *,
        expect: Kind = "any",
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        validators: Mapping[str, str] | None = None,
        size: int | None = None,
        md5: str | None = None,
        max_bytes: int | None = None,
        check: Callable[[Body], None] | None = None,
    ) -> Body:
        """Ask until a whole answer of the expected kind has come, or all attempts are spent.

        `address` is relative to the publisher's base address, or absolute on one of its hosts. `validators` are the
        etag and last_modified of an answer that is held: an unchanged answer has no bytes. `check` is the caller's
        own look at a body; raise `PassingError` in it to have the publisher asked again.

        Raises:
            MissingError: 404 or 410.
            NotAllowedError: 401, or 403 that does not ask to wait.
            TryLaterError: told to wait longer than `longest_wait_s`.
            FetchError: any other refusal, another host, a body too large, of another kind, size or checksum, or all
                attempts failed.
        """
        url = self._base.join(address)
        if params:
            url = url.copy_merge_params(dict(params))
        self._require_host(url, "asks for")
        sent = {"Accept-Encoding": "gzip, identity", "User-Agent": USER_AGENT, **(headers or {})}
        for header, value in (("If-None-Match", "etag"), ("If-Modified-Since", "last_modified")):
            if validators and validators.get(value):
                sent[header] = validators[value]
        attempts = stamina.retry_context(
            on=self._wait_of,
            attempts=self.manners.attempts,
            timeout=None,
            wait_initial=0.5 * self.manners.pace,
            wait_max=20.0 * self.manners.pace,
            wait_jitter=0.5 * self.manners.pace,
        )
        for attempt in attempts:
            with attempt:
                body = self._once(method, url, sent, form, expect, max_bytes or self.manners.max_bytes)
                self._check_sums(body, size, md5)
                if check and not body.is_unchanged:
                    check(body)
        return body

    def redact(self, text: str) -> str:
        """`text` without the publisher's key, in whatever form an address holds it."""
        key = self.manners.key
        for form in {key, quote(key, safe=""), quote(key)} - {""}:
            text = text.replace(form, "•••")
        return text

    @staticmethod
    def _wait_of(error: Exception) -> bool | float:
        """Whether to try again, and after how long if the publisher said so."""
        if not isinstance(error, PassingError):
            return False
        log.info("a call failed: %s", error)
        return True if error.wait_s is None else error.wait_s

    def _once(
        self,
        method: str,
        url: httpx.URL,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
        expect: Kind,
        max_bytes: int,
    ) -> Body:
        """One attempt, redirects followed by hand so that each is held against the publisher's hosts."""
        for _ in range(6):
            sent = dict(headers)
            if self.manners.key and self.manners.key_header and _origin(url) == _origin(self._base):
                sent[self.manners.key_header] = self.manners.key
            self._pause()
            with self._stream(method, url, sent, form) as response:
                if response.is_redirect and response.status_code != httpx.codes.NOT_MODIFIED:
                    url = self._redirected(url, response)
                    if response.status_code not in (httpx.codes.TEMPORARY_REDIRECT, httpx.codes.PERMANENT_REDIRECT):
                        method, form = "GET", None
                    continue
                return self._taken(url, response, expect, max_bytes)
        raise FetchError(self._shown(url), "redirects more than five times.", "look at the address by hand.")

    @contextlib.contextmanager
    def _stream(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> Iterator[httpx.Response]:
        """An open answer. A watch closes it at the deadline, however slowly it drips."""
        client = httpx.Client(verify=self._tls, timeout=self.manners.timeout_s, cookies=self._cookies, trust_env=True)
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            client.close()

        watch = threading.Timer(self.manners.deadline_s, expire)
        watch.daemon = True
        watch.start()
        self._on_call()
        try:
            with client, client.stream(method, url, headers=dict(headers), data=form) as response:
                self._cookies.update(response.cookies)
                yield response
        except (httpx.HTTPError, httpx.StreamError, OSError, RuntimeError) as error:
            if not expired.is_set() and isinstance(error, RuntimeError) and not isinstance(error, httpx.StreamError):
                raise
            why = (
                f"sent its answer for {self.manners.deadline_s:.0f} s without end"
                if expired.is_set()
                else f"did not answer in whole ({type(error).__name__}: {self.redact(str(error))})"
            )
            raise PassingError(self._shown(url), f"{why}.", "it is asked again in the next run.") from None
        finally:
            watch.cancel()

    def _taken(self, url: httpx.URL, response: httpx.Response, expect: Kind, max_bytes: int) -> Body:
        """The answer's bytes on disk, or the error it stands for."""
        if response.status_code == httpx.codes.NOT_MODIFIED:
            return self._body(url, response, None, hashlib.sha256(b"").hexdigest(), 0)
        if not response.is_success:
            raise self._error_of(url, response)
        encoding = response.headers.get("Content-Encoding", "").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise FetchError(self._shown(url), f"comes packed as {encoding!r}.", "only gzip and deflate are unpacked.")
        self._bodies += 1
        path = self._folder / f"body-{self._bodies:05}"
        digest, size, start = hashlib.sha256(), 0, b""
        with path.open("wb") as file:
            for block in response.iter_bytes(_BLOCK):
                size += len(block)
                if size > max_bytes or response.num_bytes_downloaded > max_bytes:
                    raise FetchError(
                        self._shown(url),
                        f"is larger than {max_bytes:,} bytes.",
                        "raise max_bytes in the publisher's source.toml if that is right.",
                    )
                start = start if len(start) >= _BLOCK else start + block
                digest.update(block)
                file.write(block)
        self._require_kind(url, start, size, expect)
        self._require_no_key(url, path)
        return self._body(url, response, path, digest.hexdigest(), size)

    def _body(self, url: httpx.URL, response: httpx.Response, path: Path | None, sha256: str, size: int) -> Body:
        return Body(
            url=self._shown(url),
            status=response.status_code,
            path=path,
            sha256=sha256,
            size=size,
            etag=response.headers.get("ETag", ""),
            last_modified=response.headers.get("Last-Modified", ""),
            content_type=response.headers.get("Content-Type", ""),
        )

    def _error_of(self, url: httpx.URL, response: httpx.Response) -> FetchError:
        status = response.status_code
        said = self._start_of(response)
        problem = f"answers {status} {response.reason_phrase}" + (f": {said}" if said else "") + "."
        wait_s = _retry_after(response.headers.get("Retry-After", ""))
        if status in _MAY_SAY_WAIT and wait_s is not None and wait_s > self.manners.longest_wait_s:
            until = datetime.fromtimestamp(time.time() + wait_s, UTC)
            return TryLaterError(
                self._shown(url), problem, f"it is asked again after {until:%Y-%m-%d %H:%M} UTC.", until
            )
        if status in _PASSING or (status in _MAY_SAY_WAIT and wait_s is not None):
            passing = PassingError(self._shown(url), problem, "it is asked again in the next run.")
            passing.wait_s = wait_s
            return passing
        if status in (404, 410):
            return MissingError(self._shown(url), problem, "look whether the publisher moved it.")
        if status in (401, 403):
            return NotAllowedError(self._shown(url), problem, "look whether the key is set, right and not expired.")
        return FetchError(self._shown(url), problem, "look whether the publisher changed its interface.")

    def _start_of(self, response: httpx.Response) -> str:
        """The first words of an error's body, without markup and secrets."""
        start = b""
        for block in response.iter_bytes(_BLOCK):
            start += block
            if len(start) >= _BLOCK:
                break
        text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", start.decode("utf-8", "replace"), flags=re.S | re.I)
        return " ".join(self.redact(text).split())[:_SHOWN]

    def _redirected(self, url: httpx.URL, response: httpx.Response) -> httpx.URL:
        target = url.join(response.headers.get("Location", ""))
        if url.scheme == "https" and target.scheme != "https":
            raise FetchError(
                self._shown(url), f"redirects to {self._shown(target)}, without TLS.", "look at the address by hand."
            )
        self._require_host(target, "redirects to")
        return target

    def _require_host(self, url: httpx.URL, does: str) -> None:
        known = {_origin(self._base)} | {("https", host, None) for host in self.manners.hosts}
        if _origin(url) not in known:
            raise FetchError(
                self.name,
                f"{does} {self._shown(url)}, which is none of its hosts.",
                "if the publisher moved, add the host to `hosts` under [live] in its source.toml.",
            )

    def _require_kind(self, url: httpx.URL, start: bytes, size: int, expect: Kind) -> None:
        plain = start.removeprefix(b"\xef\xbb\xbf").lstrip()
        is_html = _HTML.match(plain) is not None or plain[:1] == b"<"
        fits = {
            "json": plain[:1] in (b"{", b"["),
            "csv": bool(plain) and not is_html and plain[:1] not in (b"{", b"[") and b"\0" not in start,
            "html": is_html,
            "zip": start.startswith(b"PK\x03\x04"),
            "gzip": start.startswith(b"\x1f\x8b"),
            "any": True,
        }
        if not fits[expect]:
            words = self.redact(" ".join(plain[:_SHOWN].decode("utf-8", "replace").split()))
            found = "an HTML page" if is_html else f"{size} bytes that begin {words!r}"
            raise PassingError(
                self._shown(url), f"is {found} where {expect} is due.", "it is asked again in the next run."
            )

    def _require_no_key(self, url: httpx.URL, path: Path) -> None:
        """Bytes that echo the key never reach the landing."""
        key = self.manners.key.encode()
        if not key:
            return
        tail = b""
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                if key in tail + block:
                    path.unlink()
                    raise FetchError(
                        self._shown(url), "echoes the key in its body; it is not kept.", "tell the publisher."
                    )
                tail = block[-len(key) :]

    def _check_sums(self, body: Body, size: int | None, md5: str | None) -> None:
        if body.path is None:
            return
        if size is not None and body.size != size:
            raise PassingError(body.url, f"has {body.size} bytes where {size} are announced.", "it is asked again.")
        if md5:
            with body.path.open("rb") as file:
                found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
            if found != md5.lower():
                raise PassingError(
                    body.url, f"has the MD5 {found}, announced is {md5.lower()}.", "it is asked again in the next run."
                )

    def _pause(self) -> None:
        if not self.manners.is_played:
            wait = self._last_call + self.manners.pause_s * self.manners.pace - time.monotonic()
            if wait > 0:
                self._sleep(wait)
        self._last_call = time.monotonic()

    def _shown(self, url: httpx.URL) -> str:
        """The address as it may be written down."""
        return self.redact(str(url.copy_with(username=None, password=None) if url.userinfo else url))


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _retry_after(text: str) -> float | None:
    """Seconds to wait by a Retry-After header, in seconds or as a date; None where it says neither."""
    text = text.strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    with contextlib.suppress(ValueError, TypeError):
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    return None
