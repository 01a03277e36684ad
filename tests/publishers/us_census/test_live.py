"""The US Census Bureau from a fake API: planned by its newest month, fetched by year, refused without a key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from sources.http.errors import FetchError, NotAllowedError
from sources.model.artifact import SourceError
from sources.publishers.us_census.receive import receive
from sources.registry import sources
from tests.fakes.server import FakeServer, Fault, FaultKind, Reply, serving
from tests.helpers.artifacts import content, parse
from tests.helpers.fetch_harness import FetchHarness, config_for
from tests.publishers.us_census.builders import answer_of
from tests.publishers.us_census.fake import FakeCensus, table
from warehouse.quality.gates import judge_load, stopping

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f000112233"
MAGNETS = "CENSUS/M/850511/6/2026"
KINDS: tuple[FaultKind, ...] = (
    "status", "hang", "drip", "close", "truncated", "html", "redirect", "empty",
)  # fmt: skip


@pytest.fixture
def census() -> FakeCensus:
    return FakeCensus(key=KEY)


@pytest.fixture
def server(census: FakeCensus) -> Iterator[FakeServer]:
    with serving(census) as running:
        yield running


@pytest.fixture
def harness(server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FetchHarness:
    """Magnets alone, as the code and as its lines, since 2025."""
    monkeypatch.setitem(sources()["us_census"].about["live"], "codes", ["850511"])
    return FetchHarness("us_census", server.url, (2025, 2026), key=KEY, folder=tmp_path)


def test_june_2026_has_31_031_063_dollars_of_magnets_from_china(harness: FetchHarness) -> None:
    outcome = harness.run()
    assert not outcome.failures
    (year,) = (one for one in outcome.artifacts if one.partition == MAGNETS)
    june = parse(year).frame.filter(period_start=date(2026, 6, 1), partner_code="CHN")
    assert june["value_usd"].to_list() == [31_031_063.0]
    assert (year.known_from, year.known_basis) == (harness.today, "assumed")


def test_each_year_comes_as_the_code_and_as_its_lines_in_both_flows_newest_first(harness: FetchHarness) -> None:
    outcome = harness.run()
    expected = [
        f"CENSUS/{flow}/850511/{digits}/{year}" for year in (2026, 2025) for digits in (6, 10) for flow in ("M", "X")
    ]
    assert [one.partition for one in outcome.artifacts] == expected
    assert not stopping(judge_load([(one, parse(one)) for one in outcome.artifacts]))


def test_the_lines_add_up_to_the_code(harness: FetchHarness) -> None:
    by_name = {one.partition: parse(one).frame for one in harness.run().artifacts}
    for flow in ("M", "X"):
        code, lines = (by_name[f"CENSUS/{flow}/850511/{digits}/2026"] for digits in (6, 10))
        assert code["value_usd"].sum() == pytest.approx(lines["value_usd"].sum())


def test_a_month_that_comes_out_makes_the_recent_years_due_and_nothing_else_does(
    harness: FetchHarness, census: FakeCensus
) -> None:
    harness.run()
    harness.today = date(2026, 12, 10)
    assert not harness.run().tasks
    census.publish("2026-10")
    again = harness.run()
    assert [task.first.year for task in again.tasks] == [2026] * 4 + [2025] * 4
    assert "2026-10 is out" in again.tasks[0].why


def test_an_older_year_is_requested_again_after_half_a_year(harness: FetchHarness) -> None:
    harness.years = (2024, 2024)
    assert len(harness.run().tasks) == 4
    harness.today = date(2027, 6, 1)
    assert [task.why for task in harness.plan()] == ["last fetched 189 days ago"] * 4


def test_no_data_is_no_statement_and_no_zero(harness: FetchHarness, census: FakeCensus) -> None:
    harness.years = (2023, 2023)
    outcome = harness.run()
    assert (len(outcome.tasks), outcome.artifacts, outcome.failures) == (4, [], {})
    assert harness.states["CENSUS/M/850511/6/2023"].cursor["records"] == "0"


def test_a_year_that_had_figures_and_has_no_data_now_is_an_error(harness: FetchHarness, census: FakeCensus) -> None:
    harness.run()
    census.publish("2026-10")
    census.rows["exports"] = []
    outcome = harness.run()
    assert "CENSUS/X/850511/6/2026" in outcome.failures
    assert "which had figures; those stay. Remedy:" in str(outcome.failures["CENSUS/X/850511/6/2026"])


@pytest.mark.parametrize("key", ["", "another-key-0123456789"])
def test_a_missing_or_wrong_key_ends_the_visit_with_the_name_of_its_setting(harness: FetchHarness, key: str) -> None:
    harness.key = key
    with pytest.raises(NotAllowedError, match="REE_US_CENSUS__KEY"):
        harness.run()


def test_the_key_is_sent_and_stands_in_no_address_file_or_log(
    harness: FetchHarness, server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    outcome = harness.run()
    assert {request.query["key"] for request in server.requests} == {KEY}
    assert not [one.url for one in outcome.artifacts if "key" in one.url]
    assert not [one for one in outcome.artifacts if KEY.encode() in one.read_bytes()]
    assert KEY not in caplog.text


def test_an_answer_with_the_key_in_it_is_refused(harness: FetchHarness, server: FakeServer) -> None:
    server.responder = lambda request: Reply(table([["CTY_CODE", "time"], [request.query["key"], "2026-01"]]))
    with pytest.raises(FetchError, match="echoes the key"):
        harness.run()


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_of_one_answer_is_retried(harness: FetchHarness, server: FakeServer, kind: FaultKind) -> None:
    harness.config = config_for(kind)
    server.add_fault(Fault(kind), at=3)
    outcome = harness.run()
    assert not outcome.failures
    assert len(outcome.artifacts) == 8


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<html><title>Oops</title></html>", "is html where json is due"),
        (b'[["CTY_CODE","time"],["57', "is JSON that is not whole"),
        (b"[]", "is no array of a header and records"),
        (b'[["CTY_CODE"],["5700"]]', "is no array of a header and records"),
    ],
)
def test_what_is_no_answer_is_a_sentence_and_nothing_lands(
    harness: FetchHarness, server: FakeServer, body: bytes, says: str
) -> None:
    server.responder = lambda _: Reply(body)
    with pytest.raises(FetchError, match=f"{says}.*Remedy: "):
        harness.run()


def test_an_interface_that_does_not_know_a_field_is_an_error_with_its_words(
    harness: FetchHarness, server: FakeServer
) -> None:
    server.responder = lambda _: Reply(b"error: error: unknown variable 'GEN_QY1_MO'", "text/plain", 400)
    with pytest.raises(FetchError, match="unknown variable 'GEN_QY1_MO'"):
        harness.run()


def test_a_dropped_answer_is_the_statement_that_a_fetched_one_is(harness: FetchHarness, tmp_path: Path) -> None:
    (fetched,) = (one for one in harness.run().artifacts if one.partition == MAGNETS)
    path = tmp_path / "saved.json"
    path.write_bytes(answer_of(FakeCensus(key=KEY), 6, "850511", 2026))
    (dropped,) = receive(path, harness.today, tmp_path)
    assert (dropped.partition, dropped.layout, dropped.year) == (MAGNETS, "census_imports_hs", 2026)
    assert content(parse(dropped).frame).equals(content(parse(fetched).frame))


def test_a_dropped_answer_of_two_codes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "saved.json"
    path.write_bytes(answer_of(FakeCensus(key=KEY), 10, "850511*", 2026).replace(b'"8505110090"', b'"2805300000"'))
    with pytest.raises(SourceError, match=r"codes \['280530', '850511'\]"):
        receive(path, date(2026, 11, 24), tmp_path)
