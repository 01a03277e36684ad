"""A publisher that is not bundled: the pipeline runs without its files and loads them later."""

from __future__ import annotations

import csv
import hashlib
from importlib.util import find_spec
from pathlib import Path

import pytest

from sources.model.artifact import SourceError
from sources.registry import sources
from sources.snapshot import BUNDLED
from sources.snapshot.provenance import PROVENANCE_COLUMNS
from sources.snapshot.reader import Snapshot
from warehouse.ingest.ingest import ingest, land
from warehouse.settings import Settings
from warehouse.storage.work import open_work

SOURCE = sources()["bgs_wms"]


def test_nothing_of_it_is_in_the_bundle_and_no_module_would_put_it_there() -> None:
    assert Snapshot().offers("bgs_wms") == []
    assert not (BUNDLED / "bgs_wms").exists()
    assert find_spec("sources.snapshot.build.bgs_wms") is None


def test_landing_and_loading_nothing_succeeds_with_an_empty_table(settings: Settings) -> None:
    assert land(settings, SOURCE) == (0, 0)
    done = ingest(settings, "build", SOURCE)
    done.raise_failures()
    assert (done.landed, done.loaded, done.results) == ([], [], [])
    with open_work(settings) as con:
        assert con.execute("select count(*) from raw.bgs_wms__production").fetchall() == [(0,)]


def test_a_file_in_a_snapshot_of_ones_own_is_offered(tmp_path: Path) -> None:
    (tmp_path / "bgs_wms").mkdir()
    (tmp_path / "bgs_wms" / "bgs.csv").write_bytes(b"x")
    known = {"file": "bgs_wms/bgs.csv", "source_code": "bgs_wms", "layout": "bgs_geojson",
             "partition": "BGS WMS", "year": "2026", "release": "as fetched", "known_from": "2026-04-19",
             "known_basis": "assumed", "transcription": "original",
             "sha256": hashlib.sha256(b"x").hexdigest()}  # fmt: skip
    with (tmp_path / "provenance.csv").open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, PROVENANCE_COLUMNS, restval="")
        writer.writeheader()
        writer.writerow(known)
    (offer,) = Snapshot(tmp_path).offers("bgs_wms")
    assert (offer.partition, offer.read_bytes()) == ("BGS WMS", b"x")


def test_a_file_without_its_row_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "bgs_wms").mkdir()
    (tmp_path / "bgs_wms" / "bgs.csv").write_bytes(b"x")
    with (tmp_path / "provenance.csv").open("w", encoding="utf-8", newline="") as text:
        csv.DictWriter(text, PROVENANCE_COLUMNS).writeheader()
    with pytest.raises(SourceError, match=r"bgs_wms/bgs\.csv"):
        Snapshot(tmp_path).offers("bgs_wms")
