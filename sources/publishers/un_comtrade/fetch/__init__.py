"""Fetch UN Comtrade: which data sets were released, which are due, and their records as statements of partitions.

Lists are in `lists.py`, what is due in `planning.py`, pages in `pages.py`, bulk files in `bulk.py`.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sources.http.errors import (
    ChallengeError,
    FetchError,
    NotAllowedError,
    RateLimitedError,
    RetryableError,
)
from sources.http.fetcher import FetchContext, FetchResult, Task
from sources.http.robots import RobotsError
from sources.model.artifact import Artifact
from sources.model.products import HS_CODES
from sources.publishers.un_comtrade.fetch.bulk import fetch_files
from sources.publishers.un_comtrade.fetch.lists import UnusableError, data_sets, newest_release, reporters
from sources.publishers.un_comtrade.fetch.pages import ENDS_A_TASK, Page, Query, added_fields, all_pages, missing
from sources.publishers.un_comtrade.fetch.planning import (
    WITHDRAWN,
    DataSet,
    Due,
    PartitionCursor,
    counts_of,
    expected_records,
    is_bulk,
    is_landed,
    kind_of,
    known_from,
    tasks,
)
from sources.publishers.un_comtrade.fetch.statements import file_name, write_joined

__all__ = ["discover", "fetch", "newest_release", "plan"]

log = logging.getLogger("ree.un_comtrade")

_EMPTY_IN_A_ROW = 3
"""After so many empty months in a row the rest of a reporter's year is not requested in the run."""
_FAILURES_IN_A_ROW = 2
"""After so many failed requests in a row the rest of a task is left to the next run."""
_FEW_RECORDS = 20
"""A reporter with fewer records in some month may have none in another."""


def discover(context: FetchContext) -> dict[str, Any]:
    """Ask for the lists of data sets, and now and then whether our reporters still exist.

    `listed` holds release dates by frequency, reporter and period, `complete` the day of the last complete list of each
    frequency; lists between name only what was released since. A frequency whose list the publisher does not have is
    left out of both, and its data sets are then due by age. `via` says by frequency, corridor reporter and period
    whether a data set may have second partners.

    Raises:
        FetchError: the publisher cannot be reached, or refuses us.
    """
    listed, via, complete, unlisted = {}, {}, {}, {}
    for frequency in context.about["live"]["frequencies"]:
        try:
            found = data_sets(context, frequency)
        except (RateLimitedError, NotAllowedError, ChallengeError, RobotsError):
            raise  # the list exists, and has the days of release
        except FetchError as error:
            if isinstance(error, RetryableError) and not isinstance(error, UnusableError):
                raise
            unlisted[frequency] = str(error)
            log.warning("%s: data sets of frequency %s are due by age: %s", context.source_code, frequency, error)
        else:
            listed[frequency], via[frequency], complete[frequency] = found.released, found.via, found.complete
    return {
        "requested": str(context.today),
        "listed": listed,
        "via": via,
        "complete": complete,
        "unlisted": unlisted,
        "reporters": reporters(context),
    }


def plan(context: FetchContext) -> list[Task]:
    """What is due, without any call; see `planning.tasks`."""
    return tasks(context)


def fetch(context: FetchContext, task: Task) -> FetchResult:
    """Fetch the data sets of one task, and land each as a statement of its partition.

    A data set that is listed and missing from the response is requested alone; one that stays empty does not land and
    is due again in the next run. A month of a reporter with few records may have none (`_may_have_none`), and so may
    any data set by second partner: if some had landed, an empty statement ends them.

    What was fetched before a request failed is in the result, with the error in `missing`.
    """
    if "unlisted" in task.params:
        return _whether_withdrawn(context, task.params["unlisted"])
    if is_bulk(context):
        return fetch_files(context, task)
    requested = _request_all(context, task.params["due"])
    pages, failures = requested.pages, requested.failures
    artifacts: list[Artifact] = []
    cursor = dict(context.states[task.key].cursor) if task.key in context.states else {}
    for one in requested.due:
        try:
            own = _of_data_set(pages, one.data_set) or _single_data_set(context, one, pages)
        except FetchError as error:
            failures.append(error)
            if isinstance(error, ENDS_A_TASK):
                break
            continue
        if own:
            artifacts.append(_statement(context, one, own))
        n_records = sum(len(part.records) for part in own)
        cursor[one.data_set.partition] = str(PartitionCursor(one.released, context.today, n_records))
    note = "; ".join([f"{len(artifacts)} data sets", *added_fields(pages), *map(str, failures)])
    return FetchResult(tuple(artifacts), cursor, note, missing(context, failures, is_all=not artifacts))


@dataclass(frozen=True, slots=True)
class _Requested:
    """The pages of a task, the data sets that were requested, and the failures of the others."""

    pages: list[Page] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    failures: list[FetchError] = field(default_factory=list)


