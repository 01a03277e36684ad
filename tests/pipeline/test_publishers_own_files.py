"""A home built from the bundle that later gets the same publishers' own files: what says the same is no new statement.

The files are written from the bundled figures in the publishers' layouts: the USGS's editions with other row numbers
and whole notes, a whole file of China's exports beside two extracts of them, months of Comtrade and TradeStat of which
one is revised. Where REE_PUBLISHER_FILES names a folder that has them, the USGS's real files take part too.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.helpers.home_fixtures import SMALL, SnapshotFolder
from tests.helpers.publisher_files import PUBLISHER_FILES, WITHOUT_THEM
from tests.publishers.un_comtrade.builders import body, bulk, record
from warehouse.release.store import current_release, database
from warehouse.settings import Settings

MCS_2024, MCS_2025 = "usgs_mcs/mcs2024-raree_world.csv", "usgs_mcs/MCS2025_World_Data.csv"
MCS_2026, CHAPTER = "usgs_mcs/MCS2026_Commodities_Data.csv", "usgs_mcs/mcs2026-rare-earths_v1.3_world.csv"
PANEL, WITS = "un_comtrade/all_reporters_850511_2024.csv", "un_comtrade/wits_chn_exports_2024.csv"
MONTHS = "un_comtrade/ind_imports_284690_monthly_2025.csv"
PARTNERS, TOTALS = "india_tradestat/meidb_2846_partners_2025.csv", "india_tradestat/meidb_2846_totals_2025.csv"
LATER, LAST = "2026-11-24", "2026-11-25"
CHINA, INDIA, WORLD, JAPAN = 156, 699, 0, 392
REAL = {MCS_2024: "usgs/mcs2024/mcs2024-raree_world.csv", MCS_2025: "usgs/mcs2025/MCS2025_World_Data.csv"}


def whole_file(data: bytes) -> bytes:
    """An edition's world table with records of another commodity before it, and longer notes: the publisher's own."""
    header, *lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    notes = [place for place, name in enumerate(header) if name.upper().endswith("NOTES")]
    for line in lines:
        for place in notes:
            if len(line[place]) > 2:  # a mark such as NA is a status, not prose
                line[place] += ". As published."
    other = [["MCS2025", "Antimony", "China", "Mine production", "metric tons", "1", "1", *[""] * (len(header) - 7)]]
    text = io.StringIO()
    csv.writer(text).writerows([header, *(other if "COMMODITY" in header else ()), *lines])
    return text.getvalue().encode("utf-8-sig")


def add(snapshot: SnapshotFolder, like: str, name: str, data: bytes, **known: str) -> None:
    """Add a file whose row of provenance is that of another, but for `known`."""
    snapshot.rows.append(snapshot.row(like) | {"file": name, "known_basis": "stated"} | known)
    (snapshot.folder / name).write_bytes(data)
    snapshot.save()


def chinas_exports(panel: bytes, *, raised: float) -> list[dict[str, Any]]:
    """China's exports of 850511 in 2024 as records of the API, India's value raised by a share, and the world's with it."""
    figures: dict[int, tuple[float, float]] = {}
    for row in csv.DictReader(io.StringIO(panel.decode("utf-8-sig"))):
        if (row["reporter"], row["flow"]) == (str(CHINA), "X") and float(row["value"]) > figures.get(
            int(row["partner"]), (0.0, 0.0)
        )[0]:
            figures[int(row["partner"])] = float(row["value"]), float(row["netwgt"] or 0)
    more = raised * figures[INDIA][0]
    for partner in (INDIA, WORLD):
        figures[partner] = figures[partner][0] + more, figures[partner][1]
    return [
        record(
            reporterCode=CHINA, flowCode="X", partnerCode=partner, cmdCode="850511", period="2024",
            primaryValue=value, cifvalue=None, fobvalue=value, netWgt=kg, qty=kg,
        )
        for partner, (value, kg) in figures.items()
    ]  # fmt: skip


