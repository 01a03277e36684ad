"""Comext from a fake Eurostat: a file a month, its followed codes alone, unchanged files, damage of every kind."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import py7zr
import pytest

from sources.http.errors import FetchError, MissingError, SchemaChangedError
from sources.model.artifact import SourceError
from sources.publishers.eurostat_comext.receive import receive
from sources.registry import sources
from tests.fakes.server import FakeServer, Fault, FaultKind, serving
from tests.helpers.artifacts import content, parse
from tests.helpers.fetch_harness import FetchHarness, FetchOutcome, config_for
from tests.publishers.eurostat_comext.fake import COLUMNS, FakeComext
from warehouse.publisher_settings import why_not_asked
from warehouse.quality.gates import judge_load, stopping

KINDS: tuple[FaultKind, ...] = (
    "status", "hang", "drip", "close", "truncated", "corrupt", "html", "redirect", "empty",
)  # fmt: skip
JUNE = "COMEXT/2026-06"
PASSWORD = "of the archive"  # noqa: S105 - of an archive that is refused


@pytest.fixture
def comext() -> FakeComext:
    return FakeComext()


@pytest.fixture
def server(comext: FakeComext) -> Iterator[FakeServer]:
    with serving(comext) as running:
        yield running


@pytest.fixture
def harness(server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FetchHarness:
    monkeypatch.setitem(sources()["eurostat_comext"].about["live"], "first_month", "2026-05")
    return FetchHarness(
        "eurostat_comext", server.url, (2026, 2026), today=date(2026, 8, 20), folder=tmp_path / "scratch"
    )


def run(harness: FetchHarness) -> FetchOutcome:
    """A run as the warehouse does it: what was fetched is kept, the folder is emptied."""
    harness.folder.mkdir(exist_ok=True)
    outcome = harness.run()
    landed = harness.folder.parent / "landed"
    landed.mkdir(exist_ok=True)
    outcome.artifacts = [
        dataclasses.replace(one, path=Path(shutil.copy(one.path, landed / one.sha256))) for one in outcome.artifacts
    ]
    shutil.rmtree(harness.folder)
    return outcome


def test_nothing_is_downloaded_unless_a_person_switches_it_on() -> None:
    assert why_not_asked("eurostat_comext", {}).startswith("not asked without REE_EUROSTAT_COMEXT__FETCH. ")
    assert why_not_asked("eurostat_comext", {"fetch": False})
    assert why_not_asked("eurostat_comext", {"fetch": True}) == ""


def test_the_united_kingdom_got_3_023_kg_of_magnets_from_italy_in_june_2026(harness: FetchHarness) -> None:
    outcome = run(harness)
    assert not outcome.failures
    june = parse(outcome.artifacts[0]).frame.filter(reporter_code="ITA", partner_code="GBR", hs_code="85051110")
    assert june.select("flow", "net_weight_kg").rows() == [("export", 3_023.0)]


def test_the_followed_codes_land_with_the_hash_of_the_file_and_nothing_else_stays(
    harness: FetchHarness, comext: FakeComext
) -> None:
    outcome = harness.run()
    assert [one.partition for one in outcome.artifacts] == [JUNE, "COMEXT/2026-05"]
    june = outcome.artifacts[0]
    archive = comext.archive("202606")
    assert (june.transcription, june.original_sha256) == ("extract", hashlib.sha256(archive).hexdigest())
    assert june.read_bytes() == FakeComext(others=0).text("202606").encode()
    assert "Signature" not in june.url
    assert {path.name for path in harness.folder.iterdir()} == {"full_v2_202606.csv", "full_v2_202605.csv"}
    assert not stopping(judge_load([(one, parse(one)) for one in outcome.artifacts]))


def test_a_month_that_is_not_out_is_no_error_and_is_requested_again(harness: FetchHarness, comext: FakeComext) -> None:
    first = run(harness)
    assert [task.key for task in first.tasks] == ["COMEXT/2026-07", JUNE, "COMEXT/2026-05"]
    comext.publish("202607")
    again = run(harness)
    assert [one.partition for one in again.artifacts] == ["COMEXT/2026-07"]
    assert not again.failures


def test_an_unchanged_file_is_not_sent_again_and_a_corrected_one_lands(
    harness: FetchHarness, comext: FakeComext, server: FakeServer
) -> None:
    run(harness)
    harness.today = date(2026, 9, 20)
    assert not run(harness).artifacts
    assert harness.states[JUNE].cursor["sha256"]
    comext.revise("202606", 1.5)
    harness.today = date(2026, 10, 20)
    assert [one.partition for one in run(harness).artifacts] == [JUNE]


def test_without_validators_the_same_file_is_known_by_its_hash(harness: FetchHarness, comext: FakeComext) -> None:
    comext.sends_validators = False
    run(harness)
    harness.today = date(2026, 9, 20)
    assert not run(harness).artifacts


def test_the_file_of_a_month_that_landed_and_is_gone_is_an_error(harness: FetchHarness, comext: FakeComext) -> None:
    run(harness)
    del comext.months["202606"]
    harness.today = date(2026, 9, 20)
    assert isinstance(run(harness).failures[JUNE], MissingError)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_of_one_download_is_retried(harness: FetchHarness, server: FakeServer, kind: FaultKind) -> None:
    harness.config = config_for(kind)
    server.add_fault(Fault(kind), when=lambda request: request.path.startswith("/storage"))
    outcome = run(harness)
    assert not outcome.failures
    assert len(outcome.artifacts) == 2


def test_another_column_is_a_changed_layout_by_name(harness: FetchHarness, comext: FakeComext) -> None:
    comext.columns = tuple("VALUE" if name == "VALUE_EUR" else name for name in COLUMNS)
    failure = run(harness).failures[JUNE]
    assert isinstance(failure, SchemaChangedError)
    assert "full_v2_202606.7z, full_202606.dat: has other columns than declared: lost ['VALUE_EUR']" in str(failure)


def test_a_file_without_the_followed_codes_is_refused(harness: FetchHarness, comext: FakeComext) -> None:
    comext.months["202606"] = []
    assert "holds none of the followed codes in 200 records" in str(run(harness).failures[JUNE])


def test_a_file_of_another_month_is_refused(harness: FetchHarness, comext: FakeComext) -> None:
    comext._archives["202606"] = comext.archive("202605")
    assert "holds the periods ['202605'], not 202606 alone" in str(run(harness).failures[JUNE])


def packed(*members: tuple[str, str], **options: str) -> bytes:
    data = io.BytesIO()
    with py7zr.SevenZipFile(data, "w", **options) as archive:
        for name, text in members:
            archive.writestr(text, name)
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (packed(("a.csv", "x\n")), r"holds \['a.csv'\], not one CSV of a month"),
        (packed(("full_202606.dat", "x\n"), ("full_202605.dat", "x\n")), "not one CSV of a month"),
        (packed(("full_202606.dat", "a" * 3_000_000 + "\n")), "announces 3,000,001 bytes of"),
        (packed(("full_202606.dat", FakeComext().text("202606")[:-9])), "ends inside a record"),
        (packed(("full_202606.dat", FakeComext().text("202606")), password=PASSWORD), "not a whole 7z|encrypted"),
        (packed(("full_202606.dat", FakeComext().text("202606")))[:-40], "not a whole 7z"),
        (b"7z\xbc\xaf\x27\x1c", "not a whole 7z"),
    ],
    ids=["name", "two", "bomb", "cut", "encrypted", "truncated", "magic"],
)
def test_an_archive_that_is_no_monthly_file_is_refused_with_a_remedy(
    harness: FetchHarness, comext: FakeComext, data: bytes, says: str
) -> None:
    comext._archives["202606"] = data
    outcome = run(harness)
    with pytest.raises(FetchError, match=f"(?:{says}).*Remedy: "):
        raise outcome.failures[JUNE]
    assert [one.partition for one in outcome.artifacts] == ["COMEXT/2026-05"]


def test_a_dropped_file_is_the_statement_that_a_fetched_one_is(
    harness: FetchHarness, comext: FakeComext, tmp_path: Path
) -> None:
    fetched = run(harness).artifacts[0]
    path = tmp_path / "june.7z"
    path.write_bytes(comext.archive("202606"))
    (dropped,) = receive(path, harness.today, tmp_path)
    same = ("name", "layout", "partition", "year", "transcription", "sha256", "original_sha256")
    assert [getattr(dropped, name) for name in same] == [getattr(fetched, name) for name in same]
    assert content(parse(dropped).frame).equals(content(parse(fetched).frame))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\x03\x04", "is no 7z"),
        (packed(("full_v2_202552.dat", FakeComext().text("202606").replace("202606", "202552"))), "the periods"),
    ],
)
def test_what_is_no_monthly_file_is_not_received(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "a.7z"
    path.write_bytes(data)
    with pytest.raises(SourceError, match=f"{says}.*Remedy: "):
        receive(path, date(2026, 11, 24), tmp_path)


def test_every_record_of_a_followed_code_is_kept(comext: FakeComext, harness: FetchHarness) -> None:
    kept = parse(run(harness).artifacts[0])
    assert kept.rows_parsed == len(comext.months["202606"])
    assert kept.frame["hs_code"].is_in(["85051110", "85051190", "28469090"]).all()
