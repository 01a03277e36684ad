"""Extracts of Comtrade's figures that others published: the panel, WITS, partners of a year, a monthly series."""

from __future__ import annotations

from typing import Any

import polars as pl

from sources.model.artifact import Artifact
from sources.publishers.un_comtrade.parse.records import FLOW_CODES, HS_REVISIONS
from sources.publishers.un_comtrade.parse.shaping import (
    as_trade,
    mark_shared_unit_values,
    of_the_flows,
    partners_of,
    with_area,
)
from sources.reading.columns import by_closed_list, exact_value, in_month, in_year, known_weight, printed_value
from sources.reading.delimited import read_records
from sources.reading.numbers import printed_number
from sources.reading.tables import rejects_from, unreadable

_PANEL_DECIMALS = 3
_WITS_DECIMALS = 6

_WITS_FLOWS = {"Export": "export", "Import": "import"}


def read_panel(artifact: Artifact, layout: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All reporters and partners of one code and year, without the breakdown codes.

    The total row of each (reporter, partner, flow) is its largest; the others are its breakdown.
    """
    records = read_records(artifact, layout["columns"])
    numbers = records.with_columns(
        printed_number("value", _PANEL_DECIMALS).alias("usd"),
        printed_number("netwgt", _PANEL_DECIMALS).alias("kg"),
    )
    cells = {"value": pl.col("usd").is_not_null(), "netwgt": pl.col("kg").is_not_null() | (pl.col("netwgt") == "")}
    is_read = pl.all_horizontal(*cells.values())
    readable = numbers.filter(is_read)
    readable, other_flows = of_the_flows(artifact, readable, "flow", FLOW_CODES, layout["columns"])
    flow_of = ["reporter", "partner", "cmd", "flow"]
    ordered = readable.sort([*flow_of, "usd", "artifact_row"], descending=[False] * 4 + [True, False])
    totals = ordered.unique(flow_of, keep="first", maintain_order=True).sort("artifact_row")
    breakdown = readable.join(totals.select("artifact_row"), on="artifact_row", how="anti")
    totals = with_area(artifact, totals, "m49", "reporter", "reporter")
    totals, unknown = partners_of(
        artifact, totals, "m49", "partner", flow=["reporter", "flow", "cmd"], value="usd", raw=layout["columns"]
    )
    rejects = pl.concat(
        [
            other_flows,
            unknown,
            rejects_from(breakdown, "breakdown_row", "part of a larger row of the same flow", layout["columns"]),
            rejects_from(numbers.filter(~is_read), "unreadable_value", unreadable(cells), layout["columns"]),
        ]
    )
    totals = totals.with_columns(pl.lit(str(artifact.year)).alias("year"))
    frame = totals.with_columns(
        pl.col("partner").alias("partner_label"),
        by_closed_list(artifact, totals, "flow", FLOW_CODES).alias("flow"),
        pl.col("cmd").alias("hs_code"),
        *in_year("year"),
        *exact_value("usd", "value"),
        *known_weight(pl.col("kg"), pl.lit(value=False)),
        pl.col("netwgt").alias("weight_raw"),
        pl.lit(0.0).alias("weight_rounding_kg"),
    )
    return mark_shared_unit_values(as_trade(frame, layout)), rejects


def read_wits(artifact: Artifact, layout: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """China's trade as WITS prints it: thousand US$ to two decimals, kg to six figures, partner names.

    A quantity is a weight only where its unit is Kg; another unit is kept as printed, and the weight is unknown.
    """
    records = read_records(artifact, layout["columns"])
    numbers = records.with_columns(
        printed_number("value_1000usd", 2).alias("k_usd"),
        printed_number("quantity_kg", _WITS_DECIMALS).alias("kg"),
    )
    cells = {
        "value_1000usd": pl.col("k_usd").is_not_null(),
        "quantity_kg": pl.col("kg").is_not_null() | (pl.col("quantity_kg") == ""),
        "year": pl.col("year").str.contains(r"^(19|20)[0-9][0-9]$"),
    }
    is_read = pl.all_horizontal(*cells.values())
    kept, other_flows = of_the_flows(artifact, numbers.filter(is_read), "flow", _WITS_FLOWS, layout["columns"])
    kept = with_area(artifact, kept, "wits", "reporter", "reporter")
    flow = ["reporter", "flow", "hs_code", "year"]
    kept, unknown = partners_of(artifact, kept, "wits", "partner", flow=flow, value="k_usd", raw=layout["columns"])
    printed_unit = pl.col("quantity_unit").str.strip_chars()
    kept = kept.with_columns(
        pl.col("kg").alias("amount"),
        pl.when(printed_unit == "Kg").then("kg").alias("kg"),
        pl.when(printed_unit == "Kg").then(pl.lit("kg")).when(printed_unit != "").then(printed_unit).alias("unit"),
    )
    magnitude = pl.col("kg").log10().floor()
    frame = kept.with_columns(
        pl.col("partner").alias("partner_label"),
        by_closed_list(artifact, kept, "flow", _WITS_FLOWS).alias("flow"),
        *in_year("year"),
        *printed_value(pl.col("k_usd"), "value_1000usd", 1e3),
        *known_weight(pl.col("kg"), pl.lit(value=False)),
        pl.when(pl.col("unit") == "kg").then("quantity_kg").alias("weight_raw"),
        pl.when(pl.col("kg") > 0)
        .then(pl.max_horizontal(0.5 * 10.0 ** (magnitude - 5), pl.lit(0.0)))
        .when(pl.col("kg").is_not_null())
        .then(pl.lit(0.0))
        .alias("weight_rounding_kg"),
        pl.col("unit").alias("quantity_unit"),
        pl.when((pl.col("amount") > 0) & pl.col("unit").is_not_null()).then("amount").alias("quantity"),
    )
    unread = rejects_from(numbers.filter(~is_read), "unreadable_value", unreadable(cells), layout["columns"])
    return mark_shared_unit_values(as_trade(frame, layout)), pl.concat([other_flows, unknown, unread])


def read_partners(artifact: Artifact, layout: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A year of one reporter by partner, in fields of the API: six-digit codes, or lines of the reporter's own tariff.

    Several records of one line and partner are parts of it. Weights of lines are whole kilograms: 0 is less than half
    of one, unless the value would then be more than the layout's `most_usd_per_kg`; that weight is not known.
    """
    records = read_records(artifact, layout["columns"])
    numbers = records.with_columns(
        printed_number("primaryValue", _PANEL_DECIMALS).alias("usd"),
        printed_number("netWgt", _PANEL_DECIMALS).alias("kg"),
    )
    cells = {
        "primaryValue": pl.col("usd").is_not_null(),
        "netWgt": pl.col("kg").is_not_null() | (pl.col("netWgt") == ""),
        "period": pl.col("period").str.contains(r"^(19|20)[0-9][0-9]$"),
    }
    is_read = pl.all_horizontal(*cells.values())
    unread = rejects_from(numbers.filter(~is_read), "unreadable_value", unreadable(cells), layout["columns"])
    kept, other_flows = of_the_flows(artifact, numbers.filter(is_read), "flowCode", FLOW_CODES, layout["columns"])
    kept = with_area(artifact, kept, "m49", "reporterCode", "reporter")
    flow = ["reporterCode", "flowCode", "cmdCode", "period"]
    kept, unknown = partners_of(artifact, kept, "m49", "partnerCode", flow=flow, value="usd", raw=layout["columns"])
    frame = kept.with_columns(
        pl.col("partnerCode").alias("partner_label"),
        by_closed_list(artifact, kept, "flowCode", FLOW_CODES).alias("flow"),
        pl.col("cmdCode").alias("hs_code"),
        *in_year("period"),
        *exact_value("usd", "primaryValue"),
        pl.col("netWgt").alias("weight_raw"),
    )
    shape = _as_lines if layout["lines"] else _as_codes
    return shape(artifact, frame, layout), pl.concat([other_flows, unknown, unread])


def _as_codes(artifact: Artifact, frame: pl.DataFrame, layout: dict[str, Any]) -> pl.DataFrame:
    """International codes, each weight flagged as estimated or not."""
    estimated = by_closed_list(artifact, frame, "isNetWgtEstimated", {"true": "true", "false": "false"}) == "true"
    frame = frame.with_columns(*known_weight(pl.col("kg"), estimated), pl.lit(0.0).alias("weight_rounding_kg"))
    return as_trade(frame, layout)


def _as_lines(artifact: Artifact, frame: pl.DataFrame, layout: dict[str, Any]) -> pl.DataFrame:
    """Lines of the reporter's tariff, all of those under each six-digit code, in records that add up."""
    weight, status = known_weight(pl.col("kg"), pl.lit(value=False))
    is_below_half = (pl.col("kg") == 0) & (pl.col("usd") <= layout["most_usd_per_kg"] / 2)
    lines = as_trade(
        frame.with_columns(
            by_closed_list(artifact, frame, "classificationCode", HS_REVISIONS).alias("hs_revision"),
            pl.col("reporter_code").alias("code_country"),
            pl.col("hs_code").str.slice(0, 6).alias("scope_code"),
            weight,
            pl.when(is_below_half).then(pl.lit("at_most")).otherwise(status).alias("weight_status"),
            pl.when(is_below_half | (pl.col("kg") > 0)).then(pl.lit(0.5)).alias("weight_rounding_kg"),
        ),
        layout,
    )
    line = ["reporter_code", "partner_code", "flow", "hs_code", "period_start"]
    return lines.with_columns(
        pl.when(pl.len().over(line) > 1).then(pl.format("record {}", "artifact_row")).alias("part_label")
    )


def read_monthly(artifact: Artifact, layout: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """India's monthly imports, the world and China side by side, US$ million to two decimals.

    A month marked pending is not yet published: set aside, never zero.
    """
    records = read_records(artifact, layout["columns"])
    status = {"available": "available", "pending": "pending"}
    records = records.with_columns(by_closed_list(artifact, records, "status", status).alias("status"))
    pending = records.filter(pl.col("status") == "pending")
    rejects = rejects_from(pending, "not_yet_published", "the month is marked pending", layout["columns"])
    long = pl.concat(
        records.filter(pl.col("status") == "available").select(
            "artifact_row", "period", "reporter", "flow", "cmdCode",
            pl.lit(partner).alias("partner"), pl.col(column).alias("printed"),
        )
        for partner, column in (("CHN", "partner_china_usd_million"), ("WLD", "partner_world_usd_million"))
    ).with_columns(printed_number("printed", 2).alias("million"))  # fmt: skip
    is_month = pl.col("period").str.contains(r"^(19|20)[0-9][0-9]-(0[1-9]|1[0-2])$")
    cells = {"printed": pl.col("million").is_not_null(), "period": is_month}
    is_read = pl.all_horizontal(*cells.values())
    unread = rejects_from(
        long.filter(~is_read), "unreadable_value", unreadable(cells), ["period", "partner", "printed"]
    )
    rejects = pl.concat([rejects, unread])
    kept = long.filter(is_read)
    kept = with_area(artifact, kept, "iso3", "reporter", "reporter")
    kept = with_area(artifact, kept, "iso3", "partner", "partner")
    frame = kept.with_columns(
        pl.col("partner").alias("partner_label"),
        by_closed_list(artifact, kept, "flow", FLOW_CODES).alias("flow"),
        pl.col("cmdCode").alias("hs_code"),
        *in_month("period", "%Y-%m"),
        *printed_value(pl.col("million"), "printed", 1e6),
        pl.lit("not_available").alias("weight_status"),
    )
    return as_trade(frame, layout), rejects
