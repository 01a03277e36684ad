"""The next release after adding a user's own files, a revised customs file, and bytes revised within a day.

The own file is a download of the British Geological Survey, which the bundle may not hold: the real one where
REE_PUBLISHER_FILES names a folder that has it, else one built by hand.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sources.snapshot.provenance import PROVENANCE_COLUMNS
from tests.helpers.home_fixtures import SnapshotFolder, revised_comtrade
from tests.helpers.publisher_files import PUBLISHER_FILES, WITHOUT_THEM
from tests.pipeline.test_bitemporality import AS_OF, CHINAS_IMPORTS
from tests.publishers.bgs_wms.builders import both_lists
from warehouse.release.store import database

GACC = "china_customs/gacc_exports_ind_284690_2025.csv"
READ_AGAIN = "2026-09-01"
MORE_USD, LESS_USD, LESS_KG = 1_000, 22_529, 277
"""A value of January raised, and a line of February withdrawn."""
BODY = "un_comtrade/chn_imports_2846_2024.json"
DAY = "2025-07-04"
INDIA = 3_033_521.0
"""The body revised on the day it became known: India's figure in US$ before it was raised by a tenth."""


def bgs_download(folder: Path) -> tuple[bytes, bool]:
    """A download of the BGS, and whether it is a real one."""
    real = Path(PUBLISHER_FILES or folder) / "bgs" / "BGS_REs_production.csv"
    if real.exists():
        return real.read_bytes(), True
    return both_lists(folder).path.read_bytes(), False


def own_folder(root: Path, data: bytes) -> Path:
    """A folder of the user's own with one file and its provenance."""
    path = root / "own" / "bgs_wms" / "download.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    row = dict.fromkeys(PROVENANCE_COLUMNS, "") | {
        "file": "bgs_wms/download.csv",
        "source_code": "bgs_wms",
        "layout": "bgs_csv_xy",
        "partition": "BGS WMS",
        "year": "2024",
        "release": "as fetched 2026-06-01",
        "known_from": "2026-06-01",
        "known_basis": "assumed",
        "transcription": "original",
        "url": "https://example.org/download",
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    with (root / "own" / "provenance.csv").open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, PROVENANCE_COLUMNS)
        writer.writeheader()
        writer.writerow(row)
    return root / "own"


def revised_customs(data: bytes) -> bytes:
    """The download once more: 8,892 US$ of January become 9,892, and a line of February is missing."""
    lines = data.decode("gb18030").splitlines(keepends=True)
    raised = [line.replace('"8,892"', '"9,892"') if line.startswith('"202501"') else line for line in lines]
    kept = [line for line in raised if not (line.startswith('"202502","28469099"') and '"22,529"' in line)]
    assert len(kept) == len(lines) - 1
    assert raised != lines
    return "".join(kept).encode("gb18030")


@pytest.fixture(scope="module")
def grown(tmp_path_factory, homes, build, take_small) -> Iterator[tuple[duckdb.DuckDBPyConnection, bool, str]]:
    """The small warehouse after all three: its published file, whether the BGS file is real, that file's sha256."""
    folder = tmp_path_factory.mktemp("grown")
    data, is_real = bgs_download(folder)

    def recipe(root: Path) -> Any:
        home = take_small(root).home
        snapshot = SnapshotFolder(root / "snapshot")
        snapshot.release(GACC, revised_customs(snapshot.read(GACC)), READ_AGAIN)
        snapshot.alter(BODY, revised_comtrade(snapshot.read(BODY)))
        drift = "the small corridor has few rows"
        return build(home, snapshot=snapshot.folder, own_files=own_folder(root, data), accept_drift=drift)[1]

    settings, outcome = homes.copy("grown_by_real_files" if is_real else "grown", recipe, folder)
    assert outcome.is_new
    with duckdb.connect(str(database(settings).resolve()), read_only=True) as con:
        yield con, is_real, hashlib.sha256(data).hexdigest()


