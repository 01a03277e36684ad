"""Dropped files of fetched publishers: each is what a fetch run lands, and one statement with it."""

from __future__ import annotations

import gzip
import json
import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sources.model.artifact import Artifact
from sources.reading.layouts import declared
from sources.registry import sources
from tests.fakes.server import serving
from tests.helpers.artifacts import bundled, table
from tests.helpers.fetch_harness import FetchHarness
from tests.publishers.bgs_wms.builders import both_lists
from tests.publishers.bgs_wms.fake import FakeBgs
from tests.publishers.brazil_comexstat.fake import FakeComexStat
from tests.publishers.cepii_baci.fake import FakeBaci
from tests.publishers.india_tradestat.fake import FakeTradeStat
from tests.publishers.india_tradestat.live_calls import FEW, TODAY, YEARS
from tests.publishers.uk_hmrc.fake import FakeHmrc
from tests.publishers.un_comtrade.fake import CHINA, FakeComtrade
from tests.publishers.un_comtrade.live_calls import CHINA_2024, KEY
from tests.publishers.usgs_mcs.fake import FakeUsgs
from warehouse.ingest import inbox
from warehouse.settings import Settings
from warehouse.storage.landing import Landing

SAME = ("name", "layout", "partition", "year", "edition", "transcription", "sha256")
Drop = Callable[..., inbox.Received]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", pace=0)


@pytest.fixture
def drop(settings: Settings) -> Drop:
    """Drop a file of a publisher, last changed a minute ago, and receive it; `home` is another home."""

    def put(code: str, name: str, data: bytes, home: Path | None = None) -> inbox.Received:
        where = settings.model_copy(update={"home": home}) if home else settings
        path = inbox.prepare(where, sources()[code]) / name
        path.write_bytes(data)
        os.utime(path, (time.time() - 60,) * 2)
        return inbox.receive_files(where, sources()[code])

    return put


def require_one_statement(settings: Settings, drop: Drop, fetched: list[Artifact], name: str, data: bytes) -> None:
    """A file is what the fetch run landed: it lands alike in an empty home, and nothing new beside the fetched ones."""
    code = fetched[0].source_code
    received = drop(code, name, data, settings.home.parent / "empty")
    assert received.failed == []
    of_partition = {artifact.partition: artifact for artifact in received.landed}
    for artifact in fetched:
        assert [getattr(of_partition[artifact.partition], field) for field in SAME] == [
            getattr(artifact, field) for field in SAME
        ]
    assert len(of_partition) == len(fetched)
    Landing(settings.landing).land(fetched, came_by="fetch")
    received = drop(code, name, data)
    assert (received.unchanged, received.landed, received.failed) == ([name], [], [])


def fetched_from(
    code: str, fake: Callable[..., Any], tmp_path: Path, years: tuple[int, int], **how: Any
) -> list[Artifact]:
    with serving(fake) as server:
        folder = tmp_path / "fetched"
        folder.mkdir()
        outcome = FetchHarness(code, server.url, years, folder=folder, **how).run()
    assert not outcome.failures
    return outcome.artifacts


def test_a_dropped_zip_of_the_usgs_is_the_table_that_a_fetch_run_unpacks(settings, drop, tmp_path):
    fake = FakeUsgs()
    fetched = [a for a in fetched_from("usgs_mcs", fake, tmp_path, (2022, 2022)) if a.year == 2022]
    data = fake.table_file(2022).data
    require_one_statement(settings, drop, fetched, "mcs2022-raree_2022-02-04.zip", data)


def test_a_dropped_archive_of_baci_is_the_years_of_a_fetch_run(settings, drop, tmp_path):
    fake = FakeBaci()
    fetched = fetched_from("cepii_baci", fake, tmp_path, (2010, 2026))
    require_one_statement(settings, drop, fetched, "baci (1).zip", fake.archive("BACI_HS17_V202601.zip"))
    landed = Landing(settings.landing).landed("cepii_baci")
    assert {(i.artifact.known_from, i.artifact.known_basis) for i in landed} == {(date(2026, 1, 31), "stated")}


def test_a_yearly_file_of_baci_is_that_year(settings, drop, tmp_path):
    fetched = fetched_from("cepii_baci", FakeBaci(), tmp_path, (2010, 2026))[:1]
    name = "BACI_HS17_Y2022_V202601 (2).csv"
    require_one_statement(settings, drop, fetched, name, fetched[0].path.read_bytes())


