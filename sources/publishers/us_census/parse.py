"""Read monthly trade of the United States from answers of the Census Bureau's International Trade API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, LayoutError
from sources.model.source import ParsedTable, TableSpec, conform
from sources.publishers.us_census.answers import read_answer
from sources.publishers.us_census.partition import Partition
from sources.reading.columns import in_month, printed_value, printed_weight, with_areas
from sources.reading.layouts import layout_of
from sources.reading.numbers import printed_number
from sources.reading.partners import UNKNOWN_PARTNER, set_aside_small
from sources.reading.tables import rejects_from, to_feed_schema, unreadable
from sources.reading.vocabulary import load_vocabulary

_HERE = Path(__file__).parent
_FLOWS = {"M": "import", "X": "export"}
_MONTH = r"^(19|20)[0-9][0-9]-(0[1-9]|1[0-2])$"
_GROUP = r"^00|X"
"""Codes of groups of countries: 0003 is the European Union, 5XXX Asia. They overlap each other and their members."""
GROUP = "country_group"
_NO_UNIT = ("", "-", "X")
"""Marks of a code whose quantity the publisher does not state."""

TRADE_TABLE = TableSpec(
    name="us_census__trade",
    feed="trade",
    key=("reporter_code", "partner_code", "flow", "hs_code", "period_start"),
    expected_rejects=frozenset({GROUP, UNKNOWN_PARTNER}),
    partitions=(Partition,),
)
TABLES = (TRADE_TABLE,)


def _require_partition(artifact: Artifact, layout: dict[str, Any], records: pl.DataFrame, key: Partition) -> None:
    """The answer is of the flow that its layout has, and of codes of the partition.

    Raises:
        LayoutError: it is of another flow, code or level.
    """
    if layout["flow"] != key.flow:
        raise LayoutError(
            artifact,
            f"is an answer about {_FLOWS[layout['flow']]}s under the partition '{key}'.",
            f"name its partition {Partition.FORM} after the flow that was asked for.",
        )
    code = pl.col(layout["code"])
    others = records.filter(~code.str.contains(rf"^[0-9]{{{key.digits}}}$") | ~code.str.starts_with(key.code))
    if others.height:
        raise LayoutError(
            artifact,
            f"row {others['artifact_row'][0]} is of {others[layout['code']][0][:40]!r}, no code of {key.digits} digits"
            f" under {key.code}.",
            f"name its partition {Partition.FORM} after the code and level that were asked for.",
        )


def _quantities(unit: pl.Expr) -> list[pl.Expr]:
    """Weight in whole kg where that is the unit; else the quantity in the publisher's unit, if it has one."""
    is_weight, is_counted = unit == "KG", ~unit.is_in([*_NO_UNIT, "KG"]) & (pl.col("amount") > 0)
    return [
        *printed_weight(pl.when(is_weight).then(pl.col("amount")), 0.5),
        pl.when(is_weight).then(pl.col("amount_raw")).alias("weight_raw"),
        pl.when(is_counted).then(pl.col("amount")).alias("quantity"),
        pl.when(is_counted).then(unit).alias("quantity_unit"),
    ]


def _shape(layout: dict[str, Any], records: pl.DataFrame, key: Partition) -> pl.DataFrame:
    is_line = key.digits > len(key.code)
    frame = records.with_columns(
        pl.lit(1).alias("layout_rank"),
        pl.lit("USA").alias("reporter_code"),
        pl.col("CTY_NAME").alias("partner_label"),
        (pl.col("partner_kind") == "world").alias("is_partner_world"),
        pl.lit(_FLOWS[key.flow]).alias("flow"),
        pl.col(layout["code"]).alias("hs_code"),
        pl.lit("USA" if is_line else None, pl.String).alias("code_country"),
        pl.lit(key.code if is_line else None, pl.String).alias("scope_code"),
        *in_month("time", "%Y-%m"),
        *printed_value(pl.col("usd"), layout["value"], 1.0, decimals=0),
        pl.lit(value=False).alias("is_revised"),
        *_quantities(pl.col("UNIT_QY1").str.strip_chars()),
        pl.lit(layout["valuation"]).alias("valuation"),
        pl.lit(layout["partner_basis"]).alias("partner_basis"),
    )
    return to_feed_schema(TRADE_TABLE, frame)


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read one year of one flow of one international code, as the code itself or line by line.

    Returns one table of `TRADE` rows by month, the United States as reporter, in whole US$; whole kg where the unit of
    the code is KG, else a quantity. Imports are general imports at customs value, exports all goods FAS: both leave out
    freight and insurance (`valuation` FOB). "-" is the printed total of all countries. Groups of countries are set
    aside.

    Raises:
        LayoutError: a field is lost, another flow, code or level than the partition names, two rows of one flow.
        TruncatedError: an error page, JSON that ends early, or no record.
        UnknownLabelError: a partner that is neither known nor small.
    """
    layout, key = layout_of(artifact, _HERE), Partition.of(artifact)
    records = read_answer(artifact, layout)
    _require_partition(artifact, layout, records, key)
    raw = layout["columns"]
    is_group = pl.col("CTY_CODE").str.contains(_GROUP)
    groups = rejects_from(records.filter(is_group), GROUP, "a group of countries, whose members have rows", raw)
    numbers = records.filter(~is_group).with_columns(
        printed_number(layout["value"], 0).alias("usd"),
        printed_number(layout["quantity"], 0).alias("amount"),
        pl.col(layout["quantity"]).alias("amount_raw"),
    )
    cells = {
        "time": pl.col("time").str.contains(_MONTH),
        layout["value"]: pl.col("usd").is_not_null(),
        layout["quantity"]: pl.col("amount").is_not_null() | (pl.col("amount_raw") == ""),
    }
    readable = pl.all_horizontal(*cells.values())
    rejects = rejects_from(numbers.filter(~readable), "unreadable_value", unreadable(cells), raw)
    kept, unknown = set_aside_small(
        artifact,
        numbers.filter(readable),
        load_vocabulary(_HERE / "labels.csv", "country"),
        "CTY_CODE",
        flow=["time", layout["code"]],
        value="usd",
        raw=raw,
    )
    rows = with_areas(artifact, kept, _HERE, "country", "CTY_CODE", "partner")
    return (conform(TRADE_TABLE, artifact, _shape(layout, rows, key), pl.concat([groups, rejects, unknown])),)
