"""Fetch UN Comtrade: which data sets were released, which are due, and their records as statements of partitions.

Lists are in `lists.py`, what is due in `planning.py`, pages in `pages.py`, bulk files in `bulk.py`.
"""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path
from typing import Any

from sources.http.errors import RETRIED_NEXT_RUN, FetchError, NotAllowedError, RateLimitedError, RetryableError
from sources.http.fetcher import FetchContext, FetchResult, Task
from sources.model.artifact import Artifact
from sources.model.products import HS_CODES
from sources.publishers.un_comtrade.fetch.bulk import fetch_files
from sources.publishers.un_comtrade.fetch.lists import UnusableError, data_sets, newest_release, reporters
from sources.publishers.un_comtrade.fetch.pages import Page, Query, all_pages
from sources.publishers.un_comtrade.fetch.planning import (
    WITHDRAWN,
    DataSet,
    Due,
    PartitionCursor,
    is_bulk,
    is_landed,
    known_from,
    tasks,
)

__all__ = ["discover", "fetch", "newest_release", "plan"]

log = logging.getLogger("ree.un_comtrade")

_EMPTY_IN_A_ROW = 3
"""After so many empty months in a row the rest of a reporter's year is not requested in the run."""


def discover(context: FetchContext) -> dict[str, Any]:
    """Ask for the lists of data sets, and now and then whether our reporters still exist.

    `listed` holds release dates by frequency, reporter and period. A frequency whose list the publisher does not have
    is left out of it, and its data sets are then due by age.

    Raises:
        FetchError: the publisher cannot be reached, or refuses us.
    """
    listed, unlisted = {}, {}
    for frequency in context.about["live"]["frequencies"]:
        try:
            listed[frequency] = data_sets(context, frequency)
        except (RateLimitedError, NotAllowedError):
            raise
        except FetchError as error:
            if isinstance(error, RetryableError) and not isinstance(error, UnusableError):
                raise
            unlisted[frequency] = str(error)
            log.warning("%s: data sets of frequency %s are due by age: %s", context.source_code, frequency, error)
    return {"requested": str(context.today), "listed": listed, "unlisted": unlisted, "reporters": reporters(context)}


def plan(context: FetchContext) -> list[Task]:
    """What is due, without any call; see `planning.tasks`."""
    return tasks(context)


def fetch(context: FetchContext, task: Task) -> FetchResult:
    """Ask for the data sets of one task, and say which partitions the bytes are statements of.

    A data set that is listed and missing from the response is requested alone; one that stays empty does not land and
    is due again in the next run.

    Raises:
        FetchError: no valid response; an empty one where a data set is listed.
        RateLimitedError: the day's calls are spent.
    """
    if "unlisted" in task.params:
        return _whether_withdrawn(context, task.params["unlisted"])
    if is_bulk(context):
        return fetch_files(context, task)
    due: list[Due] = task.params["due"]
    is_guess = not due[0].is_listed and not any(is_landed(context, one.data_set) for one in due)
    pages = _pages(
        context, task.params["reporters"], task.params["periods"], may_be_empty=not due[0].is_listed, may_stop=is_guess
    )
    artifacts: list[Artifact] = []
    problems: list[str] = []
    cursor = dict(context.states[task.key].cursor) if task.key in context.states else {}
    for one in due:
        data_set = one.data_set
        own_pages = [page for page in pages if any(map(data_set.holds, page.records))]
        if not own_pages and (one.is_listed or is_landed(context, data_set)):
            own_pages = _single_data_set(context, data_set, problems)
            if not own_pages:
                continue
        if own_pages:
            artifacts.append(_statement(context, one, own_pages))
        cursor[data_set.partition] = str(PartitionCursor(one.newest, context.today, _periods(one, own_pages)))
    if problems and not artifacts:
        raise FetchError(context.source_code, "; ".join(problems) + ".", RETRIED_NEXT_RUN)
    for what in problems:
        log.warning("%s: %s", context.source_code, what)
    return FetchResult(tuple(artifacts), cursor, "; ".join([f"{len(artifacts)} data sets", *problems]))