def test_an_archive_that_was_replaced_without_a_new_release_is_known_from_today(drop):
    fake = FakeBaci()
    drop("cepii_baci", "baci.zip", fake.archive("BACI_HS17_V202601.zip"))
    exporter, importer = fake.releases["V202601"][2024][0][1:3]
    fake.revise("V202601", 2024, exporter, importer, "1.000")
    received = drop("cepii_baci", "baci.zip", fake.archive("BACI_HS17_V202601.zip"))
    assert [(a.year, a.known_basis) for a in received.landed] == [(2024, "assumed")]


def test_nothing_of_a_file_lands_where_one_of_its_statements_is_refused(settings, drop):
    fake = FakeBaci()
    fake.releases["V202601"][2023] = [(*flow[:4], "x", flow[5]) for flow in fake.releases["V202601"][2023]]
    (failure,) = drop("cepii_baci", "baci.zip", fake.archive("BACI_HS17_V202601.zip")).failed
    assert "Remedy: " in failure
    assert Landing(settings.landing).landed("cepii_baci") == []


def test_a_body_of_comtrade_is_the_statements_of_its_reporters_and_periods(settings, drop, tmp_path, monkeypatch):
    live = sources()["un_comtrade"].about["live"]
    monkeypatch.setitem(live, "groups", [[CHINA]])
    monkeypatch.setitem(live, "frequencies", ["A"])
    fetched = fetched_from(
        "un_comtrade", FakeComtrade(key=KEY), tmp_path, (2022, 2024), key=KEY, settings={"premium": False}
    )
    bodies = [json.loads(artifact.path.read_bytes()) for artifact in fetched]
    records = [record for body in bodies for record in body["data"]]
    data = json.dumps({"elapsedTime": "1 s", "count": len(records), "data": records, "error": ""}).encode()
    fetched = sorted(fetched, key=lambda artifact: artifact.partition)
    assert len(fetched) == 3
    require_one_statement(settings, drop, fetched, "all_CHN.json", data)


def test_a_bulk_file_of_comtrade_is_the_extract_of_a_fetch_run(settings, drop, tmp_path, monkeypatch):
    live = sources()["un_comtrade"].about["live"]
    monkeypatch.setitem(live, "groups", [[CHINA]])
    monkeypatch.setitem(live, "frequencies", ["A"])
    fetched = fetched_from(
        "un_comtrade", FakeComtrade(key=KEY), tmp_path, (2024, 2024), key=KEY, settings={"premium": True}
    )
    (whole,) = fetched
    require_one_statement(settings, drop, fetched, "COMTRADE.gz", whole.path.read_bytes())
    received = drop("un_comtrade", "COMTRADE.tsv", gzip.decompress(whole.path.read_bytes()))
    assert received.unchanged == ["COMTRADE.tsv"]


def test_a_body_of_some_flows_and_codes_is_a_statement_of_these_alone(drop):
    body = bundled()["chn_imports_2846_2024.json"]
    (landed,) = drop("un_comtrade", "HS.json", body.path.read_bytes()).landed
    assert landed.partition == body.partition


def fetched_with_hubs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Artifact], list[dict[str, Any]]]:
    """China's trade of 2024, also by second partner: what a fetch run lands, and the records of all of it."""
    live = sources()["un_comtrade"].about["live"]
    monkeypatch.setitem(live, "groups", [[CHINA]])
    monkeypatch.setitem(live, "frequencies", ["A"])
    fake = FakeComtrade(key=KEY)
    fake.route(CHINA, "2024", _344=0.2, _702=0.1)
    fetched = fetched_from("un_comtrade", fake, tmp_path, (2024, 2024), key=KEY, settings={"premium": False})
    assert [artifact.partition for artifact in fetched] == [CHINA_2024, f"{CHINA_2024}/via/344+528+702"]
    return fetched, [record for artifact in fetched for record in json.loads(artifact.path.read_bytes())["data"]]


def as_body(records: list[dict[str, Any]]) -> bytes:
    return json.dumps({"elapsedTime": "1 s", "count": len(records), "data": records, "error": ""}).encode()


def test_a_body_of_second_partners_is_the_statement_of_a_fetch_run(settings, drop, tmp_path, monkeypatch):
    _, hubs = fetched_with_hubs(tmp_path, monkeypatch)[0]
    require_one_statement(settings, drop, [hubs], "all_CHN.json", hubs.path.read_bytes())


