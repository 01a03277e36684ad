"""Large delimited text without quoting, of which only the records of some codes are kept in memory.

The text comes in blocks of bytes and is never whole, in memory or on disk. Places of separators and line ends are found
in a block at once: every record is checked, and only those of the codes become Python objects.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from sources.model.artifact import Artifact, LayoutError, TruncatedError
from sources.reading.tables import check_columns, log_added_fields

_BLOCK = 1 << 24
_LONGEST = 1 << 24
_LINE_END = ord("\n")
_FIRST_LETTER, _LAST_LETTER = ord("!"), ord("~")
"""What a code begins and ends with, unless blanks of any alphabet stand around it."""

_Places = npt.NDArray[np.int64]


def blocks_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file, block by block."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def read_records_of(
    artifact: Artifact,
    blocks: Iterable[bytes],
    separator: str,
    columns: list[str],
    code_column: str,
    codes: Sequence[str],
    *,
    may_have_more: bool = False,
) -> pl.DataFrame:
    """The records whose `code_column` is one of `codes`, as text, numbered from 1 in `artifact_row`.

    `blocks` are the bytes of the text, in order: `blocks_of(path)`, or those of an archive. Every record is checked,
    also those that are not kept; empty lines are left out. An empty field is null. Memory does not grow with the text.
    With `may_have_more` columns beside `columns` are logged and not read.

    Raises:
        TruncatedError: a record has fewer fields than the header, or the text ends inside a record.
        LayoutError: columns lost, or gained where there may be no more, a record of more fields than the header, a
            quotation mark around a comma, zero bytes, text that is not UTF-8.
    """
    texts = _whole_lines(artifact, blocks)
    header, _, rest = next(texts).partition(b"\n")
    names = _names(artifact, header, separator)
    added = set(names) - set(columns) if may_have_more and set(columns) <= set(names) else set()
    check_columns(artifact, [name for name in names if name not in added], columns)
    log_added_fields(artifact, added)
    code_at, wanted = names.index(code_column), [code.encode() for code in codes]
    numbers: list[int] = []
    lines: list[str] = []
    line_number = 1
    for text in itertools.chain([rest] if rest else [], texts):
        records = _Records.of(artifact, text, line_number, separator, len(names))
        for place in records.with_code(code_at, wanted):
            numbers.append(line_number + int(records.lines[place]))
            lines.append(records.line(place).decode())
        line_number += text.count(b"\n")
    fields = pl.col("fields")
    return (
        pl.DataFrame({"artifact_row": numbers, "line": lines}, schema={"artifact_row": pl.Int64(), "line": pl.String()})
        .select("artifact_row", fields=pl.col("line").str.split(separator))
        .select("artifact_row", *(fields.list.get(names.index(name)).alias(name) for name in columns))
        .filter(pl.col(code_column).str.strip_chars().is_in(list(codes)))
        .select("artifact_row", pl.when(pl.col(columns) != "").then(pl.col(columns)))
    )


def _whole_lines(artifact: Artifact, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes in pieces that each end with a line end; at least one piece."""
    rest, is_empty = b"", True
    for block in blocks:
        is_empty = False
        cut = block.rfind(b"\n") + 1
        if cut:
            yield rest + block[:cut]
            rest = block[cut:]
        else:
            rest += block
        if len(rest) > _LONGEST:
            raise LayoutError(artifact, f"holds a record of more than {_LONGEST:,} bytes.", "fetch it again.")
    if rest or is_empty:
        raise TruncatedError(artifact, "its text ends inside a record.", "fetch it again.")


def _names(artifact: Artifact, header: bytes, separator: str) -> list[str]:
    try:
        return [name.strip() for name in header.decode("utf-8-sig").split(separator)]
    except UnicodeDecodeError as error:
        raise LayoutError(artifact, f"has a header that is no text in UTF-8 ({error}).", "fetch it again.") from error


