"""Fetch Brazil's monthly trade from Comex Stat, one year of one flow of one code a task.

Codes and their lines are data in `source.toml`; which years are due is in `sources/http/years.py`.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import Any

from sources.http.errors import RETRIED_NEXT_RUN, FetchError, RetryableError, SchemaChangedError
from sources.http.fetcher import FetchContext, FetchResult, Task
from sources.http.response import Body
from sources.http.years import cursor_of, refuse_loss, year_task, years
from sources.model.artifact import Artifact
from sources.publishers.brazil_comexstat.partition import Partition
from sources.reading.json_text import as_cell
from sources.reading.layouts import declared

log = logging.getLogger("ree.brazil_comexstat")

Record = dict[str, Any]
FLOWS = {"M": "import", "X": "export"}
"""Flows as a request names them, by the letter of a partition."""
_HERE = Path(__file__).parent
_LAYOUT = "comexstat_general"
_DAY = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")
_NOT_SERVED = frozenset({400, 404, 405, 410, 501})


def discover(context: FetchContext) -> dict[str, Any]:
    """Find the day on which Comex Stat last changed its figures: `{"updated": "2026-09-04"}`.

    "" where it states none: then years are due by their age alone.

    Raises:
        FetchError: no valid response.
    """
    live = context.about["live"]
    try:
        payload = context.http.get(live["updated"], expect="json", check=_require_no_error).json()
    except FetchError as error:
        if error.status not in _NOT_SERVED:
            raise
        log.warning("%s: the day of its figures is not known: %s", context.source_code, error)
        return {"updated": ""}
    data = payload.get("data", payload)
    day = str(data.get("updated") or "") if isinstance(data, dict) else ""
    return {"updated": day[:10] if _DAY.match(day) else ""}


def plan(context: FetchContext) -> list[Task]:
    """The years of each code and flow that are due, the newest first; a call each."""
    updated = str(context.catalogue.get("updated", ""))
    due = [
        year_task(context, str(Partition(flow, code, year)), year, {"flow": flow, "code": code}, updated)
        for year in years(context)
        for code in context.about["live"]["lines"]
        for flow in FLOWS
    ]
    return [task for task in due if task]


def fetch(context: FetchContext, task: Task) -> FetchResult:
    """Fetch one year of one flow of one code; the answer lands as received.

    A year without a record does not land: it is not out, or had no trade.

    Raises:
        FetchError: no valid answer.
    """
    live, year = context.about["live"], task.first.year
    lines = list(live["lines"][task.params["code"]])
    body = context.http.post(
        live["records"],
        params={"language": live["language"]},
        payload={
            "flow": FLOWS[task.params["flow"]],
            "monthDetail": True,
            "period": {"from": f"{year}-01", "to": f"{year}-12"},
            "filters": [{"filter": "ncm", "values": lines}],
            "details": ["country", "ncm"],
            "metrics": ["metricFOB", "metricKG"],
        },
        expect="json",
        check=lambda answer: _require_answer(answer, year, lines),
    )
    records = _records(body)
    months = sorted({_month(record) for record in records})
    refused = refuse_loss(context, task, months)
    if refused:
        return refused
    cursor = cursor_of(months, len(records), str(context.catalogue.get("updated", "")))
    if not records:
        return FetchResult((), cursor, "no record: not out, or no trade")
    return FetchResult((_artifact(context, task, body),), cursor, f"{len(records)} records")


def _require_no_error(body: Body) -> None:
    """An answer is an object that states no error. A used-up rate may come with status 200 and a code in the body."""
    payload = body.json()
    if not isinstance(payload, dict):
        raise RetryableError(body.url, f"is no answer of Comex Stat: {str(payload)[:100]!r}.", RETRIED_NEXT_RUN)
    error = payload.get("error")
    if not error:
        return
    code = str(error.get("code") if isinstance(error, dict) else error)
    if code == str(int(HTTPStatus.TOO_MANY_REQUESTS)):
        raise RetryableError(body.url, f"asks to wait: {str(error)[:200]!r}.", RETRIED_NEXT_RUN)
    raise FetchError(body.url, f"says {str(error)[:200]!r}.", "check whether Comex Stat changed its interface.")


def _require_answer(body: Body, year: int, lines: list[str]) -> None:
    """An answer is a success, with a list of records of flows that were requested."""
    _require_no_error(body)
    payload = body.json()
    data = payload.get("data")
    records = data.get("list") if isinstance(data, dict) else None
    is_list = isinstance(records, list) and all(isinstance(record, dict) for record in records)
    if payload.get("success") is not True or not is_list:
        raise FetchError(
            body.url,
            f"is no success with records under data.list: success is {payload.get('success')!r}, message"
            f" {str(payload.get('message'))[:200]!r}, fields are {sorted(payload)[:10]}.",
            "check whether Comex Stat changed its interface.",
        )
    _require_records(body, _records(body), year, lines)


def _require_records(body: Body, records: list[Record], year: int, lines: list[str]) -> None:
    """Each record has its fields and is of the year and a line that was requested; no flow is there twice."""
    layout = next(layout for layout in declared(_HERE)["layout"] if layout["id"] == _LAYOUT)
    columns, known = set(layout["columns"]), {*layout["columns"], *layout["beside"]}
    for number, record in enumerate(records, 1):
        if lost := sorted(columns - set(record)):
            raise SchemaChangedError(
                body.url, f"changed its layout: record {number} lost {lost},"
                f" gained {sorted(set(record) - known)}.",
                "if Comex Stat renamed or removed them, the parser must learn the new ones.",
            )  # fmt: skip
        if as_cell(record["year"]) != str(year) or as_cell(record["coNcm"]) not in lines:
            raise RetryableError(
                body.url, f"holds record {number} of line {record['coNcm']} and year {record['year']}, which was not"
                " requested.", RETRIED_NEXT_RUN,
            )  # fmt: skip
    flows = Counter((_month(record), as_cell(record["country"]), as_cell(record["coNcm"])) for record in records)
    if twice := [" ".join(flow) for flow, n in flows.items() if n > 1]:
        raise RetryableError(body.url, f"holds {twice[:3]} more than once.", RETRIED_NEXT_RUN)


def _records(body: Body) -> list[Record]:
    records: list[Record] = body.json()["data"]["list"]
    return records


def _month(record: Record) -> str:
    """The month of a record: "202501"."""
    return f"{as_cell(record['year'])}{as_cell(record['monthNumber']).zfill(2)}"


def _artifact(context: FetchContext, task: Task, body: Body) -> Artifact:
    """The year as a statement, known from the day on which Comex Stat last changed its figures.

    That day counts unless a statement of it, or a later one, had landed: that one was valid until now.
    """
    if body.path is None:
        raise FetchError(body.url, "has no body.", RETRIED_NEXT_RUN)
    updated = str(context.catalogue.get("updated", ""))
    before = _DAY.search(context.landed.get(task.key, ""))
    is_stated = bool(updated) and updated <= str(context.today) and not (before and before[0] >= updated)
    return context.artifact(
        body.path,
        name=file_name(Partition.parse(task.key)),
        layout=_LAYOUT,
        partition=task.key,
        year=task.first.year,
        release=updated if is_stated else f"as fetched {context.today}",
        known_from=date.fromisoformat(updated) if is_stated else context.today,
        known_basis="stated" if is_stated else "assumed",
        url=body.url,
    )


def file_name(partition: Partition) -> str:
    """The name of a fetched or dropped answer: `general_850511_import_2025.json`."""
    return f"general_{partition.code}_{FLOWS[partition.flow]}_{partition.year}.json"
