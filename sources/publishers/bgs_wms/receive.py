"""Identify lists that a person downloaded from the BGS's interface, as JSON or as CSV."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from sources.model.artifact import Artifact, LayoutError, TruncatedError, artifact_dropped, artifact_of_file
from sources.publishers.bgs_wms.partition import Partition
from sources.publishers.bgs_wms.records import records
from sources.reading.cells import normalise
from sources.reading.json_text import read_json
from sources.reading.layouts import declared

_HERE = Path(__file__).parent
_LIST = "bgs_commodity_trans"
_JSON_STARTS = (b"{", b"[", b"<")


def receive(path: Path, received_on: date, folder: Path) -> tuple[Artifact, ...]:
    """Say what a dropped file is: complete lists, known from the day it was dropped, as fetched ones are.

    JSON is one list, since the interface counts the records of a query. A CSV of both lists gives an extract for each.

    Raises:
        LayoutError: no collection of records, other columns, or records of another list.
        TruncatedError: fewer records than the interface says match, or a CSV of exactly a page.
    """
    about = tomllib.loads((_HERE / "source.toml").read_text(encoding="utf-8"))
    slugs = {known["commodity"]: known["slug"] for known in about["live"]["list"]}
    download = artifact_dropped(path, about, received_on, "bgs_geojson", partition=str(Partition(None)))
    with path.open("rb") as file:
        start = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(_JSON_STARTS):
        return (_of_json(download, slugs),)
    return _of_csv(download, slugs, folder)


def _of_json(download: Artifact, slugs: Mapping[str, str]) -> Artifact:
    features, matched = _records_of(download)
    names = {str(feature["properties"].get(_LIST) or "").strip().lower() for feature in features}
    _require_known_lists(download, names, slugs)
    if len(names) != 1:
        raise LayoutError(
            download,
            f"holds records of {sorted(names)}.",
            f"download one list at a time, {_LIST}={' or '.join(slugs)}.",
        )
    if matched != len(features):
        raise TruncatedError(
            download,
            f"holds {len(features)} records, and says that {matched} match.",
            "download the list in one page: raise limit above that number.",
        )
    slug = slugs[names.pop()]
    return replace(download, name=f"{slug}.geojson", partition=str(Partition(slug)))


def _of_csv(download: Artifact, slugs: Mapping[str, str], folder: Path) -> tuple[Artifact, ...]:
    """The file as it is where it is one list; else its records of each list, with all columns."""
    try:
        text = download.read_bytes().decode("utf-8-sig")
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    except (UnicodeDecodeError, ValueError, csv.Error) as error:
        raise LayoutError(
            download, f"is neither JSON nor a CSV in UTF-8 ({error}).", "download it again, and drop it unchanged."
        ) from error
    columns = [normalise(name) for name in header]
    layout = max(
        (layout for layout in declared(_HERE)["layout"] if layout["reader"] == "csv"),
        key=lambda layout: len(set(columns) & set(layout["columns"])),
    )
    download = replace(download, layout=layout["id"])
    found = records(download, layout)[_LIST].str.strip_chars().str.to_lowercase()
    _require_known_lists(download, set(found), slugs)
    if found.n_unique() == 1:
        slug = slugs[found[0]]
        return (replace(download, name=f"{slug}.csv", partition=str(Partition(slug))),)
    place = columns.index(_LIST)
    return tuple(
        _extract(download, slugs[name], folder, [header, *(row for row in rows if _is_of(row, place, name))])
        for name in sorted(set(found))
    )


def _is_of(row: list[str], place: int, name: str) -> bool:
    return len(row) > place and row[place].strip().lower() == name


def _extract(download: Artifact, slug: str, folder: Path, rows: list[list[str]]) -> Artifact:
    path = folder / f"{slug}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    kept = {name: getattr(download, name) for name in ("source_code", "layout", "year", "release", "known_from", "url")}
    return artifact_of_file(
        path,
        **kept,
        name=path.name,
        partition=str(Partition(slug)),
        known_basis="assumed",
        transcription="extract",
        original_sha256=download.sha256,
    )


def _require_known_lists(download: Artifact, names: set[str], slugs: Mapping[str, str]) -> None:
    if not names <= set(slugs):
        raise LayoutError(
            download,
            f"holds records of {sorted(names - set(slugs))[:4]}.",
            f"download one list at a time, {_LIST}={' or '.join(slugs)}.",
        )


def _records_of(download: Artifact) -> tuple[list[dict[str, Any]], Any]:
    """The records of a collection, and how many match by its own word."""
    payload = read_json(download, "a collection of the World Mineral Statistics")
    features = payload.get("features") if isinstance(payload, dict) else None
    is_collection = isinstance(features, list) and all(
        isinstance(feature, dict) and isinstance(feature.get("properties"), dict) for feature in features
    )
    if not is_collection or not features:
        raise LayoutError(download, "is no collection of records.", "download it with f=json, and drop it unchanged.")
    return list(features), payload.get("numberMatched")