def _periods(due: Due, pages: list[Page]) -> tuple[str, ...]:
    """The periods that are listed; where none are, those received."""
    if due.is_listed:
        return due.data_set.periods
    return tuple(sorted({r["period"] for page in pages for r in page.records if due.data_set.holds(r)}))


def _pages(
    context: FetchContext, reporters: list[int], periods: list[str], *, may_be_empty: bool, may_stop: bool = False
) -> list[Page]:
    """All records of these reporters and periods. Without a key a page holds one month.

    With `may_stop` months are requested, from January on, until three in a row are empty: the reporter has none, or
    none of later ones yet. One that is many months behind still gives those it has.
    """
    live = context.about["live"]
    frequency = "A" if len(periods[0]) == 4 else "M"
    batches = [tuple(periods)] if context.has_key or frequency == "A" else [(period,) for period in periods]
    queries = [Query(frequency, tuple(reporters), batch, tuple(live["flows"]), HS_CODES) for batch in batches]
    pages: list[Page] = []
    empty = 0
    for query in queries:
        part = all_pages(context, query, may_be_empty=may_be_empty)
        pages += part
        empty = 0 if any(page.records for page in part) else empty + 1
        if may_stop and empty == _EMPTY_IN_A_ROW:
            break
    return pages


def _single_data_set(context: FetchContext, data_set: DataSet, problems: list[str]) -> list[Page]:
    """The pages of one data set requested alone; errors are added to `problems`."""
    try:
        return _pages(context, [data_set.reporter], list(data_set.periods), may_be_empty=False)
    except FetchError as error:
        problems.append(str(error))
        return []


def _statement(context: FetchContext, due: Due, pages: list[Page]) -> Artifact:
    """The artifact of one data set: the page as received, or its own records joined."""
    data_set = due.data_set
    day, basis, release = known_from(context, data_set.partition, due.newest)
    fields: dict[str, Any] = {
        "name": f"comtrade {data_set.partition}.json".replace("/", " "),
        "partition": data_set.partition,
        "year": data_set.year,
        "release": release,
        "known_from": day,
        "known_basis": basis,
        "url": pages[0].body.url,
    }
    path = pages[0].body.path
    shares = context.about["live"]["share_bodies"] or all(map(data_set.holds, pages[0].records))
    if path and len(pages) == 1 and shares:
        return context.artifact(path, layout="comtrade_data" if context.has_key else "comtrade_preview", **fields)
    joined, original = _joined(context.folder, data_set, pages)
    return context.artifact(
        joined, layout="comtrade_joined", transcription="extract", original_sha256=original, **fields
    )


def _joined(folder: Path, data_set: DataSet, pages: list[Page]) -> tuple[Path, str]:
    """A body of the data set's own records, and the hash of the page; of several pages, of their hashes in order."""
    records = [record for page in pages for record in page.records if data_set.holds(record)]
    path = folder / f"joined {data_set.partition}.json".replace("/", " ")
    path.write_text(json.dumps({"count": len(records), "data": records, "error": ""}), encoding="utf-8")
    hashes = [page.body.sha256 for page in pages]
    return path, hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def _whether_withdrawn(context: FetchContext, data_set: DataSet) -> FetchResult:
    """An empty answer for what is listed no longer ends what was known of it, from today on."""
    pages = _pages(context, [data_set.reporter], list(data_set.periods), may_be_empty=True)
    path = pages[0].body.path
    if path is None or any(page.records for page in pages):
        return FetchResult(note="no longer listed, and still served: what has landed stays")
    withdrawal = context.artifact(
        path,
        name=f"comtrade {data_set.partition} {WITHDRAWN}.json".replace("/", " "),
        layout="comtrade_withdrawn",
        partition=data_set.partition,
        year=data_set.year,
        release=f"{WITHDRAWN} {context.today}",
        known_from=context.today,
        known_basis="assumed",
        url=pages[0].body.url,
    )
    return FetchResult((withdrawal,), note="withdrawn: no longer listed, and empty")