def _request_all(context: FetchContext, due: list[Due]) -> _Requested:
    """Request data sets of one frequency. Without a key a page has one period of one reporter.

    Of months that may not exist the oldest come first, until three in a row are empty: the reporter has none, or none
    of later ones yet. One that is many months behind still gives those it has. After two failures in a row, or one
    of `ENDS_A_TASK`, the rest is left to the next run.
    """
    is_listed = due[0].is_listed
    counts = counts_of(context)
    is_guess = not is_listed and not any(is_landed(context, one.data_set) for one in due)
    batches = [due] if context.has_key else [[one] for one in (reversed(due) if is_guess else due)]
    done = _Requested()
    empty = failed = 0
    for number, batch in enumerate(batches, start=1):
        data_sets = [one.data_set for one in batch]
        expected = sum(expected_records(context, data_set, counts) for data_set in data_sets)
        may_be_empty = not is_listed or data_sets[0].frequency == "M" or bool(data_sets[0].via)
        try:
            part = all_pages(context, _query(context, data_sets), may_be_empty=may_be_empty, expected=expected)
        except FetchError as error:
            done.failures.append(error)
            failed += 1
            if failed == _FAILURES_IN_A_ROW or isinstance(error, ENDS_A_TASK):
                break
            continue
        failed = 0
        done.pages.extend(part)
        done.due.extend(batch)
        empty = 0 if any(page.records for page in part) else empty + 1
        if is_guess and empty == _EMPTY_IN_A_ROW:
            done.due.extend(one for later in batches[number:] for one in later)
            break
    return done


def _query(context: FetchContext, data_sets: list[DataSet]) -> Query:
    """All flows and codes of the reporters and periods of these data sets, by second partner if these are."""
    reporters = tuple(dict.fromkeys(data_set.reporter for data_set in data_sets))
    periods = tuple(sorted({data_set.period for data_set in data_sets}))
    flows = tuple(context.about["live"]["flows"])
    return Query(data_sets[0].frequency, reporters, periods, flows, HS_CODES, data_sets[0].via)


def _of_data_set(pages: list[Page], data_set: DataSet) -> list[Page]:
    """The pages with records of a data set, each with these records only."""
    own = [
        replace(page, records=[record for record in page.records if _holds(data_set, record)], of=len(page.records))
        for page in pages
    ]
    return [page for page in own if page.records]


def _holds(data_set: DataSet, record: Mapping[str, Any]) -> bool:
    return bool(record["reporterCode"] == data_set.reporter and str(record["period"]) == data_set.period)


def _single_data_set(context: FetchContext, due: Due, pages: list[Page]) -> list[Page]:
    """The pages of a data set without a record among `pages`: of one that should have some, requested alone.

    None where it may have no record; of a data set by second partner the pages also where they are empty.

    Raises:
        FetchError: no valid response, or no record where some are due.
    """
    data_set = due.data_set
    if not (due.is_listed and not data_set.via) and not is_landed(context, data_set):
        return []
    may_have_none = bool(data_set.via) or (
        due.is_listed and not is_landed(context, data_set) and _may_have_none(context, data_set, pages)
    )
    alone = all_pages(context, _query(context, [data_set]), may_be_empty=may_have_none)
    return _of_data_set(alone, data_set) or (alone if data_set.via else [])


def _may_have_none(context: FetchContext, data_set: DataSet, pages: list[Page]) -> bool:
    """Whether a listed month may have no trade in these codes: a month of its reporter has few records."""
    if data_set.frequency != "M":
        return False
    counts = dict(counts_of(context).get(kind_of(data_set), {}))
    for page in pages:
        for record in page.records:
            if record["reporterCode"] == data_set.reporter:
                counts[str(record["period"])] = counts.get(str(record["period"]), 0) + 1
    return any(0 < count < _FEW_RECORDS for count in counts.values())


def _statement(context: FetchContext, due: Due, pages: list[Page]) -> Artifact:
    """The artifact of one data set: the page as received if it has nothing else, or its own records joined."""
    data_set = due.data_set
    day, basis, release = known_from(context, data_set.partition, due.released)
    fields: dict[str, Any] = {
        "name": file_name(data_set.partition, "json"),
        "partition": data_set.partition,
        "year": data_set.year,
        "release": release,
        "known_from": day,
        "known_basis": basis,
        "url": pages[0].body.url,
    }
    path = pages[0].body.path
    if path and len(pages) == 1 and len(pages[0].records) == pages[0].of:
        page_layout = "comtrade_data" if context.has_key else "comtrade_preview"
        return context.artifact(path, layout="comtrade_via" if data_set.via else page_layout, **fields)
    joined, original = _joined(context.folder, data_set, pages)
    layout = "comtrade_via" if data_set.via else "comtrade_joined"
    return context.artifact(joined, layout=layout, transcription="extract", original_sha256=original, **fields)


def _joined(folder: Path, data_set: DataSet, pages: list[Page]) -> tuple[Path, str]:
    """A body of whole records, and the hash of the page they came in; of several pages, of their hashes in order."""
    records = [record for page in pages for record in page.records]
    path = write_joined(folder, data_set.partition, records)
    hashes = [page.body.sha256 for page in pages]
    return path, hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def _whether_withdrawn(context: FetchContext, data_set: DataSet) -> FetchResult:
    """An empty answer for what is listed no longer ends what was known of it, from today on."""
    pages = all_pages(context, _query(context, [data_set]), may_be_empty=True)
    path = pages[0].body.path
    if path is None or any(page.records for page in pages):
        return FetchResult(note="no longer listed, and still served: what has landed stays")
    withdrawal = context.artifact(
        path,
        name=file_name(f"{data_set.partition} {WITHDRAWN}", "json"),
        layout="comtrade_via" if data_set.via else "comtrade_withdrawn",
        partition=data_set.partition,
        year=data_set.year,
        release=f"{WITHDRAWN} {context.today}",
        known_from=context.today,
        known_basis="assumed",
        url=pages[0].body.url,
    )
    return FetchResult((withdrawal,), note="withdrawn: no longer listed, and empty")
