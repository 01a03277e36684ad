"""Ask UN Comtrade: which data sets were released, which are due, and their records, as statements of partitions.

Belongs here: the three functions of a fetcher, and which partitions an answer is a statement of. Does not belong here:
the lists (`fetch_lists.py`), what is due (`fetch_plan.py`), pages (`fetch_pages.py`), whole files (`fetch_bulk.py`).
"""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path
from typing import Any

from sources.http.client import FetchError, NotAllowedError, PassingError, TryLaterError
from sources.http.fetcher import Answer, Task, Visit
from sources.http.response import AGAIN
from sources.model.artifact import Artifact
from sources.model.products import HS_CODES
from sources.publishers.un_comtrade.fetch.bulk import fetch_files
from sources.publishers.un_comtrade.fetch.lists import UnusableError, data_sets, newest_release, reporters
from sources.publishers.un_comtrade.fetch.pages import Page, Question, whole
from sources.publishers.un_comtrade.fetch.planning import (
    WITHDRAWN,
    DataSet,
    Due,
    Mark,
    is_bulk,
    is_held,
    known_from,
    tasks,
)

__all__ = ["discover", "fetch", "newest_release", "plan"]

log = logging.getLogger("ree.un_comtrade")

_EMPTY_IN_A_ROW = 3
"""After so many empty months in a row the rest of a reporter's year is not asked for in the visit."""


def discover(visit: Visit) -> dict[str, Any]:
    """Ask for the lists of data sets, and now and then whether our reporters still exist.

    `listed` holds release dates by frequency, reporter and period. A frequency whose list the publisher does not have
    is left out of it, and its figures are then taken by age.

    Raises:
        FetchError: the publisher cannot be reached, or refuses us.
    """
    listed, unlisted = {}, {}
    for frequency in visit.about["live"]["frequencies"]:
        try:
            listed[frequency] = data_sets(visit, frequency)
        except (TryLaterError, NotAllowedError):
            raise
        except FetchError as error:
            if isinstance(error, PassingError) and not isinstance(error, UnusableError):
                raise
            unlisted[frequency] = str(error)
            log.warning("%s: data sets of frequency %s are taken by age: %s", visit.source_code, frequency, error)
    return {"asked": str(visit.today), "listed": listed, "unlisted": unlisted, "reporters": reporters(visit)}


def plan(visit: Visit) -> list[Task]:
    """What is due, without any call; see `fetch_plan.tasks`."""
    return tasks(visit)


def fetch(visit: Visit, task: Task) -> Answer:
    """Ask for the data sets of one task, and say which partitions the bytes are statements of.

    A data set that the answer leaves out though it is listed is asked for alone; one that stays empty is not taken,
    and is due again in the next run.

    Raises:
        FetchError: no answer, or one that cannot be believed; an empty one where a data set is listed.
        TryLaterError: the day's calls are spent.
    """
    if "gone" in task.ask:
        return _whether_withdrawn(visit, task.ask["gone"])
    if is_bulk(visit):
        return fetch_files(visit, task)
    due: list[Due] = task.ask["due"]
    is_guess = not due[0].is_listed and not any(is_held(visit, one.data_set) for one in due)
    pages = _pages(
        visit, task.ask["reporters"], task.ask["periods"], may_be_empty=not due[0].is_listed, may_stop=is_guess
    )
    artifacts: list[Artifact] = []
    trouble: list[str] = []
    marks = dict(visit.looks[task.key].marks) if task.key in visit.looks else {}
    for one in due:
        data_set = one.data_set
        of_it = [page for page in pages if any(map(data_set.holds, page.records))]
        if not of_it and (one.is_listed or is_held(visit, data_set)):
            of_it = _alone(visit, data_set, trouble)
            if not of_it:
                continue
        if of_it:
            artifacts.append(_statement(visit, one, of_it))
        marks[data_set.partition] = str(Mark(one.newest, visit.today, _periods(one, of_it)))
    if trouble and not artifacts:
        raise FetchError(visit.source_code, "; ".join(trouble) + ".", AGAIN)
    for what in trouble:
        log.warning("%s: %s", visit.source_code, what)
    return Answer(tuple(artifacts), marks, "; ".join([f"{len(artifacts)} data sets", *trouble]))


