"""Read the tables that India's answers to Parliament print: imports in tonnes, and shares of imports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from sources.model import products
from sources.model.artifact import Artifact, LayoutError, UnknownLabelError
from sources.model.feeds import CLOSED_LISTS
from sources.model.paths import project_path
from sources.model.products import HS_CODES
from sources.model.source import ParsedTable, TableSpec, conform
from sources.publishers.pib_india.partition import Partition
from sources.reading.columns import (
    begun_in_year,
    by_closed_list,
    half_of_last_digit,
    in_fiscal_year,
    printed_value,
    with_areas,
)
from sources.reading.delimited import read_records
from sources.reading.layouts import declared, layout_of
from sources.reading.numbers import printed_number
from sources.reading.partners import UNKNOWN_PARTNER, set_aside_small
from sources.reading.tables import rejects_from, to_feed_schema, unreadable
from sources.reading.vocabulary import load_vocabulary

_HERE = Path(__file__).parent
FOLLOWED = (*HS_CODES, "850590")
"""The codes the warehouse follows, and the devices and parts that the shares are given of beside the magnets."""
_LINE_DIGITS = 8
_DECIMALS = 2
_USD_MILLION = 1e6

TRADE_TABLE = TableSpec(
    name="pib_india__trade",
    feed="trade",
    key=("reporter_code", "partner_code", "flow", "hs_code", "period_type", "period_start"),
    expected_rejects=frozenset({UNKNOWN_PARTNER}),
    layouts=frozenset({"extract_pib_imports_tonnes", "extract_pib_imports_usd"}),
    partitions=(Partition,),
)
SHARES_TABLE = TableSpec(
    name="pib_india__shares",
    feed="published_shares",
    key=("share_measure", "reporter_code", "partner_code", "flow", "hs_code", "period_type", "period_start"),
    layouts=frozenset({"extract_pib_import_shares"}),
    partitions=(Partition,),
)
TABLES = (TRADE_TABLE, SHARES_TABLE)


def _require_own_rows(artifact: Artifact, records: pl.DataFrame) -> None:
    """Every row must be of the release that the partition names, so that no other answer's figures slip in."""
    others = records.filter(pl.col("prid") != Partition.of(artifact).prid)
    if others.height:
        first = others.row(0, named=True)
        raise LayoutError(
            artifact,
            f"record {first['artifact_row']} is of release {first['prid']!r}, the partition is {artifact.partition!r}.",
            f"keep one file per release, and name its partition {Partition.FORM}.",
        )


def _with_line(artifact: Artifact, records: pl.DataFrame) -> pl.DataFrame:
    """Add `code_country` and `scope_code`: eight digits are a line of India's, four and six an international code.

    Raises:
        UnknownLabelError: a code of another length, or under none of the codes followed.
    """
    code = pl.col("hs_code")
    is_line = code.str.contains(rf"^[0-9]{{{_LINE_DIGITS}}}$")
    followed = pl.when(is_line).then(code.str.slice(0, 6)).otherwise(code).is_in(FOLLOWED)
    strange = records.filter(~followed)["hs_code"].unique().sort().to_list()
    if strange:
        raise UnknownLabelError(
            artifact,
            f"says hs_code {strange}; followed are {sorted(FOLLOWED)} and India's lines of eight digits under them.",
            f"leave out rows of other goods; a code to follow is added to {project_path(products.__file__)}.",
        )
    scopes = {line["hs_code"]: line["scope_code"] for line in declared(_HERE)["line"]}
    return records.with_columns(
        pl.when(is_line).then(pl.lit("IND")).alias("code_country"),
        code.replace_strict(scopes, default=None, return_dtype=pl.String).alias("scope_code"),
    )


