"""Artifacts for tests: bytes written to a folder, copies of bundled files, and what a parser makes of them."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, SourceError
from sources.model.source import ParsedTable
from sources.registry import sources
from sources.snapshot.reader import Snapshot


def artifact(folder: Path, data: bytes, **known: Any) -> Artifact:
    """Write `data` under `folder` and return it as an artifact; `known` overrides its fields."""
    digest = hashlib.sha256(data).hexdigest()
    path = folder / f"{digest[:24]}.bin"
    path.write_bytes(data)
    facts: dict[str, Any] = {
        "source_code": "usgs_mcs",
        "name": "file-under-test",
        "layout": "mcs2022",
        "partition": "a partition",
        "year": 2024,
        "edition": None,
        "release": "1.0",
        "known_from": date(2026, 11, 23),
        "known_basis": "stated",
        "transcription": "original",
        "url": "https://example.org/file",
        "sha256": digest,
        "original_sha256": None,
        "path": path,
    }
    return Artifact(**(facts | known))


def copy_of(original: Artifact, folder: Path, data: bytes, **known: Any) -> Artifact:
    """The same artifact with other bytes and their hash: what a bad download looks like when it lands."""
    fresh = artifact(folder, data)
    return dataclasses.replace(original, path=fresh.path, sha256=fresh.sha256, **known)


@cache
def bundled() -> dict[str, Artifact]:
    """Every file of the bundled snapshot by its name."""
    return {offer.name: offer for code in sources() for offer in Snapshot().offers(code)}


def parse(read: Artifact) -> ParsedTable:
    """Parse with the artifact's own publisher: the first of the tables that it fills."""
    return sources()[read.source_code].parse(read)[0]


def parse_as(read: Artifact, table: str) -> ParsedTable:
    """Parse with the artifact's own publisher: the table of this name."""
    return next(parsed for parsed in sources()[read.source_code].parse(read) if parsed.spec.name == table)


def parse_unless_refused(read: Artifact) -> ParsedTable | None:
    """`parse`; None if the parser refuses the bytes with an error that names the file. Any other error is raised."""
    tables = parse_all_unless_refused(read)
    return tables[0] if tables else None


def parse_all_unless_refused(read: Artifact) -> tuple[ParsedTable, ...]:
    """Every table of an artifact; none if the parser refuses the bytes with an error that names the file."""
    try:
        return sources()[read.source_code].parse(read)
    except SourceError as refusal:
        if read.name not in str(refusal):
            raise
        return ()


def refusal(read: Artifact) -> str:
    """How the parser refuses the bytes, kind of error first; or that it reads them. Any other error is raised."""
    try:
        return f"read as {parse(read).frame.height} rows"
    except SourceError as error:
        return f"{type(error).__name__}: {error}"


@cache
def parsed(name: str) -> ParsedTable:
    """A bundled file, parsed once per session."""
    return parse(bundled()[name])


def all_rows(layout: str) -> pl.DataFrame:
    """The rows of every bundled file of one layout."""
    return pl.concat(parsed(name).frame for name, offer in bundled().items() if offer.layout == layout)


def table(columns: Iterable[str], *rows: Iterable[str], line_end: str = "\n", encoding: str = "utf-8") -> bytes:
    """A CSV file as bytes."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end).writerows([list(columns), *map(list, rows)])
    return text.getvalue().encode(encoding)


def records(data: bytes, encoding: str = "utf-8-sig") -> list[list[str]]:
    """The records of a CSV file, header first."""
    return list(csv.reader(io.StringIO(data.decode(encoding), newline="")))


def content(frame: pl.DataFrame, *but: str) -> pl.DataFrame:
    """The columns of rows but `artifact_row` and `but`, sorted: equal for two files with the same content."""
    kept = frame.drop("artifact_row", *but)
    return kept.sort(kept.columns, nulls_last=True)


def reasons(read: ParsedTable) -> dict[str, int]:
    """Number of rejected records by reason."""
    return dict(read.rejects.group_by("reason_code").len().iter_rows())
