"""World tables of the Mineral Commodity Summaries, fetched from a fake ScienceBase."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import pytest

from sources.http.errors import FetchError, RetryableError
from sources.model.artifact import LayoutError
from tests.fakes.server import FakeServer, Fault, Reply, serving
from tests.helpers.artifacts import bundled, content, parse
from tests.helpers.fetch_harness import TIMED, FetchHarness, config_for
from tests.helpers.publisher_files import PUBLISHER_FILES, WITHOUT_THEM
from tests.publishers.usgs_mcs.fake import HISTORY, TABLES, FakeUsgs, File, zipped
from warehouse.quality.gates import judge_load

pytestmark = pytest.mark.thorough

EDITIONS = [f"MCS {year}" for year in sorted(TABLES, reverse=True)]
FAULTS = {
    "429": Fault("status", 429, {"Retry-After": "0"}),
    "500": Fault("status", 500),
    "503": Fault("status", 503),
    "hang": Fault("hang"),
    "close": Fault("close"),
    "truncated": Fault("truncated"),
    "corrupt": Fault("corrupt"),
    "html": Fault("html"),
    "empty": Fault("empty"),
    "drip": Fault("drip"),
    "moved": Fault("redirect"),
}


@pytest.fixture
def fake() -> FakeUsgs:
    return FakeUsgs(has_salient=False)


@pytest.fixture
def server(fake: FakeUsgs) -> Iterator[FakeServer]:
    with serving(fake) as running:
        yield running


@pytest.fixture
def harness(server: FakeServer) -> FetchHarness:
    return FetchHarness("usgs_mcs", server.url, (2020, 2026))


def downloads(server: FakeServer, since: int = 0) -> list[str]:
    return [r.path for r in server.requests[since:] if r.path.startswith("/catalog/file/")]


def failed(artifact) -> set[str]:
    return {result.rule for result in judge_load([(artifact, parse(artifact))]) if not result.success}


def test_every_edition_is_found_and_says_what_the_snapshot_says(harness):
    outcome = harness.run()
    assert outcome.failures == {}
    assert [artifact.partition for artifact in outcome.artifacts] == EDITIONS
    for artifact in outcome.artifacts:
        assert content(parse(artifact).frame).equals(content(parse(bundled()[TABLES[artifact.year]]).frame))
        assert artifact.sha256 == bundled()[TABLES[artifact.year]].sha256
        assert failed(artifact) == set()


@pytest.mark.skipif(not PUBLISHER_FILES, reason=WITHOUT_THEM)
def test_the_publishers_whole_files_come_through_and_say_the_same():
    with serving(FakeUsgs(PUBLISHER_FILES, has_salient=False)) as server:
        outcome = FetchHarness("usgs_mcs", server.url, (2020, 2026)).run()
    assert [artifact.partition for artifact in outcome.artifacts] == EDITIONS
    for artifact in outcome.artifacts:
        assert content(parse(artifact).frame, "note").equals(
            content(parse(bundled()[TABLES[artifact.year]]).frame, "note")
        )


def test_an_artifact_says_where_it_came_from_and_since_when_it_was_known(harness):
    outcome = {artifact.year: artifact for artifact in harness.run().artifacts}
    assert [(a.release, a.known_from.isoformat(), a.known_basis) for a in outcome.values()] == [
        ("as uploaded 2026-02-06", "2026-02-06", "release_feed"),
        ("2.0", "2025-04-11", "release_feed"),
        ("2.0", "2024-03-14", "release_feed"),
        ("as uploaded 2023-01-31", "2023-01-31", "release_feed"),
        ("as uploaded 2022-02-04", "2022-02-04", "release_feed"),
    ]
    assert {a.layout for a in outcome.values()} == {f"mcs{year}" for year in TABLES}
    assert outcome[2022].original_sha256 != outcome[2022].sha256
    assert outcome[2026].original_sha256 is None
    assert {a.transcription for a in outcome.values()} == {"original"}


def test_a_second_run_downloads_nothing_and_asks_a_call_for_each_recent_edition(harness, server):
    harness.run()
    first = len(server.requests)
    assert harness.plan() == []
    again = harness.run()
    assert (again.tasks, again.artifacts) == ([], [])
    assert downloads(server, first) == []
    assert len(server.requests) - first == 5


def test_a_list_that_holds_the_files_spares_those_calls(harness, server, fake):
    fake.lists_files = True
    assert len(harness.run().artifacts) == 5
    first = len(server.requests)
    harness.run()
    assert len(server.requests) - first == 1


def test_old_editions_are_asked_for_again_after_half_a_year(harness, server):
    harness.run()
    harness.today = date(2027, 6, 1)
    first = len(server.requests)
    harness.run()
    asked = [request.path for request in server.requests[first:]]
    assert "/catalog/item/6197ccbed34eb622f692ee1c" in asked


def test_the_next_edition_is_found_fetched_and_loaded_without_anybody(harness, fake):
    harness.run()
    harness.today = date(2027, 2, 1)
    fake.publish_edition(2027, uploaded="2027-01-29")
    outcome = harness.run()
    assert outcome.failures == {}
    (artifact,) = outcome.artifacts
    assert (artifact.partition, artifact.year, artifact.edition, artifact.layout) == (
        "MCS 2027",
        2027,
        "MCS 2027",
        "mcs2026",
    )
    assert (artifact.release, artifact.known_from) == ("1.0", date(2027, 1, 29))
    read = parse(artifact)
    assert sorted(set(read.frame["year"])) == [2025, 2026]
    assert read.rejects.is_empty()
    assert failed(artifact) == set()


@pytest.mark.parametrize(
    "title",
    ["Mineral Commodity Summaries Data Release 2027", "USGS MCS 2027 data release", "mineral commodity summary 2027"],
)
def test_an_edition_is_known_by_other_spellings_of_its_title(harness, fake, title):
    fake.publish_edition(2027, title=title)
    assert "MCS 2027" in [artifact.partition for artifact in harness.run().artifacts]


def test_last_years_table_under_the_next_editions_name_does_not_load(harness, fake):
    fake.publish_edition(2027)
    fake.reupload(2027, fake.tables[2026])
    (artifact,) = [a for a in harness.run().artifacts if a.year == 2027]
    with pytest.raises(Exception, match=r"has no world total for .*2026"):
        parse(artifact)


def test_a_wide_table_of_a_later_year_takes_the_layout_it_fits(harness, fake):
    fake.publish_edition(2027)
    wide = fake.tables[2025].replace(b"MCS2025", b"MCS2027").replace(b"_2023", b"_2025").replace(b"2024", b"2026")
    fake.reupload(2027, wide)
    (artifact,) = [a for a in harness.run().artifacts if a.year == 2027]
    assert artifact.layout == "mcs2025"
    assert sorted(set(parse(artifact).frame["year"])) == [2025, 2026]


@pytest.mark.parametrize("year", [2026, 2027])
def test_changed_columns_are_kept_as_bytes_and_refused_with_their_names(harness, fake, year):
    fake.publish_edition(2027)
    fake.change_columns(year)
    (artifact,) = [a for a in harness.run().artifacts if a.year == year]
    assert artifact.layout == f"mcs{year}"
    assert artifact.path.read_bytes() == fake.tables[year]
    with pytest.raises(
        LayoutError, match=r"lost \['Notes'\].* gained \['(Confidence|Remarks)', '(Confidence|Remarks)'\]"
    ):
        parse(artifact)


def test_a_figure_mended_is_a_new_release_of_the_same_partition(harness, fake):
    before = {a.partition: a for a in harness.run().artifacts}
    fake.revise(2026)
    (after,) = harness.run().artifacts
    assert after.partition == "MCS 2026"
    assert (after.release, after.known_from) == ("as uploaded 2026-11-20", date(2026, 11, 20))
    old, new = (parse(a).frame.filter(measure="reserves", country_code="BRA") for a in (before["MCS 2026"], after))
    assert (old["value_t"].item(), new["value_t"].item()) == (21_000_000.0, 11_000_000.0)


def test_a_file_exchanged_without_a_later_day_is_known_from_today(harness, fake):
    harness.run()
    fake.revise(2026)
    fake.table_file(2026).uploaded = "2026-02-06T15:04:05Z"
    (after,) = harness.run().artifacts
    assert (after.known_from, after.known_basis) == (harness.today, "assumed")
    assert after.release.startswith("as uploaded 2026-02-06, uploaded 2026-02-06, ")


def test_the_list_of_versions_names_the_one_that_stood_when_the_file_was_uploaded(harness, fake):
    fake.editions[2026].files.append(File("versionHist.txt", HISTORY.encode(), "2026-05-27T10:00:00Z"))
    fake.editions[2026].files.reverse()
    by_year = {a.year: a.release for a in harness.run().artifacts}
    assert by_year[2026] == "1.0"
    fake.revise(2026)
    fake.editions[2026].files.append(File("versionHist.txt", HISTORY.encode(), "2026-05-27T10:00:00Z"))
    assert [a.release for a in harness.run().artifacts] == ["1.3"]


def test_an_edition_that_vanishes_is_an_error_and_withdraws_nothing(harness, fake):
    harness.run()
    fake.withdraw(2025)
    outcome = harness.run()
    assert outcome.artifacts == []
    assert "no longer in ScienceBase's list" in str(outcome.failures["MCS 2025"])


def test_a_file_that_vanishes_is_an_error_and_withdraws_nothing(harness, fake):
    harness.run()
    fake.take_files_away(2026)
    outcome = harness.run()
    assert outcome.artifacts == []
    assert "has no world table of rare earths" in str(outcome.failures["MCS 2026"])


def test_a_checksum_that_stays_wrong_lands_nothing_of_that_edition(harness, fake):
    fake.table_file(2026).says = {"checksum": {"type": "MD5", "value": "0" * 32}}
    outcome = harness.run()
    assert isinstance(outcome.failures["MCS 2026"], RetryableError)
    assert "announced is 0000" in str(outcome.failures["MCS 2026"])
    assert [a.partition for a in outcome.artifacts] == EDITIONS[1:]
    fake.table_file(2026).says = {}
    assert [a.partition for a in harness.run().artifacts] == ["MCS 2026"]


def test_a_size_that_stays_wrong_lands_nothing_of_that_edition(harness, fake):
    fake.table_file(2024).says = {"size": 17}
    assert "17 are announced" in str(harness.run().failures["MCS 2024"])


def test_files_on_another_host_are_refused_unless_it_is_one_of_the_publishers(harness, fake):
    fake.files_at = "http://elsewhere.invalid/catalog/file/get"
    outcome = harness.run()
    assert outcome.artifacts == []
    assert all("not one of its hosts" in str(error) for error in outcome.failures.values())


@pytest.mark.parametrize("files_at", ["https://www.sciencebase.gov/catalog/file/get", "{url}/catalog/file/get"])
def test_absolute_addresses_of_files_are_followed_to_where_the_publisher_is_asked(harness, fake, server, files_at):
    fake.files_at = files_at.format(url=server.url)
    assert len(harness.run().artifacts) == 5


def test_a_list_longer_than_a_page_is_read_to_its_end(harness, fake, server):
    fake.cap = 2
    assert len(harness.run().artifacts) == 5
    asked = [r.query["offset"] for r in server.requests if r.query.get("parentId", "").startswith("5c8c")]
    assert asked == ["0", "2", "4", "6", "8"]


def test_a_list_that_repeats_its_first_page_is_refused(harness, fake, monkeypatch):
    fake.cap = 5
    whole = fake._list
    monkeypatch.setattr(fake, "_list", lambda r: whole(type(r)(**{**vars(r), "query": {**r.query, "offset": "0"}})))
    with pytest.raises(FetchError, match=r"lists 9 items below .* and gave 5, then no new one"):
        harness.run()


def test_names_of_fields_in_other_letter_case_are_understood(harness, fake, monkeypatch):
    def shouted(value):
        if isinstance(value, dict):
            return {name.upper(): shouted(item) for name, item in value.items()}
        return [shouted(item) for item in value] if isinstance(value, list) else value

    monkeypatch.setattr(
        "tests.publishers.usgs_mcs.fake._json", lambda fields: Reply(json.dumps(shouted(fields)).encode())
    )
    assert len(harness.run().artifacts) == 5


def test_a_table_packed_two_folders_deep_in_a_zip_of_any_name_is_found(harness, fake):
    fake.editions[2024].files = [
        File("release-v2.zip", zipped(("a/b/MCS2024_Rare_Earths_World.CSV", fake.tables[2024])), "2024-03-14")
    ]
    artifact = next(a for a in harness.run().artifacts if a.year == 2024)
    assert artifact.name == "MCS2024_Rare_Earths_World.CSV"
    assert parse(artifact).frame.height == 48


def test_a_zip_that_climbs_out_of_its_folder_is_refused(harness, fake):
    evil = zipped(("../../etc/mcs2024-raree_world.csv", fake.tables[2024]))
    fake.editions[2024].files = [File("world.zip", evil, "2024-03-14")]
    outcome = harness.run()
    assert "outside its folder" in str(outcome.failures["MCS 2024"])
    assert len(outcome.artifacts) == 4


def test_a_zip_that_unpacks_to_far_more_than_it_holds_is_refused(harness, fake):
    bomb = zipped(("mcs2024-raree_world.csv", b"0" * 3_000_000))
    fake.editions[2024].files = [File("world.zip", bomb, "2024-03-14")]
    assert "allowed are" in str(harness.run().failures["MCS 2024"])


def test_editions_outside_the_window_are_not_asked_for(harness, server):
    harness.years = (2026, 2026)
    assert [a.year for a in harness.run().artifacts] == [2026]
    assert len(server.requests) == 3


def test_the_publisher_down_for_good_is_told_from_one_edition_failing(harness, server):
    server.add_fault(Fault("status", 503), when=lambda r: "/item/696a" in r.path, times=-1)
    outcome = harness.run()
    assert "503" in str(outcome.failures["MCS 2026"])
    assert [a.partition for a in outcome.artifacts] == EDITIONS[1:]
    server.clear_faults()
    first = len(server.requests)
    assert [a.partition for a in harness.run().artifacts] == ["MCS 2026"]
    assert len(downloads(server, first)) == 2


def calls_of_a_first_run() -> int:
    with serving(FakeUsgs(has_salient=False)) as server:
        FetchHarness("usgs_mcs", server.url, (2020, 2026)).run()
        return len(server.requests)


@pytest.mark.parametrize("kind", FAULTS)
def test_one_fault_at_any_request_is_survived_at_once_or_in_the_next_run(kind):
    whole = {(f"MCS {year}", bundled()[name].sha256) for year, name in TABLES.items()}
    fault = FAULTS[kind]
    for at in ONE_OF_EACH if fault.kind in TIMED else range(1, CALLS + 1):
        with serving(FakeUsgs(has_salient=False)) as server:
            server.add_fault(fault, at=at)
            harness = FetchHarness("usgs_mcs", server.url, (2020, 2026), config=config_for(fault.kind))
            landed = landed_by(harness)
            if kind not in {"moved", "corrupt"}:
                assert landed == whole, f"request {at} was not tried again"
            assert landed | (landed_by(harness) if landed != whole else set()) == whole, f"request {at}"


def landed_by(harness: FetchHarness) -> set[tuple[str, str]]:
    try:
        return {(artifact.partition, artifact.sha256) for artifact in harness.run().artifacts}
    except FetchError:
        return set()


CALLS = 14
"""A page of the list, five items, 2022's list of items below it and the one item there, five downloads, and the zip of
2022 once more to see whether it holds salient statistics."""
ONE_OF_EACH = (1, 2, 7, 8, 9)
"""A call of each kind: each fault that takes a timeout is tested there alone."""


def test_a_first_run_takes_the_calls_that_the_faults_are_tried_at():
    assert calls_of_a_first_run() == CALLS


@pytest.fixture
def storage(fake: FakeUsgs) -> Iterator[FakeServer]:
    """A second host that keeps the files, as ScienceBase's bucket does."""
    with serving(fake.stored) as running:
        fake.storage, fake.signature = running.url, "c0ffee5ea1edbeefc0ffee5ea1edbeef01"
        yield running


