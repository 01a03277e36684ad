"""A folder as a place: files are copied under a temporary name and renamed, so readers see whole files only."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path

from warehouse.release.place.place import File, PlaceError
from warehouse.settings import Settings
from warehouse.storage.home import describe
from warehouse.storage.landing import sync_folder

_PARTIAL = ".publishing"
_READABLE, _SEARCHABLE = 0o644, 0o755
"""Modes of files and folders: a web server runs as another user, whatever this one's umask is."""


class Folder:
    """A folder on this machine or one mounted here, as a web server serves it."""

    def __init__(self, path: Path) -> None:
        self.address = str(path)
        self._path = path

    @classmethod
    def open(cls, path: Path, settings: Settings) -> Folder:
        """A folder that exists, or one to be created in a folder that exists.

        Raises:
            PlaceError: it is in the warehouse's own home, is a file, or its parent does not exist.
        """
        resolved = path.resolve()
        if resolved.is_relative_to(settings.home):
            msg = (
                f"{path} is in REE_HOME ({settings.home}), which holds the warehouse's state: name a folder elsewhere."
            )
            raise PlaceError(msg)
        if path.exists() and not path.is_dir():
            msg = f"{path} is a file: name a folder."
            raise PlaceError(msg)
        if not path.parent.is_dir():
            msg = f"{path.parent} does not exist: create it, or mount the disk that has it."
            raise PlaceError(msg)
        return cls(path)

    def sizes(self, prefix: str) -> dict[str, int]:
        """The files below a folder of the place, without those that are being written."""
        with self._explained():
            return {
                path.relative_to(self._path).as_posix(): path.stat().st_size
                for path in (self._path / prefix).rglob("*")
                if path.is_file() and not path.name.endswith(_PARTIAL)
            }

    def read(self, key: str) -> bytes | None:
        """The bytes of a file; None if there is none."""
        with self._explained():
            try:
                return (self._path / key).read_bytes()
            except FileNotFoundError:
                return None

    def has(self, file: File) -> bool:
        """Whether a file is there with the same SHA-256."""
        path = self._path / file.key
        with self._explained():
            return path.is_file() and path.stat().st_size == file.size and File.of("", path).sha256 == file.sha256

    def put(self, file: File) -> None:
        """Copy a file: temporary name, fsync, rename."""
        path = self._path / file.key
        partial = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}{_PARTIAL}")
        with self._explained():
            self._make(path.parent)
            for left in path.parent.glob(f".{escape(path.name)}.*{_PARTIAL}"):  # by a run that was killed
                left.unlink(missing_ok=True)
            try:
                shutil.copyfile(file.path, partial)
                partial.chmod(_READABLE)
                with partial.open("rb") as written:
                    os.fsync(written.fileno())
                partial.replace(path)
            except OSError:
                partial.unlink(missing_ok=True)
                raise
            sync_folder(path.parent)

    def delete(self, keys: list[str]) -> None:
        """Delete files, and the folders that this leaves empty; also what a killed run left half-written in them."""
        with self._explained():
            for key in keys:
                path = self._path / key
                path.unlink(missing_ok=True)
                for partial in path.parent.glob(f".*{_PARTIAL}"):
                    partial.unlink(missing_ok=True)
                for folder in path.parents:
                    if folder == self._path or any(folder.iterdir()):
                        break
                    folder.rmdir()

    def require_space(self, size: int) -> None:
        """Check that the disk has room for this many more bytes."""
        with self._explained():
            free = shutil.disk_usage(self._path if self._path.exists() else self._path.parent).free
        if free < size:
            msg = (
                f"{self.address} has {free / 1e6:.0f} MB free, and this release needs {size / 1e6:.0f} MB there."
                " Free some space, keep fewer releases (--keep), or publish to another disk."
            )
            raise PlaceError(msg)

    def _make(self, folder: Path) -> None:
        for part in reversed([folder, *folder.parents]):
            if part.is_relative_to(self._path) and not part.exists():
                part.mkdir(exist_ok=True)
                part.chmod(_SEARCHABLE)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            what = describe(error, elsewhere="publish to another folder")
            msg = f"Publishing to {self.address} stopped; run again, it goes on where it stopped. {what}"
            raise PlaceError(msg) from None
