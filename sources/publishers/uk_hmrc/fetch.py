"""Fetch the United Kingdom's monthly trade, one year of one code a task, from HMRC's OData interface.

Codes and their lines are data in `source.toml`; which years are due is in `sources/http/years.py`.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sources.http.errors import RETRIED_NEXT_RUN, FetchError, RetryableError, SchemaChangedError
from sources.http.fetcher import FetchContext, FetchResult, Task
from sources.http.response import Body
from sources.http.years import cursor_of, refuse_loss, year_task, years
from sources.model.artifact import Artifact
from sources.publishers.uk_hmrc.partition import Partition
from sources.reading.layouts import declared

log = logging.getLogger("ree.uk_hmrc")

Record = dict[str, Any]
_HERE = Path(__file__).parent
_LAYOUT = "hmrc_ots"
_LINE = re.compile(r"[0-9]{8}")
_NOT_SERVED = frozenset({400, 404, 405, 410, 501})
_TOO_LONG = frozenset({400, 414})
_MONTHS = 12


def discover(context: FetchContext) -> dict[str, Any]:
    """Find the eight-digit lines of the codes: `{"lines": {"850511": ["85051110", "85051190"], …}}`.

    They are the lines of `source.toml` and those of the interface's list of commodities. Where that list is not served,
    those of earlier lists are kept.

    Raises:
        FetchError: no valid response.
    """
    live = context.about["live"]
    query = _any("Hs6Code", [f"'{code}'" for code in live["lines"]])
    found: dict[str, list[str]] = dict(context.catalogue.get("lines", {}))
    try:
        bodies = _pages(context, live["commodities"], {"$filter": query})
    except FetchError as error:
        if error.status not in _NOT_SERVED:
            raise
        log.warning("%s: the lines are those known before: %s", context.source_code, error)
        bodies = []
    listed = [str(record.get("Cn8Code") or "") for body in bodies for record in body.json()["value"]]
    return {
        "lines": {
            code: sorted({*lines, *found.get(code, ()), *(line for line in listed if _is_line(line, code))})
            for code, lines in live["lines"].items()
        }
    }


def plan(context: FetchContext) -> list[Task]:
    """The years of each code that are due, the newest first; a call each, more where a year has several pages."""
    due = [
        year_task(context, str(Partition(code, year)), year, {"code": code})
        for year in years(context)
        for code in context.about["live"]["lines"]
    ]
    return [task for task in due if task]


def fetch(context: FetchContext, task: Task) -> FetchResult:
    """Fetch one year of one code: a single page lands as received, several are joined in one body.

    A year without a record does not land: it is not out, or had no trade.

    Raises:
        FetchError: no valid response, pages that overlap or lead elsewhere, or another count than announced.
    """
    code, year = task.params["code"], task.first.year
    lines = context.catalogue.get("lines", {}).get(code, context.about["live"]["lines"][code])
    bodies = _year(context, lines, [f"{year}{month:02}" for month in range(1, _MONTHS + 1)])
    records = _joined(bodies)
    months = sorted({str(record["MonthId"]) for record in records})
    refused = refuse_loss(context, task, months)
    if refused:
        return refused
    cursor = cursor_of(months, len(records))
    if not records:
        return FetchResult((), cursor, "no record: not out, or no trade")
    return FetchResult((_artifact(context, task, bodies, records),), cursor, f"{len(records)} records")


def _year(context: FetchContext, lines: Sequence[str], months: Sequence[str]) -> list[Body]:
    """The pages of these lines and months, in halves where the interface refuses so long a filter."""
    query = f"({_any('CommodityId', lines)}) and ({_any('MonthId', months)})"
    try:
        return _pages(
            context,
            context.about["live"]["records"],
            {"$filter": query, "$expand": "Country"},
            asked=(frozenset(lines), frozenset(months)),
        )
    except FetchError as error:
        if error.status not in _TOO_LONG or len(months) == 1:
            raise
        middle = len(months) // 2
        return [page for half in (months[:middle], months[middle:]) for page in _year(context, lines, half)]


def _any(field: str, values: Sequence[str]) -> str:
    """A filter by which a field is one of the values; the interface has no `in`."""
    return " or ".join(f"{field} eq {value}" for value in values)


def _pages(
    context: FetchContext,
    address: str,
    params: dict[str, str],
    asked: tuple[frozenset[str], frozenset[str]] | None = None,
) -> list[Body]:
    """Every page of a query, by the links to the next one, which the client follows on the publisher's host only.

    `asked` are the lines and months of which records may be; None where the records are no trade.
    """
    bodies: list[Body] = []
    seen = {""}
    following = ""
    while not bodies or following:
        body = context.http.get(
            following or address,
            params=None if following else params,
            expect="json",
            check=lambda page: _require_page(page, asked),
        )
        bodies.append(body)
        following = body.json().get("@odata.nextLink") or ""
        if following and (following in seen or len(bodies) >= context.about["live"]["most_pages"]):
            raise RetryableError(
                body.url, f"leads to page {len(bodies) + 1} at an address that was read before, or beyond"
                f" {context.about['live']['most_pages']} pages.", RETRIED_NEXT_RUN,
            )  # fmt: skip
        seen.add(following)
    _require_count(bodies)
    return bodies


def _require_page(body: Body, asked: tuple[frozenset[str], frozenset[str]] | None) -> None:
    """A page is a list of records, each with the fields of the layout and of a line and month that was requested."""
    payload = body.json()
    records = payload.get("value") if isinstance(payload, dict) else None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        said = payload.get("error") if isinstance(payload, dict) else None
        raise RetryableError(body.url, f"holds no records under 'value', but says {str(said or payload)[:200]!r}.",
                             RETRIED_NEXT_RUN)  # fmt: skip
    if not isinstance(payload.get("@odata.nextLink") or "", str):
        raise RetryableError(body.url, "links to its next page by something that is no address.", RETRIED_NEXT_RUN)
    if asked is None:
        return
    layout = next(layout for layout in declared(_HERE)["layout"] if layout["id"] == _LAYOUT)
    columns, known = set(layout["columns"]), {*layout["columns"], *layout["beside"]}
    lines, months = asked
    for number, record in enumerate(records, 1):
        if lost := sorted(columns - set(record)):
            raise SchemaChangedError(
                body.url, f"changed its layout: record {number} lost {lost},"
                f" gained {sorted(set(record) - known)}.",
                "if HMRC renamed or removed them, the parser must learn the new ones.",
            )  # fmt: skip
        if str(record["CommodityId"]) not in lines or str(record["MonthId"]) not in months:
            raise RetryableError(
                body.url, f"holds record {number} of line {record['CommodityId']} and month {record['MonthId']}, which"
                " was not requested.", RETRIED_NEXT_RUN,
            )  # fmt: skip


def _require_count(bodies: Sequence[Body]) -> None:
    """Where pages say how many records there are, all say the same, and as many came."""
    payloads = [body.json() for body in bodies]
    counts = {payload["@odata.count"] for payload in payloads if "@odata.count" in payload}
    n_records = sum(len(payload["value"]) for payload in payloads)
    if counts and counts != {n_records}:
        raise RetryableError(
            bodies[-1].url, f"ends {len(bodies)} pages of {n_records} records; announced were"
            f" {sorted(map(str, counts))}: they changed meanwhile.", RETRIED_NEXT_RUN,
        )  # fmt: skip


def _joined(bodies: Sequence[Body]) -> list[Record]:
    """The records of all pages.

    Raises:
        RetryableError: a record is on two pages, which changed while they were read.
    """
    seen: dict[str, int] = {}
    for number, body in enumerate(bodies, 1):
        for record in _records(body):
            text = json.dumps(record, sort_keys=True)
            if seen.setdefault(text, number) != number:
                raise RetryableError(
                    body.url, f"holds a record of line {record['CommodityId']} and month {record['MonthId']} on page"
                    f" {number} that is on page {seen[text]} too: pages overlap.", RETRIED_NEXT_RUN,
                )  # fmt: skip
    return [record for body in bodies for record in _records(body)]


def _records(body: Body) -> Iterator[Record]:
    yield from body.json()["value"]


def _is_line(text: str, code: str) -> bool:
    return bool(_LINE.fullmatch(text)) and text.startswith(code)


def _artifact(context: FetchContext, task: Task, bodies: Sequence[Body], records: Sequence[Record]) -> Artifact:
    """The year as a statement known from today: HMRC dates no figure."""
    is_verbatim = len(bodies) == 1
    name = file_name(Partition.parse(task.key))
    path = bodies[0].path
    if not is_verbatim:
        path = context.folder / name
        path.write_text(json.dumps({"value": records}, ensure_ascii=False), encoding="utf-8")
    if path is None:
        raise FetchError(bodies[0].url, "has no body.", RETRIED_NEXT_RUN)
    digest = hashlib.sha256(b"".join(body.read() for body in bodies)).hexdigest()
    return context.artifact(
        path,
        name=name,
        layout=_LAYOUT,
        partition=task.key,
        year=task.first.year,
        release=f"as fetched {context.today}",
        known_from=context.today,
        known_basis="assumed",
        url=bodies[0].url,
        transcription="original" if is_verbatim else "extract",
        original_sha256=None if is_verbatim else digest,
    )


def file_name(partition: Partition) -> str:
    """The name of a fetched or dropped body: `ots_850511_2025.json`."""
    return f"ots_{partition.code}_{partition.year}.json"
