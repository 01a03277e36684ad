"""What a place is: files under keys, each written whole or not at all, with the headers that readers get."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

RELEASES = "releases/"
"""Where releases are in a place: `releases/2026.11.27.1/datapackage.json`."""

_FOREVER = "public, max-age=31536000, immutable"
_SHORT = "public, max-age=60, must-revalidate"
_DEPENDS_ON_ADDRESS = frozenset({"views.duckdb", "release.json"})
"""Files of a release that are written again when the public address of the place changes."""
_CONTENT_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".duckdb": "application/octet-stream",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/atom+xml; charset=utf-8",
}


class PlaceError(Exception):
    """A release cannot be brought to a place. The message is a sentence with the remedy, without credentials."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to bring to a place: its key there, where it is here, its size in bytes and SHA-256 in hex."""

    key: str
    path: Path
    size: int
    sha256: str

    @classmethod
    def of(cls, key: str, path: Path) -> File:
        """A file on disk, hashed now."""
        with path.open("rb") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        return cls(key, path, path.stat().st_size, sha256)


class Place(Protocol):
    """A folder or a bucket. Every method raises `PlaceError` for a fault that a person can remedy.

    Attributes:
        address: where it is: `/srv/www/ree`, `s3://bucket/prefix`; what readers use unless there is a public address.
    """

    address: str

    def sizes(self, prefix: str) -> dict[str, int]:
        """The keys that begin with `prefix` (empty, or ending in `/`), with their sizes in bytes."""
        ...

    def read(self, key: str) -> bytes | None:
        """The bytes under a key; None if there are none."""
        ...

    def has(self, file: File) -> bool:
        """Whether exactly these bytes are under the file's key."""
        ...

    def put(self, file: File) -> None:
        """Write a file so that a reader sees the bytes before or the new ones, whole."""
        ...

    def delete(self, keys: list[str]) -> None:
        """Delete keys, in this order."""
        ...

    def require_space(self, size: int) -> None:
        """Check that this many more bytes fit, where that can be known."""
        ...


def content_type(key: str) -> str:
    """The media type by the key's suffix; it does not depend on the machine's own table."""
    return _CONTENT_TYPES.get(Path(key).suffix.lower(), "application/octet-stream")


def cache_control(key: str) -> str:
    """Files of a release never change and are kept for a year; whatever points to the newest is kept for a minute."""
    is_lasting = key.startswith(RELEASES) and Path(key).name not in _DEPENDS_ON_ADDRESS
    return _FOREVER if is_lasting else _SHORT