def test_a_mixed_body_is_a_statement_of_the_flows_and_one_of_second_partners(settings, drop, tmp_path, monkeypatch):
    fetched, records = fetched_with_hubs(tmp_path, monkeypatch)
    received = drop("un_comtrade", "all_CHN.json", as_body(records[::-1]))
    assert received.failed == []
    landed = {item.artifact.partition: item.artifact for item in Landing(settings.landing).landed("un_comtrade")}
    assert len(landed) == len(received.landed) == 2
    for artifact in fetched:
        dropped = landed[artifact.partition]
        assert [t.content_sha256() for t in sources()["un_comtrade"].parse(dropped)] == [
            t.content_sha256() for t in sources()["un_comtrade"].parse(artifact)
        ]
    assert {artifact.layout for artifact in received.landed} == {"comtrade_joined", "comtrade_via"}


def test_a_body_of_some_second_partners_says_which(drop, tmp_path, monkeypatch):
    _, records = fetched_with_hubs(tmp_path, monkeypatch)
    one = [r for r in records if r["partner2Code"] == 344 and r["flowCode"] == "M" and r["cmdCode"] == "2846"]
    (some,) = drop("un_comtrade", "a.json", as_body(one)).landed
    assert (some.partition, some.layout) == ("A/CHN/M/2846/2024/via/344", "comtrade_via")
    other = [record | {"partner2Code": 36} for record in one]
    (any_other,) = drop("un_comtrade", "all_b.json", as_body(one + other)).landed
    assert any_other.partition == f"{CHINA_2024}/via/all"


def test_a_body_with_re_imports_beside_imports_is_accepted(drop, tmp_path, monkeypatch):
    _, records = fetched_with_hubs(tmp_path, monkeypatch)
    chosen = [r for r in records if r["flowCode"] == "M" and r["cmdCode"] == "2846"]
    received = drop("un_comtrade", "a.json", as_body([r | {"flowCode": f} for r in chosen for f in ("M", "RM")]))
    assert received.failed == []
    assert {artifact.partition for artifact in received.landed} == {
        "A/CHN/M/2846/2024", "A/CHN/M/2846/2024/via/344+702",
    }  # fmt: skip
    twice = [r | {"flowCode": f} for r in chosen for f in ("M", "RX")]
    received = drop("un_comtrade", "b.json", as_body(twice))
    assert received.failed == []
    assert {artifact.partition for artifact in received.landed} == {
        "A/CHN/M+X/2846/2024", "A/CHN/M+X/2846/2024/via/344+702",
    }  # fmt: skip


@pytest.mark.parametrize(("ask", "name"), [(FEW, "page.html"), (YEARS, "EIDB.html")])
def test_a_saved_page_of_tradestat_is_the_page_that_a_fetch_run_lands(settings, drop, tmp_path, monkeypatch, ask, name):
    about = sources()["india_tradestat"].about
    monkeypatch.setitem(about, "live", {**about["live"], "newest_months": 0, **ask})
    page = fetched_from("india_tradestat", FakeTradeStat(), tmp_path, (2024, 2026), today=TODAY)[-1]
    require_one_statement(settings, drop, [page], name, page.path.read_bytes())


def test_a_page_that_contradicts_its_name_is_refused(drop, tmp_path, monkeypatch):
    about = sources()["india_tradestat"].about
    monkeypatch.setitem(about, "live", {**about["live"], "newest_months": 0, **FEW})
    data = fetched_from("india_tradestat", FakeTradeStat(), tmp_path, (2026, 2026), today=TODAY)[0].path.read_bytes()
    (failure,) = drop("india_tradestat", "MEIDB_2846_import_all_2019-01_inr.html", data).failed
    assert "its name says" in failure


def test_a_csv_of_both_lists_of_the_bgs_is_a_statement_of_each(drop, tmp_path):
    data = both_lists(tmp_path).path.read_bytes()
    received = drop("bgs_wms", "items.csv", data)
    assert [artifact.partition for artifact in received.landed] == [
        "BGS WMS/rare_earth_minerals", "BGS WMS/rare_earth_oxides",
    ]  # fmt: skip
    assert {artifact.transcription for artifact in received.landed} == {"extract"}


def test_a_csv_of_one_list_of_the_bgs_says_what_a_fetched_one_does(settings, drop, tmp_path):
    """The interface's JSON and its CSV hold the same records."""
    (json_list,) = [
        a
        for a in fetched_from("bgs_wms", FakeBgs(), tmp_path, (1975, 2026))
        if a.partition == "BGS WMS/rare_earth_oxides"
    ]
    features = json.loads(json_list.path.read_bytes())["features"]
    layout = next(row for row in declared(sources()["bgs_wms"].package)["layout"] if row["id"] == "bgs_csv_xy")
    rows = [[cell_of(feature["properties"].get(name)) for name in layout["columns"]] for feature in features]
    Landing(settings.landing).land([json_list], came_by="fetch")
    received = drop("bgs_wms", "items.csv", table(layout["columns"], *rows))
    assert (received.unchanged, received.failed) == (["items.csv"], [])


