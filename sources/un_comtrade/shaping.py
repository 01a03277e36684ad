"""From Comtrade's figures to rows of `TRADE`: the steps that every one of its layouts shares.

Belongs here: codes to areas, periods, weights, valuation. Does not belong here: reading any one layout.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from sources.contract import TRADE, Artifact, UnknownLabelError
from sources.vocabulary import load_vocabulary

_HERE = Path(__file__).parent
_SHARED_BY = 5


@cache
def declared() -> dict[str, Any]:
    """The layouts and reporters' practices of `layouts.toml`."""
    return tomllib.loads((_HERE / "layouts.toml").read_text(encoding="utf-8"))


def with_area(artifact: Artifact, frame: pl.DataFrame, vocabulary: str, column: str, prefix: str) -> pl.DataFrame:
    """Add `<prefix>_kind` and `<prefix>_code` for the labels in `column`; an unknown label stops the load."""
    words = load_vocabulary(_HERE / "labels.csv", vocabulary)
    return words.apply(artifact, frame, column).rename({"kind": f"{prefix}_kind", "area_code": f"{prefix}_code"})


def by_closed_list(artifact: Artifact, frame: pl.DataFrame, column: str, known: dict[Any, Any]) -> pl.Expr:
    """Map `column` by a closed list; an unknown value stops the load by name."""
    unknown = sorted(set(frame[column].unique().to_list()) - set(known), key=str)
    if unknown:
        raise UnknownLabelError(
            artifact,
            f"says {column} {unknown}; known are {sorted(known, key=str)}.",
            "if the publisher added a value, say in the parser what it means.",
        )
    return pl.col(column).replace_strict(known, return_dtype=pl.String)


def in_year(column: str) -> list[pl.Expr]:
    """The calendar year in `column`."""
    year = pl.col(column).cast(pl.Int32)
    return [
        pl.lit("calendar_year").alias("period_type"),
        pl.date(year, 1, 1).alias("period_start"),
        pl.date(year, 12, 31).alias("period_end"),
    ]


def in_month(column: str, pattern: str) -> list[pl.Expr]:
    """The month in `column`."""
    start = (pl.col(column) + "01").str.to_date(pattern + "%d", strict=True)
    return [
        pl.lit("month").alias("period_type"),
        start.alias("period_start"),
        start.dt.month_end().alias("period_end"),
    ]


def known_weight(weight: pl.Expr, estimated: pl.Expr) -> list[pl.Expr]:
    """A weight of nothing or zero is unknown, never a measured zero."""
    known = weight > 0
    return [
        pl.when(known).then(weight).alias("net_weight_kg"),
        pl.when(known.fill_null(value=False))
        .then(pl.when(estimated).then(pl.lit("estimated")).otherwise(pl.lit("reported")))
        .otherwise(pl.lit("not_available"))
        .alias("weight_status"),
    ]


def as_trade(frame: pl.DataFrame, layout: dict[str, Any]) -> pl.DataFrame:
    """Fill what the layout does not say: the reporter's practice, and nulls for what is not stated."""
    practice = pl.DataFrame(declared()["practice"]).rename(
        {"reporter": "reporter_code", "valuation": "usual_valuation", "partner_basis": "usual_basis"}
    )
    stated = frame if "valuation" in frame.columns else frame.with_columns(pl.lit(None, pl.String).alias("valuation"))
    stated = stated.join(practice, on=["reporter_code", "flow"], how="left", maintain_order="left").with_columns(
        pl.coalesce("valuation", "usual_valuation", pl.lit("unknown")).alias("valuation"),
        pl.coalesce("usual_basis", pl.lit("unknown")).alias("partner_basis"),
        pl.lit(layout["rank"]).alias("layout_rank"),
        (pl.col("partner_kind") == "world").alias("is_partner_world"),
        pl.lit(value=False).alias("is_revised"),
    )
    absent = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in TRADE.items() if name not in stated.columns]
    return stated.with_columns(absent).select(pl.col(name).cast(dtype) for name, dtype in TRADE.items())


def exact_value(column: str, printed: str | None = None) -> list[pl.Expr]:
    """A value in US$ as the record has it, without rounding."""
    return [
        pl.col(column).alias("value_usd"),
        pl.col(printed or column).cast(pl.String).alias("value_raw"),
        pl.lit(0.0).alias("value_rounding_usd"),
        pl.when(pl.col(column).is_null())
        .then(pl.lit("not_available"))
        .when(pl.col(column) == 0)
        .then(pl.lit("zero"))
        .otherwise(pl.lit("reported"))
        .alias("value_status"),
    ]


def printed_value(number: pl.Expr, text: str, unit_usd: float) -> list[pl.Expr]:
    """A value printed with two decimals of `unit_usd`: 0.00 is less than half the last digit, not zero."""
    rounding = unit_usd * 0.005
    value = (number * unit_usd).round(2)
    return [
        pl.when(number > 0).then(value).alias("value_usd"),
        pl.when(number == 0).then(pl.lit(0.0)).alias("value_low_usd"),
        pl.when(number == 0).then(pl.lit(rounding)).alias("value_high_usd"),
        pl.lit(rounding).alias("value_rounding_usd"),
        pl.col(text).alias("value_raw"),
        pl.when(number == 0).then(pl.lit("at_most")).otherwise(pl.lit("reported")).alias("value_status"),
    ]


def mark_shared_unit_values(frame: pl.DataFrame) -> pl.DataFrame:
    """Mark weights as estimated where one unit value serves five partners or more.

    Comtrade fills in missing weights from a standard unit value, the same for all partners of a reporter, flow, code
    and year (China's magnets of 2016: 45.57 US$/kg for most partners, India's "770,461 kg" among them). Extracts lose
    the flag that says so; the unit value shared by most, within a thousandth and what rounding explains, gives it back.
    """
    unit_value = pl.col("value_usd") / pl.col("net_weight_kg")
    magnitude = 10.0 ** (unit_value.log10().floor() - 3)
    flow = ["reporter_code", "flow", "hs_code", "period_start"]
    weighed = frame.filter((pl.col("weight_status") == "reported") & (pl.col("value_usd") > 0))
    shared = (
        weighed.select(*flow, (unit_value / magnitude).round(0) * magnitude)
        .group_by(*flow, pl.col("value_usd").alias("shared_unit_value"))
        .len("n_partners")
        .filter(pl.col("n_partners") >= _SHARED_BY)
        .sort("n_partners", "shared_unit_value", descending=True)
        .unique(flow, keep="first", maintain_order=True)
    )
    rounding = pl.col("value_rounding_usd") / pl.col("value_usd") + pl.col("weight_rounding_kg") / pl.col(
        "net_weight_kg"
    )
    is_shared = (unit_value / pl.col("shared_unit_value") - 1).abs() <= 1e-3 + rounding
    marked = frame.join(shared, on=flow, how="left", maintain_order="left").with_columns(
        pl.when(is_shared & (pl.col("weight_status") == "reported"))
        .then(pl.lit("estimated"))
        .otherwise(pl.col("weight_status"))
        .alias("weight_status")
    )
    return marked.select(frame.columns)
