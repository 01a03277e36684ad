"""Answers of the US Census Bureau's International Trade API, all INVENTED."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sources.model.artifact import Artifact
from tests.fakes.server import Request
from tests.helpers.artifacts import artifact
from tests.publishers.us_census.fake import FakeCensus, table

HEADER = [
    "CTY_CODE",
    "CTY_NAME",
    "I_COMMODITY",
    "GEN_VAL_MO",
    "GEN_QY1_MO",
    "UNIT_QY1",
    "COMM_LVL",
    "I_COMMODITY",
    "time",
]
ABOUT = {
    "source_code": "us_census",
    "layout": "census_imports_hs",
    "partition": "CENSUS/M/850511/6/2025",
    "year": 2025,
    "known_from": None,
}


def a_row(**cells: str) -> list[str]:
    """One record: imports of 850511 from China in January 2025, 1,000 US$ and 10 kg. `code` sets both of its cells."""
    row = {
        "CTY_CODE": "5700", "CTY_NAME": "CHINA", "GEN_VAL_MO": "1000", "GEN_QY1_MO": "10", "UNIT_QY1": "KG",
        "COMM_LVL": "HS6", "I_COMMODITY": cells.get("code", "850511"), "time": "2025-01",
    } | cells  # fmt: skip
    return [row[name] for name in HEADER]


def an_answer(folder: Path, *rows: list[str], header: list[str] | None = None, **about: Any) -> Artifact:
    """An artifact of an answer with these records."""
    return saved(folder, table([header or HEADER, *rows]), **about)


def saved(folder: Path, data: bytes, **about: Any) -> Artifact:
    """An artifact of these bytes."""
    known = {name: value for name, value in (ABOUT | about).items() if value is not None}
    return artifact(folder, data, **known)


def a_year(folder: Path) -> Artifact:
    """The fake's imports of 850511 in 2025."""
    return saved(folder, answer_of(FakeCensus(key="k"), 6, "850511"))


def lines_of_a_year(folder: Path) -> Artifact:
    """The same by lines of ten digits."""
    return saved(folder, answer_of(FakeCensus(key="k"), 10, "850511*"), partition="CENSUS/M/850511/10/2025")


def answer_of(fake: FakeCensus, digits: int, code: str, year: int = 2025) -> bytes:
    """What the fake answers to a query of imports of a year."""
    query = {
        "get": ",".join(HEADER[:6]), "COMM_LVL": f"HS{digits}", "I_COMMODITY": code,
        "time": f"from {year}-01 to {year}-12", "key": fake.key,
    }  # fmt: skip
    return fake(Request(1, "GET", "/data/timeseries/intltrade/imports/hs", query, {}, {}, 0)).body
