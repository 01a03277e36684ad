"""UN Comtrade asked month after month: releases, revisions, withdrawals, caps, quotas and faults, on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import polars as pl
import pytest

from sources.contract import Artifact, ParsedTable
from sources.fetching import Answer
from sources.http import ChangedError, FetchError, NotAllowedError, TryLaterError
from sources.registry import sources
from sources.un_comtrade.fetch import newest_release
from sources.un_comtrade.fetch_lists import UnusableError
from tests.helpers.artifacts import parse, parsed
from tests.helpers.visiting import Round, Visitor
from tests.played.comtrade import CHINA, INDIA, PlayedComtrade
from tests.played.server import Fault, FaultKind, Played, Reply, Request, playing
from warehouse.gates import judge_load

KEY = "k3y-of-the-test-0123456789"
QUICK = {"timeout_s": 0.4, "deadline_s": 0.8}
CHINA_2024 = "A/CHN/M+X/all/2024"
INDIA_2024 = "A/IND/M+X/all/2024"
INDIAS_MONTHS = "M/IND/M+X/all/2026"


@pytest.fixture
def play() -> PlayedComtrade:
    return PlayedComtrade(key=KEY)


@pytest.fixture
def server(play) -> Iterator[Played]:
    with playing(play) as server:
        yield server


@pytest.fixture(autouse=True)
def few_reporters(live) -> None:
    """India, China, the USA, and two of the groups of small reporters that share a call."""
    live(groups=[[INDIA], [CHINA], [842], [40, 703], [196, 442, 470]])


@pytest.fixture
def visitor(server, tmp_path) -> Callable[..., Visitor]:
    def make(*years: int, key: str = KEY, **manners: Any) -> Visitor:
        span = (years[0], years[-1])
        return Visitor("un_comtrade", server.url, span, key=key, manners=manners, folder=tmp_path)

    return make


@pytest.fixture
def live(monkeypatch) -> Callable[..., None]:
    def change(**settings: Any) -> None:
        for name, value in settings.items():
            monkeypatch.setitem(sources()["un_comtrade"].about["live"], name, value)

    return change


def of(came: Round) -> dict[str, Artifact]:
    return {artifact.partition: artifact for artifact in came.artifacts}


def rows(table: ParsedTable) -> pl.DataFrame:
    """What is stated of figures, without their place and what only some layouts say."""
    return table.frame.drop("artifact_row", "layout_rank").sort("flow", "hs_code", "partner_code", "period_start")


def failed(came: Round) -> list[str]:
    tables = [(artifact, parse(artifact)) for artifact in came.artifacts]
    return [result.rule for result in judge_load(tables) if not result.success and result.severity == "critical"]


def usd(artifact: Artifact, partner: str, code: str, flow: str = "import") -> list[float]:
    return parse(artifact).frame.filter(partner_code=partner, hs_code=code, flow=flow)["value_usd"].to_list()


def is_data(request: Request) -> bool:
    return "/get/" in request.path or "/preview/" in request.path


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


# lists


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


# caps and quotas


def test_a_page_of_exactly_the_cap_is_split_and_no_record_is_lost(visitor, server, play):
    whole = of(visitor(2024).run())[CHINA_2024]
    n_calls = len(server.asked)
    split = of(visitor(2024, key="").run())[CHINA_2024]
    asked = [r.query for r in server.asked[n_calls:] if is_data(r) and r.query["reporterCode"] == "156"]
    assert {query["flowCode"] for query in asked if len(query["period"]) == 4} == {"M,X", "M", "X"}
    assert (split.layout, split.transcription) == ("comtrade_joined", "extract")
    assert parse(split).content_sha256() == parse(whole).content_sha256()
    assert parse(split).frame.height > play.preview_cap


def test_a_part_that_comes_empty_though_the_page_that_was_cut_had_it_is_not_taken(visitor, server):
    def is_part(request: Request) -> bool:
        return is_data(request) and request.query.get("flowCode") == "M"

    asking = visitor(2024, key="")
    play, server.play = server.play, lambda r: Reply(b'{"count":0,"data":[],"error":""}') if is_part(r) else play(r)
    came = asking.run()
    assert CHINA_2024 not in of(came)
    assert "not zero trade" in str(came.failures["A/CHN/2024"])


def test_a_page_that_cannot_be_split_any_more_is_refused(visitor, server, play):
    one = play.records[INDIA, "202601"][0]
    play.records[INDIA, "202601"] = [one] * 500
    came = visitor(2026, key="").run()
    assert "split it by partner" in str(came.failures["M/IND/2026"])


@pytest.mark.parametrize("wait_s", [11_657, None])
def test_a_spent_quota_ends_the_visit_until_it_is_replenished(visitor, play, wait_s):
    play.calls_left, play.wait_s = 4, wait_s
    asking = visitor(2024)
    came = asking.run()
    later = [error for error in came.failures.values() if isinstance(error, TryLaterError)]
    assert len(came.artifacts) >= 2
    assert later
    assert len(later) == len(came.failures)
    assert all(error.not_before for error in later)
    play.calls_left = None
    again = asking.run()
    assert again.failures == {}
    assert not {a.partition for a in again.artifacts} & {a.partition for a in came.artifacts}


def test_a_wrong_key_is_refused_at_once(visitor, server):
    with pytest.raises(NotAllowedError, match=r"401.*invalid subscription key.*look whether the key"):
        visitor(2024, key="another-key-0123456789").run()
    assert len(server.asked) == 1


def test_the_key_is_in_no_address_file_mark_or_error(visitor, server, play, tmp_path):
    play.records[CHINA, "2024"] = []
    asking = visitor(2024)
    came = asking.run()
    said = [repr(came), str(list(came.failures.values())), json.dumps(asking.catalogue), repr(asking.looks)]
    assert not any(KEY in text for text in said)
    assert not any(KEY.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not any(KEY in str(request.query) for request in server.asked)


# whole files


@pytest.mark.parametrize("file_url", ["/bulk/v1/file/{name}", "{name}", "{url}/bulk/v1/file/{{name}}"])
def test_whole_files_say_what_calls_say(visitor, server, play, live, file_url):
    called = of(visitor(2024, 2026).run())
    live(bulk=True)
    play.file_url = file_url.format(url=server.url, name="{name}")
    asking = visitor(2024, 2026)
    asking.run()
    came = visitor(2024, 2026).run()
    assert came.failures == {}
    assert failed(came) == []
    assert of(came).keys() == called.keys()
    for partition, artifact in of(came).items():
        assert (artifact.layout, artifact.transcription) == ("comtrade_bulk", "extract")
        assert rows(parse(artifact)).equals(rows(parse(called[partition]))), partition
    assert asking.run() == Round()


def test_a_file_that_is_cut_off_or_not_listed_is_not_taken(visitor, server, live):
    live(bulk=True)
    asking = visitor(2026)
    server.misbehave(Fault("truncated"), when=lambda request: "/file/" in request.path, times=-1)
    assert asking.run().artifacts == []
    server.behave()
    play, server.play = server.play, lambda r: Reply(b'{"count":0,"data":[]}') if "bulk" in r.path else play(r)
    assert "lists no file" in str(asking.run().failures["M/IND/2026"])
    server.play = play
    assert [artifact.partition for artifact in asking.run().artifacts] == [INDIAS_MONTHS]


# what goes wrong


def wrong(change: Callable[[dict[str, Any]], Any]) -> Callable[[Reply], Reply]:
    def alter(reply: Reply) -> Reply:
        body = json.loads(reply.body)
        return Reply(json.dumps(change(body) or body).encode())

    return alter


WRONG = {
    "another count": (lambda body: body.update(count=3), "says count 3 and holds 6"),
    "an error": (lambda body: body.update(error="Too many"), "says 'Too many'"),
    "an error object": (lambda _: {"errorObject": {"errorMessage": "No such period"}}, "says 'No such period'"),
    "a refusal": (lambda _: {"statusCode": 500, "message": "Internal error"}, "says 'Internal error'"),
    "a column more": (lambda body: [r.update(shipped=1) for r in body["data"]] and None, r"gained \['shipped'\]"),
    "a column less": (lambda body: [r.pop("netWgt") for r in body["data"]] and None, r"lost \['netWgt'\]"),
    "another reporter": (lambda body: body["data"][0].update(reporterCode=40), "record of 40.*not asked for"),
    "another period": (lambda body: body["data"][0].update(period="202512"), "202512.*not asked for"),
    "no list": (lambda _: {"count": 0}, "no list of records"),
}


def test_other_fields_are_a_changed_layout_and_not_asked_for_again(visitor, server):
    change, _ = WRONG["a column more"]
    play = server.play
    server.play = lambda r: wrong(change)(play(r)) if is_data(r) else play(r)
    came = visitor(2026).run()
    assert {type(error) for error in came.failures.values()} == {ChangedError}
    assert sum(map(is_data, server.asked)) == len(came.tasks)


@pytest.mark.parametrize("what", WRONG)
def test_a_body_that_cannot_be_believed_fails_its_task_and_says_why(visitor, server, what):
    change, why = WRONG[what]
    play = server.play
    server.play = lambda r: wrong(change)(play(r)) if is_data(r) else play(r)
    asking = visitor(2026)
    came = asking.run()
    assert came.artifacts == []
    with pytest.raises(FetchError, match=why):
        raise came.failures["M/IND/2026"]
    server.play = play
    assert [artifact.partition for artifact in asking.run().artifacts] == [INDIAS_MONTHS]


KINDS: list[FaultKind] = ["status", "hang", "drip", "close", "truncated", "html", "redirect", "empty"]


@pytest.mark.parametrize(("kind", "at"), product(KINDS, range(1, 7)))
def test_one_fault_is_survived_within_the_visit_or_the_next(visitor, server, kind, at):
    asking = visitor(2025, 2026, **QUICK)
    server.misbehave(Fault(kind), at=at)
    came: list[Artifact] = []
    for _ in range(2):
        try:
            came += asking.run().artifacts
        except FetchError:
            assert kind in ("redirect", "hang", "drip")
    assert sorted(a.partition for a in came) == ["M/CHN/M+X/all/2025", "M/IND/M+X/all/2025", INDIAS_MONTHS]
    assert len(server.asked) >= at


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_busy_server_is_asked_again_within_the_visit(visitor, server, status):
    server.misbehave(Fault("status", status, {"Retry-After": "0"}), when=is_data, times=2)
    came = visitor(2026).run()
    assert (len(came.artifacts), came.failures) == (1, {})


@pytest.mark.parametrize("kind", ["status", "truncated", "html"])
def test_a_lasting_fault_of_one_call_leaves_the_others_and_the_next_visit_repairs_it(visitor, server, kind):
    def of_china(request: Request) -> bool:
        return is_data(request) and request.query["reporterCode"] == "156"

    asking = visitor(2025, 2026)
    server.misbehave(Fault(kind), when=of_china, times=-1)
    came = asking.run()
    assert sorted(of(came)) == ["M/IND/M+X/all/2025", INDIAS_MONTHS]
    assert list(came.failures) == ["M/CHN/2025"]
    server.behave()
    assert sorted(of(asking.run())) == ["M/CHN/M+X/all/2025"]


def test_a_lasting_fault_of_the_list_stops_the_visit_and_loses_nothing(visitor, server):
    asking = visitor(2026)
    server.misbehave(Fault("status", 503), when=lambda request: "getDA" in request.path, times=-1)
    with pytest.raises(FetchError, match="503") as refusal:
        asking.run()
    assert not isinstance(refusal.value, UnusableError)
    server.behave()
    assert len(asking.run().artifacts) == 1
