"""The panels that reconciliation is chosen and scored on, from the folder `REE_PUBLISHER_FILES`.

Thirty other minerals' codes of 2022 and 2024, and magnets (850511) of 2024: every reporter's flows in Comtrade beside
CEPII's BACI. The largest record of a flow is its total; the others are its breakdown.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import polars as pl

MAGNETS = "HS:850511"
_THIRTY = "comtrade/all_reporters_30_mineral_codes_{year}_annual_unfiltered_breakdown.csv.gz"
_BACI = "baci/baci_30_mineral_codes_{year}_i_j_value_usd.csv.gz"
_YEARS = (2022, 2024)
_KEY = ["exporter_code", "importer_code", "product_key", "period_start"]


def folder() -> Path:
    """The folder of publishers' full files; ends the program where it is not set."""
    if not os.environ.get("REE_PUBLISHER_FILES"):
        sys.exit("Set REE_PUBLISHER_FILES to the folder of publishers' full files.")
    return Path(os.environ["REE_PUBLISHER_FILES"])


def read(files: Path) -> pl.DataFrame:
    """FLOW_SCHEMA of both panels, and BACI's `reference_usd` and `reference_kg` (magnets only)."""
    areas = _areas(files)
    parts = [(_comtrade(files / _THIRTY.format(year=year), areas, year), _baci(files, year)) for year in _YEARS]
    parts.append(
        (
            _comtrade(files / "comtrade/all_reporters_850511_2024_annual_unfiltered_breakdown.csv", areas, 2024),
            _baci_magnets(files),
        )
    )
    joined = [flows.join(baci, on=_KEY, how="full", coalesce=True) for flows, baci in parts]
    return pl.concat(joined, how="diagonal").with_columns(year=pl.col("period_start").dt.year()).sort(_KEY)


def _areas(files: Path) -> dict[str, str]:
    """ISO codes by number; "Other Asia, nes" is taken for Taiwan, as in the mirror."""
    codes = pl.read_csv(files / "baci/country_codes_V202601.csv", infer_schema_length=0)
    return dict(codes.select("country_code", "country_iso3").iter_rows()) | {"490": "TWN"}


def _comtrade(path: Path, areas: dict[str, str], year: int) -> pl.DataFrame:
    """FLOW_SCHEMA of one file."""
    records = (
        pl.read_csv(path, infer_schema_length=0)
        .with_columns(pl.col("value").cast(pl.Float64), kg=pl.col("netwgt").cast(pl.Float64, strict=False))
        .sort("value", descending=True)
        .unique(["reporter", "partner", "cmd", "flow"], keep="first", maintain_order=True)
        .with_columns(pl.col("reporter", "partner").replace_strict(areas, default=None))
        .drop_nulls(["reporter", "partner"])
        .filter(pl.col("reporter") != pl.col("partner"), pl.col("value") > 0)
    )
    sides = [
        records.filter(pl.col("flow") == flow)
        .group_by(exporter_code=exporter, importer_code=importer, product_key="HS:" + pl.col("cmd"))
        .agg(pl.col("value").sum().alias(f"{side}_value"), pl.col("kg").sum().alias(f"{side}_weight"))
        for flow, exporter, importer, side in (("X", "reporter", "partner", "x"), ("M", "partner", "reporter", "m"))
    ]
    figures = pl.col("x_value", "m_value", "x_weight", "m_weight")
    return (
        sides[0]
        .join(sides[1], on=_KEY[:3], how="full", coalesce=True)
        .with_columns(pl.when(figures > 0).then(figures).name.keep(), period_start=pl.date(year, 1, 1))
    )


def _baci(files: Path, year: int) -> pl.DataFrame:
    """BACI's US$ of the thirty codes; its file of them has no weights."""
    return (
        pl.read_csv(files / _BACI.format(year=year), schema_overrides={"cmd": pl.String})
        .group_by(
            exporter_code=pl.col("i").replace("S19", "TWN"),
            importer_code=pl.col("j").replace("S19", "TWN"),
            product_key="HS:" + pl.col("cmd"),
        )
        .agg(reference_usd=pl.col("value").sum())
        .with_columns(period_start=pl.date(year, 1, 1))
    )


def _baci_magnets(files: Path) -> pl.DataFrame:
    """BACI's US$ and kg of magnets, from thousand US$ and tonnes."""
    return (
        pl.read_csv(files / "baci/baci_850511_2024_full_kusd_t.csv", infer_schema_length=0)
        .group_by(
            exporter_code=pl.col("exporter").replace("S19", "TWN"),
            importer_code=pl.col("importer").replace("S19", "TWN"),
            product_key=pl.lit(MAGNETS),
        )
        .agg(
            reference_usd=1000.0 * pl.col("value_kusd").cast(pl.Float64).sum(),
            reference_kg=1000.0 * pl.col("qty_t").cast(pl.Float64, strict=False).sum(),
        )
        .with_columns(period_start=pl.date(2024, 1, 1))
    )
