"""`ree doctor` finds each kind of damage, names the place and the remedy, writes nothing, and repairs what is safe."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console
from typer.testing import CliRunner

from orchestration.cli import app
from sources.registry import sources
from tests.helpers.home_fixtures import SnapshotFolder
from tests.helpers.homes import copy_home
from warehouse.ingest.fetch_context import journal_of
from warehouse.ingest.ingest import ingest, land
from warehouse.read import doctor
from warehouse.read.checks.finding import Finding
from warehouse.read.doctor import examine, repair
from warehouse.release.losses import lost_statements, require_no_loss
from warehouse.release.publish import publish
from warehouse.release.store import current_release, roll_back
from warehouse.settings import Settings
from warehouse.storage.landing import Landing
from warehouse.storage.last_build import last_build, start_build
from warehouse.storage.ledger import LedgerError
from warehouse.storage.lock import sole_writer
from warehouse.storage.work import open_work

FILES = ("usgs_mcs/mcs2024-raree_world.csv", "usgs_mcs/MCS2025_World_Data.csv", "usgs_mcs/MCS2026_Commodities_Data.csv")
USGS = sources()["usgs_mcs"]
Damage = Callable[[Settings], object]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home in which three files landed and were loaded and a fetch run ended; nothing is published."""
    folder = tmp_path_factory.mktemp("sound")
    snapshot = SnapshotFolder(folder / "snapshot", FILES)
    settings = Settings(home=folder / "it's a home", snapshot=snapshot.folder)
    land(settings, USGS)
    assert ingest(settings, "build", USGS).failures == []
    journal_of(settings, "usgs_mcs").finish_run(3, [], 0, None)
    return settings


@pytest.fixture
def home(sound: Settings, tmp_path: Path) -> Settings:
    """A copy of it to damage."""
    copy = copy_home(sound.home, tmp_path / "it's a home")
    return sound.model_copy(update={"home": copy, "lock_timeout_s": 0})


def wrong(settings: Settings) -> list[Finding]:
    """What is wrong with a home, apart from having no release."""
    return [finding for finding in examine(settings) if not finding.ok and finding.found != "none yet"]


def ledger_of(settings: Settings) -> Path:
    return settings.landing / "ledger.jsonl"


def edit(change: Callable[[list[bytes]], list[bytes]]) -> Damage:
    """Damage that changes the lines of the ledger."""

    def damage(settings: Settings) -> None:
        file = ledger_of(settings)
        file.write_bytes(b"".join(change(file.read_bytes().splitlines(keepends=True))))

    return damage


def mcs_2024(settings: Settings) -> Path:
    return next(i.artifact.path for i in Landing(settings.landing).landed() if i.artifact.partition == "MCS 2024")


def add_file(settings: Settings, name: str) -> None:
    path = settings.home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"left")


def refuse_one(settings: Settings) -> None:
    """Build once more with a parser that can no longer read one of the files."""

    def parse(artifact):
        return USGS.parse(artifact) if artifact.partition != "MCS 2024" else json.loads("[" * 100_000)

    with open_work(settings) as con:
        con.execute("update ledger.loads set parser_version = 'older'")
    assert ingest(settings, "next", dataclasses.replace(USGS, parse=parse)).failures


def damage_a_block(settings: Settings) -> None:
    data = bytearray(settings.work_file.read_bytes())
    for at in range(20_000, len(data), 4_096):
        data[at] ^= 0xFF
    settings.work_file.write_bytes(data)


def with_journal(query: str) -> Damage:
    def damage(settings: Settings) -> None:
        with closing(sqlite3.connect(settings.journal_file)) as db:
            db.execute(query)
            db.commit()

    return damage


def kill_a_build(settings: Settings) -> None:
    start_build(settings, "killed")
    settings.candidate.mkdir()


