"""Fetch the lists of rare-earth production of the World Mineral Statistics, each complete, once a quarter.

The lists, and the queries by which they are requested, are data in `source.toml`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sources.http.errors import RETRIED_NEXT_RUN, FetchError, RetryableError
from sources.http.fetcher import FetchContext, FetchResult, Task
from sources.http.response import Body
from sources.publishers.bgs_wms.partition import Partition
from sources.publishers.bgs_wms.records import linked_pages

Found = dict[str, Any]
_NOT_UNDERSTOOD = frozenset({400, 422, 501})


class QueryError(FetchError):
    """The server does not support this query: it refuses it, or returns records of another list."""


@dataclass(frozen=True, slots=True)
class Pages:
    """All records of one query as received, and the pages they were received in."""

    features: list[Found]
    bodies: list[Body]


def discover(context: FetchContext) -> Found:
    """Nothing: the publisher has no list of releases that would say whether figures changed."""
    return dict(context.catalogue)


def plan(context: FetchContext) -> list[Task]:
    """Both lists, about 600 records in two calls: nothing announces a change, so every run requests them."""
    live = context.about["live"]
    tasks = []
    for known in live["list"]:
        previous = context.states.get(known["commodity"])
        first, last = date(known["first_year"], 1, 1), date(context.today.year, 12, 31)
        if context.window.touches(first, last):
            records = int(previous.cursor.get("records", known["records"])) if previous else known["records"]
            why = f"last fetched on {previous.fetched_at:%Y-%m-%d}" if previous else "never fetched"
            calls = -(-records // live["page"])
            tasks.append(Task(known["commodity"], first, last, calls=calls, records=records, why=why, params=known))
    return tasks


def fetch(context: FetchContext, task: Task) -> FetchResult:
    """Fetch one complete list by the first query that the server supports.

    A single page lands as received; several are joined into one collection. So are the records of one list out of an
    answer for both.

    Raises:
        FetchError: no query is supported, counts differ, pages overlap, or no record at all.
    """
    live, commodity = context.about["live"], str(task.params["commodity"])
    previous = context.states.get(task.key)
    refusals = []
    for number, way in enumerate(live["way"]):
        query = {name: value.format(commodity=commodity) for name, value in way["params"].items()}
        cursor_before = previous.cursor if previous and previous.cursor.get("way") == str(number) else {}
        try:
            pages = _pages(context, query, cursor_before)
            if pages is None:
                return FetchResult((), cursor_before, "unchanged")
            own = _own_records(pages.features, commodity, is_of_more=way["is_of_more"])
        except QueryError as error:
            refusals.append(str(error))
            continue
        cursor = {"way": str(number), "records": str(len(own))}
        if len(pages.bodies) == 1:
            cursor |= {"etag": pages.bodies[0].etag, "last_modified": pages.bodies[0].last_modified}
        return FetchResult((_artifact(context, task, pages, own),), cursor, f"{len(own)} records")
    raise FetchError(
        task.key,
        f"is not served by any of the queries in source.toml: {' '.join(refusals)}",
        "read the interface's description and correct [[live.way]] in source.toml.",
    )


def _pages(context: FetchContext, query: Mapping[str, str], cursor_before: Mapping[str, str]) -> Pages | None:
    """All pages; None where nothing changed (304).

    The last page is the one with which as many records as match were received; where the server does not say how many
    match, it is the one without a link to a next page.
    """
    features: list[Found] = []
    bodies: list[Body] = []
    matched: int | None = None
    is_last = False
    while not is_last:
        body = _page(context, query, len(features), cursor_before)
        if body.is_unchanged:
            return None
        payload = body.json()
        if bodies and payload.get("numberMatched") != matched:
            raise RetryableError(
                body.url, f"matches {payload.get('numberMatched')}, the page before it {matched}.", RETRIED_NEXT_RUN
            )
        matched = payload.get("numberMatched")
        features += payload["features"]
        bodies.append(body)
        if max(matched or 0, len(features)) > context.about["live"]["most_records"]:
            raise QueryError(
                body.url,
                f"matches {matched or len(features):,} records, far more than the list has.",
                "correct the query.",
            )
        is_last = len(features) >= matched if matched is not None else "next" not in (linked_pages(payload) or [])
    seen = {json.dumps(feature.get("id") or feature["properties"], sort_keys=True) for feature in features}
    if matched not in {None, len(features)} or (len(bodies) > 1 and len(seen) != len(features)):
        raise RetryableError(
            bodies[-1].url,
            f"gave {len(features)} records, {len(seen)} of them different, where"
            f" {len(features) if matched is None else matched} match: pages overlap.",
            RETRIED_NEXT_RUN,
        )
    return Pages(features, bodies)


def _page(context: FetchContext, query: Mapping[str, str], offset: int, cursor_before: Mapping[str, str]) -> Body:
    """One page with at least one record, whose counts agree with its records."""

    def validate(body: Body) -> None:
        payload = body.json()
        features = payload.get("features") if isinstance(payload, dict) else None
        if not isinstance(features, list) or not all(_is_feature(feature) for feature in features):
            raise RetryableError(body.url, "is no collection of records.", RETRIED_NEXT_RUN)
        matched, returned = payload.get("numberMatched"), payload.get("numberReturned", len(features))
        if matched is None and linked_pages(payload) is None:
            raise RetryableError(
                body.url,
                f"holds {len(features)} records and says neither how many match nor whether another page follows.",
                RETRIED_NEXT_RUN,
            )
        is_counted = type(returned) is int and (matched is None or type(matched) is int)
        whole = offset + len(features) if matched is None else matched
        if not is_counted or returned != len(features) or not features or offset + returned > whole:
            raise RetryableError(
                body.url,
                f"holds {len(features)} records from {offset} on and says it holds {returned} of {matched}.",
                RETRIED_NEXT_RUN,
            )

    params = {"f": "json", "limit": str(context.about["live"]["page"]), "offset": str(offset), **query}
    try:
        return context.http.get(
            context.about["live"]["items"],
            params=params,
            expect="json",
            validators=cursor_before if not offset else {},
            check=validate,
        )
    except FetchError as error:
        if error.status in _NOT_UNDERSTOOD:
            raise QueryError(context.source_code, f"refuses the query ({error})", "change the query.") from error
        raise


def _is_feature(payload: Any) -> bool:
    return isinstance(payload, dict) and isinstance(payload.get("properties"), dict)


def _own_records(features: list[Found], commodity: str, *, is_of_more: bool) -> list[Found]:
    """The records of the requested list. A query for one list must return no other."""
    payload = [str(feature["properties"].get("bgs_commodity_trans") or "").strip().lower() for feature in features]
    own = [feature for feature, name in zip(features, payload, strict=True) if name == commodity]
    others = sorted(set(payload) - {commodity})
    if not own or (others and not is_of_more):
        raise QueryError(
            commodity, f"is answered with {len(own)} records of its own, beside {others[:4]}.", "change the query."
        )
    return own


def _artifact(context: FetchContext, task: Task, pages: Pages, own: list[Found]) -> Any:
    """The list as a statement known from today: the publisher gives no day."""
    first = pages.bodies[0]
    is_verbatim = len(pages.bodies) == 1 and len(own) == len(pages.features)
    if not is_verbatim:
        collection = {
            "type": "FeatureCollection",
            "features": own,
            "numberMatched": len(own),
            "numberReturned": len(own),
        }
        path = context.folder / f"{task.params['slug']}.geojson"
        path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
        digest = hashlib.sha256(b"".join(body.read() for body in pages.bodies))
    return context.artifact(
        _path(first) if is_verbatim else path,
        name=f"{task.params['slug']}.geojson",
        layout="bgs_geojson",
        partition=str(Partition(task.params["slug"])),
        year=context.today.year,
        release=f"as fetched {context.today}",
        known_from=context.today,
        known_basis="assumed",
        url=first.url,
        transcription="original" if is_verbatim else "extract",
        original_sha256=None if is_verbatim else digest.hexdigest(),
    )


def _path(body: Body) -> Path:
    if body.path is None:
        raise FetchError(body.url, "has no body.", RETRIED_NEXT_RUN)
    return body.path
