"""A file of the snapshot before it is written, and the steps that all publishers' modules share."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TAKEN_ON = "2026-11-23"


@dataclass(frozen=True, slots=True)
class SnapshotFile:
    """One file of the snapshot, and the part of its provenance row that is its own."""

    file: str
    data: bytes
    original: Path
    row: dict[str, str]


def records(path: Path, encoding: str = "utf-8-sig") -> list[list[str]]:
    """Every record of a CSV file, its header first."""
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline="")))


def table(rows: Iterable[Iterable[str]], encoding: str = "utf-8", line_end: str = "\n") -> bytes:
    """Records as the bytes of a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end).writerows(rows)
    return text.getvalue().encode(encoding)


def by_year(original: Path, column: str) -> tuple[list[str], dict[str, list[list[str]]]]:
    """The header, and the records by the year their `column` begins with."""
    header, *body = records(original)
    years: dict[str, list[list[str]]] = defaultdict(list)
    for row in body:
        years[row[header.index(column)][:4]].append(row)
    return header, dict(sorted(years.items()))