@dataclass(frozen=True, slots=True)
class _Records:
    """The records of some whole lines of text, all of one number of fields, and where their fields are."""

    text: bytes
    lines: _Places
    """The line that each record is on, from 0; empty lines hold none."""
    starts: _Places
    ends: _Places
    """Records × fields: the place of the separator, or of the line end, that each field ends at."""

    @classmethod
    def of(cls, artifact: Artifact, text: bytes, first: int, separator: str, width: int) -> Self:
        """Find the records and check each; `first` is the number of the first line."""
        letters = np.frombuffer(text, np.uint8)
        marks = np.flatnonzero((letters == ord(separator)) | (letters == _LINE_END))
        last_marks = np.flatnonzero(letters[marks] == _LINE_END)
        line_ends = marks[last_marks]
        line_starts = np.concatenate(([0], line_ends + 1))[: line_ends.size]
        n_fields = np.diff(last_marks, prepend=-1)
        is_record = (line_ends > line_starts) & (
            (line_ends > line_starts + 1) | (letters[line_starts] != ord("\r")) if line_ends.size else False
        )
        uneven = np.flatnonzero(is_record & (n_fields != width))[:1].tolist()
        strange = [int(np.searchsorted(line_ends, place)) for place in _strange_places(text, separator)]
        if uneven or strange:
            at = min(uneven + strange)
            line = text[line_starts[at] : line_ends[at]].removesuffix(b"\r")
            _refuse(artifact, line, first + at, int(n_fields[at]), width)
        return cls(
            text,
            np.flatnonzero(is_record),
            line_starts[is_record],
            marks[np.repeat(is_record, n_fields)].reshape(-1, width),
        )

    def line(self, place: int) -> bytes:
        """The text of one record."""
        return self.text[self.starts[place] : self.ends[place, -1]].removesuffix(b"\r")

    def with_code(self, field: int, codes: list[bytes]) -> list[int]:
        """The records whose field is one of the codes, and those whose field has blanks at an end: they are few."""
        letters = np.frombuffer(self.text, np.uint8)
        starts = self.ends[:, field - 1] + 1 if field else self.starts
        length = self.ends[:, field] - starts
        filled = np.flatnonzero(length > 0)
        first, last = letters[starts[filled]], letters[starts[filled] + length[filled] - 1]
        kept = np.zeros(length.size, bool)
        ends = np.stack((first, last))
        kept[filled[((ends < _FIRST_LETTER) | (ends > _LAST_LETTER)).any(axis=0)]] = True
        for size in {len(code) for code in codes}:
            same = np.flatnonzero(length == size)
            found = letters[starts[same][:, None] + np.arange(size)].view(f"S{size}").ravel()
            kept[same[np.isin(found, [code for code in codes if len(code) == size])]] = True
        return np.flatnonzero(kept).tolist()


def _strange_places(text: bytes, separator: str) -> list[int]:
    """Where the first zero byte is, the first quotation mark around commas, the first byte that is no UTF-8."""
    found = [text.find(b"\0"), text.find(b'"') if separator == "," else -1]
    if not text.isascii():
        try:
            text.decode()
        except UnicodeDecodeError as error:
            found.append(error.start)
    return [place for place in found if place >= 0]


def _refuse(artifact: Artifact, line: bytes, number: int, n_fields: int, width: int) -> NoReturn:
    try:
        words = line.decode()
    except UnicodeDecodeError as error:
        raise LayoutError(artifact, f"record {number} is no text in UTF-8 ({error}).", "fetch it again.") from error
    if n_fields < width:
        what = f"record {number} ends before its last field: {n_fields} of {width}, {words!r}."
        raise TruncatedError(artifact, what, "fetch it again.")
    what = (
        f"holds {n_fields} fields under a header of {width}"
        if n_fields > width
        else "holds a quotation mark or a zero byte"
    )
    raise LayoutError(artifact, f"record {number} {what}: {words!r}.", "a record may be shifted; fetch it again.")
