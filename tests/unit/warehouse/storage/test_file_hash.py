"""A file is read again where anything about it differs."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from warehouse.storage.file_hash import file_sha256


def test_a_file_that_was_rewritten_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "x"
    for number, text in enumerate((b"one", b"two", b"three")):
        file.write_bytes(text)
        os.utime(file, ns=(number, number))
        assert file_sha256(file) == hashlib.sha256(text).hexdigest()


def test_another_file_of_the_same_size_and_time_is_another(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, ns=(7, 7))
    for name in ("one", "two"):
        assert file_sha256(tmp_path / name) == hashlib.sha256(name.encode()).hexdigest()
