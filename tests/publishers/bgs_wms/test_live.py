"""Lists of the World Mineral Statistics, fetched from a fake interface; invented records unless a user has a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import polars as pl
import pytest

from sources.http.errors import FetchError, NotAllowedError, RetryableError
from sources.model.artifact import LayoutError
from tests.fakes.server import FakeServer, Fault, serving
from tests.helpers.artifacts import artifact as artifact_of
from tests.helpers.artifacts import content, parse
from tests.helpers.fetch_harness import FetchHarness, config_for
from tests.helpers.publisher_files import PUBLISHER_FILES, WITHOUT_THEM
from tests.publishers.bgs_wms.fake import FakeBgs, invented_records
from warehouse.quality.gates import judge_load

pytestmark = pytest.mark.thorough

PARTITIONS = ["BGS WMS/rare_earth_oxides", "BGS WMS/rare_earth_minerals"]
FAULTS = {
    "429": Fault("status", 429, {"Retry-After": "0"}),
    "500": Fault("status", 500),
    "503": Fault("status", 503),
    "hang": Fault("hang"),
    "close": Fault("close"),
    "truncated": Fault("truncated"),
    "html": Fault("html"),
    "empty": Fault("empty"),
    "drip": Fault("drip"),
    "moved": Fault("redirect"),
}


@pytest.fixture
def fake() -> FakeBgs:
    return FakeBgs()


@pytest.fixture
def server(fake: FakeBgs) -> Iterator[FakeServer]:
    with serving(fake) as running:
        yield running


@pytest.fixture
def harness(server: FakeServer) -> FetchHarness:
    return FetchHarness("bgs_wms", server.url, (2010, 2026))


def failed(artifact) -> set[str]:
    return {result.rule for result in judge_load([(artifact, parse(artifact))]) if not result.success}


def test_both_lists_come_as_they_are_in_a_call_each_and_pass_the_gate(harness, server):
    outcome = harness.run()
    assert outcome.failures == {}
    assert [a.partition for a in outcome.artifacts] == PARTITIONS
    assert [parse(a).frame.height for a in outcome.artifacts] == [9, 3]
    assert len(server.requests) == 2
    for artifact in outcome.artifacts:
        assert failed(artifact) == set()
        assert (artifact.layout, artifact.transcription, artifact.original_sha256) == ("bgs_geojson", "original", None)
        assert (artifact.release, artifact.known_from, artifact.known_basis) == (
            "as fetched 2026-11-24", date(2026, 11, 24), "assumed",
        )  # fmt: skip


@pytest.mark.skipif(not PUBLISHER_FILES, reason=WITHOUT_THEM)
def test_the_publishers_own_figures_say_what_its_csv_says(tmp_path):
    data = (PUBLISHER_FILES / "bgs" / "BGS_REs_production.csv").read_bytes()
    whole = parse(artifact_of(tmp_path, data, source_code="bgs_wms", layout="bgs_csv_xy", partition="BGS WMS"))
    fake = FakeBgs(PUBLISHER_FILES)
    for cap in (10_000, 100):
        fake.cap = cap
        with serving(fake) as server:
            outcome = FetchHarness("bgs_wms", server.url, (2010, 2026)).run()
        assert [failed(artifact) for artifact in outcome.artifacts] == [set(), set()]
        frames = [parse(artifact).frame for artifact in outcome.artifacts]
        assert [frame.height for frame in frames] == [264, 375]
        assert content(pl.concat(frames)).equals(content(whole.frame))


def test_both_lists_are_asked_for_in_every_run_since_nothing_says_when_they_change(harness, server):
    harness.run()
    tasks = harness.plan()
    assert [task.key for task in tasks] == ["rare earth oxides", "rare earth minerals"]
    assert [(task.calls, task.records) for task in tasks] == [(1, 9), (1, 3)]
    assert len(server.requests) == 2


def test_an_answer_that_is_said_to_be_unchanged_lands_nothing(harness, fake, server):
    fake.gives_etag = True
    harness.run()
    harness.today = date(2027, 3, 1)
    again = harness.run()
    assert (len(again.tasks), again.artifacts, again.failures) == (2, [], {})
    assert [request.headers.get("if-none-match") is not None for request in server.requests] == [
        False,
        False,
        True,
        True,
    ]


def test_a_revised_figure_is_a_new_statement_of_its_list(harness, fake):
    before = harness.run().artifacts[0]
    fake.revise()
    harness.today = date(2027, 3, 1)
    after, same = harness.run().artifacts
    assert (after.partition, after.release) == (before.partition, "as fetched 2027-03-01")
    assert parse(after).content_sha256() != parse(before).content_sha256()
    changed = parse(after).frame.filter(country_code="USA", year=2021)
    assert changed["value_t"].to_list() == [25_000.0]
    assert same.partition == PARTITIONS[1]


def test_a_list_fetched_again_unchanged_has_the_same_content_though_its_bytes_differ(harness):
    before = harness.run().artifacts[0]
    harness.today = date(2027, 3, 1)
    after = harness.run().artifacts[0]
    assert after.sha256 != before.sha256
    assert parse(after).content_sha256() == parse(before).content_sha256()


def test_a_withdrawn_figure_is_gone_from_the_new_statement(harness, fake):
    harness.run()
    fake.withdraw("USA", 2021)
    harness.today = date(2027, 3, 1)
    oxides = harness.run().artifacts[0]
    assert parse(oxides).frame.filter(country_code="USA")["year"].to_list() == [2019, 2020]


@pytest.mark.parametrize("cap", [4, 3])
def test_pages_are_joined_into_one_collection(harness, fake, server, cap):
    """Three is also a page of exactly the cap at the end."""
    fake.cap = cap
    oxides, minerals = harness.run().artifacts
    assert [r.query["offset"] for r in server.requests][:3] == ["0", str(cap), str(2 * cap)]
    joined = json.loads(oxides.path.read_bytes())
    assert (joined["numberMatched"], joined["numberReturned"], len(joined["features"])) == (9, 9, 9)
    assert oxides.transcription == "extract"
    assert oxides.original_sha256 not in (None, oxides.sha256)
    assert [parse(oxides).frame.height, parse(minerals).frame.height] == [9, 3]
    assert failed(oxides) == set()


def test_pages_without_a_count_are_followed_to_the_one_without_a_next_page(harness, fake, server):
    fake.cap, fake.counts = 4, False
    oxides = harness.run().artifacts[0]
    joined = json.loads(oxides.path.read_bytes())
    assert (joined["numberMatched"], len(joined["features"])) == (9, 9)


def test_a_whole_page_without_a_count_lands_as_it_came_and_is_read(harness, fake):
    fake.counts = False
    oxides = harness.run().artifacts[0]
    assert oxides.transcription == "original"
    assert parse(oxides).frame.height == 9


def test_a_page_that_lies_about_its_records_is_asked_for_again(harness, fake, server):
    fake.lies = [1]
    assert [parse(a).frame.height for a in harness.run().artifacts] == [9, 3]
    assert len(server.requests) == 3


def test_a_page_that_always_lies_lands_nothing_and_the_next_run_repairs_it(harness, fake):
    fake.lies = list(range(1, 5))
    outcome = harness.run()
    assert isinstance(outcome.failures["rare earth oxides"], RetryableError)
    assert "holds 9 records from 0 on and says it holds 10 of 9" in str(outcome.failures["rare earth oxides"])
    assert [a.partition for a in outcome.artifacts] == PARTITIONS[1:]
    assert [a.partition for a in harness.run().artifacts] == PARTITIONS


def test_a_page_that_came_short_is_followed_from_where_it_ended(harness, fake):
    fake.shrinks = [1]
    assert [parse(a).frame.height for a in harness.run().artifacts] == [9, 3]


def test_pages_that_overlap_are_refused(harness, fake):
    fake.cap = 3

    def answer(request):
        request.query["offset"] = str(min(int(request.query["offset"]), 3))
        return fake(request)

    with serving(answer) as server:
        harness.url = server.url
        assert "pages overlap" in str(harness.run().failures["rare earth oxides"])


def test_no_record_at_all_is_an_error_and_no_withdrawal(harness, fake):
    fake.empty()
    outcome = harness.run()
    assert outcome.artifacts == []
    assert "says it holds 0 of 0" in str(outcome.failures["rare earth oxides"])


def test_where_equality_on_a_property_is_refused_it_is_asked_for_in_cql(harness, fake, server):
    fake.refuses_properties = True
    outcome = harness.run()
    assert [a.partition for a in outcome.artifacts] == PARTITIONS
    assert [failed(a) for a in outcome.artifacts] == [set(), set()]
    assert server.requests[1].query["filter"].startswith('bgs_commodity_trans = "rare earth oxides" AND ')


def test_a_server_that_ignores_queries_gives_the_list_out_of_what_it_has(harness, fake):
    fake.ignores_queries = True
    outcome = harness.run()
    assert [a.transcription for a in outcome.artifacts] == ["extract", "extract"]
    assert [parse(a).frame.height for a in outcome.artifacts] == [9, 3]


def test_a_server_that_refuses_every_way_of_asking_fails_with_its_reasons(harness, fake):
    fake.refuses_properties = fake.refuses_filters = True
    outcome = harness.run()
    assert outcome.artifacts == []
    for error in outcome.failures.values():
        assert isinstance(error, FetchError)
        assert str(error).count("answers 400") == 3


def test_another_column_is_kept_as_bytes_and_refused_by_name(harness, fake):
    fake.rename_column("sdmx_code", "sdmx")
    oxides = harness.run().artifacts[0]
    assert b'"sdmx"' in oxides.path.read_bytes()
    with pytest.raises(LayoutError, match=r"lost \['sdmx_code'\], gained \['sdmx'\]"):
        parse(oxides)


def test_a_default_python_agent_would_be_refused(harness):
    agent = "python-httpx/0.28.1"
    context = harness.context()
    with pytest.raises(NotAllowedError, match="403"):
        context.http.get("collections/world-mineral-statistics/items", headers={"User-Agent": agent})


def test_lists_outside_the_window_are_not_asked_for(harness, server):
    harness.years = (1975, 1980)
    assert [task.key for task in harness.run().tasks] == ["rare earth minerals"]


@pytest.mark.parametrize("kind", FAULTS)
def test_one_fault_at_any_request_is_survived_at_once_or_in_the_next_run(kind):
    for at in range(1, CALLS + 1):
        fake = FakeBgs()
        fake.cap = 4
        with serving(fake) as server:
            server.add_fault(FAULTS[kind], at=at)
            harness = FetchHarness("bgs_wms", server.url, (2010, 2026), config=config_for(FAULTS[kind].kind))
            landed = {a.partition: parse(a).frame.height for a in harness.run().artifacts}
            if kind != "moved":
                assert len(landed) == 2, f"request {at} was not tried again"
            landed |= {a.partition: parse(a).frame.height for a in harness.run().artifacts}
            assert landed == dict(zip(PARTITIONS, (9, 3), strict=True)), f"request {at}"


CALLS = 4
"""Three pages of four of the oxides, one of the minerals."""


@pytest.mark.parametrize("fault", [Fault("status", 503), Fault("html")])
def test_a_lasting_fault_fails_with_its_reason_and_the_next_run_repairs_it(harness, server, fault):
    server.add_fault(fault, times=-1)
    outcome = harness.run()
    assert outcome.artifacts == []
    assert all("503" in str(e) or "HTML page" in str(e) for e in outcome.failures.values())
    server.clear_faults()
    assert [a.partition for a in harness.run().artifacts] == PARTITIONS


def test_the_played_records_are_invented_and_few():
    assert len(invented_records()) == 12
