r"""Members of a publisher's zip, read as streams within limits and never written under their own names.

How to use it:

    for member in list_members(zip_path, r"BACI_HS\d+_Y\d{4}_V\w+\.csv"):          # in the order of the archive
        with open_member(zip_path, re.escape(member.name), max_bytes=..., max_ratio=...) as stream:
            for line in stream:                                           # a binary buffered reader
                ...

`pattern` is a regular expression that the whole name must match, or its last part, in any letter case. Nothing is
written to disk but by `copy_member`, under a path of the caller's own.

Errors: `DamagedArchiveError` where the bytes are not whole (a caller's `check=` turns it into `RetryableError`, so that
the download is tried again), `ArchiveError` where the archive is whole and refused.
"""

from __future__ import annotations

import gzip
import io
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

from isal import igzip
from isal.igzip_lib import IsalError

from sources.model.artifact import Artifact, SourceError, TruncatedError

MOST_MEMBERS = 5_000
"""An archive of more members than this is refused: the largest seen holds about four hundred."""

_SMALL = 100_000_000
_BLOCK = 1 << 24
_MOST_RATIO = 200
_ENCRYPTED = 0x1
_ABSOLUTE = re.compile(r"^(?:/|[A-Za-z]:)")
_NESTED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c", b"Rar!")
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError)


class ArchiveError(SourceError):
    """An archive or member that is not opened: its name, its size, its packing, or none or several that match."""


class DamagedArchiveError(TruncatedError):
    """An archive that is not whole: no directory, bytes missing, a member that fails its own checksum."""


@dataclass(frozen=True, slots=True)
class Member:
    """An archive's entry of a member: its name as written there, and its bytes unpacked and packed."""

    name: str
    size: int
    packed: int


def list_members(zip_path: Path, pattern: str = ".*") -> tuple[Member, ...]:
    """The members whose name matches, in the archive's order; folders and the Finder's shadow files left out.

    Raises:
        ArchiveError: a member has an absolute name or one that leads out of its folder, or there are too many.
        DamagedArchiveError: not a whole zip.
    """
    with _opened(zip_path) as archive:
        return tuple(Member(info.filename, info.file_size, info.compress_size) for info in _picked(archive, pattern))


@contextmanager
def open_member(zip_path: Path, pattern: str, *, max_bytes: int, max_ratio: float) -> Iterator[BinaryIO]:
    """The one member that matches, as a stream of its unpacked bytes.

    `max_bytes` bounds the unpacked size, `max_ratio` the unpacked bytes of one packed byte. The archive announces both
    sizes, and no more than the announced size is read. The checksum is compared at the end: read to the end.

    Raises:
        ArchiveError: none or several match, or the member is encrypted, a link, an archive itself, or beyond a limit.
        DamagedArchiveError: not whole, here or while it is read.
    """
    with _opened(zip_path) as archive:
        picked = _picked(archive, pattern)
        if len(picked) != 1:
            raise ArchiveError(
                zip_path.name,
                f"holds {len(picked)} members that match {pattern!r}: {[info.filename for info in picked[:5]]}.",
                "look at the archive's directory; if a file was renamed, change the pattern in source.toml.",
            )
        info = picked[0]
        _require_plain(zip_path, info)
        _require_limits(zip_path, info, max_bytes, max_ratio)
        try:
            packed = archive.open(info)
        except (*_DAMAGE, RuntimeError, NotImplementedError) as error:
            raise _damaged(zip_path, error, info.filename) from error
        with packed, io.BufferedReader(_Member(zip_path, info, packed), 1 << 16) as stream:
            if stream.peek(8).startswith(_NESTED):
                raise ArchiveError(
                    zip_path.name, f"holds an archive in an archive: {info.filename}.", "look at it by hand."
                )
            yield stream


def copy_member(zip_path: Path, pattern: str, target: Path, *, max_bytes: int, max_ratio: float) -> Member:
    """Write the one member that matches to `target`, and say which it was; errors as for `open_member`."""
    with open_member(zip_path, pattern, max_bytes=max_bytes, max_ratio=max_ratio) as stream, target.open("wb") as file:
        shutil.copyfileobj(stream, file, 1 << 20)
    return list_members(zip_path, pattern)[0]


