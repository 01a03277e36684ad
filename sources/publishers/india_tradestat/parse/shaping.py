"""From TradeStat's figures to rows of `TRADE`: the steps that every one of its layouts shares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, LayoutError
from sources.reading.columns import known_weight
from sources.reading.layouts import declared
from sources.reading.vocabulary import Vocabulary, load_vocabulary

HERE = Path(__file__).parents[1]
PRINTED_TOTAL = "Total (printed)"
RUPEES = "INR"
RUPEES_A_CRORE = 1e7
WRONG_LABELS = "the portal's partner labels of 2023-04 to 2024-03 are wrong; the totals are right"


def countries() -> Vocabulary:
    """The portal's names for countries."""
    return load_vocabulary(HERE / "labels.csv", "country")


def as_trade(artifact: Artifact, frame: pl.DataFrame, rank: int | pl.Expr) -> pl.DataFrame:
    """Name the partners and fill what India's practice says of every row; an unknown partner stops the load.

    `frame` has `partner` (the portal's label), `flow`, `hs_code`, a period and the value or the weight.
    """
    valuations = {row["flow"]: row["valuation"] for row in declared(HERE)["valuation"]}
    is_line = pl.col("hs_code").str.len_chars() == 8
    is_revised = pl.col("is_revised") if "is_revised" in frame.columns else pl.lit(value=False)
    return (
        countries()
        .apply(artifact, frame, "partner")
        .with_columns(
            (pl.lit(rank) if isinstance(rank, int) else rank).alias("layout_rank"),
            pl.lit("IND").alias("reporter_code"),
            pl.col("partner").alias("partner_label"),
            pl.col("area_code").alias("partner_code"),
            (pl.col("kind") == "world").alias("is_partner_world"),
            pl.when(is_line).then(pl.lit("IND")).alias("code_country"),
            pl.col("flow").replace_strict(valuations, return_dtype=pl.String).alias("valuation"),
            pl.lit("unknown").alias("partner_basis"),
            is_revised.alias("is_revised"),
        )
    )


def scope_of(layout: dict[str, Any]) -> pl.Expr:
    """The international code all of whose lines the layout's report asked for; null where it asked for some."""
    complete = {
        line: scope["code"]
        for scope in declared(HERE)["scope"]
        for line in scope["lines"]
        if scope["code"] in layout["complete"]
    }
    return pl.col("hs_code").replace_strict(complete, default=None, return_dtype=pl.String).alias("scope_code")


def no_value() -> list[pl.Expr]:
    """A report of quantities states no money."""
    return [pl.lit("not_available").alias("value_status")]


def no_weight() -> list[pl.Expr]:
    """A report of money states no weight."""
    return [pl.lit("not_available").alias("weight_status")]


def weight_in_kg(
    artifact: Artifact, frame: pl.DataFrame, kg: str, printed: str, unit: str, zero_status: str = "at_most"
) -> list[pl.Expr]:
    """A quantity printed in whole kilograms, which is the weight too; a printed 0 is less than half a kilogram.

    A quantity in another unit is no weight: it stands under its unit as printed. `zero_status` is the status of a
    printed 0, another one on a page that shows 0 for a month not yet published.

    Raises:
        LayoutError: a unit with a digit in it: columns are shifted.
    """
    shifted = frame.filter(pl.col(unit).str.contains(r"\d"))
    if shifted.height:
        raise LayoutError(
            artifact,
            f"record {shifted['artifact_row'][0]} has the unit {shifted[unit][0][:40]!r}.",
            "look whether columns are shifted; fetch the page again.",
        )
    units = {row["printed"]: row["unit"] for row in declared(HERE)["quantity_unit"]}
    in_kg = (pl.col(unit).replace_strict(units, default=None, return_dtype=pl.String) == "kg").fill_null(value=False)
    known = pl.when(in_kg).then(pl.col(kg))
    weight, status = known_weight(known, pl.lit(value=False))
    return [
        weight,
        pl.when(known == 0).then(pl.lit(zero_status)).otherwise(status).alias("weight_status"),
        pl.when(in_kg & (pl.col(printed) != "")).then(pl.col(printed)).alias("weight_raw"),
        pl.when(known.is_not_null()).then(pl.lit(0.5)).alias("weight_rounding_kg"),
        pl.when(pl.col(kg) > 0).then(pl.col(kg)).alias("quantity"),
        pl.when(pl.col(unit) != "")
        .then(pl.col(unit).replace_strict(units, default=pl.col(unit), return_dtype=pl.String))
        .alias("quantity_unit"),
    ]
