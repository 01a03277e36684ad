"""Official figures as their publishers print them, and the release's figures of the same things.

`statements.csv` has the figures, `queries.toml` the SQL that finds ours, `comparisons.csv` the tolerances.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from statistics import median

import duckdb

_FOLDER = Path(__file__).parent
STATEMENTS = _FOLDER / "statements.csv"
_ARGUMENT = re.compile(r"\$([a-z_]+)")


class Kind(StrEnum):
    """What the agreement of a statement with the release can prove."""

    INDEPENDENT = "independent"
    """Someone else counted or estimated the same thing."""
    SAME_FIGURE = "same_figure_by_another_road"
    """The same office's figure, printed elsewhere or computed from by others."""
    TRANSCRIPTION = "transcription"
    """A cell that was typed for the bundle, against the page it was typed from."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A kind of comparison and the relative difference that an analyst accepts in it, such as 0.1 for FOB and CIF."""

    name: str
    tolerance: float
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A figure as a publisher prints it, and the queries by name that find ours.

    `held` names the query that finds the printed figure itself, where the release holds that publisher too.
    """

    id: str
    kind: Kind
    comparison: Comparison
    statement: str
    publisher: str
    citation: str
    url: str
    quoted: float
    unit: str
    query: str
    held: str
    arguments: Mapping[str, str]
    reason: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A statement and our figure; None where the release has no figure."""

    statement: Statement
    ours: float | None

    @property
    def difference(self) -> float | None:
        """Relative difference: our figure / the printed one - 1. A printed 0 gives 0 or infinity."""
        if self.ours is None:
            return None
        if self.statement.quoted == 0:
            return 0.0 if self.ours == 0 else float("inf")
        return self.ours / self.statement.quoted - 1

    @property
    def agrees(self) -> bool:
        """Within the tolerance of its kind of comparison."""
        return self.difference is not None and abs(self.difference) <= self.statement.comparison.tolerance + 1e-12


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of some statements, and the median of their absolute relative differences."""

    count: int
    agree: int
    differ: int
    missing: int
    median_difference: float | None


def tally(compared: list[Compared]) -> Tally:
    """Count statements; what the release has no figure for is neither agreement nor difference."""
    found = [abs(one.difference) for one in compared if one.difference is not None]
    agree = sum(one.agrees for one in compared)
    return Tally(
        count=len(compared),
        agree=agree,
        differ=len(found) - agree,
        missing=len(compared) - len(found),
        median_difference=median(found) if found else None,
    )


@cache
def comparisons() -> Mapping[str, Comparison]:
    """The kinds of comparison by name."""
    with (_FOLDER / "comparisons.csv").open(encoding="utf-8", newline="") as text:
        return {
            row["comparison"]: Comparison(row["comparison"], float(row["tolerance"]), row["what"], row["why"])
            for row in csv.DictReader(text)
        }


@cache
def queries() -> Mapping[str, str]:
    """The SQL by name."""
    return {name: one["sql"] for name, one in tomllib.loads((_FOLDER / "queries.toml").read_text("utf-8")).items()}


def statements(path: Path = STATEMENTS) -> list[Statement]:
    """The statements in the order of the file.

    Raises:
        ValueError: a figure is not a number, or a kind is not of the list.
        KeyError: a comparison is not of the list.
    """
    with path.open(encoding="utf-8", newline="") as text:
        return [_statement(row) for row in csv.DictReader(text)]


def _statement(row: dict[str, str]) -> Statement:
    return Statement(
        id=row["id"],
        kind=Kind(row["kind"]),
        comparison=comparisons()[row["comparison"]],
        statement=row["statement"],
        publisher=row["publisher"],
        citation=row["citation"],
        url=row["url"],
        quoted=float(row["quoted"]),
        unit=row["unit"],
        query=row["query"],
        held=row["held"],
        arguments=dict(pair.split("=", 1) for pair in row["arguments"].split("; ")),
        reason=row["reason"],
    )


def compare(con: duckdb.DuckDBPyConnection, statements: list[Statement]) -> list[Compared]:
    """Ask the release for each figure.

    Raises:
        ValueError: a query gives more than one row or column, or lacks an argument.
    """
    return [Compared(one, figure(con, one, one.query)) for one in statements]


def figure(con: duckdb.DuckDBPyConnection, statement: Statement, query: str) -> float | None:
    """The figure that a named query gives for the arguments of a statement; None where it gives none."""
    sql = queries()[query]
    wanted = set(_ARGUMENT.findall(sql))
    if missing := wanted - statement.arguments.keys():
        msg = f"{statement.id}: the query {query} also needs {', '.join(sorted(missing))}"
        raise ValueError(msg)
    rows = con.execute(sql, {name: statement.arguments[name] for name in wanted}).fetchall()
    if len(rows) > 1 or (rows and len(rows[0]) != 1):
        msg = f"{statement.id}: its query must give one figure, and gives {len(rows)} rows"
        raise ValueError(msg)
    return None if not rows or rows[0][0] is None else float(rows[0][0])


def unexplained(compared: list[Compared]) -> list[str]:
    """Statements that differ without a reason, or that agree and still have one."""
    return [
        f"{one.statement.id}: {one.statement.quoted:g} is printed, ours is {one.ours}"
        for one in compared
        if one.agrees == bool(one.statement.reason)
    ]
