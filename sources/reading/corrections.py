"""Recorded corrections of publishers' errors, each applied only while the error is there.

A correction is a table of five entries::

    [[correction]]
    table = "un_comtrade__trade"
    match = { partner_code = "IND", hs_code = "850511", period_start = 2016-01-01 }
    column = "net_weight_kg"
    expect = 770461.0
    value = 7704610.0
    reason = "…"
    source = "https://…"

`expect` is the guard: when a row matches but no longer holds that value, the publisher has corrected it and the
correction must be removed.
"""

from __future__ import annotations

import tomllib
from functools import reduce
from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, SourceError

_ENTRIES = {"table", "match", "column", "expect", "value", "reason", "source"}


class StaleCorrectionError(SourceError):
    """A correction matches a row that no longer holds the value it was written for."""


def read_corrections(path: Path) -> list[dict[str, Any]]:
    """Read a `corrections.toml`; no file means no corrections.

    Raises:
        ValueError: an entry is missing or unknown.
    """
    if not path.exists():
        return []
    corrections: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["correction"]
    for correction in corrections:
        if set(correction) != _ENTRIES:
            msg = f"{path}: a correction needs exactly {sorted(_ENTRIES)}, got {sorted(correction)}"
            raise ValueError(msg)
    return corrections


def apply_corrections(
    artifact: Artifact, table: str, frame: pl.DataFrame, corrections: list[dict[str, Any]]
) -> tuple[pl.DataFrame, list[str]]:
    """Apply the corrections of `table` that match rows of `frame`; return the frame and what was done.

    Raises:
        StaleCorrectionError: a matching row holds another value than the correction expects.
    """
    done: list[str] = []
    for correction in corrections:
        if correction["table"] != table:
            continue
        here = reduce(
            lambda left, right: left & right, [pl.col(c) == pl.lit(v) for c, v in correction["match"].items()]
        )
        column = correction["column"]
        found = frame.filter(here)[column].to_list()
        if not found:
            continue
        if any(value != correction["expect"] for value in found):
            raise StaleCorrectionError(
                artifact,
                f"the correction of {column} where {correction['match']} expects {correction['expect']}, "
                f"the file now says {found}.",
                "the publisher corrected or changed the figure: remove the correction.",
            )
        frame = frame.with_columns(
            pl.when(here)
            .then(pl.lit(correction["value"]))
            .otherwise(pl.col(column))
            .cast(frame.schema[column])
            .alias(column)
        )
        done.append(
            f"{column} {correction['expect']} → {correction['value']} in {len(found)} row(s): "
            f"{correction['reason']} ({correction['source']})"
        )
    return frame, done
