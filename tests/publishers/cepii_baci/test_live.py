"""BACI from a fake CEPII: found, fetched once, superseded by its next release, and retried after every fault."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import shutil
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from sources.http.errors import FetchError
from sources.model.artifact import SourceError
from sources.model.products import HS_CODES
from sources.model.source import ParsedTable
from tests.fakes.server import FakeServer, Fault, FaultKind, Reply, Request, serving
from tests.helpers.artifacts import content, parse, parsed
from tests.helpers.fetch_harness import FetchHarness, FetchOutcome, config_for
from tests.publishers.cepii_baci.fake import CATALOGUE, COLUMNS, LIST, FakeBaci, flows_of
from warehouse.quality.gates import judge_load, stopping

pytestmark = pytest.mark.thorough

KINDS: tuple[FaultKind, ...] = (
    "status", "hang", "drip", "close", "truncated", "corrupt", "html", "redirect", "empty",
)  # fmt: skip
CHINA, INDIA = "156", "699"


@pytest.fixture
def cepii() -> FakeBaci:
    return FakeBaci()


@pytest.fixture
def server(cepii: FakeBaci) -> Iterator[FakeServer]:
    with serving(cepii) as running:
        yield running


@pytest.fixture
def harness(server: FakeServer, tmp_path: Path) -> FetchHarness:
    return FetchHarness("cepii_baci", server.url, (2010, 2026), folder=tmp_path)


def run(harness: FetchHarness) -> FetchOutcome:
    """A run as the warehouse does it: files are kept, the folder is emptied, a failed discovery is reported."""
    try:
        outcome = harness.run()
    except SourceError as error:
        outcome = FetchOutcome(failures={"discover": error})
    landed = harness.folder.parent / f"{harness.folder.name}-landed"
    landed.mkdir(exist_ok=True)
    outcome.artifacts = [
        dataclasses.replace(one, path=Path(shutil.copy(one.path, landed / one.sha256))) for one in outcome.artifacts
    ]
    shutil.rmtree(harness.folder)
    harness.folder.mkdir()
    return outcome


def partitions(outcome: FetchOutcome) -> list[str]:
    return [artifact.partition for artifact in outcome.artifacts]


def test_every_year_of_the_newest_release_comes_and_2024_is_the_bundled_year(harness: FetchHarness) -> None:
    outcome = run(harness)
    assert not outcome.failures
    assert partitions(outcome) == [f"BACI V202601/HS17/all/{year}" for year in (2022, 2023, 2024)]
    but = ("exporter_label", "importer_label", "weight_raw")
    assert content(parse(outcome.artifacts[-1]).frame, *but).equals(content(parsed("baci_850511_2024.csv").frame, *but))


def test_what_comes_passes_gate_one(harness: FetchHarness) -> None:
    outcome = run(harness)
    tables: list[tuple] = [(artifact, parse(artifact)) for artifact in outcome.artifacts]
    assert not stopping(judge_load(tables))


def test_an_artifact_says_of_which_archive_it_is_an_extract_and_since_when_it_was_known(
    harness: FetchHarness, server: FakeServer, cepii: FakeBaci
) -> None:
    artifact = run(harness).artifacts[0]
    archive = cepii.archive("BACI_HS17_V202601.zip")
    assert artifact.original_sha256 == hashlib.sha256(archive).hexdigest()
    assert (artifact.transcription, artifact.layout, artifact.edition, artifact.release) == (
        "extract", "baci_csv", "BACI V202601", "V202601",
    )  # fmt: skip
    assert artifact.url == f"{server.url}/DATA_DOWNLOAD/baci/data/BACI_HS17_V202601.zip"
    assert (artifact.known_from, artifact.known_basis) == (date(2026, 1, 31), "stated")


def test_lines_are_kept_byte_for_byte_and_only_those_of_the_codes_followed(
    harness: FetchHarness, cepii: FakeBaci
) -> None:
    kept = run(harness).artifacts[0].path.read_bytes().splitlines(keepends=True)
    with zipfile.ZipFile(io.BytesIO(cepii.archive("BACI_HS17_V202601.zip"))) as archive:
        whole = archive.read("BACI_HS17_Y2022_V202601.csv").splitlines(keepends=True)
    codes = {code.encode() for code in HS_CODES}
    assert kept == [whole[0], *(line for line in whole if line.split(b",")[3] in codes)]
    assert len(kept) < len(whole)


def test_a_release_is_known_no_later_than_today(harness: FetchHarness) -> None:
    harness.today = date(2026, 1, 24)
    assert {artifact.known_from for artifact in run(harness).artifacts} == {date(2026, 1, 24)}


def test_nothing_is_left_in_the_folder_but_the_years(harness: FetchHarness) -> None:
    harness.run()
    assert sorted(path.suffix for path in harness.folder.iterdir() if not path.name.startswith("body-")) == [".csv"] * 3
    assert all(path.stat().st_size < 10_000 for path in harness.folder.glob("body-*"))


def test_a_second_run_asks_for_no_archive(harness: FetchHarness, server: FakeServer) -> None:
    run(harness)
    before = len(server.requests)
    assert run(harness).tasks == []
    assert [request.path for request in server.requests[before:]] == [LIST]


def test_after_a_month_the_archive_is_asked_for_only_if_it_changed(harness: FetchHarness, server: FakeServer) -> None:
    run(harness)
    harness.today += timedelta(days=31)
    again = run(harness)
    assert (len(again.tasks), again.artifacts, again.failures) == (1, [], {})
    assert "if-none-match" in server.requests[-1].headers
    assert run(harness).tasks == []


def test_a_server_without_validators_lands_the_same_bytes_once(harness: FetchHarness, cepii: FakeBaci) -> None:
    cepii.sends_validators = False
    assert len(run(harness).artifacts) == 3
    harness.today += timedelta(days=31)
    again = run(harness)
    assert (len(again.tasks), again.artifacts, again.failures) == (1, [], {})


def test_the_next_release_is_a_statement_beside_the_old_one(harness: FetchHarness, cepii: FakeBaci) -> None:
    run(harness)
    cepii.publish("V202701")
    cepii.revise("V202701", 2024, CHINA, INDIA, "170000.000")
    harness.today = date(2027, 2, 3)
    outcome = run(harness)
    assert partitions(outcome) == [f"BACI V202701/HS17/all/{year}" for year in (2022, 2023, 2024)]
    flow = (pl.col("exporter_code") == "CHN") & (pl.col("importer_code") == "IND")
    assert parse(outcome.artifacts[-1]).frame.filter(flow)["value_usd"].item() == 170_000_000.0
    assert outcome.artifacts[0].known_from == date(2027, 1, 31)


def test_a_release_mended_under_a_letter_follows_the_one_without(harness: FetchHarness, cepii: FakeBaci) -> None:
    run(harness)
    cepii.publish("V202601b")
    harness.today = date(2026, 12, 1)
    outcome = run(harness)
    assert partitions(outcome)[0] == "BACI V202601b/HS17/all/2022"
    assert (outcome.artifacts[0].known_from, outcome.artifacts[0].known_basis) == (date(2026, 12, 1), "assumed")
    assert parse(outcome.artifacts[0]).frame.height > 900


def test_an_archive_exchanged_under_its_old_name_is_known_from_the_day_it_was_seen(
    harness: FetchHarness, cepii: FakeBaci
) -> None:
    run(harness)
    cepii.drop("V202601", 2024, CHINA, INDIA)
    harness.today += timedelta(days=31)
    outcome = run(harness)
    assert len(outcome.artifacts) == 3
    assert {(one.known_from, one.known_basis) for one in outcome.artifacts} == {(harness.today, "assumed")}
    assert parse(outcome.artifacts[-1]).frame.height == len(flows_of(2024)) - 1


def test_an_exchanged_archive_read_for_other_codes_keeps_the_day_it_was_seen(
    harness: FetchHarness, cepii: FakeBaci, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(harness)
    cepii.drop("V202601", 2024, CHINA, INDIA)
    seen = harness.today = harness.today + timedelta(days=31)
    run(harness)
    monkeypatch.setattr("sources.publishers.cepii_baci.fetch.HS_CODES", (*HS_CODES, "270900"))
    harness.today += timedelta(days=5)
    assert {(one.known_from, one.known_basis) for one in run(harness).artifacts} == {(seen, "assumed")}


def test_a_release_that_is_withdrawn_leaves_what_is_held(harness: FetchHarness, cepii: FakeBaci) -> None:
    cepii.publish("V202701")
    harness.today = date(2027, 2, 3)
    run(harness)
    del cepii.releases["V202701"]
    outcome = run(harness)
    assert (outcome.tasks, outcome.failures) == ([], {})


def test_newest_is_by_release_and_not_by_the_order_of_links(harness: FetchHarness, cepii: FakeBaci) -> None:
    for release in ("V202401b", "V202501"):
        cepii.publish("V209901")
        cepii.releases[release] = cepii.releases.pop("V209901")
    assert {artifact.release for artifact in run(harness).artifacts} == {"V202601"}


LINKS = {
    "relative to the page": lambda name: f'<a href="../data/{name}">x</a>',
    "from the root, single quotes": lambda name: f"<a href='/DATA_DOWNLOAD/baci/data/{name}'>x</a>",
    "without quotes, in capitals": lambda name: f"<A CLASS=zip HREF=/DATA_DOWNLOAD/baci/data/{name}>x</A>",
    "absolute, by TLS": lambda name: f'<a href="https://www.cepii.fr/DATA_DOWNLOAD/baci/data/{name}">x</a>',
    "absolute, without TLS": lambda name: f'<a href="http://www.cepii.fr/DATA_DOWNLOAD/baci/data/{name}">x</a>',
    "without www": lambda name: f'<a href=" http://cepii.fr/DATA_DOWNLOAD/baci/data/{name} ">x</a>',
    "with a query": lambda name: f'<a href="../data/{name}?lang=en&amp;v=2">x</a>',
}


@pytest.mark.parametrize("written", LINKS)
def test_links_are_found_however_they_are_written(harness: FetchHarness, cepii: FakeBaci, written: str) -> None:
    cepii.link = LINKS[written]
    outcome = run(harness)
    assert (len(outcome.artifacts), outcome.failures) == (3, {})


@pytest.mark.parametrize("lists", [(CATALOGUE,), (LIST, CATALOGUE)])
def test_the_list_is_found_on_either_page(harness: FetchHarness, cepii: FakeBaci, lists: tuple[str, ...]) -> None:
    cepii.link = lambda name: f'<a href="/DATA_DOWNLOAD/baci/data/{name}">x</a>'
    cepii.lists = lists
    assert len(run(harness).artifacts) == 3


@pytest.mark.parametrize(
    "link",
    ["http://www.cepii.fr/DATA_DOWNLOAD/baci/data/", "/DATA_DOWNLOAD/baci/data/", "/mirror/x/DATA_DOWNLOAD/baci/data/"],
)
def test_a_mirror_may_lie_below_a_path(harness: FetchHarness, cepii: FakeBaci, server: FakeServer, link: str) -> None:
    cepii.link = lambda name: f'<a href="{link}{name}">x</a>'
    answer, paths = server.responder, []

    def below(request: Request) -> Reply:
        paths.append(request.path)
        return answer(dataclasses.replace(request, path=request.path.removeprefix("/mirror/x")))

    server.responder = below
    harness.url = f"{server.url}/mirror/x"
    assert len(run(harness).artifacts) == 3
    assert all(path.startswith("/mirror/x/") and path.count("/mirror/") == 1 for path in paths)


def test_a_page_without_the_revision_asked_for_is_an_error_that_names_it(
    harness: FetchHarness, cepii: FakeBaci
) -> None:
    cepii.revisions = ("HS22",)
    with pytest.raises(FetchError, match=r"names no .* \['HS17'\]"):
        harness.run()


def test_a_link_to_another_host_is_not_followed(harness: FetchHarness, cepii: FakeBaci) -> None:
    cepii.link = lambda name: f'<a href="https://example.org/{name}">x</a>'
    (error,) = run(harness).failures.values()
    assert "not one of its hosts" in str(error)


def test_columns_that_changed_are_named_with_the_header_and_nothing_lands(
    harness: FetchHarness, cepii: FakeBaci, server: FakeServer
) -> None:
    cepii.columns = ("t", "i", "j", "k", "v", "quantity")
    outcome = run(harness)
    (error,) = outcome.failures.values()
    assert "BACI_HS17_Y2022_V202601.csv" in str(error)
    assert "t,i,j,k,v,quantity" in str(error)
    assert (outcome.artifacts, len(server.requests)) == ([], 2)
    cepii.columns = COLUMNS
    cepii._archives.clear()
    assert len(run(harness).artifacts) == 3


def test_columns_in_another_order_are_read_by_their_names(harness: FetchHarness, cepii: FakeBaci) -> None:
    cepii.columns = ("t", "k", "i", "j", "v", "q")
    outcome = run(harness)
    assert parse(outcome.artifacts[-1]).frame.height == 4415


def test_a_year_left_out_between_others_is_named(harness: FetchHarness, cepii: FakeBaci) -> None:
    del cepii.releases["V202601"][2023]
    (error,) = run(harness).failures.values()
    assert "without [2023]" in str(error)


def test_a_release_without_a_year_that_is_held_is_refused_and_the_year_stays(
    harness: FetchHarness, cepii: FakeBaci
) -> None:
    run(harness)
    del cepii.publish("V202701")[2024]
    outcome = run(harness)
    (error,) = outcome.failures.values()
    assert ("[2024]" in str(error), outcome.artifacts) == (True, [])


def test_a_year_without_any_of_our_codes_is_refused(harness: FetchHarness, cepii: FakeBaci) -> None:
    cepii.releases["V202601"][2023].clear()
    (error,) = run(harness).failures.values()
    assert "BACI_HS17_Y2023_V202601.csv: holds none of the codes" in str(error)


def test_an_archive_of_another_release_inside_is_refused(harness: FetchHarness, cepii: FakeBaci) -> None:
    other = FakeBaci(releases={"V202501": {2024: list(flows_of(2024))}})
    cepii._archives["BACI_HS17_V202601.zip"] = other.archive("BACI_HS17_V202501.zip")
    (error,) = run(harness).failures.values()
    assert "BACI_HS17_Y2024_V202501.csv in the archive of HS17 V202601" in str(error)


def test_a_year_whose_text_ends_inside_a_record_is_refused(harness: FetchHarness, cepii: FakeBaci) -> None:
    whole = cepii.archive("BACI_HS17_V202601.zip")
    cut = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(cut, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            target.writestr(info.filename, source.read(info)[: -5 if "Y2023" in info.filename else None])
    cepii._archives["BACI_HS17_V202601.zip"] = cut.getvalue()
    (error,) = run(harness).failures.values()
    assert "BACI_HS17_Y2023_V202601.csv: ends inside record" in str(error)


def test_an_archive_cut_at_the_publishers_is_asked_for_again_and_then_reported(
    harness: FetchHarness, cepii: FakeBaci, server: FakeServer
) -> None:
    cepii.damage = lambda data: data[:20_000] + data[20_100:]
    (error,) = run(harness).failures.values()
    assert "is damaged" in str(error)
    assert len(server.requests) == 1 + 4
    cepii.damage = lambda data: data
    cepii._archives.clear()
    assert len(run(harness).artifacts) == 3


def test_other_codes_followed_make_the_archive_due_again(
    harness: FetchHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(harness)
    monkeypatch.setattr("sources.publishers.cepii_baci.fetch.HS_CODES", (*HS_CODES, "270900"))
    outcome = run(harness)
    assert "other codes" in outcome.tasks[0].why
    assert b",270900," in outcome.artifacts[0].path.read_bytes()
    assert outcome.artifacts[0].known_basis == "stated"


def test_years_outside_the_window_are_not_asked_for(harness: FetchHarness) -> None:
    harness.years = (2010, 2016)
    assert run(harness).tasks == []


@pytest.fixture
def short(cepii: FakeBaci) -> FakeBaci:
    """A release of one year: what is tested many times should be little."""
    cepii.releases = {"V202601": {2024: list(flows_of(2024))}}
    return cepii


def hashes(outcome: FetchOutcome) -> list[str]:
    tables: list[ParsedTable] = [parse(artifact) for artifact in outcome.artifacts]
    return [table.content_sha256() for table in tables]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    with serving(FakeBaci(years=(2024,))) as server:
        return hashes(run(FetchHarness("cepii_baci", server.url, (2010, 2026), folder=tmp_path_factory.mktemp("calm"))))


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_one_fault_is_survived_in_this_run_or_the_next(
    harness: FetchHarness, server: FakeServer, short: FakeBaci, kind: FaultKind, at: int, undisturbed: list[str]
) -> None:
    harness.config = config_for(kind)
    server.add_fault(Fault(kind), at=at)
    outcome = run(harness)
    if kind != "redirect":
        assert not outcome.failures
    outcome = outcome if outcome.artifacts else run(harness)
    assert hashes(outcome) == undisturbed


ZIP = "/DATA_DOWNLOAD/baci/data/BACI_HS17_V202601.zip"
LASTING = [(kind, at) for kind in KINDS for at in (LIST, ZIP) if (kind, at) != ("corrupt", LIST)]
"""A byte of prose that changed on a page cannot be detected as a fault."""


@pytest.mark.parametrize(("kind", "at"), LASTING)
def test_a_lasting_fault_is_an_error_that_names_the_address_and_the_next_run_repairs_it(
    harness: FetchHarness, server: FakeServer, short: FakeBaci, kind: FaultKind, at: str, undisturbed: list[str]
) -> None:
    harness.config = {**config_for(kind), "attempts": 2}
    server.add_fault(Fault(kind), when=lambda request: request.path == at, times=-1)
    outcome = run(harness)
    assert not outcome.artifacts
    (error,) = outcome.failures.values()
    assert ("elsewhere.invalid" if kind == "redirect" else Path(at).name) in str(error)
    assert "Remedy:" in str(error)
    server.clear_faults()
    harness.config = {}
    assert hashes(run(harness)) == undisturbed


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(harness: FetchHarness, server: FakeServer, status: int) -> None:
    server.add_fault(Fault("status", status, {"Retry-After": "0"}), at=2, times=1)
    assert len(run(harness).artifacts) == 3