def _periods(due: Due, pages: list[Page]) -> tuple[str, ...]:
    """The periods that are listed; where none are, those that came."""
    if due.is_listed:
        return due.data_set.periods
    return tuple(sorted({r["period"] for page in pages for r in page.records if due.data_set.holds(r)}))


def _pages(
    visit: Visit, asked: list[int], periods: list[str], *, may_be_empty: bool, may_stop: bool = False
) -> list[Page]:
    """All records of these reporters and periods. Without a key a page holds one month.

    With `may_stop` months are asked for, from January on, until three in a row are empty: the reporter has none, or
    none of later ones yet. One that is many months behind still gives those it has.
    """
    live = visit.about["live"]
    frequency = "A" if len(periods[0]) == 4 else "M"
    at_once = [tuple(periods)] if visit.has_key or frequency == "A" else [(period,) for period in periods]
    questions = [Question(frequency, tuple(asked), some, tuple(live["flows"]), HS_CODES) for some in at_once]
    pages: list[Page] = []
    empty = 0
    for question in questions:
        came = whole(visit, question, may_be_empty=may_be_empty)
        pages += came
        empty = 0 if any(page.records for page in came) else empty + 1
        if may_stop and empty == _EMPTY_IN_A_ROW:
            break
    return pages


def _alone(visit: Visit, data_set: DataSet, trouble: list[str]) -> list[Page]:
    """A data set asked for by itself; what goes wrong is told beside what did come."""
    try:
        return _pages(visit, [data_set.reporter], list(data_set.periods), may_be_empty=False)
    except FetchError as error:
        trouble.append(str(error))
        return []


def _statement(visit: Visit, due: Due, pages: list[Page]) -> Artifact:
    """What the pages say of one data set: the page as it came, or its own records joined."""
    data_set = due.data_set
    day, basis, release = known_from(visit, data_set.partition, due.newest)
    said: dict[str, Any] = {
        "name": f"comtrade {data_set.partition}.json".replace("/", " "),
        "partition": data_set.partition,
        "year": data_set.year,
        "release": release,
        "known_from": day,
        "known_basis": basis,
        "url": pages[0].body.url,
    }
    path = pages[0].body.path
    shares = visit.about["live"]["share_bodies"] or all(map(data_set.holds, pages[0].records))
    if path and len(pages) == 1 and shares:
        return visit.artifact(path, layout="comtrade_data" if visit.has_key else "comtrade_preview", **said)
    joined, original = _joined(visit.folder, data_set, pages)
    return visit.artifact(joined, layout="comtrade_joined", transcription="extract", original_sha256=original, **said)


def _joined(folder: Path, data_set: DataSet, pages: list[Page]) -> tuple[Path, str]:
    """A body of the data set's own records, and the hash of the page; of several pages, of their hashes in order."""
    records = [record for page in pages for record in page.records if data_set.holds(record)]
    path = folder / f"joined {data_set.partition}.json".replace("/", " ")
    path.write_text(json.dumps({"count": len(records), "data": records, "error": ""}), encoding="utf-8")
    hashes = [page.body.sha256 for page in pages]
    return path, hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def _whether_withdrawn(visit: Visit, data_set: DataSet) -> Answer:
    """An empty answer for what is listed no longer ends what was known of it, from today on."""
    pages = _pages(visit, [data_set.reporter], list(data_set.periods), may_be_empty=True)
    path = pages[0].body.path
    if path is None or any(page.records for page in pages):
        return Answer(note="listed no longer, and still answered: what is held stands")
    gone = visit.artifact(
        path,
        name=f"comtrade {data_set.partition} {WITHDRAWN}.json".replace("/", " "),
        layout="comtrade_withdrawn",
        partition=data_set.partition,
        year=data_set.year,
        release=f"{WITHDRAWN} {visit.today}",
        known_from=visit.today,
        known_basis="assumed",
        url=pages[0].body.url,
    )
    return Answer((gone,), note="withdrawn: listed no longer, and empty")
