"""Read US imports by heading, country and year from a saved query of USITC DataWeb."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, LayoutError, UnknownLabelError
from sources.model.paths import project_path
from sources.model.source import ParsedTable, TableSpec, conform
from sources.publishers.usitc_dataweb.partition import Partition
from sources.publishers.usitc_dataweb.workbook import read_workbook
from sources.reading.columns import exact_value, with_areas
from sources.reading.delimited import read_records
from sources.reading.layouts import declared, layout_of
from sources.reading.numbers import printed_number
from sources.reading.tables import rejects_from, to_feed_schema, unreadable

_HERE = Path(__file__).parent
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FIRST_YEAR = 1993
_MONEY, _QUANTITY = "Customs Value", "First Unit of Quantity"
_PLACE = ["months", "Country", "HTS Number", "unit", "year"]

TRADE_TABLE = TableSpec(
    name="usitc_dataweb__trade",
    feed="trade",
    key=("reporter_code", "partner_code", "flow", "hs_code", "period_type", "period_start", "part_label"),
    partitions=(Partition,),
)
TABLES = (TRADE_TABLE,)


def _read(artifact: Artifact, layout: dict[str, Any]) -> pl.DataFrame:
    """The table of an extract, or the same table of the publisher's workbook."""
    codes = declared(_HERE)["headings"]["codes"]
    if layout["reader"] == "workbook":
        return read_workbook(artifact, layout, codes)
    years = [str(year) for year in range(_FIRST_YEAR, artifact.known_from.year + 1)]
    frame = read_records(artifact, layout["columns"], optional=years)
    strange = sorted(set(frame["HTS Number"]) - set(codes))
    if strange:
        raise LayoutError(artifact, f"holds the headings {strange}.", f"an extract has those of {codes} only.")
    return frame


def _figures(artifact: Artifact, table: pl.DataFrame) -> pl.DataFrame:
    """One row a heading, country, unit and period: `money` and `first` as text, null where the table has no cell."""
    years = [name for name in table.columns if name.isdigit()]
    index = [name for name in table.columns if name not in years]
    long = table.unpivot(years, index=index, variable_name="year", value_name="cell").with_columns(
        pl.col("Quantity Description").str.strip_prefix("Value for: ").alias("unit")
    )
    kinds = sorted(set(long["Data Type"]) - {_MONEY, _QUANTITY})
    if kinds:
        raise UnknownLabelError(artifact, f"says Data Type {kinds}.", f"known are {[_MONEY, _QUANTITY]}.")
    # the year of the download has no annual figure: all its cells are empty
    long = long.filter((pl.col("cell") != "").any().over("months", "year"))
    money = long.filter(pl.col("Data Type") == _MONEY).rename({"cell": "money"})
    first = long.filter(pl.col("Data Type") == _QUANTITY).select(*_PLACE, pl.col("cell").alias("first"))
    both = money.join(first, on=_PLACE, how="left", validate="1:1")
    if first.height != money.height or both["first"].null_count():
        raise LayoutError(
            artifact,
            f"has {money.height} values and {first.height} first quantities, not one each.",
            "save the query again with both; look whether a row is repeated.",
        )
    return both


def _periods() -> list[pl.Expr]:
    """A calendar year, or the months of it that a year to date has: "Jan - Apr" is a range of four months."""
    year = pl.col("year").cast(pl.Int32)
    last = pl.col("months").str.slice(-3).replace_strict(
        dict(zip(_MONTHS, range(1, 13), strict=True)), default=12, return_dtype=pl.Int8
    )  # fmt: skip
    is_whole = pl.col("months") == ""
    return [
        pl.when(is_whole).then(pl.lit("calendar_year")).otherwise(pl.lit("month_range")).alias("period_type"),
        pl.date(year, 1, 1).alias("period_start"),
        pl.date(year, last, 1).dt.month_end().alias("period_end"),
    ]


