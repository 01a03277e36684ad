"""What the statement of a data set is called, and a body of its records alone, whether fetched or dropped by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def file_name(partition: str, ending: str) -> str:
    """The name of an artifact: `comtrade M IND all all 202503.json`."""
    return f"comtrade {partition}.{ending}".replace("/", " ")


def write_joined(folder: Path, partition: str, records: Sequence[Mapping[str, Any]]) -> Path:
    """Write whole records of one partition as a body of the API."""
    path = folder / f"joined {partition}.json".replace("/", " ")
    path.write_text(json.dumps({"count": len(records), "data": records, "error": ""}), encoding="utf-8")
    return path
