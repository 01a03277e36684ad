"""The years of a BACI archive, read member by member; only the lines of the followed codes are kept, byte for byte."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sources.model.artifact import LayoutError, TruncatedError
from sources.model.paths import project_path
from sources.reading.archives import list_members, open_member

MEMBER = re.compile(r"BACI_(?P<revision>HS\d\d)_Y(?P<year>\d{4})_(?P<release>V\d{6}[a-z]?)\.csv", re.IGNORECASE)
"""The name of a yearly file: its revision of the HS, year and release."""
_HERE = Path(__file__).parents[1]
_LONGEST_LINE = 4096
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """What a member may unpack to: bytes, and bytes for each packed one."""

    max_bytes: int
    max_ratio: float


@dataclass(frozen=True, slots=True)
class Kept:
    """The lines kept of one year: their file, and how many of how many records they are."""

    year: int
    path: Path
    records: int
    kept: int


def members_by_year(archive: Path, revision: str, release: str) -> dict[int, str]:
    """The member of each year, by year.

    Raises:
        LayoutError: no member is a year, one is of another revision or release, a year occurs twice or is left out
            between others.
        DamagedArchiveError: not a whole zip.
    """
    found: dict[int, str] = {}
    for member in list_members(archive, MEMBER.pattern):
        match = MEMBER.search(member.name)
        if match is None or (match["revision"].upper(), normal(match["release"])) != (revision, release):
            raise LayoutError(
                archive.name, f"holds {member.name} in the archive of {revision} {release}.", "inspect it by hand."
            )
        if int(match["year"]) in found:
            raise LayoutError(
                archive.name,
                f"holds {match['year']} twice: {found[int(match['year'])]} and {member.name}.",
                "inspect the archive.",
            )
        found[int(match["year"])] = member.name
    if not found:
        names = [member.name for member in list_members(archive)][:5]
        raise LayoutError(
            archive.name,
            f"holds no BACI_{revision}_Y<year>_{release}.csv; its first members are {names}.",
            f"if CEPII renamed its files, change the pattern in {project_path(__file__)}.",
        )
    missing = sorted(set(range(min(found), max(found))) - set(found))
    if missing:
        raise LayoutError(
            archive.name, f"holds {min(found)} to {max(found)} without {missing}.", "check whether CEPII corrected it."
        )
    return dict(sorted(found.items()))


def keep_years(
    archive: Path,
    members: dict[int, str],
    folder: Path,
    columns: Sequence[str],
    code_column: str,
    codes: Collection[str],
    limits: Limits,
) -> Iterator[Kept]:
    """Write each year's lines of our codes to `folder`, under the member's own name, in memory that does not grow.

    Raises:
        LayoutError: a member has other columns, or a line without a code.
        TruncatedError: a member ends inside a line, fails its checksum, or holds none of the codes.
        ArchiveError: a member is beyond the limits.
    """
    for year, name in members.items():
        target = folder / name.replace("\\", "/").rsplit("/", 1)[-1]
        with (
            open_member(archive, re.escape(name), max_bytes=limits.max_bytes, max_ratio=limits.max_ratio) as stream,
            target.open("wb") as file,
        ):
            try:
                records, kept = keep_lines(name, stream, file, columns, code_column, codes)
            except (LayoutError, TruncatedError):
                _require_whole(stream)
                raise
        yield Kept(year, target, records, kept)


def _require_whole(stream: BinaryIO) -> None:
    """Read to the end, where the checksum is compared: columns that appear changed may be a damaged download."""
    while stream.read(1 << 20):
        pass


def keep_lines(
    name: str, lines: BinaryIO, target: BinaryIO, columns: Sequence[str], code_column: str, codes: Collection[str]
) -> tuple[int, int]:
    """Copy the header and the lines of our codes; return how many records there were, and how many were kept.

    Raises:
        LayoutError: other columns, a line without a code or without end.
        TruncatedError: the text ends inside a line, or none is of our codes.
    """
    header = lines.readline(_LONGEST_LINE)
    place = _place_of(name, header, columns, code_column)
    target.write(header)
    wanted = frozenset(code.encode() for code in codes)
    records = kept = 0
    line = header
    for line in iter(lambda: lines.readline(_LONGEST_LINE), b""):
        cells = line.split(b",", place + 1)
        if len(cells) <= place or len(line) == _LONGEST_LINE:
            if line.strip():
                raise _no_record(name, records + 1, line)
            continue
        records += 1
        if cells[place].strip(b' "\r\n') in wanted:
            target.write(line)
            kept += 1
    if not line.endswith(b"\n"):
        raise TruncatedError(name, f"ends inside record {records}.", "fetch the archive again.")
    if not kept:
        raise TruncatedError(
            name, f"holds none of the codes {', '.join(sorted(codes))} in {records:,} records.", "inspect it by hand."
        )
    return records, kept


def normal(release: str) -> str:
    """A release as BACI writes it: V202401, or V202401b where it was corrected."""
    return release.upper()[:7] + release[7:].lower()


def _place_of(name: str, header: bytes, columns: Sequence[str], code_column: str) -> int:
    names = [cell.strip().strip('"') for cell in header.decode("utf-8-sig", "replace").split(",")]
    if sorted(names) != sorted(columns):
        raise LayoutError(
            name,
            f"its header is {header[:_SHOWN]!r}; the columns {', '.join(columns)} are due.",
            f"if CEPII changed its columns, declare them in {project_path(_HERE / 'layouts.toml')}.",
        )
    return names.index(code_column)


def _no_record(name: str, record: int, line: bytes) -> LayoutError:
    return LayoutError(name, f"record {record:,} is not a flow: {line[:_SHOWN]!r}.", "inspect the file by hand.")
