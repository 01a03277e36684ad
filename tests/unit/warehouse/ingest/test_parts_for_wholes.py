"""A file of one's own that states a part of its partition: refused by name, and the statement before stays."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sources.model.artifact import Artifact
from sources.registry import sources
from sources.snapshot.provenance import PROVENANCE_COLUMNS
from tests.helpers.artifacts import bundled, copy_of
from warehouse.ingest.ingest import Ingested, IngestError, ingest, land
from warehouse.settings import Settings
from warehouse.storage.landing import Landing
from warehouse.storage.work import open_work

COMTRADE = sources()["un_comtrade"]
WHOLE = bundled()["ind_imports_284690_monthly_2026.csv"]
HEADER, *MONTHS = WHOLE.path.read_bytes().splitlines(keepends=True)
APRIL = b"2026-04,IND,M,284690,0.11,0.22,50.0,available\n"


def own_folder(folder: Path, data: bytes) -> Path:
    """A folder of one's own with one file of India's monthly imports in 2026."""
    (folder / "un_comtrade").mkdir(parents=True, exist_ok=True)
    (folder / "un_comtrade" / "apr.csv").write_bytes(data)
    row = dict.fromkeys(PROVENANCE_COLUMNS, "x") | {
        "file": "un_comtrade/apr.csv",
        "source_code": "un_comtrade",
        "layout": WHOLE.layout,
        "partition": WHOLE.partition,
        "year": "2026",
        "edition": "",
        "known_from": "2026-11-24",
        "known_basis": "assumed",
        "transcription": "extract",
        "sha256": hashlib.sha256(data).hexdigest(),
        "original_sha256": "",
    }
    with (folder / "provenance.csv").open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, PROVENANCE_COLUMNS)
        writer.writeheader()
        writer.writerow(row)
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """A home in which India's imports of January to March 2026 are loaded."""
    settings = Settings(home=tmp_path / "home", snapshot=tmp_path / "own")
    Landing(settings.landing).land([WHOLE])
    assert ingest(settings, "first", COMTRADE).failures == []
    return settings


def build(settings: Settings, data: bytes) -> Ingested:
    """Land and load a folder that has the whole file and one of one's own."""
    own = own_folder(settings.snapshot, data)
    assert land(settings.model_copy(update={"snapshot": own}), COMTRADE) == (1, 1)
    return ingest(settings, "second", COMTRADE)


def loaded_months(settings: Settings) -> list[list[int]]:
    """The months of each load of the partition."""
    with open_work(settings) as con:
        return [
            months
            for (months,) in con.execute(
                "select list(distinct month(period_start) order by month(period_start))"
                " from raw.un_comtrade__trade inner join ledger.loads using (load_id)"
                " where status <> 'refused' group by load_id, landing_sequence order by landing_sequence"
            ).fetchall()
        ]


def test_a_file_of_one_month_is_refused_and_the_other_months_stay(settings: Settings) -> None:
    done = build(settings, HEADER + APRIL)
    assert "apr.csv: takes the place of M/IND/M/284690/2026 and leaves out" in done.failures[0]
    assert "2026-01, 2026-02, 2026-03" in done.failures[0]
    assert loaded_months(settings) == [[1, 2, 3]]
    stored = {result.rule for result in done.results if result.stops}
    assert "every_period_of_the_statement_before_is_there" in stored
    with pytest.raises(IngestError, match="download all of the year so far"):
        done.raise_failures()


def test_a_file_of_all_months_so_far_takes_the_place_of_the_one_before(settings: Settings) -> None:
    done = build(settings, HEADER + b"".join(MONTHS[:3]) + APRIL)
    assert done.failures == []
    assert loaded_months(settings) == [[1, 2, 3], [1, 2, 3, 4]]


def test_a_refused_part_stops_no_build_once_the_whole_has_landed(settings: Settings, tmp_path: Path) -> None:
    build(settings, HEADER + APRIL)
    data = HEADER + b"".join(MONTHS[:3]) + APRIL
    Landing(settings.landing).land([later(tmp_path, data)])
    done = ingest(settings, "third", COMTRADE)
    assert done.failures == []
    assert loaded_months(settings) == [[1, 2, 3], [1, 2, 3, 4]]


def later(folder: Path, data: bytes) -> Artifact:
    """The whole year so far, known a day after the part."""
    known = bundled()[WHOLE.name].known_from.replace(day=25)
    return replace(copy_of(WHOLE, folder, data), known_from=known, release="as read 2026-11-25")
