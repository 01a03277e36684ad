"""Bodies of UN Comtrade that cannot be believed, and faults of its server."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from sources.http.errors import ChallengeError, FetchError, SchemaChangedError
from sources.model.artifact import Artifact
from sources.publishers.un_comtrade.fetch.lists import UnusableError
from tests.fakes.server import Fault, FaultKind, Reply, Request
from tests.helpers.fetch_harness import config_for
from tests.publishers.un_comtrade.live_calls import INDIAS_MONTHS, is_data, of

pytestmark = pytest.mark.thorough


def wrong(change: Callable[[dict[str, Any]], Any]) -> Callable[[Reply], Reply]:
    def alter(reply: Reply) -> Reply:
        body = json.loads(reply.body)
        return Reply(json.dumps(change(body) or body).encode())

    return alter


CHINAS_2025 = [f"M/CHN/all/all/2025{month:02}" for month in range(1, 13)]
INDIAS_2025 = [f"M/IND/all/all/2025{month:02}" for month in range(1, 13)]
WRONG = {
    "another count": (lambda body: body.update(count=3), "says count 3 and holds 6"),
    "an error": (lambda body: body.update(error="Too many"), "says 'Too many'"),
    "an error object": (lambda _: {"errorObject": {"errorMessage": "No such period"}}, "says 'No such period'"),
    "a refusal": (lambda _: {"statusCode": 500, "message": "Internal error"}, "says 'Internal error'"),
    "a column less": (lambda body: [r.pop("netWgt") for r in body["data"]] and None, r"lost \['netWgt'\]"),
    "another reporter": (lambda body: body["data"][0].update(reporterCode=40), "record of 40.*not requested"),
    "another period": (lambda body: body["data"][0].update(period="202512"), "202512.*not requested"),
    "no list": (lambda _: {"count": 0}, "no list of records"),
}


def test_a_field_that_the_publisher_adds_changes_nothing(harness, server):
    fake = server.responder
    add = wrong(lambda body: [r.update(shipped=1) for r in body["data"]] and None)
    server.responder = lambda r: add(fake(r)) if is_data(r) else fake(r)
    outcome = harness(2026).run()
    assert outcome.failures == {}
    assert outcome.artifacts


def test_a_lost_field_is_a_changed_layout_and_not_asked_for_again(harness, server):
    change, _ = WRONG["a column less"]
    fake = server.responder
    server.responder = lambda r: wrong(change)(fake(r)) if is_data(r) else fake(r)
    outcome = harness(2026).run()
    assert {type(error) for error in outcome.failures.values()} == {SchemaChangedError}
    assert sum(map(is_data, server.requests)) == len(outcome.tasks)


@pytest.mark.parametrize("what", WRONG)
def test_a_body_that_cannot_be_believed_fails_its_task_and_says_why(harness, server, what):
    change, why = WRONG[what]
    fake = server.responder
    server.responder = lambda r: wrong(change)(fake(r)) if is_data(r) else fake(r)
    session = harness(2026)
    outcome = session.run()
    assert outcome.artifacts == []
    with pytest.raises(FetchError, match=why):
        raise outcome.failures["M/IND/2026"]
    server.responder = fake
    assert [artifact.partition for artifact in session.run().artifacts] == INDIAS_MONTHS


KINDS: list[FaultKind] = ["status", "hang", "drip", "close", "truncated", "html", "redirect", "empty"]


@pytest.mark.parametrize(("kind", "at"), product(KINDS, range(1, 7)))
def test_one_fault_is_survived_within_the_run_or_the_next(harness, server, kind, at):
    session = harness(2025, 2026, **config_for(kind))
    server.add_fault(Fault(kind), at=at)
    outcome: list[Artifact] = []
    for _ in range(2):
        try:
            outcome += session.run().artifacts
        except FetchError:
            assert kind in ("redirect", "hang", "drip")
    assert sorted(a.partition for a in outcome) == sorted([*CHINAS_2025, *INDIAS_2025, *INDIAS_MONTHS])
    assert len(server.requests) >= at


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_busy_server_is_asked_again_within_the_run(harness, server, status):
    server.add_fault(Fault("status", status, {"Retry-After": "0"}), when=is_data, times=2)
    outcome = harness(2026).run()
    assert (len(outcome.artifacts), outcome.failures) == (3, {})


@pytest.mark.parametrize("kind", ["status", "truncated", "html"])
def test_a_lasting_fault_of_one_call_leaves_the_others_and_the_next_run_repairs_it(harness, server, kind):
    def of_china(request: Request) -> bool:
        return is_data(request) and request.query["reporterCode"] == "156"

    session = harness(2025, 2026)
    server.add_fault(Fault(kind), when=of_china, times=-1)
    outcome = session.run()
    assert sorted(of(outcome)) == sorted([*INDIAS_2025, *INDIAS_MONTHS])
    assert list(outcome.failures) == ["M/CHN/2025"]
    server.clear_faults()
    assert sorted(of(session.run())) == CHINAS_2025


@pytest.mark.parametrize(("month", "lost"), [("202601", {"202601"}), ("202602", {"202602"}), ("202603", {"202603"})])
def test_a_lasting_fault_of_one_month_leaves_the_other_months_of_its_task(harness, server, month, lost):
    """Without a key a task is a call a month: what it fetched before and after the fault is not requested again."""
    session = harness(2026, key="")
    server.add_fault(Fault("status"), when=lambda request: request.query.get("period") == month, times=-1)
    outcome = session.run()
    assert list(outcome.failures) == ["M/IND/2026"]
    assert {a.partition for a in outcome.artifacts} == {name for name in INDIAS_MONTHS if name[-6:] not in lost}
    server.clear_faults()
    before = len(server.requests)
    again = session.run()
    assert (again.failures, {a.partition[-6:] for a in again.artifacts}) == ({}, lost)
    assert {request.query["period"] for request in server.requests[before:] if is_data(request)} == lost


def test_a_task_without_a_key_ends_after_two_failures_in_a_row(harness, server):
    session = harness(2026, key="", attempts=1)
    server.add_fault(Fault("status"), when=is_data, times=-1)
    assert list(session.run().failures) == ["M/IND/2026"]
    assert sum(map(is_data, server.requests)) == 2


def test_a_captcha_in_place_of_the_list_stops_the_run_and_dates_nothing_by_the_visit(harness, server):
    session = harness(2026)
    page = Reply(b"<html><title>Captcha</title></html>", "text/html", 403)
    fake = server.responder
    server.responder = lambda request: page if "getDA" in request.path else fake(request)
    with pytest.raises(ChallengeError):
        session.run()
    assert session.landed == {}


def test_a_lasting_fault_of_the_list_stops_the_run_and_loses_nothing(harness, server):
    session = harness(2026)
    server.add_fault(Fault("status", 503), when=lambda request: "getDA" in request.path, times=-1)
    with pytest.raises(FetchError, match="503") as refusal:
        session.run()
    assert not isinstance(refusal.value, UnusableError)
    server.clear_faults()
    assert len(session.run().artifacts) == 3
