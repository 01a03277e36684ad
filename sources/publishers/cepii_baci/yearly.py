"""BACI's own yearly files, of which only the codes followed are ever in memory."""

from __future__ import annotations

import polars as pl

from sources.model.artifact import Artifact, LayoutError, TruncatedError
from sources.reading.tables import check_columns


def read_yearly(artifact: Artifact, columns: list[str], code_column: str, codes: tuple[str, ...]) -> pl.DataFrame:
    """Read the records of `codes` as text, numbered from 1 in `artifact_row`; memory does not grow with the file.

    Raises:
        TruncatedError: the text or a kept record ends early, the bytes do not have their hash, or no record is kept.
        LayoutError: columns gained or lost, a record longer than the header, text that is not UTF-8.
    """
    artifact.check_bytes()
    size = artifact.path.stat().st_size
    with artifact.path.open("rb") as file:
        file.seek(max(0, size - 1))
        if file.read() != b"\n":
            raise TruncatedError(artifact, "its text ends inside a record.", "fetch it again.")
    scan = pl.scan_csv(artifact.path, infer_schema=False, row_index_name="artifact_row", row_index_offset=1, glob=False)
    try:
        header = [name for name in scan.collect_schema().names() if name != "artifact_row"]
        check_columns(artifact, header, columns)
        wanted = scan.filter(pl.col(code_column).str.strip_chars().is_in(codes))
        kept = wanted.collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise LayoutError(artifact, f"is not readable as CSV ({error}).", "fetch it again.") from error
    if kept.is_empty():
        raise TruncatedError(artifact, f"holds no record of the codes {', '.join(codes)}.", "fetch it again.")
    # A missing weight is printed "NA", so an empty cell is one that a record cut short does not have.
    empty = kept.filter(pl.any_horizontal(pl.col(columns).is_null()))
    if empty.height:
        raise TruncatedError(
            artifact, f"record {empty['artifact_row'][0]} ends before its last field.", "fetch it again."
        )
    return kept.sort("artifact_row").select(pl.col("artifact_row").cast(pl.Int64), *columns)
