"""DuckDB files are opened with the settings' limits, readers reach nothing but their file, and holders are named."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.helpers.holders import held
from tests.helpers.violators import assert_none
from warehouse.settings import Settings
from warehouse.storage.database import FileHeldError, UnreadableFileError, open_database, open_reader
from warehouse.storage.work import open_work


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "it's a file.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create table t as select 1 as a")
    return path


def test_a_reader_reads_its_file(settings, file) -> None:
    with open_reader(file, settings) as con:
        assert con.execute("select a from t").fetchall() == [(1,)]


def test_a_reader_spills_outside_the_home(settings, file) -> None:
    small = settings.model_copy(update={"memory_limit": "50MB"})
    with open_reader(file, small) as con:
        rows = con.execute("select range from range(5000000) order by hash(range) limit 1 offset 4000000").fetchall()
    assert len(rows) == 1
    assert not settings.home.exists()


def test_a_query_reaches_no_other_file_address_extension_variable_or_setting(settings, file, tmp_path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a\n1\n")
    frame = pl.DataFrame({"a": [1]})
    assert len(frame) == 1
    refused = {
        f"copy t to '{tmp_path / 'out.csv'}'": "Permission Error",
        "copy t to '/dev/stdout'": "Permission Error",
        f"from read_text('{other}')": "Permission Error",
        f"from read_csv('{other}')": "Permission Error",
        f"from '{other}'": "Permission Error",
        f"from glob('{tmp_path}/*')": "Permission Error",
        "from read_csv('https://example.org/a.csv')": "",
        f"attach '{tmp_path / 'new.duckdb'}' as new": "Permission Error",
        f"export database '{tmp_path / 'out'}'": "Permission Error",
        f"import database '{tmp_path}'": "Permission Error",
        "install spatial": "Permission Error",
        "load httpfs": "Permission Error",
        "from frame": "does not exist",
        "insert into t values (2)": "read-only",
        "set enable_external_access = true": "locked",
        "set lock_configuration = false": "locked",
        "set autoinstall_known_extensions = true": "locked",
        "set memory_limit = '100GB'": "locked",
        f"set profiling_output = '{tmp_path / 'profile'}'": "locked",
    }
    before = sorted(tmp_path.iterdir())
    violators = []
    for query, word in refused.items():
        with open_reader(file, settings) as con:
            try:
                con.execute(query).fetchall()
                violators.append(f"{query}: was accepted")
            except duckdb.Error as error:
                if word not in str(error):
                    violators.append(f"{query}: {error}")
    assert_none(violators)
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_held_by_a_writer_is_reported_with_process_command_and_remedy(settings, file) -> None:
    with held(file, "writer") as pid, pytest.raises(FileHeldError) as refused, open_reader(file, settings):
        pass
    message = str(refused.value)
    assert f"{file} is open in process {pid} ({sys.executable} -c " in message
    assert "Close it there, or end that process" in message
    assert "open it read-only" in message


@pytest.mark.parametrize("how", ["reader", "writer"])
def test_a_work_file_held_by_anyone_stops_the_writer_with_a_sentence(settings, how) -> None:
    with open_work(settings):
        pass
    with (
        held(settings.work_file, how) as pid,
        pytest.raises(FileHeldError, match=f"process {pid} .*needs this file for itself"),
        open_work(settings),
    ):
        pass


def test_a_writer_waits_for_a_process_that_closes_the_file(settings) -> None:
    patient = settings.model_copy(update={"lock_timeout_s": 60})
    with open_work(settings):
        pass
    opened = threading.Event()

    def write() -> None:
        with open_work(patient):
            opened.set()

    with held(settings.work_file, "reader"):
        writer = threading.Thread(target=write)
        writer.start()
        time.sleep(0.3)
        assert not opened.is_set()
    writer.join()
    assert opened.is_set()


def test_a_file_that_is_no_database_is_named_with_its_remedy(settings, tmp_path) -> None:
    file = tmp_path / "rare_earths.duckdb"
    file.write_bytes(b"not a database")
    with pytest.raises(UnreadableFileError, match=r"rare_earths\.duckdb cannot be opened: .*ree doctor"):
        open_reader(file, settings).__enter__()
    settings.work_file.parent.mkdir(parents=True)
    settings.work_file.write_bytes(b"not a database")
    with pytest.raises(UnreadableFileError, match=r"remove .*work: the next build fills a new one from the landing"):
        open_work(settings).__enter__()


def test_no_connection_installs_or_loads_extensions_by_itself(settings, file) -> None:
    with open_database(file, settings) as con:
        rows = con.execute(
            "select name, value from duckdb_settings() where name like 'auto%_known_extensions' order by 1"
        ).fetchall()
    assert rows == [("autoinstall_known_extensions", "false"), ("autoload_known_extensions", "false")]


def test_limits_are_those_of_the_settings(file, tmp_path) -> None:
    settings = Settings(home=tmp_path / "home", threads=1, memory_limit="400MB")
    for opened, memory in ((open_database(file, settings), "190"), (open_reader(file, settings), "381")):
        with opened as con:
            assert con.execute("select current_setting('threads')").fetchall() == [(1,)]
            assert memory in con.execute("select current_setting('memory_limit')").fetchall()[0][0]
