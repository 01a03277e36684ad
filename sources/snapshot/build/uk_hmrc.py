"""The United Kingdom's monthly trade in rare-earth magnets (85051110), from a published compilation in US$."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sources.publishers import uk_hmrc
from sources.publishers.uk_hmrc.partition import Partition
from sources.snapshot.build.snapshot_file import TAKEN_ON, SnapshotFile, by_year, records, table

_COMPILED = Path("other_customs", "uk_brazil_us_eu_850511_monthly_2024-06_2026-07.csv")
_LIBRARY_ATLAS = (
    "public repository Varcolacus/critical-materials-atlas @ 17b328d, pipeline/data/flows.parquet, source hmrc"
)
_COLUMNS = ["MonthId", "flow", "CommodityId", "country", "Value", "NetMass"]
_RATES = (1.1, 1.6)
"""US$ per pound in which a month's rate is looked for."""
_CLOSE = 1e-6
_MOST_POUNDS = 5_000


def build(folder: Path) -> Iterator[SnapshotFile]:
    """Every record of the line, one file per year, in HMRC's pounds and kg and with its two letters of a country."""
    original = folder / _COMPILED
    header, years = by_year(original, "period")
    letters = _letters()
    for year, rows in years.items():
        own = [row for row in (dict(zip(header, cells, strict=True)) for cells in rows) if row["source"] == "hmrc"]
        rates = {month: _rate([float(row["value_usd"]) for row in own if row["period"] == month])
                 for month in sorted({row["period"] for row in own})}  # fmt: skip
        lines = [
            [
                row["period"],
                row["flow"],
                row["native_code"],
                letters[row["partner"]],
                str(round(float(row["value_usd"]) / rates[row["period"]])),
                str(int(float(row["qty_kg"]))),
            ]
            for row in own
        ]
        yield SnapshotFile(
            file=f"uk_hmrc/ots_85051110_{year}.csv",
            data=table([_COLUMNS, *lines]),
            original=original,
            row={
                "source_code": "uk_hmrc",
                "layout": "extract_ots_months",
                "partition": str(Partition("85051110", int(year))),
                "year": year,
                "release": f"as taken {TAKEN_ON}",
                "known_from": TAKEN_ON,
                "known_basis": "assumed",
                "known_from_note": "the compilation carries no release date: the day it was taken into the snapshot",
                "transcription": "extract",
                "how": "the year's records of a compilation that turned pounds into US$ by one rate a month: whole"
                " pounds again, since only one rate makes every figure of a month a whole number",
                "url": "https://api.uktradeinfo.com/OTS",
                "taken_from": _LIBRARY_ATLAS,
            },
        )


def _letters() -> dict[str, str]:
    """HMRC's two letters by the area they mean; the first of several."""
    _, *rows = records(Path(uk_hmrc.__file__).parent / "labels.csv")
    return {area: label for _, label, _, area in reversed(rows)}


def _rate(values: Sequence[float]) -> float:
    """US$ per pound of a month: the one rate that makes each of its figures a whole number of pounds.

    Raises:
        ValueError: no such rate, or several.
    """
    least = min(value for value in values if value)
    rates = [least / pounds for pounds in range(1, _MOST_POUNDS) if _RATES[0] < least / pounds < _RATES[1]]
    fitting = [rate for rate in rates if all(abs(value / rate - round(value / rate)) < _CLOSE for value in values)]
    if len(fitting) != 1:
        msg = f"{len(fitting)} rates make every figure of a month a whole number of pounds, of {len(values)} figures"
        raise ValueError(msg)
    return fitting[0]