def indias_months(extract: bytes, *, raised: float) -> list[dict[str, Any]]:
    """India's imports of 284690 by month as records of the API. The total of the first month is raised, and China is
    none of its partners; one record of the extract states both."""
    records = []
    for number, row in enumerate(csv.DictReader(io.StringIO(extract.decode()))):
        china, world = (
            float(row[f"partner_{who}_usd_million"]) * 1e6 + 321 for who in ("china", "world")
        )  # within the rounding of the extract
        if number == 0:
            china, world = 0.0, world * (1 + raised)
        parts = {WORLD: world, CHINA: china, JAPAN: world - china}
        records += [
            record(period=row["period"].replace("-", ""), freqCode="M", partnerCode=partner, primaryValue=value)
            for partner, value in parts.items()
            if value
        ]
    return records


def revised_month(data: bytes, old: bytes, new: bytes) -> bytes:
    """The file with one cell changed."""
    assert data.count(old) == 1
    return data.replace(old, new)


def with_own_files(root: Path, home: Path, build) -> Any:
    """Build a home of the small bundle and the extracts, and then with the publishers' own files."""
    snapshot = SnapshotFolder(root / "snapshot", (*SMALL, CHAPTER, PANEL, MONTHS))
    assert build(home, snapshot=snapshot.folder)[1].success
    real = {file: Path(PUBLISHER_FILES or root) / path for file, path in REAL.items()}
    for file, name, day in ((MCS_2025, "own2025", "2025-04-30"), (MCS_2024, "own2024", LATER)):
        data = real[file].read_bytes() if real[file].exists() else whole_file(snapshot.read(file))
        add(snapshot, file, f"usgs_mcs/{name}.csv", data, release="2.0", known_from=day)
    records = chinas_exports(snapshot.read(PANEL), raised=0.05)
    before = chinas_exports(snapshot.read(PANEL), raised=0)
    comtrade = {"layout": "comtrade_data", "release": LATER, "known_from": LATER, "year": "2024"}
    whole = comtrade | {"partition": "A/CHN/X/850511/2024"}
    add(snapshot, PANEL, "un_comtrade/exports.json", body(*before), **whole)
    add(snapshot, PANEL, "un_comtrade/exports2.json", body(*records), **whole | {"release": LAST, "known_from": LAST})
    bulk_file = whole | {"partition": "A/CHN/M+X/all/2024", "layout": "comtrade_bulk", "known_from": LAST}
    add(snapshot, PANEL, "un_comtrade/exports.gz", bulk(*records), **bulk_file)
    months = comtrade | {"partition": "M/IND/M+X/all/2025", "year": "2025"}
    add(snapshot, PANEL, "un_comtrade/months.json", body(*indias_months(snapshot.read(MONTHS), raised=0.1)), **months)
    again = {"release": "as read again", "known_from": LATER}
    partners = revised_month(
        snapshot.read(PARTNERS), b"2025-01,import,2846,CHINA P RP,0.28,", b"2025-01,import,2846,CHINA P RP,0.29,"
    )
    add(snapshot, PARTNERS, "india_tradestat/partners.csv", partners, **again)
    return build(home, snapshot=snapshot.folder, accept_drift="the small corridor has few rows")[1]


@pytest.fixture(scope="module")
def own(tmp_path_factory, homes, build) -> Iterator[tuple[duckdb.DuckDBPyConnection, Settings, Any]]:
    folder = tmp_path_factory.mktemp("own_files")
    name = "own_files_real" if PUBLISHER_FILES else "own_files"
    settings, outcome = homes.copy(name, lambda root: with_own_files(root, root / "home", build), folder)
    with duckdb.connect(str(database(settings).resolve()), read_only=True) as con:
        yield con, settings, outcome


def rows(own, query: str) -> list[tuple]:
    return own[0].execute(query).fetchall()


def test_the_publishers_own_files_are_released(own) -> None:
    _, settings, outcome = own
    assert outcome.is_new
    assert current_release(settings) is not None
    loaded = rows(
        own, "select count(*) from meta.loads where status = 'loaded' and release in ('2.0', 'as read again')"
    )
    assert loaded == [(5,)]
