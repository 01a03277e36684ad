"""UN Comtrade's caps of a page and quotas of a day, and the whole files of a premium key."""

from __future__ import annotations

import json

import pytest

from sources.http.client import NotAllowedError, TryLaterError
from tests.fakes.server import Fault, Reply, Request
from tests.helpers.artifacts import parse
from tests.helpers.visiting import Round
from tests.publishers.un_comtrade.fake import CHINA, INDIA
from tests.publishers.un_comtrade.live_calls import CHINA_2024, INDIAS_MONTHS, KEY, failed, is_data, of, rows

pytestmark = pytest.mark.thorough

# caps and quotas


def test_a_page_of_exactly_the_cap_is_split_and_no_record_is_lost(visitor, server, play):
    whole = of(visitor(2024).run())[CHINA_2024]
    n_calls = len(server.asked)
    split = of(visitor(2024, key="").run())[CHINA_2024]
    asked = [r.query for r in server.asked[n_calls:] if is_data(r) and r.query["reporterCode"] == "156"]
    assert {query["flowCode"] for query in asked if len(query["period"]) == 4} == {"M,X", "M", "X"}
    assert (split.layout, split.transcription) == ("comtrade_joined", "extract")
    assert parse(split).content_sha256() == parse(whole).content_sha256()
    assert parse(split).frame.height > play.preview_cap


def test_a_part_that_comes_empty_though_the_page_that_was_cut_had_it_is_not_taken(visitor, server):
    def is_part(request: Request) -> bool:
        return is_data(request) and request.query.get("flowCode") == "M"

    asking = visitor(2024, key="")
    play, server.play = server.play, lambda r: Reply(b'{"count":0,"data":[],"error":""}') if is_part(r) else play(r)
    came = asking.run()
    assert CHINA_2024 not in of(came)
    assert "not zero trade" in str(came.failures["A/CHN/2024"])


def test_a_page_that_cannot_be_split_any_more_is_refused(visitor, server, play):
    one = play.records[INDIA, "202601"][0]
    play.records[INDIA, "202601"] = [one] * 500
    came = visitor(2026, key="").run()
    assert "split it by partner" in str(came.failures["M/IND/2026"])


@pytest.mark.parametrize("wait_s", [11_657, None])
def test_a_spent_quota_ends_the_visit_until_it_is_replenished(visitor, play, wait_s):
    play.calls_left, play.wait_s = 4, wait_s
    asking = visitor(2024)
    came = asking.run()
    later = [error for error in came.failures.values() if isinstance(error, TryLaterError)]
    assert len(came.artifacts) >= 2
    assert later
    assert len(later) == len(came.failures)
    assert all(error.not_before for error in later)
    play.calls_left = None
    again = asking.run()
    assert again.failures == {}
    assert not {a.partition for a in again.artifacts} & {a.partition for a in came.artifacts}


def test_a_wrong_key_is_refused_at_once(visitor, server):
    with pytest.raises(NotAllowedError, match=r"401.*invalid subscription key.*look whether the key"):
        visitor(2024, key="another-key-0123456789").run()
    assert len(server.asked) == 1


def test_the_key_is_in_no_address_file_mark_or_error(visitor, server, play, tmp_path):
    play.records[CHINA, "2024"] = []
    asking = visitor(2024)
    came = asking.run()
    said = [repr(came), str(list(came.failures.values())), json.dumps(asking.catalogue), repr(asking.looks)]
    assert not any(KEY in text for text in said)
    assert not any(KEY.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not any(KEY in str(request.query) for request in server.asked)


# whole files


@pytest.mark.parametrize("file_url", ["/bulk/v1/file/{name}", "{name}", "{url}/bulk/v1/file/{{name}}"])
def test_whole_files_say_what_calls_say(visitor, server, play, live, file_url):
    called = of(visitor(2024, 2026).run())
    live(bulk=True)
    play.file_url = file_url.format(url=server.url, name="{name}")
    asking = visitor(2024, 2026)
    asking.run()
    came = visitor(2024, 2026).run()
    assert came.failures == {}
    assert failed(came) == []
    assert of(came).keys() == called.keys()
    for partition, artifact in of(came).items():
        assert (artifact.layout, artifact.transcription) == ("comtrade_bulk", "extract")
        assert rows(parse(artifact)).equals(rows(parse(called[partition]))), partition
    assert asking.run() == Round()


def test_a_file_that_is_cut_off_or_not_listed_is_not_taken(visitor, server, live):
    live(bulk=True)
    asking = visitor(2026)
    server.misbehave(Fault("truncated"), when=lambda request: "/file/" in request.path, times=-1)
    assert asking.run().artifacts == []
    server.behave()
    play, server.play = server.play, lambda r: Reply(b'{"count":0,"data":[]}') if "bulk" in r.path else play(r)
    assert "lists no file" in str(asking.run().failures["M/IND/2026"])
    server.play = play
    assert [artifact.partition for artifact in asking.run().artifacts] == [INDIAS_MONTHS]