@pytest.mark.parametrize(
    ("code", "fake", "partition", "name"),
    [
        ("uk_hmrc", FakeHmrc, "HMRC OTS/850511/2026", "OTS 850511 (2026).json"),
        ("brazil_comexstat", FakeComexStat, "COMEX STAT/X/850511/2026", "export 850511.json"),
    ],
)
def test_a_year_of_a_monthly_customs_is_the_year_of_a_fetch_run(settings, drop, tmp_path, code, fake, partition, name):
    year = [a for a in fetched_from(code, fake(), tmp_path, (2026, 2026)) if a.partition == partition]
    require_one_statement(settings, drop, year, name, year[0].path.read_bytes())


def cell_of(value: Any) -> str:
    """A property as the CSV prints it."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


REFUSED = [
    ("un_comtrade", "a.json", b'{"count": 0, "data": [], "error": ""}', "not zero trade"),
    ("un_comtrade", "a.json", b'{"statusCode": 403, "message": "Out of call volume quota."}', "not a Comtrade body"),
    ("un_comtrade", "a.json", b"<html></html>", "neither a JSON body"),
    ("un_comtrade", "a.gz", b"\x1f\x8b\x08\x00", "not a whole gzip file"),
    ("un_comtrade", "a.tsv", b"a\tb\n1\t2\n", "other columns than declared"),
    ("cepii_baci", "baci.csv", b"t,i,j,k,v,q\n", "named after no BACI"),
    ("cepii_baci", "BACI_HS02_Y2010_V202601.csv", b"t,i,j,k,v,q\n", "followed are HS17"),
    ("cepii_baci", "BACI_HS17_Y2022_V202601.csv", b"a,b\n1,2\n", "its header is"),
    ("cepii_baci", "baci.zip", b"PK\x03\x04", "not whole"),
    ("india_tradestat", "a.html", b"<html><body>captcha</body></html>", "no page of a followed report"),
    ("uk_hmrc", "ots.json", b'{"value": []}', "does not say which code"),
    ("uk_hmrc", "ots_850511.json", b'{"value": []}', "holds no records"),
    ("uk_hmrc", "ots_850511.json", b"<html></html>", "no JSON in UTF-8"),
    ("uk_hmrc", "ots_850511.json", b'{"value": [{"MonthId": 202501}, {"MonthId": 202601}]}', "years ['2025', '2026']"),
    ("uk_hmrc", "ots_850511.json", b'{"value": [{"MonthId": 202501}]}', "Remedy: "),
    ("brazil_comexstat", "general_850511.json", b"{}", "does not say which flow and code"),
    ("brazil_comexstat", "import_export_850511.json", b"{}", "does not say which flow and code"),
    ("brazil_comexstat", "import_850511.json", b'{"error": {"code": 429}}', "holds no records"),
    ("brazil_comexstat", "import_850511.json", b'{"data": {"list": [{"year": "x"}]}}', "years ['x']"),
    ("eurostat_comext", "a.7z", b"PK\x03\x04", "is no 7z"),
    ("us_census", "a.json", b"<html><title>Invalid Key</title></html>", "not an answer of the International Trade API"),
    ("us_census", "a.json", b'[["CTY_CODE","time"],["5700","2025-01"]]', "lost ['CTY_NAME'"),
    ("bgs_wms", "a.csv", b"a,b\n1,2\n", "Remedy: "),
    ("bgs_wms", "a.csv", b"\xff\xfe", "neither JSON nor a CSV"),
]


@pytest.mark.parametrize(("code", "name", "data", "words"), REFUSED)
def test_what_cannot_be_placed_is_refused_with_a_remedy(drop, code, name, data, words):
    (failure,) = drop(code, name, data).failed
    assert words in failure
    assert "Remedy: " in failure


def test_a_body_as_long_as_a_page_is_refused(drop):
    record = json.loads(bundled()["chn_imports_2846_2024.json"].path.read_bytes())["data"][0]
    data = json.dumps({"count": 500, "data": [record] * 500, "error": ""}).encode()
    (failure,) = drop("un_comtrade", "a.json", data).failed
    assert "it may be cut" in failure
