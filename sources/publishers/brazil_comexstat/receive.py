"""Identify an answer of Comex Stat that a person downloaded: one year of one flow of one code."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

from sources.model.artifact import Artifact, LayoutError, TruncatedError, artifact_dropped
from sources.model.products import HS_CODES
from sources.publishers.brazil_comexstat.fetch import FLOWS, file_name
from sources.publishers.brazil_comexstat.partition import Partition
from sources.reading.json_text import as_cell, read_json

_HERE = Path(__file__).parent
_CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")


def receive(path: Path, received_on: date, folder: Path) -> tuple[Artifact, ...]:  # noqa: ARG001 - nothing is unpacked
    """Say what a dropped file is, known from the day it was dropped. Its name says the flow and the code.

    Raises:
        LayoutError: no answer of the interface, of several years, or without flow and code in its name.
        TruncatedError: cut, an error, or no record.
    """
    about = tomllib.loads((_HERE / "source.toml").read_text(encoding="utf-8"))
    code = next((found for found in _CODE.findall(path.name) if found in HS_CODES), None)
    flows = [letter for letter, word in FLOWS.items() if word in path.name.lower()]
    if code is None or len(flows) != 1:
        raise LayoutError(
            path.name,
            "does not say which flow and code it was asked for.",
            "put them into the name, such as general_850511_import_2025.json.",
        )
    download = artifact_dropped(path, about, received_on, "comexstat_general")
    body = read_json(download, "an answer of Comex Stat")
    data = body.get("data") if isinstance(body, dict) else None
    records = data.get("list") if isinstance(data, dict) else None
    if not isinstance(records, list) or not records or not all(isinstance(record, dict) for record in records):
        raise TruncatedError(download, "holds no records under data.list.", "an error or an empty query; ask again.")
    found = sorted({as_cell(record.get("year")) for record in records})
    if len(found) != 1 or not re.fullmatch("(?:19|20)[0-9][0-9]", found[0]):
        raise LayoutError(download, f"holds records of the years {found}.", "download one year at a time.")
    partition = Partition(flows[0], code, int(found[0]))
    return (replace(download, name=file_name(partition), partition=str(partition), year=partition.year),)
