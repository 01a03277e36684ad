"""India's TradeStat asked live: sessions, forms and pages that changed, and faults of its server."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from sources.http.errors import FetchError, RateLimitedError, RetryableError, SchemaChangedError
from tests.fakes.server import Fault, Reply
from tests.helpers.fetch_harness import config_for
from tests.publishers.india_tradestat.fake import FakeTradeStat
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


def test_an_expired_session_is_replaced(harness, server, fake):
    def expire(request):
        if request.number == 5:
            fake.expire_sessions()
        return False

    server.add_fault(Fault("close"), when=expire)
    outcome = harness().run()
    assert not outcome.failures
    assert len(outcome.artifacts) == 12


def test_a_portal_that_accepts_no_form_ends_the_run_after_twelve_pages(harness, server):
    server.add_fault(Fault("status", 419), when=lambda request: request.method == "POST", times=-1)
    failures = list(harness(years=(2022, 2022)).run().failures.values())
    assert [isinstance(error, RateLimitedError) for error in failures[:12]] == [False] * 11 + [True]
    assert "12 pages in a row" in str(failures[11])


@pytest.mark.parametrize("guarded_by", ["meta", "refresh"])
def test_the_token_is_found_wherever_the_page_has_it(harness, fake, guarded_by):
    fake.guarded_by = guarded_by
    outcome = harness().run()
    assert not outcome.failures
    assert len(outcome.artifacts) == 12


@pytest.mark.parametrize(
    "fake",
    [
        FakeTradeStat({"import": "imdd", "export": "imdd"}),
        FakeTradeStat({"import": "cwacim", "export": "cwacex"}, has_controls=False),
        FakeTradeStat({"import": "trade", "export": "trade"}),
    ],
)
def test_a_form_with_other_names_is_filled_by_what_its_controls_offer(harness, fake):
    assert fake.reports == 0
    outcome = harness().run()
    assert not outcome.failures
    assert len(outcome.artifacts) == 12


def test_a_page_to_sign_in_is_refused_by_name_and_the_next_run_repairs_it(harness, fake):
    fetching = harness()
    fake.ask_to_sign_in()
    outcome = fetching.run()
    assert outcome.artifacts == []
    assert "form where the report is due" in str(outcome.failures[JUNE])
    fake.restore()
    assert len(fetching.run().artifacts) == 12


def test_a_form_that_repeats_what_was_asked_for_and_has_no_report_is_no_figure(harness, server, fake):
    fetching = harness(YEARS)
    fake.leave_out_tables()
    outcome = fetching.run()
    assert (outcome.artifacts, outcome.failures) == ([], {})
    assert sum(request.method == "POST" for request in server.requests) == len(outcome.tasks)
    assert {state.cursor["found"] for state in fetching.states.values()} == {"not out"}


def test_what_was_held_stays_where_no_report_is_shown(harness, fake):
    fetching = harness()
    fetching.run()
    fake.leave_out_tables()
    fetching.today += timedelta(days=30)
    outcome = fetching.run()
    assert (outcome.artifacts, outcome.failures) == ([], {})


def test_changed_columns_fail_each_page_by_name_and_land_nothing(harness, fake):
    fetching = harness()
    fake.change_columns()
    outcome = fetching.run()
    assert outcome.artifacts == []
    assert "gained ['Rank']" in str(outcome.failures[JUNE])
    assert "2846" in str(outcome.failures[JUNE])
    fake.restore()
    assert len(fetching.run().artifacts) == 12


def test_a_renamed_column_is_reported_as_a_changed_layout(harness, server):
    answer = server.responder

    def renamed(request):
        reply = answer(request)
        reply.body = reply.body.replace(b"<th>Country</th>", b"<th>Origin</th>")
        return reply

    server.responder = renamed
    error = harness().run().failures[JUNE]
    assert isinstance(error, SchemaChangedError)
    assert "lost ['Country'], gained ['Origin']" in str(error)


@pytest.mark.parametrize("gone", ["/meidb/commodity_wise_all_countries_import", "/meidb/", "/eidb/"])
@pytest.mark.parametrize("fault", [Fault("status", 404), Fault("status", 403), Fault("html")])
def test_a_bank_or_page_that_is_gone_leaves_the_others(harness, server, gone, fault):
    server.add_fault(fault, when=lambda request: request.path.startswith(gone), times=-1)
    outcome = harness({"monthly": FEW["monthly"], "yearly": [YEARLY]}, years=(2021, 2021)).run()
    assert outcome.failures.keys() == {task.key for task in outcome.tasks if f"/{task.service}".startswith(gone)}
    assert outcome.artifacts
    assert all(isinstance(error, RetryableError) for error in outcome.failures.values())


def test_the_portals_date_is_found_on_another_page_of_its_bank(harness, server):
    answer = server.responder

    def moved(request):
        if request.path == "/meidb/commodity_wise_all_countries_import":
            return Reply(b"", "text/html", 404)
        return answer(replace(request, path=request.path.replace("commoditywise", "commodity_wise_all_countries")))

    server.responder = moved
    fetching = harness()
    fetching.run()
    assert fetching.catalogue == {"updated": "2026-08-07"}


def test_a_page_cut_short_that_says_it_is_whole_is_asked_again(harness, server, fake):
    fetching = harness()
    answer = server.responder

    def cut(request):
        reply = answer(request)
        if request.number == 3:
            reply.body = reply.body[: reply.body.index(b"<tfoot")]
        return reply

    server.responder = cut
    outcome = fetching.run()
    assert not outcome.failures
    assert len(outcome.artifacts) == 12


def test_a_page_whose_partners_are_not_its_total_never_lands(harness, server):
    answer = server.responder

    def garbled(request):
        reply = answer(request)
        if request.form.get("cwacimMonth") == "6":
            reply.body = reply.body.replace(b"<td>CHINA P RP", b"<td>JAPAN").replace(b"<td align=right>1</td>", b"")
        return reply

    server.responder = garbled
    outcome = harness().run()
    assert JUNE in outcome.failures
    assert isinstance(outcome.failures[JUNE], FetchError)
    assert JUNE not in months(outcome)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind}-{fault.status}")
@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_one_fault_at_any_request_is_survived_in_the_run_or_the_next(harness, server, fault, at):
    fetching = harness(years=(2025, 2025), today=date(2025, 2, 20), config=config_for(fault.kind))
    server.add_fault(fault, at=at)
    landed = []
    for _ in range(2):
        try:
            landed += months(fetching.run())
        except FetchError:
            assert at == 1
    assert sorted(landed) == [f"MEIDB/2846/{flow}/all/2025-01/usd" for flow in ("export", "import")]


@pytest.mark.parametrize("fault", [Fault("status", 500), Fault("html"), Fault("close"), Fault("status", 404)])
def test_a_lasting_fault_fails_its_pages_only(harness, server, fault):
    fetching = harness(years=(2026, 2026))
    server.add_fault(fault, when=lambda request: request.form.get("cwacimMonth") == "3", times=-1)
    outcome = fetching.run()
    assert list(outcome.failures) == ["MEIDB/2846/import/all/2026-03/usd"]
    assert "commodity_wise_all_countries_import" in str(next(iter(outcome.failures.values())))
    server.clear_faults()
    assert months(fetching.run()) == ["MEIDB/2846/import/all/2026-03/usd"]


def test_a_backfill_cut_off_again_and_again_never_asks_twice_for_what_landed(harness, server):
    fetching = harness(years=(2022, 2022))
    calls = 0

    for _ in range(10):
        context = fetching.context()
        for task in fetching.fetcher.plan(context)[:2]:
            fetching.keep(task, fetching.fetcher.fetch(context, task))
            calls += 1
    assert calls == 20
    fetching.run()
    posted = [tuple(sorted(request.form.items())) for request in server.requests if request.method == "POST"]
    without = [tuple(pair for pair in fields if pair[0] != "_token") for fields in posted]
    assert len(without) == len(set(without)) == 24
