"""UN Comtrade's caps of a page and quotas of a day, and the bulk files of a premium key."""

from __future__ import annotations

import gzip
import json

import pytest

from sources.http.errors import NotAllowedError, RateLimitedError
from sources.registry import sources
from tests.fakes.server import Fault, Reply, Request
from tests.helpers.artifacts import parse
from tests.helpers.fetch_harness import FetchOutcome
from tests.publishers.un_comtrade.fake import CHINA, INDIA
from tests.publishers.un_comtrade.live_calls import CHINA_2024, INDIAS_MONTHS, KEY, failed, is_data, of, rows

pytestmark = pytest.mark.thorough

FLOWS = sources()["un_comtrade"].about["live"]["flows"]
IMPORTS, EXPORTS = ",".join(FLOWS[:5]), ",".join(FLOWS[5:])

# caps and quotas


def test_a_page_of_exactly_the_cap_is_split_and_no_record_is_lost(harness, server, fake):
    whole = of(harness(2024).run())[CHINA_2024]
    n_calls = len(server.requests)
    split = of(harness(2024, key="").run())[CHINA_2024]
    asked = [r.query for r in server.requests[n_calls:] if is_data(r) and r.query["reporterCode"] == "156"]
    assert {query["flowCode"] for query in asked if len(query["period"]) == 4} == {IMPORTS, EXPORTS}
    assert (split.layout, split.transcription) == ("comtrade_joined", "extract")
    assert parse(split).content_sha256() == parse(whole).content_sha256()
    assert parse(split).frame.height > fake.preview_cap


def test_a_part_that_comes_empty_though_the_page_that_was_cut_had_it_is_not_taken(harness, server):
    def is_part(request: Request) -> bool:
        return is_data(request) and request.query.get("flowCode") == IMPORTS

    session = harness(2024, key="")
    fake, server.responder = (
        server.responder,
        lambda r: Reply(b'{"count":0,"data":[],"error":""}') if is_part(r) else fake(r),
    )
    outcome = session.run()
    assert CHINA_2024 not in of(outcome)
    assert "not zero trade" in str(outcome.failures["A/CHN/2024"])


def test_a_page_that_cannot_be_split_any_more_is_refused(harness, server, fake):
    one = fake.records[INDIA, "202601"][0]
    fake.records[INDIA, "202601"] = [one] * 500
    outcome = harness(2026, key="").run()
    assert "split it by partner" in str(outcome.failures["M/IND/2026"])


@pytest.mark.parametrize("wait_s", [11_657, None])
def test_a_spent_quota_ends_the_run_until_it_is_replenished(harness, fake, wait_s):
    fake.calls_left, fake.wait_s = 4, wait_s
    session = harness(2024, quota_words=sources()["un_comtrade"].about["live"]["quota_words"])
    outcome = session.run()
    later = [error for error in outcome.failures.values() if isinstance(error, RateLimitedError)]
    assert len(outcome.artifacts) >= 2
    assert later
    assert len(later) == len(outcome.failures)
    assert all(error.not_before for error in later)
    fake.calls_left = None
    again = session.run()
    assert again.failures == {}
    assert not {a.partition for a in again.artifacts} & {a.partition for a in outcome.artifacts}


def test_months_that_came_before_the_quota_was_spent_are_kept(harness, server, fake):
    spent = Reply(b"Out of call volume quota. Quota will be replenished in 03:14:17.", "text/plain", 403)
    server.responder = lambda request: spent if request.query.get("period") == "202602" else fake(request)
    session = harness(2026, key="", quota_words=sources()["un_comtrade"].about["live"]["quota_words"])
    outcome = session.run()
    assert isinstance(outcome.failures["M/IND/2026"], RateLimitedError)
    newest, *older = sorted(INDIAS_MONTHS, reverse=True)
    assert [a.partition for a in outcome.artifacts] == [newest]
    server.responder = fake
    assert sorted((a.partition for a in session.run().artifacts), reverse=True) == older


