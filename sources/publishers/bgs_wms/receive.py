"""Identify a list that a person downloaded from the BGS's interface as JSON."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from sources.model.artifact import Artifact, LayoutError, TruncatedError
from sources.publishers.bgs_wms.partition import Partition
from sources.reading.json_text import read_json

_HERE = Path(__file__).parent


def receive(path: Path, received_on: date) -> Artifact:
    """Say what a dropped file is: one complete list, known from the day it was dropped, as a fetched one is.

    Raises:
        LayoutError: no collection of records, or records of several lists or of another one.
        TruncatedError: fewer records than the interface says match.
    """
    data = path.read_bytes()
    about = tomllib.loads((_HERE / "source.toml").read_text(encoding="utf-8"))
    download = Artifact(
        source_code=about["code"],
        name=path.name,
        layout="bgs_geojson",
        partition=str(Partition(None)),
        year=received_on.year,
        edition=None,
        release=f"as fetched {received_on}",
        known_from=received_on,
        known_basis="assumed",
        transcription="original",
        url=about["url"],
        sha256=hashlib.sha256(data).hexdigest(),
        original_sha256=None,
        path=path,
    )
    features, matched = _records_of(download)
    names = {str(feature["properties"].get("bgs_commodity_trans") or "").strip().lower() for feature in features}
    slugs = {known["commodity"]: known["slug"] for known in about["live"]["list"]}
    if len(names) != 1 or not names <= set(slugs):
        raise LayoutError(
            download,
            f"holds records of {sorted(names)[:4]}.",
            f"download one list at a time, bgs_commodity_trans={' or '.join(slugs)}.",
        )
    if matched != len(features):
        raise TruncatedError(
            download,
            f"holds {len(features)} records, and says that {matched} match.",
            "download the list in one page: raise limit above that number.",
        )
    slug = slugs[names.pop()]
    return replace(download, name=f"{slug}.geojson", partition=str(Partition(slug)))


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
