"""Fetch US trade from the International Trade API: a year of a flow of a code at one level a request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sources.http.config import ClientConfig
from sources.http.errors import RETRIED_NEXT_RUN, FetchError, NotAllowedError, RetryableError, not_allowed_remedy
from sources.http.fetcher import FetchContext, FetchResult, Task, TaskState
from sources.http.response import Body, detect_kind
from sources.publishers.us_census.partition import Partition
from sources.reading.layouts import declared

_HERE = Path(__file__).parent
_KEY_PAGES = ("missing_key", "invalid_key")
"""Pages that a request without a valid key is redirected to."""


def discover(context: FetchContext) -> dict[str, Any]:
    """The newest month that is out, of imports of the first code: `{"newest": "2026-08"}`.

    Raises:
        FetchError: the key is wrong, the publisher cannot be reached, or it has no month of this year or the last.
    """
    live, year = context.about["live"], context.today.year
    newest = ""
    for asked in (year, year - 1):
        body = _ask(context, Partition("M", live["codes"][0], 6, asked))
        if not body.is_empty:
            newest = max(_months(body))
            break
    if not newest:
        raise FetchError(
            context.source_code,
            f"has no month of {year - 1} or {year} of {live['codes'][0]}; that is not zero trade.",
            RETRIED_NEXT_RUN,
        )
    return {"newest": newest}


def plan(context: FetchContext) -> list[Task]:
    """A task a year, flow, code and level that is due, newest years first.

    The recent years are due when a month is out that they were not fetched with, others after `older_days`.
    """
    newest = context.catalogue.get("newest", "")
    tasks = []
    for partition in _partitions(context):
        previous = context.states.get(str(partition))
        first, last = date(partition.year, 1, 1), date(partition.year, 12, 31)
        why = _why_due(context, partition, previous, newest)
        if why and context.window.touches(first, last):
            records = int(previous.cursor["records"]) if previous else context.about["live"]["records"]
            params = {"partition": partition}
            tasks.append(Task(str(partition), first, last, calls=1, records=records, why=why, params=params))
    return tasks


def _partitions(context: FetchContext) -> Iterator[Partition]:
    live = context.about["live"]
    newest_year = int(context.catalogue.get("newest", str(context.today.year))[:4])
    for year in range(newest_year, live["first_year"] - 1, -1):
        for code in live["codes"]:
            for digits in live["digits"]:
                yield Partition("M", code, digits, year)
                yield Partition("X", code, digits, year)


def _why_due(context: FetchContext, partition: Partition, previous: TaskState | None, newest: str) -> str:
    """Why a year is due, or "" where it is not."""
    live = context.about["live"]
    if previous is None:
        return "never fetched"
    age = (context.today - previous.fetched_at.date()).days
    is_recent = partition.year > context.today.year - live["recent_years"]
    if is_recent and newest > previous.cursor["newest"]:
        return f"{newest} is out; it was fetched when {previous.cursor['newest']} was the newest month"
    return f"last fetched {age} days ago" if age >= live["older_days"] else ""


def fetch(context: FetchContext, task: Task) -> FetchResult:
    """One year's answer as a statement known from today: the publisher states no day with it.

    No data (204) is no statement, and never zero trade.

    Raises:
        FetchError: no attempt received an answer, or a year that had figures has none.
    """
    partition: Partition = task.params["partition"]
    body = _ask(context, partition)
    cursor = {"newest": context.catalogue["newest"], "records": "0"}
    if body.path is None:
        if str(partition) in context.landed:
            raise FetchError(body.url, f"has no data of {partition}, which had figures; those stay.", RETRIED_NEXT_RUN)
        return FetchResult((), cursor, "no data")
    records = len(body.json()) - 1
    artifact = context.artifact(
        body.path,
        name=f"{str(partition).replace('/', '_').lower()}.json",
        layout=_layout(partition)["id"],
        partition=str(partition),
        year=partition.year,
        release=f"as fetched {context.today}",
        known_from=context.today,
        known_basis="assumed",
        url=body.url,
    )
    return FetchResult((artifact,), cursor | {"records": str(records)}, f"{records} records")


def _layout(partition: Partition) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(one for one in declared(_HERE)["layout"] if one["flow"] == partition.flow)
    return found


def _ask(context: FetchContext, partition: Partition) -> Body:
    """Request a year. Of the lines of a code all are asked for, by its first six digits."""
    layout = _layout(partition)
    params = {
        "get": ",".join(name for name in layout["columns"] if name != "time"),
        "COMM_LVL": f"HS{partition.digits}",
        layout["code"]: partition.code + ("*" if partition.digits > len(partition.code) else ""),
        "time": f"from {partition.year}-01 to {partition.year}-12",
    }

    def check(body: Body) -> None:
        _require_answer(body, context.http.config)

    address = f"{context.about['live']['folder']}/{layout['path']}"
    return context.http.get(address, params=params, may_be_empty=True, check=check)


def _require_answer(body: Body, config: ClientConfig) -> None:
    """An array of a header and records. Without a valid key the request ended at a page that says so."""
    if any(page in body.location for page in _KEY_PAGES):
        raise NotAllowedError(body.url, "does not accept the key.", not_allowed_remedy(config))
    kind = detect_kind(body.read()[:200])
    if kind != "json":
        raise RetryableError(body.url, f"is {kind} where json is due.", RETRIED_NEXT_RUN)
    try:
        records = body.json()
    except FetchError as error:
        raise RetryableError(body.url, "is JSON that is not whole.", RETRIED_NEXT_RUN) from error
    is_table = isinstance(records, list) and len(records) > 1 and all(isinstance(row, list) for row in records)
    if not is_table or "time" not in records[0]:
        raise RetryableError(body.url, "is no array of a header and records.", RETRIED_NEXT_RUN)


def _months(body: Body) -> Iterator[str]:
    header, *records = body.json()
    place = header.index("time")
    return (str(record[place]) for record in records)
