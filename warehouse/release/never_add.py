"""What must never be added together, as `never_add.toml` declares it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("never_add.toml")


@dataclass(frozen=True, slots=True)
class Summands:
    """Two parts of names: a number with the one is never added to a number with the other, and why."""

    one: str
    other: str
    why: str

    def fit(self, left: str, right: str) -> bool:
        """Whether two columns are such a pair: `exporter_fob_usd` and `importer_cif_usd`."""
        return any(
            has_part(first, self.one) and has_part(second, self.other)
            for first, second in ((left, right), (right, left))
        )


@dataclass(frozen=True, slots=True)
class NeverAdd:
    """The declarations.

    Attributes:
        statement: columns that name a statement, and what two of their values are (`editions`).
        apart: columns of which a sum has one value only, and why.
        only_for: measures to which such a column applies, where it is not all.
        contains: columns with values that contain others. Of products and areas, the dimensions say which.
        contains_across: columns in which such a whole differs from its parts too.
        things: columns that identify a thing and its statement, where the key of a table is a fact.
        repeated: measures that stand on several rows, and the columns that identify their value.
        not_additive: parts of names of measures that no sum makes sense of, and what such a measure is.
        summands: pairs of measures that are never summands of one sum.
        tables: facts of which rows may not stand in one sum, and why.
        instead: what answers instead, by table or by part of a measure's name.
    """

    statement: Mapping[str, str]
    apart: Mapping[str, str]
    only_for: Mapping[str, tuple[str, ...]]
    contains: Mapping[str, tuple[str, ...]]
    contains_across: Mapping[str, tuple[str, ...]]
    things: Mapping[str, tuple[str, ...]]
    repeated: Mapping[str, tuple[str, ...]]
    not_additive: Mapping[str, str]
    summands: tuple[Summands, ...]
    tables: tuple[tuple[frozenset[str], str], ...]
    instead: Mapping[str, str]

    def kind(self, column: str) -> str | None:
        """What a measure is that no sum makes sense of: `a share`; None of one that may be added up."""
        return next((what for part, what in self.not_additive.items() if has_part(column, part)), None)

    def remedy(self, table: str, column: str) -> str:
        """What answers instead of a sum over a column of a table; empty where nothing is declared."""
        by_measure = (text for part, text in self.instead.items() if has_part(column, part))
        return self.instead.get(table) or next(by_measure, "")


def has_part(name: str, part: str) -> bool:
    """Whether a column's name has a part: `exporter_fob_usd` has `fob`."""
    return f"_{part}_" in f"_{name}_"


@cache
def never_add() -> NeverAdd:
    """The declarations of this version of the code."""
    declared = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return NeverAdd(
        statement=declared["statement"],
        apart=declared["apart"],
        only_for={column: tuple(measures) for column, measures in declared["only_for"].items()},
        contains={column: tuple(values) for column, values in declared["contains"].items()},
        contains_across={column: tuple(others) for column, others in declared["contains_across"].items()},
        things={table: tuple(columns) for table, columns in declared["things"].items()},
        repeated={measure: tuple(columns) for measure, columns in declared["repeated"].items()},
        not_additive=declared["not_additive"],
        summands=tuple(Summands(**pair) for pair in declared["never_summands"]),
        tables=tuple((frozenset(entry["tables"]), entry["why"]) for entry in declared["never_tables"]),
        instead=declared["instead"],
    )