def rows(grown, query: str) -> list[tuple]:
    return grown[0].execute(query).fetchall()


def test_an_own_file_is_loaded_with_the_snapshot_and_has_lineage(grown) -> None:
    _, _, sha256 = grown
    led = rows(
        grown,
        "select artifact.sha256, count(distinct fact.fact_id), count(*) from core.fct_production as fact"
        " inner join meta.lineage as line using (fact_id)"
        " inner join meta.artifacts as artifact on line.artifact_sha256 = artifact.sha256"
        " where fact.source_code = 'bgs_wms' group by 1",
    )
    n_facts = rows(grown, "select count(*) from core.fct_production where source_code = 'bgs_wms'")[0][0]
    assert n_facts >= 12
    assert led == [(sha256, n_facts, n_facts)]
    assert rows(grown, "select distinct source_code from core.fct_production order by 1") == [
        ("bgs_wms",), ("usgs_mcs",),
    ]  # fmt: skip


def test_gross_weight_and_oxide_of_an_own_file_stay_apart(grown) -> None:
    mixed = rows(
        grown,
        "select * from core.fct_production where (production_t_reo is not null and production_t_gross is not null)"
        " or (basis_code = 'gross_weight' and production_t_reo is not null)"
        " or (series = 'rare_earth_oxides' and production_t_gross is not null)",
    )
    assert mixed == []
    series = dict(
        rows(
            grown,
            "select split_part(series, '/', 1), count(production_t_gross) from core.fct_production"
            " where source_code = 'bgs_wms' group by 1",
        )
    )
    assert series["rare_earth_oxides"] == 0
    assert series["rare_earth_minerals"] > 0
    once = rows(
        grown,
        "select country_code, series, period_start from core.fct_production where source_code = 'bgs_wms'"
        " and is_latest group by all having count(*) > 1",
    )
    assert once == []


def test_indias_years_of_an_own_file_are_fiscal_and_separate_from_the_surveys(grown) -> None:
    found = rows(
        grown,
        "select production_t_reo, period_type, period_start::varchar from core.fct_production"
        " where source_code = 'bgs_wms' and country_code = 'IND' and year = 2021 and series = 'rare_earth_oxides'",
    )
    assert found == [(4_200, "fiscal_year", "2021-04-01")]


def test_the_complete_download_of_the_bgs_is_published(grown) -> None:
    if not grown[1]:
        pytest.skip(WITHOUT_THEM)
    counted = rows(
        grown,
        "select split_part(series, '/', 1), count(*) from core.fct_production where source_code = 'bgs_wms'"
        " group by 1 order by 1",
    )
    assert counted == [("rare_earth_minerals", 375), ("rare_earth_oxides", 264)]
    twice = rows(
        grown,
        "select count(*) from core.fct_production as oxide inner join core.fct_production as mineral"
        " using (source_code, country_code, year) where source_code = 'bgs_wms'"
        " and oxide.series = 'rare_earth_oxides' and starts_with(mineral.series, 'rare_earth_minerals/')",
    )
    assert twice[0][0] > 50, "the lists overlap, so series distinguishes them"


ROLLED = (
    "from core.fct_trade_rollup where source_code = 'china_customs' and product_key = 'HS:284690'"
    " and year(period_start) = 2025"
)


def test_revised_customs_bytes_are_a_new_release_and_the_roll_up_follows(grown) -> None:
    """The two months with another line are stated again: their old roll-ups end on the day the new ones start."""
    stated = rows(
        grown,
        f"select is_latest, known_from::varchar, known_to::varchar, count(*) {ROLLED} group by all order by 1, 2",
    )
    assert stated == [
        (False, "2026-07-28", READ_AGAIN, 2),
        (True, "2026-07-28", None, 10),
        (True, READ_AGAIN, None, 2),
    ]
    usd, kg = 5_451_838, 158_653
    assert rows(grown, f"select sum(value_usd), sum(net_weight_kg) {ROLLED} and is_latest") == [
        (usd + MORE_USD - LESS_USD, kg - LESS_KG)
    ]


