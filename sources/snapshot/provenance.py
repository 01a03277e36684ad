"""Read and check `provenance.csv`: one row per file, with what the file is and where it comes from.

Every problem of the table is found at once and names its row and column. Row 1 is the line of column names, as a
spreadsheet counts.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import get_args

from sources.model.artifact import KnownBasis, OwnTableError, SourceError, Transcription, shortened
from sources.model.ignored import is_ignored
from sources.reading.layouts import declared
from sources.registry import publisher_codes, sources

PROVENANCE = "provenance.csv"
PROVENANCE_COLUMNS = (
    "file",
    "source_code",
    "layout",
    "partition",
    "year",
    "edition",
    "release",
    "known_from",
    "known_basis",
    "known_from_note",
    "transcription",
    "how",
    "publisher",
    "citation",
    "licence",
    "redistribution",
    "url",
    "taken_from",
    "taken_on",
    "sha256",
    "original_sha256",
)
_MOST_SHOWN = 20
_LONGEST_PROBLEM = 300
"""Characters; a problem quotes cells, which may be of any length."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEAR = re.compile(r"[0-9]{4}")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_AS_CSV = "save it as CSV in UTF-8, with commas between the columns."


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the table or with a file beside it.

    `source_codes` are the publishers that it concerns, which stop; all of them where no publisher can be determined.
    """

    source_codes: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in a spreadsheet, and its cells by column, without blanks around them."""

    number: int
    cells: dict[str, str]

    def problem(self, column: str, text: str) -> Problem:
        """A problem of one cell: `row 3, column known_from: '24/11/2026' is no date …`."""
        codes = _owners(self.cells["source_code"], self.cells["file"].split("/")[0])
        return Problem(codes, f"row {self.number}, column {column}: {text}")


def read_provenance(folder: Path) -> tuple[list[Row], list[Problem]]:
    """The rows of a folder's `provenance.csv`, and all that is wrong with them and with the files beside it.

    Raises:
        SourceError: there is no such table, or no rows can be read from it.
    """
    table = folder / PROVENANCE
    if not table.exists():
        raise SourceError(
            str(table),
            "is missing.",
            "point REE_SNAPSHOT or REE_OWN_FILES at a folder that holds one (docs/snapshot.md).",
        )
    rows = list(_rows(table))
    problems = [problem for row in rows for problem in _problems_of(row)]
    problems += _repeated(rows)
    problems += _unmatched(folder, rows)
    return rows, problems


def files_beside(folder: Path) -> dict[str, Path]:
    """The files that a `provenance.csv` describes or should, by name: `un_comtrade/chn_imports_2846_2023.json`.

    Temporary and system files are left out.
    """
    present = {path.relative_to(folder).as_posix(): path for path in folder.glob("*/**/*") if path.is_file()}
    return {name: path for name, path in present.items() if not is_ignored(PurePosixPath(name))}


def refusal(table: Path, problems: list[Problem]) -> SourceError:
    """One error that lists the problems, at most 20 of them."""
    shown = [f"\n- {shortened(problem.text, _LONGEST_PROBLEM)}" for problem in problems[:_MOST_SHOWN]]
    more = f"\n- and {len(problems) - _MOST_SHOWN} more." if len(problems) > _MOST_SHOWN else ""
    count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
    return OwnTableError(
        str(table),
        f"has {count}:{''.join(shown)}{more}\n",
        "correct these and run again (docs/snapshot.md); nothing of this publisher landed.",
    )


def _rows(table: Path) -> Iterator[Row]:
    """The rows that are not blank, with every cell of every column."""
    try:
        text = table.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        found = error.object[error.start]
        raise SourceError(
            str(table), f"is no text in UTF-8: line {line} holds the byte 0x{found:02x}.", _AS_CSV
        ) from None
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise SourceError(str(table), f"is no readable CSV ({error}).", _AS_CSV) from None
    columns = [name.strip() for name in records[0]] if records else []
    _require_columns(table, columns)
    for number, record in enumerate(records[1:], 2):
        if not any(cell.strip() for cell in record):
            continue
        if len(record) != len(columns):
            raise SourceError(
                str(table),
                f"row {number} has {len(record)} cells, and there are {len(columns)} columns.",
                "put a cell that holds a comma between quotation marks, and leave no cell out.",
            )
        yield Row(number, dict(zip(columns, (cell.strip() for cell in record), strict=True)))


