"""Fetch the world table of every edition of the Mineral Commodity Summaries that ScienceBase lists.

Belongs here: which editions there are, which are due, and what an artifact of one is. Does not belong here:
ScienceBase's answers (`fetch_items.py`), files and their versions (`fetch_tables.py`), or what a table means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sources.http.client import FetchError, PassingError, TryLaterError
from sources.http.fetcher import Answer, Task, Visit
from sources.model.artifact import SourceError
from sources.publishers.usgs_mcs.fetch import items as items
from sources.publishers.usgs_mcs.fetch.tables import artifact_of, first_table, state_of

Found = dict[str, Any]
_YEAR = re.compile(r"\b(20\d\d)\b")
_ASIDE = re.compile(r"\([^)]*\)")


def discover(visit: Visit) -> Found:
    """Ask for the list of data releases, and for the files of those that may have changed.

    An edition whose list entry holds its files costs no call, one of the last years one, an older one a call twice a
    year or when its title changes. Returns `{"editions": {year: {"items", "files", "history", "asked", …}}}`.

    Raises:
        FetchError: no whole list, or one without any edition.
    """
    live = visit.about["live"]
    listed = items.list_items(visit, live["parent"])
    editions = _editions(live, listed)
    if not editions:
        raise FetchError(
            visit.source_code,
            f"lists {len(listed)} items, and none is an edition of the summaries.",
            "look at the list by hand; if titles are spelt anew, mend `title` in source.toml.",
        )
    before = visit.catalogue.get("editions", {})
    found: Found = {}
    is_answering = True
    for year in sorted(editions, reverse=True):
        known, task = before.get(str(year), {}), _task(year)
        entry: Found = {"items": editions[year], "files": None, "why": ""}
        if not visit.window.touches(task.first, task.last) or _may_rest(visit, year, known, editions[year]):
            entry |= known
        elif is_answering:
            try:
                entry |= _look_up(visit, year, editions[year], listed)
            except TryLaterError:
                raise
            except SourceError as error:  # kept in the entry: the edition's own task asks again, and fails by itself
                entry["why"] = str(error)
                is_answering = not isinstance(error, PassingError)
        found[str(year)] = entry
    return {"editions": found}


def plan(visit: Visit) -> list[Task]:
    """Editions in the window whose file is another than at the last look, or that could not be looked up.

    Newest first; last those that were there and are no longer listed. A table has about 60 cells.
    """
    editions = visit.catalogue.get("editions", {})
    tasks = []
    for year in sorted(map(int, editions), reverse=True):
        task = _task(year, editions[str(year)])
        why = _why_due(visit, task)
        if why and visit.window.touches(task.first, task.last):
            tasks.append(_task(year, editions[str(year)], why))
    gone = sorted(set(visit.looks) - {_task(int(year)).key for year in editions}) if editions else []
    for key in gone:
        task = _task(int(key.split()[-1]), why="it was listed before and is no longer")
        if visit.window.touches(task.first, task.last):
            tasks.append(task)
    return tasks


def fetch(visit: Visit, task: Task) -> Answer:
    """Fetch one edition's world table and name its release.

    Raises:
        FetchError: no file with the table, a file that cannot be had as announced, or an edition that has gone.
    """
    year, entry, look = int(task.ask["year"]), task.ask["entry"], visit.looks.get(task.key)
    if entry is None:
        raise FetchError(
            task.key,
            "is no longer in ScienceBase's list of data releases. Its figures stay: an edition in print is not undone.",
            "look whether the item was moved; if it was, mend `parent` or `title` in source.toml.",
        )
    if entry["files"] is None:
        listed = [{"id": item["id"]} for item in entry["items"]]
        entry = entry | _look_up(visit, year, entry["items"], listed)
        if look and state_of(entry["files"][: int(look.marks["depth"])]) == look.marks["state"]:
            return Answer((), look.marks, "unchanged")
    came = first_table(visit, entry["files"])
    if came is None and not entry["has_children"]:
        below = _children(visit, year, entry["items"], entry["items"])
        entry = entry | {"files": items.candidates(visit.about["live"], year, [*entry["files"], *below])}
        came = first_table(visit, entry["files"])
    if came is None:
        raise FetchError(
            task.key,
            f"has no world table of rare earths in {[file['name'] for file in entry['files']] or 'its items'} "
            f"({', '.join(item['id'] for item in entry['items'])}).",
            "look at the item; if the file was renamed, add its name to `tables` or `archives` in source.toml.",
        )
    artifact, marks = artifact_of(visit, year, entry, came, look.marks if look else {})
    return Answer((artifact,), marks, f"release {artifact.release}, layout {artifact.layout}")


def _editions(live: Mapping[str, Any], listed: list[Found]) -> dict[int, list[Found]]:
    """The items of every edition, by its year: the first one that its title names, what stands in brackets aside."""
    title = re.compile(live["title"], re.IGNORECASE)
    found: dict[int, list[Found]] = {}
    for item in listed:
        text = str(item.get("title") or "")
        year = _YEAR.search(_ASIDE.sub(" ", text))
        if title.search(text) and year:
            found.setdefault(int(year[1]), []).append({"id": str(item["id"]), "title": text})
    return found


def _task(year: int, entry: Found | None = None, why: str = "") -> Task:
    """The task of an edition. It speaks of the two years before its own, and appears and is mended in its own."""
    return Task(
        key=f"MCS {year}",
        first=date(year - 2, 1, 1),
        last=date(year, 12, 31),
        calls=1 if entry and entry["files"] is not None else 2,
        records=60,
        why=why,
        ask={"year": year, "entry": entry},
    )


def _may_rest(visit: Visit, year: int, known: Found, listed: list[Found]) -> bool:
    """Whether an old edition that has landed, listed as before, was asked for not long ago."""
    live = visit.about["live"]
    is_held = _task(year).key in visit.looks and bool(known.get("files"))
    if year >= visit.today.year - live["recent_years"] or not is_held or known["items"] != listed:
        return False
    return bool(visit.today - timedelta(days=live["old_again_days"]) < date.fromisoformat(known["asked"]))


def _look_up(visit: Visit, year: int, own: list[Found], listed: list[Found]) -> Found:
    """The files that may hold the edition's table, and the file that tells its versions."""
    live = visit.about["live"]
    in_list = {str(item["id"]): items.file_entries(str(item["id"]), item.get("files") or []) for item in listed}
    files: list[Found] = []
    for item in own:
        given = in_list.get(item["id"], [])
        files += given if given and all(file["md5"] for file in given) else items.files_of(visit, item["id"])
    found = items.candidates(live, year, files)
    look = visit.looks.get(_task(year).key)
    is_below = look is not None and look.marks.get("item") not in {item["id"] for item in own}
    has_children = is_below or not any(file["likely"] for file in found)
    if has_children:
        files += _children(visit, year, own, listed)
        found = items.candidates(live, year, files)
    history = [file for file in files if re.fullmatch(live["history"], file["name"], re.IGNORECASE)]
    return {
        "files": found,
        "history": history[0] if history else None,
        "asked": visit.today.isoformat(),
        "has_children": has_children,
        "why": "",
    }


def _children(visit: Visit, year: int, own: list[Found], listed: list[Found]) -> list[Found]:
    known = visit.about["live"]["children"].get(str(year), [])
    but = {str(item["id"]) for item in listed} | {item["id"] for item in own}
    return items.children_of(visit, [item["id"] for item in own], known, but)


def _why_due(visit: Visit, task: Task) -> str:
    """Why an edition is due; empty if the file that was fetched stands where it stood."""
    entry, look = task.ask["entry"], visit.looks.get(task.key)
    if look is None:
        return "never fetched"
    if entry["files"] is None:
        return f"its item could not be read: {entry['why']}" if entry["why"] else "its item was not asked for"
    if state_of(entry["files"][: int(look.marks["depth"])]) == look.marks["state"]:
        return ""
    return "its file is another than at the last look" if entry["files"] else "its file is no longer there"
