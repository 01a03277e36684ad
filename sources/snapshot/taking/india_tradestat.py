"""India's trade of rare-earth lines as TradeStat's reports have it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sources.snapshot.taking.written import Written, by_year, table

_LIBRARY_TRACKER = "public repository Vasuki8/india-critical-trade-tracker @ 72837d7"


def take(folder: Path) -> Iterator[Written]:
    """India's monthly trade of 2846 by partner, and the printed totals, one file a year of each."""
    for what, name in (("partners", "monthly_by_partner"), ("totals", "monthly_totals")):
        original = folder / "india_tradestat" / f"meidb_2846_{name}_2018-01_2026-06_transcribed.csv"
        header, years = by_year(original, "period")
        for year, rows in years.items():
            yield Written(
                file=f"india_tradestat/meidb_2846_{what}_{year}.csv",
                data=table([header, *rows]),
                original=original,
                row={
                    "source_code": "india_tradestat",
                    "layout": f"extract_meidb_{what}",
                    "partition": f"MEIDB/2846/{what}/{year}",
                    "year": year,
                    "release": "as read 2026-09-14",
                    "known_from": "2026-09-14",
                    "known_basis": "assumed",
                    "known_from_note": "the date of the reports read with them; the monthly rows carry none",
                    "transcription": "transcribed",
                    "how": "the year's rows of a transcription of the portal's reports, checked against its totals",
                    "url": "https://tradestat.commerce.gov.in/meidb/commodity_wise_all_countries_import",
                    "taken_from": _LIBRARY_TRACKER,
                },
            )
