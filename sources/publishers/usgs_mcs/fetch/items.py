"""ScienceBase's catalogue: lists of items, an item's files, and which of them may hold an edition's world table.

Belongs here: asking ScienceBase, and reading its answers in whatever letter case. Does not belong here: what is due,
or what a file's bytes mean.
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from sources.http.client import Body, FetchError, MissingError, PassingError
from sources.http.fetcher import Visit

Found = dict[str, Any]
_PAGE = 100
_NAMED_YEAR = re.compile(r"mcs[-_ ]?(20\d\d)", re.IGNORECASE)


def list_items(visit: Visit, parent: str) -> list[Found]:
    """Every item below `parent`: its `id`, `title`, and `files` where the list holds them.

    Raises:
        FetchError: a page without anything new before as many items have come as the list says it has.
    """
    found: dict[str, Found] = {}
    offset, total = 0, 1
    while len(found) < total:
        page = _page(visit, parent, offset)
        total, items = int(page["total"]), page["items"]
        new = {str(item["id"]): item for item in items if str(item["id"]) not in found}
        if not new and len(found) < total:
            raise FetchError(
                visit.source_code,
                f"lists {total} items below {parent} and gave {len(found)}, then no new one.",
                "it is asked again in the next run; if that does not help, look at the list by hand.",
            )
        found |= new
        offset += len(items)
    return list(found.values())


def _page(visit: Visit, parent: str, offset: int) -> Found:
    asked = {"parentId": parent, "format": "json", "max": str(_PAGE), "offset": str(offset), "q": ""}

    def whole(body: Body) -> None:
        said = _json(body)
        items, total = said.get("items"), str(said.get("total"))
        is_list = isinstance(items, list) and all(isinstance(item, dict) and item.get("id") for item in items)
        if not is_list or not total.isdigit() or (not items and int(total) > offset):
            raise PassingError(body.url, "is no page of a list of items.", "it is asked again in the next run.")

    params = asked | {"fields": "title,id,files"}
    return _json(visit.http.get("catalog/items", params=params, expect="json", check=whole))


def files_of(visit: Visit, item_id: str) -> list[Found]:
    """The files of one item; none where it has none of its own."""

    def whole(body: Body) -> None:
        said = _json(body)
        files = said.get("files") or []
        other = str(said.get("id") or item_id) != item_id
        if not isinstance(files, list) or other or not ({"title", "id", "files"} & said.keys()):
            raise PassingError(body.url, f"is not item {item_id}.", "it is asked again in the next run.")

    address = f"catalog/item/{item_id}"
    said = _json(
        visit.http.get(address, params={"format": "json", "fields": "title,files"}, expect="json", check=whole)
    )
    return file_entries(item_id, said.get("files") or [])


def file_entries(item_id: str, files: Any) -> list[Found]:
    """What an item says of its files: name, address, size, MD5 and when it was uploaded, as far as it says so."""
    entries = []
    for file in files if isinstance(files, list) else []:
        address = str((file.get("downloaduri") or file.get("url") or "") if isinstance(file, dict) else "")
        if not address or not file.get("name"):
            continue
        checksum = file["checksum"] if isinstance(file.get("checksum"), dict) else {}
        is_md5 = str(checksum.get("type", "")).upper().replace("-", "") == "MD5"
        size = str(file.get("size") or "")
        entries.append(
            {
                "item": item_id,
                "name": str(file["name"]),
                "address": address,
                "size": int(size) if size.isdigit() else None,
                "md5": str(checksum.get("value") or "").lower() if is_md5 else "",
                "uploaded": str(file.get("dateuploaded") or ""),
            }
        )
    return entries


def children_of(visit: Visit, parents: list[str], known: list[str], but: set[str]) -> list[Found]:
    """The files of the items below an edition's own; where the list gives none, of those that are known to be."""
    ids: list[str] = []
    for parent in parents:
        try:
            ids += [str(item["id"]) for item in list_items(visit, parent)]
        except MissingError:
            continue
    children = [child for child in dict.fromkeys(ids or known) if child not in but]
    files: list[Found] = []
    for child in children:
        try:
            files += files_of(visit, child)
        except MissingError:
            continue
    return files


def candidates(live: dict[str, Any], year: int, files: list[Found]) -> list[Found]:
    """The files that may hold the edition's world table, the likeliest first, the newest of equals first."""
    patterns = [re.compile(pattern, re.IGNORECASE) for pattern in (*live["tables"], *live["archives"])]
    ranked = []
    for file in files:
        named = _NAMED_YEAR.search(file["name"])
        rank = next((i for i, pattern in enumerate(patterns) if pattern.fullmatch(file["name"])), None)
        if rank is not None and (named is None or int(named[1]) == year):
            ranked.append((rank, file))
    ranked.sort(key=lambda pair: pair[1]["uploaded"], reverse=True)
    ranked.sort(key=lambda pair: pair[0])
    return [file | {"likely": rank < len(patterns) - 1} for rank, file in ranked]


def uploaded_on(file: Found) -> date | None:
    """The day a file was uploaded, where the item says it."""
    try:
        return date.fromisoformat(file["uploaded"][:10])
    except ValueError:
        return None


def _json(body: Body) -> Found:
    """The body's object, names of fields in lower case."""
    try:
        said = json.loads(body.read().decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise PassingError(body.url, f"is not whole JSON ({error}).", "it is asked again in the next run.") from error
    if not isinstance(said, dict):
        raise PassingError(body.url, "is no JSON object.", "it is asked again in the next run.")
    lowered: Found = _lowered(said)
    return lowered


def _lowered(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name).lower(): _lowered(item) for name, item in value.items()}
    return [_lowered(item) for item in value] if isinstance(value, list) else value