def unpacked_gzip(artifact: Artifact, max_bytes: int) -> Iterator[bytes]:
    """The unpacked bytes of a gzip artifact, block by block, up to `max_bytes`.

    Raises:
        DamagedArchiveError: no gzip, or not a whole one.
        ArchiveError: it unpacks to more than `max_bytes`, or to more than 100 MB at more than 200 bytes a packed byte.
    """
    packed_size = artifact.path.stat().st_size
    limit = min(max_bytes, max(_SMALL, _MOST_RATIO * packed_size))
    size = 0
    try:
        with igzip.open(artifact.path) as packed:  # type: ignore[no-untyped-call]
            while block := packed.read(_BLOCK):
                size += len(block)
                if size > limit:
                    raise ArchiveError(
                        artifact,
                        f"unpacks its {packed_size:,} bytes to more than the {limit:,} allowed.",
                        "look at it by hand; fetch it again.",
                    )
                yield block
    except (EOFError, gzip.BadGzipFile, IsalError) as error:  # type: ignore[misc]
        raise DamagedArchiveError(artifact, f"is not a whole gzip file ({error}).", "fetch it again.") from error


class _Member(io.RawIOBase):
    """A member's bytes. `zipfile` ends them at the size that the archive announces and compares the checksum there."""

    def __init__(self, zip_path: Path, info: zipfile.ZipInfo, packed: IO[bytes]) -> None:
        self._zip_path = zip_path
        self._info = info
        self._packed = packed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            block = self._packed.read(len(buffer))
        except _DAMAGE as error:
            raise _damaged(self._zip_path, error, self._info.filename) from error
        buffer[: len(block)] = block
        return len(block)


@contextmanager
def _opened(zip_path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(zip_path)
    except _DAMAGE as error:
        raise _damaged(zip_path, error) from error
    with archive:
        yield archive


def _picked(archive: zipfile.ZipFile, pattern: str) -> list[zipfile.ZipInfo]:
    name = Path(archive.filename or "archive").name
    infos = archive.infolist()
    if len(infos) > MOST_MEMBERS:
        raise ArchiveError(name, f"holds {len(infos):,} members.", "look at it by hand.")
    for info in infos:
        if _ABSOLUTE.match(info.filename) or ".." in _parts(info):
            raise ArchiveError(
                name, f"holds a member named {info.filename!r}, outside its folder.", "do not unpack it; look by hand."
            )
    wanted = re.compile(pattern, re.IGNORECASE)
    return [
        info
        for info in infos
        if not info.is_dir()
        and "__MACOSX" not in _parts(info)
        and (wanted.fullmatch(info.filename) or wanted.fullmatch(_parts(info)[-1]))
    ]


def _parts(info: zipfile.ZipInfo) -> list[str]:
    """The folders and the name; archives made on Windows part them by backslashes."""
    return info.filename.replace("\\", "/").split("/")


def _require_plain(zip_path: Path, info: zipfile.ZipInfo) -> None:
    mode = info.external_attr >> 16
    if info.flag_bits & _ENCRYPTED or (mode and stat.S_ISLNK(mode)):
        kind = "encrypted" if info.flag_bits & _ENCRYPTED else "a link"
        raise ArchiveError(zip_path.name, f"holds {info.filename}, which is {kind}.", "look at it by hand.")


def _require_limits(zip_path: Path, info: zipfile.ZipInfo, max_bytes: int, max_ratio: float) -> None:
    if info.file_size > max_bytes or info.file_size > max_ratio * max(info.compress_size, 1):
        raise ArchiveError(
            zip_path.name,
            f"announces {info.filename} with {info.file_size:,} bytes of {info.compress_size:,} packed ones; "
            f"allowed are {max_bytes:,}, {max_ratio:g} a packed byte.",
            "look at it by hand; raise the limit in source.toml if that is right.",
        )


def _damaged(zip_path: Path, error: Exception, member: str = "") -> DamagedArchiveError:
    where = f"its member {member} is" if member else "is"
    return DamagedArchiveError(
        zip_path.name, f"{where} not whole ({type(error).__name__}: {error}).", "fetch the archive again."
    )