def test_a_line_withdrawn_from_a_month_is_no_longer_in_its_roll_up(grown) -> None:
    february = rows(
        grown,
        f"select is_latest, n_lines, value_usd, value_raw {ROLLED} and month(period_start) = 2 order by known_from",
    )
    (_, lines, before, _), (is_latest, lines_left, after, raw) = february
    assert is_latest
    assert before - after == LESS_USD
    assert lines_left <= lines
    assert "22,529" not in raw


def test_on_any_day_a_heading_has_one_roll_up(grown) -> None:
    for day in ("2026-08-31", READ_AGAIN, "2026-12-31"):
        known = f"known_from <= date '{day}' and (known_to is null or date '{day}' < known_to)"
        counted = rows(grown, f"select period_start, count(*) {ROLLED} and {known} group by 1 having count(*) > 1")
        assert counted == [], day
        assert rows(grown, f"select count(*) {ROLLED} and {known}") == [(12,)]


def test_the_mirrors_year_follows_the_revised_months(grown) -> None:
    year = rows(
        grown,
        "select x_fob_usd, x_weight_kg, known_from::varchar from core.fct_trade_mirror where exporter_code = 'CHN'"
        " and product_key = 'HS:284690' and period_type = 'calendar_year' and period_start = date '2025-01-01'",
    )
    assert year == [(5_451_838 + MORE_USD - LESS_USD, 158_653 - LESS_KG, READ_AGAIN)]


def test_the_lineage_of_a_revised_roll_up_leads_to_the_revised_bytes(grown) -> None:
    led = rows(
        grown,
        "select rolled.known_from::varchar, list(distinct artifact.known_from::varchar)"
        f" from (select * {ROLLED}) as rolled inner join meta.lineage as line using (fact_id)"
        " inner join meta.artifacts as artifact on line.artifact_sha256 = artifact.sha256 group by 1 order by 1",
    )
    assert led == [("2026-07-28", ["2026-07-28"]), (READ_AGAIN, [READ_AGAIN])]


def test_both_statements_of_one_day_are_kept_and_their_releases_are_numbered(grown) -> None:
    found = rows(
        grown,
        f"select value_usd, release, known_from::varchar, known_to::varchar, is_latest {CHINAS_IMPORTS}"
        " and partner_code = 'IND' order by release",
    )
    assert found == [
        (INDIA, DAY, DAY, DAY, False),
        (INDIA + round(INDIA * 0.1), f"{DAY} (2)", DAY, None, True),
    ]


def test_a_day_knows_the_later_of_its_statements_only(grown) -> None:
    where = AS_OF.format(day=DAY)
    known = rows(grown, f"select value_usd {CHINAS_IMPORTS} and partner_code = 'IND' and {where}")
    assert known == [(INDIA + round(INDIA * 0.1),)]


def test_the_partner_withdrawn_is_kept_as_known_on_no_day(grown) -> None:
    ended = rows(
        grown,
        f"select partner_code, known_to::varchar {CHINAS_IMPORTS}"
        " group by all having bool_and(not is_latest) and partner_code not in"
        f" (select partner_code {CHINAS_IMPORTS} and is_latest)",
    )
    assert [known_to for _, known_to in ended] == [DAY]


def test_the_history_of_the_figure_has_both_in_their_order(grown) -> None:
    found = rows(
        grown,
        "select statement_number, figure_value, change_relative, is_latest from marts.mart_revision_history"
        " where figure_name = 'value_usd' and country_code = 'CHN' and flow = 'import' and product_key = 'HS:2846'"
        " and partner_code = 'IND' and period_start = date '2024-01-01' order by 1",
    )
    assert [(number, value, is_latest) for number, value, _, is_latest in found] == [
        (1, INDIA, False),
        (2, INDIA + round(INDIA * 0.1), True),
    ]
    assert found[1][2] == pytest.approx(0.1, abs=1e-6)
