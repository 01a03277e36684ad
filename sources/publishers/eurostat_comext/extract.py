"""The followed codes of a monthly file (7z of one CSV of all goods), extracted in memory that does not grow with it."""

from __future__ import annotations

import lzma
import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import py7zr

from sources.model.artifact import LayoutError, TruncatedError
from sources.model.paths import project_path
from sources.model.products import HS_CODES
from sources.reading.archives import ArchiveError, DamagedArchiveError
from sources.reading.layouts import declared

_HERE = Path(__file__).parent
_MEMBER = re.compile(r"full_(?:v2_)?[0-9]{6}\.(?:dat|csv)", re.IGNORECASE)
_CODE_DIGITS = 6
_AGAIN = "download it again."
_DAMAGE = (py7zr.exceptions.ArchiveError, lzma.LZMAError, EOFError, OSError, ValueError, AssertionError)

CODES = tuple(code for code in HS_CODES if len(code) == _CODE_DIGITS)
"""The followed codes whose lines are kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The lines kept of a file: their months as printed, how many they are, and of how many records."""

    periods: tuple[str, ...]
    kept: int
    records: int


def write_extract(name: str, archive: Path, target: Path, scratch: Path, *, max_bytes: int, max_ratio: float) -> Kept:
    """Write the header and the lines of the followed codes of an archive to `target`, byte for byte.

    The archive is unpacked into `scratch` and what is unpacked is deleted. `name` names the archive in errors.

    Raises:
        DamagedArchiveError: not a whole 7z.
        ArchiveError: not one CSV of a month, encrypted, or beyond the limits.
        LayoutError: columns were lost or are repeated, or the text is not UTF-8.
        TruncatedError: the text ends inside a line, or holds none of the codes.
    """
    member = _unpack(name, archive, scratch, max_bytes=max_bytes, max_ratio=max_ratio)
    try:
        return _keep_lines(f"{name}, {member.name}", member, target)
    except pl.exceptions.PolarsError as error:
        raise LayoutError(name, f"is no readable text ({error}).", _AGAIN) from error
    finally:
        member.unlink(missing_ok=True)


def _unpack(name: str, archive: Path, scratch: Path, *, max_bytes: int, max_ratio: float) -> Path:
    try:
        with py7zr.SevenZipFile(archive) as opened:
            found = [one for one in opened.list() if not one.is_directory]
            if len(found) != 1 or not _MEMBER.fullmatch(found[0].filename):
                names = [one.filename[:80] for one in found[:5]]
                raise ArchiveError(name, f"holds {names}, not one CSV of a month.", "look at it by hand.")
            size, packed = found[0].uncompressed, archive.stat().st_size
            if opened.needs_password() or size > max_bytes or size > max_ratio * packed:
                raise ArchiveError(
                    name,
                    f"announces {size:,} bytes of {packed:,} packed ones, or is encrypted; allowed are {max_bytes:,},"
                    f" {max_ratio:g} a packed byte.",
                    "look at it by hand; raise the limit in source.toml if that is right.",
                )
            opened.extract(path=scratch, targets=[found[0].filename])
            return scratch / str(found[0].filename)
    except _DAMAGE as error:
        raise DamagedArchiveError(name, f"is not a whole 7z ({type(error).__name__}: {error}).", _AGAIN) from error


def _keep_lines(name: str, member: Path, target: Path) -> Kept:
    with member.open("rb") as file:
        header = file.readline()
        file.seek(-1, 2)
        if file.read() != b"\n":
            raise TruncatedError(name, "ends inside a record.", _AGAIN)
    columns = [cell.strip() for cell in header.decode("utf-8-sig", "replace").strip().split(",")]
    lost = sorted(set(declared(_HERE)["layout"][0]["columns"]) - set(columns))
    if lost or len(set(columns)) != len(columns):
        raise LayoutError(
            name,
            f"has other columns than declared: lost {lost}, has {columns[:30]}.",
            f"if Eurostat changed its columns, declare them in {project_path(_HERE / 'layouts.toml')}.",
        )
    before = columns.index("PRODUCT_NC")
    is_followed = rf'^(?:[^,]*,){{{before}}}"?(?:{"|".join(CODES)})'
    lines = pl.scan_lines(member, name="line")
    kept = lines.filter(pl.col("line").str.contains(is_followed)).collect(engine="streaming")["line"]
    records = lines.filter(pl.col("line") != "").select(pl.len()).collect(engine="streaming").item() - 1
    if kept.is_empty():
        raise TruncatedError(name, f"holds none of the followed codes in {records:,} records.", "look at it by hand.")
    place = columns.index("PERIOD")
    periods = kept.str.split(",").list.get(place, null_on_oob=True).str.strip_chars(' "').unique().sort()
    target.write_bytes(b"\n".join([",".join(columns).encode(), *(line.encode() for line in kept), b""]))
    return Kept(tuple(str(period)[:20] for period in periods), kept.len(), records)
