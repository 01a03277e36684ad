"""India's TradeStat asked live: months and years that come, are revised, settle and go."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from tests.fakes.server import Fault
from tests.helpers.artifacts import all_rows, parse
from tests.publishers.india_tradestat.live_calls import (
    FEW,
    JUNE,
    LINES,
    TODAY,
    YEARS,
    months,
    refused_by_gate_one,
    stated,
    value,
)

pytestmark = pytest.mark.thorough


def test_the_newest_months_are_asked_for_in_every_run(harness, fake):
    months_of_2026 = harness(newest_months=2)
    months_of_2026.run()
    assert {task.key for task in months_of_2026.plan() if "among the newest months" in task.why} == {
        f"MEIDB/2846/{flow}/all/2026-{month:02}/usd" for flow in ("import", "export") for month in (5, 6)
    }
    fake.revise("2026-06", "CHINA P RP", 1.5)
    again = months_of_2026.run()
    assert JUNE in months(again)
    assert value(stated(again, JUNE), "CHN", date(2026, 6, 1)) > 0


def test_months_by_partner_are_those_of_the_bundled_extract(harness):
    outcome = harness(years=(2022, 2022)).run()
    assert not outcome.failures
    assert len(outcome.artifacts) == 24
    assert {(a.known_from, a.known_basis, a.transcription) for a in outcome.artifacts} == {
        (TODAY, "assumed", "original")
    }
    assert refused_by_gate_one(outcome) == []
    key = ["partner_code", "flow", "hs_code", "period_start"]
    extract = pl.concat([all_rows("extract_meidb_partners"), all_rows("extract_meidb_totals")]).filter(
        pl.col("period_start").dt.year() == 2022
    )
    pages = pl.concat(parse(artifact).frame for artifact in outcome.artifacts)
    both = extract.join(pages.filter(pl.col("period_type") == "month"), on=key, how="left", suffix="_live")
    assert both.height == extract.height > 150
    assert both.filter(~pl.col("value_usd").eq_missing(pl.col("value_usd_live"))).is_empty()


def test_mislabelled_months_pass_gate_one_with_their_totals_alone(harness):
    outcome = harness(years=(2023, 2024)).run()
    assert refused_by_gate_one(outcome) == []
    page = stated(outcome, "MEIDB/2846/import/all/2024-06/usd").filter(pl.col("period_start") == date(2023, 6, 1))
    assert page["partner_code"].to_list() == ["WLD"]
    year = stated(outcome, "MEIDB/2846/import/all/2024-12/usd").filter(pl.col("period_type") == "calendar_year")
    assert set(year.filter(~pl.col("is_partner_world"))["period_start"]) == {date(2024, 1, 1)}


def test_quantities_are_kilograms_of_a_line(harness):
    outcome = harness(LINES, years=(2025, 2025)).run()
    assert refused_by_gate_one(outcome) == []
    year = stated(outcome, "MEIDB/28469090/import/all/2025-12/quantity").filter(
        (pl.col("period_type") == "calendar_year") & (pl.col("period_start") == date(2025, 1, 1))
    )
    extract = all_rows("extract_meidb_lines_kg").filter(
        (pl.col("hs_code") == "28469090") & (pl.col("period_start") == date(2025, 1, 1))
    )
    known = [frame.filter(pl.col("net_weight_kg").is_not_null()) for frame in (extract, year)]
    weights, live = (dict(frame.select("partner_code", "net_weight_kg").iter_rows()) for frame in known)
    assert live == weights
    assert len(live) > 5


def test_fiscal_years_with_china_are_those_of_the_bundled_extract(harness):
    outcome = harness(YEARS, years=(2018, 2026)).run()
    assert sorted(months(outcome)) == [
        f"EIDB/28469090/export/CHN/{year}/{measure}" for year in (2021, 2025) for measure in ("inr", "quantity", "usd")
    ]
    assert refused_by_gate_one(outcome) == []
    page = stated(outcome, "EIDB/28469090/export/CHN/2021/usd").filter(pl.col("partner_code") == "CHN")
    extract = all_rows("extract_eidb_exports").filter(
        (pl.col("hs_code") == "28469090")
        & (pl.col("partner_code") == "CHN")
        & (pl.col("value_status") != "not_available")
    )
    both = page.join(extract, on=["period_start"], how="inner", suffix="_held")
    assert both.height >= 3
    assert both.filter(~pl.col("value_usd").eq_missing(pl.col("value_usd_held"))).is_empty()
    weights = stated(outcome, "EIDB/28469090/export/CHN/2021/quantity").filter(pl.col("partner_code") == "CHN")
    both = weights.join(extract, on=["period_start"], how="inner", suffix="_held")
    assert both["net_weight_kg"].drop_nulls().len() >= 3
    assert both.filter(~pl.col("net_weight_kg").eq_missing(pl.col("net_weight_kg_held"))).is_empty()


def test_a_month_is_left_to_the_page_of_a_year_later(harness):
    fetching = harness(years=(2018, 2026))
    outcome = fetching.run()
    assert {a.partition.split("/")[4][:4] for a in outcome.artifacts if a.partition.endswith("-01/usd")} == {
        "2026", "2024", "2022", "2020", "2018",
    }  # fmt: skip
    key = ["partner_code", "flow", "period_start"]
    pages = pl.concat(parse(artifact).frame for artifact in outcome.artifacts).filter(pl.col("period_type") == "month")
    extract = pl.concat([all_rows("extract_meidb_partners"), all_rows("extract_meidb_totals")])
    assert extract.height > 1_500
    assert extract.join(pages, on=key, how="anti").is_empty()
    assert fetching.run().artifacts == []


def test_a_month_has_a_page_of_its_own_where_a_year_later_may_not_be_out(harness):
    tasks = {task.key for task in harness(years=(2025, 2026), today=date(2026, 8, 24)).plan() if "import" in task.key}
    months = {key.split("/")[4] for key in tasks}
    assert {"2026-04", "2026-05", "2025-05", "2025-12"} <= months
    assert "2025-04" not in months


def test_a_line_without_trade_leaves_no_month_open(harness):
    fetching = harness({"monthly": [*FEW["monthly"], *LINES["monthly"]], "yearly": []}, years=(2018, 2026))
    first = fetching.run()
    assert {state.cursor["found"] for state in fetching.states.values()} >= {"out", "no trade"}
    again = {task.key for task in fetching.run().tasks}
    assert len(again) < len(first.tasks) / 10


def test_a_line_that_traded_a_year_before_lands_by_the_page_of_a_year_later(harness):
    cerium = {"monthly": [{"codes": ["28461010"], "measures": ["quantity"], "records": 40}], "yearly": []}
    outcome = harness(cerium, years=(2022, 2023)).run()
    page = stated(outcome, "MEIDB/28461010/import/all/2023-08/quantity")
    weighed = page.filter((pl.col("net_weight_kg") > 0) & (pl.col("period_type") == "month"))
    assert set(weighed["period_start"].dt.year()) == {2022}
    assert weighed.height >= 4


def test_a_run_that_resumes_another_asks_for_no_page_twice(harness, server):
    fetching = harness(newest_months=2)
    server.add_fault(Fault("close"), when=lambda r: r.method == "POST" and r.form.get("cwacimMonth") == "3", times=-1)
    assert fetching.run().failures
    server.clear_faults()
    posted = len(server.requests)
    resumed = fetching.run()
    assert {task.key for task in resumed.tasks} == {"MEIDB/2846/import/all/2026-03/usd"}
    assert not resumed.failures
    assert sum(request.method == "POST" for request in server.requests[posted:]) == 1
    assert JUNE in {task.key for task in fetching.plan()}


def test_one_form_serves_all_pages_of_its_report(harness, server):
    harness().run()
    asked = [(request.method, request.path.rpartition("_")[2]) for request in server.requests]
    # the first GET is the discovery's
    assert asked.count(("GET", "import")) == 2
    assert asked.count(("GET", "export")) == 1
    assert all(r.headers["referer"].endswith(r.path) for r in server.requests if r.method == "POST")


def test_a_second_run_asks_for_nothing_that_is_out(harness):
    fetching = harness()
    assert len(fetching.run().artifacts) == 12
    again = fetching.run()
    assert again.artifacts == []
    assert {task.key.split("/")[4] for task in again.tasks} == {"2026-07"}


def test_the_plan_makes_no_call_and_says_what_it_costs_and_why(harness, server):
    tasks = harness().plan()
    assert server.requests == []
    assert len(tasks) == 14
    assert sum(task.calls for task in tasks) == 16
    assert {task.why for task in tasks} == {"not fetched yet"}


def test_the_first_month_that_is_not_out_ends_the_months_of_the_run(harness, server):
    fetching = harness(today=date(2026, 10, 24))
    outcome = fetching.run()
    assert not outcome.failures
    assert JUNE in months(outcome)
    posted = [request.form["cwacimMonth"] for request in server.requests if "cwacimMonth" in request.form]
    assert posted == ["9", "8", "7", "6", "5", "4", "3", "2", "1"]
    assert sum("cwacexMonth" in request.form for request in server.requests) == 6
    assert len(fetching.run().tasks) == 6


def test_a_month_that_comes_out_is_fetched_in_the_next_run(harness, fake):
    fetching = harness()
    fetching.run()
    fake.publish("2026-07")
    assert months(fetching.run()) == [f"MEIDB/2846/{flow}/all/2026-07/usd" for flow in ("import", "export")]
    assert fetching.run().tasks == []


def test_a_revised_month_is_a_new_statement_of_its_partition(harness, fake):
    fetching = harness()
    before = value(stated(fetching.run(), JUNE), "CHN", date(2026, 6, 1))
    fake.revise("2026-06", "CHINA P RP", 2)
    fetching.today += timedelta(days=24)
    assert JUNE not in months(fetching.run())
    fetching.today += timedelta(days=1)
    outcome = fetching.run()
    assert value(stated(outcome, JUNE), "CHN", date(2026, 6, 1)) == pytest.approx(2 * before)
    assert next(a for a in outcome.artifacts if a.partition == JUNE).known_from == fetching.today
    assert refused_by_gate_one(outcome) == []


def test_a_portal_that_says_its_figures_are_newer_is_asked_sooner(harness, fake):
    fetching = harness()
    fetching.run()
    fetching.today += timedelta(days=8)
    assert JUNE not in {task.key for task in fetching.plan()}
    fake.updated = "30/08/2026"
    assert JUNE in months(fetching.run())


def test_months_settle_after_the_fiscal_year_has_closed(harness):
    fetching = harness(years=(2024, 2024), today=date(2026, 4, 20))
    assert len(fetching.run().artifacts) == 24
    due = {}
    for today in (date(2026, 4, 30), date(2026, 5, 20), date(2027, 5, 20)):
        fetching.today = today
        due[today.isoformat()] = [task.key.split("/")[4] for task in fetching.run().tasks if "import" in task.key]
    assert due == {"2026-04-30": [], "2026-05-20": [f"2024-{n:02}" for n in range(12, 1, -1)], "2027-05-20": []}


@pytest.mark.parametrize("gone", ["withdraw", "lose_record"])
def test_a_month_that_was_held_and_is_not_out_any_more_is_withdrawn(harness, fake, gone):
    fetching = harness()
    fetching.run()
    getattr(fake, gone)("2026-06")
    fetching.today += timedelta(days=30)
    outcome = fetching.run()
    assert not outcome.failures
    left = stated(outcome, JUNE)
    assert left.filter((pl.col("period_start") == date(2026, 6, 1)) & (pl.col("period_type") == "month")).is_empty()
    assert fetching.states[JUNE].cursor["found"] == "withdrawn"
    assert refused_by_gate_one(outcome) == []


def test_a_month_is_not_withdrawn_on_one_answer_alone(harness, server, fake):
    fetching = harness()
    fetching.run()
    fetching.today += timedelta(days=30)
    fake.lose_record("2026-06")
    seen = []

    def repair_after_one(request):
        if request.form.get("cwacimMonth") == "6":
            seen.append(request)
            if len(seen) == 2:
                fake.restore()
        return False

    server.add_fault(Fault("close"), when=repair_after_one)
    outcome = fetching.run()
    assert value(stated(outcome, JUNE), "CHN", date(2026, 6, 1)) > 0
    assert fetching.states[JUNE].cursor["found"] == "out"