NOT_REPAIRED: dict[str, tuple[Damage, list[str]]] = {
    "a line is cut": (edit(lambda lines: [lines[0][:50] + b"\n", *lines[1:]]), ["ledger.jsonl, line 1: is not JSON"]),
    "a line is no artifact": (edit(lambda lines: [*lines, b"{}\n"]), ["ledger.jsonl, line 4: has a wrong field"]),
    "a bit of a line flipped": (
        edit(lambda lines: [lines[0], lines[1].replace(b"MCS 2025", b"MCS 2029"), lines[2]]),
        [
            "ledger.jsonl, line 2: does not fit its check",
            "usgs_mcs: MCS 2025 (MCS2025_World_Data.csv), in the work file",
        ],
    ),
    "a line is lost": (
        edit(lambda lines: [lines[0], lines[2]]),
        ["ledger.jsonl, line 2: is line 3 by its own number: 1 before it are missing", "MCS 2025", "still at"],
    ),
    "the last line is lost": (edit(lambda lines: lines[:2]), ["1 lost", "MCS 2026", "1 without a line"]),
    "the ledger is lost": (lambda settings: ledger_of(settings).unlink(), ["3 lost", "3 without a line"]),
    "the ledger is a folder": (
        lambda settings: (ledger_of(settings).unlink(), ledger_of(settings).mkdir()),
        ["could not be checked: IsADirectoryError"],
    ),
    "the landing is lost": (lambda settings: shutil.rmtree(settings.landing), ["3 lost", "are gone too"]),
    "bytes are cut": (lambda settings: mcs_2024(settings).write_bytes(b"x"), ["1 damaged", "has another hash"]),
    "bytes are gone": (lambda settings: mcs_2024(settings).unlink(), ["1 damaged", "mcs2024-raree", "is missing"]),
    "bytes have no line": (
        lambda settings: add_file(settings, "landing/sha256/ab/abcd"),
        ["1 without a line", "landing/sha256/ab/abcd", "move it away"],
    ),
    "an artifact is refused": (
        refuse_one,
        ["usgs_mcs: MCS 2024", "RecursionError", "ree landing set-aside e15708375"],
    ),
    "the journal is no database": (
        lambda settings: settings.journal_file.write_bytes(b"no database" * 999),
        ["journal.sqlite: file is not a database", "move it away"],
    ),
    "the journal lost a table": (with_journal("drop table tasks"), ["journal.sqlite: no such table: tasks"]),
    "the journal holds garbage": (with_journal("update events set details = '{'"), ["journal.sqlite: Expecting"]),
}
"""Damage that only a person can repair, and words of what is found."""

REPAIRED: dict[str, tuple[Damage, list[str]]] = {
    "the work file is no database": (
        lambda settings: settings.work_file.write_bytes(b"no database" * 999),
        ["work.duckdb", "delete"],
    ),
    "the work file is cut": (
        lambda settings: settings.work_file.write_bytes(settings.work_file.read_bytes()[:50_000]),
        ["work.duckdb", "delete"],
    ),
    "blocks of the work file are damaged": (damage_a_block, ["the work file can be read", "delete"]),
    "a build was killed": (kill_a_build, ["candidate: the unfinished release"]),
    "a fetch run was killed": (
        lambda settings: add_file(settings, "tmp/fetching/un_comtrade-x/body"),
        ["tmp/fetching/un_comtrade-x: files of a fetch run"],
    ),
    "a landing was killed": (
        lambda settings: add_file(settings, "landing/sha256/ab/.abcd.123.partial"),
        [".abcd.123.partial: a file that was half written"],
    ),
    "a note was half written": (
        lambda settings: add_file(settings, "inbox/china_customs/failed/.x.error.txt.123.partial"),
        [".x.error.txt.123.partial: a file that was half written"],
    ),
    "a publishing was killed": (
        lambda settings: (settings.home / ".published.123").symlink_to("releases/1"),
        [".published.123: a link"],
    ),
    "a writer was killed": (
        lambda settings: settings.lock_file.with_suffix(".holder.json").write_text('{"pid": 1}'),
        ["writer.holder.json: the note of a writer"],
    ),
    "a build was killed while it fetched": (
        lambda settings: settings.visit_file.write_text('{"pid": 1, "visits": []}'),
        ["visit.json: the note of visits"],
    ),
}
"""Damage that `ree doctor --fix` repairs."""


