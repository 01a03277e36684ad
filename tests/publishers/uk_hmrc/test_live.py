"""The United Kingdom's months, fetched from a fake of HMRC's interface: pages, refusals, revisions, faults."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import polars as pl
import pytest

from sources.http.errors import ChallengeError, FetchError, RetryableError, SchemaChangedError
from tests.fakes.server import FakeServer, Fault, Reply, Request, serving
from tests.helpers.artifacts import parse
from tests.helpers.fetch_harness import FetchHarness, FetchOutcome, config_for
from tests.publishers.uk_hmrc.fake import FakeHmrc
from warehouse.quality.gates import judge_load

pytestmark = pytest.mark.thorough

COMPILED = "other_customs/uk_brazil_us_eu_850511_monthly_2024-06_2026-07.csv"
MAGNETS = "HMRC OTS/850511/2025"
FAULTS = {
    "403": Fault("status", 403),
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
def fake() -> FakeHmrc:
    return FakeHmrc()


@pytest.fixture
def server(fake: FakeHmrc) -> Iterator[FakeServer]:
    with serving(fake) as running:
        yield running


@pytest.fixture
def harness(server: FakeServer) -> FetchHarness:
    return FetchHarness("uk_hmrc", server.url, (2025, 2025))


def rows_of(outcome: FetchOutcome, partition: str = MAGNETS) -> pl.DataFrame:
    (artifact,) = (artifact for artifact in outcome.artifacts if artifact.partition == partition)
    return parse(artifact).frame


def fault_of(outcome: FetchOutcome) -> FetchError:
    assert MAGNETS not in [artifact.partition for artifact in outcome.artifacts]
    error = outcome.failures[MAGNETS]
    assert isinstance(error, FetchError)
    assert "Remedy: " in str(error)
    return error


def of_records(request: Request) -> bool:
    return request.path == "/OTS"


def test_a_year_of_a_code_lands_as_it_came_and_passes_the_gate(harness, server):
    outcome = harness.run()
    assert outcome.failures == {}
    assert [a.partition for a in outcome.artifacts] == [MAGNETS, "HMRC OTS/284610/2025", "HMRC OTS/284690/2025"]
    assert [
        result.rule for a in outcome.artifacts for result in judge_load([(a, parse(a))]) if not result.success
    ] == []
    magnets = outcome.artifacts[0]
    assert (magnets.name, magnets.layout, magnets.transcription) == ("ots_850511_2025.json", "hmrc_ots", "original")
    assert (magnets.release, magnets.known_from, magnets.known_basis) == (
        "as fetched 2026-11-24", date(2026, 11, 24), "assumed",
    )  # fmt: skip
    assert len(server.requests) == 1 + 5, "the list of lines, and a call for each code"


def test_fetched_records_add_up_to_the_kilograms_of_the_compilation(harness, publisher_files):
    compiled = pl.read_csv(publisher_files / COMPILED, infer_schema=False).filter(
        pl.col("source") == "hmrc", pl.col("period").str.starts_with("2025")
    )
    keys = ["period_start", "flow", "partner_code"]
    expected = compiled.group_by(
        pl.col("period").str.to_date("%Y%m").alias("period_start"), "flow", pl.col("partner").alias("partner_code")
    ).agg(pl.col("qty_kg").cast(pl.Float64).sum().alias("kg"), pl.len())
    fetched = rows_of(harness.run()).filter(hs_code="85051110")
    got = fetched.group_by(keys).agg(pl.col("net_weight_kg").sum().alias("kg"), pl.len())
    assert got.sort(keys).equals(expected.select(got.columns).cast(got.schema).sort(keys))
    assert got.height == 628


def test_lines_of_a_suppressed_country_are_of_an_unspecified_partner(harness):
    row = rows_of(harness.run()).filter(partner_code="XUNS").row(0, named=True)
    assert (row["hs_code"], row["value_local"], row["scope_code"]) == ("85051190", 700.0, "850511")


def test_only_what_the_interface_knows_is_asked_and_a_year_is_named_month_by_month(harness, server):
    harness.run()
    asked = next(request.query for request in server.requests if of_records(request))
    months = " or ".join(f"MonthId eq 2025{month:02}" for month in range(1, 13))
    lines = "CommodityId eq 85051100 or CommodityId eq 85051110 or CommodityId eq 85051190"
    assert asked == {"$filter": f"({lines}) and ({months})", "$expand": "Country"}


def test_a_line_that_the_list_of_commodities_adds_is_asked_for(harness, fake, server):
    harness.run()
    assert "28469095" in harness.catalogue["lines"]["284690"]
    assert any("CommodityId eq 28469095" in request.query["$filter"] for request in server.requests)
    fake.has_commodities = False
    assert harness.run().failures == {}
    assert "28469095" in harness.catalogue["lines"]["284690"], "what an earlier list added is kept"


def test_pages_are_joined_in_one_body(harness, fake, server):
    whole = rows_of(harness.run())
    fake.cap, fake.counts = 400, True
    harness.states.clear()
    outcome = harness.run()
    joined = outcome.artifacts[0]
    assert (joined.transcription, list(json.loads(joined.path.read_bytes()))) == ("extract", ["value"])
    assert joined.original_sha256 not in (None, joined.sha256)
    assert rows_of(outcome).drop("artifact_row").equals(whole.drop("artifact_row"))
    assert [r.query["$skip"] for r in server.requests if "$skip" in r.query] == ["400", "800", "1200"]


def test_pages_that_overlap_are_refused(harness, fake):
    fake.cap, fake.overlaps = 700, True
    assert "on page 2 that is on page 1 too: pages overlap" in str(fault_of(harness.run()))


def test_pages_that_lead_back_are_refused(harness, fake):
    fake.cap, fake.loops = 700, True
    assert "at an address that was read before" in str(fault_of(harness.run()))


def test_a_count_that_changes_while_paging_is_refused(harness, fake):
    fake.cap, fake.counts = 700, True

    def answer(request: Request) -> Reply:
        if "$skip" in request.query:
            fake.withdraw("202512")
        return fake(request)

    with serving(answer) as server:
        harness.url = server.url
        assert "they changed meanwhile" in str(fault_of(harness.run()))


def test_a_next_page_on_another_host_is_not_followed(harness, fake):
    def answer(request: Request) -> Reply:
        reply = fake(request)
        body = json.loads(reply.body) | {"@odata.nextLink": "https://elsewhere.invalid/OTS?$skip=1"}
        return Reply(json.dumps(body).encode()) if of_records(request) else reply

    with serving(answer) as server:
        harness.url = server.url
        assert "elsewhere.invalid" in str(fault_of(harness.run()))


def test_a_filter_that_is_too_long_is_asked_in_halves(harness, fake, server):
    whole = rows_of(harness.run())
    fake.most_terms = 10
    harness.states.clear()
    assert rows_of(harness.run()).drop("artifact_row").sort(pl.all()).equals(whole.drop("artifact_row").sort(pl.all()))


def test_an_empty_year_is_no_statement_and_is_asked_for_rarely(harness, server):
    outcome = harness.run()
    assert "HMRC OTS/280530/2025" in [task.key for task in outcome.tasks]
    assert "HMRC OTS/280530/2025" not in [artifact.partition for artifact in outcome.artifacts]
    before = len(server.requests)
    assert harness.run().tasks == []
    assert len(server.requests) == before + 1, "the list of lines alone"


def test_young_years_are_asked_for_each_month_and_old_ones_twice_a_year(harness):
    harness.years = (2023, 2026)
    harness.run()
    assert harness.plan() == []
    harness.today = date(2026, 12, 20)
    due = harness.plan()
    assert {task.first.year for task in due} == {2025, 2026}
    assert (due[0].key, due[0].records, due[0].why) == (
        "HMRC OTS/850511/2026", 759, "may have been revised since 2026-11-24",
    )  # fmt: skip
    harness.run()
    harness.today = date(2027, 5, 24)
    assert {task.first.year for task in harness.plan()} == set(range(2023, 2027)) - {2025}


def test_a_year_is_not_asked_for_before_its_january_may_be_out(harness):
    harness.years, harness.today = (2024, 2027), date(2027, 3, 11)
    assert max(task.first.year for task in harness.plan()) == 2026
    harness.today = date(2027, 3, 12)
    assert max(task.first.year for task in harness.plan()) == 2027


def test_a_revised_month_is_a_new_release_of_its_year(harness, fake):
    before = harness.run()
    fake.revise("202506", 1.1)
    harness.today = date(2026, 12, 20)
    after = harness.run()
    old, new = (
        rows.group_by("period_start").agg(pl.sum("value_local")).sort("period_start")
        for rows in (rows_of(before), rows_of(after))
    )
    changed = old.join(new, on="period_start").filter(pl.col("value_local") != pl.col("value_local_right"))
    assert changed["period_start"].to_list() == [date(2025, 6, 1)]
    assert (after.artifacts[0].partition, after.artifacts[0].release) == (MAGNETS, "as fetched 2026-12-20")


def test_a_year_that_did_not_change_has_the_same_rows(harness):
    before = parse(harness.run().artifacts[0])
    harness.today = date(2026, 12, 20)
    assert parse(harness.run().artifacts[0]).content_sha256() == before.content_sha256()


def test_a_month_that_is_gone_is_a_withdrawal_if_the_next_run_says_so_too(harness, fake):
    harness.run()
    fake.withdraw("202503")
    harness.today = date(2026, 12, 20)
    error = fault_of(harness.run())
    assert "has no record of 202503, though figures had landed; that is not zero trade" in str(error)
    assert [(task.key, task.why) for task in harness.plan()] == [(MAGNETS, "202503 was missing on 2026-12-20")]
    again = harness.run()
    assert again.failures == {}
    assert date(2025, 3, 1) not in rows_of(again)["period_start"].to_list()
    assert harness.plan() == []


def test_a_month_that_comes_back_is_no_withdrawal(harness, fake):
    harness.run()
    kept = list(fake.records)
    fake.withdraw("202503")
    harness.today = date(2026, 12, 20)
    fault_of(harness.run())
    fake.records = kept
    assert date(2025, 3, 1) in rows_of(harness.run())["period_start"].to_list()


def test_a_year_without_any_record_is_never_a_withdrawal(harness, fake):
    harness.run()
    fake.records = []
    harness.today = date(2026, 12, 20)
    for _ in range(3):
        assert "has no record of any month" in str(fault_of(harness.run()))


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("times", [1, -1], ids=["once", "always"])
def test_a_fault_is_retried_and_stops_no_other_year(harness, server, kind, times):
    harness.config = config_for(FAULTS[kind].kind)
    server.add_fault(FAULTS[kind], when=lambda r: "85051110" in r.query.get("$filter", ""), times=times)
    outcome = harness.run()
    assert set(outcome.failures) == (set() if times == 1 else {MAGNETS})
    assert len(outcome.artifacts) == (3 if times == 1 else 2)
    server.clear_faults()
    assert (MAGNETS in [a.partition for a in harness.run().artifacts]) == (times == -1)


def test_a_challenge_for_a_person_is_not_retried(harness, server):
    challenge = Fault("status", 403, {"cf-mitigated": "challenge"})
    server.add_fault(challenge, when=lambda r: "85051110" in r.query.get("$filter", ""), times=-1)
    assert isinstance(fault_of(harness.run()), ChallengeError)
    assert len(server.requests) == 6


def test_a_lost_field_is_named(harness, fake):
    for record in fake.records:
        record["Kilograms"] = record.pop("NetMass")
    error = fault_of(harness.run())
    assert isinstance(error, SchemaChangedError)
    assert "record 1 lost ['NetMass'], gained ['Kilograms']" in str(error)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"error": {"code": "", "message": "busy"}}, "says \"{'code': '', 'message': 'busy'}\""),
        ({"value": {"a": 1}}, "holds no records under 'value'"),
        ([1], "holds no records under 'value'"),
        ({"value": [], "@odata.nextLink": 7}, "something that is no address"),
    ],
)
def test_an_answer_of_another_shape_is_refused_in_a_sentence(harness, fake, said, words):
    with serving(lambda r: Reply(json.dumps(said).encode()) if of_records(r) else fake(r)) as server:
        harness.url = server.url
        error = fault_of(harness.run())
    assert isinstance(error, RetryableError)
    assert words in str(error)


def test_a_record_that_was_not_asked_for_is_refused(harness, fake):
    with serving(lambda r: fake(_without_months(r))) as server:
        harness.url = server.url
        assert "which was not requested" in str(fault_of(harness.run()))


def _without_months(request: Request) -> Request:
    if of_records(request):
        request.query["$filter"] = request.query["$filter"].split(" and ")[0]
    return request
