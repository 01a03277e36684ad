"""What of UN Comtrade is due, at what cost and in which order; and how a partition of all codes is read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sources.http.client import Client
from sources.http.config import ClientConfig
from sources.http.fetcher import FetchContext, Task, TaskState, Window
from sources.model.artifact import LayoutError, TruncatedError
from sources.model.products import HS_CODES
from sources.publishers.un_comtrade.fetch import plan
from sources.publishers.un_comtrade.fetch.pages import Query
from sources.publishers.un_comtrade.fetch.planning import (
    DataSet,
    PartitionCursor,
    area_of,
    counts_of,
    expected_records,
    known_from,
)
from sources.registry import sources
from tests.helpers.artifacts import parse, reasons
from tests.publishers.un_comtrade.builders import body, comtrade, record
from warehouse.quality.gates import judge_load

TODAY = date(2026, 11, 24)
EU = "AUT BEL BGR CYP CZE DEU DNK ESP EST FIN FRA GRC HRV HUN IRL ITA LTU LUX LVA MLT NLD POL PRT ROU SVK SVN SWE"
ALL = (2010, 2026)
CORRIDOR = (699, 156)
DENSE = {
    "A/IND/all/all/2009": 800,
    "M/IND/all/all/200912": 350,
    "A/CHN/all/all/2009": 1500,
    "M/CHN/all/all/200912": 700,
}
"""Records of India and China, all codes and flows, as the density of 850511 in 2024 suggests."""


@pytest.fixture
def context(tmp_path):
    def make(years: tuple[int, int] = ALL, *, key: str = "a-key", premium: bool = False, **known: Any) -> FetchContext:
        about = sources()["un_comtrade"].about
        return FetchContext(
            source_code="un_comtrade",
            about=about,
            settings={"premium": premium},
            http=Client("un_comtrade", ClientConfig("http://127.0.0.1:9", key=key), tmp_path),
            folder=tmp_path,
            today=known.pop("today", TODAY),
            window=Window(date(years[0], 1, 1), date(years[1], 12, 31)),
            **known,
        )

    return make


def everything_listed() -> dict[str, Any]:
    """A catalogue in which each reporter has released all there may be."""
    reporters = [reporter for group in sources()["un_comtrade"].about["live"]["groups"] for reporter in group]
    years = {str(year): f"{year + 1}-06-20T00:00:00" for year in range(2010, 2026)}
    months = [f"{year}{month:02}" for year in range(2010, 2027) for month in range(1, 13)]
    dates = {month: f"{int(month[:4]) + 1}-01-01T00:00:00" for month in months if month < "202609"}
    return {"listed": {"A": {str(r): years for r in reporters}, "M": {str(r): dates for r in reporters}}}


def with_second_partners() -> dict[str, Any]:
    """The same, and the corridor's data sets may all have second partners."""
    listed = everything_listed()["listed"]
    flags = {
        frequency: {str(reporter): dict.fromkeys(dates[str(reporter)], True) for reporter in CORRIDOR}
        for frequency, dates in listed.items()
    }
    return {"listed": listed, "via": flags}


def fetched(tasks: list[Task], today: date = TODAY, n_records: int = 100) -> dict[str, TaskState]:
    """Task states after all tasks were fetched."""
    at = datetime.combine(today, datetime.min.time(), UTC)
    return {
        task.key: TaskState(
            at,
            {
                due.data_set.partition: str(PartitionCursor(due.released, today, n_records))
                for due in task.params["due"]
            },
        )
        for task in tasks
    }


def is_via(task: Task) -> bool:
    return task.key.endswith("/via")


def due_of(tasks: list[Task]) -> set[str]:
    return {due.data_set.partition for task in tasks for due in task.params["due"]}


def test_india_china_the_other_four_two_hubs_and_the_union_are_requested():
    groups = sources()["un_comtrade"].about["live"]["groups"]
    areas = [area_of(reporter) for group in groups for reporter in group]
    assert areas[:8] == ["IND", "CHN", "USA", "JPN", "KOR", "VNM", "HKG", "SGP"]
    assert " ".join(sorted(areas[8:])) == EU


