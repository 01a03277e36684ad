"""Salient statistics of each chapter, fetched from a fake ScienceBase beside the world tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from sources.model.artifact import Artifact
from sources.publishers.usgs_mcs.receive import receive
from tests.fakes.server import FakeServer, Fault, serving
from tests.helpers.artifacts import bundled, content, parse_as
from tests.helpers.fetch_harness import FetchHarness
from tests.helpers.publisher_files import PUBLISHER_FILES, WITHOUT_THEM
from tests.publishers.usgs_mcs.fake import SALIENT, FakeUsgs, File, zipped

pytestmark = pytest.mark.thorough

WANTED = {f"MCS {year}/{chapter}": name for year, names in SALIENT.items() for chapter, name in names.items()}


@pytest.fixture
def fake() -> FakeUsgs:
    return FakeUsgs()


@pytest.fixture
def server(fake: FakeUsgs) -> Iterator[FakeServer]:
    with serving(fake) as running:
        yield running


@pytest.fixture
def harness(server: FakeServer) -> FetchHarness:
    return FetchHarness("usgs_mcs", server.url, (2020, 2026))


def salient_of(artifacts: list[Artifact]) -> dict[str, Artifact]:
    return {artifact.partition: artifact for artifact in artifacts if artifact.layout == "salient"}


def test_every_chapter_of_an_edition_comes_with_the_bytes_of_the_snapshot(harness):
    outcome = harness.run()
    assert outcome.failures == {}
    found = salient_of(outcome.artifacts)
    assert {partition: a.sha256 for partition, a in found.items()} == {
        partition: bundled()[name].sha256 for partition, name in WANTED.items()
    }
    assert (found["MCS 2024/yttrium"].release, found["MCS 2024/yttrium"].known_from) == ("2.0", date(2024, 3, 14))
    assert found["MCS 2023/thorium"].original_sha256 is not None


@pytest.mark.skipif(not PUBLISHER_FILES, reason=WITHOUT_THEM)
def test_the_publishers_whole_files_come_through_and_say_the_same():
    with serving(FakeUsgs(PUBLISHER_FILES)) as server:
        artifacts = FetchHarness("usgs_mcs", server.url, (2020, 2026)).run().artifacts
    pairs = [(artifact, bundled()[WANTED[partition]]) for partition, artifact in salient_of(artifacts).items()]
    (of_2026,) = [artifact for artifact in artifacts if artifact.partition == "MCS 2026"]
    pairs.append((of_2026, bundled()["MCS2026_Commodities_Data.csv"]))
    assert len(pairs) == len(WANTED) + 1
    for whole, kept in pairs:
        for kind in ("usgs_mcs__prices", "usgs_mcs__salient"):
            read, expected = parse_as(whole, kind).frame, parse_as(kept, kind).frame
            assert content(read, "note").equals(content(expected, "note"))


def test_a_second_run_fetches_nothing_and_a_changed_zip_only_its_edition(harness, fake):
    harness.run()
    assert harness.plan() == []
    (name, data), *others = fake.salient[2023]
    fake.salient[2023] = [(name, data.replace(b",130,", b",134,")), *others]
    fake.reupload(2023, fake.tables[2023], "2026-11-20")
    changed = salient_of(harness.run().artifacts)
    assert set(changed) == {partition for partition in WANTED if partition.startswith("MCS 2023")}
    assert changed["MCS 2023/rare_earths"].known_from == date(2026, 11, 20)


def test_a_zip_exchanged_without_a_later_day_is_known_from_today(harness, fake):
    harness.run()
    (name, data), *others = fake.salient[2023]
    fake.salient[2023] = [(name, data.replace(b",130,", b",134,")), *others]
    fake.reupload(2023, fake.tables[2023], "2023-01-31")
    changed = salient_of(harness.run().artifacts)["MCS 2023/rare_earths"]
    assert (changed.known_from, changed.known_basis) == (harness.today, "assumed")


def test_tables_outside_a_zip_are_found_by_their_names(harness, fake):
    world = [file for file in fake.editions[2024].files if file.name == "world.zip"]
    loose = [File(name, data, "2024-03-14T10:00:00Z") for name, data in fake.salient[2024]]
    fake.editions[2024].files = [*loose, File("mcs2024-galli_salient.csv", b"a\r\n", "2024-03-14"), *world]
    found = salient_of(harness.run().artifacts)
    assert {partition for partition in found if partition.startswith("MCS 2024")} == {
        partition for partition in WANTED if partition.startswith("MCS 2024")
    }


def test_an_edition_without_them_is_no_failure(harness, fake):
    fake.editions[2023].files[0] = File("salient.zip", zipped(("mcs2023-galli_salient.csv", b"a\r\n")), "2023-01-31")
    outcome = harness.run()
    assert outcome.failures == {}
    assert not any(partition.startswith("MCS 2023") for partition in salient_of(outcome.artifacts))


def test_a_zip_that_cannot_be_had_costs_no_world_table(harness, server, fake):
    item, zip_file = fake.editions[2023], fake.editions[2023].files[0]
    is_zip = f"__disk__{zip_file.key}"
    server.add_fault(Fault("status", 503), when=lambda r: item.id in r.path and r.query.get("f") == is_zip, times=-1)
    outcome = harness.run()
    assert "MCS 2023" in [artifact.partition for artifact in outcome.artifacts]
    assert "503" in str(outcome.failures["MCS 2023 salient"])
    server.clear_faults()
    assert set(salient_of(harness.run().artifacts)) == {p for p in WANTED if p.startswith("MCS 2023")}


@pytest.mark.parametrize("is_zip", [True, False])
def test_a_dropped_file_is_the_statistics_that_its_name_or_its_members_say(fake, tmp_path, is_zip):
    members = fake.salient[2024]
    name = "mcs2024-salient_2024-03-14_v2.0.zip" if is_zip else "mcs2024-yttri_salient_2024-03-14_v2.0.csv"
    dropped = tmp_path / name
    dropped.write_bytes(zipped(*members) if is_zip else dict(members)["mcs2024-yttri_salient.csv"])
    received = receive(dropped, date(2026, 11, 24), tmp_path)
    wanted = {partition: name for partition, name in WANTED.items() if partition.startswith("MCS 2024")}
    expected = wanted if is_zip else {"MCS 2024/yttrium": wanted["MCS 2024/yttrium"]}
    assert {a.partition: a.sha256 for a in received} == {p: bundled()[n].sha256 for p, n in expected.items()}
    assert {(a.layout, a.release, a.known_from) for a in received} == {("salient", "2.0", date(2024, 3, 14))}
