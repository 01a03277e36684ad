"""Files of fetched publishers, dropped by hand: what a fetch run would have landed, and one statement with it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from sources.http.config import user_agent
from sources.registry import sources
from tests.fakes.server import serving
from tests.publishers.bgs_wms.fake import FakeBgs
from tests.publishers.usgs_mcs.fake import TABLES, FakeUsgs, zipped
from warehouse.ingest import fetch_run, inbox
from warehouse.ingest.ingest import land
from warehouse.settings import Settings
from warehouse.storage.landing import Landing

UPLOADED = "MCS2026_Commodities_Data_2026-02-06.csv"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", pace=0, live_from=2020)


@pytest.fixture
def drop(settings: Settings) -> Callable[..., inbox.Received]:
    """Drop a file of a publisher, last changed a minute ago, and receive it."""

    def put(code: str, name: str, data: bytes) -> inbox.Received:
        path = inbox.prepare(settings, sources()[code]) / name
        path.write_bytes(data)
        os.utime(path, (time.time() - 60,) * 2)
        return inbox.receive_files(settings, sources()[code])

    return put


def test_a_dropped_world_table_is_the_statement_that_a_fetch_would_have_landed(settings, drop) -> None:
    fake, source = FakeUsgs(has_salient=False), sources()["usgs_mcs"]
    received = drop("usgs_mcs", UPLOADED, fake.tables[2026])
    (dropped,) = received.landed
    with serving(fake) as server:
        done = fetch_run.run_fetch(settings.model_copy(update={"urls": {"usgs_mcs": server.url}}), source)
    assert done.new_artifacts == len(TABLES) - 1, "the dropped one does not land again"
    other = settings.model_copy(update={"home": settings.home / "other"})
    with serving(fake) as server:
        fetch_run.run_fetch(other.model_copy(update={"urls": {"usgs_mcs": server.url}}), source)
    fetched = next(i.artifact for i in Landing(other.landing).landed("usgs_mcs") if i.artifact.year == 2026)
    for field in ("layout", "partition", "year", "edition", "release", "known_from", "sha256", "transcription"):
        assert getattr(dropped, field) == getattr(fetched, field), field


def test_a_table_uploaded_before_a_correction_does_not_supersede_it(settings, drop) -> None:
    land(settings, sources()["usgs_mcs"])
    table = FakeUsgs().tables[2026].replace(b'"2,900"', b'"2,901"')
    assert len(drop("usgs_mcs", UPLOADED, table).landed) == 1
    of_2026 = [i.artifact for i in Landing(settings.landing).landed("usgs_mcs") if i.artifact.partition == "MCS 2026"]
    assert (len(of_2026), of_2026[-1].release) == (3, "1.3")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("MCS2026_Commodities_Data.csv", b"a,b\r\n", "the day on which it was uploaded"),
        ("Commodities_2026-02-06.csv", b"a,b\r\n", "the edition"),
        ("mcs2026_2026-02-31.csv", b"a,b\r\n", "the day on which it was uploaded"),
        ("mcs2026_2026-02-06.zip", b"PK\x03\x04", "not whole"),
        ("mcs2026_2026-02-06.zip", zipped(("mcs2026-salient.csv", b"a\r\n")), "without a world table"),
        ("mcs2026_2026-02-06.zip", zipped(("mcs2025-raree_world.csv", b"a\r\n")), "rename it after the edition"),
        (UPLOADED, b"a,b\r\n1,2\r\n", "its columns are not those"),
    ],
)
def test_a_table_that_cannot_be_placed_is_refused_with_a_remedy(drop, name, data, words) -> None:
    (failure,) = drop("usgs_mcs", name, data).failed
    assert words in failure
    assert "Remedy: " in failure


def collection(**changed: Any) -> bytes:
    """A whole list of rare-earth oxides as the fake interface serves it."""
    with serving(FakeBgs()) as server:
        query = {
            "f": "json", "limit": "2000", "offset": "0", "bgs_commodity_trans": "rare earth oxides",
            "bgs_statistic_type_trans": "Production",
        }  # fmt: skip
        items = f"{server.url}/collections/world-mineral-statistics/items"
        payload = httpx.get(items, params=query, headers={"User-Agent": user_agent()}, trust_env=False).json()
    return json.dumps(payload | changed).encode()


def test_a_dropped_list_of_the_bgs_lands_and_again_is_unchanged(drop) -> None:
    (dropped,) = drop("bgs_wms", "items.json", collection()).landed
    assert (dropped.partition, dropped.layout) == ("BGS WMS/rare_earth_oxides", "bgs_geojson")
    assert drop("bgs_wms", "again.json", collection(timeStamp="later")).unchanged == ["again.json"]


def test_a_page_of_a_list_is_refused(drop) -> None:
    (failure,) = drop("bgs_wms", "items.json", collection(numberMatched=9_999)).failed
    assert "9999 match" in failure
    (failure,) = drop("bgs_wms", "items.json", b"<html>oops</html>").failed
    assert "Remedy: " in failure
