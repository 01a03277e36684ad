"""Derives the bundled priors of the mirror from the thirty minerals' panels. `python -m benchmarks.mirror_priors`.

Writes `seed_reporter_prior.csv` (EFFECT_SCHEMA) and `seed_gap_spread_prior.csv` (SPREAD_SCHEMA) to `dbt_project/seeds`.
Both rest on Comtrade's reports of 2022 and 2024 alone: no BACI, and no magnets, so that the bundle's own panel shares
no flow with them.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from benchmarks.mirror_files import MAGNETS, folder, read
from warehouse.statistics.gap_spread import spreads
from warehouse.statistics.reporter_record import measures

_DECIMALS = 4
_SEEDS = Path(__file__).resolve().parent.parent / "dbt_project/seeds"


def main() -> None:
    """Derive and write both files."""
    thirty = read(folder()).filter(pl.col("product_key") != MAGNETS)
    measures(thirty).with_columns(pl.col("effect").round(_DECIMALS) + 0.0).write_csv(_SEEDS / "seed_reporter_prior.csv")
    families = spreads(thirty).filter(~pl.col("family").str.starts_with("HS:"))
    families.with_columns(pl.col("log_variance", "size_slope").round(_DECIMALS)).write_csv(
        _SEEDS / "seed_gap_spread_prior.csv"
    )


if __name__ == "__main__":
    main()
