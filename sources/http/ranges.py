"""A body that breaks off: what has arrived of it, and the request for the rest (RFC 9110, section 14)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from sources.http.decoding import BLOCK
from sources.http.errors import RETRIED_NEXT_RUN, RetryableError

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class UnfinishedError(RetryableError):
    """A response ended before the body did; the next attempt requests the rest."""


@dataclass(slots=True)
class Download:
    """One body over the attempts of one request.

    `size` bytes of it are in the file at `path`, with the hash `digest` and the first bytes `start`. `validator` is the
    strong ETag or the Last-Modified by which the server tells whether the rest is of the same body; empty where it
    cannot be resumed. `total` is the size of the whole body in bytes, None where the server does not state it.
    """

    path: Path | None = None
    size: int = 0
    start: bytes = b""
    digest: Any = field(default_factory=hashlib.sha256)
    validator: str = ""
    total: int | None = None

    @property
    def is_resumable(self) -> bool:
        """Whether the next attempt may request the rest."""
        return bool(self.path and self.size and self.validator)

    def headers(self) -> dict[str, str]:
        """The headers that request the rest: `{"Range": "bytes=1024-", "If-Range": '"v1"', …}`; none at the start."""
        if not self.is_resumable:
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": self.validator, "Accept-Encoding": "identity"}

    def begin(self, path: Path, response: httpx.Response) -> Path:
        """Start over with a whole response, in `path`; what had arrived before is deleted."""
        self.discard()
        self.path, self.validator, self.total = path, _validator_of(response), None
        return path

    def resume(self, response: httpx.Response, url: str) -> Path:
        """Accept a 206 that continues the body where it broke off; the file it is appended to.

        Raises:
            RetryableError: it is another part, or of another body. The next attempt starts over.
        """
        sent = response.headers.get("Content-Range", "")
        found = _CONTENT_RANGE.fullmatch(sent.strip())
        validator = _validator_of(response, is_partial=True)
        path, is_next = self.path, found is not None and int(found[1]) == self.size
        if path is None or found is None or not is_next or validator not in ("", self.validator):
            at = self.size
            self.discard()
            raise RetryableError(
                url, f"sends another part than the one from byte {at:,} on ({sent[:60]!r}).", RETRIED_NEXT_RUN
            )
        self.total = int(found[3]) if found[3] != "*" else None
        return path

    def add(self, block: bytes) -> None:
        """Count bytes that were appended to the file."""
        self.size += len(block)
        self.start = self.start if len(self.start) >= BLOCK else self.start + block
        self.digest.update(block)

    def require_total(self, url: str) -> None:
        """Check the size of a resumed body; a part that ends early is resumed again.

        Raises:
            UnfinishedError: bytes are missing.
            RetryableError: there are too many.
        """
        if self.total is None or self.size == self.total:
            return
        kind = UnfinishedError if self.size < self.total else RetryableError
        raise kind(url, f"sent {self.size:,} of {self.total:,} bytes.", RETRIED_NEXT_RUN)

    def finish(self) -> None:
        """The body is complete: its file stays, and another attempt starts over."""
        self.path, self.size, self.start, self.digest, self.validator = None, 0, b"", hashlib.sha256(), ""

    def discard(self) -> None:
        """Delete what has arrived."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
        self.finish()


def _validator_of(response: httpx.Response, *, is_partial: bool = False) -> str:
    """The validator for `If-Range`: a strong ETag, else the Last-Modified; empty where no range may be requested."""
    takes_ranges = is_partial or response.headers.get("Accept-Ranges", "").strip().lower() == "bytes"
    if not takes_ranges or response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        return ""
    etag, modified = response.headers.get("ETag", "").strip(), response.headers.get("Last-Modified", "").strip()
    chosen = etag if etag and not etag.startswith("W/") else modified
    return chosen if chosen.isascii() and chosen.isprintable() else ""
