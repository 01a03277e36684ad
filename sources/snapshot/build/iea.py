"""Magnet rare earths of the explorer's data: figures as they stand, without the lines of prose among the countries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sources.publishers.iea.partition import Partition
from sources.snapshot.build.snapshot_file import SnapshotFile

_MINERAL = "Rare Earth Elements"
_EDITION = 2025


def _without_prose(stage: dict[str, Any]) -> dict[str, Any]:
    """A stage of supply, without lines that have no figure."""
    countries = {
        label: years for label, years in stage["countries"].items() if any(v is not None for v in years.values())
    }
    return {"countries": countries, "total": stage["total"]}


def build(folder: Path) -> Iterator[SnapshotFile]:
    """Mining, refining and demand by use; shares computed from them and other minerals are left out."""
    original = folder / "other" / "iea" / "iea.json"
    data = json.loads(original.read_text(encoding="utf-8"))
    supply, demand = data["supply"][_MINERAL], data["totalDemand"][_MINERAL]
    kept = {
        "totalDemand": {_MINERAL: {name: figures for name, figures in demand.items() if name != "cleanShare"}},
        "supply": {_MINERAL: {stage: _without_prose(supply[stage]) for stage in ("mining", "refining")}},
    }
    yield SnapshotFile(
        file=f"iea/iea_magnet_rare_earths_{_EDITION}.json",
        data=(json.dumps(kept, indent=1) + "\n").encode(),
        original=original,
        row={
            "source_code": "iea",
            "layout": "extract_explorer_json",
            "partition": str(Partition(_EDITION)),
            "year": str(_EDITION),
            "edition": str(Partition(_EDITION)),
            "release": "1.0",
            "known_from": "2025-05-21",
            "known_basis": "stated",
            "known_from_note": "the day on which the outlook of 2025 and its data were published",
            "transcription": "extract",
            "how": "figures of rare earths with all their digits, as a third party converted them from the workbook;"
            " without lines of prose and computed shares",
            "url": "https://www.iea.org/data-and-statistics/data-tools/critical-minerals-data-explorer",
            "taken_from": "public repository barrytho/uk-critical-minerals-dashboard @ fc0f6435, data/iea.json",
        },
    )
