"""Writes docs/what-would-prove-us-wrong.md: `python -m warehouse.docs.proved_wrong_page`.

`proved_wrong.toml` has the claims, the tables and their SQL; every figure of the page comes from a query.
"""

from __future__ import annotations

import sys
import tomllib
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from warehouse.docs.markdown import number, percent, table
from warehouse.docs.validation.statements import Compared, Kind, compare, comparisons, statements, tally
from warehouse.release.store import database
from warehouse.settings import Settings
from warehouse.storage.database import open_reader

PAGE = Path("docs", "what-would-prove-us-wrong.md")
_CONTENT = Path(__file__).parent / "proved_wrong.toml"
_BGS = "British Geological Survey"
# printed figures are whole or have one decimal
_PRINTED = 1e-9
_HEAD = """# What would prove us wrong

The figures a hearing would quote, how the derived ones score beside a simple rule, where sources disagree, and which
observation would overturn each claim. Every figure but the printed ones comes from a query of the release of the
bundled files (`warehouse/docs/proved_wrong.toml`, written by `python -m warehouse.docs.proved_wrong_page`); a test
writes the page again.
"""


@cache
def content() -> dict[str, list[dict[str, Any]]]:
    """The golden figures, claims and tables of the page."""
    return tomllib.loads(_CONTENT.read_text("utf-8"))


def wrong_golden_figures(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Golden figures that the release no longer has as printed."""
    found = [(one, _only(con, one["sql"])) for one in content()["golden"]]
    return [
        f"{one['figure']}: {one['printed']} is printed, ours is {ours}"
        for one, ours in found
        if ours is None or abs(ours - one["printed"]) > _PRINTED * one["printed"]
    ]


def _only(con: duckdb.DuckDBPyConnection, sql: str) -> float | None:
    rows = con.execute(sql).fetchall()
    if len(rows) > 1 or (rows and len(rows[0]) != 1):
        msg = f"one figure is wanted, and {len(rows)} rows are found: {sql}"
        raise ValueError(msg)
    return float(rows[0][0]) if rows and rows[0][0] is not None else None


def proved_wrong_page(con: duckdb.DuckDBPyConnection) -> str:
    """The page.

    Raises:
        ValueError: a query gives no row, more than one where one is wanted, or other columns than its table.
    """
    lines = [_HEAD, *_claims(con), *_golden(con)]
    for part, tables in groupby(content()["table"], key=lambda one: one["part"]):
        lines += [f"## {part}", ""]
        for one in tables:
            lines += _section(con, one)
    return "\n".join([*lines, *_independent(compare(con, statements()))])


def _claims(con: duckdb.DuckDBPyConnection) -> list[str]:
    rows = []
    for one in content()["claim"]:
        cells = _cells(con, one)
        if len(cells) != 1:
            msg = f"a claim rests on one row, and {len(cells)} are found: {one['claim']}"
            raise ValueError(msg)
        rows.append((one["claim"].format(**dict(zip(one["names"], cells[0], strict=True))), one["overturned_by"]))
    return ["## Claims and what would overturn them", "", *table(("claim", "overturned, if"), "--", rows)]


def _golden(con: duckdb.DuckDBPyConnection) -> list[str]:
    rows = (
        (one["figure"], number(one["printed"]), _shown(_only(con, one["sql"]), "#"), one["unit"], one["citation"],
         f"`{one['test']}`")
        for one in content()["golden"]
    )  # fmt: skip
    return [
        "## Figures a hearing would quote",
        "",
        "As printed, as the release has them, and the test of `tests/release` that holds each.",
        "",
        *table(("figure", "printed", "ours", "unit", "citation", "held by"), "-##---", rows),
    ]


def _section(con: duckdb.DuckDBPyConnection, one: dict[str, Any]) -> list[str]:
    columns = one["columns"].replace("%", "#").replace(".", "#")
    return [f"### {one['title']}", "", one["text"], "", *table(tuple(one["header"]), columns, _cells(con, one))]


def _cells(con: duckdb.DuckDBPyConnection, one: dict[str, Any]) -> list[tuple[str, ...]]:
    """The rows of a query as text, by the kinds of its columns."""
    rows = con.execute(one["sql"]).fetchall()
    if not rows:
        msg = f"a query of the page gives no row: {one['sql']}"
        raise ValueError(msg)
    return [tuple(_shown(value, kind) for value, kind in zip(row, one["columns"], strict=True)) for row in rows]


def _shown(value: str | float | None, kind: str) -> str:
    if value is None:
        return "–"
    if kind == "-":
        return str(value)
    if kind == ".":
        return f"{float(value):.3f}"
    return percent(float(value)) if kind == "%" else number(float(value))


def _independent(compared: list[Compared]) -> list[str]:
    """Where independent publishers agree with the release, and the BGS's production beside the USGS's."""
    independent = [one for one in compared if one.statement.kind is Kind.INDEPENDENT]
    by_comparison = (
        (one.what, f"{n.count}", f"{n.agree}", percent(n.median_difference))
        for one in comparisons().values()
        if (n := tally([c for c in independent if c.statement.comparison is one])).count
    )
    surveys = (
        (one.statement.statement, number(one.statement.quoted), _shown(one.ours, "#"),
         percent(one.difference, sign=True))
        for one in independent
        if one.statement.publisher == _BGS and not one.agrees
    )  # fmt: skip
    return [
        "### Independent publishers",
        "",
        "[validation.md](validation.md) has each figure and its reason.",
        "",
        *table(("comparison", "figures", "agree", "median difference"), "-###", by_comparison),
        "Where the USGS and the British Geological Survey differ by more than a tenth, t REO:",
        "",
        *table(("figure", "BGS", "USGS", "difference"), "-###", surveys),
    ]


def main() -> None:
    """Write the page of the checkout that is the current folder, from the published release."""
    if not PAGE.parent.is_dir():
        sys.exit(f"There is no folder {PAGE.parent} here: run this at the top of a checkout.")
    settings = Settings()
    with open_reader(database(settings), settings) as con:
        PAGE.write_text(proved_wrong_page(con), encoding="utf-8")


if __name__ == "__main__":
    main()
