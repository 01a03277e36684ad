"""Fetch the tables of every edition of the Mineral Commodity Summaries that ScienceBase lists.

A task fetches an edition's world table. Editions whose salient statistics are files of their own have a second task.
ScienceBase's responses are read in `items.py`, world tables and their versions in `tables.py`, salient statistics in
`salient.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sources.http.errors import FetchError, RateLimitedError, RetryableError
from sources.http.fetcher import FetchContext, FetchResult, Task
from sources.model.artifact import SourceError
from sources.publishers.usgs_mcs.fetch import items as items
from sources.publishers.usgs_mcs.fetch import salient as salient
from sources.publishers.usgs_mcs.fetch.tables import artifact_of, first_table, state_of

Found = dict[str, Any]
_YEAR = re.compile(r"\b(20\d\d)\b")
_ASIDE = re.compile(r"\([^)]*\)")


def discover(context: FetchContext) -> Found:
    """Ask for the list of data releases, and for the files of those that may have changed.

    An edition whose list entry holds its files costs no call, one of the last years one, an older one a call twice a
    year or when its title changes. Returns `{"editions": {year: {"items", "files", "history", "requested", …}}}`.

    Raises:
        FetchError: no complete list, or one without any edition.
    """
    live = context.about["live"]
    listed = items.list_items(context, live["parent"])
    editions = _editions(live, listed)
    if not editions:
        raise FetchError(
            context.source_code,
            f"lists {len(listed)} items, and none is an edition of the summaries.",
            "inspect the list by hand; if titles changed, correct `title` in source.toml.",
        )
    before = context.catalogue.get("editions", {})
    found: Found = {}
    is_reachable = True
    for year in sorted(editions, reverse=True):
        known, task = before.get(str(year), {}), _task(year)
        entry: Found = {"items": editions[year], "files": None, "salient": [], "why": ""}
        if not context.window.touches(task.first, task.last) or _is_recent(context, year, known, editions[year]):
            entry |= known
        elif is_reachable:
            try:
                entry |= _read_items(context, year, editions[year], listed)
            except RateLimitedError:
                raise
            except SourceError as error:  # kept in the entry: the edition's own task retries, and fails by itself
                entry["why"] = str(error)
                is_reachable = not isinstance(error, RetryableError)
        found[str(year)] = entry
    return {"editions": found}


def plan(context: FetchContext) -> list[Task]:
    """Editions in the window whose file changed since the last run, or whose items could not be read.

    Newest first; last those that were there and are no longer listed. A table has about 60 cells.
    """
    editions = context.catalogue.get("editions", {})
    tasks = []
    for year in sorted(map(int, editions), reverse=True):
        task = _task(year, editions[str(year)])
        why = _why_due(context, task)
        if why and context.window.touches(task.first, task.last):
            tasks.append(_task(year, editions[str(year)], why))
        tasks += salient.due(context, year, editions[str(year)])
    worlds = {key for key in context.states if not key.endswith(salient.SUFFIX)}
    unlisted = sorted(worlds - {_task(int(year)).key for year in editions}) if editions else []
    for key in unlisted:
        task = _task(int(key.split()[-1]), why="it was listed before and is no longer")
        if context.window.touches(task.first, task.last):
            tasks.append(task)
    return tasks


def fetch(context: FetchContext, task: Task) -> FetchResult:
    """Fetch one edition's world table, or its salient statistics, and name the release.

    Raises:
        FetchError: no file with the table, a file that cannot be had as announced, or an edition that has gone.
    """
    year, entry, previous = int(task.params["year"]), task.params["entry"], context.states.get(task.key)
    if task.key.endswith(salient.SUFFIX):
        return salient.fetch_salient(context, year, entry, previous.cursor if previous else {})
    if entry is None:
        raise FetchError(
            task.key,
            "is no longer in ScienceBase's list of data releases. Its figures stay: an edition in print is not undone.",
            "check whether the item was moved; if it was, correct `parent` or `title` in source.toml.",
        )
    if entry["files"] is None:
        listed = [{"id": item["id"]} for item in entry["items"]]
        entry = entry | _read_items(context, year, entry["items"], listed)
        if previous and state_of(entry["files"][: int(previous.cursor["depth"])]) == previous.cursor["state"]:
            return FetchResult((), previous.cursor, "unchanged")
    table = first_table(context, entry["files"])
    if table is None and not entry["has_children"]:
        below = _children(context, year, entry["items"], entry["items"])
        entry = entry | {"files": items.candidates(context.about["live"], year, [*entry["files"], *below])}
        table = first_table(context, entry["files"])
    if table is None:
        raise FetchError(
            task.key,
            f"has no world table of rare earths in {[file['name'] for file in entry['files']] or 'its items'} "
            f"({', '.join(item['id'] for item in entry['items'])}).",
            "inspect the item; if the file was renamed, add its name to `tables` or `archives` in source.toml.",
        )
    artifact, cursor = artifact_of(context, year, entry, table, previous.cursor if previous else {})
    return FetchResult((artifact,), cursor, f"release {artifact.release}, layout {artifact.layout}")


def _editions(live: Mapping[str, Any], listed: list[Found]) -> dict[int, list[Found]]:
    """The items of every edition, by its year: the first one that its title names, apart from what is in brackets."""
    title = re.compile(live["title"], re.IGNORECASE)
    found: dict[int, list[Found]] = {}
    for item in listed:
        text = str(item.get("title") or "")
        year = _YEAR.search(_ASIDE.sub(" ", text))
        if title.search(text) and year:
            found.setdefault(int(year[1]), []).append({"id": str(item["id"]), "title": text})
    return found


def _task(year: int, entry: Found | None = None, why: str = "") -> Task:
    """The task of an edition. It speaks of the two years before its own, and appears and is corrected in its own."""
    return Task(
        key=f"MCS {year}",
        first=date(year - 2, 1, 1),
        last=date(year, 12, 31),
        calls=1 if entry and entry["files"] is not None else 2,
        records=60,
        why=why,
        params={"year": year, "entry": entry},
    )


def _is_recent(context: FetchContext, year: int, known: Found, listed: list[Found]) -> bool:
    """Whether an old edition that has landed, listed as before, was requested recently."""
    live = context.about["live"]
    is_fetched = _task(year).key in context.states and bool(known.get("files"))
    if year >= context.today.year - live["recent_years"] or not is_fetched or known["items"] != listed:
        return False
    return bool(context.today - timedelta(days=live["old_again_days"]) < date.fromisoformat(known["requested"]))


def _read_items(context: FetchContext, year: int, own: list[Found], listed: list[Found]) -> Found:
    """The files that may hold the edition's table, and the file that tells its versions."""
    live = context.about["live"]
    in_list = {str(item["id"]): items.file_entries(item) for item in listed}
    files: list[Found] = []
    for item in own:
        given = in_list.get(item["id"], [])
        files += given if given and all(file["md5"] for file in given) else items.files_of(context, item["id"])
    found = items.candidates(live, year, files)
    previous = context.states.get(_task(year).key)
    is_below = previous is not None and previous.cursor.get("item") not in {item["id"] for item in own}
    has_children = is_below or not any(file["likely"] for file in found)
    if has_children:
        files += _children(context, year, own, listed)
        found = items.candidates(live, year, files)
    history = [file for file in files if re.fullmatch(live["history"], file["name"], re.IGNORECASE)]
    return {
        "files": found,
        "salient": items.salient_candidates(live, year, files),
        "history": history[0] if history else None,
        "requested": context.today.isoformat(),
        "has_children": has_children,
        "why": "",
    }


def _children(context: FetchContext, year: int, own: list[Found], listed: list[Found]) -> list[Found]:
    known = context.about["live"]["children"].get(str(year), [])
    but = {str(item["id"]) for item in listed} | {item["id"] for item in own}
    return items.children_of(context, [item["id"] for item in own], known, but)


def _why_due(context: FetchContext, task: Task) -> str:
    """Why an edition is due; empty if the file that was fetched is still there."""
    entry, previous = task.params["entry"], context.states.get(task.key)
    if previous is None:
        return "never fetched"
    if entry["files"] is None:
        return f"its item could not be read: {entry['why']}" if entry["why"] else "its item was not requested"
    if state_of(entry["files"][: int(previous.cursor["depth"])]) == previous.cursor["state"]:
        return ""
    return "its file changed since the last run" if entry["files"] else "its file is no longer there"
