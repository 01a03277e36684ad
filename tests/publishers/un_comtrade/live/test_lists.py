"""UN Comtrade's lists of data sets and releases: wherever they are, however they are spelled, and without them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sources.publishers.un_comtrade.fetch import newest_release
from tests.fakes.server import Fault
from tests.helpers.artifacts import parse
from tests.helpers.fetch_harness import FetchOutcome
from tests.publishers.un_comtrade.fake import CHINA, INDIA
from tests.publishers.un_comtrade.live_calls import CHINA_2024, INDIA_2024, INDIAS_MONTHS, KEY, is_data, of

pytestmark = pytest.mark.thorough


def test_without_a_list_of_data_sets_figures_come_by_age_and_their_dates_are_assumed(harness, fake):
    fake.has_list = False
    session = harness(2023, 2026)
    outcome = session.run()
    assert outcome.failures == {}
    assert {artifact.known_basis for artifact in outcome.artifacts} == {"assumed"}
    assert CHINA_2024 in of(outcome)
    assert session.run() == FetchOutcome()
    session.today += timedelta(days=26)
    due = {task.last.year for task in session.plan()}
    assert due == {2025, 2026}
    session.today += timedelta(days=160)
    assert {task.first.year for task in session.plan()} >= {2023, 2024}
    fake.has_list = True
    session.today -= timedelta(days=186)
    assert session.run() == FetchOutcome()


def test_without_a_list_and_a_key_years_come_first_and_empty_months_are_soon_left(harness, fake, server):
    fake.has_list = False
    session = harness(2025, 2026, key="")
    outcome = session.run()
    assert outcome.failures == {}
    frequencies = [task.key[0] for task in outcome.tasks]
    assert frequencies == sorted(frequencies)
    asked = [(r.query["reporterCode"], r.query["period"]) for r in server.requests if is_data(r) and "/M/" in r.path]
    assert [p for r, p in asked if r == "699" and p > "2026"] == [f"2026{month:02}" for month in range(1, 7)]
    assert [p for r, p in asked if r == "842"] == [f"{y}{m:02}" for y in (2026, 2025) for m in (1, 2, 3)]
    assert sorted(of(outcome).keys() & set(INDIAS_MONTHS)) == sorted(INDIAS_MONTHS)


def test_a_years_months_that_are_held_are_all_asked_for_again_without_a_list(harness, fake, server):
    fake.has_list = False
    session = harness(2026, key="")
    session.run()
    session.today += timedelta(days=26)
    n_calls = len(server.requests)
    session.run()
    periods = [r.query["period"] for r in server.requests[n_calls:] if is_data(r) and r.query["reporterCode"] == "699"]
    assert sorted(set(periods)) == [f"2026{month:02}" for month in range(1, 12)]


@pytest.mark.parametrize(
    ("key", "first", "only"),
    [
        (KEY, "/data/v1/getDA", "/data/v1"),
        (KEY, "/data/v1/getDA", "/public/v1"),
        ("", "/public/v1/getDA", "/public/v1"),
    ],
)
def test_the_list_is_asked_for_beside_the_calls_and_then_elsewhere(harness, server, key, first, only):
    server.add_fault(
        Fault("status", 404), when=lambda r: "getD" in r.path and not r.path.startswith(f"{only}/getDa"), times=-1
    )
    session = harness(2024, key=key)
    session.catalogue = session.fetcher.discover(session.context())
    assert server.requests[0].path.startswith(first)
    assert session.catalogue["listed"].keys() == {"A", "M"}


def test_a_list_for_keys_only_is_no_refusal_without_one(harness, fake, server):
    fake.has_list = False
    session = harness(2024, key="")
    assert session.fetcher.discover(session.context())["listed"] == {}
    assert any(request.path.startswith("/data/v1/getDA") for request in server.requests)


def test_what_is_held_and_comes_empty_without_a_list_is_kept(harness, fake):
    fake.has_list = False
    session = harness(2024)
    session.run()
    fake.withdraw(INDIA, "A", "2024")
    session.today += timedelta(days=200)
    outcome = session.run()
    assert INDIA_2024 not in of(outcome)
    assert "not zero trade" in str(outcome.failures["A/IND/2022-2033"])


def test_a_list_that_is_empty_is_no_news(harness, fake):
    session = harness(2024)
    session.run()
    released, fake.released = fake.released, {}
    outcome = session.run()
    assert (outcome.artifacts, outcome.failures) == ([], {})
    fake.released = released
    assert session.run() == FetchOutcome()


@pytest.mark.parametrize("name", ["LastReleased", "lastreleased", "LASTRELEASED"])
def test_fields_of_the_list_may_be_spelled_in_any_case(harness, fake, name):
    fake.list_field = name
    assert {a.known_basis for a in harness(2024).run().artifacts} == {"release_feed"}


def test_the_list_is_found_under_either_spelling(server, fake, harness):
    server.add_fault(Fault("status", 404), when=lambda request: "getDA" in request.path, times=-1)
    assert {a.known_basis for a in harness(2024).run().artifacts} == {"release_feed"}


def test_the_feed_names_the_newest_release_of_our_reporters(harness, fake, server):
    context = harness(2024).context()
    assert newest_release(context) == "2026-06-20T10:11:12"
    fake.release(CHINA, "M", "202601")
    assert newest_release(context) == "2026-11-20T09:00:00"
    fake.released[604, "202601"], fake.records[604, "202601"] = "2026-11-22T09:00:00", []
    assert newest_release(context) == "2026-11-20T09:00:00"
    assert len(server.requests) == 3


def test_the_list_of_reporters_is_asked_for_rarely_and_is_never_in_the_way(harness, server):
    server.add_fault(Fault("status", 500), when=lambda request: "Reporters" in request.path, times=-1)
    session = harness(2026)
    assert session.run().artifacts
    server.clear_faults()
    session.run()
    assert session.catalogue["reporters"] == {"requested": str(session.today), "unknown": []}
    n_calls = len(server.requests)
    session.run()
    assert not any("Reporters" in request.path for request in server.requests[n_calls:])
