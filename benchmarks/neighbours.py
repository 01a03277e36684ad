"""How many right and wrong loads does the comparison with neighbours stop? `python -m benchmarks.neighbours`.

Judges customs trade that the limits were not chosen for: thirty minerals' codes of 2022 and 2024 as all reporters state
them, in the folder `REE_PUBLISHER_FILES`. One load is a reporter's flow of one code and year. The years beside it are
two years away, which is harder than in the warehouse. Prints the share of loads stopped as they are, and with one
fault each.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from warehouse.quality.neighbours.exchange import exchanges
from warehouse.quality.neighbours.figures import LOADS, SERIES, TABLE, TEXTS, Batch, collect_rates, read_batch
from warehouse.quality.neighbours.references import medians, with_references
from warehouse.quality.neighbours.scale import FEW, misfits

_FILES = "comtrade/all_reporters_30_mineral_codes_{year}_annual_unfiltered_breakdown.csv.gz"
_VALUE, _WEIGHT = pl.col("value"), pl.col("weight")
_FAULTS = {
    "as they are": (_VALUE, _WEIGHT),
    "values times 10": (_VALUE + 1, _WEIGHT),
    "values divided by 10": (_VALUE - 1, _WEIGHT),
    "values divided by 1,000": (_VALUE - 3, _WEIGHT),
    "weights times 10": (_VALUE, _WEIGHT + 1),
    "weights times 1,000": (_VALUE, _WEIGHT + 3),
    "both divided by 1,000": (_VALUE - 3, _WEIGHT - 3),
    "value and weight exchanged": (_WEIGHT, _VALUE),
}


def read(folder: Path) -> pl.DataFrame:
    """The two panels as `collect_figures` would find them; the largest record of a flow is its total."""
    panels = [
        pl.read_csv(folder / _FILES.format(year=year), infer_schema_length=0).with_columns(year=pl.lit(year))
        for year in (2022, 2024)
    ]
    is_export, is_world = pl.col("flow") == "X", pl.col("partner") == "0"
    flow = pl.when(is_export).then(pl.lit("export")).otherwise(pl.lit("import"))
    exporter = pl.when(is_export).then("reporter").otherwise("partner")
    importer = pl.when(is_export).then("partner").otherwise("reporter")
    amounts = {"value": pl.col("value").cast(pl.Float64), "weight": pl.col("netwgt").cast(pl.Float64, strict=False)}
    return (
        pl.concat(panels)
        .with_columns(**amounts)
        .sort("value", descending=True)
        .group_by("reporter", "partner", "cmd", "flow", "year", maintain_order=True)
        .first()
        .select(
            load_id=pl.concat_str("reporter", "cmd", "flow", "year", separator="/"),
            account="reporter",
            thing=pl.concat_str(
                exporter, pl.lit(">"), importer, pl.lit(" "), "cmd", pl.when(is_world).then(flow).otherwise(pl.lit(""))
            ),
            label=pl.when(~is_world).then("partner"),
            kind=flow + pl.lit(" ") + pl.col("cmd"),
            product="cmd",
            currency_code=pl.lit(None, dtype=pl.String),
            period_start=pl.date("year", 1, 1),
            period_end=pl.date("year", 12, 31),
            year="year",
            months=pl.lit(12.0).log10(),
            known_from=pl.lit(None, dtype=pl.Date),
            value=pl.when(pl.col("value") > 0).then(pl.col("value").log10()),
            local=pl.lit(None, dtype=pl.Float64),
            weight=pl.when(pl.col("weight") > 0).then(pl.col("weight").log10()),
        )
        .sort("load_id", "thing")
        .with_columns(
            load=pl.col("load_id").rank("dense"),
            series=pl.struct(TEXTS).rank("dense"),
            flow=pl.struct("account", "thing").rank("dense"),
            thing_number=pl.col("thing").rank("dense"),
        )
        .with_row_index("row")
    )


def _with_main_labels_exchanged(rows: pl.DataFrame, generator: np.random.Generator) -> pl.DataFrame:
    """The figures of each load's largest partner exchanged with those of another of its first five."""
    ranked = rows.filter(pl.col("label").is_not_null() & _VALUE.is_not_null()).sort("value", descending=True)
    swapped: dict[int, int] = {}
    for _, group in ranked.group_by("load_id", maintain_order=True):
        first = group["row"].head(5).to_list()
        if len(first) > 2:
            other = first[int(generator.integers(1, len(first)))]
            swapped |= {first[0]: other, other: first[0]}
    source = rows.select("row").with_columns(
        taken=pl.col("row").replace(list(swapped), list(swapped.values())).cast(rows.schema["row"])
    )
    figures = source.join(rows.select("row", "value", "weight"), left_on="taken", right_on="row")
    changed = rows.drop("value", "weight").join(figures.select("row", "value", "weight"), on="row")
    loads = rows.filter(pl.col("row").is_in(list(swapped)))["load_id"].unique().to_list()
    return changed.filter(pl.col("load_id").is_in(loads)).select(rows.columns)


def main() -> None:
    """Judge the panels as they are and with each fault, and print the shares that are stopped."""
    folder = os.environ.get("REE_PUBLISHER_FILES")
    if not folder:
        sys.exit("Set REE_PUBLISHER_FILES to the folder of publishers' full files.")
    panel = read(Path(folder))
    with duckdb.connect() as con:
        con.register(TABLE, panel.drop("load_id", "known_from", *TEXTS))
        con.register(SERIES, panel.select("series", "flow", "thing_number", *TEXTS).unique())
        con.register(LOADS, panel.select("load", "load_id", "known_from").unique())
        collect_rates(con)
        everything = Batch(panel["load"].unique().to_list(), 2022, 2024)
        rows = with_references(read_batch(con, everything), medians(con)).of_others
    sizes = rows.group_by("load_id").len()
    many = set(sizes.filter(pl.col("len") > FEW)["load_id"])
    for name, (value, weight) in _FAULTS.items():
        stopped = set(misfits(rows.with_columns(value=value, weight=weight), ["load_id"])["load_id"])
        shares = (len(stopped & many) / len(many), len(stopped) / sizes.height)
        sys.stdout.write(f"{name:<28} {shares[0]:6.1%} of loads of {FEW} figures, {shares[1]:6.1%} of all\n")
    for name, shown in (
        ("single figures, as they are", rows),
        ("main labels exchanged", _with_main_labels_exchanged(rows, np.random.default_rng(1))),
    ):
        stopped = {one.load_id for one in exchanges(shown)}
        sys.stdout.write(f"{name:<28} {len(stopped) / shown['load_id'].n_unique():6.1%} of loads\n")


if __name__ == "__main__":
    main()
