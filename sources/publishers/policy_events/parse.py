"""Read the list of policy steps."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, LayoutError, UnknownLabelError
from sources.model.feeds import CLOSED_LISTS
from sources.model.source import ParsedTable, TableSpec, conform
from sources.publishers.policy_events.ids import event_ids, short_title
from sources.reading.columns import by_closed_list, in_window
from sources.reading.delimited import read_records
from sources.reading.layouts import declared, layout_of
from sources.reading.tables import rejects_from, to_feed_schema

_HERE = Path(__file__).parent
ELEMENT_GROUPS = ("ALL", "LIGHT", "LISTED")
"""Tokens for several elements at once; `layouts.toml` says what each means."""
_HS_CODES = r"^([0-9]{4,10}(;[0-9]{4,10})*)?$"
_EVENT_ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"

_DAYS = ("announced_on", "effective_from", "suspended_on", "ended_on", "public_by")
_MAY_BE_A_MONTH = "ended_on"
_OPTIONAL = (*_DAYS, "target", "affected_flow", "subject", "same_step_as")
"""Columns that only the layout `extract_dated_events` has."""
_EVERY_PARTNER = "ALL"

EVENTS_TABLE = TableSpec(name="policy_events__events", feed="policy_events", key=("event_id",))
TABLES = (EVENTS_TABLE,)


def _elements(artifact: Artifact, records: pl.DataFrame, lists: dict[str, Any]) -> pl.Expr:
    """The tokens of each record's elements; a word that is no symbol and not listed stops the load."""
    symbols = set(lists["lists"]["symbols"])
    known: dict[Any, Any] = {"": ""} | lists["elements"]
    for printed in records["elements"].unique():
        if printed not in known and set(printed.split(";")) <= symbols:
            known[printed] = printed
    return by_closed_list(artifact, records, "elements", known)


def _actors(records: pl.DataFrame, single: list[str]) -> dict[Any, Any]:
    """The actors of the list, and the combinations of them that the records name, each of them once."""
    known = dict(zip(single, single, strict=True))
    for printed in records["actor"].unique():
        parts = printed.split("-")
        if set(parts) <= set(single) and len(set(parts)) == len(parts):
            known[printed] = printed
    return known


def _targets(records: pl.DataFrame, areas: list[str]) -> dict[Any, Any]:
    """Whom steps are aimed at: nobody in particular, every partner, or areas joined by ";", each of them once."""
    known: dict[Any, Any] = {"": None, _EVERY_PARTNER: _EVERY_PARTNER}
    for printed in records["target"].unique():
        parts = printed.split(";")
        if set(parts) <= set(areas) and len(set(parts)) == len(parts):
            known[printed] = printed
    return known


def _or_null(words: tuple[str, ...]) -> dict[Any, Any]:
    return {"": None} | {word: word for word in words}


def _days() -> list[pl.Expr]:
    """The days beside `date`; an end of which only the month or the year is known is the last day it allows."""
    return [
        in_window(column)[1] if column == _MAY_BE_A_MONTH else pl.col(column).str.to_date("%Y-%m-%d", strict=False)
        for column in _DAYS
    ]


def _precision_of(column: str) -> pl.Expr:
    """`day`, `month` or `year` by the length of the cell, null where it is empty."""
    return pl.col(column).str.len_chars().replace_strict({10: "day", 7: "month", 4: "year"}, default=None)


def _public_basis() -> pl.Expr:
    """`stated` where the day is that of the notice or of the press report, `assumed` where it is a later safe day."""
    of_notice = pl.col("public_by") == pl.col("announced_on")
    of_report = (
        (pl.col("date_basis") == "press")
        & (pl.col("date_precision") == "day")
        & (pl.col("public_by") == pl.col("event_date"))
    )
    stated = of_notice.fill_null(value=False) | of_report.fill_null(value=False)
    return pl.when(pl.col("public_by").is_not_null()).then(
        pl.when(stated).then(pl.lit("stated")).otherwise(pl.lit("assumed"))
    )


def _require_form(artifact: Artifact, records: pl.DataFrame, column: str, pattern: str, meaning: str) -> None:
    """Codes and ids are the key to other tables: one of another form stops the load by name."""
    other = records.filter(~pl.col(column).str.contains(pattern))
    if other.height:
        raise UnknownLabelError(
            artifact,
            f"record {other['artifact_row'][0]} says {column} {other[column][0]!r}, which is not {meaning}.",
            "correct the record.",
        )


def _require_words(artifact: Artifact, records: pl.DataFrame) -> None:
    for column in ("actor", "event_type", "instrument", "title", "source_url"):
        empty = records.filter(pl.col(column).str.strip_chars() == "")
        if empty.height:
            raise LayoutError(
                artifact, f"record {empty['artifact_row'][0]} has no {column}.", "a step without it says nothing."
            )


