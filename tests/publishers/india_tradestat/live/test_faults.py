"""India's TradeStat asked live: sessions, forms and pages that changed, and faults of its server."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from sources.http.client import ChangedError, FetchError, PassingError, TryLaterError
from tests.fakes.server import Fault, Reply
from tests.helpers.visiting import manners_for
from tests.publishers.india_tradestat.fake import PlayedTradeStat
from tests.publishers.india_tradestat.live_calls import (
    FEW,
    JUNE,
    YEARLY,
    YEARS,
    months,
)

pytestmark = pytest.mark.thorough

FAULTS = [
    Fault("status", 500), Fault("status", 429), Fault("status", 503, {"Retry-After": "0"}), Fault("hang"),
    Fault("drip"), Fault("close"), Fault("truncated"), Fault("html"), Fault("empty"), Fault("redirect"),
    Fault("status", 419),
]  # fmt: skip


def test_an_expired_session_is_begun_anew(visitor, server, play):
    def expire(request):
        if request.number == 5:
            play.expire_sessions()
        return False

    server.misbehave(Fault("close"), when=expire)
    came = visitor().run()
    assert not came.failures
    assert len(came.artifacts) == 12


def test_a_portal_that_takes_no_form_ends_the_visit_after_twelve_pages(visitor, server):
    server.misbehave(Fault("status", 419), when=lambda request: request.method == "POST", times=-1)
    failures = list(visitor(years=(2022, 2022)).run().failures.values())
    assert [isinstance(error, TryLaterError) for error in failures[:12]] == [False] * 11 + [True]
    assert "for 12 pages in a row" in str(failures[11])


@pytest.mark.parametrize("guarded_by", ["meta", "refresh"])
def test_the_token_is_found_wherever_the_page_has_it(visitor, play, guarded_by):
    play.guarded_by = guarded_by
    came = visitor().run()
    assert not came.failures
    assert len(came.artifacts) == 12


@pytest.mark.parametrize(
    "play",
    [
        PlayedTradeStat({"import": "imdd", "export": "imdd"}),
        PlayedTradeStat({"import": "cwacim", "export": "cwacex"}, has_controls=False),
        PlayedTradeStat({"import": "trade", "export": "trade"}),
    ],
)
def test_a_form_with_other_names_is_filled_by_what_its_controls_offer(visitor, play):
    assert play.reports == 0
    came = visitor().run()
    assert not came.failures
    assert len(came.artifacts) == 12


def test_a_page_to_sign_in_is_refused_by_name_and_the_next_visit_repairs_it(visitor, play):
    visiting = visitor()
    play.ask_to_sign_in()
    came = visiting.run()
    assert came.artifacts == []
    assert "form where the report is due" in str(came.failures[JUNE])
    play.mend()
    assert len(visiting.run().artifacts) == 12


def test_a_form_that_repeats_what_was_asked_for_and_has_no_report_is_no_figure(visitor, server, play):
    visiting = visitor(YEARS)
    play.leave_out_tables()
    came = visiting.run()
    assert (came.artifacts, came.failures) == ([], {})
    assert sum(request.method == "POST" for request in server.asked) == len(came.tasks)
    assert {look.marks["found"] for look in visiting.looks.values()} == {"not out"}


def test_what_was_held_stays_where_no_report_is_shown(visitor, play):
    visiting = visitor()
    visiting.run()
    play.leave_out_tables()
    visiting.today += timedelta(days=30)
    came = visiting.run()
    assert (came.artifacts, came.failures) == ([], {})


def test_changed_columns_fail_each_page_by_name_and_land_nothing(visitor, play):
    visiting = visitor()
    play.change_columns()
    came = visiting.run()
    assert came.artifacts == []
    assert "gained ['Rank']" in str(came.failures[JUNE])
    assert "2846" in str(came.failures[JUNE])
    play.mend()
    assert len(visiting.run().artifacts) == 12


def test_a_renamed_column_is_said_to_be_a_changed_layout(visitor, server):
    answer = server.play

    def renamed(request):
        reply = answer(request)
        reply.body = reply.body.replace(b"<th>Country</th>", b"<th>Origin</th>")
        return reply

    server.play = renamed
    error = visitor().run().failures[JUNE]
    assert isinstance(error, ChangedError)
    assert "lost ['Country'], gained ['Origin']" in str(error)


@pytest.mark.parametrize("gone", ["/meidb/commodity_wise_all_countries_import", "/meidb/", "/eidb/"])
@pytest.mark.parametrize("fault", [Fault("status", 404), Fault("status", 403), Fault("html")])
def test_a_bank_or_page_that_is_gone_leaves_the_others(visitor, server, gone, fault):
    server.misbehave(fault, when=lambda request: request.path.startswith(gone), times=-1)
    came = visitor({"monthly": FEW["monthly"], "yearly": [YEARLY]}, years=(2021, 2021)).run()
    assert came.failures.keys() == {task.key for task in came.tasks if f"/{task.service}".startswith(gone)}
    assert came.artifacts
    assert all(isinstance(error, PassingError) for error in came.failures.values())


def test_the_portals_date_is_found_on_another_page_of_its_bank(visitor, server):
    answer = server.play

    def moved(request):
        if request.path == "/meidb/commodity_wise_all_countries_import":
            return Reply(b"", "text/html", 404)
        return answer(replace(request, path=request.path.replace("commoditywise", "commodity_wise_all_countries")))

    server.play = moved
    visiting = visitor()
    visiting.run()
    assert visiting.catalogue == {"updated": "2026-08-07"}


def test_a_page_cut_short_that_says_it_is_whole_is_asked_again(visitor, server, play):
    visiting = visitor()
    answer = server.play

    def cut(request):
        reply = answer(request)
        if request.number == 3:
            reply.body = reply.body[: reply.body.index(b"<tfoot")]
        return reply

    server.play = cut
    came = visiting.run()
    assert not came.failures
    assert len(came.artifacts) == 12


def test_a_page_whose_partners_are_not_its_total_never_lands(visitor, server):
    answer = server.play

    def garbled(request):
        reply = answer(request)
        if request.form.get("cwacimMonth") == "6":
            reply.body = reply.body.replace(b"<td>CHINA P RP", b"<td>JAPAN").replace(b"<td align=right>1</td>", b"")
        return reply

    server.play = garbled
    came = visitor().run()
    assert JUNE in came.failures
    assert isinstance(came.failures[JUNE], FetchError)
    assert JUNE not in months(came)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind}-{fault.status}")
@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_one_fault_at_any_request_is_survived_in_the_visit_or_the_next(visitor, server, fault, at):
    visiting = visitor(years=(2025, 2025), today=date(2025, 2, 20), manners=manners_for(fault.kind))
    server.misbehave(fault, at=at)
    landed = []
    for _ in range(2):
        try:
            landed += months(visiting.run())
        except FetchError:
            assert at == 1
    assert sorted(landed) == [f"MEIDB/2846/{flow}/all/2025-01/usd" for flow in ("export", "import")]


@pytest.mark.parametrize("fault", [Fault("status", 500), Fault("html"), Fault("close"), Fault("status", 404)])
def test_a_lasting_fault_fails_its_pages_only(visitor, server, fault):
    visiting = visitor(years=(2026, 2026))
    server.misbehave(fault, when=lambda request: request.form.get("cwacimMonth") == "3", times=-1)
    came = visiting.run()
    assert list(came.failures) == ["MEIDB/2846/import/all/2026-03/usd"]
    assert "commodity_wise_all_countries_import" in str(next(iter(came.failures.values())))
    server.behave()
    assert months(visiting.run()) == ["MEIDB/2846/import/all/2026-03/usd"]


def test_a_backfill_cut_off_again_and_again_never_asks_twice_for_what_landed(visitor, server):
    visiting = visitor(years=(2022, 2022))
    calls = 0

    for _ in range(10):
        visit = visiting.visit()
        for task in visiting.fetcher.plan(visit)[:2]:
            visiting.keep(task, visiting.fetcher.fetch(visit, task))
            calls += 1
    assert calls == 20
    visiting.run()
    posted = [tuple(sorted(request.form.items())) for request in server.asked if request.method == "POST"]
    without = [tuple(pair for pair in fields if pair[0] != "_token") for fields in posted]
    assert len(without) == len(set(without)) == 24