def test_all_years_and_months_of_all_reporters_take_266_calls_with_a_key(context):
    tasks = plan(context(catalogue=everything_listed()))
    assert sum(task.calls for task in tasks) == 266 == len(tasks)
    assert sum(task.calls for task in tasks if task.key.startswith("A/")) == 28
    assert len(due_of(tasks)) == 35 * (16 + 200)
    assert sum(task.calls for task in tasks) + 4 < sources()["un_comtrade"].about["live"]["daily_calls"]


def test_no_call_with_a_key_is_expected_near_the_cap(context):
    assert max(task.records or 0 for task in plan(context(catalogue=everything_listed()))) <= 42_000


def test_before_the_first_discovery_the_plan_says_what_it_takes_at_most(context):
    first, listed = plan(context()), plan(context(catalogue=with_second_partners()))
    assert {task.key for task in first} == {task.key for task in listed}
    assert all(task.why.endswith("at most, since it is not known yet which data sets exist") for task in first)
    assert sum(task.calls for task in first) == 266 + 19


def test_a_month_of_news_takes_few_calls(context):
    catalogue = everything_listed()
    looks = fetched(plan(context(catalogue=catalogue)))
    assert plan(context(catalogue=catalogue, states=looks)) == []
    for reporter in ("699", "156", "251", "380"):
        catalogue["listed"]["M"][reporter] = catalogue["listed"]["M"][reporter] | {"202609": "2026-11-20T00:00:00"}
    tasks = plan(context(catalogue=catalogue, states=looks))
    assert [task.key for task in tasks] == ["M/IND/2026", "M/CHN/2026", "M/FRA+ITA+NLD/2026"]
    assert tasks[2].params["reporters"] == [251, 380]
    assert sum(task.calls for task in tasks) == 3


def test_the_corridor_comes_first_and_in_it_and_after_it_the_newest_years(context):
    tasks = plan(context(catalogue=everything_listed()))
    keys = [task.key for task in tasks]
    assert keys[:5] == ["M/IND/2026", "M/CHN/2026", "A/IND/2022-2033", "M/IND/2025", "A/CHN/2022-2033"]
    is_corridor = [key.split("/")[1] in {"IND", "CHN"} for key in keys]
    n_corridor = sum(is_corridor)
    assert is_corridor == [True] * n_corridor + [False] * (len(keys) - n_corridor)
    for part in (tasks[:n_corridor], tasks[n_corridor:]):
        years = [task.last.year for task in part]
        assert years == sorted(years, reverse=True)


def test_without_a_key_the_first_day_has_the_corridor_of_eleven_years(context):
    """Of all years of India and China, and of their months from 2015 on, with as many records as they have."""
    catalogue = everything_listed()
    at = datetime.combine(TODAY, datetime.min.time(), UTC)
    cursor = {name: str(PartitionCursor("", TODAY, n)) for name, n in DENSE.items()}
    tasks = plan(context(key="", catalogue=catalogue, states={"earlier": TaskState(at, cursor)}))
    calls, reached = 0, []
    for task in tasks:
        calls += task.calls
        if calls > 490:
            break
        reached.append(task.key)
    assert {key.split("/")[1] for key in reached} == {"IND", "CHN"}
    assert {f"M/{area}/{year}" for area in ("IND", "CHN") for year in range(2016, 2027)} <= set(reached)


def test_only_years_that_the_window_touches_are_due_and_keys_do_not_change_with_it(context):
    narrow = plan(context((2023, 2024), catalogue=everything_listed()))
    assert {partition.split("/")[-1][:4] for partition in due_of(narrow)} == {"2023", "2024"}
    assert {task.key for task in narrow} <= {task.key for task in plan(context(catalogue=everything_listed()))}
    assert all(task.first >= date(2023, 1, 1) and task.last <= date(2024, 12, 31) for task in narrow)
    assert plan(context((1993, 2009), catalogue=everything_listed())) == []


