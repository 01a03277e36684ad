"""Identify answers of the International Trade API that a person saved."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

from sources.model.artifact import Artifact, LayoutError, artifact_dropped
from sources.publishers.us_census.answers import read_answer
from sources.publishers.us_census.partition import Partition
from sources.reading.json_text import read_json
from sources.reading.layouts import declared

_HERE = Path(__file__).parent
_CODE_DIGITS = 6


def receive(path: Path, received_on: date, folder: Path) -> tuple[Artifact, ...]:  # noqa: ARG001 - nothing is unpacked
    """Say what a dropped answer is: one year of one code, known from the day it was dropped.

    Raises:
        TruncatedError: no array of a header and records.
        LayoutError: other fields, several years or several codes.
    """
    about = tomllib.loads((_HERE / "source.toml").read_text(encoding="utf-8"))
    saved = artifact_dropped(path, about, received_on, declared(_HERE)["layout"][0]["id"])
    body = read_json(saved, "an answer of the International Trade API")
    header = body[0] if isinstance(body, list) and body and isinstance(body[0], list) else []
    layout = next((one for one in declared(_HERE)["layout"] if one["code"] in header), declared(_HERE)["layout"][0])
    saved = replace(saved, layout=layout["id"])
    records = read_answer(saved, layout)
    years = {text[:4] for text in records["time"]}
    codes = {text[:_CODE_DIGITS] for text in records[layout["code"]]}
    digits = {len(text) for text in records[layout["code"]]}
    if (len(years), len(codes), len(digits)) != (1, 1, 1):
        raise LayoutError(
            saved,
            f"holds the years {sorted(years)[:5]} and codes {sorted(codes)[:5]} of {sorted(digits)[:5]} digits.",
            "save one answer for each year, code and level.",
        )
    name = f"CENSUS/{layout['flow']}/{codes.pop()}/{digits.pop()}/{years.pop()}"
    partition = Partition.of(replace(saved, partition=name))
    return (replace(saved, partition=name, year=partition.year),)
