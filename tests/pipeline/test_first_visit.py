"""The first live run of an empty home, with two publishers in trouble: the bundle, and what was fetched.

It ends before the models. That a live build is released without what is missing, `test_live_build.py` tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.fakes import small_snapshot as snapshots
from tests.fakes.all_publishers import serving_all
from tests.fakes.server import Fault
from tests.fakes.small_snapshot import FILES, live_tables, small_snapshot
from tests.helpers.arrivals import load
from tests.publishers.cepii_baci.fake import FakeBaci
from warehouse.settings import Settings
from warehouse.storage.landing import Landing

pytestmark = pytest.mark.slow

BACI = "cepii_baci/baci_850511_2024.csv"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Any]]:
    """CEPII answers 503, and BGS asks for a day's patience: the settings and the outcome."""
    root = tmp_path_factory.mktemp("first")
    with serving_all(cepii_baci=FakeBaci(years=(2024,))) as publishers, pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshots, "FILES", (*FILES, BACI))
        given = {
            "HOME": root / "home", "SOURCES": "live", "SNAPSHOT": small_snapshot(root / "snapshot"),
            "LIVE_FROM": 2024, "PACE": 0, "TIMEOUT_S": 10,
        }  # fmt: skip
        for name, value in {
            **{f"REE_{name}": value for name, value in given.items()},
            **publishers.environment(),
        }.items():
            patch.setenv(name, str(value))
        for table, changes in live_tables():
            for name, change in changes.items():
                patch.setitem(table, name, change)
        publishers.servers["cepii_baci"].add_fault(Fault("status", 503), times=-1)
        publishers.servers["bgs_wms"].add_fault(Fault("status", 429, {"Retry-After": "86400"}), times=-1)
        settings = Settings()
        yield settings, load(settings)


def test_nothing_stops_the_models_and_what_is_bundled_is_loaded(first: tuple[Settings, Any]) -> None:
    settings, outcome = first
    assert outcome.success, "\n".join(outcome.errors)
    with duckdb.connect(str(settings.work_file), read_only=True) as con:
        [(rows, refused)] = con.execute(
            "select sum(rows_loaded) filter (source_code = 'cepii_baci'), count(*) filter (status = 'refused')"
            " from ledger.loads"
        ).fetchall()
    assert rows > 100, "the bundled year of BACI"
    assert refused == 0
    channels = {entry.row["came_by"] for entry in Landing(settings.landing).ledger.all_entries("un_comtrade")}
    assert channels == {"fetch"}


def test_what_is_owed_is_named_with_what_the_release_shows_instead(first: tuple[Settings, Any]) -> None:
    _, outcome = first
    (cepii,) = (text for text in outcome.missing if text.startswith("cepii_baci"))
    assert "503" in cepii
    assert "Nothing has been fetched from cepii_baci yet: its figures are those of 1 bundled file(s)." in cepii
    (bgs,) = (text for text in outcome.missing if text.startswith("bgs_wms"))
    assert "are deferred and continue after" in bgs
    assert "Nothing has been fetched from bgs_wms yet, and no file of it is bundled." in bgs
    assert {text.split(":")[0] for text in outcome.missing} == {"cepii_baci", "bgs_wms"}
    assert not [text for text in outcome.warnings if text.startswith(("cepii_baci", "bgs_wms"))]
