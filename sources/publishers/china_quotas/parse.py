"""Read China's rare-earth quotas from a table of figures quoted from public pages."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from sources.model.artifact import Artifact
from sources.model.feeds import CLOSED_LISTS
from sources.model.source import ParsedTable, TableSpec, conform
from sources.reading.columns import by_closed_list
from sources.reading.delimited import read_records
from sources.reading.layouts import declared, layout_of
from sources.reading.numbers import number_pattern, read_number
from sources.reading.tables import rejects_from, to_feed_schema, unreadable

_HERE = Path(__file__).parent
_NUMBER = number_pattern(decimals=0)
_FORMS = {
    "no": re.compile(_NUMBER),
    "difference": re.compile(rf"{_NUMBER}(?: - {_NUMBER})+"),
    "ratio": re.compile(rf"{_NUMBER} x [1-9]"),
}
_YEAR = r"^(19|20)[0-9][0-9]$"

QUOTAS_TABLE = TableSpec(
    name="china_quotas__quotas",
    feed="quotas",
    key=("country_code", "quota_type", "earths", "batch", "year"),
)
TABLES = (QUOTAS_TABLE,)


def tonnes(printed: str, derived: str) -> float | None:
    """The figure a cell prints, or the one its sum gives: "93,800 - 4,600", "46,900 x 2"; None if it is neither."""
    if _FORMS[derived].fullmatch(printed) is None:
        return None
    first, *others = (read_number(part) or 0.0 for part in re.split(" [-x] ", printed))
    if derived == "difference":
        return first - sum(others)
    return first * others[0] if derived == "ratio" else first


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read the table of quoted figures.

    Returns one table of `QUOTAS` rows, tonnes of rare-earth oxide. A figure worked out from others is `estimated`, its
    basis says how, and `value_raw` is the sum as entered. `public_by` is the day of the page. Rows that cannot be read
    are set aside.

    Raises:
        LayoutError: columns gained or lost, two rows of one figure.
        TruncatedError: a record ends early, or there is none.
        UnknownLabelError: a type, kind of earth, batch or way of deriving that is not known.
    """
    layout = layout_of(artifact, _HERE)
    records = read_records(artifact, layout["columns"])
    if "page_day" not in records.columns:
        records = records.with_columns(pl.lit("").alias("page_day"))
    lists = {
        "quota_type": CLOSED_LISTS["quota_type"],
        "earths": CLOSED_LISTS["earths"],
        "batch": CLOSED_LISTS["batch"],
        "derived": tuple(_FORMS),
    }
    for column, known in lists.items():
        by_closed_list(artifact, records, column, known)
    pairs = records.select("printed_t", "derived").iter_rows()
    records = records.with_columns(pl.Series("value_t", [tonnes(*pair) for pair in pairs], pl.Float64))
    page_day = pl.col("page_day").str.to_date("%Y-%m-%d", strict=False)
    cells = {
        "printed_t": (pl.col("value_t") > 0).fill_null(value=False),
        "year": pl.col("year").str.contains(_YEAR),
        "page_day": (pl.col("page_day") == "") | page_day.is_not_null(),
        "page_url": pl.col("page_url").str.contains("^https?://"),
    }
    readable = pl.all_horizontal(*cells.values())
    is_derived = pl.col("derived") != "no"
    frame = records.filter(readable).with_columns(
        pl.lit("CHN").alias("country_code"),
        pl.col("printed_t").alias("value_raw"),
        pl.when(is_derived).then(pl.lit("estimated")).otherwise(pl.lit("reported")).alias("value_status"),
        pl.col("derived").replace_strict(declared(_HERE)["basis"], default=None).alias("basis_code"),
        pl.lit(value=False).alias("is_revised"),
        page_day.alias("public_by"),
        pl.when(page_day.is_not_null()).then(pl.lit("stated")).alias("public_basis"),
    )
    rejects = rejects_from(records.filter(~readable), "unreadable_value", unreadable(cells), layout["columns"])
    return (conform(QUOTAS_TABLE, artifact, to_feed_schema(QUOTAS_TABLE, frame), rejects),)