def test_nothing_of_what_is_not_listed_is_asked_for(context):
    catalogue = {"listed": {"A": {"699": {"2024": "2025-06-20T00:00:00"}}, "M": {}}}
    (task,) = plan(context(catalogue=catalogue))
    assert (task.key, task.params["periods"], task.calls) == ("A/IND/2022-2033", ["2024"], 1)


def test_without_a_key_each_month_is_a_call_and_long_years_are_taken_to_be_split(context):
    tasks = plan(context((2024, 2024), key="", catalogue=everything_listed()))
    calls = {task.key: task.calls for task in tasks}
    assert (calls["M/IND/2024"], calls["A/IND/2024"], len(calls)) == (12, 2, 70)


def test_a_whole_file_is_a_call_a_period_and_one_for_their_list(context):
    tasks = plan(context((2024, 2024), premium=True, catalogue=everything_listed()))
    calls = {task.key: task.calls for task in tasks}
    assert (calls["M/IND/2024"], calls["A/IND/2024"], len(calls)) == (13, 2, 70)


def test_what_was_asked_for_with_a_key_is_not_due_without_one(context):
    catalogue = everything_listed()
    looks = fetched(plan(context(catalogue=catalogue)))
    assert plan(context(key="", catalogue=catalogue, states=looks)) == []


def test_without_release_dates_new_years_are_due_after_25_days_and_old_ones_after_180(context):
    unlisted = {"listed": {}}
    looks = fetched(plan(context(catalogue=unlisted)))
    assert plan(context(catalogue=unlisted, states=looks)) == []

    def due_after(days: int) -> set[str]:
        later = TODAY + timedelta(days=days)
        return {
            partition.split("/")[-1][:4]
            for partition in due_of(plan(context(catalogue=unlisted, states=looks, today=later)))
        }

    assert due_after(6) == set()
    assert due_after(24) == {"2026"}, "the month that ended meanwhile"
    assert due_after(25) == {"2025", "2026"}
    assert due_after(180) == {str(year) for year in range(2010, 2027)}


def test_a_data_set_dated_before_it_was_taken_is_not_due_when_dates_come_to_be_known(context):
    looks = fetched(plan(context((2024, 2024), catalogue={"listed": {}})))
    assert plan(context((2024, 2024), catalogue=everything_listed(), states=looks)) == []
    catalogue = everything_listed()
    catalogue["listed"]["A"]["699"] = {"2024": "2026-11-25T00:00:00"}
    (task,) = plan(context((2024, 2024), catalogue=catalogue, states=looks))
    assert task.why == "released again on 2026-11-25"


def test_a_release_is_known_from_its_date_unless_a_later_statement_stood_before_it(context):
    name = DataSet("A", 699, "2024").partition
    assert name == "A/IND/all/all/2024"
    released = "2025-07-01T10:00:00"
    assert known_from(context(), name, released) == (date(2025, 7, 1), "release_feed", "2025-07-01")
    assert known_from(context(landed={name: "2025-06-01"}), name, released)[0] == date(2025, 7, 1)
    for held in ("2025-07-01", "2025-08-01", "as fetched 2026-10-24", "withdrawn 2026-10-24"):
        assert known_from(context(landed={name: held}), name, released) == (TODAY, "assumed", "as fetched 2026-11-24")
    assert known_from(context(), name, "")[1:] == ("assumed", "as fetched 2026-11-24")
    assert known_from(context(), name, "2026-12-24T00:00:00")[0] == TODAY


def test_second_partners_of_the_corridor_take_19_calls_with_a_key_after_its_own_figures(context):
    tasks = plan(context(catalogue=with_second_partners()))
    via = [task for task in tasks if is_via(task)]
    assert (len(via), sum(task.calls for task in via)) == (19, 19)
    assert [task.key for task in via][:2] == ["M/IND+CHN/2026/via", "A/IND+CHN/2022-2033/via"]
    turns = [(is_via(task), task.key.split("/")[1] in {"IND", "CHN"}) for task in tasks]
    order = [(False, True), (True, False), (False, False)]
    assert turns == sorted(turns, key=order.index)
    assert due_of(via) == {
        f"{name}/via/344+528+702" for name in due_of(tasks) if name[2:5] in {"IND", "CHN"} and "via" not in name
    }
    assert {task.service for task in via} == {"second partners"}