def test_a_wrong_key_is_refused_at_once(harness, server):
    with pytest.raises(
        NotAllowedError, match=r"401.*invalid subscription key.*check whether REE_UN_COMTRADE__KEY is correct"
    ):
        harness(2024, key="another-key-0123456789").run()
    assert len(server.requests) == 1


def test_the_key_is_in_no_address_file_mark_or_error(harness, server, fake, tmp_path):
    fake.records[CHINA, "2024"] = []
    session = harness(2024)
    outcome = session.run()
    texts = [repr(outcome), str(list(outcome.failures.values())), json.dumps(session.catalogue), repr(session.states)]
    assert not any(KEY in text for text in texts)
    assert not any(KEY.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not any(KEY in str(request.query) for request in server.requests)


# bulk files


@pytest.mark.parametrize(
    ("first", "file_url"),
    [(2024, "/bulk/v1/file/{name}"), (2026, "{name}"), (2026, "{url}/bulk/v1/file/{{name}}")],
    ids=["a path", "a name", "an address"],
)
def test_bulk_files_have_the_same_figures_as_calls(harness, server, fake, first, file_url):
    called = of(harness(first, 2026).run())
    fake.file_url = file_url.format(url=server.url, name="{name}")
    session = harness(first, 2026, premium=True)
    outcome = session.run()
    assert outcome.failures == {}
    assert failed(outcome) == []
    assert of(outcome).keys() == called.keys()
    for partition, artifact in of(outcome).items():
        assert (artifact.layout, artifact.transcription) == ("comtrade_bulk", "extract")
        assert rows(parse(artifact)).equals(rows(parse(called[partition]))), partition
    assert session.run() == FetchOutcome()


def test_a_column_that_the_publisher_adds_to_a_file_is_kept_in_the_extract(harness, fake, server):
    def with_a_column(reply: Reply) -> Reply:
        header, *lines = gzip.decompress(reply.body).decode().splitlines()
        text = "\n".join([f"{header}\tcarbonKg", *(f"{line}\t7.5" for line in lines)]) + "\n"
        return Reply(gzip.compress(text.encode()), "application/gzip")

    server.responder = lambda r: with_a_column(fake(r)) if "/file/" in r.path else fake(r)
    outcome = harness(2026, premium=True).run()
    assert outcome.failures == {}
    assert len(outcome.artifacts) == 3
    for artifact in outcome.artifacts:
        header, *lines = gzip.decompress(artifact.read_bytes()).decode().splitlines()
        assert header.endswith("\tcarbonKg")
        assert lines
        assert all(line.endswith("\t7.5") for line in lines)
        assert parse(artifact).frame.height


def test_a_file_that_lacks_a_column_is_refused(harness, fake, server):
    def without_a_column(reply: Reply) -> Reply:
        lines = gzip.decompress(reply.body).decode().splitlines()
        return Reply(gzip.compress(("\n".join(line.split("\t", 1)[1] for line in lines) + "\n").encode()))

    server.responder = lambda r: without_a_column(fake(r)) if "/file/" in r.path else fake(r)
    assert r"lost ['typeCode']" in str(harness(2026, premium=True).run().failures["M/IND/2026"])


def test_a_file_that_is_cut_off_or_not_listed_is_not_taken(harness, server):
    session = harness(2026, premium=True)
    server.add_fault(Fault("truncated"), when=lambda request: "/file/" in request.path, times=-1)
    assert session.run().artifacts == []
    server.clear_faults()
    fake, server.responder = (
        server.responder,
        lambda r: Reply(b'{"count":0,"data":[]}') if "bulk" in r.path else fake(r),
    )
    assert "lists no file" in str(session.run().failures["M/IND/2026"])
    server.responder = fake
    assert [artifact.partition for artifact in session.run().artifacts] == INDIAS_MONTHS
