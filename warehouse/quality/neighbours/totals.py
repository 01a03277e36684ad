"""Whether partners add up to the total that is current for their period, whoever stated it and in whichever release."""

from __future__ import annotations

import duckdb
import polars as pl

from sources.model.partition import key_of
from sources.registry import table_specs

RULE = "partners_add_up_to_the_current_total"
AGREE = 0.01
"""Difference from the total, beyond rounding, that is no longer rounding. In the bundle it is below 0.0001 %."""

_SUMS = """
    with lists as (
        select load_id, reporter_code, flow, hs_code, code_country, period_type, period_start, period_end,
            min(partner_code) filter (where not is_partner_world)
            < max(partner_code) filter (where not is_partner_world) as has_partners,
            count(*) filter (where not is_partner_world and value_status in ('not_available', 'withheld')) as unknown,
            sum(value_usd) filter (where not is_partner_world) as added,
            sum(value_rounding_usd) filter (where not is_partner_world) as added_rounding,
            sum(value_usd) filter (where is_partner_world) as total,
            sum(value_rounding_usd) filter (where is_partner_world) as total_rounding
        from ({rows})
        group by all
    )
    select loads.source_code, loads.table_name, loads.partition, loads.status, loads.known_from,
        loads.landing_sequence, lists.*
    from lists
    inner join ledger.loads as loads on lists.load_id = loads.load_id and loads.status <> 'refused'
"""
LISTING = ["reporter_code", "flow", "hs_code", "code_country", "period_type", "period_start", "period_end"]
"""What names a list of partners and its total. January and the year so far have the same days and are two lists."""


def contradictions(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Loads whose partners do not add up to the total that is current for their period, or whose total does not.

    The total is the publisher's own where it prints one, else the newest that another publisher prints.

    One row a load and period: `load_id`, the parts of the key, `added` and `total` in US$, and the `partition` that
    states the other of the two. A load of single partners has nothing to add up to; nor has one with rows in
    quarantine or partners without a value.
    """
    rows = " union all by name ".join(
        f"select * from raw.{spec.name}" for spec in table_specs().values() if spec.feed == "trade"
    )
    sums = con.execute(_SUMS.format(rows=rows)).pl()
    if sums.is_empty():
        return sums
    incomplete = con.execute(
        "select distinct load_id from quarantine.rejects where reason_code not in ('breakdown_row', 'blank_cells')"
    ).pl()
    whole = [row["load_id"] for row in sums.select("load_id", "table_name", "partition").unique().iter_rows(named=True)
             if _lists_all_partners(row["table_name"], row["partition"])]  # fmt: skip
    newest = ["known_from", "landing_sequence", "load_id"]
    listed = sums.filter(pl.col("has_partners") & (pl.col("added") > 0) & (pl.col("unknown") == 0))
    listed = listed.filter(pl.col("load_id").is_in(whole)).join(incomplete, on="load_id", how="anti")
    stated = sums.filter(pl.col("total").is_not_null())
    by_source = ["source_code", *LISTING]
    current_lists = listed.sort(newest).group_by(by_source, maintain_order=True).last()
    current_totals = stated.sort(newest).group_by(by_source, maintain_order=True).last()
    pairs = (
        current_lists.join(current_totals, on=LISTING, suffix="_of_total", nulls_equal=True)
        .with_columns(is_own=pl.col("source_code") == pl.col("source_code_of_total"))
        .sort("is_own", "known_from_of_total", "load_id_of_total")
        .group_by("load_id", *LISTING, maintain_order=True)
        .last()
    )
    tolerance = AGREE * pl.col("total_of_total") + pl.col("added_rounding") + pl.col("total_rounding_of_total") + 1
    wrong = pairs.filter((pl.col("added") - pl.col("total_of_total")).abs() > tolerance)
    sides = (("load_id", "status", "partition_of_total"), ("load_id_of_total", "status_of_total", "partition"))
    return pl.concat(
        wrong.filter(pl.col(status) == "to_compare").select(
            pl.col(load).alias("load_id"), *LISTING, "added", pl.col("total_of_total").alias("total"),
            pl.col(other).alias("other_partition"),
        )
        for load, status, other in sides
    ).unique(maintain_order=True)  # fmt: skip


def _lists_all_partners(table: str, partition: str) -> bool:
    """Whether a partition's name says that it covers all partners; a name without that part does."""
    key = key_of(table_specs()[table].partitions, partition)
    return getattr(key, "partner", None) is None
