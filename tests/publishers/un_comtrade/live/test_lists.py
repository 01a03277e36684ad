"""UN Comtrade's lists of data sets and releases: wherever they are, however they are spelled, and without them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sources.publishers.un_comtrade.fetch import newest_release
from tests.fakes.server import Fault
from tests.helpers.fetch_harness import FetchOutcome
from tests.publishers.un_comtrade.fake import CHINA, INDIA, scaled
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


def test_lists_between_complete_ones_name_only_what_is_new(harness, fake, server):
    session = harness(2024, 2026)
    session.run()
    known = session.catalogue["listed"]
    for days, is_complete in ((5, False), (27, False), (28, True)):
        session.today = date(2026, 11, 24) + timedelta(days=days)
        fake.today = session.today
        fake.revise(CHINA, "2024", 1.01)
        n_calls = len(server.requests)
        (after,) = session.run().artifacts
        assert (after.partition, after.known_from) == (CHINA_2024, session.today)
        since = [r.query.get("publishedDateFrom") for r in server.requests[n_calls:] if "getD" in r.path]
        assert len(since) == 2
        assert (set(since) == {None}) is is_complete
        assert session.catalogue["listed"]["M"] == known["M"]


def test_a_publisher_that_takes_no_day_is_asked_for_the_complete_list(harness, fake):
    session = harness(2024)
    session.run()
    fake.has_news = False
    fake.revise(CHINA, "2024", 1.01)
    assert [artifact.partition for artifact in session.run().artifacts] == [CHINA_2024]


def test_a_month_without_a_record_is_no_trade_for_a_small_reporter_and_a_failure_for_another(harness, fake, live):
    malta = fake.records[470, "2024"][:4]
    for month, records in (("202501", malta), ("202502", [])):
        shape = {"freqCode": "M", "period": month, "refYear": 2025, "refMonth": int(month[4:])}
        fake.records[470, month] = scaled(records, 1.0, **shape)
        fake.released[470, month] = "2025-09-20T00:00:00"
    fake.records[CHINA, "202502"] = []
    session = harness(2025)
    outcome = session.run()
    assert "M/MLT/all/all/202501" in of(outcome)
    cursor = session.states["M/CYP+LUX+MLT/2025"].cursor
    assert cursor["M/MLT/all/all/202502"].endswith(" 0")
    assert [task.key for task in session.plan()] == ["M/CHN/2025"]
    assert "M/CHN/all/all/202501" in of(outcome)
    assert "M/CHN/all/all/202502" not in of(outcome)


@pytest.mark.parametrize("key", [KEY, ""])
def test_the_plan_says_how_many_calls_a_run_takes(harness, server, key):
    session = harness(2023, 2026, key=key)
    session.catalogue = session.fetcher.discover(session.context())
    planned = sum(task.calls for task in session.plan())
    before = len(server.requests)
    session.run()
    asked = sum(is_data(request) for request in server.requests[before:])
    assert asked == pytest.approx(planned, rel=0.1)


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