def state_of(settings: Settings) -> dict[str, tuple[int, int]]:
    return {
        str(path): (path.lstat().st_mtime_ns, path.lstat().st_size)
        for path in settings.home.rglob("*")
        if not path.is_dir()
    }


def found_in(settings: Settings, words: list[str]) -> None:
    findings = wrong(settings)
    text = "\n".join(f"{finding.what}: {finding.found} {finding.remedy}" for finding in findings)
    assert all(finding.remedy for finding in findings), text
    for word in words:
        assert word in text


def test_nothing_is_wrong_with_a_sound_home(sound: Settings) -> None:
    assert wrong(sound) == []
    require_no_loss(sound)


@pytest.mark.parametrize("kind", NOT_REPAIRED)
def test_damage_is_named_with_its_place_and_remedy_and_fix_leaves_it_to_a_person(home: Settings, kind: str) -> None:
    damage, words = NOT_REPAIRED[kind]
    damage(home)
    before = state_of(home)
    found_in(home, words)
    assert repair(home) == []
    assert state_of(home) == before, "neither looking nor --fix changed a file"


@pytest.mark.parametrize("kind", REPAIRED)
def test_what_killed_processes_left_and_a_broken_work_file_are_repaired(home: Settings, kind: str) -> None:
    damage, words = REPAIRED[kind]
    damage(home)
    before = state_of(home)
    found_in(home, words)
    assert state_of(home) == before, "looking changes nothing"
    with sole_writer(home, "ree doctor --fix"):
        done = repair(home)
    assert len(done) == 1 or kind == "a writer was killed"
    assert wrong(home) == []
    assert len(list(Landing(home.landing).ledger.landed())) == 3, "no line is touched"


STOP_A_BUILD = (
    "a line is cut",
    "a line is no artifact",
    "a bit of a line flipped",
    "a line is lost",
    "the last line is lost",
    "the ledger is lost",
    "the landing is lost",
)


@pytest.mark.parametrize("kind", STOP_A_BUILD)
def test_a_build_stops_at_a_damaged_ledger_with_the_same_sentence(home: Settings, kind: str) -> None:
    damage, words = NOT_REPAIRED[kind]
    damage(home)
    with pytest.raises(LedgerError, match=r"(?s)ledger\.jsonl.*Remedy: restore ledger\.jsonl") as stop:
        require_no_loss(home)
    assert "MCS 20" in str(stop.value) or words[0] in str(stop.value)


@pytest.mark.parametrize("kind", STOP_A_BUILD)
def test_a_loss_that_was_accepted_stops_nothing_and_what_is_offered_lands_again(home: Settings, kind: str) -> None:
    NOT_REPAIRED[kind][0](home)
    landing = Landing(home.landing)
    landing.accept_loss([lost.statement for lost in lost_statements(home)], "there was no backup")
    require_no_loss(home)
    land(home, USGS)
    assert ingest(home, "next", USGS).failures == []
    assert {item.artifact.partition for item in Landing(home.landing).landed()} == {"MCS 2024", "MCS 2025", "MCS 2026"}
    assert wrong(home) == []


def test_a_statement_of_the_release_that_has_no_line_is_lost_also_without_a_work_file(copy_of_small: Settings) -> None:
    lines = ledger_of(copy_of_small).read_bytes().splitlines(keepends=True)
    ledger_of(copy_of_small).write_bytes(b"".join(lines[:-2]))
    copy_of_small.work_file.unlink()
    with pytest.raises(LedgerError, match=r"no line for 2 statement\(s\)(?s:.*)in release 20"):
        require_no_loss(copy_of_small)


