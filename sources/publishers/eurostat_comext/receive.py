"""Identify a monthly file of Comext that a person downloaded."""

from __future__ import annotations

import hashlib
import re
import tomllib
from datetime import date
from pathlib import Path

from sources.model.artifact import Artifact, LayoutError, artifact_dropped
from sources.publishers.eurostat_comext.extract import write_extract
from sources.publishers.eurostat_comext.partition import Partition
from sources.reading.archives import ArchiveError

_HERE = Path(__file__).parent
_7Z = b"7z\xbc\xaf\x27\x1c"
_MONTH = re.compile(r"((?:19|20)[0-9]{2})(0[1-9]|1[0-2])")


def receive(path: Path, received_on: date, folder: Path) -> tuple[Artifact, ...]:
    """The followed codes of a dropped archive, known from the day it was dropped, as of a fetched one.

    Raises:
        ArchiveError, DamagedArchiveError: no 7z with one monthly file.
        LayoutError: other columns, or more than one month.
        TruncatedError: it holds none of the followed codes.
    """
    about = tomllib.loads((_HERE / "source.toml").read_text(encoding="utf-8"))
    with path.open("rb") as file:
        if file.read(len(_7Z)) != _7Z:
            raise ArchiveError(path.name, "is no 7z.", "drop the monthly file as it was downloaded.")
    limits = {"max_bytes": about["live"]["max_member_bytes"], "max_ratio": about["live"]["max_ratio"]}
    extract = folder / "extract.csv"
    kept = write_extract(path.name, path, extract, folder, **limits)
    month = _MONTH.fullmatch(kept.periods[0]) if len(kept.periods) == 1 else None
    if month is None:
        raise LayoutError(path.name, f"holds the periods {list(kept.periods[:5])}.", "drop the file of one month.")
    partition = Partition(int(month[1]), int(month[2]))
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    received = artifact_dropped(
        extract,
        about,
        received_on,
        "comext_full_v2",
        name=f"full_v2_{partition.period}.csv",
        partition=str(partition),
        year=partition.year,
        transcription="extract",
        original_sha256=digest,
    )
    return (received,)
