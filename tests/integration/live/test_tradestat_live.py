"""India's TradeStat asked live, played on loopback: tokens, months that come, are revised and go, and faults."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from sources.http import ChangedError, FetchError, PassingError, TryLaterError
from sources.registry import sources
from tests.helpers.artifacts import all_rows, parse
from tests.helpers.visiting import Round, Visitor
from tests.played.server import Fault, Reply, playing
from tests.played.tradestat import PlayedTradeStat
from warehouse.gates import judge_load

TODAY = date(2026, 8, 24)
JUNE = "MEIDB/2846/import/all/2026-06/usd"
FEW = {"monthly": [{"codes": ["2846"], "measures": ["usd"], "records": 80}], "yearly": []}
LINES = {"monthly": [{"codes": ["28469090"], "measures": ["quantity"], "records": 40}], "yearly": []}
YEARLY = {"codes": ["28469090"], "measures": ["usd", "inr"], "partner": "CHN", "records": 10}
YEARS = {"monthly": [], "yearly": [YEARLY]}
FAULTS = [
    Fault("status", 500), Fault("status", 429), Fault("status", 503, {"Retry-After": "0"}), Fault("hang"),
    Fault("drip"), Fault("close"), Fault("truncated"), Fault("html"), Fault("empty"), Fault("redirect"),
    Fault("status", 419),
]  # fmt: skip


@pytest.fixture
def play():
    return PlayedTradeStat()


@pytest.fixture
def server(play):
    with playing(play) as server:
        yield server


@pytest.fixture
def visitor(server, monkeypatch):
    """A visitor of 2026 who asks for the months of 2846 alone, by their age; `ask` changes what for."""

    def of(ask=FEW, years=(2026, 2026), today=TODAY, newest_months=0, **how) -> Visitor:
        about = sources()["india_tradestat"].about
        monkeypatch.setitem(about, "live", {**about["live"], "newest_months": newest_months, **ask})
        return Visitor("india_tradestat", server.url, years, today, **how)

    return of


def months(came: Round) -> list[str]:
    return [artifact.partition for artifact in came.artifacts]


def stated(came: Round, partition: str) -> pl.DataFrame:
    """The rows of one page."""
    return parse(next(artifact for artifact in came.artifacts if artifact.partition == partition)).frame


def refused_by_gate_one(came: Round) -> list[str]:
    loads = [(artifact, parse(artifact)) for artifact in came.artifacts]
    return [result.rule for result in judge_load(loads) if not result.success and result.severity == "critical"]


def value(frame: pl.DataFrame, partner: str, month: date) -> float:
    return frame.filter(
        (pl.col("partner_code") == partner) & (pl.col("period_type") == "month") & (pl.col("period_start") == month)
    )["value_usd"].item()


def test_the_newest_months_are_asked_for_in_every_visit(visitor, play):
    months_of_2026 = visitor(newest_months=2)
    months_of_2026.run()
    assert {task.key for task in months_of_2026.plan() if "among the newest months" in task.why} == {
        f"MEIDB/2846/{flow}/all/2026-{month:02}/usd" for flow in ("import", "export") for month in (5, 6)
    }
    play.revise("2026-06", "CHINA P RP", 1.5)
    again = months_of_2026.run()
    assert JUNE in months(again)
    assert value(stated(again, JUNE), "CHN", date(2026, 6, 1)) > 0


def test_months_by_partner_are_those_of_the_bundled_extract(visitor):
    came = visitor(years=(2022, 2022)).run()
    assert not came.failures
    assert len(came.artifacts) == 24
    assert {(a.known_from, a.known_basis, a.transcription) for a in came.artifacts} == {(TODAY, "assumed", "original")}
    assert refused_by_gate_one(came) == []
    key = ["partner_code", "flow", "hs_code", "period_start"]
    extract = pl.concat([all_rows("extract_meidb_partners"), all_rows("extract_meidb_totals")]).filter(
        pl.col("period_start").dt.year() == 2022
    )
    pages = pl.concat(parse(artifact).frame for artifact in came.artifacts)
    both = extract.join(pages.filter(pl.col("period_type") == "month"), on=key, how="left", suffix="_live")
    assert both.height == extract.height > 150
    assert both.filter(~pl.col("value_usd").eq_missing(pl.col("value_usd_live"))).is_empty()


def test_mislabelled_months_pass_gate_one_with_their_totals_alone(visitor):
    came = visitor(years=(2023, 2024)).run()
    assert refused_by_gate_one(came) == []
    page = stated(came, "MEIDB/2846/import/all/2023-06/usd").filter(pl.col("period_start") == date(2023, 6, 1))
    assert page["partner_code"].to_list() == ["WLD"]
    year = stated(came, "MEIDB/2846/import/all/2024-12/usd").filter(pl.col("period_type") == "calendar_year")
    assert set(year.filter(~pl.col("is_partner_world"))["period_start"]) == {date(2024, 1, 1)}


def test_quantities_are_kilograms_of_a_line(visitor):
    came = visitor(LINES, years=(2025, 2025)).run()
    assert refused_by_gate_one(came) == []
    year = stated(came, "MEIDB/28469090/import/all/2025-12/quantity").filter(
        (pl.col("period_type") == "calendar_year") & (pl.col("period_start") == date(2025, 1, 1))
    )
    extract = all_rows("extract_meidb_lines_kg").filter(
        (pl.col("hs_code") == "28469090") & (pl.col("period_start") == date(2025, 1, 1))
    )
    known = [frame.filter(pl.col("net_weight_kg").is_not_null()) for frame in (extract, year)]
    weights, live = (dict(frame.select("partner_code", "net_weight_kg").iter_rows()) for frame in known)
    assert live == weights
    assert len(live) > 5


def test_fiscal_years_with_china_are_those_of_the_bundled_extract(visitor):
    came = visitor(YEARS, years=(2018, 2026)).run()
    assert sorted(months(came)) == [
        f"EIDB/28469090/export/CHN/{year}/{measure}" for year in (2021, 2025) for measure in ("inr", "usd")
    ]
    assert refused_by_gate_one(came) == []
    page = stated(came, "EIDB/28469090/export/CHN/2021/usd").filter(pl.col("partner_code") == "CHN")
    extract = all_rows("extract_eidb_exports").filter(
        (pl.col("hs_code") == "28469090")
        & (pl.col("partner_code") == "CHN")
        & (pl.col("value_status") != "not_available")
    )
    both = page.join(extract, on=["period_start"], how="inner", suffix="_held")
    assert both.height >= 3
    assert both.filter(~pl.col("value_usd").eq_missing(pl.col("value_usd_held"))).is_empty()


def test_one_form_serves_all_pages_of_its_report(visitor, server):
    visitor().run()
    asked = [(request.method, request.path.rpartition("_")[2]) for request in server.asked]
    # the first GET is the discovery's
    assert asked.count(("GET", "import")) == 2
    assert asked.count(("GET", "export")) == 1
    assert all(r.headers["referer"].endswith(r.path) for r in server.asked if r.method == "POST")


def test_a_second_visit_asks_for_nothing_that_is_out(visitor):
    visiting = visitor()
    assert len(visiting.run().artifacts) == 12
    again = visiting.run()
    assert again.artifacts == []
    assert {task.key.split("/")[4] for task in again.tasks} == {"2026-07"}


def test_the_plan_makes_no_call_and_says_what_it_costs_and_why(visitor, server):
    tasks = visitor().plan()
    assert server.asked == []
    assert len(tasks) == 14
    assert sum(task.calls for task in tasks) == 16
    assert {task.why for task in tasks} == {"not asked for yet"}


def test_the_first_month_that_is_not_out_ends_the_months_of_the_visit(visitor, server):
    visiting = visitor(today=date(2026, 10, 24))
    came = visiting.run()
    assert not came.failures
    assert JUNE in months(came)
    posted = [request.form["cwacimMonth"] for request in server.asked if "cwacimMonth" in request.form]
    assert posted == ["1", "2", "3", "4", "5", "6", "7"]
    assert len(visiting.run().tasks) == 6


def test_a_month_that_comes_out_is_fetched_in_the_next_visit(visitor, play):
    visiting = visitor()
    visiting.run()
    play.publish("2026-07")
    assert months(visiting.run()) == [f"MEIDB/2846/{flow}/all/2026-07/usd" for flow in ("import", "export")]
    assert visiting.run().tasks == []


def test_a_revised_month_is_a_new_statement_of_its_partition(visitor, play):
    visiting = visitor()
    before = value(stated(visiting.run(), JUNE), "CHN", date(2026, 6, 1))
    play.revise("2026-06", "CHINA P RP", 2)
    visiting.today += timedelta(days=24)
    assert JUNE not in months(visiting.run())
    visiting.today += timedelta(days=1)
    came = visiting.run()
    assert value(stated(came, JUNE), "CHN", date(2026, 6, 1)) == pytest.approx(2 * before)
    assert next(a for a in came.artifacts if a.partition == JUNE).known_from == visiting.today
    assert refused_by_gate_one(came) == []


def test_a_portal_that_says_its_figures_are_newer_is_asked_sooner(visitor, play):
    visiting = visitor()
    visiting.run()
    visiting.today += timedelta(days=8)
    assert JUNE not in {task.key for task in visiting.plan()}
    play.updated = "30/08/2026"
    assert JUNE in months(visiting.run())


def test_months_settle_after_the_fiscal_year_has_closed(visitor):
    visiting = visitor(years=(2024, 2024), today=date(2026, 4, 20))
    assert len(visiting.run().artifacts) == 24
    due = {}
    for today in (date(2026, 4, 30), date(2026, 5, 20), date(2027, 5, 20)):
        visiting.today = today
        due[today.isoformat()] = [task.key.split("/")[4] for task in visiting.run().tasks if "import" in task.key]
    assert due == {"2026-04-30": [], "2026-05-20": [f"2024-{n:02}" for n in range(2, 13)], "2027-05-20": []}


@pytest.mark.parametrize("gone", ["withdraw", "lose_record"])
def test_a_month_that_was_held_and_is_not_out_any_more_is_withdrawn(visitor, play, gone):
    visiting = visitor()
    visiting.run()
    getattr(play, gone)("2026-06")
    visiting.today += timedelta(days=30)
    came = visiting.run()
    assert not came.failures
    left = stated(came, JUNE)
    assert left.filter((pl.col("period_start") == date(2026, 6, 1)) & (pl.col("period_type") == "month")).is_empty()
    assert visiting.looks[JUNE].marks["found"] == "withdrawn"
    assert refused_by_gate_one(came) == []


def test_a_month_is_not_withdrawn_on_one_answer_alone(visitor, server, play):
    visiting = visitor()
    visiting.run()
    visiting.today += timedelta(days=30)
    play.lose_record("2026-06")
    seen = []

    def mend_after_one(request):
        if request.form.get("cwacimMonth") == "6":
            seen.append(request)
            if len(seen) == 2:
                play.mend()
        return False

    server.misbehave(Fault("close"), when=mend_after_one)
    came = visiting.run()
    assert value(stated(came, JUNE), "CHN", date(2026, 6, 1)) > 0
    assert visiting.looks[JUNE].marks["found"] == "out"


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
    visiting = visitor(years=(2025, 2025), today=date(2025, 2, 20), manners={"timeout_s": 0.3, "deadline_s": 0.6})
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
