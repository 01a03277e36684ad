"""Writing response bodies to disk: decoded, within limits, hashed, and refused where they contain the key."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path

import httpx

from sources.http.decoding import BLOCK, DECODED, decoded, limited
from sources.http.errors import RETRIED_NEXT_RUN, FetchError, RetryableError, too_large
from sources.http.exchange import DeadlineError
from sources.http.redaction import EchoError, Secrets
from sources.http.response import Body, Kind, detect_kind, mismatch, strip_markup

_EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


class BodyWriter:
    """Writes the bodies of one client into a folder, each into a file of its own."""

    def __init__(self, folder: Path, secrets: Secrets) -> None:
        self._folder = folder
        self._secrets = secrets
        self._number = 0

    def unchanged(self, response: httpx.Response, url: str) -> Body:
        """The body of a 304: no bytes."""
        return self._describe(response, url, None, _EMPTY_SHA256, 0)

    def save(self, response: httpx.Response, url: str, kind: Kind, max_bytes: int, is_late: Callable[[], bool]) -> Body:
        """Write a body and validate its kind. Nothing is left on disk after an error.

        Raises:
            FetchError: an unknown Content-Encoding, too large, or it contains the key.
            RetryableError: damaged, cut off, or of another kind.
            DeadlineError: the deadline passed.
        """
        encoding = encoding_of(response)
        if encoding not in DECODED:
            shown = self._secrets.token(encoding)
            raise FetchError(url, f"comes packed as {shown!r}.", "only one layer of gzip or deflate is decoded.")
        announced = response.headers.get("Content-Length", "")
        if announced.isdecimal() and int(announced) > max_bytes:
            raise too_large(max_bytes, url)
        path = self._next_path()
        try:
            digest, size, start = self._write(path, response, encoding, max_bytes, url)
            self._validate(kind, url, start, path, is_late)
        except EchoError:
            path.unlink()
            raise FetchError(
                url, "echoes the key in its body; it is not kept.", "report it to the publisher."
            ) from None
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return self._describe(response, url, path, digest, size)

    def error_text(self, response: httpx.Response) -> str:
        """Status line and first words of a refusal, as far as they can be read."""
        start, is_cut, encoding = b"", False, encoding_of(response)
        with contextlib.suppress(FetchError, httpx.HTTPError):
            for block in decoded(response.iter_raw(BLOCK), encoding, "") if encoding in DECODED else ():
                start += block
                is_cut = len(start) >= BLOCK
                if is_cut:
                    break
        text = self._secrets.excerpt(strip_markup(start.decode("utf-8", "replace")), is_cut=is_cut)
        status = f"answers {response.status_code} {self._secrets.excerpt(response.reason_phrase)}".rstrip()
        return f"{status}: {text}." if text else f"{status}."

    def _next_path(self) -> Path:
        """A path that does not exist yet; another client may write to the same folder."""
        self._number += 1
        while (path := self._folder / f"body-{self._number:05}").exists():
            self._number += 1
        return path

    def _write(
        self, path: Path, response: httpx.Response, encoding: str, max_bytes: int, url: str
    ) -> tuple[str, int, bytes]:
        """Write a body block by block; its sha256, size in bytes and first bytes."""
        digest, size, start = hashlib.sha256(), 0, b""
        packed = limited(response.iter_raw(BLOCK), max_bytes, url)
        plain = limited(decoded(packed, encoding, url), max_bytes, url)
        with path.open("xb") as file:
            for block in self._secrets.guard(plain):
                size += len(block)
                start = start if len(start) >= BLOCK else start + block
                digest.update(block)
                file.write(block)
        return digest.hexdigest(), size, start

    def _validate(self, kind: Kind, url: str, start: bytes, path: Path, is_late: Callable[[], bool]) -> None:
        if is_late():  # without an announced length, the end that the deadline makes looks like the body's own
            raise DeadlineError
        problem = mismatch(kind, start, path)
        if problem:
            text = self._secrets.excerpt(start.decode("utf-8", "replace")) if detect_kind(start) == "text" else ""
            shown = f": {text!r}." if text else "."
            raise RetryableError(url, f"{problem} where {kind} is due{shown}", RETRIED_NEXT_RUN)

    def _describe(self, response: httpx.Response, url: str, path: Path | None, sha256: str, size: int) -> Body:
        # these are stored and sent again as validators: only what a header can hold, and nothing with the key
        etag, modified, content_type = (
            text if text.isascii() and text.isprintable() and not self._secrets.found_in(text) else ""
            for text in (response.headers.get(name, "") for name in ("ETag", "Last-Modified", "Content-Type"))
        )
        return Body(url, response.status_code, path, sha256, size, etag, modified, content_type)


def encoding_of(response: httpx.Response) -> str:
    """The Content-Encoding in lower case; empty where there is none."""
    return str(response.headers.get("Content-Encoding", "")).strip().lower()
