"""Read customs trade from Comtrade's API bodies, bulk files and published extracts of them.

Belongs here: turning records of any of its layouts into rows of `TRADE`. Does not belong here: which layouts
there are and how they rank, which is data in `layouts.toml`; the record's own fields, in `records.py`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from sources.contract import (
    TRADE,
    Artifact,
    LayoutError,
    ParsedTable,
    TableSpec,
    UnknownLabelError,
    conform,
    no_rejects,
    rejects_from,
)
from sources.tables import read_records
from sources.un_comtrade.records import FLOW_CODES, HS_REVISIONS, UNITS, read_api_body, read_bulk
from sources.vocabulary import load_vocabulary

_HERE = Path(__file__).parent
HS_CODES = ("253090", "261220", "261790", "2805", "280530", "2846", "284610", "284690", "360690", "720299", "850511", "850519")
"""The codes the warehouse follows: rare earths from ore to magnet."""

TRADE_TABLE = TableSpec(
    name="un_comtrade__trade",
    feed="trade",
    schema=TRADE,
    key=("reporter_code", "partner_code", "flow", "hs_code", "period_type", "period_start"),
    expected_rejects=frozenset({"breakdown_row", "not_yet_published"}),
)


@cache
def _declared() -> dict[str, Any]:
    return tomllib.loads((_HERE / "layouts.toml").read_text(encoding="utf-8"))


def _labelled(artifact: Artifact, frame: pl.DataFrame, vocabulary: str, column: str, prefix: str) -> pl.DataFrame:
    words = load_vocabulary(_HERE / "labels.csv", vocabulary)
    return words.apply(artifact, frame, column).rename({"kind": f"{prefix}_kind", "area_code": f"{prefix}_code"})


def _closed(artifact: Artifact, frame: pl.DataFrame, column: str, known: dict[Any, Any]) -> pl.Expr:
    """Map `column` by a closed list; an unknown value stops the load by name."""
    unknown = sorted(set(frame[column].unique().to_list()) - set(known), key=str)
    if unknown:
        raise UnknownLabelError(
            artifact,
            f"says {column} {unknown}; known are {sorted(known, key=str)}.",
            "if the publisher added a value, say in the parser what it means.",
        )
    return pl.col(column).replace_strict(known, return_dtype=pl.String)


def _year(column: str) -> list[pl.Expr]:
    year = pl.col(column).cast(pl.Int32)
    return [
        pl.lit("calendar_year").alias("period_type"),
        pl.date(year, 1, 1).alias("period_start"),
        pl.date(year, 12, 31).alias("period_end"),
    ]


def _month(column: str, pattern: str) -> list[pl.Expr]:
    start = (pl.col(column) + "01").str.to_date(pattern + "%d", strict=True)
    return [
        pl.lit("month").alias("period_type"),
        start.alias("period_start"),
        start.dt.month_end().alias("period_end"),
    ]


def _weight(weight: pl.Expr, estimated: pl.Expr) -> list[pl.Expr]:
    """A weight of nothing or zero is unknown, never a measured zero."""
    known = weight > 0
    return [
        pl.when(known).then(weight).alias("net_weight_kg"),
        pl.when(known.fill_null(value=False))
        .then(pl.when(estimated).then(pl.lit("estimated")).otherwise(pl.lit("reported")))
        .otherwise(pl.lit("not_available"))
        .alias("weight_status"),
    ]


def _finish(frame: pl.DataFrame, layout: dict[str, Any]) -> pl.DataFrame:
    """Fill what the layout does not say: the reporter's practice, and nulls for what is not stated."""
    practice = pl.DataFrame(_declared()["practice"]).rename(
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


def _exact_value(column: str, printed: str | None = None) -> list[pl.Expr]:
    return [
        pl.col(column).alias("value_usd"),
        pl.col(printed or column).cast(pl.String).alias("value_raw"),
        pl.lit(0.0).alias("value_rounding_usd"),
        pl.when(pl.col(column) == 0).then(pl.lit("zero")).otherwise(pl.lit("reported")).alias("value_status"),
    ]


def _printed_value(number: pl.Expr, text: str, unit_usd: float) -> list[pl.Expr]:
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


_BREAKDOWN = (pl.col("partner2Code") != 0) | (pl.col("motCode") != 0) | (pl.col("customsCode") != "C00")


def _from_records(artifact: Artifact, layout: dict[str, Any], records: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    raw = [name for name in records.columns if name != "artifact_row"]
    rejects = rejects_from(
        records.filter(_BREAKDOWN),
        "breakdown_row",
        "a second partner, transport mode or customs procedure: its total row is loaded instead",
        raw,
    )
    kept = records.filter(~_BREAKDOWN).with_columns(
        pl.col("reporterCode").cast(pl.String), pl.col("partnerCode").cast(pl.String)
    )
    kept = _labelled(artifact, kept, "m49", "reporterCode", "reporter")
    kept = _labelled(artifact, kept, "m49", "partnerCode", "partner")
    is_year = pl.col("freqCode") == "A"
    start = pl.when(is_year).then(pl.col("period") + "0101").otherwise(pl.col("period") + "01").str.to_date("%Y%m%d")
    estimated = pl.col("isNetWgtEstimated") | pl.col("legacyEstimationFlag").is_in([4, 6])
    frame = kept.with_columns(
        pl.col("partnerCode").alias("partner_label"),
        _closed(artifact, kept, "flowCode", FLOW_CODES).alias("flow"),
        pl.col("cmdCode").alias("hs_code"),
        _closed(artifact, kept, "classificationCode", HS_REVISIONS).alias("hs_revision"),
        _closed(artifact, kept, "freqCode", {"A": "calendar_year", "M": "month"}).alias("period_type"),
        start.alias("period_start"),
        pl.when(is_year).then(start.dt.offset_by("1y").dt.offset_by("-1d")).otherwise(start.dt.month_end()).alias("period_end"),
        *_exact_value("primaryValue"),
        *_weight(pl.col("netWgt"), estimated),
        pl.col("netWgt").cast(pl.String).alias("weight_raw"),
        pl.lit(0.0).alias("weight_rounding_kg"),
        pl.when(pl.col("qty") > 0).then(pl.col("qty")).alias("quantity"),
        _closed(artifact, kept, "qtyUnitCode", UNITS).alias("quantity_unit"),
        pl.when(pl.col("cifvalue") > 0)
        .then(pl.lit("CIF"))
        .when(pl.col("fobvalue") > 0)
        .then(pl.lit("FOB"))
        .alias("valuation"),
    )
    return _finish(frame, layout), rejects


def _api(artifact: Artifact, layout: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    return _from_records(artifact, layout, read_api_body(artifact, layout["cap"]))


def _bulk(artifact: Artifact, layout: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    return _from_records(artifact, layout, read_bulk(artifact, HS_CODES))


def _panel(artifact: Artifact, layout: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All reporters and partners of one code and year, without the breakdown codes.

    The total row of each (reporter, partner, flow) is its largest; the others are its breakdown.
    """
    records = read_records(artifact, layout["columns"])
    numbers = records.with_columns(
        pl.col("value").cast(pl.Float64, strict=False).alias("usd"),
        pl.col("netwgt").cast(pl.Float64, strict=False).alias("kg"),
    )
    unreadable = numbers.filter(pl.col("usd").is_null() | (pl.col("kg").is_null() & (pl.col("netwgt") != "")))
    readable = numbers.join(unreadable.select("artifact_row"), on="artifact_row", how="anti")
    flow_of = ["reporter", "partner", "cmd", "flow"]
    ordered = readable.sort([*flow_of, "usd", "artifact_row"], descending=[False] * 4 + [True, False])
    totals = ordered.unique(flow_of, keep="first", maintain_order=True).sort("artifact_row")
    breakdown = readable.join(totals.select("artifact_row"), on="artifact_row", how="anti")
    rejects = pl.concat(
        [
            rejects_from(breakdown, "breakdown_row", "part of a larger row of the same flow", layout["columns"]),
            rejects_from(unreadable, "unreadable_value", "value or weight is no number", layout["columns"]),
        ]
    )
    totals = _labelled(artifact, totals, "m49", "reporter", "reporter")
    totals = _labelled(artifact, totals, "m49", "partner", "partner").with_columns(
        pl.lit(str(artifact.year)).alias("year")
    )
    frame = totals.with_columns(
        pl.col("partner").alias("partner_label"),
        _closed(artifact, totals, "flow", FLOW_CODES).alias("flow"),
        pl.col("cmd").alias("hs_code"),
        *_year("year"),
        *_exact_value("usd", "value"),
        *_weight(pl.col("kg"), pl.lit(value=False)),
        pl.col("netwgt").alias("weight_raw"),
        pl.lit(0.0).alias("weight_rounding_kg"),
    )
    return _finish(frame, layout), rejects


def _wits(artifact: Artifact, layout: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """China's trade as WITS prints it: thousand US$ to two decimals, kg to six figures, partner names."""
    records = read_records(artifact, layout["columns"])
    numbers = records.with_columns(
        pl.col("value_1000usd").cast(pl.Float64, strict=False).alias("k_usd"),
        pl.col("quantity_kg").cast(pl.Float64, strict=False).alias("kg"),
    )
    bad = numbers.filter(pl.col("k_usd").is_null() | pl.col("kg").is_null() | ~pl.col("year").str.contains(r"^\d{4}$"))
    kept = numbers.join(bad.select("artifact_row"), on="artifact_row", how="anti")
    kept = _labelled(artifact, kept, "wits", "reporter", "reporter")
    kept = _labelled(artifact, kept, "wits", "partner", "partner")
    magnitude = pl.col("kg").log10().floor()
    frame = kept.with_columns(
        pl.col("partner").alias("partner_label"),
        _closed(artifact, kept, "flow", {"Export": "export", "Import": "import"}).alias("flow"),
        *_year("year"),
        *_printed_value(pl.col("k_usd"), "value_1000usd", 1e3),
        *_weight(pl.col("kg"), pl.lit(value=False)),
        pl.col("quantity_kg").alias("weight_raw"),
        pl.when(pl.col("kg") > 0)
        .then(pl.max_horizontal(0.5 * 10.0 ** (magnitude - 5), pl.lit(0.0)))
        .otherwise(pl.lit(0.0))
        .alias("weight_rounding_kg"),
        _closed(artifact, kept, "quantity_unit", {"Kg": "kg"}).alias("quantity_unit"),
        pl.when(pl.col("kg") > 0).then(pl.col("kg")).alias("quantity"),
    )
    return _finish(frame, layout), rejects_from(bad, "unreadable_value", "value, weight or year is no number", layout["columns"])


def _monthly(artifact: Artifact, layout: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """India's monthly imports, the world and China side by side, US$ million to two decimals.

    A month marked pending is not yet published: set aside, never zero.
    """
    records = read_records(artifact, layout["columns"])
    status = {"available": "available", "pending": "pending"}
    records = records.with_columns(_closed(artifact, records, "status", status).alias("status"))
    pending = records.filter(pl.col("status") == "pending")
    rejects = rejects_from(pending, "not_yet_published", "the month is marked pending", layout["columns"])
    long = pl.concat(
        records.filter(pl.col("status") == "available").select(
            "artifact_row", "period", "reporter", "flow", "cmdCode",
            pl.lit(partner).alias("partner"), pl.col(column).alias("printed"),
        )
        for partner, column in (("CHN", "partner_china_usd_million"), ("WLD", "partner_world_usd_million"))
    ).with_columns(pl.col("printed").cast(pl.Float64, strict=False).alias("million"))  # fmt: skip
    bad = long.filter(pl.col("million").is_null())
    rejects = pl.concat([rejects, rejects_from(bad, "unreadable_value", "value is no number", ["period", "partner", "printed"])])
    kept = long.filter(pl.col("million").is_not_null())
    kept = _labelled(artifact, kept, "iso3", "reporter", "reporter")
    kept = _labelled(artifact, kept, "iso3", "partner", "partner")
    frame = kept.with_columns(
        pl.col("partner").alias("partner_label"),
        _closed(artifact, kept, "flow", FLOW_CODES).alias("flow"),
        pl.col("cmdCode").alias("hs_code"),
        *_month("period", "%Y-%m"),
        *_printed_value(pl.col("million"), "printed", 1e6),
        pl.lit("not_available").alias("weight_status"),
    )
    return _finish(frame, layout), rejects


_READERS: dict[str, Callable[[Artifact, dict[str, Any]], tuple[pl.DataFrame, pl.DataFrame]]] = {
    "api": _api,
    "bulk": _bulk,
    "panel": _panel,
    "wits": _wits,
    "monthly": _monthly,
}


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read one artifact in any declared layout.

    Returns one table of `TRADE` rows in US$ and kg. Rows of a second partner, transport mode or customs
    procedure are set aside as `breakdown_row` (they repeat their total row), months not yet published as
    `not_yet_published`, cells that are no number as `unreadable_value`.

    Raises:
        LayoutError: fields or columns gained or lost, an undeclared layout, two rows of one flow.
        TruncatedError: a cut body, a page of exactly the cap, an empty answer.
        UnknownLabelError: a partner, flow, unit or classification that is not known.
    """
    layouts = {row["id"]: row for row in _declared()["layout"]}
    if artifact.layout not in layouts:
        raise LayoutError(
            artifact,
            f"layout '{artifact.layout}' is not declared; known are {sorted(layouts)}.",
            "declare it as a table of sources/un_comtrade/layouts.toml.",
        )
    layout = layouts[artifact.layout]
    frame, rejects = _READERS[layout["reader"]](artifact, layout)
    return (conform(TRADE_TABLE, artifact, frame, rejects if rejects.height else no_rejects()),)
