"""The one polite client: how every publisher is asked, and what of an answer is believed.

Belongs here: pauses, retries, limits, redirects, and to whom a key is sent. Does not belong here: what a body must look
like (`fetched.py`), how secrets are told and struck out (`redaction.py`), or what any publisher is asked for.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import httpx

from sources.http.exchange import (
    USER_AGENT,
    LateError,
    Limits,
    exchange,
    is_distrust,
    is_loopback,
    is_this_machine,
    post_json,
    trusted_tls,
)
from sources.http.redaction import EchoError, Secrets
from sources.http.response import (
    AGAIN,
    BLOCK,
    UNPACKED,
    Body,
    ChangedError,
    FetchError,
    Kind,
    MissingError,
    NotAllowedError,
    PassingError,
    TryLaterError,
    begins_as,
    counted,
    fits,
    refusal,
    require_sums,
    too_large,
    unpacked,
    without_markup,
)

__all__ = [
    "USER_AGENT", "Body", "ChangedError", "Client", "FetchError", "Kind", "Manners", "MissingError", "NotAllowedError",
    "PassingError", "TryLaterError", "is_loopback", "post_json",
]  # fmt: skip

log = logging.getLogger("ree.http")

_REDIRECTS = 5
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 20.0
"""Between attempts, before the factor `pace`; doubled each time, with jitter of as much again."""
_asked_at: dict[str, float] = {}
"""When each publisher was last asked, on the monotonic clock: a pause is kept from one visit to the next."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How one publisher is asked. Durations in seconds, sizes in bytes.

    `hosts` are those besides the base address's own to which a redirect or a download address may lead, by TLS, or
    whole origins (`http://127.0.0.1:8000`). `pace` is a factor on the pauses between calls and between attempts; what
    a publisher asks for by Retry-After is always kept.
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
        """Whether the publisher is played on this machine: then no pause is needed between calls, and no proxy."""
        return is_loopback(self.base_url)