def _read_words(artifact: Artifact, records: pl.DataFrame, lists: dict[str, Any]) -> pl.DataFrame:
    """Each word replaced by what its closed list makes of it; how much of the date is confirmed, in `confirmed`."""
    same = {"event_type": lists["lists"]["event_types"], "direction": CLOSED_LISTS["direction"]}
    of_precision = {
        name: {row["says"]: str(row[name]) for row in lists["precision"]} for name in ("precision", "basis", "chars")
    }
    chars = by_closed_list(artifact, records, "date_precision", of_precision["chars"]).cast(pl.Int64)
    return records.with_columns(
        *(by_closed_list(artifact, records, column, words).alias(column) for column, words in same.items()),
        by_closed_list(artifact, records, "actor", _actors(records, lists["lists"]["actors"])).alias("actor"),
        by_closed_list(artifact, records, "target", _targets(records, lists["lists"]["actors"])).alias("target"),
        *(
            by_closed_list(artifact, records, column, _or_null(CLOSED_LISTS[column])).alias(column)
            for column in ("affected_flow", "subject")
        ),
        by_closed_list(artifact, records, "date_precision", of_precision["precision"]).alias("date_precision"),
        by_closed_list(artifact, records, "date_precision", of_precision["basis"]).alias("date_basis"),
        _elements(artifact, records, lists).alias("elements"),
        pl.col("date").alias("date_raw"),
        pl.when(pl.col("date").str.len_chars() >= chars).then(pl.col("date").str.slice(0, chars)).alias("confirmed"),
    )


def _require_once(artifact: Artifact, records: pl.DataFrame, but: tuple[str, ...]) -> None:
    """In a list without ids, a record that says what another says is a step listed twice."""
    order = records.drop(*but, strict=False).sort(pl.exclude("artifact_row"), "artifact_row")
    for one, other in pairwise(order.select("artifact_row", pl.exclude("artifact_row")).rows()):
        if one[1:] == other[1:]:
            raise LayoutError(artifact, f"record {other[0]} repeats record {one[0]}.", "list each step once.")


def _with_ids(dated: pl.DataFrame) -> pl.DataFrame:
    """Add an id and a title that fits to the steps of a list that has no ids."""
    steps = dated.select("actor", "confirmed", "instrument", "event_type").rows()
    return dated.with_columns(
        pl.Series("event_id", event_ids(steps), pl.String),
        pl.col("title").map_elements(short_title, pl.String),
    )


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read the list.

    Returns one table of `POLICY_EVENTS` rows, one a step; where only the month or the year is confirmed, from its first
    to its last day. Records with a day that cannot be read are set aside as `unreadable_value`.

    Raises:
        LayoutError: columns gained or lost, an undeclared layout, an empty title or address, a step or event_id twice.
        TruncatedError: a record ends early, or there is none.
        UnknownLabelError: a precision, actor, type, direction or element that is not known; codes that are no codes.
    """
    layout, lists = layout_of(artifact, _HERE), declared(_HERE)
    records = read_records(artifact, layout["columns"]).with_columns(
        *(pl.lit("").alias(column) for column in _OPTIONAL if column not in layout["columns"])
    )
    _require_words(artifact, records)
    derives_ids = layout.get("derives_ids", False)
    if derives_ids:
        _require_once(artifact, records, but=("found_in",))
    else:
        _require_form(artifact, records, "event_id", _EVENT_ID, "words and numbers joined by hyphens")
    _require_form(artifact, records, "hs_codes", _HS_CODES, "codes of 4 to 10 digits joined by ';'")
    first, last = in_window("confirmed")
    whole_date, _ = in_window("date")  # must be a date too, also the part of it that nothing confirms
    dated = _read_words(artifact, records, lists).with_columns(
        pl.when(whole_date.is_not_null()).then(first).alias("event_date"),
        last.alias("event_date_last"),
        pl.any_horizontal(
            (pl.col(column) != "") & day.is_null() for column, day in zip(_DAYS, _days(), strict=True)
        ).alias("has_misprint"),
        *_days(),
        _precision_of(_MAY_BE_A_MONTH).alias("ended_on_precision"),
        pl.when(pl.col("same_step_as") != "").then("same_step_as").alias("same_step_as"),
    )
    dated = dated.with_columns(_public_basis().alias("public_basis"))
    unreadable = pl.col("event_date").is_null() | pl.col("has_misprint")
    undated = records.join(dated.filter(unreadable), on="artifact_row", how="semi")
    rejects = rejects_from(
        undated, "unreadable_value", "a date that is none, or not of the precision it claims", layout["columns"]
    )
    kept = dated.filter(~unreadable)
    rows = to_feed_schema(EVENTS_TABLE, _with_ids(kept) if derives_ids else kept)
    return (conform(EVENTS_TABLE, artifact, rows, rejects),)
