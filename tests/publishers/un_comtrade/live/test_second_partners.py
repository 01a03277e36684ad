"""Flows by way of hubs, requested from UN Comtrade by second partner: statements beside the flows themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sources.model.artifact import Artifact
from sources.registry import sources
from tests.fakes.server import Reply
from tests.helpers.artifacts import parse, parse_as
from tests.helpers.fetch_harness import FetchOutcome
from tests.publishers.un_comtrade.builders import body
from tests.publishers.un_comtrade.fake import CHINA, INDIA
from tests.publishers.un_comtrade.live_calls import CHINA_2024, INDIA_2024, KEY, failed, is_data, of

VIA = "/via/344+528+702"
TABLE = "un_comtrade__trade_via"

pytestmark = pytest.mark.thorough


def via(outcome: FetchOutcome) -> dict[str, Artifact]:
    return {name: artifact for name, artifact in of(outcome).items() if "/via/" in name}


def usd(artifact: Artifact, **where: Any) -> float:
    return float(parse_as(artifact, TABLE).frame.filter(**where)["value_usd"].sum())


@pytest.mark.parametrize("key", [KEY, ""])
def test_hubs_of_the_corridor_come_as_statements_of_their_own(harness, fake, server, key):
    plain = of(harness(2024, key=key).run())
    fake.route(CHINA, "2024", _344=0.2, _702=0.1)
    fake.route(CHINA, "202401", _528=0.5)
    fake.route(842, "2024", _344=0.2)
    n_calls = len(server.requests)
    outcome = harness(2024, key=key).run()
    assert (outcome.failures, failed(outcome)) == ({}, [])
    found = via(outcome)
    assert set(found) == {f"{CHINA_2024}{VIA}", f"M/CHN/all/all/202401{VIA}"}
    hubs = found[f"{CHINA_2024}{VIA}"]
    assert (str(hubs.known_from), hubs.known_basis, hubs.layout) == ("2025-06-20", "release_feed", "comtrade_via")
    whole = parse(plain[CHINA_2024]).frame
    for hub, share in {"HKG": 0.2, "SGP": 0.1}.items():
        routed = usd(hubs, second_partner_code=hub, hs_code="2846", flow="import", partner_code="JPN")
        total = whole.filter(hs_code="2846", flow="import", partner_code="JPN")["value_usd"].sum()
        assert routed == pytest.approx(total * share, rel=1e-6)
    asked = [r.query for r in server.requests[n_calls:] if is_data(r) and r.query["partner2Code"] != "0"]
    assert {query["partner2Code"] for query in asked} == {"344,528,702"}
    assert {query["reporterCode"] for query in asked} == {"156"}
    others = {name: artifact for name, artifact in of(outcome).items() if name not in found}
    assert others.keys() == plain.keys()
    for name, artifact in others.items():
        assert parse(artifact).content_sha256() == parse(plain[name]).content_sha256(), name
        assert parse_as(artifact, TABLE).frame.is_empty()


@pytest.mark.parametrize(("key", "shares"), [(KEY, 0.2), ("", 0.2)])
def test_the_plan_counts_the_calls_of_second_partners(harness, fake, server, key, shares):
    fake.route(INDIA, "2024", _344=shares)
    fake.route(INDIA, "202412", _344=shares)
    fake.route(CHINA, "202401", _344=shares)
    session = harness(2024, key=key)
    session.catalogue = session.fetcher.discover(session.context())
    n_calls = len(server.requests)
    tasks = [task for task in session.plan() if task.key.endswith("/via")]
    for task in tasks:
        session.fetcher.fetch(session.context(), task)
    assert len(server.requests) - n_calls == sum(task.calls for task in tasks) == (2 if key else 3)


def test_only_what_is_released_again_is_requested_again(harness, fake):
    fake.route(INDIA, "2024", _344=0.2)
    session = harness(2024)
    before = via(session.run())[f"{INDIA_2024}{VIA}"]
    assert session.run() == FetchOutcome()
    fake.revise(INDIA, "2024", 1.1)
    fake.route(INDIA, "2024", _344=0.3)
    outcome = session.run()
    assert [task.key for task in outcome.tasks] == ["A/IND/2022-2033", "A/IND+CHN/2022-2033/via"]
    after = via(outcome)[f"{INDIA_2024}{VIA}"]
    assert (str(after.known_from), after.known_basis) == ("2026-11-20", "release_feed")
    assert usd(after) == pytest.approx(usd(before) * 1.1 * 1.5, rel=1e-6)


def test_a_data_set_that_has_other_second_partners_only_lands_nothing_and_is_no_failure(harness, fake):
    fake.route(INDIA, "2024", _36=0.2)
    session = harness(2024)
    outcome = session.run()
    assert (via(outcome), outcome.failures) == ({}, {})
    session.today += timedelta(days=27)
    assert session.run() == FetchOutcome()


def test_hubs_that_a_release_leaves_out_end(harness, fake):
    fake.route(INDIA, "2024", _344=0.2)
    session = harness(2024)
    session.run()
    fake.release(INDIA, "A", "2024")
    fake.route(INDIA, "2024", _36=0.2)
    outcome = session.run()
    gone = via(outcome)[f"{INDIA_2024}{VIA}"]
    assert (str(gone.known_from), gone.layout) == ("2026-11-20", "comtrade_via")
    assert [(table.spec.name, table.rows_parsed) for table in sources()["un_comtrade"].parse(gone)] == [(TABLE, 0)]
    assert failed(outcome) == []
    assert session.run() == FetchOutcome()


def test_hubs_that_the_list_marks_no_longer_are_withdrawn_once(harness, fake):
    fake.route(INDIA, "2024", _344=0.2)
    session = harness(2024)
    session.run()
    fake.second_partners.clear()
    session.today += timedelta(days=28)
    outcome = session.run()
    assert [task.key for task in outcome.tasks] == [f"withdrawn/{INDIA_2024}{VIA}"]
    (gone,) = outcome.artifacts
    assert (gone.known_from, gone.layout) == (session.today, "comtrade_via")
    assert parse_as(gone, TABLE).rows_parsed == 0
    assert session.run() == FetchOutcome()


def test_a_withdrawn_data_set_takes_its_hubs_along(harness, fake):
    fake.route(INDIA, "2024", _344=0.2)
    session = harness(2024)
    session.run()
    fake.withdraw(INDIA, "A", "2024")
    session.today += timedelta(days=28)
    outcome = session.run()
    assert set(of(outcome)) == {INDIA_2024, f"{INDIA_2024}{VIA}"}
    assert outcome.failures == {}


def test_a_server_that_ignores_the_second_partner_lands_nothing_and_costs_no_other_figure(harness, fake, server):
    fake.route(INDIA, "2024", _344=0.2)
    totals = body(*fake.records[INDIA, "2024"])
    server.responder = lambda r: Reply(totals) if is_data(r) and r.query["partner2Code"] != "0" else fake(r)
    outcome = harness(2024).run()
    (problem,) = outcome.failures.values()
    assert "second partner 0, which was not requested" in str(problem)
    assert via(outcome) == {}
    assert INDIA_2024 in of(outcome)


def test_news_of_a_list_mark_a_data_set(harness, fake, server):
    session = harness(2024)
    session.run()
    fake.route(INDIA, "2024", _344=0.2)
    assert session.run() == FetchOutcome(), "its release is not new"
    fake.release(INDIA, "A", "2024")
    outcome = session.run()
    assert set(via(outcome)) == {f"{INDIA_2024}{VIA}"}
    lists = [r.query for r in server.requests if "getDA" in r.path]
    assert "publishedDateFrom" in lists[-1]
