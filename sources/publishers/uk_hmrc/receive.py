"""Identify a body of HMRC's interface that a person downloaded: one year of one code."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

from sources.model.artifact import Artifact, LayoutError, TruncatedError, artifact_dropped
from sources.model.products import HS_CODES
from sources.publishers.uk_hmrc.fetch import file_name
from sources.publishers.uk_hmrc.partition import Partition
from sources.reading.json_text import as_cell, read_json

_HERE = Path(__file__).parent
_CODE = re.compile(r"(?<![0-9])(?:[0-9]{8}|[0-9]{6})(?![0-9])")


def receive(path: Path, received_on: date, folder: Path) -> tuple[Artifact, ...]:  # noqa: ARG001 - nothing is unpacked
    """Say what a dropped file is, known from the day it was dropped. Its name says the code that was asked for.

    Raises:
        LayoutError: no body of the interface, of several years, or without a code in its name.
        TruncatedError: cut, one page of several, or no record.
    """
    about = tomllib.loads((_HERE / "source.toml").read_text(encoding="utf-8"))
    code = next((found for found in _CODE.findall(path.name) if found[:6] in HS_CODES), None)
    if code is None:
        raise LayoutError(
            path.name,
            "does not say which code it was asked for.",
            "put it into the name, such as ots_850511_2025.json.",
        )
    download = artifact_dropped(path, about, received_on, "hmrc_ots")
    body = read_json(download, "a body of HMRC's interface")
    records = body.get("value") if isinstance(body, dict) else None
    if not isinstance(records, list) or not records or not all(isinstance(record, dict) for record in records):
        raise TruncatedError(download, "holds no records under 'value'.", "an error page or an empty query.")
    found = sorted({as_cell(record.get("MonthId"))[:4] for record in records})
    if len(found) != 1 or not re.fullmatch("(?:19|20)[0-9][0-9]", found[0]):
        raise LayoutError(download, f"holds records of the years {found}.", "download one year at a time.")
    partition = Partition(code, int(found[0]))
    return (replace(download, name=file_name(partition), partition=str(partition), year=partition.year),)
