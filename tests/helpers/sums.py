"""What a view of `bi` declares about its numbers (`sums` in its yml), checked on its rows.

Each check returns what breaks it, as sentences. A period is of one kind in a view, so two of them overlap only where
they are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

NOT_A_MEASURE = {"year"}
"""Numbers that name a period."""

_NUMERIC = ("DOUBLE", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL")

FIGURELESS = {
    "not_available", "withheld", "at_least", "at_most", "range", "no_value", "year_incomplete", "quarantined",
    "not_published_yet", "not_held",
}  # fmt: skip
"""Words of `certainty` that say why there is no figure."""

ROUNDING_OF_PRINTED_DIGITS = "0.5 * pow(10, length(digits) - length(rtrim(digits, '0')))"
"""Half a unit of the last digit that is not a zero: 5,000 of 390,000."""


def period_of(sums: Mapping[str, Any]) -> str:
    """The column that a chart of the view has as its axis."""
    return str(sums.get("period", "period_start"))


def undeclared_numbers(con: duckdb.DuckDBPyConnection, view: str, sums: Mapping[str, Any]) -> Iterator[str]:
    """Numbers of which the view does not say whether they are added up, and declared columns that it lacks."""
    columns = {name: kind for name, kind, *_ in con.execute(f"describe {view}").fetchall()}
    numbers = {name for name, kind in columns.items() if kind.startswith(_NUMERIC)} - NOT_A_MEASURE
    declared = {*sums.get("additive", {}), *sums.get("by_thing", ())}
    yield from (f"{view}.{name} is a number and neither additive nor by_thing" for name in sorted(numbers - declared))
    yield from (f"{view}.{name} is declared and no number of it" for name in sorted(declared - numbers))


def repeated_periods(con: duckdb.DuckDBPyConnection, view: str, sums: Mapping[str, Any]) -> Iterator[str]:
    """Things that have a period twice, and periods of another kind than the view's."""
    period, kind = period_of(sums), sums["period_type"]
    things = ", ".join([*sums["things"], period])
    for *thing, n in con.execute(
        f"select {things}, count(*) from {view} group by {things} having count(*) > 1"
    ).fetchall():
        yield f"{view}: {n} rows of {thing}"
    if kind == "day":
        return
    others = con.execute(
        f"select distinct {period} from {view} where {period} not in"
        " (select period_start from core.dim_period where period_type = ?)",
        [kind],
    ).fetchall()
    yield from (f"{view}: {day} begins no {kind}" for (day,) in others)


def partial_sums(con: duckdb.DuckDBPyConnection, view: str, sums: Mapping[str, Any]) -> Iterator[str]:
    """Periods whose sum is made of other parts than that of another period: a chart of it would jump or fall."""
    period = period_of(sums)
    for measure, parts in sums.get("additive", {}).items():
        if not parts:
            continue
        part = f"concat_ws('/', {', '.join(parts)})"
        made_of = con.execute(
            f"select parts, min({period}), max({period}) from ("
            f"select {period}, string_agg(distinct {part}, ', ' order by {part}) as parts"
            f" from {view} where {measure} is not null group by {period}) group by parts"
        ).fetchall()
        if len(made_of) > 1:
            yield f"{view}.{measure} is made of different {parts}: {made_of}"


def missed_totals(con: duckdb.DuckDBPyConnection, view: str, sums: Mapping[str, Any]) -> Iterator[str]:
    """Sums that are not the total that is published for the same thing."""
    for total in sums.get("totals", ()):
        per = ", ".join(total["per"])
        within = ROUNDING_OF_PRINTED_DIGITS if total["within"] == "printed_digits" else "1e-9 * abs(printed)"
        compared = con.execute(
            f"with added as (select {per}, sum({total['measure']}) as added from {view} group by {per}),"
            f" totals as (select {per}, {total['column']} as printed,"
            f" cast(cast({total['column']} as bigint) as varchar) as digits"
            f" from {total['of']} where {total['where']})"
            f" select {per}, added, printed, abs(added - printed) <= {within}"
            f" from added inner join totals using ({per}) where added is not null or printed is not null"
        ).fetchall()
        if not compared:
            yield f"{view}: nothing to compare with {total['of']}"
        for *key, added, printed, is_near in compared:
            if not is_near:
                yield f"{view}: {key} adds up to {added}, published is {printed}"


def unexplained_gaps(con: duckdb.DuckDBPyConnection, view: str, sums: Mapping[str, Any]) -> Iterator[str]:
    """Rows without a figure whose `certainty` does not say why, and rows with one that `certainty` calls missing."""
    if "figure" not in sums:
        return
    figure, words = sums["figure"], ", ".join(f"'{word}'" for word in sorted(FIGURELESS))
    rows = con.execute(
        f"select {', '.join(sums['things'])}, {period_of(sums)}, {figure}, certainty from {view}"
        f" where ({figure} is null) <> (certainty in ({words}))"
    ).fetchall()
    yield from (f"{view}: {row}" for row in rows)


CHECKS = (undeclared_numbers, repeated_periods, partial_sums, missed_totals, unexplained_gaps)