@dataclass(frozen=True, slots=True)
class _Question:
    """One request, as it goes out to a publisher or, after a redirect, to where that led."""

    method: str
    url: httpx.URL
    headers: Mapping[str, str]
    form: Mapping[str, str] | None
    expect: Kind
    max_bytes: int


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
        self._origins = {_origin(self._base)} | {
            _origin(httpx.URL(host if "://" in host else f"https://{host}")) for host in manners.hosts
        }
        self._key = manners.key.strip()
        self._secrets = Secrets(self._key)
        self._folder = folder
        self._on_call = on_call
        self._sleep = sleep
        self._limits = Limits(manners.timeout_s, manners.deadline_s, is_on_loopback=manners.is_played)
        self._tls = trusted_tls()
        self._cookies = httpx.Cookies()
        self._bodies = 0

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
        if not (self._key.isascii() and self._key.isprintable()):
            raise FetchError(self.name, "has a key with characters that no header can hold.", "copy the key anew.")
        question = _Question(
            method,
            self._address(address, params),
            # what is packed already must come as it lies on the server, or size and checksum would not fit
            {"Accept-Encoding": "identity" if expect in ("zip", "gzip") else "gzip, identity", "User-Agent": USER_AGENT}
            | dict(headers or {})
            | _conditions(validators or {}),
            form,
            expect,
            max_bytes or self.manners.max_bytes,
        )
        for attempt in range(1, self.manners.attempts + 1):
            try:
                body = self._once(question)
                require_sums(body, size, md5)
                if check and not body.is_unchanged:
                    check(body)
            except PassingError as error:
                wait_s = max(self._wait_of(error), self._backoff(attempt))
                if attempt == self.manners.attempts:
                    raise
            else:
                return body
            self._sleep(wait_s)
        msg = "attempts must be at least 1"
        raise ValueError(msg)

    def redact(self, text: str) -> str:
        """`text` without the publisher's key, in whatever form an address or a page holds it."""
        return self._secrets.redact(text)

    @staticmethod
    def _wait_of(error: PassingError) -> float:
        """How long the publisher asks to wait after a failed attempt."""
        log.info("a call failed: %s", error)
        return error.wait_s or 0.0

    def _backoff(self, attempt: int) -> float:
        """How long to wait after an attempt: twice as long each time, and up to as long again by chance."""
        longest: float = min(_FIRST_WAIT_S * 2 ** (attempt - 1), _LONGEST_WAIT_S) * self.manners.pace
        return longest * (1 + secrets.randbelow(1000) / 1000)

    def _address(self, address: str, params: Mapping[str, str] | None) -> httpx.URL:
        """Where a call goes; a plain http address on a host that is known by TLS is asked by TLS."""
        try:
            url = self._base.join(address)
            if params:
                url = url.copy_merge_params(dict(params))
        except httpx.InvalidURL as error:
            shown = f"{self.redact(address)!r} ({error})"
            raise FetchError(self.name, f"gives {shown}, which is no address.", "look at it by hand.") from None
        by_tls = url.copy_with(scheme="https") if url.scheme == "http" and url.port is None else url
        url = by_tls if _origin(url) not in self._origins and _origin(by_tls) in self._origins else url
        if not self._is_known(url):
            raise FetchError(*self._foreign("asks for", url))
        return url

    def _is_known(self, url: httpx.URL) -> bool:
        """Whether an address is on one of the publisher's hosts.

        A publisher played on this machine may name itself by any of the machine's names, and have a file on any port.
        """
        return _origin(url) in self._origins or (url.scheme == self._base.scheme and self._are_here(url))

    def _is_base(self, url: httpx.URL) -> bool:
        """Whether an address is on the base address's own origin, by whichever of this machine's names."""
        here = (url.scheme, url.port) == (self._base.scheme, self._base.port) and self._are_here(url)
        return _origin(url) == _origin(self._base) or here

    def _are_here(self, url: httpx.URL) -> bool:
        return is_this_machine(self._base.host) and is_this_machine(url.host)

    def _foreign(self, does: str, url: httpx.URL) -> tuple[str, str, str]:
        return (
            self.name,
            f"{does} {self._shown(url)}, which is none of its hosts.",
            "if the publisher moved, add the host to `hosts` under [live] in its source.toml.",
        )

    def _once(self, question: _Question) -> Body:
        """One attempt, redirects followed by hand so that each is held against the publisher's hosts."""
        for _ in range(_REDIRECTS + 1):
            came = self._call(question)
            if isinstance(came, Body):
                return came
            question = came
        raise PassingError(
            self._shown(question.url), f"redirects more than {_REDIRECTS} times.", "look at the address by hand."
        )

    def _call(self, question: _Question) -> Body | _Question:
        """One call: a body, or where the answer leads."""
        sent = self._headers_for(question)
        self._pause()
        self._on_call()
        try:
            with exchange(
                self._limits,
                self._tls,
                self._cookies,
                {"method": question.method, "url": question.url, "headers": sent, "data": question.form},
            ) as (response, is_late):
                log.debug("%s %s answers %d", question.method, self._shown(question.url), response.status_code)
                self._cookies.update(response.cookies)
                if response.has_redirect_location:
                    return self._redirected(question, response)
                return self._taken(question, response, is_late)
        except LateError:
            why = f"sent its answer for {self.manners.deadline_s:.0f} s without end"
            passing = True
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            # raised below, outside this block: the library's error holds the request, and with it the key
            why = f"did not answer in whole ({type(error).__name__}: {self.redact(str(error))})"
            passing = not is_distrust(error)
        if passing:
            raise PassingError(self._shown(question.url), f"{why}.", AGAIN)
        raise FetchError(self._shown(question.url), f"{why}.", "look at the publisher's certificate by hand.")

    def _headers_for(self, question: _Question) -> dict[str, str]:
        """What is sent: the key only to the publisher's own base address, and not one word of it elsewhere."""
        sent = dict(question.headers)
        if self._is_base(question.url):
            if self._key and self.manners.key_header:
                sent[self.manners.key_header] = self._key
        elif self._secrets.are_in(" ".join([str(question.url), *sent.values(), *(question.form or {}).values()])):
            raise FetchError(self._shown(question.url), "would be sent the key.", "look at the address by hand.")
        return sent

    def _taken(self, question: _Question, response: httpx.Response, is_late: Callable[[], bool]) -> Body:
        """The answer's bytes on disk, or the error it stands for."""
        shown = self._shown(question.url)
        if response.status_code == httpx.codes.NOT_MODIFIED and _is_conditional(question.headers):
            return self._body(shown, response, None, hashlib.sha256(b"").hexdigest(), 0)
        if response.status_code != httpx.codes.OK:
            retry_after = response.headers.get("Retry-After", "")
            wait_s = self.manners.longest_wait_s
            raise refusal(shown, response.status_code, self._problem(response), retry_after, wait_s)
        encoding = _encoding(response)
        if encoding not in UNPACKED:
            raise FetchError(shown, f"comes packed as {encoding!r}.", "only gzip and deflate are unpacked, once.")
        announced = response.headers.get("Content-Length", "")
        if announced.isdecimal() and int(announced) > question.max_bytes:
            raise too_large(question.max_bytes, shown)
        self._bodies += 1
        while (path := self._folder / f"body-{self._bodies:05}").exists():
            self._bodies += 1
        try:
            digest, size, start = self._written(path, response, encoding, question.max_bytes, shown)
            self._require_kind(question.expect, shown, start, path, is_late)
        except EchoError:
            path.unlink()
            raise FetchError(shown, "echoes the key in its body; it is not kept.", "tell the publisher.") from None
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return self._body(shown, response, path, digest, size)

    def _require_kind(self, kind: Kind, shown: str, start: bytes, path: Path, is_late: Callable[[], bool]) -> None:
        if is_late():  # where no length is announced, the end that the deadline made looks like the answer's own
            raise LateError
        wrong = fits(kind, start, path)
        if wrong:
            said = self._secrets.in_words(start.decode("utf-8", "replace")) if begins_as(start) == "text" else ""
            raise PassingError(shown, f"{wrong} where {kind} is due" + (f": {said!r}." if said else "."), AGAIN)

    def _written(
        self, path: Path, response: httpx.Response, encoding: str, max_bytes: int, shown: str
    ) -> tuple[str, int, bytes]:
        """Write a body block by block; its sha256, size and first bytes. Bytes that echo the key are not written."""
        digest, size, start = hashlib.sha256(), 0, b""
        packed = counted(response.iter_raw(BLOCK), max_bytes, shown)
        plain = counted(unpacked(packed, encoding, shown), max_bytes, shown)
        with path.open("xb") as file:
            for block in self._secrets.kept_out(plain):
                size += len(block)
                start = start if len(start) >= BLOCK else start + block
                digest.update(block)
                file.write(block)
        return digest.hexdigest(), size, start

    def _body(self, shown: str, response: httpx.Response, path: Path | None, sha256: str, size: int) -> Body:
        said = {name: response.headers.get(name, "") for name in ("ETag", "Last-Modified", "Content-Type")}
        # kept and sent again next time: so only what a header can hold, and nothing that echoes the key
        etag, modified, content_type = (
            text if text.isascii() and text.isprintable() and not self._secrets.are_in(text) else ""
            for text in said.values()
        )
        return Body(shown, response.status_code, path, sha256, size, etag, modified, content_type)

    def _problem(self, response: httpx.Response) -> str:
        """What a refusal says: its status and the first words of its page, as far as they can be read."""
        start, encoding = b"", _encoding(response)
        with contextlib.suppress(FetchError, httpx.HTTPError):
            for block in unpacked(response.iter_raw(BLOCK), encoding, "") if encoding in UNPACKED else ():
                start += block
                if len(start) >= BLOCK:
                    break
        said = self._secrets.in_words(without_markup(start.decode("utf-8", "replace")))
        answers = self._secrets.in_words(f"answers {response.status_code} {response.reason_phrase}")
        return f"{answers}: {said}." if said else f"{answers}."

    def _redirected(self, question: _Question, response: httpx.Response) -> _Question:
        """Where an answer leads. A way that must not be followed may be a passing one: the address is asked again."""
        url, target = question.url, question.url.join(response.headers["Location"])
        if target.userinfo:
            target = target.copy_with(userinfo=b"")
        if url.scheme == "https" and target.scheme != "https":
            raise PassingError(
                self._shown(url), f"redirects to {self._shown(target)}, without TLS.", "look at the address by hand."
            )
        if not self._is_known(target):
            raise PassingError(*self._foreign("redirects to", target))
        keeps_method = response.status_code in (httpx.codes.TEMPORARY_REDIRECT, httpx.codes.PERMANENT_REDIRECT)
        if keeps_method:
            return replace(question, url=target)
        return replace(question, url=target, method="GET", form=None)

    def _pause(self) -> None:
        if not self.manners.is_played:
            wait = _asked_at.get(self.name, float("-inf")) + self.manners.pause_s * self.manners.pace - time.monotonic()
            if wait > 0:
                self._sleep(wait)
        _asked_at[self.name] = time.monotonic()

    def _shown(self, url: httpx.URL) -> str:
        """The address as it may be written down."""
        return self.redact(str(url.copy_with(userinfo=b"") if url.userinfo else url))


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _encoding(response: httpx.Response) -> str:
    return str(response.headers.get("Content-Encoding", "")).strip().lower()


def _conditions(validators: Mapping[str, str]) -> dict[str, str]:
    """The headers that ask for an answer only if it is not the one that is held."""
    by_name = {"If-None-Match": "etag", "If-Modified-Since": "last_modified"}
    return {header: validators[name] for header, name in by_name.items() if validators.get(name)}


def _is_conditional(headers: Mapping[str, str]) -> bool:
    return any(name.lower() in ("if-none-match", "if-modified-since") for name in headers)
