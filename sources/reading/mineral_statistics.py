"""Mine production by calendar year: from figures as dicts to a table of `MINERAL_STATISTICS`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, TruncatedError
from sources.model.source import REJECTS, ParsedTable, TableSpec, conform
from sources.reading.columns import in_year
from sources.reading.tables import rejects_from, to_feed_schema
from sources.reading.vocabulary import load_vocabulary

_SCOPE = {"area": "country", "world": "world"}


def production_table(
    artifact: Artifact,
    package: Path,
    spec: TableSpec,
    figures: Sequence[tuple[dict[str, Any], dict[str, Any] | None]],
    raw: list[str],
) -> ParsedTable:
    """One table of mine production, tonnes of rare-earth-oxide equivalent by calendar year.

    `figures` are pairs of a figure as found and as read; one that could not be read (None) is set aside as
    `unreadable_value` with its columns `raw`.

    Raises:
        TruncatedError: no figure could be read.
        UnknownLabelError: a country that the package's `labels.csv` does not hold.
    """
    rows = pl.DataFrame([row for _, row in figures if row is not None], infer_schema_length=None)
    unread = [figure for figure, row in figures if row is None]
    if rows.is_empty():
        raise TruncatedError(artifact, "none of its cells can be read.", "fetch the file again.")
    rejects = pl.DataFrame(schema=REJECTS)
    if unread:
        detail = pl.format("{} {}: {}", "country_label", "year", "value_raw")
        rejects = rejects_from(pl.DataFrame(unread, infer_schema_length=None), "unreadable_value", detail, raw)
    rows = load_vocabulary(package / "labels.csv", "country").apply(artifact, rows, "country_label")
    rows = rows.with_columns(
        pl.lit("production").alias("measure"),
        pl.lit("mine_production").alias("series"),
        pl.lit("reo").alias("unit_basis"),
        pl.col("kind").replace_strict(_SCOPE).alias("scope"),
        pl.col("area_code").alias("country_code"),
        *in_year("year"),
    )
    return conform(spec, artifact, to_feed_schema(spec, rows), rejects)
