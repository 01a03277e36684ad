"""Bodies of UN Comtrade that cannot be believed, and faults of its server."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from sources.http.client import ChangedError, FetchError
from sources.model.artifact import Artifact
from sources.publishers.un_comtrade.fetch.lists import UnusableError
from tests.fakes.server import Fault, FaultKind, Reply, Request
from tests.helpers.visiting import manners_for
from tests.publishers.un_comtrade.live_calls import INDIAS_MONTHS, is_data, of

pytestmark = pytest.mark.thorough


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
    asking = visitor(2025, 2026, **manners_for(kind))
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