def _require_columns(table: Path, columns: list[str]) -> None:
    if len(columns) == 1 and any(mark in columns[0] for mark in ";\t|"):
        raise SourceError(str(table), f"has no commas between its columns: it begins {columns[0][:40]!r}.", _AS_CSV)
    missing = [name for name in PROVENANCE_COLUMNS if name not in columns]
    unknown = [name for name in columns if name not in PROVENANCE_COLUMNS]
    repeated = [name for name, count in Counter(columns).items() if count > 1]
    found = [
        f"{what} {', '.join(repr(name) for name in names[:30])}"
        for what, names in (("lacks", missing), ("has the unknown", unknown), ("repeats", repeated))
        if names
    ]
    if found:
        raise SourceError(
            str(table), f"has wrong columns: it {'; it '.join(found)}.", f"it needs {', '.join(PROVENANCE_COLUMNS)}."
        )


def _problems_of(row: Row) -> Iterator[Problem]:
    """What is wrong with the cells of one row."""
    for column, check in _CHECKS.items():
        text = check(row.cells[column])
        if text:
            yield row.problem(column, text)
    code, layout = row.cells["source_code"], row.cells["layout"]
    if code in publisher_codes():
        known = [str(one["id"]) for one in declared(sources()[code].package)["layout"]]
        if layout not in known:
            yield row.problem("layout", _not_listed(layout, known))


def _day(cell: str) -> str:
    try:
        wrong = not (_DAY.fullmatch(cell) and date.fromisoformat(cell))
    except ValueError:
        wrong = True
    return f"{cell!r} is no day written as YYYY-MM-DD, such as 2026-11-24." if wrong else ""


def _year(cell: str) -> str:
    return "" if _YEAR.fullmatch(cell) else f"{cell!r} is no year of four digits, such as 2026."


def _sha256(cell: str) -> str:
    return "" if _SHA256.fullmatch(cell) else f"{cell[:80]!r} is no SHA-256 of 64 hexadecimal digits (sha256sum FILE)."


def _not_blank(cell: str) -> str:
    return "" if cell else "is blank."


def _file(cell: str) -> str:
    path = PurePosixPath(cell)
    if (
        not cell
        or "\\" in cell
        or path.is_absolute()
        or ".." in path.parts
        or len(path.parts) < 2
        or ":" in path.parts[0]
    ):
        return f"{cell!r} is no path inside this folder, such as un_comtrade/my_file.csv."
    return f"{cell!r} has the name of a temporary or system file, which is ignored." if is_ignored(path) else ""


def _not_listed(cell: str, known: list[str]) -> str:
    near = get_close_matches(cell, known, 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"{cell!r} is none of {', '.join(known)}.{hint}"


def _listed(known: tuple[str, ...]) -> Callable[[str], str]:
    return lambda cell: "" if cell in known else _not_listed(cell, list(known))


_CHECKS: dict[str, Callable[[str], str]] = {
    "file": _file,
    "source_code": _listed(publisher_codes()),
    "partition": _not_blank,
    "year": _year,
    "release": _not_blank,
    "known_from": _day,
    "known_basis": _listed(get_args(KnownBasis)),
    "transcription": _listed(get_args(Transcription)),
    "sha256": _sha256,
    "original_sha256": lambda cell: _sha256(cell) if cell else "",
}
"""What is wrong with a cell, by its column; empty text where it is right."""


def _repeated(rows: list[Row]) -> Iterator[Problem]:
    """Rows that describe a file a second time."""
    first: dict[str, int] = {}
    for row in rows:
        name = row.cells["file"]
        if name in first:
            yield row.problem("file", f"{name!r} has a row already, row {first[name]}.")
        first.setdefault(name, row.number)


def _unmatched(folder: Path, rows: list[Row]) -> Iterator[Problem]:
    """Rows without their file, rows whose file lies in another publisher's folder, empty files, files without a row."""
    present = files_beside(folder)
    described = {row.cells["file"] for row in rows}
    for row in rows:
        name, code = row.cells["file"], row.cells["source_code"]
        if _file(name):
            continue
        if name not in present:
            near = get_close_matches(name, sorted(present.keys() - described), 1)
            yield row.problem("file", f"there is no file {name!r}.{f' Did you mean {near[0]}?' if near else ''}")
        elif present[name].stat().st_size == 0:
            yield row.problem("file", f"{name!r} is empty: it has 0 bytes.")
        if code in publisher_codes() and not name.startswith(f"{code}/"):
            yield row.problem("file", f"{name!r} is not in the folder of {code}; files of {code} belong in {code}/.")
    for name in sorted(present.keys() - described):
        code = name.split("/")[0]
        text = (
            f"{name} has no row."
            if code in publisher_codes()
            else f"{name} has no row; the folder {_not_listed(code, list(publisher_codes()))}"
        )
        yield Problem(_owners(code), text)


def _owners(*names: str) -> tuple[str, ...]:
    """The publisher that a code or a folder names, or nearly names; all publishers where none can be determined."""
    codes = publisher_codes()
    known = [name for name in names if name in codes]
    near = [found for name in names for found in get_close_matches(name, codes, 1)]
    return tuple(dict.fromkeys(known or near)) or codes