def test_without_a_key_second_partners_take_a_call_a_period(context):
    tasks = [task for task in plan(context(key="", catalogue=with_second_partners())) if is_via(task)]
    assert sum(task.calls for task in tasks) == 2 * (16 + 200)
    cursor = {DataSet("M", 699, "202401", (344, 528, 702)).partition: str(PartitionCursor("", TODAY, 700))}
    states = {"earlier": TaskState(datetime.combine(TODAY, datetime.min.time(), UTC), cursor)}
    known = {task.key: task.calls for task in plan(context(key="", catalogue=with_second_partners(), states=states))}
    assert (known["M/IND/2024/via"], known["M/CHN/2024/via"], known["M/IND/2024"]) == (2 * 11, 12, 12)


def test_whole_files_have_second_partners_so_none_are_requested(context):
    assert not any(is_via(task) for task in plan(context(premium=True, catalogue=with_second_partners())))


def test_only_data_sets_that_the_list_marks_are_asked_for_by_second_partner(context):
    catalogue = with_second_partners()
    catalogue["via"] = {"A": {"699": {"2024": True, "2023": False}}}
    assert [name for name in due_of(plan(context(catalogue=catalogue))) if "via" in name] == [
        "A/IND/all/all/2024/via/344+528+702"
    ]
    unlisted = {"listed": {}, "via": {}}
    assert not any(is_via(task) for task in plan(context(catalogue=unlisted)))


def test_a_data_set_without_second_partners_is_due_when_it_is_released_again(context):
    catalogue = with_second_partners()
    states = fetched(plan(context(catalogue=catalogue)), n_records=0)
    later = TODAY + timedelta(days=400)
    again = plan(context((2024, 2024), catalogue=catalogue, states=states, today=later))
    assert again
    assert not any(is_via(task) for task in again)
    catalogue["listed"]["A"]["699"] = {"2024": "2027-01-02T00:00:00"}
    via = [
        task for task in plan(context((2024, 2024), catalogue=catalogue, states=states, today=later)) if is_via(task)
    ]
    assert [(task.key, task.why) for task in via] == [
        ("A/IND+CHN/2022-2033/via", "by second partner: released again on 2027-01-02")
    ]


def test_the_records_of_second_partners_are_no_measure_of_the_flows_themselves(context):
    via = DataSet("M", 699, "202401", (344, 528, 702))
    cursor = {via.partition: str(PartitionCursor("", TODAY, 7))}
    states = {"earlier": TaskState(datetime.combine(TODAY, datetime.min.time(), UTC), cursor)}
    known = context(catalogue=with_second_partners(), states=states)
    assert expected_records(known, via, counts_of(known)) == 7
    assert expected_records(known, DataSet("M", 699, "202401"), counts_of(known)) == 250


def test_questions_are_halved_by_reporter_flow_code_and_period_until_they_are_one():
    query = Query("M", (156, 699), ("202401", "202402"), ("M", "X"), HS_CODES)
    parts, n_cut = [query], 0
    while any(part.halves() for part in parts):
        parts = [half for part in parts for half in (part.halves() or (part,))]
        n_cut += 1
    assert len(parts) == 2 * 2 * 2 * len(HS_CODES) == len(set(parts))
    assert n_cut == 3 + 4


def test_an_address_is_far_shorter_than_the_publisher_takes():
    live = sources()["un_comtrade"].about["live"]
    longest = max(live["groups"], key=len)
    params = [*map(str, longest), *HS_CODES, *["202401"] * live["periods_per_call"]]
    assert sum(len(param) + 3 for param in params) + 300 < 1_000