def test_files_under_facets_are_read_as_well(harness, fake):
    fake.in_facets = True
    assert [artifact.partition for artifact in harness.run().artifacts] == EDITIONS


@pytest.mark.parametrize("signs_links", [False, True], ids=["redirected", "links are signed"])
def test_files_of_a_storage_host_come_and_no_signature_is_kept(harness, server, storage, fake, signs_links):
    fake.signs_links = signs_links
    outcome = harness.run()
    assert outcome.failures == {}
    assert [artifact.partition for artifact in outcome.artifacts] == EDITIONS
    kept = json.dumps([harness.catalogue, {key: dict(state.cursor) for key, state in harness.states.items()}])
    for text in (kept, *(artifact.url for artifact in outcome.artifacts)):
        assert fake.signature not in text
        assert "ASIAKEYOFTHEFAKE0001" not in text
    whose = storage if signs_links else server
    assert all(artifact.url.startswith(whose.url) for artifact in outcome.artifacts)
    assert len(storage.requests) == 6


def test_a_signed_link_that_expired_is_read_from_the_item_again(harness, storage, fake):
    fake.signs_links = True
    harness.run()
    fake.revise(2026)
    fake.signature = "0ddba11decafbad00ddba11decafbad0ff"
    outcome = harness.run()
    assert outcome.failures == {}
    assert [artifact.partition for artifact in outcome.artifacts] == ["MCS 2026"]
