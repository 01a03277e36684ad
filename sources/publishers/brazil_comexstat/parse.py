"""Read Brazil's monthly trade from answers of Comex Stat's interface and extracts of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, LayoutError, TruncatedError
from sources.model.source import ParsedTable, TableSpec, conform
from sources.publishers.brazil_comexstat.partition import Partition
from sources.reading.columns import in_month, printed_value, printed_weight, with_areas
from sources.reading.delimited import read_records
from sources.reading.json_text import as_cell, read_json
from sources.reading.layouts import layout_of
from sources.reading.numbers import printed_number
from sources.reading.partners import UNKNOWN_PARTNER, set_aside_small
from sources.reading.tables import check_columns, log_added_fields, rejects_from, to_feed_schema, unreadable
from sources.reading.vocabulary import load_vocabulary

_HERE = Path(__file__).parent
_FLOWS = {"M": ("import", "origin"), "X": ("export", "last_known_destination")}
"""Flow and partner basis by the letter of a partition. Both flows are valued FOB (`metricFOB`)."""
_LINE_DIGITS = 8

TRADE_TABLE = TableSpec(
    name="brazil_comexstat__trade",
    feed="trade",
    key=("reporter_code", "partner_code", "flow", "hs_code", "period_start"),
    expected_rejects=frozenset({UNKNOWN_PARTNER}),
    partitions=(Partition,),
)
TABLES = (TRADE_TABLE,)


def _of_interface(artifact: Artifact, layout: dict[str, Any]) -> pl.DataFrame:
    """Records of an answer (`data.list`) as text.

    Raises:
        TruncatedError: no answer of the interface (an error, a quota), or no record.
        LayoutError: a field is lost.
    """
    body = read_json(artifact, "an answer of Comex Stat")
    data = body.get("data") if isinstance(body, dict) else None
    records = data.get("list") if isinstance(data, dict) else None
    if not isinstance(records, list) or not records or not all(isinstance(record, dict) for record in records):
        raise TruncatedError(artifact, "holds no records under data.list.", "an error or an empty query; ask again.")
    columns = layout["columns"]
    names = {name for record in records for name in record}
    if set(columns) - names:
        check_columns(artifact, sorted(names - set(layout["beside"])), columns)
    log_added_fields(artifact, names - set(columns) - set(layout["beside"]))
    rows = [[as_cell(record.get(name)) for name in columns] for record in records]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row").with_row_index(
        "artifact_row", offset=1
    )


def _of_extract(artifact: Artifact, layout: dict[str, Any]) -> pl.DataFrame:
    return read_records(artifact, layout["columns"])


_READERS: dict[str, Callable[[Artifact, dict[str, Any]], pl.DataFrame]] = {
    "json": _of_interface,
    "extract": _of_extract,
}


def _require_lines(artifact: Artifact, records: pl.DataFrame, code: str) -> None:
    line = pl.col("coNcm")
    others = records.filter(~line.str.contains(rf"^[0-9]{{{_LINE_DIGITS}}}$") | ~line.str.starts_with(code))
    if others.height:
        raise LayoutError(
            artifact,
            f"record {others['artifact_row'][0]} is of {others['coNcm'][0][:40]!r}, no line under {code}.",
            f"name its partition {Partition.FORM} after the code that was asked for.",
        )


def _shape(layout: dict[str, Any], records: pl.DataFrame, partition: Partition) -> pl.DataFrame:
    flow, partner_basis = _FLOWS[partition.flow]
    frame = records.with_columns(
        pl.lit(layout["rank"]).alias("layout_rank"),
        pl.lit("BRA").alias("reporter_code"),
        pl.col("country").alias("partner_label"),
        pl.lit(value=False).alias("is_partner_world"),
        pl.lit(flow).alias("flow"),
        pl.col("coNcm").alias("hs_code"),
        pl.lit("BRA").alias("code_country"),
        pl.lit(partition.code).alias("scope_code"),
        *in_month("month", "%Y%m"),
        *printed_value(pl.col("usd"), "metricFOB", 1.0, decimals=0),
        pl.lit(value=False).alias("is_revised"),
        *printed_weight(pl.col("kg"), 0.5),
        pl.col("metricKG").alias("weight_raw"),
        pl.lit("FOB").alias("valuation"),
        pl.lit(partner_basis).alias("partner_basis"),
    )
    return to_feed_schema(TRADE_TABLE, frame)


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read one year of one flow of one international code, line by line.

    Returns one table of `TRADE` rows by month, Brazil as reporter, in whole US$ and whole kg, both flows FOB. The flow
    is that of the partition's name. All lines of the code are there (`scope_code`).

    Raises:
        LayoutError: fields or columns lost, a line of another code, two rows of one flow.
        TruncatedError: an error of the interface, a record cut short, none at all.
        UnknownLabelError: a partner that is neither known nor small.
    """
    layout, partition = layout_of(artifact, _HERE), Partition.of(artifact)
    records = _READERS[layout["reader"]](artifact, layout)
    _require_lines(artifact, records, partition.code)
    numbers = records.with_columns(
        printed_number("metricFOB", 0).alias("usd"),
        printed_number("metricKG", 0).alias("kg"),
        pl.concat_str("year", pl.col("monthNumber").str.zfill(2)).alias("month"),
    )
    is_month = pl.col("month").str.contains(r"^(19|20)[0-9][0-9](0[1-9]|1[0-2])$")
    cells = {
        "year": is_month,
        "monthNumber": is_month,
        "metricFOB": pl.col("usd").is_not_null(),
        "metricKG": pl.col("kg").is_not_null(),
    }
    readable = pl.all_horizontal(*cells.values())
    raw = layout["columns"]
    rejects = rejects_from(numbers.filter(~readable), "unreadable_value", unreadable(cells), raw)
    words = load_vocabulary(_HERE / "labels.csv", "country")
    kept, unknown = set_aside_small(
        artifact, numbers.filter(readable), words, "country", flow=["month", "coNcm"], value="usd", raw=raw
    )
    rows = with_areas(artifact, kept, _HERE, "country", "country", "partner")
    rejects = pl.concat([rejects, unknown])
    return (conform(TRADE_TABLE, artifact, _shape(layout, rows, partition), rejects),)
