"""What a source is: the artifact it reads, the frame it must yield, the errors it may raise.

Belongs here: shapes and errors that every publisher shares. Does not belong here: anything true of one
publisher only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import polars as pl

from sources.model import feeds
from sources.model.feeds import FEEDS
from sources.model.paths import project_path

KnownBasis = Literal["stated", "release_feed", "assumed"]
Transcription = Literal["original", "extract", "transcribed"]

FIRST_YEAR = 1993
"""The earliest year of a partition: China's first data set in UN Comtrade that the warehouse holds."""

REJECTS: dict[str, pl.DataType] = {
    "artifact_row": pl.Int64(),
    "reason_code": pl.String(),
    "detail": pl.String(),
    "row_json": pl.String(),
}
"""One row a record that was set aside: where it stood, why, and the record itself as JSON."""


class SourceError(Exception):
    """A publisher's bytes cannot be read as what they are said to be. Nothing of them is loaded."""

    def __init__(self, artifact: Artifact | str, problem: str, remedy: str) -> None:
        name = artifact if isinstance(artifact, str) else artifact.name
        super().__init__(f"{name}: {problem} Remedy: {remedy}")


class LayoutError(SourceError):
    """The columns or fields are not those of the declared layout."""


class TruncatedError(SourceError):
    """The bytes end early, or a page is exactly as long as the publisher's cap."""


class UnknownLabelError(SourceError):
    """A country, commodity, unit or flow label that the vocabulary does not hold."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """Bytes as a publisher gave them, and what is known about where they came from.

    `partition` names what the bytes are a statement of ("MCS 2025", "CHN imports of 2846 in 2024"): bytes
    that arrive later for the same partition are a new release of it. `year` is the calendar or edition
    year the partition belongs to. `known_from` is the day from which the publisher's statement was known.
    """

    source_code: str
    name: str
    layout: str
    partition: str
    year: int
    edition: str | None
    release: str
    known_from: date
    known_basis: KnownBasis
    transcription: Transcription
    url: str
    sha256: str
    original_sha256: str | None
    path: Path

    def read_bytes(self) -> bytes:
        """Return the bytes, after checking them against the recorded hash.

        Raises:
            TruncatedError: the file is not the one whose hash was recorded.
        """
        data = self.path.read_bytes()
        self._require_hash(hashlib.sha256(data).hexdigest())
        return data

    def check_bytes(self) -> None:
        """Check the bytes against the recorded hash in blocks, for files that need not fit in memory.

        Raises:
            TruncatedError: the file is not the one whose hash was recorded.
        """
        with self.path.open("rb") as file:
            self._require_hash(hashlib.file_digest(file, "sha256").hexdigest())

    def _require_hash(self, found: str) -> None:
        if found != self.sha256:
            raise TruncatedError(
                self,
                f"its bytes do not have the recorded sha256 {self.sha256[:16]}….",
                "restore the file; landed bytes are never edited.",
            )


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A raw table a source fills: its name, the kind of statement its rows are, its key, the rejects it expects.

    `feed` is one of `FEEDS` and gives the exact schema. A reject with a reason outside `expected_rejects` is a
    surprise and stops the load. `layouts` names the layouts that fill the table; none named means all of them.
    """

    name: str
    feed: str
    key: tuple[str, ...]
    expected_rejects: frozenset[str] = frozenset()
    layouts: frozenset[str] = frozenset()

    @property
    def schema(self) -> Mapping[str, pl.DataType]:
        """Column names and types, in order."""
        return FEEDS[self.feed]


@dataclass(frozen=True, slots=True)
class ParsedTable:
    """The rows of one artifact for one table, and the records set aside: parsed = rows + rejects."""

    spec: TableSpec
    frame: pl.DataFrame
    rejects: pl.DataFrame

    @property
    def rows_parsed(self) -> int:
        """Records read, loaded or not."""
        return self.frame.height + self.rejects.height

    def content_sha256(self) -> str:
        """Hash of what the rows say, without the order they stood in.

        Two bodies that differ only in row order or in fields the warehouse does not keep (the time a
        server took to answer, say) have the same content.
        """
        said = self.frame.drop("artifact_row")
        lines = sorted(json.dumps(row, default=str) for row in said.iter_rows())
        set_aside = sorted(json.dumps(row) for row in self.rejects.drop("artifact_row").iter_rows())
        return hashlib.sha256("\n".join([*lines, "--", *set_aside]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Source:
    """A publisher as the pipeline sees it."""

    code: str
    about: Mapping[str, Any]
    tables: tuple[TableSpec, ...]
    parse: Callable[[Artifact], tuple[ParsedTable, ...]]
    package: Path

    def tables_of(self, artifact: Artifact) -> tuple[TableSpec, ...]:
        """The tables that an artifact of this layout fills; all of them where no table claims the layout."""
        filled = tuple(spec for spec in self.tables if not spec.layouts or artifact.layout in spec.layouts)
        return filled or self.tables


def conform(spec: TableSpec, artifact: Artifact, rows: pl.DataFrame, rejects: pl.DataFrame) -> ParsedTable:
    """Check that `rows` has exactly the declared schema and key, and pair it with its rejects.

    Raises:
        LayoutError: a column is missing, extra or of another type, or two rows have the same key.
    """
    got, want = dict(rows.schema), dict(spec.schema)
    if got != want:
        differing = sorted(set(got.items()) ^ set(want.items()), key=str)
        raise LayoutError(
            artifact,
            f"{spec.name} came out with another schema than declared: {differing}.",
            f"mend the parser; the schema is fixed in {project_path(feeds.__file__)}.",
        )
    duplicated = rows.filter(rows.select(spec.key).is_duplicated())
    if duplicated.height:
        shown = duplicated.select("artifact_row", *spec.key).head(4).rows()
        raise LayoutError(
            artifact,
            f"{duplicated.height} rows of {spec.name} share a key; the first are {shown}.",
            "look whether the file repeats a row, or holds two breakdowns of the same flow.",
        )
    return ParsedTable(spec, rows, rejects)


def shaped(spec: TableSpec, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of the feed in their order and types; those the layout does not state are null."""
    absent = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in spec.schema.items() if name not in frame.columns]
    return frame.with_columns(absent).select(pl.col(name).cast(dtype) for name, dtype in spec.schema.items())


def rejects_from(frame: pl.DataFrame, reason_code: str, detail: pl.Expr | str, raw: list[str]) -> pl.DataFrame:
    """Turn rows of a working frame into rejects that carry the columns `raw` as JSON."""
    text = pl.lit(detail) if isinstance(detail, str) else detail
    return frame.select(
        pl.col("artifact_row").cast(pl.Int64),
        pl.lit(reason_code).alias("reason_code"),
        text.cast(pl.String).alias("detail"),
        pl.struct(raw).struct.json_encode().alias("row_json"),
    )


def check_columns(artifact: Artifact, got: list[str], want: list[str]) -> None:
    """Compare a file's columns with those its layout declares, in any order.

    Raises:
        LayoutError: names the columns gained and lost.
    """
    lost = [c for c in want if c not in got]
    gained = [c for c in got if c not in want]
    twice = sorted({c for c in got if got.count(c) > 1})
    if twice:
        raise LayoutError(artifact, f"holds the columns {twice} more than once.", "look at the file's header.")
    if lost or gained:
        raise LayoutError(
            artifact,
            f"its columns are not those of layout '{artifact.layout}': lost {lost}, gained {gained}.",
            "if the publisher changed its layout, declare the new one as a row of layouts.toml.",
        )
