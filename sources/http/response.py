"""Response bodies on disk, and their validation: kind, completeness, size and checksum."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

from sources.http.errors import RETRIED_NEXT_RUN, FetchError, RetryableError

Kind = Literal["json", "csv", "html", "zip", "gzip", "7z", "any"]
"""The expected kind of a body, by its bytes; its Content-Type is not used."""


@dataclass(frozen=True, slots=True)
class Body:
    """A complete, validated response body on disk.

    `url` is the address that was requested and `location` the one that answered after redirects, to which the links of
    a page are relative; neither has secrets or a signature. `size` is in bytes; `path` is None for a 304 or a 204.
    """

    url: str
    location: str
    status: int
    path: Path | None
    sha256: str
    size: int
    etag: str
    last_modified: str
    content_type: str

    @property
    def is_unchanged(self) -> bool:
        """The publisher has nothing newer than the validators that were sent (304)."""
        return self.status == HTTPStatus.NOT_MODIFIED

    @property
    def is_empty(self) -> bool:
        """The publisher says that it has no data of the query (204)."""
        return self.status == HTTPStatus.NO_CONTENT

    def read(self) -> bytes:
        """The bytes; none for a 304 or a 204."""
        return self.path.read_bytes() if self.path else b""

    def json(self) -> Any:
        """The body as JSON, in UTF-8 with or without a byte-order mark.

        Raises:
            FetchError: it is not JSON.
        """
        try:
            return json.loads(self.read().decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise FetchError(self.url, f"is not whole JSON ({error}).", RETRIED_NEXT_RUN) from error

    def text(self) -> str:
        """The body as UTF-8 text.

        Raises:
            FetchError: it is not UTF-8.
        """
        try:
            return self.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FetchError(self.url, f"is not text in UTF-8 ({error}).", "inspect the page by hand.") from error


def detect_kind(start: bytes) -> str:
    """The kind of a body by its first bytes: empty, html (or XML), json, zip, gzip, 7z, binary or text."""
    plain = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not plain:
        return "empty"
    for kind, magic in (("zip", b"PK\x03\x04"), ("gzip", b"\x1f\x8b"), ("7z", b"7z\xbc\xaf\x27\x1c"), ("html", b"<")):
        if plain.startswith(magic):
            return kind
    if plain[:1] in (b"{", b"["):
        return "json"
    return "binary" if b"\0" in start else "text"


def strip_markup(text: str) -> str:
    """The text of an HTML page."""
    return re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL | re.IGNORECASE)


def mismatch(kind: Kind, start: bytes, path: Path) -> str:
    """Why a body is not of `kind`, in a few words ("is an HTML page"); empty where it is.

    JSON is parsed to its end and the directory of a zip is located, so that a body cut off by a server that announces
    no length is retried.
    """
    found = detect_kind(start)
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


def validate_checksums(body: Body, size: int | None, md5: str | None) -> None:
    """Compare a body with the size and MD5 that the publisher announced.

    Raises:
        RetryableError: size or MD5 differ.
    """
    if body.path is None:
        return
    if size is not None and body.size != size:
        raise RetryableError(body.url, f"has {body.size} bytes where {size} are announced.", RETRIED_NEXT_RUN)
    if md5:
        with body.path.open("rb") as file:
            found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        if found != md5.strip().lower():
            raise RetryableError(
                body.url, f"has the MD5 {found}, announced is {md5.strip().lower()}.", RETRIED_NEXT_RUN
            )
