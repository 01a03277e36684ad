"""Fetch the lists of rare-earth production of the World Mineral Statistics, each whole, once a quarter.

Belongs here: what is asked of the OGC interface, page by page, and when an answer is whole. Does not belong here: what
a record means (`parse.py`), or which lists there are and how they are asked for, which is data in `source.toml`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sources.http.client import Body, FetchError, PassingError
from sources.http.fetcher import Answer, Task, Visit
from sources.publishers.bgs_wms.partition import Partition

Found = dict[str, Any]
_NOT_UNDERSTOOD = frozenset({400, 422, 501})
_COUNTS = ("numberMatched", "numberReturned")


class QueryError(FetchError):
    """This way of asking is not understood: refused, or answered with records of something else."""


@dataclass(frozen=True, slots=True)
class Pages:
    """All records of one question, as they came, and the pages they came in."""

    features: list[Found]
    bodies: list[Body]


def discover(visit: Visit) -> Found:
    """Nothing: the publisher has no list of releases that would say whether figures changed."""
    return dict(visit.catalogue)


def plan(visit: Visit) -> list[Task]:
    """Both lists, about 600 records in two calls: nothing says when they change, so every visit asks."""
    live = visit.about["live"]
    tasks = []
    for known in live["list"]:
        look = visit.looks.get(known["commodity"])
        first, last = date(known["first_year"], 1, 1), date(visit.today.year, 12, 31)
        if visit.window.touches(first, last):
            records = int(look.marks.get("records", known["records"])) if look else known["records"]
            why = f"last asked for on {look.at:%Y-%m-%d}" if look else "never fetched"
            calls = -(-records // live["page"])
            tasks.append(Task(known["commodity"], first, last, calls=calls, records=records, why=why, ask=known))
    return tasks


def fetch(visit: Visit, task: Task) -> Answer:
    """Ask for one list in whole, by the first way of asking that the server understands.

    A single page lands as it came; several are joined into one collection. So are the records of one list out of an
    answer for both.

    Raises:
        FetchError: no way is understood, a count that does not hold, pages that overlap, or no record at all.
    """
    live, commodity = visit.about["live"], str(task.ask["commodity"])
    look = visit.looks.get(task.key)
    refusals = []
    for number, way in enumerate(live["way"]):
        asked = {name: value.format(commodity=commodity) for name, value in way["params"].items()}
        held = look.marks if look and look.marks.get("way") == str(number) else {}
        try:
            pages = _pages(visit, asked, held)
            if pages is None:
                return Answer((), held, "unchanged")
            own = _own_records(pages.features, commodity, is_of_more=way["is_of_more"])
        except QueryError as error:
            refusals.append(str(error))
            continue
        marks = {"way": str(number), "records": str(len(own))}
        if len(pages.bodies) == 1:
            marks |= {"etag": pages.bodies[0].etag, "last_modified": pages.bodies[0].last_modified}
        return Answer((_artifact(visit, task, pages, own),), marks, f"{len(own)} records")
    raise FetchError(
        task.key,
        f"is answered to none of the ways it is asked for: {' '.join(refusals)}",
        "look at the interface's description; mend the ways of asking in source.toml.",
    )


def _pages(visit: Visit, asked: Mapping[str, str], held: Mapping[str, str]) -> Pages | None:
    """Page by page until as many records have come as match; None where the publisher says nothing changed."""
    features: list[Found] = []
    bodies: list[Body] = []
    matched = 1
    while len(features) < matched:
        body = _page(visit, asked, len(features), held)
        if body.is_unchanged:
            return None
        said = body.json()
        if bodies and said["numberMatched"] != matched:
            raise PassingError(
                body.url, f"matches {said['numberMatched']}, the page before it {matched}.", "asked in the next run."
            )
        matched = said["numberMatched"]
        if matched > visit.about["live"]["most_records"]:
            raise QueryError(body.url, f"matches {matched:,} records, far more than the list has.", "mend the query.")
        features += said["features"]
        bodies.append(body)
    seen = {json.dumps(feature.get("id") or feature["properties"], sort_keys=True) for feature in features}
    if len(features) != matched or (len(bodies) > 1 and len(seen) != len(features)):
        raise PassingError(
            bodies[-1].url,
            f"gave {len(features)} records, {len(seen)} of them different, where {matched} match: pages overlap.",
            "it is asked again in the next run.",
        )
    return Pages(features, bodies)


def _page(visit: Visit, asked: Mapping[str, str], offset: int, held: Mapping[str, str]) -> Body:
    """One page that counts its records rightly and has some."""

    def whole(body: Body) -> None:
        said = body.json()
        features = said.get("features") if isinstance(said, dict) else None
        if not isinstance(features, list) or not all(_is_feature(feature) for feature in features):
            raise PassingError(body.url, "is no collection of records.", "it is asked again in the next run.")
        matched, returned = (said.get(name) for name in _COUNTS)
        is_counted = type(matched) is int and type(returned) is int
        if not is_counted or returned != len(features) or not features or offset + returned > matched:
            raise PassingError(
                body.url,
                f"holds {len(features)} records from {offset} on and says it holds {returned} of {matched}.",
                "it is asked again in the next run.",
            )

    params = {"f": "json", "limit": str(visit.about["live"]["page"]), "offset": str(offset), **asked}
    try:
        return visit.http.get(
            visit.about["live"]["items"],
            params=params,
            expect="json",
            validators=held if not offset else {},
            check=whole,
        )
    except FetchError as error:
        if error.status in _NOT_UNDERSTOOD:
            raise QueryError(visit.source_code, f"refuses the query ({error})", "ask in another way.") from error
        raise


def _is_feature(said: Any) -> bool:
    return isinstance(said, dict) and isinstance(said.get("properties"), dict)


def _own_records(features: list[Found], commodity: str, *, is_of_more: bool) -> list[Found]:
    """The records of the list that was asked for; a way that asks for one list must give no other."""
    said = [str(feature["properties"].get("bgs_commodity_trans") or "").strip().lower() for feature in features]
    own = [feature for feature, name in zip(features, said, strict=True) if name == commodity]
    others = sorted(set(said) - {commodity})
    if not own or (others and not is_of_more):
        raise QueryError(
            commodity, f"is answered with {len(own)} records of its own, beside {others[:4]}.", "ask in another way."
        )
    return own


def _artifact(visit: Visit, task: Task, pages: Pages, own: list[Found]) -> Any:
    """The list as a statement known from today: the publisher gives no day."""
    first = pages.bodies[0]
    is_verbatim = len(pages.bodies) == 1 and len(own) == len(pages.features)
    if not is_verbatim:
        whole = {"type": "FeatureCollection", "features": own, "numberMatched": len(own), "numberReturned": len(own)}
        path = visit.folder / f"{task.ask['slug']}.geojson"
        path.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
        digest = hashlib.sha256(b"".join(body.read() for body in pages.bodies))
    return visit.artifact(
        _path(first) if is_verbatim else path,
        name=f"{task.ask['slug']}.geojson",
        layout="bgs_geojson",
        partition=str(Partition(task.ask["slug"])),
        year=visit.today.year,
        release=f"as fetched {visit.today}",
        known_from=visit.today,
        known_basis="assumed",
        url=first.url,
        transcription="original" if is_verbatim else "extract",
        original_sha256=None if is_verbatim else digest.hexdigest(),
    )


def _path(body: Body) -> Path:
    if body.path is None:
        raise FetchError(body.url, "has no body.", "it is asked again in the next run.")
    return body.path