def _imports(artifact: Artifact, layout: dict[str, Any], records: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Imports by country and fiscal year: tonnes, or US$ million with tonnes beside some of them.

    The transcription writes whole numbers as "437.0": the decimal is its own, so they are known to half a tonne. A
    printed 0 is less than half of its last digit (`at_most`, bounded by `weight_rounding_kg`), never a weight.
    """
    has_money = "value_usd_million" in layout["columns"]
    tonnes = pl.col("quantity_tonnes")
    numbers = records.with_columns(
        printed_number("quantity_tonnes", _DECIMALS, "indian").alias("tonnes"),
        printed_number("value_usd_million" if has_money else "quantity_tonnes", _DECIMALS, "indian").alias("size"),
        tonnes.str.replace(r"\.0$", "").alias("digits"),
        begun_in_year("financial_year").alias("first_year"),
    )
    cells = {
        "quantity_tonnes": pl.col("tonnes").is_not_null() | ((tonnes == "") & has_money),
        "financial_year": pl.col("first_year").is_not_null(),
    }
    if has_money:
        cells["value_usd_million"] = pl.col("size").is_not_null()
    readable = pl.all_horizontal(*cells.values())
    rejects = rejects_from(numbers.filter(~readable), "unreadable_value", unreadable(cells), layout["columns"])
    numbers, unknown = set_aside_small(
        artifact,
        numbers.filter(readable),
        load_vocabulary(_HERE / "labels.csv", "country"),
        "country",
        flow=["hs_code", "financial_year"],
        value="size",
        raw=layout["columns"],
    )
    rejects = pl.concat([rejects, unknown])
    kept = with_areas(artifact, numbers, _HERE, "country", "country", "partner")
    money = (
        printed_value(pl.col("size"), "value_usd_million", _USD_MILLION)
        if has_money
        else [pl.lit("not_available").alias("value_status")]
    )
    frame = kept.with_columns(
        pl.lit(layout["rank"]).alias("layout_rank"),
        pl.lit("IND").alias("reporter_code"),
        pl.col("country").alias("partner_label"),
        (pl.col("partner_kind") == "world").alias("is_partner_world"),
        pl.lit("import").alias("flow"),
        *in_fiscal_year("first_year"),
        *money,
        *_tonnes(),
        pl.lit(value=False).alias("is_revised"),
        pl.lit("unknown").alias("valuation"),
        pl.lit("unknown").alias("partner_basis"),
    )
    return frame, rejects


def _tonnes() -> list[pl.Expr]:
    """The weight of a printed number of tonnes, none where no tonnes are printed."""
    some, printed = pl.col("tonnes") > 0, pl.col("tonnes").is_not_null()
    return [
        pl.when(some).then((pl.col("tonnes") * 1000).round(3)).alias("net_weight_kg"),
        pl.when(printed).then(half_of_last_digit("digits", 1000)).alias("weight_rounding_kg"),
        pl.when(printed).then("quantity_tonnes").alias("weight_raw"),
        pl.when(some)
        .then(pl.lit("reported"))
        .when(printed)
        .then(pl.lit("at_most"))
        .otherwise(pl.lit("not_available"))
        .alias("weight_status"),
    ]


def _shares(artifact: Artifact, layout: dict[str, Any], records: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A partner's share of India's imports, by calendar year ("2024") or fiscal year ("2024-25"), printed in per cent.

    A printed 0 is less than half of its last digit (`at_most`, bounded by `share_rounding`).
    """
    in_calendar_year = pl.col("period").str.extract(r"^((?:19|20)[0-9][0-9])$").cast(pl.Int32)
    numbers = records.with_columns(
        printed_number("share_pct", _DECIMALS).alias("percent"),
        begun_in_year("period").alias("fiscal"),
        in_calendar_year.alias("calendar"),
        pl.lit(layout["partner"]).alias("partner_label"),
    ).with_columns(pl.coalesce("fiscal", "calendar").alias("first_year"))
    cells = {"share_pct": pl.col("percent").is_not_null(), "period": pl.col("first_year").is_not_null()}
    readable = pl.all_horizontal(*cells.values())
    rejects = rejects_from(numbers.filter(~readable), "unreadable_value", unreadable(cells), layout["columns"])
    kept = with_areas(artifact, numbers, _HERE, "country", "partner_label", "partner").filter(readable)
    is_fiscal = pl.col("fiscal").is_not_null()
    some = pl.col("percent") > 0
    year = pl.col("first_year")
    frame = kept.with_columns(
        by_closed_list(artifact, kept, "measure", CLOSED_LISTS["share_measure"]).alias("share_measure"),
        pl.lit("IND").alias("reporter_code"),
        pl.lit("import").alias("flow"),
        pl.when(is_fiscal).then(pl.lit("fiscal_year")).otherwise(pl.lit("calendar_year")).alias("period_type"),
        pl.when(is_fiscal).then(pl.date(year, 4, 1)).otherwise(pl.date(year, 1, 1)).alias("period_start"),
        pl.when(is_fiscal).then(pl.date(year + 1, 3, 31)).otherwise(pl.date(year, 12, 31)).alias("period_end"),
        pl.when(some).then((pl.col("percent") / 100).round(6)).alias("share"),
        half_of_last_digit("share_pct", 0.01).alias("share_rounding"),
        pl.col("share_pct").alias("value_raw"),
        pl.when(some).then(pl.lit("reported")).otherwise(pl.lit("at_most")).alias("value_status"),
        pl.lit(value=False).alias("is_revised"),
    )
    return frame, rejects


_READERS: dict[
    str,
    tuple[TableSpec, Callable[[Artifact, dict[str, Any], pl.DataFrame], tuple[pl.DataFrame, pl.DataFrame]]],
] = {
    "imports": (TRADE_TABLE, _imports),
    "shares": (SHARES_TABLE, _shares),
}


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read one release's table.

    Returns one table: `TRADE` rows of India's imports, in kg or in US$ and kg, or `PUBLISHED_SHARES` rows (0 to 1), by
    layout.
    Cells that are no number, and years that are none, are set aside as `unreadable_value`.

    Raises:
        LayoutError: columns gained or lost, an undeclared layout, rows of another release, two rows of one flow.
        TruncatedError: a record ends early, or there is none.
        UnknownLabelError: a country or a measure that is not known, a code the warehouse does not follow.
    """
    layout = layout_of(artifact, _HERE)
    spec, read = _READERS[layout["reader"]]
    records = read_records(artifact, layout["columns"])
    _require_own_rows(artifact, records)
    frame, rejects = read(artifact, layout, _with_line(artifact, records))
    return (conform(spec, artifact, to_feed_schema(spec, frame), rejects),)
