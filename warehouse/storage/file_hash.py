"""The SHA-256 of files of releases, which one build asks for several times."""

from __future__ import annotations

import hashlib
from pathlib import Path

_known: dict[tuple[int, int, int, int], str] = {}


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, 64 hexadecimal digits.

    A process reads each file once, as long as it is the same on disk with the same size and time of writing. Another
    link to it is the same file.
    """
    found = path.stat()
    identity = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
    if identity not in _known:
        with path.open("rb") as file:
            _known[identity] = hashlib.file_digest(file, "sha256").hexdigest()
    return _known[identity]
