"""Readers of a published place, and publishers that are killed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

from warehouse.release.place.place import File, Place
from warehouse.storage.literals import literal

Read = Callable[[str], bytes | None]


def whole_release(read: Read) -> str:
    """The version that `latest.json` names, after every file that it lists was read and compared."""
    latest = json.loads(read("latest.json") or b"{}")
    for file in latest["files"]:
        content = read(file["path"])
        assert content is not None, f"{file['path']} is missing"
        assert len(content) == file["size_bytes"], file["path"]
        assert hashlib.sha256(content).hexdigest() == file["sha256"], file["path"]
    listed = json.loads(read(latest["manifest"]) or b"{}")
    assert listed["version"] == latest["version"]
    version: str = latest["version"]
    return version


class KilledError(BaseException):
    """Stands for the end of the process."""


@dataclass
class Dying:
    """A place whose publisher is killed before its write number `lives` + 1; nothing that follows happens either."""

    place: Place
    lives: int
    writes: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.place, name)

    def put(self, file: File) -> None:
        self._live()
        self.place.put(file)

    def delete(self, keys: list[str]) -> None:
        self._live()
        self.place.delete(keys)

    def _live(self) -> None:
        if self.writes >= self.lives:
            raise KilledError
        self.writes += 1


@contextmanager
def duckdb_with_httpfs() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the extension from its package: DuckDB's own host is not asked."""
    found = list(Path(str(files("duckdb_extension_httpfs"))).rglob("httpfs.duckdb_extension"))
    config = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    with duckdb.connect(config=config) as con:
        con.execute(f"load {literal(found[0])}")
        yield con
