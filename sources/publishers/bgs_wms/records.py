"""Records of the World Mineral Statistics as text columns, from CSV or GeoJSON."""

from __future__ import annotations

from typing import Any

import polars as pl

from sources.model.artifact import Artifact, TruncatedError
from sources.reading.delimited import read_records
from sources.reading.json_text import read_json
from sources.reading.tables import check_columns, log_added_fields


def records(artifact: Artifact, layout: dict[str, Any]) -> pl.DataFrame:
    """Every record as text under the layout's columns, numbered from 1 in `artifact_row`; an empty cell is "".

    Raises:
        LayoutError: columns lost, or another encoding. A column or property that was added is logged and not read.
        TruncatedError: not whole: fewer features than matched, a page with a next or previous one, a CSV of exactly a
            page, a cut file, or no record; or a body that does not let its reader see whether it is whole.
    """
    if layout["reader"] == "geojson":
        return _features(artifact, layout)
    frame = read_records(artifact, layout["columns"], may_have_more=True)
    if frame.height in layout["pages"]:
        raise TruncatedError(
            artifact,
            f"holds exactly {frame.height} records, a page of the interface.",
            "fetch it again with a higher limit, or as f=json, which says how many there are.",
        )
    return frame


def _features(artifact: Artifact, layout: dict[str, Any]) -> pl.DataFrame:
    body = read_json(artifact, "a FeatureCollection")
    try:
        features = [feature["properties"] for feature in body["features"]]
    except (KeyError, TypeError) as error:
        raise TruncatedError(
            artifact, f"is not a FeatureCollection ({error!r}).", "an error page; fetch it again."
        ) from error
    if not features or not all(isinstance(properties, dict) for properties in features):
        raise TruncatedError(artifact, "holds no feature with properties.", "fetch it again.")
    _require_whole(artifact, body, len(features))
    columns = layout["columns"]
    names = {name for properties in features for name in properties}
    if set(columns) - names:
        check_columns(artifact, sorted(names - set(layout["beside"])), columns)
    log_added_fields(artifact, names - set(columns) - set(layout["beside"]))
    texts = [[_text(properties.get(name)) for name in columns] for properties in features]
    return pl.DataFrame(texts, schema=dict.fromkeys(columns, pl.String), orient="row").with_row_index(
        "artifact_row", offset=1
    )


def _require_whole(artifact: Artifact, body: dict[str, Any], count: int) -> None:
    """OGC API Features makes both counts optional: without `numberMatched` the links to other pages tell."""
    matched, returned = body.get("numberMatched"), body.get("numberReturned")
    others = linked_pages(body)
    if matched is None and others is None:
        raise TruncatedError(
            artifact,
            f"holds {count} features and has neither numberMatched nor links: it cannot be seen whether it is whole.",
            "fetch it again from the interface, with a limit above the number of records.",
        )
    is_part = count != matched if matched is not None else bool(others) or returned not in {None, count}
    if is_part:
        raise TruncatedError(
            artifact,
            f"holds {count} features, numberReturned {returned}, numberMatched {matched}, links {others or []}.",
            "fetch the other pages by offset and put all features into one collection.",
        )


def linked_pages(body: dict[str, Any]) -> list[str] | None:
    """Which of the pages `next` and `prev` a body links to, such as ["next"]; None where it has no links at all."""
    links = body.get("links")
    if not isinstance(links, list) or not all(isinstance(link, dict) for link in links):
        return None
    return sorted({str(link.get("rel")) for link in links} & {"next", "prev"})


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
