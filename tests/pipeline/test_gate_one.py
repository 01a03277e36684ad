"""Gate 1 refuses an implausible load by name and leaves the others alone."""

from __future__ import annotations

import json

import pytest

from sources.registry import sources
from tests.helpers.home_fixtures import SMALL
from warehouse.ingest.ingest import IngestError, ingest, land
from warehouse.quality.gates import stored_results
from warehouse.release.store import current_release
from warehouse.settings import Settings
from warehouse.storage.last_build import last_build
from warehouse.storage.work import open_work


def ingested(settings: Settings, code: str, build_id: str = "build"):
    land(settings, sources()[code])
    return ingest(settings, build_id, sources()[code])


def partitions_in_raw(settings: Settings, table: str) -> set[str]:
    with open_work(settings) as con:
        return {
            partition
            for (partition,) in con.execute(
                f"select distinct partition from ledger.loads where load_id in (select load_id from raw.{table})"
            ).fetchall()
        }


def a_tenth_of_chinas(snapshot) -> str:
    file = "usgs_mcs/MCS2025_World_Data.csv"
    snapshot.alter(file, snapshot.read(file).replace(b"255000,270000", b"25500,27000"))
    return "production_adds_up_to_the_printed_world_within_5_percent"


def a_million_times_the_value(snapshot) -> str:
    file = "un_comtrade/chn_imports_2846_2024.json"
    body = json.loads(snapshot.read(file))
    india = next(record for record in body["data"] if record["partnerCode"] == 699)
    for name in ("primaryValue", "cifvalue"):
        india[name] *= 1e6
    snapshot.alter(file, json.dumps(body).encode())
    return "value_usd_is_plausible"


def a_lost_partner(snapshot) -> str:
    file = "un_comtrade/chn_imports_2846_2024.json"
    body = json.loads(snapshot.read(file))
    body["data"].remove(max(body["data"][1:], key=lambda record: record["primaryValue"]))
    snapshot.alter(file, json.dumps(body | {"count": len(body["data"])}).encode())
    return "partners_add_up_to_their_printed_world"


def a_smudged_cell(snapshot) -> str:
    file = "usgs_mcs/MCS2025_World_Data.csv"
    snapshot.alter(file, snapshot.read(file).replace(b",7200,13000,", b",7200?,13000,"))
    return "rejects_are_expected"


def another_years_body(snapshot) -> str:
    file = "un_comtrade/chn_imports_2846_2024.json"
    snapshot.alter(file, snapshot.read("un_comtrade/chn_imports_2846_2023.json"))
    return "periods_lie_in_the_year_of_the_partition"


def a_cut_body(snapshot) -> str:
    file = "un_comtrade/chn_imports_2846_2024.json"
    snapshot.alter(file, snapshot.read(file)[:-200])
    return "is_readable"


CORRUPTIONS = {
    "usgs_mcs": (a_tenth_of_chinas, a_smudged_cell),
    "un_comtrade": (a_million_times_the_value, a_lost_partner, another_years_body, a_cut_body),
}
PARTITION = {"usgs_mcs": "MCS 2025", "un_comtrade": "A/CHN/M/2846/2024"}
TABLE = {"usgs_mcs": "usgs_mcs__world", "un_comtrade": "un_comtrade__trade"}


