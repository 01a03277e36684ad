"""UN Comtrade asked month after month: what comes, and what is released again, revised or withdrawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from tests.helpers.artifacts import parse, parsed
from tests.helpers.fetch_harness import FetchOutcome
from tests.publishers.un_comtrade.fake import CHINA, INDIA, scaled
from tests.publishers.un_comtrade.live_calls import (
    CHINA_2024,
    INDIA_2024,
    INDIAS_MONTHS,
    KEY,
    failed,
    is_data,
    of,
    rows,
    usd,
)

pytestmark = pytest.mark.thorough

# what comes


def test_what_is_fetched_says_what_the_snapshot_says(harness):
    outcome = harness(2024).run()
    assert outcome.failures == {}
    assert failed(outcome) == []
    china = rows(parse(of(outcome)[CHINA_2024])).filter(hs_code="2846")
    assert china.equals(rows(parsed("chn_imports_2846_2024.json")))
    panel = parsed("all_reporters_850511_2024.csv").frame
    for area in ("CHN", "IND", "USA", "MLT"):
        fetched = parse(of(outcome)[f"A/{area}/all/all/2024"]).frame.filter(hs_code="850511")
        known = panel.filter(reporter_code=area)
        key = ["flow", "partner_code", "value_usd", "net_weight_kg"]
        assert fetched.select(key).sort(key).equals(known.select(key).sort(key)), area


def test_months_of_a_year_come_in_one_call_each_with_its_own_day(harness, server):
    india = harness(2026).run().artifacts
    assert [artifact.partition for artifact in india] == INDIAS_MONTHS
    assert {(artifact.layout, artifact.transcription) for artifact in india} == {("comtrade_joined", "extract")}
    known = [(str(artifact.known_from), artifact.known_basis) for artifact in india]
    assert known == [(f"2026-{month:02}-20", "release_feed") for month in (6, 5, 4)]
    assert [r.query["period"] for r in server.requests if is_data(r)] == ["202601,202602,202603"]
    extract = parsed("ind_imports_284690_monthly_2026.csv").frame
    key = ["period_start", "partner_code", "value_usd"]
    fetched = pl.concat(parse(artifact).frame.select(key) for artifact in india)
    assert fetched.sort(key).equals(extract.select(key).sort(key))


def test_without_a_key_the_same_figures_come_in_more_calls(harness, server):
    with_key = of(harness(2024, 2026).run())
    n_calls = len(server.requests)
    outcome = harness(2024, 2026, key="").run()
    assert outcome.failures == {}
    assert of(outcome).keys() == with_key.keys()
    assert len(server.requests) - n_calls > 2 * n_calls
    for partition, artifact in of(outcome).items():
        assert parse(artifact).content_sha256() == parse(with_key[partition]).content_sha256(), partition


def test_data_sets_land_by_themselves_each_with_its_own_day(harness):
    outcome = of(harness(2023, 2024).run())
    china = [outcome["A/CHN/all/all/2024"], outcome["A/CHN/all/all/2023"]]
    assert [str(artifact.known_from) for artifact in china] == ["2025-06-20", "2024-06-20"]
    assert {artifact.layout for artifact in china} == {"comtrade_joined"}
    assert len({artifact.original_sha256 for artifact in china}) == 1
    assert len({artifact.sha256 for artifact in china}) == 2
    years = [parse(artifact).frame["period_start"].dt.year().unique().to_list() for artifact in china]
    assert years == [[2024], [2023]]


def test_a_second_run_asks_for_lists_only(harness, server):
    session = harness(2023, 2026)
    assert session.run().artifacts
    n_calls = len(server.requests)
    assert session.run() == FetchOutcome()
    assert not any(is_data(request) for request in server.requests[n_calls:])
    assert session.plan() == []


def test_a_run_that_was_cut_off_goes_on_where_it_was(harness, server, monkeypatch):
    session = harness(2023, 2026)
    planned = {task.key for task in session.run().tasks}
    cut, done, rounds = harness(2023, 2026), [], 0
    while rounds < 40:
        rounds += 1
        cut.catalogue = session.catalogue
        waiting = cut.plan()
        if not waiting:
            break
        task = waiting[0]
        answer = cut.fetcher.fetch(cut.context(), task)
        cut.states[task.key] = replace(session.states[task.key], cursor=dict(answer.cursor))
        done.append(task.key)
    assert sorted(done) == sorted(planned)


# what changes


def test_a_release_makes_only_its_own_data_set_due(harness, server, fake):
    session = harness(2023, 2024)
    before = of(session.run())[INDIA_2024]
    fake.revise(INDIA, "2024", 1.1)
    outcome = session.run()
    assert [(task.key, task.why) for task in outcome.tasks] == [("A/IND/2022-2033", "released again on 2026-11-20")]
    (after,) = outcome.artifacts
    assert (after.partition, str(after.known_from), after.known_basis) == (INDIA_2024, "2026-11-20", "release_feed")
    assert usd(after, "CHN", "850511") == [pytest.approx(usd(before, "CHN", "850511")[0] * 1.1)]
    assert session.run() == FetchOutcome()


def test_a_new_month_comes_alone(harness, fake, server):
    session = harness(2026)
    session.run()
    n_calls = len(server.requests)
    fake.release(INDIA, "M", "202604")
    (after,) = session.run().artifacts
    assert (after.partition, after.known_from, after.release) == (
        "M/IND/all/all/202604", date(2026, 11, 20), "2026-11-20",
    )  # fmt: skip
    assert [r.query["period"] for r in server.requests[n_calls:] if is_data(r)] == ["202604"]


def test_a_revised_month_leaves_the_days_of_the_others(harness, fake):
    session = harness(2026)
    before = {artifact.partition: artifact.known_from for artifact in session.run().artifacts}
    fake.revise(INDIA, "202602", 1.05)
    (after,) = session.run().artifacts
    assert (after.partition, after.known_from, after.known_basis) == (
        "M/IND/all/all/202602", date(2026, 11, 20), "release_feed",
    )  # fmt: skip
    assert str(before["M/IND/all/all/202602"]) == "2026-05-20"


def test_an_older_release_date_is_history_and_makes_nothing_due(harness, fake):
    session = harness(2026)
    session.run()
    session.today += timedelta(days=30)
    fake.released[INDIA, "202602"] = "2025-01-01T00:00:00"
    assert session.run() == FetchOutcome()


def test_other_rows_under_the_same_date_are_known_from_the_day_of_the_run(harness, fake):
    session = harness(2026)
    session.run()
    fake.records[INDIA, "202602"] = scaled(fake.records[INDIA, "202602"], 1.05)
    session.states.clear()
    after = of(session.run())["M/IND/all/all/202602"]
    assert (after.known_from, after.known_basis) == (session.today, "assumed")


def test_a_data_set_that_is_listed_no_longer_and_empty_is_withdrawn(harness, fake, server):
    session = harness(2024)
    session.run()
    fake.withdraw(INDIA, "A", "2024")
    session.today += timedelta(days=28)
    outcome = session.run()
    assert [(task.key, task.why) for task in outcome.tasks] == [
        ("withdrawn/A/IND/all/all/2024", "landed, and no longer listed")
    ]
    (gone,) = outcome.artifacts
    assert (gone.layout, gone.known_from, gone.release) == (
        "comtrade_withdrawn", session.today, f"withdrawn {session.today}",
    )  # fmt: skip
    table = parse(gone)
    assert (table.frame.height, table.rejects["reason_code"].to_list()) == (0, ["withdrawn"])
    assert failed(outcome) == []
    assert session.run() == FetchOutcome()


def test_what_was_withdrawn_comes_back_when_it_is_listed_again(harness, fake):
    session = harness(2024)
    session.run()
    kept = (fake.records[INDIA, "2024"], fake.released[INDIA, "2024"])
    fake.withdraw(INDIA, "A", "2024")
    session.today += timedelta(days=28)
    session.run()
    fake.records[INDIA, "2024"], fake.released[INDIA, "2024"] = kept
    session.today += timedelta(days=28)
    (back,) = session.run().artifacts
    assert (back.partition, back.layout, back.known_from) == (INDIA_2024, "comtrade_data", session.today)
    assert session.run() == FetchOutcome()


def test_a_data_set_that_is_only_left_out_of_the_list_is_not_withdrawn(harness, fake):
    session = harness(2024)
    session.run()
    del fake.released[INDIA, "2024"]
    session.today += timedelta(days=28)
    outcome = session.run()
    assert [task.key for task in outcome.tasks] == ["withdrawn/A/IND/all/all/2024"]
    assert (outcome.artifacts, outcome.failures) == ([], {})
    assert session.landed[INDIA_2024] == "2025-06-20"
    assert session.run() == FetchOutcome(), "it is not requested at every run"


@pytest.mark.parametrize("key", [KEY, ""])
def test_an_empty_answer_for_a_listed_data_set_is_not_taken(harness, fake, key):
    kept = fake.records[CHINA, "2024"]
    fake.records[CHINA, "2024"] = []
    session = harness(2024, key=key)
    outcome = session.run()
    assert CHINA_2024 not in of(outcome)
    assert of(outcome)[INDIA_2024]
    (trouble,) = outcome.failures.values()
    assert "not zero trade" in str(trouble)
    fake.records[CHINA, "2024"] = kept
    assert [artifact.partition for artifact in session.run().artifacts] == [CHINA_2024]


def test_one_empty_year_of_a_call_leaves_the_others_and_is_asked_for_again(harness, fake):
    kept = fake.records[CHINA, "2023"]
    fake.records[CHINA, "2023"] = []
    session = harness(2023, 2024)
    outcome = of(session.run())
    assert CHINA_2024 in outcome
    assert "A/CHN/all/all/2023" not in outcome
    assert [task.key for task in session.plan()] == ["A/CHN/2022-2033"]
    assert "A/CHN/2022-2033" in session.run().failures
    fake.records[CHINA, "2023"] = kept
    assert [artifact.partition for artifact in session.run().artifacts] == ["A/CHN/all/all/2023"]
