"""Files read by several processes: raw tables, ledger and messages are those of one; no file's fault stops others."""

from __future__ import annotations

import dataclasses
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sources.model.artifact import Artifact, LayoutError
from sources.model.source import ParsedTable, Source
from sources.reading.tables import log_added_fields
from sources.registry import sources
from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none
from warehouse.ingest import ingest as ingest_module
from warehouse.ingest import reading
from warehouse.ingest.ingest import Ingested, ingest, land
from warehouse.settings import Settings
from warehouse.storage.work import open_work

INDIA = sources()["india_amd"]
FILES = [f"india_amd/amd_{year}.csv" for year in ("2005", "2009-08", "2014-11", "2018-05", "2022-09")]
BAD = "amd_2009-08.csv"

OF_THE_RUN = {"build_id", "loaded_at", "checked_at", "fetched_at"}
"""Columns that differ from run to run."""


def one_refused(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """The parser, with fields that are new in every file, and one file that it refuses."""
    log_added_fields(artifact, ["colour", artifact.name])
    if artifact.name == BAD:
        raise LayoutError(artifact, "lost its columns.", "look at it.")
    return INDIA.parse(artifact)


def one_ends_its_process(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """The parser, whose process the system ends at one file, as it does where memory is short."""
    if artifact.name == BAD:
        os.kill(os.getpid(), signal.SIGKILL)
    return INDIA.parse(artifact)


def one_needs_more_memory_than_beside_others(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """The parser, whose process is ended at its first try of one file."""
    tried = Path(os.environ["TRIED"])
    if artifact.name == BAD and not tried.exists():
        tried.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return INDIA.parse(artifact)


def waits(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """A parser that says which process it runs in, and never ends."""
    (Path(os.environ["PIDS"]) / str(os.getpid())).touch()
    time.sleep(600)
    return ()


@pytest.fixture
def ingested(tmp_path: Path, snapshot_of: Callable[..., Any]) -> Callable[..., tuple[Ingested, Settings]]:
    """Load the files in a home of its own with so many workers."""
    snapshot = snapshot_of(*FILES).folder

    def run(parse: Callable[[Artifact], tuple[ParsedTable, ...]], workers: int) -> tuple[Ingested, Settings]:
        settings = Settings(home=tmp_path / f"home {workers}", snapshot=snapshot, workers=workers)
        source: Source = dataclasses.replace(INDIA, parse=parse)
        land(settings, source)
        return ingest(settings, "build", source), settings

    return run


def contents(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of the work file, its rows in the order in which they were written."""
    with open_work(settings) as con:
        columns = con.execute(
            "select schema_name || '.' || table_name, list(column_name order by column_index) from duckdb_columns()"
            " where schema_name in ('raw', 'ledger', 'quarantine') group by all order by all"
        ).fetchall()
        kept = {table: ", ".join(f'"{name}"' for name in names if name not in OF_THE_RUN) for table, names in columns}
        return {table: con.execute(f"select {names} from {table}").fetchall() for table, names in kept.items()}


def test_raw_ledger_and_messages_are_those_of_one_process(ingested, caplog) -> None:
    caplog.set_level(logging.INFO, "ree")
    found, said, failures = [], [], []
    for workers in (1, 2):
        caplog.clear()
        done, settings = ingested(one_refused, workers)
        found.append(contents(settings))
        said.append([record.getMessage() for record in caplog.records if record.name.startswith("ree.")])
        failures.append(done.failures)
    assert_none(table for table in found[0] if found[0][table] != found[1][table])
    assert said[0] == said[1]
    assert failures[0] == failures[1]
    assert [len(one) for one in failures] == [1, 1]
    assert len(found[0]["raw.india_amd__resources"]) > len(FILES)
    assert sum("colour" in line for line in said[0]) == 1
    assert len(found[0]["ledger.loads"]) == len(FILES)


def test_raw_does_not_depend_on_how_many_rows_are_judged_at_once_or_how_many_files_are_read_ahead(
    ingested, monkeypatch
) -> None:
    together, settings = ingested(INDIA.parse, 1)
    at_once = contents(settings)
    monkeypatch.setattr(ingest_module, "_ROWS_AT_ONCE", 1)
    monkeypatch.setattr(reading, "_AHEAD", 1)
    one_by_one, settings = ingested(INDIA.parse, 2)
    found = contents(settings)
    assert len(one_by_one.results) > len(together.results)
    assert_none(table for table in at_once if table != "ledger.validation_results" and at_once[table] != found[table])


def test_a_file_that_ends_its_process_is_refused_and_the_others_load(ingested) -> None:
    done, settings = ingested(one_ends_its_process, 2)
    [failure] = done.failures
    assert "the process that read it was ended" in failure
    assert "Remedy: read with fewer REE_WORKERS" in failure
    statuses = {row[3]: row for row in contents(settings)["ledger.loads"]}
    assert len(statuses) == len(FILES)
    assert len(done.loaded) == len(FILES) - 1


def test_a_file_whose_process_was_ended_beside_others_is_read_alone(ingested, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TRIED", str(tmp_path / "tried"))
    done, _ = ingested(one_needs_more_memory_than_beside_others, 2)
    assert (tmp_path / "tried").exists()
    assert done.failures == []
    assert len(done.loaded) == len(FILES)


SCRIPT = """
import dataclasses, sys
from pathlib import Path
from tests.pipeline.test_workers import INDIA, waits
from warehouse.ingest.ingest import ingest, land
from warehouse.settings import Settings

if __name__ == "__main__":
    settings = Settings(home=Path(sys.argv[1]), workers=2)
    source = dataclasses.replace(INDIA, parse=waits)
    land(settings, source)
    ingest(settings, "build", source)
"""


@pytest.mark.slow
def test_workers_end_with_a_process_that_is_killed(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    pids.mkdir()
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    environment = os.environ | {"PIDS": str(pids), "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen([sys.executable, script, tmp_path / "home"], env=environment, cwd=PROJECT) as parent:
        until(lambda: len(list(pids.iterdir())) == 2 or parent.poll() is not None)
        parent.kill()
    workers = [int(path.name) for path in pids.iterdir()]
    assert len(workers) == 2
    until(lambda: not any(map(runs, workers)))


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, at most a minute."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
