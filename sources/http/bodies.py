"""Writing response bodies to disk: decoded, within limits, hashed, and refused where they contain the key."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from sources.http.challenge import is_challenge
from sources.http.decoding import BLOCK, DECODED, decoded, limited
from sources.http.errors import RETRIED_NEXT_RUN, ChallengeError, FetchError, RetryableError, too_large
from sources.http.exchange import DeadlineError
from sources.http.ranges import Download, UnfinishedError
from sources.http.redaction import EchoError, Secrets
from sources.http.response import Body, Kind, detect_kind, mismatch, strip_markup

_EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Expected:
    """What a body should be: its kind and most bytes, and how it is recorded.

    `asked` is the requested address, `url` the one that answered; both are redacted.
    """

    asked: str
    url: str
    kind: Kind
    max_bytes: int


class BodyWriter:
    """Writes the bodies of one client into a folder, each into a file of its own."""

    def __init__(self, folder: Path, secrets: Secrets, by_hand: str = "") -> None:
        self._folder = folder
        self._secrets = secrets
        self._by_hand = by_hand
        self._number = 0

    def without_bytes(self, response: httpx.Response, expected: Expected) -> Body:
        """The body of a 304 or a 204: no bytes."""
        return self._describe(response, expected, None, _EMPTY_SHA256, 0)

    def save(
        self, response: httpx.Response, expected: Expected, download: Download, is_late: Callable[[], bool]
    ) -> Body:
        """Write a body, or the rest of one that broke off, and validate its kind.

        After an error `download` holds what can be resumed, and nothing else is left on disk.

        Raises:
            FetchError: an unknown Content-Encoding, too large, or it contains the key.
            ChallengeError: it is a page for a person.
            RetryableError: damaged, cut off, or of another kind.
            DeadlineError: the deadline passed.
        """
        url = expected.url
        encoding = encoding_of(response)
        if encoding not in DECODED:
            shown = self._secrets.token(encoding)
            raise FetchError(url, f"comes packed as {shown!r}.", "only one layer of gzip or deflate is decoded.")
        is_rest = response.status_code == httpx.codes.PARTIAL_CONTENT
        path = download.resume(response, url) if is_rest else download.begin(self._next_path(), response)
        try:
            self._write(path, response, expected, download)
            download.require_total(url)
            self._validate(path, response, expected, download, is_late)
        except EchoError:
            download.discard()
            raise FetchError(
                url, "echoes the key in its body; it is not kept.", "report it to the publisher."
            ) from None
        except (httpx.HTTPError, httpx.StreamError, UnfinishedError, DeadlineError):
            if not download.is_resumable:
                download.discard()
            raise
        except BaseException:
            download.discard()
            raise
        body = self._describe(response, expected, path, download.digest.hexdigest(), download.size)
        download.finish()
        return body

    def refuse_challenge(self, response: httpx.Response, url: str, start: bytes, *, is_page_due: bool = False) -> None:
        """Refuse a CAPTCHA or a firewall's challenge; it is not requested again in this run.

        Raises:
            ChallengeError: it is one.
        """
        if is_challenge(response.status_code, response.headers, start, is_page_due=is_page_due):
            raise ChallengeError(
                url,
                f"answers {response.status_code} with a CAPTCHA or a firewall's challenge.",
                f"open the publisher's site in a browser; it may let this machine in again.{self._by_hand}",
            )

    def error_text(self, response: httpx.Response, url: str) -> str:
        """Status line and first words of a refusal, as far as they can be read.

        Raises:
            ChallengeError: it is a CAPTCHA or a firewall's challenge.
        """
        start, is_cut, encoding = b"", False, encoding_of(response)
        with contextlib.suppress(FetchError, httpx.HTTPError):
            for block in decoded(response.iter_raw(BLOCK), encoding, "") if encoding in DECODED else ():
                start += block
                is_cut = len(start) >= BLOCK
                if is_cut:
                    break
        self.refuse_challenge(response, url, start)
        text = self._secrets.excerpt(strip_markup(start.decode("utf-8", "replace")), is_cut=is_cut)
        status = f"answers {response.status_code} {self._secrets.excerpt(response.reason_phrase)}".rstrip()
        return f"{status}: {text}." if text else f"{status}."

    def _next_path(self) -> Path:
        """A path that does not exist yet; another client may write to the same folder."""
        self._number += 1
        while (path := self._folder / f"body-{self._number:05}").exists():
            self._number += 1
        return path

    def _write(self, path: Path, response: httpx.Response, expected: Expected, download: Download) -> None:
        """Append a response to a body block by block; the limit is of the whole body."""
        most, url, before = expected.max_bytes, expected.url, download.size
        announced = response.headers.get("Content-Length", "")
        if announced.isdecimal() and before + int(announced) > most:
            raise too_large(most, url)
        packed = limited(response.iter_raw(BLOCK), most, url, before)
        plain = limited(decoded(packed, encoding_of(response), url), most, url, before)
        with path.open("ab" if download.size else "xb") as file:
            for block in self._secrets.guard(plain):
                file.write(block)
                download.add(block)

    def _validate(
        self,
        path: Path,
        response: httpx.Response,
        expected: Expected,
        download: Download,
        is_late: Callable[[], bool],
    ) -> None:
        if is_late():  # without an announced length, the end that the deadline makes looks like the body's own
            raise DeadlineError
        kind, url, start = expected.kind, expected.url, download.start
        self.refuse_challenge(response, url, start, is_page_due=kind in ("html", "any"))
        problem = mismatch(kind, start, path)
        if problem:
            text = self._secrets.excerpt(start.decode("utf-8", "replace")) if detect_kind(start) == "text" else ""
            shown = f": {text!r}." if text else "."
            raise RetryableError(url, f"{problem} where {kind} is due{shown}", RETRIED_NEXT_RUN)

    def _describe(
        self, response: httpx.Response, expected: Expected, path: Path | None, sha256: str, size: int
    ) -> Body:
        # these are stored and sent again as validators: only what a header can hold, and nothing with the key
        etag, modified, content_type = (
            text if text.isascii() and text.isprintable() and not self._secrets.found_in(text) else ""
            for text in (response.headers.get(name, "") for name in ("ETag", "Last-Modified", "Content-Type"))
        )
        status = httpx.codes.OK if response.status_code == httpx.codes.PARTIAL_CONTENT else response.status_code
        return Body(expected.asked, expected.url, status, path, sha256, size, etag, modified, content_type)


def encoding_of(response: httpx.Response) -> str:
    """The Content-Encoding in lower case; empty where there is none."""
    return str(response.headers.get("Content-Encoding", "")).strip().lower()
