"""BACI's own yearly files, of which only the codes followed are ever in memory."""

from __future__ import annotations

import polars as pl

from sources.model.artifact import Artifact, TruncatedError
from sources.reading.streams import blocks_of, read_records_of


def read_yearly(artifact: Artifact, columns: list[str], code_column: str, codes: tuple[str, ...]) -> pl.DataFrame:
    """Read the records of `codes` as text, numbered from 1 in `artifact_row`; memory does not grow with the file.

    Raises:
        TruncatedError: the text or a record ends early, the bytes do not have their hash, or no record is kept.
        LayoutError: columns gained or lost, a record longer than the header, text that is not UTF-8.
    """
    artifact.check_bytes()
    kept = read_records_of(artifact, blocks_of(artifact.path), ",", columns, code_column, codes)
    if kept.is_empty():
        raise TruncatedError(artifact, f"holds no record of the codes {', '.join(codes)}.", "fetch it again.")
    # A missing weight is printed "NA", so an empty cell is one that a record cut short does not have.
    empty = kept.filter(pl.any_horizontal(pl.col(columns).is_null()))
    if empty.height:
        raise TruncatedError(
            artifact, f"record {empty['artifact_row'][0]} ends before its last field.", "fetch it again."
        )
    return kept
