"""A publisher as the pipeline sees it: the tables it fills, and what its parser must return."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from sources.model import feeds
from sources.model.artifact import Artifact, LayoutError
from sources.model.feeds import FEEDS
from sources.model.partition import PartitionKey
from sources.model.paths import project_path

REJECTS: dict[str, pl.DataType] = {
    "artifact_row": pl.Int64(),
    "reason_code": pl.String(),
    "detail": pl.String(),
    "row_json": pl.String(),
}
"""Columns of rejects. One row per record set aside: its row in the artifact, the reason, the record as JSON."""


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A raw table a source fills: its name, the kind of statement its rows are, its key, the rejects it expects.

    `feed` is one of `FEEDS` and gives the exact schema. A reject with a reason outside `expected_rejects` is a
    surprise and stops the load. `withdrawals` are the reasons with which an artifact states that the publisher withdrew
    a period, or its whole partition, that was stated before. `layouts` names the layouts that fill the table; none
    named means all of them. `partitions` are the kinds of key that its partitions have, empty where their names have no
    parts. `may_be_empty` marks a table whose partitions may have no row: its rows come in
    the same bytes as those of another table, by which the bytes are judged to be whole.
    """

    name: str
    feed: str
    key: tuple[str, ...]
    expected_rejects: frozenset[str] = frozenset()
    withdrawals: frozenset[str] = frozenset()
    layouts: frozenset[str] = frozenset()
    partitions: tuple[type[PartitionKey], ...] = ()
    may_be_empty: bool = False

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
        """SHA-256 of the content of rows and rejects, whatever their order (64 hexadecimal digits).

        Two bodies that differ only in row order or in fields the warehouse does not keep (the time a
        server took to answer, say) have the same content.
        """
        return hashlib.sha256(b"--".join([_sorted_csv(self.frame), _sorted_csv(self.rejects)])).hexdigest()


def _sorted_csv(frame: pl.DataFrame) -> bytes:
    """The rows of a frame as CSV in the order of their columns, without the row's place in its file."""
    content = frame.drop("artifact_row")
    csv = content.sort(content.columns).write_csv(null_value="null", quote_style="non_numeric")
    return csv.encode()


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
            f"fix the parser; the schema is fixed in {project_path(feeds.__file__)}.",
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
