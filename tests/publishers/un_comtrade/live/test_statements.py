"""UN Comtrade asked month after month: what comes, and what is released again, revised or withdrawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sources.http.fetcher import Answer
from tests.helpers.artifacts import parse, parsed
from tests.helpers.visiting import Round
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


def test_what_is_fetched_says_what_the_snapshot_says(visitor):
    came = visitor(2024).run()
    assert came.failures == {}
    assert failed(came) == []
    china = rows(parse(of(came)[CHINA_2024])).filter(hs_code="2846")
    assert china.equals(rows(parsed("chn_imports_2846_2024.json")))
    panel = parsed("all_reporters_850511_2024.csv").frame
    for area in ("CHN", "IND", "USA", "MLT"):
        fetched = parse(of(came)[f"A/{area}/M+X/all/2024"]).frame.filter(hs_code="850511")
        known = panel.filter(reporter_code=area)
        key = ["flow", "partner_code", "value_usd", "net_weight_kg"]
        assert fetched.select(key).sort(key).equals(known.select(key).sort(key)), area


def test_months_of_a_year_come_in_one_call_and_say_what_the_snapshot_says(visitor, server):
    came = visitor(2026).run()
    (india,) = came.artifacts
    assert (india.partition, india.layout, india.transcription) == (INDIAS_MONTHS, "comtrade_data", "original")
    assert (india.known_from, india.known_basis) == (date(2026, 6, 20), "release_feed")
    assert [r.query["period"] for r in server.asked if is_data(r)] == ["202601,202602,202603"]
    said = parsed("ind_imports_284690_monthly_2026.csv").frame
    key = ["period_start", "partner_code", "value_usd"]
    assert parse(india).frame.select(key).sort(key).equals(said.select(key).sort(key))


def test_without_a_key_the_same_figures_come_in_more_calls(visitor, server):
    with_key = of(visitor(2024, 2026).run())
    n_calls = len(server.asked)
    came = visitor(2024, 2026, key="").run()
    assert came.failures == {}
    assert of(came).keys() == with_key.keys()
    assert len(server.asked) - n_calls > 2 * n_calls
    for partition, artifact in of(came).items():
        assert parse(artifact).content_sha256() == parse(with_key[partition]).content_sha256(), partition


def test_one_body_may_be_the_statement_of_each_of_its_partitions(visitor, live):
    live(share_bodies=True)
    came = visitor(2023, 2024).run()
    china = [artifact for artifact in came.artifacts if artifact.partition.startswith("A/CHN")]
    assert [artifact.partition for artifact in china] == ["A/CHN/M+X/all/2024", "A/CHN/M+X/all/2023"]
    assert len({artifact.sha256 for artifact in china}) == 1
    assert [str(artifact.known_from) for artifact in china] == ["2025-06-20", "2024-06-20"]
    years = [parse(artifact).frame["period_start"].dt.year().unique().to_list() for artifact in china]
    assert years == [[2024], [2023]]


def test_partitions_land_by_themselves_as_extracts_of_the_body(visitor, live):
    live(share_bodies=True)
    shared = of(visitor(2023, 2024).run())
    live(share_bodies=False)
    alone = of(visitor(2023, 2024).run())
    assert len({artifact.sha256 for artifact in alone.values()}) == len(alone)
    assert {artifact.transcription for artifact in alone.values()} == {"extract", "original"}
    for partition, artifact in alone.items():
        assert parse(artifact).content_sha256() == parse(shared[partition]).content_sha256()
        assert artifact.original_sha256 or artifact.layout == "comtrade_data"


def test_a_second_visit_asks_for_lists_only(visitor, server):
    asking = visitor(2023, 2026)
    assert asking.run().artifacts
    n_calls = len(server.asked)
    assert asking.run() == Round()
    assert not any(is_data(request) for request in server.asked[n_calls:])
    assert asking.plan() == []


def test_a_visit_that_was_cut_off_goes_on_where_it_was(visitor, server, monkeypatch):
    asking = visitor(2023, 2026)
    planned = {task.key for task in asking.run().tasks}
    cut, done, rounds = visitor(2023, 2026), [], 0
    while rounds < 40:
        rounds += 1
        cut.catalogue = asking.catalogue
        waiting = cut.plan()
        if not waiting:
            break
        task = waiting[0]
        answer: Answer = cut.fetcher.fetch(cut.visit(), task)
        cut.looks[task.key] = replace(asking.looks[task.key], marks=dict(answer.marks))
        done.append(task.key)
    assert sorted(done) == sorted(planned)


# what changes


def test_a_release_makes_only_its_own_data_set_due(visitor, server, play):
    asking = visitor(2023, 2024)
    before = of(asking.run())[INDIA_2024]
    play.revise(INDIA, "2024", 1.1)
    came = asking.run()
    assert [(task.key, task.why) for task in came.tasks] == [("A/IND/2022-2033", "released again on 2026-11-20")]
    (after,) = came.artifacts
    assert (after.partition, str(after.known_from), after.known_basis) == (INDIA_2024, "2026-11-20", "release_feed")
    assert usd(after, "CHN", "850511") == [pytest.approx(usd(before, "CHN", "850511")[0] * 1.1)]
    assert asking.run() == Round()


def test_a_new_month_comes_with_those_of_its_year(visitor, play):
    asking = visitor(2026)
    asking.run()
    play.release(INDIA, "M", "202604")
    (after,) = asking.run().artifacts
    assert parse(after).frame["period_start"].dt.month().unique().sort().to_list() == [1, 2, 3, 4]
    assert (after.known_from, after.release) == (date(2026, 11, 20), "2026-11-20")


def test_a_new_statement_under_an_old_date_is_known_from_today(visitor, play):
    asking = visitor(2026)
    asking.run()
    play.withdraw(INDIA, "M", "202603")
    (after,) = asking.run().artifacts
    assert parse(after).frame["period_start"].dt.month().unique().sort().to_list() == [1, 2]
    assert (after.known_from, after.known_basis) == (asking.today, "assumed")


def test_a_data_set_that_is_listed_no_longer_and_empty_is_withdrawn(visitor, play, server):
    asking = visitor(2024)
    asking.run()
    play.withdraw(INDIA, "A", "2024")
    came = asking.run()
    assert [(task.key, task.why) for task in came.tasks] == [
        ("withdrawn/A/IND/M+X/all/2024", "held, and listed no longer")
    ]
    (gone,) = came.artifacts
    assert (gone.layout, gone.known_from, gone.release) == (
        "comtrade_withdrawn", asking.today, f"withdrawn {asking.today}",
    )  # fmt: skip
    table = parse(gone)
    assert (table.frame.height, table.rejects["reason_code"].to_list()) == (0, ["withdrawn"])
    assert failed(came) == []
    assert asking.run() == Round()


def test_what_was_withdrawn_comes_back_when_it_is_listed_again(visitor, play):
    asking = visitor(2024)
    asking.run()
    kept = (play.records[INDIA, "2024"], play.released[INDIA, "2024"])
    play.withdraw(INDIA, "A", "2024")
    asking.run()
    play.records[INDIA, "2024"], play.released[INDIA, "2024"] = kept
    (back,) = asking.run().artifacts
    assert (back.partition, back.layout, back.known_from) == (INDIA_2024, "comtrade_data", asking.today)
    assert asking.run() == Round()


def test_a_data_set_that_is_only_left_out_of_the_list_is_not_withdrawn(visitor, play):
    asking = visitor(2024)
    asking.run()
    del play.released[INDIA, "2024"]
    came = asking.run()
    assert [task.key for task in came.tasks] == ["withdrawn/A/IND/M+X/all/2024"]
    assert (came.artifacts, came.failures) == ([], {})
    assert asking.held[INDIA_2024] == "2025-06-20"


@pytest.mark.parametrize("key", [KEY, ""])
def test_an_empty_answer_for_a_listed_data_set_is_not_taken(visitor, play, key):
    kept = play.records[CHINA, "2024"]
    play.records[CHINA, "2024"] = []
    asking = visitor(2024, key=key)
    came = asking.run()
    assert CHINA_2024 not in of(came)
    assert of(came)[INDIA_2024]
    (trouble,) = came.failures.values()
    assert "not zero trade" in str(trouble)
    play.records[CHINA, "2024"] = kept
    assert [artifact.partition for artifact in asking.run().artifacts] == [CHINA_2024]


def test_one_empty_year_of_a_call_leaves_the_others_and_is_asked_for_again(visitor, play):
    kept = play.records[CHINA, "2023"]
    play.records[CHINA, "2023"] = []
    asking = visitor(2023, 2024)
    came = of(asking.run())
    assert CHINA_2024 in came
    assert "A/CHN/M+X/all/2023" not in came
    assert [task.key for task in asking.plan()] == ["A/CHN/2022-2033"]
    assert "A/CHN/2022-2033" in asking.run().failures
    play.records[CHINA, "2023"] = kept
    assert [artifact.partition for artifact in asking.run().artifacts] == ["A/CHN/M+X/all/2023"]
