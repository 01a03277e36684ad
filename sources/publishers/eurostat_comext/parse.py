"""Read monthly trade of the European Union's member states from extracts of Comext's files."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from sources.model.artifact import Artifact, LayoutError
from sources.model.source import ParsedTable, TableSpec, conform
from sources.publishers.eurostat_comext.partition import Partition
from sources.reading.columns import (
    by_closed_list,
    half_of_last_digit,
    in_month,
    printed_local_value,
    printed_status,
    printed_weight,
    with_areas,
)
from sources.reading.delimited import read_records
from sources.reading.layouts import declared, layout_of
from sources.reading.numbers import printed_number
from sources.reading.partners import UNKNOWN_PARTNER, set_aside_small
from sources.reading.tables import rejects_from, to_feed_schema, unreadable
from sources.reading.vocabulary import load_vocabulary

_HERE = Path(__file__).parent
_CODE_DIGITS = 6
NO_COUNTRY, MASKED = "no_country", "masked_line"
_LINE = r"^[0-9]{8}$"
_MASKED_LINE = r"^[0-9]{6}[0-9A-Z]{2}$"
_KG_DECIMALS = 3

TRADE_TABLE = TableSpec(
    name="eurostat_comext__trade",
    feed="trade",
    key=("reporter_code", "partner_code", "flow", "hs_code", "period_start", "part_label"),
    expected_rejects=frozenset({NO_COUNTRY, MASKED, UNKNOWN_PARTNER}),
    partitions=(Partition,),
)
TABLES = (TRADE_TABLE,)


def _require_month(artifact: Artifact, records: pl.DataFrame) -> None:
    """Every record is of the month that the partition names.

    Raises:
        LayoutError: one is of another period.
    """
    period = Partition.of(artifact).period
    others = records.filter(pl.col("PERIOD") != period)
    if others.height:
        row, found = others["artifact_row"][0], others["PERIOD"][0][:20]
        raise LayoutError(
            artifact, f"record {row} is of the period {found!r}, not {period}.", "drop the file of one month."
        )


def _set_aside(records: pl.DataFrame, raw: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part records of lines and countries from those of masked lines and of no country; `is_whole` marks the former.

    A flow of a reporter in a code is whole where no line of it is masked and no record lacks its country.
    """
    no_country = pl.any_horizontal(
        pl.col(name).is_in(declared(_HERE)["no_country"]["codes"]) for name in ("REPORTER", "PARTNER")
    )
    line = pl.col("PRODUCT_NC")
    is_masked = ~line.str.contains(_LINE) & line.str.contains(_MASKED_LINE)
    code = line.str.slice(0, _CODE_DIGITS)
    marked = records.with_columns((~is_masked.any().over("REPORTER", "PARTNER", "FLOW", code)).alias("is_whole"))
    rejects = [
        rejects_from(marked.filter(no_country), NO_COUNTRY, "a code for stores, secrecy or a part of a country", raw),
        rejects_from(
            marked.filter(is_masked & ~no_country), MASKED, "a line that a member state keeps confidential", raw
        ),
    ]
    return marked.filter(~no_country & ~is_masked), pl.concat(rejects)


def _shape(records: pl.DataFrame) -> pl.DataFrame:
    """Rows of the feed: euros as `value_local`, kg."""
    code = pl.col("PRODUCT_NC").str.slice(0, _CODE_DIGITS)
    frame = records.with_columns(
        pl.lit(1).alias("layout_rank"),
        pl.col("PARTNER").alias("partner_label"),
        pl.lit(value=False).alias("is_partner_world"),
        pl.col("PRODUCT_NC").alias("hs_code"),
        pl.col("reporter_code").alias("code_country"),
        pl.when("is_whole").then(code).alias("scope_code"),
        pl.format("{} procedure {}", "TRADE_TYPE", "STAT_PROCEDURE").alias("part_label"),
        *in_month("PERIOD", "%Y%m"),
        *printed_local_value(pl.col("euros"), "EUR", 1.0, decimals=0),
        pl.col("VALUE_EUR").alias("value_raw"),
        printed_status(pl.col("euros")),
        pl.lit(value=False).alias("is_revised"),
        *printed_weight(pl.col("kg"), 0.5),
        pl.col("QUANTITY_KG").alias("weight_raw"),
        pl.when(pl.col("flow") == "import").then(pl.lit("CIF")).otherwise(pl.lit("FOB")).alias("valuation"),
    )
    rounding = pl.when(pl.col("kg").is_not_null()).then(half_of_last_digit("QUANTITY_KG", 1.0))
    return to_feed_schema(TRADE_TABLE, frame.with_columns(rounding.alias("weight_rounding_kg")))


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read the followed codes of one month.

    Returns one table of `TRADE` rows by month, each member state as reporter, in whole euros (`value_local`,
    `currency_code` EUR) and kg. A row is one statistical procedure, a part of its flow (`part_label`): they add up.
    Imports are CIF, exports FOB. Records of no country and of masked lines are set aside.

    Raises:
        LayoutError: columns lost, another month than the partition names, two rows of one part.
        TruncatedError: a record cut short, or none at all.
        UnknownLabelError: a reporter, flow or type of trade that is not known, a partner that is neither known nor
            small.
    """
    layout = layout_of(artifact, _HERE)
    raw = layout["columns"]
    records = read_records(artifact, raw, optional=layout["beside"], may_have_more=True)
    _require_month(artifact, records)
    kept, aside = _set_aside(records, raw)
    numbers = kept.with_columns(
        printed_number("VALUE_EUR", 0).alias("euros"), printed_number("QUANTITY_KG", _KG_DECIMALS).alias("kg")
    )
    cells = {
        "PRODUCT_NC": pl.col("PRODUCT_NC").str.contains(_LINE),
        "VALUE_EUR": pl.col("euros").is_not_null(),
        "QUANTITY_KG": pl.col("kg").is_not_null() | (pl.col("QUANTITY_KG") == ""),
    }
    readable = pl.all_horizontal(*cells.values())
    rejects = rejects_from(numbers.filter(~readable), "unreadable_value", unreadable(cells), raw)
    words = load_vocabulary(_HERE / "labels.csv", "country")
    rows, unknown = set_aside_small(
        artifact,
        numbers.filter(readable),
        words,
        "PARTNER",
        flow=["REPORTER", "FLOW", "PRODUCT_NC"],
        value="euros",
        raw=raw,
    )
    basis = pl.concat_str("FLOW", "TRADE_TYPE").alias("basis")
    rows = with_areas(artifact, rows, _HERE, "country", "PARTNER", "partner").with_columns(basis)
    rows = with_areas(artifact, rows, _HERE, "reporter", "REPORTER", "reporter")
    rows = rows.with_columns(
        by_closed_list(artifact, rows, "FLOW", declared(_HERE)["flows"]).alias("flow"),
        by_closed_list(artifact, rows, "basis", declared(_HERE)["partner_bases"]).alias("partner_basis"),
    )
    return (conform(TRADE_TABLE, artifact, _shape(rows), pl.concat([aside, rejects, unknown])),)