def _weights() -> list[pl.Expr]:
    """Weight in whole kg where the unit is kilograms, else a quantity; a part without imports has a weight of zero.

    A quantity that DataWeb suppresses is withheld: what it prints lacks records.
    """
    is_weight, first = pl.col("quantity_unit") == "kg", pl.col("quantity_1")
    status = (
        pl.when((pl.col("usd") == 0) & (first == 0))
        .then(pl.lit("zero"))
        .when(~is_weight)
        .then(pl.lit("not_available"))
        .when(first.is_null())
        .then(pl.lit("withheld"))
        .when(first == 0)
        .then(pl.lit("at_most"))
        .otherwise(pl.lit("reported"))
    )
    return [
        pl.when(is_weight & (first > 0)).then(first).alias("net_weight_kg"),
        pl.when(is_weight).then(pl.lit(0.5)).alias("weight_rounding_kg"),
        pl.when(is_weight).then(pl.col("first")).alias("weight_raw"),
        status.alias("weight_status"),
        pl.when(~is_weight & (pl.col("quantity_unit") != "")).then(first).alias("quantity"),
    ]


def _shape(layout: dict[str, Any], records: pl.DataFrame) -> pl.DataFrame:
    frame = records.with_columns(
        pl.lit(layout["rank"]).alias("layout_rank"),
        pl.lit("USA").alias("reporter_code"),
        pl.col("Country").alias("partner_label"),
        pl.lit(value=False).alias("is_partner_world"),
        pl.lit("import").alias("flow"),
        pl.col("HTS Number").alias("hs_code"),
        pl.format("unit: {}", "unit").alias("part_label"),
        *_periods(),
        *exact_value("usd", "money"),
        pl.lit(value=False).alias("is_revised"),
        *_weights(),
        pl.lit("FOB").alias("valuation"),
        pl.lit("origin").alias("partner_basis"),
    )
    stated = pl.when((pl.col("quantity_unit") != "kg") & pl.col("quantity").is_not_null()).then("quantity_unit")
    return to_feed_schema(TRADE_TABLE, frame.with_columns(stated.alias("quantity_unit")))


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read one saved query: imports for consumption by heading and country.

    Returns one table of `TRADE` rows, the United States as reporter, in US$ (customs value, which leaves out freight
    and insurance) and whole kg. Annual figures are calendar years; years to date are `month_range` and are parts of
    those years, never added to them. A row is what was imported in one unit of quantity and a part of its flow
    (`part_label`). The second unit of quantity is not read: nothing says which value it belongs to.

    Raises:
        LayoutError: another query, sheets or columns gained or lost, values without their quantities, two rows of one
            part.
        TruncatedError: not a whole workbook or record.
        UnknownLabelError: a country, a unit or a kind of data that is not known.
    """
    layout = layout_of(artifact, _HERE)
    Partition.of(artifact)
    records = _figures(artifact, _read(artifact, layout))
    units: dict[str, str] = declared(_HERE)["units"]
    strange = sorted(set(records["unit"]) - set(units))
    if strange:
        raise UnknownLabelError(
            artifact,
            f"counts in {strange}; known are {sorted(units)}.",
            f"add the unit to [units] in {project_path(_HERE / 'layouts.toml')}.",
        )
    numbers = records.with_columns(
        printed_number("money", 0).alias("usd"),
        printed_number("first", 0).alias("quantity_1"),
        pl.col("unit").replace_strict(units, return_dtype=pl.String).alias("quantity_unit"),
    )
    cells = {
        "money": pl.col("usd").is_not_null(),
        "first": pl.col("quantity_1").is_not_null() | (pl.col("first") == ""),
        "months": pl.col("months").str.contains(rf"^(Jan - ({'|'.join(_MONTHS)}))?$"),
    }
    readable = pl.all_horizontal(*cells.values())
    raw = [*_PLACE, "money", "first"]
    rejects = rejects_from(numbers.filter(~readable), "unreadable_value", unreadable(cells), raw)
    rows = with_areas(artifact, numbers.filter(readable), _HERE, "country", "Country", "partner")
    return (conform(TRADE_TABLE, artifact, _shape(layout, rows), rejects),)