def test_a_corrected_date_and_bytes_set_aside_are_no_loss(home: Settings, tmp_path: Path) -> None:
    snapshot = SnapshotFolder(tmp_path / "corrected", FILES)
    snapshot.row(FILES[0])["known_from"] = "2024-02-02"
    snapshot.save()
    corrected = home.model_copy(update={"snapshot": snapshot.folder})
    assert land(corrected, USGS)[0] == 1
    require_no_loss(corrected)
    ingest(corrected, "next", USGS)
    Landing(home.landing).set_aside(mcs_2024(home).name[:8], "withdrawn")
    require_no_loss(corrected)
    assert wrong(corrected) == []
    noted = [finding for finding in examine(corrected) if finding.state == "note"]
    assert any("MCS 2024" in finding.found and "withdrawn" in finding.found for finding in noted)


def test_a_check_that_fails_itself_is_a_finding_and_the_others_go_on(sound: Settings, monkeypatch) -> None:
    def fail(_: object) -> list[Finding]:
        msg = "nobody foresaw this " + "x" * 10_000
        raise RuntimeError(msg)

    monkeypatch.setitem(doctor._CHECKS, "landed bytes", fail)
    (finding,) = wrong(sound)
    assert finding.found.startswith("could not be checked: RuntimeError: nobody foresaw this")
    assert len(finding.found) < 500
    assert {"the ledger of the landing is whole", "nothing is left of killed runs"} <= {f.what for f in examine(sound)}


def test_doctor_works_during_a_build_and_takes_its_files_for_no_leftovers(home: Settings) -> None:
    with sole_writer(home, "a long build"), open_work(home):
        home.candidate.mkdir()
        add_file(home, "tmp/fetching/un_comtrade-x/body")
        findings = examine(home)
    assert [finding for finding in findings if not finding.ok and finding.found != "none yet"] == []
    assert any("a long build" in finding.found for finding in findings)


def cut_link(settings: Settings) -> None:
    settings.published.unlink()
    settings.published.symlink_to("releases/1999.01.01.1")


def test_a_dangling_link_is_found_and_points_to_the_newest_release_again(copy_of_small: Settings) -> None:
    version = current_release(copy_of_small).version
    cut_link(copy_of_small)
    found_in(copy_of_small, ["published points to releases/1999.01.01.1, which is no release"])
    (done,) = repair(copy_of_small)
    assert version in done
    assert current_release(copy_of_small).version == version


def test_releases_that_no_reader_saw_are_found_and_removed(copy_of_small: Settings) -> None:
    current = current_release(copy_of_small)
    unfinished = copy_of_small.releases / "2026.01.01.1"
    unfinished.mkdir()
    orphan = shutil.copytree(current.folder, copy_of_small.releases / "2026.01.01.2")
    file = orphan / "parquet" / "meta" / "release.parquet"
    about = pl.read_parquet(file).with_columns(pl.lit("killed").alias("build_id"), pl.lit(orphan.name).alias("version"))
    file.chmod(0o644)
    about.write_parquet(file)
    start_build(copy_of_small, "killed")
    found_in(copy_of_small, [f"{folder}: its build was killed" for folder in (unfinished, orphan)])
    assert len(repair(copy_of_small)) == 2
    assert wrong(copy_of_small) == []
    assert [path.name for path in copy_of_small.releases.iterdir() if path.is_dir()] == [current.version]


def test_a_release_that_was_rolled_back_is_no_leftover(copy_of_small: Settings, candidate) -> None:
    first = current_release(copy_of_small)
    build_id = candidate(copy_of_small, "update core.dim_stage set description = 'changed'")
    publish(copy_of_small, build_id)
    roll_back(copy_of_small, first.version)
    assert wrong(copy_of_small) == []


run = CliRunner().invoke


def test_a_build_whose_landing_lost_a_line_stops_by_name_and_the_release_stays(copy_of_small: Settings, at) -> None:
    """Two lines gone must not be two files fewer in the next release."""
    before = current_release(copy_of_small).version
    file = ledger_of(copy_of_small)
    lines = file.read_bytes().splitlines(keepends=True)
    lost = [json.loads(line) for line in lines[2:4]]
    file.write_bytes(b"".join(lines[:2] + lines[4:]))
    at(copy_of_small)
    stopped = run(app, ["build", "--from-landing"])
    assert stopped.exit_code == 1
    words = " ".join(stopped.output.split())
    for row in lost:
        assert row["partition"] in words
        assert row["sha256"] in words
    assert "restore ledger.jsonl" in words
    assert "Traceback" not in words
    assert current_release(copy_of_small).version == before
    assert "refused" in last_build(copy_of_small)
    assert run(app, ["landing", "accept-loss", "there was no backup"]).exit_code == 0
    require_no_loss(copy_of_small)


