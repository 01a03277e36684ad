"""UN Comtrade's lists of data sets and releases: wherever they are, however they are spelled, and without them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sources.publishers.un_comtrade.fetch import newest_release
from tests.fakes.server import Fault
from tests.helpers.artifacts import parse
from tests.helpers.visiting import Round
from tests.publishers.un_comtrade.fake import CHINA, INDIA
from tests.publishers.un_comtrade.live_calls import CHINA_2024, INDIA_2024, INDIAS_MONTHS, KEY, is_data, of

pytestmark = pytest.mark.thorough


def test_without_a_list_of_data_sets_figures_come_by_age_and_their_dates_are_assumed(visitor, play):
    play.has_list = False
    asking = visitor(2023, 2026)
    came = asking.run()
    assert came.failures == {}
    assert {artifact.known_basis for artifact in came.artifacts} == {"assumed"}
    assert CHINA_2024 in of(came)
    assert asking.run() == Round()
    asking.today += timedelta(days=26)
    due = {task.last.year for task in asking.plan()}
    assert due == {2025, 2026}
    asking.today += timedelta(days=160)
    assert {task.first.year for task in asking.plan()} >= {2023, 2024}
    play.has_list = True
    asking.today -= timedelta(days=186)
    assert asking.run() == Round()


def test_without_a_list_and_a_key_years_come_first_and_empty_months_are_soon_left(visitor, play, server):
    play.has_list = False
    asking = visitor(2025, 2026, key="")
    came = asking.run()
    assert came.failures == {}
    frequencies = [task.key[0] for task in came.tasks]
    assert frequencies == sorted(frequencies)
    asked = [(r.query["reporterCode"], r.query["period"]) for r in server.asked if is_data(r) and "/M/" in r.path]
    assert [p for r, p in asked if r == "699" and p > "2026"] == [f"2026{month:02}" for month in range(1, 7)]
    assert [p for r, p in asked if r == "842"] == [f"{y}{m:02}" for y in (2026, 2025) for m in (1, 2, 3)]
    assert parse(of(came)[INDIAS_MONTHS]).frame["period_start"].dt.month().unique().sort().to_list() == [1, 2, 3]


def test_a_years_months_that_are_held_are_all_asked_for_again_without_a_list(visitor, play, server):
    play.has_list = False
    asking = visitor(2026, key="")
    asking.run()
    asking.today += timedelta(days=26)
    n_calls = len(server.asked)
    asking.run()
    periods = [r.query["period"] for r in server.asked[n_calls:] if is_data(r) and r.query["reporterCode"] == "699"]
    assert periods == [f"2026{month:02}" for month in range(1, 12)]


@pytest.mark.parametrize(
    ("key", "first", "only"),
    [
        (KEY, "/data/v1/getDA", "/data/v1"),
        (KEY, "/data/v1/getDA", "/public/v1"),
        ("", "/public/v1/getDA", "/public/v1"),
    ],
)
def test_the_list_is_asked_for_beside_the_calls_and_then_elsewhere(visitor, server, key, first, only):
    server.misbehave(
        Fault("status", 404), when=lambda r: "getD" in r.path and not r.path.startswith(f"{only}/getDa"), times=-1
    )
    asking = visitor(2024, key=key)
    asking.catalogue = asking.fetcher.discover(asking.visit())
    assert server.asked[0].path.startswith(first)
    assert asking.catalogue["listed"].keys() == {"A", "M"}


def test_a_list_for_keys_only_is_no_refusal_without_one(visitor, play, server):
    play.has_list = False
    asking = visitor(2024, key="")
    assert asking.fetcher.discover(asking.visit())["listed"] == {}
    assert any(request.path.startswith("/data/v1/getDA") for request in server.asked)


def test_what_is_held_and_comes_empty_without_a_list_is_kept(visitor, play):
    play.has_list = False
    asking = visitor(2024)
    asking.run()
    play.withdraw(INDIA, "A", "2024")
    asking.today += timedelta(days=200)
    came = asking.run()
    assert INDIA_2024 not in of(came)
    assert "not zero trade" in str(came.failures["A/IND/2022-2033"])


def test_a_list_that_is_empty_is_no_news(visitor, play):
    asking = visitor(2024)
    asking.run()
    released, play.released = play.released, {}
    came = asking.run()
    assert (came.artifacts, came.failures) == ([], {})
    play.released = released
    assert asking.run() == Round()


@pytest.mark.parametrize("name", ["LastReleased", "lastreleased", "LASTRELEASED"])
def test_fields_of_the_list_may_be_spelled_in_any_case(visitor, play, name):
    play.list_field = name
    assert {a.known_basis for a in visitor(2024).run().artifacts} == {"release_feed"}


def test_the_list_is_found_under_either_spelling(server, play, visitor):
    server.misbehave(Fault("status", 404), when=lambda request: "getDA" in request.path, times=-1)
    assert {a.known_basis for a in visitor(2024).run().artifacts} == {"release_feed"}


def test_the_feed_names_the_newest_release_of_our_reporters(visitor, play, server):
    visit = visitor(2024).visit()
    assert newest_release(visit) == "2026-06-20T10:11:12"
    play.release(CHINA, "M", "202601")
    assert newest_release(visit) == "2026-11-20T09:00:00"
    play.released[604, "202601"], play.records[604, "202601"] = "2026-11-22T09:00:00", []
    assert newest_release(visit) == "2026-11-20T09:00:00"
    assert len(server.asked) == 3


def test_the_list_of_reporters_is_asked_for_rarely_and_is_never_in_the_way(visitor, server):
    server.misbehave(Fault("status", 500), when=lambda request: "Reporters" in request.path, times=-1)
    asking = visitor(2026)
    assert asking.run().artifacts
    server.behave()
    asking.run()
    assert asking.catalogue["reporters"] == {"asked": str(asking.today), "unknown": []}
    n_calls = len(server.asked)
    asking.run()
    assert not any("Reporters" in request.path for request in server.asked[n_calls:])
