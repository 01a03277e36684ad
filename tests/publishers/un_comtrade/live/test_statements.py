"""UN Comtrade asked month after month: what comes, and what is released again, revised or withdrawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.helpers.artifacts import parse, parsed
from tests.helpers.fetch_harness import FetchOutcome
from tests.publishers.un_comtrade.fake import CHINA, INDIA
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
        fetched = parse(of(outcome)[f"A/{area}/M+X/all/2024"]).frame.filter(hs_code="850511")
        known = panel.filter(reporter_code=area)
        key = ["flow", "partner_code", "value_usd", "net_weight_kg"]
        assert fetched.select(key).sort(key).equals(known.select(key).sort(key)), area


def test_months_of_a_year_come_in_one_call_and_say_what_the_snapshot_says(harness, server):
    outcome = harness(2026).run()
    (india,) = outcome.artifacts
    assert (india.partition, india.layout, india.transcription) == (INDIAS_MONTHS, "comtrade_data", "original")
    assert (india.known_from, india.known_basis) == (date(2026, 6, 20), "release_feed")
    assert [r.query["period"] for r in server.requests if is_data(r)] == ["202601,202602,202603"]
    extract = parsed("ind_imports_284690_monthly_2026.csv").frame
    key = ["period_start", "partner_code", "value_usd"]
    assert parse(india).frame.select(key).sort(key).equals(extract.select(key).sort(key))


def test_without_a_key_the_same_figures_come_in_more_calls(harness, server):
    with_key = of(harness(2024, 2026).run())
    n_calls = len(server.requests)
    outcome = harness(2024, 2026, key="").run()
    assert outcome.failures == {}
    assert of(outcome).keys() == with_key.keys()
    assert len(server.requests) - n_calls > 2 * n_calls
    for partition, artifact in of(outcome).items():
        assert parse(artifact).content_sha256() == parse(with_key[partition]).content_sha256(), partition


def test_one_body_may_be_the_statement_of_each_of_its_partitions(harness, live):
    live(share_bodies=True)
    outcome = harness(2023, 2024).run()
    china = [artifact for artifact in outcome.artifacts if artifact.partition.startswith("A/CHN")]
    assert [artifact.partition for artifact in china] == ["A/CHN/M+X/all/2024", "A/CHN/M+X/all/2023"]
    assert len({artifact.sha256 for artifact in china}) == 1
    assert [str(artifact.known_from) for artifact in china] == ["2025-06-20", "2024-06-20"]
    years = [parse(artifact).frame["period_start"].dt.year().unique().to_list() for artifact in china]
    assert years == [[2024], [2023]]


def test_partitions_land_by_themselves_as_extracts_of_the_body(harness, live):
    live(share_bodies=True)
    shared = of(harness(2023, 2024).run())
    live(share_bodies=False)
    alone = of(harness(2023, 2024).run())
    assert len({artifact.sha256 for artifact in alone.values()}) == len(alone)
    assert {artifact.transcription for artifact in alone.values()} == {"extract", "original"}
    for partition, artifact in alone.items():
        assert parse(artifact).content_sha256() == parse(shared[partition]).content_sha256()
        assert artifact.original_sha256 or artifact.layout == "comtrade_data"


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


def test_a_new_month_comes_with_those_of_its_year(harness, fake):
    session = harness(2026)
    session.run()
    fake.release(INDIA, "M", "202604")
    (after,) = session.run().artifacts
    assert parse(after).frame["period_start"].dt.month().unique().sort().to_list() == [1, 2, 3, 4]
    assert (after.known_from, after.release) == (date(2026, 11, 20), "2026-11-20")


def test_a_new_statement_under_an_old_date_is_known_from_today(harness, fake):
    session = harness(2026)
    session.run()
    fake.withdraw(INDIA, "M", "202603")
    (after,) = session.run().artifacts
    assert parse(after).frame["period_start"].dt.month().unique().sort().to_list() == [1, 2]
    assert (after.known_from, after.known_basis) == (session.today, "assumed")


def test_a_data_set_that_is_listed_no_longer_and_empty_is_withdrawn(harness, fake, server):
    session = harness(2024)
    session.run()
    fake.withdraw(INDIA, "A", "2024")
    outcome = session.run()
    assert [(task.key, task.why) for task in outcome.tasks] == [
        ("withdrawn/A/IND/M+X/all/2024", "landed, and no longer listed")
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
    session.run()
    fake.records[INDIA, "2024"], fake.released[INDIA, "2024"] = kept
    (back,) = session.run().artifacts
    assert (back.partition, back.layout, back.known_from) == (INDIA_2024, "comtrade_data", session.today)
    assert session.run() == FetchOutcome()


def test_a_data_set_that_is_only_left_out_of_the_list_is_not_withdrawn(harness, fake):
    session = harness(2024)
    session.run()
    del fake.released[INDIA, "2024"]
    outcome = session.run()
    assert [task.key for task in outcome.tasks] == ["withdrawn/A/IND/M+X/all/2024"]
    assert (outcome.artifacts, outcome.failures) == ([], {})
    assert session.landed[INDIA_2024] == "2025-06-20"


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
    assert "A/CHN/M+X/all/2023" not in outcome
    assert [task.key for task in session.plan()] == ["A/CHN/2022-2033"]
    assert "A/CHN/2022-2033" in session.run().failures
    fake.records[CHINA, "2023"] = kept
    assert [artifact.partition for artifact in session.run().artifacts] == ["A/CHN/M+X/all/2023"]
