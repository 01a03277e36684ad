"""Read India's monthly customs trade by partner from extracts of the MEIDB reports.

Belongs here: turning the reports' cells into rows of `TRADE`. Does not belong here: the columns of each
layout, which are data in `layouts.toml`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from sources.contract import (
    Artifact,
    ParsedTable,
    TableSpec,
    UnknownLabelError,
    conform,
    rejects_from,
    shaped,
)
from sources.layouts import declared, layout_of
from sources.tables import printed_number, read_records
from sources.vocabulary import load_vocabulary

_HERE = Path(__file__).parent
_QUALITIES = ("ok", "suspect_partner_labels")
_FLOWS = ("import", "export")
_PRINTED_TOTAL = "Total (printed)"
ROUNDING_USD = 5_000.0
"""Half of the last printed digit: 0.01 US$ million."""

TRADE_TABLE = TableSpec(
    name="india_tradestat__trade",
    feed="trade",
    key=("reporter_code", "partner_code", "flow", "hs_code", "period_type", "period_start"),
    expected_rejects=frozenset({"suspect_partner_labels", "not_yet_published"}),
)
TABLES = (TRADE_TABLE,)


def _require(artifact: Artifact, records: pl.DataFrame, column: str, known: tuple[str, ...]) -> None:
    unknown = sorted(set(records[column].unique()) - set(known))
    if unknown:
        raise UnknownLabelError(
            artifact,
            f"says {column} {unknown}; known are {list(known)}.",
            "if the publisher added a value, say in the parser what it means.",
        )


def _set_aside(records: pl.DataFrame, layout: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part the rows that can be facts from those that cannot, with a reason for each."""
    raw = layout["columns"]
    readable = pl.col("million").is_not_null() & pl.col("start").is_not_null()
    flagged = pl.col("quality") == "suspect_partner_labels"
    first, last = declared(_HERE)["mislabelled_months"]
    known_fault = pl.col("period").is_between(pl.lit(first), pl.lit(last))
    mislabelled = (flagged | known_fault) & pl.lit(bool(layout["partner_column"]))
    unpublished = (pl.col("million") == 0) & pl.lit(not layout["partner_column"])
    rejects = pl.concat(
        [
            rejects_from(records.filter(~readable), "unreadable_value", "value or period cannot be read", raw),
            rejects_from(
                records.filter(readable & mislabelled),
                "suspect_partner_labels",
                "the portal's partner labels of 2023-04 to 2024-03 are wrong; the totals are right",
                raw,
            ),
            rejects_from(
                records.filter(readable & unpublished),
                "not_yet_published",
                "a national total of 0.00 is a month not yet published, not zero trade",
                raw,
            ),
        ]
    )
    return records.filter(readable & ~mislabelled & ~unpublished), rejects


def _shape(artifact: Artifact, layout: dict[str, Any], kept: pl.DataFrame) -> pl.DataFrame:
    valuations = {row["flow"]: row["valuation"] for row in declared(_HERE)["valuation"]}
    words = load_vocabulary(_HERE / "labels.csv", "country")
    nothing = pl.col("million") == 0
    frame = words.apply(artifact, kept, "partner").with_columns(
        pl.lit(layout["rank"]).alias("layout_rank"),
        pl.lit("IND").alias("reporter_code"),
        pl.col("partner").alias("partner_label"),
        pl.col("area_code").alias("partner_code"),
        (pl.col("kind") == "world").alias("is_partner_world"),
        pl.col("hs4").alias("hs_code"),
        pl.lit("month").alias("period_type"),
        pl.col("start").alias("period_start"),
        pl.col("start").dt.month_end().alias("period_end"),
        pl.when(~nothing).then((pl.col("million") * 1e6).round(0)).alias("value_usd"),
        pl.when(nothing).then(pl.lit(0.0)).alias("value_low_usd"),
        pl.when(nothing).then(pl.lit(ROUNDING_USD)).alias("value_high_usd"),
        pl.lit(ROUNDING_USD).alias("value_rounding_usd"),
        pl.col(layout["value_column"]).alias("value_raw"),
        pl.when(nothing).then(pl.lit("at_most")).otherwise(pl.lit("reported")).alias("value_status"),
        pl.lit(value=False).alias("is_revised"),
        pl.lit("not_available").alias("weight_status"),
        pl.col("flow").replace_strict(valuations, return_dtype=pl.String).alias("valuation"),
        pl.lit("unknown").alias("partner_basis"),
    )
    return shaped(TRADE_TABLE, frame)


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read one extract of the monthly reports.

    Returns one table of `TRADE` rows, India as reporter, US$ rounded to 10,000 (`value_rounding_usd` 5,000).
    A printed 0.00 is "less than half the rounding" (`at_most`); months whose partner labels the portal got
    wrong are set aside as `suspect_partner_labels`, while their totals load.

    Raises:
        LayoutError: columns gained or lost, an undeclared layout, two rows of one flow.
        TruncatedError: a record ends early, or there is none.
        UnknownLabelError: a partner, flow or quality mark that is not known.
    """
    layout = layout_of(artifact, _HERE)
    records = read_records(artifact, layout["columns"])
    _require(artifact, records, "flow", _FLOWS)
    _require(artifact, records, layout["quality_column"], _QUALITIES)
    partner = pl.col(layout["partner_column"]) if layout["partner_column"] else pl.lit(_PRINTED_TOTAL)
    records = records.with_columns(
        partner.alias("partner"),
        pl.col(layout["quality_column"]).alias("quality"),
        printed_number(layout["value_column"]).alias("million"),
        pl.when(pl.col("period").str.contains(r"^\d{4}-\d\d$"))
        .then((pl.col("period") + "-01").str.to_date("%Y-%m-%d", strict=False))
        .alias("start"),
    )
    load_vocabulary(_HERE / "labels.csv", "country").require(artifact, records["partner"].unique())
    kept, rejects = _set_aside(records, layout)
    return (conform(TRADE_TABLE, artifact, _shape(artifact, layout, kept), rejects),)