ALL_CODES = {"partition": "A/IND/all/all/2024", "layout": "comtrade_data"}


def both(**changes: Any) -> list[dict[str, Any]]:
    """A flow with its World row."""
    return [record(**changes), record(**changes, partnerCode=0)]


def test_only_the_partitions_own_records_of_a_body_are_its_rows(tmp_path):
    data = body(
        *both(),
        *both(period="2023"),
        record(reporterCode=156, partnerCode=699),
        *both(freqCode="M", period="202401"),
    )
    table = parse(comtrade(tmp_path, data, **ALL_CODES))
    assert table.frame.select("reporter_code", "partner_code", "artifact_row").rows() == [
        ("IND", "CHN", 1), ("IND", "WLD", 2),
    ]  # fmt: skip
    other = parse(comtrade(tmp_path, data, **ALL_CODES | {"partition": "A/IND/all/all/2023", "year": 2023}))
    assert other.frame["artifact_row"].to_list() == [3, 4]
    months = parse(comtrade(tmp_path, data, **ALL_CODES | {"partition": "M/IND/all/all/2024"}))
    assert months.frame["artifact_row"].to_list() == [6, 7]


def test_a_body_without_a_record_of_its_partition_is_refused(tmp_path):
    with pytest.raises(TruncatedError, match="not zero trade"):
        parse(comtrade(tmp_path, body(*both(period="2023")), **ALL_CODES))


def test_a_landed_body_that_changed_is_refused_though_it_was_read_before(tmp_path):
    artifact = comtrade(tmp_path, body(*both()), **ALL_CODES)
    parse(artifact)
    artifact.path.write_bytes(body(*both(), *both(flowCode="X")))
    with pytest.raises(TruncatedError, match="is recorded"):
        parse(artifact)


def test_a_joined_body_has_no_cap_and_a_page_has(tmp_path):
    partners = [4, 8, 12, 32, 36, 40, 56, 76, 100, 124, 152, 156, 170, 203, 208, 246, 276, 300, 348, 372, 380]
    flows = [(partner, flow, code) for partner in partners for flow in "MX" for code in HS_CODES]
    data = body(*(record(partnerCode=p, flowCode=f, cmdCode=c) for p, f, c in flows[:500]))
    assert parse(comtrade(tmp_path, data, **ALL_CODES | {"layout": "comtrade_joined"})).frame.height == 500
    with pytest.raises(TruncatedError, match="exactly 500 records"):
        parse(comtrade(tmp_path, data, **ALL_CODES | {"layout": "comtrade_preview"}))


def failed(artifact: Any) -> set[str]:
    return {r.rule for r in judge_load([(artifact, parse(artifact))]) if not r.success and r.severity == "critical"}


@pytest.mark.thorough
def test_a_partition_of_all_codes_may_lack_a_code_and_must_hold_no_other(tmp_path):
    assert failed(comtrade(tmp_path, body(*both()), **ALL_CODES)) == set()
    assert "codes_are_those_the_warehouse_follows" in failed(
        comtrade(tmp_path, body(*both(cmdCode="010121")), **ALL_CODES)
    )
    assert "every_flow_has_one_world_row" in failed(comtrade(tmp_path, body(record()), **ALL_CODES))
    one_code = ALL_CODES | {"partition": "A/IND/M+X/284610+284690/2024"}
    assert "every_code_of_the_partition_is_there" in failed(comtrade(tmp_path, body(*both()), **one_code))


def test_a_withdrawn_data_set_has_no_row_and_says_so(tmp_path):
    gone = ALL_CODES | {"layout": "comtrade_withdrawn"}
    artifact = comtrade(tmp_path, body(), **gone)
    table = parse(artifact)
    assert (table.frame.height, reasons(table)) == (0, {"withdrawn": 1})
    assert failed(artifact) == set()
    with pytest.raises(LayoutError, match="withdrawn data set"):
        parse(comtrade(tmp_path, body(*both()), **gone))
