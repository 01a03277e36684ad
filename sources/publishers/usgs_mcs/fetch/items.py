"""ScienceBase's catalogue: lists of items, an item's files, and which of them may hold an edition's world table.

Field names are read in any letter case.
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from sources.http.errors import RETRIED_NEXT_RUN, FetchError, MissingError, RetryableError
from sources.http.fetcher import FetchContext
from sources.http.redaction import unsigned
from sources.http.response import Body

Found = dict[str, Any]
_PAGE = 100
_NAMED_YEAR = re.compile(r"mcs[-_ ]?(20\d\d)", re.IGNORECASE)


def list_items(context: FetchContext, parent: str) -> list[Found]:
    """Every item below `parent`: its `id`, `title`, and `files` where the list holds them.

    Raises:
        FetchError: a page without anything new before as many items have come as the list says it has.
    """
    found: dict[str, Found] = {}
    offset, total = 0, 1
    while len(found) < total:
        page = _page(context, parent, offset)
        total, items = int(page["total"]), page["items"]
        new = {str(item["id"]): item for item in items if str(item["id"]) not in found}
        if not new and len(found) < total:
            raise FetchError(
                context.source_code,
                f"lists {total} items below {parent} and gave {len(found)}, then no new one.",
                "it is retried in the next run; if that does not help, inspect the list by hand.",
            )
        found |= new
        offset += len(items)
    return list(found.values())


def _page(context: FetchContext, parent: str, offset: int) -> Found:
    query = {"parentId": parent, "format": "json", "max": str(_PAGE), "offset": str(offset), "q": ""}

    def validate(body: Body) -> None:
        payload = _json(body)
        items, total = payload.get("items"), str(payload.get("total"))
        is_list = isinstance(items, list) and all(isinstance(item, dict) and item.get("id") for item in items)
        if not is_list or not total.isdigit() or (not items and int(total) > offset):
            raise RetryableError(body.url, "is no page of a list of items.", RETRIED_NEXT_RUN)

    params = query | {"fields": "title,id,files,facets"}
    return _json(context.http.get("catalog/items", params=params, expect="json", check=validate))


def files_of(context: FetchContext, item_id: str) -> list[Found]:
    """The files of one item; none where it has none of its own."""
    return file_entries(_item(context, item_id) | {"id": item_id})


def _item(context: FetchContext, item_id: str) -> Found:
    def validate(body: Body) -> None:
        payload = _json(body)
        files, facets = payload.get("files") or [], payload.get("facets") or []
        other = str(payload.get("id") or item_id) != item_id
        is_item = isinstance(files, list) and isinstance(facets, list)
        if not is_item or other or not ({"title", "id", "files"} & payload.keys()):
            raise RetryableError(body.url, f"is not item {item_id}.", RETRIED_NEXT_RUN)

    address = f"catalog/item/{item_id}"
    params = {"format": "json", "fields": "title,files,facets"}
    return _json(context.http.get(address, params=params, expect="json", check=validate))


def signed_address(context: FetchContext, file: Found) -> str:
    """The address of a file whose item gives signed links only, read from the item when it is needed.

    A signed link expires, and is a secret until then: it is stored nowhere.
    """
    payload = _item(context, file["item"])
    own = [each for each in _files_in(payload) if str(each.get("name")) == file["name"]]
    return next((address for each in own for address in _addresses_of(each)), file["address"])


def file_entries(item: Found) -> list[Found]:
    """What an item says of its files, those of its facets too: name, address, size, MD5 and day of upload.

    An address that signs is stored without its signature, as `is_signed`, where the item gives no other.
    """
    item_id, entries, names = str(item["id"]), [], set()
    for file in _files_in(item):
        addresses = sorted(_addresses_of(file), key=lambda address: unsigned(address) != address)
        if not addresses or not file.get("name") or file["name"] in names:
            continue
        names.add(file["name"])
        checksum = file["checksum"] if isinstance(file.get("checksum"), dict) else {}
        is_md5 = str(checksum.get("type", "")).upper().replace("-", "") == "MD5"
        size = str(file.get("size") or "")
        entries.append(
            {
                "item": item_id,
                "name": str(file["name"]),
                "address": unsigned(addresses[0]),
                "is_signed": unsigned(addresses[0]) != addresses[0],
                "size": int(size) if size.isdigit() else None,
                "md5": str(checksum.get("value") or "").lower() if is_md5 else "",
                "uploaded": str(file.get("dateuploaded") or ""),
            }
        )
    return entries


def _files_in(item: Found) -> list[Found]:
    """The files of an item and of its facets; none where it has none."""
    facets = item.get("facets") if isinstance(item.get("facets"), list) else []
    lists = [item.get("files"), *(facet.get("files") for facet in facets or [] if isinstance(facet, dict))]
    return [file for files in lists if isinstance(files, list) for file in files if isinstance(file, dict)]


def _addresses_of(file: Found) -> list[str]:
    return [str(file[name]) for name in ("downloaduri", "url") if file.get(name)]


def children_of(context: FetchContext, parents: list[str], known: list[str], but: set[str]) -> list[Found]:
    """The files of the items below an edition's own; where the list gives none, of those that are known to be."""
    ids: list[str] = []
    for parent in parents:
        try:
            ids += [str(item["id"]) for item in list_items(context, parent)]
        except MissingError:
            continue
    children = [child for child in dict.fromkeys(ids or known) if child not in but]
    files: list[Found] = []
    for child in children:
        try:
            files += files_of(context, child)
        except MissingError:
            continue
    return files


def candidates(live: dict[str, Any], year: int, files: list[Found]) -> list[Found]:
    """The files that may hold the edition's world table, the likeliest first, the newest of equals first."""
    patterns = [*live["tables"], *live["archives"]]
    return [file | {"likely": rank < len(patterns) - 1} for rank, file in _ranked(patterns, year, files)]


def salient_candidates(live: dict[str, Any], year: int, files: list[Found]) -> list[Found]:
    """The files that may hold salient statistics of the edition's chapters: tables before zips, the newest first."""
    return [file for _, file in _ranked([*live["salient"].values(), *live["salient_archives"]], year, files)]


def _ranked(patterns: list[str], year: int, files: list[Found]) -> list[tuple[int, Found]]:
    """The files of the edition that match a pattern, each with the place of the first it matches, in that order."""
    compiled = [re.compile(pattern, re.IGNORECASE) for pattern in patterns]
    ranked = []
    for file in files:
        named = _NAMED_YEAR.search(file["name"])
        rank = next((i for i, pattern in enumerate(compiled) if pattern.fullmatch(file["name"])), None)
        if rank is not None and (named is None or int(named[1]) == year):
            ranked.append((rank, file))
    ranked.sort(key=lambda pair: pair[1]["uploaded"], reverse=True)
    ranked.sort(key=lambda pair: pair[0])
    return ranked


def uploaded_on(file: Found) -> date | None:
    """The day a file was uploaded, where the item says it."""
    try:
        return date.fromisoformat(file["uploaded"][:10])
    except ValueError:
        return None


def _json(body: Body) -> Found:
    """The body's object, names of fields in lower case."""
    try:
        payload = _lowered(json.loads(body.read().decode("utf-8-sig")))
    except (ValueError, RecursionError) as error:
        raise RetryableError(body.url, f"is not whole JSON ({error}).", RETRIED_NEXT_RUN) from error
    if not isinstance(payload, dict):
        raise RetryableError(body.url, "is no JSON object.", RETRIED_NEXT_RUN)
    return payload


def _lowered(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name).lower(): _lowered(item) for name, item in value.items()}
    return [_lowered(item) for item in value] if isinstance(value, list) else value
