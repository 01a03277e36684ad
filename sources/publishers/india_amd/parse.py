"""Read statements of India's monazite and rare-earth-oxide resources."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact
from sources.model.feeds import CLOSED_LISTS
from sources.model.source import ParsedTable, TableSpec, conform
from sources.publishers.india_amd.partition import Partition
from sources.reading.columns import by_closed_list, half_of_last_digit, in_window
from sources.reading.delimited import read_records
from sources.reading.layouts import declared, layout_of
from sources.reading.numbers import printed_number
from sources.reading.tables import rejects_from, to_feed_schema, unreadable

_HERE = Path(__file__).parent
_CELL = r"^(?:([a-z]+) )?([^ ]+)$"
"""At most one word, and a figure."""
_DECIMALS = 2

RESOURCES_TABLE = TableSpec(
    name="india_amd__resources",
    feed="resources",
    key=("country_code", "region_label", "deposit", "substance", "as_of_start", "as_of_end"),
    partitions=(Partition,),
)
TABLES = (RESOURCES_TABLE,)


def _read_cells(records: pl.DataFrame) -> pl.DataFrame:
    start, end = in_window("as_of")
    return records.with_columns(
        pl.col("resource").str.extract(_CELL, 1).fill_null("").alias("mark"),
        pl.col("resource").str.extract(_CELL, 2).alias("figure"),
        start.alias("as_of_start"),
        end.alias("as_of_end"),
    ).with_columns(
        printed_number("figure", _DECIMALS, "indian").alias("number"),
    )


def _shape(artifact: Artifact, kept: pl.DataFrame) -> pl.DataFrame:
    lists: dict[str, dict[Any, Any]] = declared(_HERE)
    frame = kept.with_columns(
        by_closed_list(artifact, kept, "unit", {unit: str(t) for unit, t in lists["units"].items()})
        .cast(pl.Float64)
        .alias("unit_t"),
        by_closed_list(artifact, kept, "mark", lists["marks"]).alias("value_status"),
        by_closed_list(artifact, kept, "region", {"": None} | lists["regions"]).alias("region_code"),
        by_closed_list(artifact, kept, "basis", {"": None} | {code: code for code in CLOSED_LISTS["basis_code"]}).alias(
            "basis_code"
        ),
        by_closed_list(artifact, kept, "deposit", CLOSED_LISTS["deposit"]).alias("deposit"),
        by_closed_list(artifact, kept, "substance", CLOSED_LISTS["substance"]).alias("substance"),
    )
    return frame.with_columns(
        pl.lit("IND").alias("country_code"),
        pl.when(pl.col("region") != "").then(pl.col("region")).alias("region_label"),
        (pl.col("number") * pl.col("unit_t")).round(3).alias("value_t"),
        (half_of_last_digit("figure", 1.0) * pl.col("unit_t")).round(3).alias("value_rounding_t"),
        (pl.col("resource") + " " + pl.col("unit")).alias("value_raw"),
        pl.when(pl.col("number") == 0).then(pl.lit("zero")).otherwise(pl.col("value_status")).alias("value_status"),
        pl.lit(value=False).alias("is_revised"),
    )


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read one statement.

    Returns one table of `RESOURCES` rows in tonnes of monazite or of rare-earth oxide, each as of a day, a month or a
    year, rounded as printed. Cells that are no number, and days that are none, are set aside as `unreadable_value`.

    Raises:
        LayoutError: columns gained or lost, an undeclared layout, two rows of one resource.
        TruncatedError: a record ends early, or there is none.
        UnknownLabelError: a region, deposit, substance, unit, basis or mark of an estimate that is not known.
    """
    layout = layout_of(artifact, _HERE)
    records = _read_cells(read_records(artifact, layout["columns"]))
    cells = {"resource": pl.col("number").is_not_null(), "as_of": pl.col("as_of_start").is_not_null()}
    readable = pl.all_horizontal(*cells.values())
    rejects = rejects_from(records.filter(~readable), "unreadable_value", unreadable(cells), layout["columns"])
    rows = to_feed_schema(RESOURCES_TABLE, _shape(artifact, records.filter(readable)))
    return (conform(RESOURCES_TABLE, artifact, rows, rejects),)
