"""Whatever a reader raises is the failure of the file it read: it gets a sentence, and other files load."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from sources.model.artifact import Artifact, SourceError
from sources.model.source import ParsedTable, Source
from sources.registry import sources
from warehouse.ingest import ingest as ingesting
from warehouse.ingest.ingest import Ingested, ingest, land
from warehouse.settings import Settings
from warehouse.storage.landing import Landing
from warehouse.storage.work import open_work

MCS_2024, MCS_2025 = "usgs_mcs/mcs2024-raree_world.csv", "usgs_mcs/MCS2025_World_Data.csv"
USGS = sources()["usgs_mcs"]


def panic() -> None:
    """Make Polars panic, as it does on bytes that its Rust code did not foresee."""
    msg = "called `Option::unwrap()` on a `None` value"
    raise pl.exceptions.PanicException(msg)


def recurse() -> None:
    json.loads("[" * 200_000)


def a_long_error() -> None:
    msg = "no such label: " + "x" * 5_000_000
    raise ValueError(msg)


def compute() -> None:
    pl.read_csv(b"a,b\n1,2,3,4\n", truncate_ragged_lines=False)


def run_out_of_memory() -> None:
    raise MemoryError


def read_digits() -> None:
    int("9" * 5_000)


RAISED: dict[str, Callable[[], None]] = {
    "PanicException": panic,
    "RecursionError": recurse,
    "ValueError": a_long_error,
    "ComputeError": compute,
    "MemoryError": run_out_of_memory,
    "Exceeds the limit": read_digits,
}


def failing_on(monkeypatch: pytest.MonkeyPatch, partition: str, fail: Callable[[], None]) -> Source:
    """The publisher with a parser that fails on one partition."""

    def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
        if artifact.partition == partition:
            fail()
        return USGS.parse(artifact)

    return dataclasses.replace(USGS, parse=parse)


def at_home(tmp_path: Path, snapshot_of, **given) -> Settings:
    return Settings(home=tmp_path / "home", snapshot=snapshot_of(MCS_2024, MCS_2025).folder, **given)


def loaded(settings: Settings) -> list[tuple[str, str]]:
    with open_work(settings) as con:
        return con.execute(
            "select partition, case status when 'refused' then status else 'loaded' end from ledger.loads order by all"
        ).fetchall()


def only_the_first_failed(done: Ingested, settings: Settings) -> str:
    (failure,) = done.failures
    sha256 = next(i.artifact.sha256 for i in Landing(settings.landing).landed() if i.artifact.partition == "MCS 2024")
    assert failure.startswith("- MCS 2024: mcs2024-raree_world.csv: ")
    assert "Remedy: " in failure
    assert f"ree landing set-aside {sha256[:12]} REASON" in failure
    assert len(failure) < 1_000
    assert "\n" not in failure
    assert loaded(settings) == [("MCS 2024", "refused"), ("MCS 2025", "loaded")]
    return failure


@pytest.mark.parametrize("kind", RAISED)
def test_any_exception_of_a_parser_is_its_artifacts_failure_and_the_others_load(
    tmp_path, snapshot_of, monkeypatch, caplog, kind
) -> None:
    caplog.set_level(logging.DEBUG, "ree")
    settings = at_home(tmp_path, snapshot_of)
    source = failing_on(monkeypatch, "MCS 2024", RAISED[kind])
    land(settings, source)
    failure = only_the_first_failed(ingest(settings, "build", source), settings)
    assert kind in failure
    assert any(record.levelno == logging.DEBUG and record.exc_info for record in caplog.records)
    assert not any(record.levelno > logging.DEBUG and record.exc_info for record in caplog.records)


def test_any_exception_of_the_corrections_is_its_artifacts_failure(tmp_path, snapshot_of, monkeypatch) -> None:
    def correct(source: Source, artifact: Artifact, parsed: ParsedTable) -> tuple[ParsedTable, list[str]]:
        if artifact.partition == "MCS 2024":
            pl.DataFrame({"a": ["x"]}).select(pl.col("a").cast(pl.Int64))
        return parsed, []

    monkeypatch.setattr(ingesting.load, "correct", correct)
    settings = at_home(tmp_path, snapshot_of)
    land(settings, USGS)
    assert "InvalidOperationError" in only_the_first_failed(ingest(settings, "build", USGS), settings)


def test_an_artifact_that_gate_one_cannot_judge_fails_alone(tmp_path, snapshot_of, monkeypatch) -> None:
    judge = ingesting.judge_load

    def judged(parsed):
        if any(artifact.partition == "MCS 2024" for artifact, _ in parsed):
            duckdb.sql("select no_such_column")
        return judge(parsed)

    monkeypatch.setattr(ingesting, "judge_load", judged)
    settings = at_home(tmp_path, snapshot_of)
    land(settings, USGS)
    failure = only_the_first_failed(ingest(settings, "build", USGS), settings)
    assert "cannot be judged at gate 1 (BinderException" in failure


def test_an_interrupt_of_a_parser_ends_the_run(tmp_path, snapshot_of, monkeypatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    settings = at_home(tmp_path, snapshot_of)
    source = failing_on(monkeypatch, "MCS 2024", interrupt)
    land(settings, source)
    with pytest.raises(KeyboardInterrupt):
        ingest(settings, "build", source)


def test_bytes_set_aside_stop_no_build_and_their_rows_leave_raw(tmp_path, snapshot_of, monkeypatch) -> None:
    settings = at_home(tmp_path, snapshot_of)
    source = failing_on(monkeypatch, "MCS 2024", recurse)
    land(settings, source)
    assert ingest(settings, "build", source).failures
    landing = Landing(settings.landing)
    sha256 = next(item.artifact.sha256 for item in landing.landed() if item.artifact.partition == "MCS 2024")
    landing.set_aside(sha256[:8], "nested too deeply")
    land(settings, source)
    assert ingest(settings, "next", source).failures == []
    assert loaded(settings) == [("MCS 2025", "loaded")]
    landing.take_back(sha256[:8], "the reader is repaired")
    assert ingest(settings, "last", USGS).failures == []
    assert loaded(settings) == [("MCS 2024", "loaded"), ("MCS 2025", "loaded")]


def test_setting_a_statement_aside_makes_the_one_before_it_active_again(tmp_path, snapshot_of) -> None:
    snapshot = snapshot_of(MCS_2024, MCS_2025)
    settings = Settings(home=tmp_path / "home", snapshot=snapshot.folder)
    land(settings, USGS)
    ingest(settings, "first", USGS)
    snapshot.release(MCS_2025, snapshot.read(MCS_2025).replace(b"41600,45000", b"41700,45000"), "2025-06-01")
    land(settings, USGS)
    ingest(settings, "revised", USGS)
    assert loaded(settings).count(("MCS 2025", "loaded")) == 2
    landing = Landing(settings.landing)
    landing.set_aside(landing.newest("usgs_mcs", {"MCS 2025"})["MCS 2025"].sha256, "withdrawn")
    land(settings, USGS)
    done = ingest(settings, "set aside", USGS)
    assert (done.failures, done.loaded) == ([], [])
    with open_work(settings) as con:
        values = con.execute(
            "select value_t from raw.usgs_mcs__world where country_code = 'USA' and year = 2023 and value_t < 1e6"
            " and load_id in (select load_id from ledger.loads where partition = 'MCS 2025')"
        ).fetchall()
    assert values == [(41600.0,)]


@pytest.mark.parametrize("damage", [b"", None], ids=["cut off", "gone"])
def test_bytes_that_are_no_longer_whole_stop_the_build_by_name_and_keep_their_rows(
    tmp_path, snapshot_of, damage
) -> None:
    settings = at_home(tmp_path, snapshot_of)
    land(settings, USGS)
    ingest(settings, "build", USGS)
    path = next(i.artifact.path for i in Landing(settings.landing).landed() if i.artifact.partition == "MCS 2024")
    path.unlink() if damage is None else path.write_bytes(damage)
    (failure,) = ingest(settings, "next", USGS).failures
    assert "MCS 2024" in failure
    assert str(path) in failure
    assert loaded(settings) == [("MCS 2024", "loaded"), ("MCS 2025", "loaded")]
    land(settings, USGS)
    assert ingest(settings, "landed again", USGS).failures == []


def test_an_error_of_megabytes_becomes_a_short_one() -> None:
    error = SourceError("x.csv", "holds labels: " + "y" * 14_000_000, "add them to labels.csv.")
    assert len(str(error)) < 2_200
    assert str(error).startswith("x.csv: holds labels: yyy")
    assert str(error).endswith("Remedy: add them to labels.csv.")