@pytest.mark.parametrize(
    ("code", "corrupt"),
    [(code, corrupt) for code, corruptions in CORRUPTIONS.items() for corrupt in corruptions],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_a_corrupted_partition_is_refused_by_name_and_the_others_load(tmp_path, snapshot_of, code, corrupt) -> None:
    snapshot = snapshot_of()
    rule = corrupt(snapshot)
    settings = Settings(home=tmp_path / "home", snapshot=snapshot.folder)
    done = ingested(settings, code)
    guilty = PARTITION[code]
    assert len(done.failures) == 1
    assert guilty in done.failures[0]
    if rule != "is_readable":
        assert rule in done.failures[0]
    with pytest.raises(IngestError, match=guilty):
        done.raise_failures()
    everyone = {row["partition"] for row in snapshot.rows if row["source_code"] == code}
    assert partitions_in_raw(settings, TABLE[code]) == everyone - {guilty}
    with open_work(settings) as con:
        results = stored_results(con, "build")
    assert {(r.partition, r.rule) for r in results if r.stops} >= {(guilty, rule)}
    assert {r.partition for r in results if r.stops} == {guilty}


def test_corrected_bytes_replace_refused_ones(tmp_path, snapshot_of) -> None:
    """The refused bytes landed and stay there; when their publisher corrects them the build must succeed again."""
    snapshot = snapshot_of()
    good = snapshot.read("usgs_mcs/MCS2025_World_Data.csv")
    a_tenth_of_chinas(snapshot)
    settings = Settings(home=tmp_path / "home", snapshot=snapshot.folder)
    ingested(settings, "usgs_mcs")
    snapshot.alter("usgs_mcs/MCS2025_World_Data.csv", good)
    assert ingested(settings, "usgs_mcs", "corrected").failures == []


def test_every_load_reconciles_and_a_second_ingest_loads_nothing(small) -> None:
    with open_work(small) as con:
        loads = con.execute(
            "select rows_parsed, rows_loaded, rows_quarantined, load_id, table_name from ledger.loads"
        ).fetchall()
        assert con.execute("select count(distinct artifact_sha256) from ledger.loads").fetchall() == [(len(SMALL),)]
        for parsed, loaded, quarantined, load_id, table in loads:
            assert parsed == loaded + quarantined
            counted = con.execute(
                f"select (select count(*) from raw.{table} where load_id = $1),"
                " (select count(*) from quarantine.rejects where load_id = $1)",
                [load_id],
            ).fetchall()[0]
            assert counted == (loaded, quarantined)
    for source in sources().values():
        again = ingest(small, "again", source)
        assert (again.loaded, again.failures, again.results) == ([], [], [])


def test_a_run_with_a_refused_load_ends_without_a_release_and_the_last_one_stays_up(
    copy_of_small, snapshot_of, build
) -> None:
    snapshot = snapshot_of()
    before = current_release(copy_of_small)
    rule = a_tenth_of_chinas(snapshot)
    settings, outcome = build(copy_of_small.home, snapshot=snapshot.folder)
    assert not outcome.success
    assert outcome.version is None
    assert "MCS 2025" in "\n".join(outcome.errors)
    assert rule in "\n".join(outcome.errors)
    assert current_release(settings).version == before.version
    page = settings.refused / outcome.run_id / "validation.html"
    text = page.read_text(encoding="utf-8")
    assert rule.replace("_", " ") in text
    assert "Refused" in text
    with open_work(settings) as con:
        stored = stored_results(con, outcome.run_id)
    assert last_build(settings).startswith("refused, started")
    assert {r.partition for r in stored if r.stops} == {"MCS 2025"}
    assert rule in {r.rule for r in stored if r.stops}


def test_each_partition_of_a_load_is_judged_by_itself(tmp_path, snapshot_of) -> None:
    """Two editions off by as much in opposite directions do not make up for each other."""
    snapshot = snapshot_of()
    for file, was, becomes in (
        ("usgs_mcs/MCS2025_World_Data.csv", b"255000,270000", b"200000,215000"),
        ("usgs_mcs/mcs2024-raree_world.csv", b"210000,240000", b"265000,295000"),
    ):
        snapshot.alter(file, snapshot.read(file).replace(was, becomes))
    done = ingested(Settings(home=tmp_path / "home", snapshot=snapshot.folder), "usgs_mcs")
    assert len(done.failures) == 2


def test_a_record_that_only_warns_is_loaded_and_named(tmp_path, snapshot_of) -> None:
    snapshot = snapshot_of()
    file = "un_comtrade/chn_imports_2846_2024.json"
    body = json.loads(snapshot.read(file))
    number, india = next((n, record) for n, record in enumerate(body["data"], 1) if record["partnerCode"] == 699)
    india["netWgt"] = india["primaryValue"] * 1e3
    snapshot.alter(file, json.dumps(body).encode())
    settings = Settings(home=tmp_path / "home", snapshot=snapshot.folder)
    ingested(settings, "un_comtrade")
    with open_work(settings) as con:
        found = con.execute(
            "select artifact_row from ledger.failed_rows inner join ledger.loads"
            " using (build_id, table_name, artifact_sha256) where rule = 'weights_are_plausible_against_values'"
            " and partition = 'A/CHN/M/2846/2024'"
        ).fetchall()
    assert found == [(number,)]
