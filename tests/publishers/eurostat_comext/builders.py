"""Extracts of Comext's monthly files, all INVENTED but for those of the fake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sources.model.artifact import Artifact
from tests.helpers.artifacts import artifact
from tests.publishers.eurostat_comext.fake import COLUMNS, FakeComext

ABOUT = {
    "source_code": "eurostat_comext",
    "layout": "comext_full_v2",
    "partition": "COMEXT/2026-06",
    "year": 2026,
    "transcription": "extract",
}


def a_line(**cells: str) -> str:
    """One record: Germany's imports of 85051110 from China in June 2026, 1,000 euros and 10 kg."""
    row = dict.fromkeys(COLUMNS, "0") | {
        "REPORTER": "DE", "PARTNER": "CN", "TRADE_TYPE": "E", "PRODUCT_NC": "85051110", "FLOW": "1",
        "STAT_PROCEDURE": "1", "PERIOD": "202606", "VALUE_EUR": "1000", "QUANTITY_KG": "10",
    } | cells  # fmt: skip
    return ",".join(row[name] for name in COLUMNS)


def an_extract(folder: Path, *lines: str, **about: Any) -> Artifact:
    """An artifact of these lines under the header."""
    return artifact(folder, "\n".join([",".join(COLUMNS), *lines, ""]).encode(), **(ABOUT | about))


def a_month(folder: Path) -> Artifact:
    """The fake's June 2026, its followed codes."""
    lines = FakeComext(others=0).text("202606").splitlines()[1:]
    return an_extract(folder, *lines)
