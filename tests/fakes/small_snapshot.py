"""A live warehouse that builds quickly: every publisher and every kind of figure, few codes, months and files."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sources.registry import sources
from sources.snapshot import BUNDLED
from sources.snapshot.provenance import PROVENANCE_COLUMNS

LIVE: Mapping[str, Mapping[str, Any]] = {
    "un_comtrade": {"groups": [[699], [156]]},
    "us_census": {"codes": ["850511"], "digits": [6]},
    "eurostat_comext": {"first_month": "2026-05"},
    "india_tradestat": {
        "first_month": "2025-01",
        "monthly": [
            {"codes": ["2846"], "measures": ["usd"], "records": 80},
            {"codes": ["28469090"], "measures": ["quantity"], "records": 40},
        ],
        "yearly": [{"codes": ["28469090"], "measures": ["usd", "inr", "quantity"], "partner": "CHN", "records": 10}],
    },
    "uk_hmrc": {"lines": {"850511": ["85051110", "85051190"]}},
    "brazil_comexstat": {"lines": {"850511": ["85051100"]}},
}
"""Changes to the publishers' `[live]` tables: India and China alone, one heading and one line since 2025; of the United
Kingdom, Brazil and the United States magnets of metal; two months of the European Union."""

FILES = (
    "china_customs/gacc_exports_ind_284690_2025.csv",
    "china_quotas/quotas_2010_2024.csv",
    "pib_india/pib_2117701_imports_tonnes.csv",
    "pib_india/pib_2151394_import_shares.csv",
    "india_amd/amd_2014-11.csv",
    "policy_events/policy_events.csv",
    "iea/iea_magnet_rare_earths_2025.json",
    "india_vahan/vahan_2024-08-02.csv",
)
"""Files of publishers that no program can reach, the fewest that fill every fact."""


def live_tables() -> Iterator[tuple[dict[str, Any], Mapping[str, Any]]]:
    """The `[live]` table of each publisher with a reduced scope, and what to change in it."""
    for code, changes in LIVE.items():
        yield sources()[code].about["live"], changes


def reduce_scope() -> None:
    """Make this process fetch `LIVE` only."""
    for table, changes in live_tables():
        table.update(changes)


def small_snapshot(folder: Path) -> Path:
    """Copy `FILES` and their provenance into a folder of their own, and return it."""
    with (BUNDLED / "provenance.csv").open(encoding="utf-8", newline="") as text:
        rows = [row for row in csv.DictReader(text) if row["file"] in FILES]
    for row in rows:
        (folder / row["file"]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(BUNDLED / row["file"], folder / row["file"])
    with (folder / "provenance.csv").open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, PROVENANCE_COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return folder
