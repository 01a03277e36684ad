"""Brazil's months, fetched from a fake of Comex Stat: one year a request, errors in the body, revisions, faults."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import polars as pl
import pytest

from sources.http.errors import ChallengeError, FetchError, RetryableError, SchemaChangedError
from sources.registry import sources
from tests.fakes.server import FakeServer, Fault, Reply, Request, serving
from tests.helpers.artifacts import parse
from tests.helpers.fetch_harness import FetchHarness, FetchOutcome, config_for
from tests.publishers.brazil_comexstat.fake import FakeComexStat
from warehouse.quality.gates import judge_load

pytestmark = pytest.mark.thorough

COMPILED = "other_customs/uk_brazil_us_eu_850511_monthly_2024-06_2026-07.csv"
MAGNETS = "COMEX STAT/M/850511/2026"
FAULTS = {
    "429": Fault("status", 429, {"Retry-After": "0"}),
    "503": Fault("status", 503),
    "hang": Fault("hang"),
    "close": Fault("close"),
    "truncated": Fault("truncated"),
    "html": Fault("html"),
    "empty": Fault("empty"),
    "moved": Fault("redirect"),
}


@pytest.fixture
def fake() -> FakeComexStat:
    return FakeComexStat()


@pytest.fixture
def server(fake: FakeComexStat) -> Iterator[FakeServer]:
    with serving(fake) as running:
        yield running


@pytest.fixture
def harness(server: FakeServer) -> FetchHarness:
    return FetchHarness("brazil_comexstat", server.url, (2026, 2026))


def rows_of(outcome: FetchOutcome, partition: str = MAGNETS) -> pl.DataFrame:
    (artifact,) = (artifact for artifact in outcome.artifacts if artifact.partition == partition)
    return parse(artifact).frame


def fault_of(outcome: FetchOutcome) -> FetchError:
    assert MAGNETS not in [artifact.partition for artifact in outcome.artifacts]
    error = outcome.failures[MAGNETS]
    assert isinstance(error, FetchError)
    assert "Remedy: " in str(error)
    return error


def is_magnets(request: Request) -> bool:
    return '"import"' in request.body and "85051100" in request.body


def test_a_year_of_a_flow_of_a_code_lands_as_it_came_and_passes_the_gate(harness, server):
    outcome = harness.run()
    assert outcome.failures == {}
    codes = ["M/850511", "X/850511", "M/850519", "M/280530"]
    assert [artifact.partition for artifact in outcome.artifacts] == [f"COMEX STAT/{code}/2026" for code in codes]
    assert [
        result.rule for a in outcome.artifacts for result in judge_load([(a, parse(a))]) if not result.success
    ] == []
    magnets = outcome.artifacts[0]
    assert (magnets.name, magnets.layout, magnets.transcription) == (
        "general_850511_import_2026.json", "comexstat_general", "original",
    )  # fmt: skip
    assert len(server.requests) == 1 + 10, "the day of update, and a call for each flow and code"


def test_fetched_figures_are_those_of_the_compilation(harness, publisher_files):
    compiled = pl.read_csv(publisher_files / COMPILED, infer_schema=False).filter(
        pl.col("source") == "comexstat", pl.col("period").str.starts_with("2026"), pl.col("flow") == "import"
    )
    columns = ["period_start", "partner_code", "value_usd", "kg"]
    expected = compiled.select(
        pl.col("period").str.to_date("%Y%m").alias("period_start"),
        pl.col("partner").alias("partner_code"),
        *(pl.col(name).cast(pl.Float64).alias(as_) for name, as_ in (("value_usd", "value_usd"), ("qty_kg", "kg"))),
    )
    rows = rows_of(harness.run()).with_columns(pl.col("value_usd", "net_weight_kg").fill_null(0))
    got = rows.rename({"net_weight_kg": "kg"}).select(columns)
    assert got.sort(columns).equals(expected.sort(columns))
    assert got.height == 217


def test_a_request_stays_within_a_year_and_names_lines_as_text(harness, server):
    harness.run()
    request = next(request for request in server.requests if is_magnets(request))
    assert (request.method, request.path, request.query) == ("POST", "/general", {"language": "pt"})
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.body) == {
        "flow": "import",
        "monthDetail": True,
        "period": {"from": "2026-01", "to": "2026-12"},
        "filters": [{"filter": "ncm", "values": ["85051100"]}],
        "details": ["country", "ncm"],
        "metrics": ["metricFOB", "metricKG"],
    }


def test_comex_stat_is_asked_once_in_ten_seconds():
    assert sources()["brazil_comexstat"].about["live"]["pause_s"] == 10


def test_a_code_429_in_the_body_is_retried(harness, fake, server):
    fake.busy = [1, 3]
    assert harness.run().failures == {}
    assert len(server.requests) == 13


def test_a_code_429_in_every_body_defers_the_year(harness, fake):
    with serving(lambda r: fake(r) if not is_magnets(r) else _busy()) as server:
        harness.url = server.url
        error = fault_of(harness.run())
    assert isinstance(error, RetryableError)
    assert "asks to wait" in str(error)


def _busy() -> Reply:
    return Reply(b'{"error": {"code": 429, "message": "Too many requests"}}')


def test_figures_are_known_from_the_day_of_update_unless_a_later_statement_had_landed(harness):
    first = harness.run().artifacts[0]
    assert (first.release, first.known_from, first.known_basis) == ("2026-08-06", date(2026, 8, 6), "stated")
    harness.states.clear()
    for held in ("2026-08-06", "as taken 2026-11-23"):
        harness.landed = {MAGNETS: held}
        again = harness.run().artifacts[0]
        assert (again.release, again.known_basis) == ("as fetched 2026-11-24", "assumed")
        harness.states.clear()


def test_nothing_is_asked_for_again_until_comex_stat_updates_its_figures(harness, fake, server):
    harness.years = (2023, 2026)
    harness.run()
    before = len(server.requests)
    harness.today = date(2027, 6, 24)
    assert {task.first.year for task in harness.run().tasks} == set(), "a year later, and still the same day of update"
    assert [request.path for request in server.requests[before:]] == ["/general/dates/updated"]
    harness.today = date(2026, 12, 10)
    fake.updated = "2026-12-04"
    due = harness.run().tasks
    assert {task.first.year for task in due} == {2025, 2026}
    assert due[0].why == "figures of 2026-12-04 are out, fetched were those of 2026-08-06"
    fake.updated, harness.today = "2027-06-04", date(2027, 6, 24)
    assert {task.first.year for task in harness.run().tasks} == set(range(2023, 2027))


def test_without_a_day_of_update_years_are_due_by_their_age(harness, fake):
    fake.updated, harness.years = None, (2023, 2026)
    first = harness.run()
    assert (first.failures, harness.catalogue) == ({}, {"updated": ""})
    assert first.artifacts[0].known_basis == "assumed"
    assert harness.plan() == []
    harness.today = date(2026, 12, 20)
    assert {task.first.year for task in harness.plan()} == {2025, 2026}


def test_a_revised_month_is_a_new_release_of_its_year(harness, fake):
    before = rows_of(harness.run())
    fake.revise("202601", 1.1, "2026-12-04")
    harness.today = date(2026, 12, 10)
    outcome = harness.run()
    both = before.join(rows_of(outcome), on=["period_start", "partner_code", "hs_code"])
    changed = both.filter(pl.col("value_usd") != pl.col("value_usd_right"))
    assert changed["period_start"].unique().to_list() == [date(2026, 1, 1)]
    assert outcome.artifacts[0].release == "2026-12-04"


def test_a_month_that_is_gone_is_a_withdrawal_if_the_next_run_says_so_too(harness, fake):
    harness.run()
    fake.withdraw("202603", "2026-12-04")
    harness.today = date(2026, 12, 10)
    error = fault_of(harness.run())
    assert "has no record of 202603, though figures had landed; that is not zero trade" in str(error)
    again = harness.run()
    assert again.failures == {}
    assert date(2026, 3, 1) not in rows_of(again)["period_start"].to_list()
    assert harness.plan() == []


def test_an_empty_answer_for_a_bundled_year_is_refused(harness, fake):
    fake.records, harness.landed = [], {MAGNETS: "as taken 2026-11-23"}
    outcome = harness.run()
    assert "has no record of any month, though figures had landed" in str(fault_of(outcome))
    assert (set(outcome.failures), outcome.artifacts) == ({MAGNETS}, [])


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("times", [1, -1], ids=["once", "always"])
def test_a_fault_is_retried_and_stops_no_other_year(harness, server, kind, times):
    harness.config = config_for(FAULTS[kind].kind)
    server.add_fault(FAULTS[kind], when=is_magnets, times=times)
    outcome = harness.run()
    assert set(outcome.failures) == (set() if times == 1 else {MAGNETS})
    assert len(outcome.artifacts) == (4 if times == 1 else 3)
    server.clear_faults()
    assert (MAGNETS in [a.partition for a in harness.run().artifacts]) == (times == -1)


def test_a_challenge_for_a_person_is_not_retried(harness, server):
    server.add_fault(Fault("status", 403, {"cf-mitigated": "challenge"}), when=is_magnets, times=-1)
    assert isinstance(fault_of(harness.run()), ChallengeError)
    assert len(server.requests) == 11


def test_a_redirect_on_the_same_host_repeats_the_query(harness, fake):
    def answer(request: Request) -> Reply:
        if request.path == "/general" and "moved" not in request.query:
            return Reply(b"", status=308, headers={"Location": "/general?language=pt&moved=1"})
        return fake(request)

    with serving(answer) as server:
        harness.url = server.url
        assert harness.run().failures == {}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"data": {"list": []}, "message": None}, "success is None"),
        ({"data": {"list": []}, "success": False, "message": "no"}, "success is False, message 'no'"),
        ({"data": [], "success": True}, "is no success with records under data.list"),
        ({"data": {"list": [1]}, "success": True}, "is no success with records under data.list"),
        ({"error": {"code": 500, "message": "oops"}}, "says \"{'code': 500, 'message': 'oops'}\""),
        ([], "is no answer of Comex Stat"),
    ],
)
def test_an_answer_of_another_shape_is_refused_in_a_sentence(harness, fake, said, words):
    with serving(lambda r: fake(r) if not is_magnets(r) else Reply(json.dumps(said).encode())) as server:
        harness.url = server.url
        assert words in str(fault_of(harness.run()))


def test_an_answer_without_success_is_refused_though_its_records_are_right(harness, fake):
    fake.is_bare = True
    assert "success is None" in str(fault_of(harness.run()))


def test_a_lost_field_is_named(harness, fake):
    for record in fake.records:
        record["valueFOB"] = record.pop("metricFOB")
    error = fault_of(harness.run())
    assert isinstance(error, SchemaChangedError)
    assert "record 1 lost ['metricFOB'], gained ['valueFOB']" in str(error)


def test_a_flow_that_is_there_twice_is_refused(harness, fake):
    chinas = [r for r in fake.records if (r["flow"], r["coNcm"], r["country"]) == ("import", "85051100", "China")]
    fake.records.append(next(record for record in chinas if record["year"] == "2026"))
    assert "holds ['202601 China 85051100'] more than once" in str(fault_of(harness.run()))


def test_a_record_of_another_line_is_refused(harness, fake):
    for record in fake.records:
        record["year"] = "2025" if record["flow"] == "import" else record["year"]

    def answer(request: Request) -> Reply:
        reply = fake(request)
        return Reply(reply.body.replace(b'"85051100"', b'"85051910"')) if request.path == "/general" else reply

    with serving(answer) as server:
        harness.url = server.url
        failures = harness.run().failures
    assert "which was not requested" in str(failures["COMEX STAT/X/850511/2026"])
