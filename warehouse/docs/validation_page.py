"""Writes docs/validation.md, official figures beside the warehouse's.

The official figures are in `validation_statements.csv`, as their publishers print them.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import duckdb

from warehouse.release.store import database
from warehouse.settings import Settings
from warehouse.storage.database import open_reader

STATEMENTS = Path(__file__).parent / "validation_statements.csv"
PAGE = Path("docs", "validation.md")
_HEAD = """# Official figures compared with the warehouse's

{count} figures as their publishers print them, each compared with the release of the bundled files. Agree within the
named tolerance: {agree}; differ: {differ}; not available: {missing}. Each difference has a reason.

Written by `python -m warehouse.docs.validation_page` from `warehouse/docs/validation_statements.csv`, which also has
the query of each. A test writes it again and fails if this page differs or a difference has no reason.

The printed chapters of the USGS are not an input of the warehouse. The ministries' answers and BACI's totals are loaded
too; here they are compared with figures of other sources. A tolerance is relative: 2 % of 80 % is 1.6 points.
"""


@dataclass(frozen=True, slots=True)
class Statement:
    """A figure as a publisher prints it, and the query that finds ours."""

    id: str
    statement: str
    publisher: str
    citation: str
    url: str
    quoted: float
    unit: str
    tolerance: float
    sql: str
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
        """Within the tolerance."""
        return self.difference is not None and abs(self.difference) <= self.statement.tolerance + 1e-12


def statements(path: Path = STATEMENTS) -> list[Statement]:
    """The statements in the order of the file.

    Raises:
        ValueError: a figure or a tolerance is not a number.
    """
    with path.open(encoding="utf-8", newline="") as text:
        return [_statement(row) for row in csv.DictReader(text)]


def _statement(row: dict[str, str]) -> Statement:
    return Statement(
        id=row["id"],
        statement=row["statement"],
        publisher=row["publisher"],
        citation=row["citation"],
        url=row["url"],
        quoted=float(row["quoted"]),
        unit=row["unit"],
        tolerance=float(row["tolerance"]),
        sql=row["sql"],
        reason=row["reason"],
    )


def compare(con: duckdb.DuckDBPyConnection, statements: list[Statement]) -> list[Compared]:
    """Ask the release for each figure.

    Raises:
        ValueError: a query gives more than one row or column.
    """
    found = []
    for statement in statements:
        rows = con.execute(statement.sql).fetchall()
        if len(rows) > 1 or (rows and len(rows[0]) != 1):
            msg = f"{statement.id}: its query must give one figure, and gives {len(rows)} rows"
            raise ValueError(msg)
        ours = rows[0][0] if rows else None
        found.append(Compared(statement, None if ours is None else float(ours)))
    return found


def unexplained(compared: list[Compared]) -> list[str]:
    """Statements that differ without a reason, or that agree and still have one."""
    return [
        f"{one.statement.id}: {one.statement.quoted:g} is printed, ours is {one.ours}"
        for one in compared
        if one.agrees == bool(one.statement.reason)
    ]


def validation_page(compared: list[Compared]) -> str:
    """The page, one table a citation."""
    missing = sum(one.ours is None for one in compared)
    agree = sum(one.agrees for one in compared)
    lines = [_HEAD.format(count=len(compared), agree=agree, differ=len(compared) - agree - missing, missing=missing)]
    for (publisher, citation, url), rows in groupby(
        compared, key=lambda one: (one.statement.publisher, one.statement.citation, one.statement.url)
    ):
        lines += [
            f"## {publisher}: {citation}",
            "",
            f"<{url}>",
            "",
            "| figure | unit | printed | ours | difference | |",
            "|---|---|---:|---:|---:|---|",
            *(_row(one) for one in rows),
            "",
        ]
    return "\n".join(lines)


def _row(one: Compared) -> str:
    official = one.statement
    ours = "–" if one.ours is None else _number(one.ours)
    difference = "–" if one.difference is None else "0" if abs(one.difference) < 5e-5 else f"{one.difference:+.1%}"
    verdict = "agrees" if one.agrees else official.reason
    return (
        f"| {official.statement} | {official.unit} | {_number(official.quoted)} | {ours} | {difference} | {verdict} |"
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 or float(value).is_integer() else f"{value:,.2f}"


def main() -> None:
    """Write docs/validation.md of the checkout that is the current folder, from the published release."""
    if not PAGE.parent.is_dir():
        sys.exit(f"There is no folder {PAGE.parent} here: run this at the top of a checkout.")
    settings = Settings()
    with open_reader(database(settings), settings) as con:
        PAGE.write_text(validation_page(compare(con, statements())), encoding="utf-8")


if __name__ == "__main__":
    main()
