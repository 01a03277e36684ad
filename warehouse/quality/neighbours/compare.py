"""Compares the loads that wait for it with everything that is loaded, and refuses those that read better otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from warehouse.quality.expectations.runner import Result
from warehouse.quality.neighbours.exchange import LABELS, SINGLE, exchanges
from warehouse.quality.neighbours.figures import Batch, batches, collect_figures, leave_out, read_batch
from warehouse.quality.neighbours.references import Medians, medians, with_references
from warehouse.quality.neighbours.scale import misfits
from warehouse.quality.neighbours.totals import RULE as TOTALS
from warehouse.quality.neighbours.totals import contradictions

TO_COMPARE, LOADED = "to_compare", "loaded"
"""Status of a load before and after it was compared. Models read loads of the second status only."""

SCALE = "figures_fit_their_neighbours"
RULES: dict[str, str] = {
    SCALE: "a file in another unit, or with two columns exchanged, fits its neighbours better when read so",
    LABELS: "two labels exchanged: each figure fits the other's neighbours",
    "periods_fit_their_neighbours": "two periods exchanged: other statements have them the other way round",
    SINGLE: "one large figure, or one that is stated elsewhere too, is off by a power of ten",
    TOTALS: "a partner is in another unit, missing or counted twice",
}
"""The rules of the comparison, each with its reason. All are critical; a person can accept a file that fails one."""

_KINDS = {
    "value_same": "values over other statements of the same period",
    "value_mirror": "values over the other side's report",
    "value_beside": "values over the years beside it",
    "weight_same": "weights over other statements of the same period",
    "weight_mirror": "weights over the other side's report",
    "weight_beside": "weights over the years beside it",
    "local_same": "local money over other statements of the same period",
    "local_beside": "local money over the years beside it",
    "unit_beside": "unit values over the years beside it",
    "unit_code": "unit values over those of the code elsewhere",
    "rate": "exchange rates over those elsewhere",
}
_LEAST_SHOWN = 0.3
"""Median offset, in decimal orders, from which a message names it."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """What does not fit of one load. `strength` orders misfits: evidence over its limit (3.4)."""

    load_id: str
    rule: str
    reading: str
    strength: float


def misfits_of(con: duckdb.DuckDBPyConnection) -> list[Misfit]:
    """What does not fit of the loads that wait to be compared.

    A wrong load also makes its neighbours misfit. So the strongest misfit is taken first, and what remains is compared
    again without that load. Loads are compared in batches, so that memory does not grow with what is loaded.
    """
    collect_figures(con, TO_COMPARE)
    every = batches(con, TO_COMPARE)
    misfitting: list[list[Misfit]] = [[] for _ in every]
    found: list[Misfit] = []
    again = list(range(len(every)))
    while again:
        of_codes = medians(con)
        for number in again:
            misfitting[number] = _compared(con, every[number], of_codes)
        remaining = [misfit for some in misfitting for misfit in some]
        if not remaining:
            break
        worst = max(remaining, key=lambda misfit: (misfit.strength, misfit.load_id)).load_id
        found += [misfit for misfit in remaining if misfit.load_id == worst]
        of_worst = leave_out(con, worst)
        again = [number for number, batch in enumerate(every) if batch.is_near(of_worst)]
    refused = {misfit.load_id for misfit in found}
    return found + [misfit for misfit in _contradicting(con) if misfit.load_id not in refused]


def _compared(con: duckdb.DuckDBPyConnection, batch: Batch, of_codes: Medians) -> list[Misfit]:
    figures = read_batch(con, batch)
    if figures.rows.is_empty():
        return []
    of_others, of_any = with_references(figures, of_codes)
    groups = (
        (of_others, ["load_id"]),
        (of_others, ["load_id", "kind"]),
        (of_any, ["load_id", "year"]),
        (of_any, ["load_id", "account", "kind"]),
    )
    found = [_misfit(row, by) for rows, by in groups for row in misfits(rows, by).iter_rows(named=True)]
    return found + [
        Misfit(one.load_id, one.rule, f"they fit better with {one.reading}", one.evidence / one.limit)
        for one in exchanges(of_others)
    ]


def _misfit(row: dict[str, Any], by: list[str]) -> Misfit:
    where = ", ".join(str(row[name]) for name in by if name != "load_id")
    offsets = {kind: row[f"off_{kind}"] for kind in _KINDS}
    shown = [
        f"{text} {_factor(offset)}"
        for kind, text in _KINDS.items()
        if isinstance(offset := offsets[kind], float) and abs(offset) >= _LEAST_SHOWN
    ]
    reading = f"{row['count']} figures{' of ' + where if where else ''} fit better with {row['alternative']}"
    medians = f"; medians as printed: {', '.join(shown)}" if shown else ""
    return Misfit(str(row["load_id"]), SCALE, reading + medians, row["evidence"] / row["limit"])


def _factor(offset: float) -> str:
    """A decimal order as a factor: `x 1,000` of 3.0, `x 0.001` of -3.0."""
    return f"x {10**offset:,.3g}" if offset < 3 else f"x {10**offset:,.0f}"


def _contradicting(con: duckdb.DuckDBPyConnection) -> Iterable[Misfit]:
    for load_id, rows in contradictions(con).group_by("load_id", maintain_order=True):
        row = rows.row(0, named=True)
        more = f", and {rows.height - 1} more" if rows.height > 1 else ""
        reading = (
            f"partners of {row['reporter_code']} {row['flow']} {row['hs_code']}, {row['period_start']} to"
            f" {row['period_end']}, add up to {row['added']:,.0f} US$ beside a total of {row['total']:,.0f}"
            f" ({row['other_partition']}){more}"
        )
        yield Misfit(str(load_id[0]), TOTALS, reading, 1.0)


def result_of(misfit: Misfit, table: str, partition: str, accepted: str, *, stops: bool) -> Result:
    """The misfit as a result of gate 1: critical where it stops the build, else a warning."""
    return Result(
        gate=1,
        table_name=table,
        partition=partition,
        rule=misfit.rule,
        expectation="comparison",
        column_name=None,
        severity="critical" if stops else "warning",
        success=False,
        raised=False,
        observed=misfit.reading,
        unexpected_count=None,
        element_count=None,
        sample=None,
        why=f"{RULES[misfit.rule]}; accepted: {accepted}" if accepted else RULES[misfit.rule],
        checked_at=datetime.now(UTC),
    )
