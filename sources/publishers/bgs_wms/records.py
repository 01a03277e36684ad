"""Records of the World Mineral Statistics as text columns, from CSV or GeoJSON."""

from __future__ import annotations

from typing import Any

import polars as pl

from sources.model.artifact import Artifact, TruncatedError
from sources.reading.delimited import read_records
from sources.reading.json_text import read_json
from sources.reading.tables import check_columns


def records(artifact: Artifact, layout: dict[str, Any]) -> pl.DataFrame:
    """Every record as text under the layout's columns, numbered from 1 in `artifact_row`; an empty cell is "".

    Raises:
        LayoutError: columns gained or lost, or another encoding.
        TruncatedError: not whole: fewer features than matched, a CSV of exactly a page, a cut file, or no record.
    """
    if layout["reader"] == "geojson":
        return _features(artifact, layout)
    frame = read_records(artifact, layout["columns"])
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
        matched, returned = body["numberMatched"], body["numberReturned"]
    except (KeyError, TypeError) as error:
        raise TruncatedError(
            artifact, f"is not a FeatureCollection with its counts ({error!r}).", "an error page; fetch it again."
        ) from error
    if not features or not all(isinstance(properties, dict) for properties in features):
        raise TruncatedError(artifact, "holds no feature with properties.", "fetch it again.")
    if len(features) != matched:
        raise TruncatedError(
            artifact,
            f"holds {len(features)} features, numberReturned {returned}, numberMatched {matched}.",
            "fetch the other pages by offset and put all features into one collection.",
        )
    columns = layout["columns"]
    names = sorted({name for properties in features for name in properties} - set(layout["beside"]))
    check_columns(artifact, names, columns)
    texts = [[_text(properties.get(name)) for name in columns] for properties in features]
    return pl.DataFrame(texts, schema=dict.fromkeys(columns, pl.String), orient="row").with_row_index(
        "artifact_row", offset=1
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
