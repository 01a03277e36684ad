"""Transcriptions of TradeStat's reports in CSV: months, calendar years and fiscal years."""

from __future__ import annotations

from typing import Any

import polars as pl

from sources.model.artifact import Artifact
from sources.model.feeds import CLOSED_LISTS
from sources.publishers.india_tradestat.parse.shaping import (
    HERE,
    PRINTED_TOTAL,
    RUPEES,
    RUPEES_A_CRORE,
    WRONG_LABELS,
    as_trade,
    countries,
    no_value,
    no_weight,
    scope_of,
    weight_in_kg,
)
from sources.reading.columns import (
    by_closed_list,
    in_fiscal_year,
    in_month,
    in_year,
    printed_local_value,
    printed_value,
)
from sources.reading.delimited import read_records
from sources.reading.layouts import declared
from sources.reading.numbers import printed_number
from sources.reading.partners import set_aside_small
from sources.reading.tables import rejects_from, unreadable

_QUALITIES = {"ok": "ok", "suspect_partner_labels": "suspect_partner_labels"}
_USD_MILLION = 1e6


def read_monthly(artifact: Artifact, layout: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Months of one heading, by partner or the printed totals, US$ million to two decimals."""
    records = read_records(artifact, layout["columns"])
    partner = pl.col(layout["partner_column"]) if layout["partner_column"] else pl.lit(PRINTED_TOTAL)
    records = records.with_columns(
        partner.alias("partner"),
        by_closed_list(artifact, records, "flow", CLOSED_LISTS["flow"]).alias("flow"),
        by_closed_list(artifact, records, layout["quality_column"], _QUALITIES).alias("quality"),
        printed_number(layout["value_column"], 2, "indian").alias("million"),
        pl.col("period").str.contains(r"^(19|20)[0-9][0-9]-(0[1-9]|1[0-2])$").alias("is_month"),
    )
    flow = ["flow", "hs4", "period"]
    records, unknown = set_aside_small(
        artifact, records, countries(), "partner", flow=flow, value="million", raw=layout["columns"]
    )
    kept, rejects = _months_set_aside(records, layout)
    frame = kept.with_columns(
        pl.col("hs4").alias("hs_code"),
        *in_month("period", "%Y-%m"),
        *printed_value(pl.col("million"), layout["value_column"], _USD_MILLION),
        *no_weight(),
    )
    return as_trade(artifact, frame, layout["rank"]), pl.concat([rejects, unknown])


def _months_set_aside(records: pl.DataFrame, layout: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part the months that can be facts from those that cannot, with a reason for each."""
    cells = {layout["value_column"]: pl.col("million").is_not_null(), "period": pl.col("is_month")}
    readable = pl.all_horizontal(*cells.values())
    flagged = pl.col("quality") == "suspect_partner_labels"
    first, last = declared(HERE)["mislabelled_months"]
    known_fault = pl.col("period").is_between(pl.lit(first), pl.lit(last))
    by_partner = pl.lit(bool(layout["partner_column"]))
    mislabelled = (flagged | known_fault) & by_partner
    unpublished = (pl.col("million") == 0) & ~by_partner
    set_aside: list[tuple[pl.Expr, str, pl.Expr | str]] = [
        (~readable, "unreadable_value", unreadable(cells)),
        (readable & mislabelled, "suspect_partner_labels", WRONG_LABELS),
        (
            readable & unpublished,
            "not_yet_published",
            "a national total of 0.00 is a month not yet published, not zero trade",
        ),
    ]
    return _parted(records, set_aside, layout)


def _parted(
    records: pl.DataFrame, set_aside: list[tuple[pl.Expr, str, pl.Expr | str]], layout: dict[str, Any]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The records for which no reason holds, and the others under the first reason that does."""
    rejects = [
        rejects_from(records.filter(which), reason, detail, layout["columns"]) for which, reason, detail in set_aside
    ]
    return records.filter(~pl.any_horizontal(which for which, _, _ in set_aside)), pl.concat(rejects)


def read_lines_kg(artifact: Artifact, layout: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Periods of one heading's national lines by partner, whole kilograms, with printed totals; no money.

    The layout's `period` is the column of the period: a year (2024), a month (2024-07) or months (2024-01..2024-03).
    Partners of the periods that the mislabelled months spoil are set aside, their totals stay. A layout with a
    `basis_code` has figures that are derived from printed ones: a difference of two is known to one kilogram.
    """
    kg = printed_number("quantity", 0, "indian").alias("kg")
    records, unknown = _by_partner(artifact, layout, ["flow", "hs8", layout["period"]], kg)
    kept, rejects = _periods_set_aside(records, layout, "kg", "quantity")
    basis = layout.get("basis_code")
    frame = kept.with_columns(
        pl.col("hs8").alias("hs_code"),
        *_in_period(layout["period"], layout["period_type"]),
        *no_value(),
        *weight_in_kg(artifact, kept, "kg", "quantity", "unit"),
        *_flag(artifact, kept, layout),
        pl.lit(basis, pl.String).alias("basis_code"),
    ).with_columns(scope_of(layout))
    if basis:
        frame = frame.with_columns(pl.col("weight_rounding_kg") * 2)
    return as_trade(artifact, frame, layout["rank"]), pl.concat([rejects, unknown])


def _in_period(column: str, period_type: str) -> list[pl.Expr]:
    """Period columns of a year, a month or a range of months in a text column of that form."""
    if period_type == "calendar_year":
        return in_year(column)
    if period_type == "month":
        return in_month(column, "%Y-%m")
    first, last = (pl.col(column).str.slice(at, 7).add("-01").str.to_date("%Y-%m-%d") for at in (0, 9))
    return [
        pl.lit(period_type).alias("period_type"),
        first.alias("period_start"),
        last.dt.month_end().alias("period_end"),
    ]


def _flag(artifact: Artifact, records: pl.DataFrame, layout: dict[str, Any]) -> list[pl.Expr]:
    """`is_revised` by the letter that the portal prints behind a period, where the layout has it."""
    if "flag" not in layout["columns"]:
        return []
    flags = declared(HERE)["flags"]
    flag = by_closed_list(artifact, records, "flag", {flag: flag for flag in flags})
    return [(flag == declared(HERE)["revised_flag"]).alias("is_revised")]


def read_calendar(artifact: Artifact, layout: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Calendar years of one heading by partner, US$ million to two decimals, with the printed total."""
    million = printed_number("value_usd_million", 2, "indian").alias("million")
    records, unknown = _by_partner(artifact, layout, ["flow", "hs4", layout["period"]], million)
    kept, rejects = _periods_set_aside(records, layout, "million", "value_usd_million")
    frame = kept.with_columns(
        pl.col("hs4").alias("hs_code"),
        *_in_period(layout["period"], layout["period_type"]),
        *printed_value(pl.col("million"), "value_usd_million", _USD_MILLION),
        *no_weight(),
    )
    return as_trade(artifact, frame, layout["rank"]), pl.concat([rejects, unknown])


def _by_partner(
    artifact: Artifact, layout: dict[str, Any], flow: list[str], number: pl.Expr
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The records with the column `number`, by which partners are sized, and small unknown partners as rejects."""
    records = read_records(artifact, layout["columns"])
    records = records.with_columns(
        pl.col("partner_country").alias("partner"),
        by_closed_list(artifact, records, "flow", CLOSED_LISTS["flow"]).alias("flow"),
        number,
    )
    size = number.meta.output_name()
    return set_aside_small(artifact, records, countries(), "partner", flow=flow, value=size, raw=layout["columns"])


_YEAR, _MONTH = r"(19|20)[0-9][0-9]", r"(19|20)[0-9][0-9]-(0[1-9]|1[0-2])"
_PERIODS = {
    "calendar_year": f"^{_YEAR}$",
    "month": f"^{_MONTH}$",
    "month_range": rf"^{_MONTH}\.\.{_MONTH}$",
}


def _periods_set_aside(
    records: pl.DataFrame, layout: dict[str, Any], number: str, printed: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A period that the mislabelled months spoil keeps its totals and loses its partners."""
    period = pl.col(layout["period"])
    first, last = declared(HERE)["mislabelled_months"]
    is_spoilt = {
        "calendar_year": period.is_in(declared(HERE)["mislabelled_years"]),
        "month": period.is_between(pl.lit(first), pl.lit(last)),
        "month_range": pl.lit(value=False),
    }[layout["period_type"]]
    cells = {
        printed: pl.col(number).is_not_null(),
        layout["period"]: period.str.contains(_PERIODS[layout["period_type"]]),
    }
    readable = pl.all_horizontal(*cells.values())
    return _parted(
        records,
        [
            (~readable, "unreadable_value", unreadable(cells)),
            (readable & is_spoilt & (pl.col("partner") != PRINTED_TOTAL), "suspect_partner_labels", WRONG_LABELS),
        ],
        layout,
    )


def read_eidb_lines(artifact: Artifact, layout: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Fiscal years of national lines by country: US$ million and rupees crore to two decimals, and kilograms.

    `value_raw` has both cells of money, "US$ million | rupees crore". A country printed only because the other year of
    its page has trade has three empty cells: `blank_cells`, neither zero nor unknown trade.
    """
    records = read_records(artifact, layout["columns"])
    usd, inr = layout["columns"][5:7]
    records = records.with_columns(
        pl.col("country").alias("partner"),
        pl.lit(layout["flow"]).alias("flow"),
        printed_number(usd, 2, "indian").alias("million"),
        printed_number(inr, 2, "indian").alias("crore"),
        printed_number("quantity", 0, "indian").alias("kg"),
        pl.concat_str(usd, inr, separator=" | ").alias("both_printed"),
        pl.col("financial_year").str.slice(0, 4).alias("first_year"),
    )
    flow = ["hs8", "financial_year"]
    records, unknown = set_aside_small(
        artifact, records, countries(), "partner", flow=flow, value="million", raw=layout["columns"]
    )
    kept, rejects = _fiscal_years_set_aside(records, layout, [usd, inr, "quantity"])
    frame = kept.with_columns(
        pl.col("hs8").alias("hs_code"),
        *in_fiscal_year("first_year"),
        *printed_value(pl.col("million"), "both_printed", _USD_MILLION),
        *printed_local_value(pl.col("crore"), RUPEES, RUPEES_A_CRORE),
        *weight_in_kg(artifact, kept, "kg", "quantity", "unit"),
    ).with_columns(scope_of(layout))
    return as_trade(artifact, frame, layout["rank"]), pl.concat([rejects, unknown])


def _fiscal_years_set_aside(
    records: pl.DataFrame, layout: dict[str, Any], cells: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    blank = pl.all_horizontal(pl.col(cell) == "" for cell in cells)
    first = pl.col("first_year").cast(pl.Int32, strict=False)
    is_year = pl.col("financial_year").str.contains(r"^(19|20)[0-9][0-9]-(19|20)[0-9][0-9]$") & (
        pl.col("financial_year").str.slice(5).cast(pl.Int32, strict=False) == first + 1
    )
    usd, inr, quantity = cells
    reads = {
        "financial_year": is_year.fill_null(value=False),
        usd: blank | pl.col("million").is_not_null(),
        inr: blank | pl.col("crore").is_not_null(),
        quantity: pl.col("kg").is_not_null() | (pl.col(quantity) == ""),
    }
    readable = pl.all_horizontal(*reads.values())
    return _parted(
        records,
        [
            (~readable, "unreadable_value", unreadable(reads)),
            (readable & blank, "blank_cells", "no figure printed: listed because the page's other year has trade"),
        ],
        layout,
    )
