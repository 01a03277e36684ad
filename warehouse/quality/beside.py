"""First statements: compare a partition that nothing precedes with the same query of the year beside it.

A file that was cut at the end of a line has no error in it. Where it prints a total of its partners, the rules of its
feed see the cut (`warehouse/quality/feeds/trade.py`). Where it prints none, the year beside shows it. Between the
bundle's years beside each other that print no total, the number of records falls to two thirds at most, and what
disappears altogether held 31 % of the value at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from sources.model.artifact import Artifact, SourceError
from sources.model.partition import PartitionKey, key_of
from sources.model.source import ParsedTable, TableSpec
from warehouse.quality.expectations.runner import Result
from warehouse.quality.losses import compared

LEAST_RECORDS = 0.65
"""Records as a share of those of the year beside: half a file has about half of them, less or more by a third."""

MOST_VALUE_ABSENT = 0.5
"""Share of the value of the year beside that lies with partners and lines of which this year has no record."""

FEWEST_COMPARED = 20
"""Records of the year beside from which a comparison means anything."""

MOST_SET_ASIDE = 0.1
"""Share of a year's records that were set aside, above which it is not compared."""

_COMPLETE_AFTER = timedelta(days=120)
"""Time after the end of a year in which publishers may still add its last months."""

_WHY = "a file that was cut at the end of a line has no error in it; the year beside shows what is missing"

_PERIOD = frozenset({"period_type", "period_start", "part_label"})


BESIDE_RULES = (
    "has_two_thirds_of_the_records_of_the_year_beside",
    "partners_and_lines_of_the_year_beside_are_there",
)
"""The rules of `judge_beside`."""


def years_beside(spec: TableSpec, artifact: Artifact) -> list[str]:
    """Names of the same query's partitions of the year before and of the year after; none where names have no year."""
    key = key_of(spec.partitions, artifact.partition)
    year = getattr(key, "year", None)
    if spec.feed not in {"trade", "trade_reference"} or key is None or year is None:
        return []
    return [str(_in_year(key, year + step)) for step in (-1, 1)]


def prints_total(table: ParsedTable) -> bool:
    """Whether a partition prints the total of its partners, by which it is judged instead of by the years beside it."""
    return "is_partner_world" in table.frame.columns and bool(table.frame["is_partner_world"].any())


def judge_beside(artifact: Artifact, table: ParsedTable, years: Sequence[tuple[pl.DataFrame, int]]) -> list[Result]:
    """Gate 1: compare a partition's first statement with the years beside it; it has to be like one of them.

    Each of `years` is the rows of a year, in the columns of the feed, and the number of its records set aside.
    Partitions that print the total of their partners are judged by it instead.
    """
    by_year = [_judge_year(artifact, table, beside, n_rejected) for beside, n_rejected in years]
    by_year = [results for results in by_year if results]
    like = [results for results in by_year if all(result.success for result in results)]
    return next(iter(like or by_year), [])


def _judge_year(artifact: Artifact, table: ParsedTable, beside: pl.DataFrame, n_rejected: int) -> list[Result]:
    if prints_total(table) or table.frame.is_empty() or beside.height < FEWEST_COMPARED:
        return []
    if max(n_rejected / beside.height, table.rejects.height / table.frame.height) > MOST_SET_ASIDE:
        return []
    if artifact.known_from < date(artifact.year, 12, 31) + _COMPLETE_AFTER:
        last_month = table.frame["period_start"].dt.month().max()
        beside = beside.filter(pl.col("period_start").dt.month() <= last_month)
    if artifact.transcription == "extract":
        # a series may begin within a year; what a publisher sends of a year begins in January
        first_month = table.frame["period_start"].dt.month().min()
        beside = beside.filter(pl.col("period_start").dt.month() >= first_month)
    found = {
        BESIDE_RULES[0]: _records(table, beside),
        BESIDE_RULES[1]: _absent(table, beside),
    }
    return [compared(artifact, table.spec, rule, missing, _WHY) for rule, missing in found.items()]


def appears_cut(artifact: Artifact, failed: Sequence[Result]) -> SourceError:
    """The refusal of a first statement: how it differs from the year beside, and what to do."""
    found = "; ".join(str(result.observed) for result in failed)
    return SourceError(
        artifact,
        f"{artifact.partition} appears cut: beside the same query of another year it has {found}.",
        "download it again and look whether it is complete. If the publisher has no more, accept it:"
        f" ree landing accept {artifact.sha256[:12]} REASON.",
    )


def _in_year(key: PartitionKey, year: int) -> PartitionKey:
    return replace(key, year=year)  # type: ignore[call-arg]  # the caller checked that the key has a year


def _records(table: ParsedTable, beside: pl.DataFrame) -> tuple[int, str]:
    """Records that are too few; those of a flow that is printed in parts are one."""
    flow = [column for column in table.spec.key if column != "part_label"]
    n_rows, expected = (frame.select(flow).n_unique() for frame in (table.frame, beside))
    if n_rows >= LEAST_RECORDS * expected:
        return 0, ""
    return expected - n_rows, f"{n_rows:,} records where that has {expected:,}"


def _absent(table: ParsedTable, beside: pl.DataFrame) -> tuple[int, str]:
    """Partners and lines of the year beside that hold much of its value and are absent."""
    identity = [column for column in table.spec.key if column not in _PERIOD]
    lost = beside.join(table.frame, on=identity, how="anti", nulls_equal=True)
    for column in ("value_usd", "net_weight_kg"):
        total = float(beside[column].sum())
        if total > 0:
            share = float(lost[column].sum()) / total
            names = lost.select(pl.concat_str(identity, separator=" ", ignore_nulls=True).unique().sort()).to_series()
            found = f"nothing of {', '.join(names[:5])}, which hold {share:.0%} of {column} there"
            return (len(names), found) if share > MOST_VALUE_ABSENT else (0, "")
    return 0, ""
