"""Printed money as columns of a feed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from sources.model.source import ParsedTable, TableSpec, conform
from sources.reading.columns import printed_local_value, printed_status
from sources.reading.tables import rejects_from, to_feed_schema
from tests.helpers.artifacts import artifact
from tests.helpers.breaking import unexpected
from warehouse.quality.feeds import trade

JAPAN = TableSpec(
    name="japan_customs__trade",
    feed="trade",
    key=("reporter_code", "partner_code", "flow", "hs_code", "period_type", "period_start", "part_label"),
)
BROKEN_BY = {
    "money_other_than_us_dollars_names_its_currency": "update t set currency_code = null",
    "a_partition_is_in_one_local_currency": "update t set currency_code = 'CNY' where value_local is null",
    "a_number_stands_where_the_status_says_so": "update t set value_rounding_local = null",
}
RULES = {rule.name: rule for rule in trade.RULES}


def in_thousand_yen(folder: Path, *cells: str) -> ParsedTable:
    """Exports of one nine-digit line to China, one month per cell, as a parser of Japan's customs would read them."""
    frame = pl.DataFrame({"printed": cells}).with_row_index("month", offset=1)
    number = pl.col("printed").cast(pl.Float64)
    frame = frame.with_columns(
        pl.col("month").cast(pl.Int64).alias("artifact_row"),
        pl.lit(1).alias("layout_rank"),
        pl.lit("JPN").alias("reporter_code"),
        pl.lit("CHN").alias("partner_code"),
        pl.lit("China").alias("partner_label"),
        pl.lit(value=False).alias("is_partner_world"),
        pl.lit("export").alias("flow"),
        pl.lit("850511000").alias("hs_code"),
        pl.lit("JPN").alias("code_country"),
        pl.lit("month").alias("period_type"),
        pl.date(2025, pl.col("month"), 1).alias("period_start"),
        pl.date(2025, pl.col("month"), 28).alias("period_end"),
        *printed_local_value(number, "JPY", 1e3, decimals=0),
        pl.col("printed").alias("value_raw"),
        printed_status(number),
        pl.lit("not_available").alias("weight_status"),
    )
    rejects = rejects_from(frame.clear(), "unreadable_value", "a cell is no number", ["printed"])
    return conform(JAPAN, artifact(folder, b"yen"), to_feed_schema(JAPAN, frame), rejects)


def test_yen_are_loaded_with_their_currency_and_rounding(tmp_path):
    rows = in_thousand_yen(tmp_path, "1234", "0").frame
    money = rows.select("value_local", "currency_code", "value_rounding_local", "value_status", "value_usd").rows()
    assert money == [(1_234_000.0, "JPY", 500.0, "reported", None), (None, "JPY", 500.0, "at_most", None)]
    assert rows["period_start"].to_list() == [date(2025, 1, 1), date(2025, 2, 1)]


@pytest.mark.parametrize("name", BROKEN_BY)
def test_gate_one_accepts_yen_and_refuses_an_amount_without_a_currency_or_a_bound(tmp_path, name):
    batch = in_thousand_yen(tmp_path, "1234", "0").frame.with_columns(pl.lit("2025").alias("partition_name"))
    with duckdb.connect() as con:
        con.register("batch", batch.to_arrow())
        con.execute("create table t as from batch")
        assert unexpected(con, RULES[name]) == 0
        con.execute(BROKEN_BY[name])
        assert unexpected(con, RULES[name]) > 0