def test_a_build_with_a_broken_work_file_says_that_it_may_be_deleted(copy_of_small: Settings, at) -> None:
    copy_of_small.work_file.write_bytes(b"no database" * 999)
    at(copy_of_small)
    stopped = run(app, ["build", "--from-landing"])
    assert stopped.exit_code == 1
    assert "work.duckdb cannot be opened" in " ".join(stopped.output.split())
    assert "ree doctor --fix" in " ".join(stopped.output.split())
    assert "Traceback" not in stopped.output


def test_a_request_about_the_landing_of_no_warehouse_makes_no_folder(tmp_path: Path, at) -> None:
    at(Settings(home=tmp_path / "nowhere"))
    assert run(app, ["landing", "set-aside", "0123456", "x"]).exit_code == 1
    assert run(app, ["landing"]).exit_code == 1
    assert not (tmp_path / "nowhere").exists()


def test_landing_lists_what_landed_and_what_is_set_aside(home: Settings, at, monkeypatch) -> None:
    refuse_one(home)
    at(home)
    monkeypatch.setattr("orchestration.cli.console.out", Console(width=80))
    listed = run(app, ["landing"])
    assert listed.exit_code == 0
    (row,) = (line for line in listed.output.splitlines() if "usgs_mcs" in line)
    cells = row.split()
    assert (cells[1], cells[4], cells[5]) == ("3", "0", "1"), "artifacts, set aside, refused"
    sha256 = mcs_2024(home).name
    assert f"ree landing set-aside {sha256[:12]} REASON" in listed.output
    assert run(app, ["landing", "set-aside", sha256[:12], "nested too deeply"]).exit_code == 0
    listed = run(app, ["landing", "--source", "usgs_mcs"]).output
    assert f"Set aside: {sha256[:12]} MCS 2024: nested too deeply" in listed
    assert "refused" not in listed
    assert run(app, ["landing", "take-back", sha256[:12], "a better reader"]).exit_code == 0
    assert "Set aside" not in run(app, ["landing"]).output


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["set-aside", "e15", "x"], "too short"),
        (["set-aside", "0000000", "x"], "0 hashes of landed bytes begin with '0000000'"),
        (["take-back", "e157", "x"], "0 hashes of bytes set aside"),
        (["accept-loss", "x"], "no line of the ledger is lost"),
        (["--source", "wto"], "Unknown publisher 'wto'"),
    ],
)
def test_a_request_about_the_landing_that_cannot_be_done_gets_a_sentence(home, at, command, words) -> None:
    at(home)
    result = run(app, ["landing", *command])
    assert result.exit_code == 1
    assert words in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_doctor_prints_lines_of_eighty_columns_and_keeps_paths_whole(home: Settings, at, monkeypatch) -> None:
    mcs_2024(home).unlink()
    add_file(home, "tmp/fetching/un_comtrade-x/body")
    at(home)
    monkeypatch.setattr("orchestration.cli.console.out", Console(width=80))
    result = run(app, ["doctor"])
    assert result.exit_code == 1
    long = [line for line in result.output.splitlines() if len(line) > 80]
    assert all(len(line.split()) == 1 for line in long), long
    gone = str(home.landing / "sha256" / "e1" / "e157")
    assert gone.rpartition(" ")[2] in result.output
    fixed = run(app, ["doctor", "--fix"])
    assert fixed.exit_code == 1, "the bytes are still gone"
    assert " ".join(fixed.output.split()).startswith(f"fixed removed {home.home}")
    assert not list(home.scratch.iterdir())
    with sole_writer(home, "a long build"):
        busy = run(app, ["doctor", "--fix"])
    assert busy.exit_code == 1
    assert "a long build" in busy.output
