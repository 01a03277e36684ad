"""Read figures of electric vehicles registered in India, one page's at a time."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from sources.model.artifact import Artifact
from sources.model.source import ParsedTable, TableSpec, conform
from sources.publishers.india_vahan.partition import Partition
from sources.reading.columns import begun_in_year, by_closed_list, half_of_last_digit
from sources.reading.delimited import read_records
from sources.reading.layouts import declared, layout_of
from sources.reading.numbers import printed_number
from sources.reading.tables import rejects_from, to_feed_schema, unreadable

_HERE = Path(__file__).parent
_DECIMALS = 2

REGISTRATIONS_TABLE = TableSpec(
    name="india_vahan__registrations",
    feed="deployment",
    key=("country_code", "magnet_use", "use_class", "period_type", "period_start"),
    partitions=(Partition,),
)
TABLES = (REGISTRATIONS_TABLE,)


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read one page's figures: rows of `DEPLOYMENT`, numbers of electric vehicles, rounded as printed.

    "19.68" lakh is 1,968,000 vehicles, known to 500. Cells that are no number, and periods that are none, are set aside
    as `unreadable_value`.

    Raises:
        LayoutError: columns gained or lost, an undeclared layout, two rows of one figure.
        TruncatedError: a record ends early, or there is none.
        UnknownLabelError: a class or a unit that is not known.
    """
    layout, lists = layout_of(artifact, _HERE), declared(_HERE)
    records = read_records(artifact, layout["columns"])
    units = {unit: str(vehicles) for unit, vehicles in lists["units"].items()}
    numbers = records.with_columns(
        by_closed_list(artifact, records, "unit", units).cast(pl.Float64).alias("vehicles"),
        by_closed_list(artifact, records, "vehicle_class", lists["classes"]).alias("use_class"),
        printed_number("registered", _DECIMALS, "indian").alias("number"),
        begun_in_year("period").alias("fiscal"),
        pl.col("period").str.extract(r"^((?:19|20)[0-9][0-9])$").cast(pl.Int32).alias("calendar"),
    ).with_columns(pl.coalesce("fiscal", "calendar").alias("first_year"))
    cells = {
        "registered": pl.col("number").is_not_null(),
        "period": pl.col("first_year").is_not_null(),
        "page_url": pl.col("page_url").str.contains("^https?://"),
    }
    readable = pl.all_horizontal(*cells.values())
    rejects = rejects_from(numbers.filter(~readable), "unreadable_value", unreadable(cells), layout["columns"])
    is_fiscal, year = pl.col("fiscal").is_not_null(), pl.col("first_year")
    frame = numbers.filter(readable).with_columns(
        pl.lit("IND").alias("country_code"),
        pl.lit("electric_vehicles").alias("magnet_use"),
        pl.when(is_fiscal).then(pl.lit("fiscal_year")).otherwise(pl.lit("calendar_year")).alias("period_type"),
        pl.when(is_fiscal).then(pl.date(year, 4, 1)).otherwise(pl.date(year, 1, 1)).alias("period_start"),
        pl.when(is_fiscal).then(pl.date(year + 1, 3, 31)).otherwise(pl.date(year, 12, 31)).alias("period_end"),
        (pl.col("number") * pl.col("vehicles")).round(0).alias("deployed"),
        (half_of_last_digit("registered", 1.0) * pl.col("vehicles")).alias("deployed_rounding"),
        pl.lit("vehicles").alias("deployed_unit"),
        pl.when(pl.col("unit") == "number")
        .then("registered")
        .otherwise(pl.col("registered") + " " + pl.col("unit"))
        .alias("value_raw"),
        pl.when(pl.col("number") == 0).then(pl.lit("zero")).otherwise(pl.lit("reported")).alias("value_status"),
    )
    return (conform(REGISTRATIONS_TABLE, artifact, to_feed_schema(REGISTRATIONS_TABLE, frame), rejects),)
