"""What came of a call: a whole body that passed every check, or an error that says why it is not believed.

Belongs here: errors, bodies, unpacking within limits, and telling JSON from an error page. Does not belong here: the
call itself (`http.py`), and what a body means.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

from sources.model.artifact import SourceError

Kind = Literal["json", "csv", "html", "zip", "gzip", "any"]
"""What an answer must look like by its bytes, whatever its Content-Type says."""

BLOCK = 1 << 16
AGAIN = "it is asked again in the next run."
UNPACKED = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
"""Content-Encodings that are read. Any other, and several stacked ones, are refused."""


PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_MAY_SAY_WAIT = PASSING | {403}
_LONGEST_BELIEVED_S = 400 * 86_400.0


class FetchError(SourceError):
    """A publisher did not answer as it should. Nothing of the answer is kept. `status` is that of a refusal."""

    status: int | None = None


class PassingError(FetchError):
    """A failure that may be gone at the next attempt: no answer, a busy server, a body that is not whole."""

    wait_s: float | None = None


class MissingError(FetchError):
    """The publisher has nothing at this address (404, 410)."""


class ChangedError(FetchError):
    """The publisher did answer, and with other columns or fields than are declared: asking again mends nothing."""


class NotAllowedError(FetchError):
    """The publisher refuses us (401, 403): a key is missing or wrong."""


class TryLaterError(FetchError):
    """The publisher says to come back later than a run can wait, or the day's calls are spent."""

    def __init__(self, artifact: str, problem: str, remedy: str, not_before: datetime | None = None) -> None:
        super().__init__(artifact, problem, remedy)
        self.not_before = not_before


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
        return self.status == HTTPStatus.NOT_MODIFIED

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
        except (ValueError, RecursionError) as error:
            raise FetchError(self.url, f"is not whole JSON ({error}).", AGAIN) from error

    def text(self) -> str:
        """The body as UTF-8 text.

        Raises:
            FetchError: it is none.
        """
        try:
            return self.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FetchError(self.url, f"is no text in UTF-8 ({error}).", "look at the page by hand.") from error


def counted(blocks: Iterable[bytes], limit: int, shown: str) -> Iterator[bytes]:
    """The same blocks, up to `limit` bytes.

    Raises:
        FetchError: there are more.
    """
    size = 0
    for block in blocks:
        size += len(block)
        if size > limit:
            raise too_large(limit, shown)
        yield block


def too_large(limit: int, shown: str) -> FetchError:
    """The error for an answer of more than `limit` bytes."""
    return FetchError(
        shown, f"is larger than {limit:,} bytes.", "raise max_bytes in the publisher's source.toml if that is right."
    )


def unpacked(blocks: Iterable[bytes], encoding: str, shown: str) -> Iterator[bytes]:
    """The bytes behind a Content-Encoding, at most a block at a time, however much a few packed bytes stand for.

    Raises:
        PassingError: they are damaged or cut off.
    """
    if encoding in ("", "identity"):
        yield from blocks
        return
    inflater = None
    for block in blocks:
        rest = block
        while rest:
            try:
                if inflater is None or inflater.eof:  # gzip may hold several members, one after the other
                    inflater = zlib.decompressobj(_window(rest, encoding))
                piece = inflater.decompress(rest, BLOCK)
            except zlib.error as error:
                raise PassingError(shown, f"is packed as {encoding} and damaged ({error}).", AGAIN) from None
            if piece:
                yield piece
            rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    last = inflater.flush() if inflater else b""
    if last:
        yield last
    if inflater is None or not inflater.eof:
        raise PassingError(shown, f"is packed as {encoding} and cut off.", AGAIN)


def _window(start: bytes, encoding: str) -> int:
    """Zlib's `wbits`: gzip or zlib by their headers; servers also send deflate without one."""
    has_header = start[:1] == b"\x1f" or (
        len(start) > 1 and start[0] & 15 == 8 and (start[0] << 8 | start[1]) % 31 == 0
    )
    return -zlib.MAX_WBITS if encoding == "deflate" and not has_header else zlib.MAX_WBITS | 32


def begins_as(start: bytes) -> str:
    """What a body is by its first bytes: empty, html (or XML), json, zip, gzip, binary or text."""
    plain = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not plain:
        return "empty"
    for kind, beginnings in (("zip", b"PK\x03\x04"), ("gzip", b"\x1f\x8b"), ("html", b"<")):
        if plain.startswith(beginnings):
            return kind
    if plain[:1] in (b"{", b"["):
        return "json"
    return "binary" if b"\0" in start else "text"


def without_markup(text: str) -> str:
    """The words of a page."""
    return re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL | re.IGNORECASE)


def fits(kind: Kind, start: bytes, path: Path) -> str:
    """Why a body is not of `kind`, in a few words; empty where it is.

    JSON is read to its end and the list of a zip is looked for, so that a body cut off by a server that announces no
    length is asked for again.
    """
    found = begins_as(start)
    if found == "empty":
        return "is empty"
    if found != ("text" if kind == "csv" else kind) and kind != "any":
        return f"is {'an HTML page' if found == 'html' else found}"
    if kind == "zip" and not zipfile.is_zipfile(path):
        return "is a zip that was cut off"
    if kind == "json":
        try:
            json.loads(path.read_bytes().decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            return f"is JSON that is not whole ({error})"
    return ""


def require_sums(body: Body, size: int | None, md5: str | None) -> None:
    """Hold a body against what the publisher announced.

    Raises:
        PassingError: size or MD5 differ.
    """
    if body.path is None:
        return
    if size is not None and body.size != size:
        raise PassingError(body.url, f"has {body.size} bytes where {size} are announced.", AGAIN)
    if md5:
        with body.path.open("rb") as file:
            found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        if found != md5.strip().lower():
            raise PassingError(body.url, f"has the MD5 {found}, announced is {md5.strip().lower()}.", AGAIN)


def refusal(shown: str, status: int, problem: str, retry_after: str, longest_wait_s: float) -> FetchError:
    """The error that a refusal of this status stands for."""
    error = _refusal(shown, status, problem, retry_after, longest_wait_s)
    error.status = status
    return error


def _refusal(shown: str, status: int, problem: str, retry_after: str, longest_wait_s: float) -> FetchError:
    """The error that a status other than 200 stands for; `retry_after` is that header as it came."""
    wait_s = _seconds_of(retry_after) if status in _MAY_SAY_WAIT else None
    if wait_s is not None and wait_s > longest_wait_s:
        until = datetime.fromtimestamp(time.time() + wait_s, UTC)
        return TryLaterError(shown, problem, f"it is asked again after {until:%Y-%m-%d %H:%M} UTC.", until)
    # a 2xx without the whole, or "not modified" where nothing was said to be held, is a slip of the server's
    if status in PASSING or wait_s is not None or status < HTTPStatus.BAD_REQUEST:
        passing = PassingError(shown, problem, AGAIN)
        passing.wait_s = wait_s
        return passing
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return MissingError(shown, problem, "look whether the publisher moved it.")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return NotAllowedError(shown, problem, "look whether the key is set, right and not expired.")
    return FetchError(shown, problem, "look whether the publisher changed its interface.")


def _seconds_of(text: str) -> float | None:
    """Seconds to wait by a Retry-After header, in seconds or as a date; None where it says neither."""
    text = text.strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return min(float(text), _LONGEST_BELIEVED_S)
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        until = parsedate_to_datetime(text)
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return min(max(0.0, until.timestamp() - time.time()), _LONGEST_BELIEVED_S)
    return None
