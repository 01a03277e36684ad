"""Parts for wholes: what a statement leaves out of the one before it in its partition.

A statement takes the place of the one before it, and what it leaves out ends. A file of one month, or one that was cut
at the end of a line, would end the rest without an error. Publishers do withdraw figures, a few at a time: between the
successive statements at hand (the two of MCS 2026, China's exports by WITS and by Comtrade a year apart) no row was
lost. The limits leave room for a handful.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime

import polars as pl

from sources.model.artifact import Artifact, SourceError
from sources.model.feeds import FEED_TIMES
from sources.model.source import ParsedTable, TableSpec
from warehouse.quality.expectations.runner import Result
from warehouse.quality.neighbours.totals import AGREE, LISTING

MOST_ROWS_LOST = {"trade": 0.1, "trade_reference": 0.1}
"""Share of the rows of the statement before, by feed. A partition of fewer than ten rows may lose none, nor may a
feed that is not named: its tables are published whole, and grow."""

MOST_VALUE_LOST = 0.25
"""Share of the value of the statement before that its lost rows have, totals left out."""

LEAST_CUT_RECORDS = 3
"""Records that are missing at one end of a file and nowhere else: by chance one or two may be the last."""

_WHY = "what a statement leaves out of the one before it ends: a part must not pass for the whole"

LOSS_RULES = (
    "every_period_of_the_statement_before_is_there",
    "no_more_rows_are_lost_than_are_withdrawn",
    "at_most_a_quarter_of_the_value_before_is_lost",
    "no_end_of_the_file_before_is_cut_off",
)
"""The rules of `judge_losses`, in the order of its results."""

_PART = "part_label"
"""The column of a key that tells apart the parts of one flow: stated whole or in parts, it is the same flow."""

_VALUES = ("value_usd", "value_local", "net_weight_kg", "value_t", "share")
"""Columns of which the first with a positive sum measures what is lost."""


def judge_losses(artifact: Artifact, table: ParsedTable, before: pl.DataFrame) -> list[Result]:
    """Gate 1: compare a statement with the one before it in its partition.

    `before` has the columns of the table's feed, one row per row of the earlier statement. Periods of which nothing is
    left are no loss where the artifact states that they are withdrawn. A listing that still adds up to the totals it
    prints is whole, whatever partners it has lost: the publisher took them back.
    """
    spec = table.spec
    now = table.frame
    if not spec.withdrawals.isdisjoint(table.rejects["reason_code"]):
        first_day = FEED_TIMES[spec.feed].first_day
        before = before.filter(pl.col(first_day).is_in(now[first_day].to_list()))
    identity = _identity(spec, before, now)
    lost = before.join(now, on=identity, how="anti", nulls_equal=True)
    kept = before.join(now, on=identity, how="semi", nulls_equal=True)
    none = (0, "")
    is_whole = _adds_up(now, lost)
    found = (
        _lost_periods(spec, before, now),
        none if is_whole else _lost_rows(spec, before, lost),
        none if is_whole else _lost_value(before, lost),
        none if is_whole else _cut_off(lost, kept),
    )
    return [compared(artifact, spec, rule, missing, _WHY) for rule, missing in zip(LOSS_RULES, found, strict=True)]


def compared(artifact: Artifact, spec: TableSpec, rule: str, missing: tuple[int, str], why: str) -> Result:
    """The result of comparing a statement with another: how much is missing, and what in words."""
    count, found = missing
    return Result(
        gate=1,
        table_name=spec.name,
        partition=artifact.partition,
        rule=rule,
        expectation="comparison",
        column_name=None,
        severity="critical",
        success=count == 0,
        raised=False,
        observed=found or None,
        unexpected_count=count,
        element_count=None,
        sample=json.dumps([found], ensure_ascii=False) if found else None,
        why=why,
        checked_at=datetime.now(UTC),
    )


def loses_too_much(artifact: Artifact, failed: Sequence[Result]) -> SourceError:
    """The refusal of a statement: what it leaves out, and what to do."""
    losses = "; ".join(str(result.observed) for result in failed)
    return SourceError(
        artifact,
        f"takes the place of {artifact.partition} and leaves out what has landed of it: {losses}.",
        "download all of the year so far, not only what is new, and look whether the file is complete. If the publisher"
        f" withdrew these, accept it: ree landing accept {artifact.sha256[:12]} REASON.",
    )


def _identity(spec: TableSpec, before: pl.DataFrame, now: pl.DataFrame) -> list[str]:
    """The columns that name what a row measures: the key, without the part where only one statement has parts."""
    has_parts = [_PART in spec.key and frame[_PART].is_not_null().any() for frame in (before, now)]
    return [column for column in spec.key if column != _PART or all(has_parts)]


def _lost_periods(spec: TableSpec, before: pl.DataFrame, now: pl.DataFrame) -> tuple[int, str]:
    """Periods of which nothing is left."""
    time = FEED_TIMES[spec.feed]
    if not time.has_periods:
        return 0, ""
    lost = sorted(set(before[time.first_day]) - set(now[time.first_day]))
    return len(lost), ", ".join(f"{day:%Y-%m}" if isinstance(day, date) else str(day) for day in lost)


def _adds_up(now: pl.DataFrame, lost: pl.DataFrame) -> bool:
    """Whether the partners of each listing that lost one add up to its printed total, and no total is lost."""
    if "is_partner_world" not in now.columns or lost.is_empty() or lost["is_partner_world"].any():
        return False
    is_world = pl.col("is_partner_world")
    listings = now.group_by(LISTING).agg(
        total=pl.col("value_usd").filter(is_world).sum(),
        added=pl.col("value_usd").filter(~is_world).sum(),
        rounding=pl.col("value_rounding_usd").sum(),
        has_total=is_world.any() & pl.col("value_usd").filter(is_world).is_not_null().all(),
    )
    agrees = (pl.col("added") - pl.col("total")).abs() <= AGREE * pl.col("total") + pl.col("rounding") + 1
    whole = listings.filter(pl.col("has_total") & agrees)
    return lost.join(whole, on=LISTING, how="anti", nulls_equal=True).is_empty()


def _lost_rows(spec: TableSpec, before: pl.DataFrame, lost: pl.DataFrame) -> tuple[int, str]:
    if lost.height <= MOST_ROWS_LOST.get(spec.feed, 0) * before.height:
        return 0, ""
    return lost.height, f"{lost.height:,} of {before.height:,} rows"


def _lost_value(before: pl.DataFrame, lost: pl.DataFrame) -> tuple[int, str]:
    """Rows that carry too much of the value before."""
    before, lost = _without_totals(before), _without_totals(lost)
    for column in _VALUES:
        total = float(before[column].sum()) if column in before.columns else 0.0
        if total > 0:
            share = float(lost[column].sum()) / total
            return (lost.height, f"{share:.0%} of {column}") if share > MOST_VALUE_LOST else (0, "")
    return 0, ""


def _without_totals(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows without printed totals, which would count everything twice."""
    if "is_partner_world" in frame.columns:
        return frame.filter(~pl.col("is_partner_world"))
    return frame.filter(pl.col("scope") == "country") if "scope" in frame.columns else frame


def _cut_off(lost: pl.DataFrame, kept: pl.DataFrame) -> tuple[int, str]:
    """Records that are missing at one end of the file before, while all others are there."""
    records = lost["artifact_row"].n_unique()
    if records < LEAST_CUT_RECORDS or kept.is_empty():
        return 0, ""
    first_lost, last_lost = lost["artifact_row"].min(), lost["artifact_row"].max()
    first_kept, last_kept = kept["artifact_row"].min(), kept["artifact_row"].max()
    if first_lost > last_kept:  # type: ignore[operator]  # whole numbers, none of them null
        return records, f"the last {records:,} records"
    if last_lost < first_kept:  # type: ignore[operator]
        return records, f"the first {records:,} records"
    return 0, ""
