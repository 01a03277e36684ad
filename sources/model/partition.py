"""Partition names as typed keys.

A partition is what the bytes of an artifact are a statement of: an edition, or a query. Its name is text, because
ledgers hold it. A publisher whose names have parts defines a key for them: a frozen dataclass in its own package, which
its parser, its fetcher, the snapshot's build and the rules of gate 1 use in place of the text.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, ClassVar, Self, get_type_hints

import polars as pl

from sources.model.artifact import Artifact, LayoutError

ALL = "all"
"""How a name says that a part is not restricted: all partners, all codes."""

_COLUMN_TYPES: dict[Any, pl.DataType] = {
    str: pl.String(),
    str | None: pl.String(),
    int: pl.Int64(),
    int | None: pl.Int64(),
    bool: pl.Boolean(),
    date: pl.Date(),
    tuple[str, ...]: pl.List(pl.String()),
}


@dataclass(frozen=True)
class PartitionKey(ABC):
    """The parts of a partition's name. `parse(str(key)) == key`, and `str(parse(name)) == name`.

    `FORM` shows the form of the name to people (`GACC/CHN/<X or M>/…`), `PATTERN` is that form as a regular expression.
    """

    FORM: ClassVar[str]
    PATTERN: ClassVar[re.Pattern[str]]

    @classmethod
    def parse(cls, name: str) -> Self:
        """The key of a name.

        Raises:
            ValueError: the name has another form.
        """
        found = cls.PATTERN.fullmatch(name)
        if found is None:
            msg = f"{name!r} is not of the form {cls.FORM}"
            raise ValueError(msg)
        return cls._from_parts(found)

    @classmethod
    def of(cls, artifact: Artifact) -> Self:
        """The key of an artifact's partition.

        Raises:
            LayoutError: its partition has a name of another form.
        """
        try:
            return cls.parse(artifact.partition)
        except ValueError as error:
            raise LayoutError(
                artifact, f"its partition {artifact.partition!r} does not say what it holds.", f"name it {cls.FORM}."
            ) from error

    @classmethod
    @abstractmethod
    def _from_parts(cls, parts: re.Match[str]) -> Self:
        """The key of a name that matches `PATTERN`."""

    @abstractmethod
    def __str__(self) -> str:
        """The name of the partition."""


@dataclass(frozen=True)
class EditionKey(PartitionKey):
    """One edition of a yearly publication: `MCS 2025`. A publisher sets `SERIES`, `FORM` and `PATTERN`."""

    SERIES: ClassVar[str]

    year: int

    def __init_subclass__(cls, series: str = "", **others: Any) -> None:
        """Derive the form of the name from the series: `class Partition(EditionKey, series="MCS")`."""
        super().__init_subclass__(**others)
        if series:
            cls.SERIES, cls.FORM = series, f"{series} <year>"
            cls.PATTERN = re.compile(rf"{re.escape(series)} ([0-9]{{4}})")

    @classmethod
    def _from_parts(cls, parts: re.Match[str]) -> Self:
        return cls(int(parts[1]))

    def __str__(self) -> str:
        return f"{self.SERIES} {self.year}"


def key_of(kinds: Sequence[type[PartitionKey]], name: str) -> PartitionKey | None:
    """The key of a name in the first of several forms that fits; None where none does."""
    for kind in kinds:
        with suppress(ValueError):
            return kind.parse(name)
    return None


def key_frame(kinds: Sequence[type[PartitionKey]], names: Sequence[str]) -> pl.DataFrame:
    """The parts of partition names as columns, one row a name.

    Columns: `partition_name`, `has_key` (false where the name has none of the forms), and `key_<field>` for every field
    of every kind of key, null where a key has no such field. A field of several values is a list.
    """
    schema = {
        f"key_{name}": _COLUMN_TYPES[hint]
        for kind in kinds
        for name, hint in get_type_hints(kind).items()
        if name in {field.name for field in fields(kind)}
    }
    rows = []
    for name in names:
        key = key_of(kinds, name)
        parts = {f"key_{f.name}": getattr(key, f.name) for f in fields(key)} if key else {}
        rows.append({"partition_name": name, "has_key": key is not None or not kinds, **parts})
    return pl.DataFrame(rows, schema={"partition_name": pl.String(), "has_key": pl.Boolean(), **schema})
