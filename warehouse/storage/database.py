"""Opens DuckDB files: limits of the settings, a lock-down for readers, errors that name who holds a file."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.settings import Settings

Config = dict[str, str | bool | int | float | list[str]]
"""Options of `duckdb.connect`."""
_NO_EXTENSIONS: Config = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
_SEARCH_PATH = ("bi", "marts", "core", "meta")
"""Schemas in which readers find a table by its name alone, first to last."""
_SHARE_OF_MEMORY = 0.5
"""DuckDB's share of the memory limit in a build's own steps; Polars needs as much for a batch."""
_RETRY_EVERY_S = 0.1
_SHOWN_COMMAND = 120
_CONFLICT = re.compile(r"Could not set lock on file.*?(?:\(PID (\d+)\)|PID (\d+)|$)", re.DOTALL)
_UNREADABLE = (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException, duckdb.InternalException)


class FileHeldError(duckdb.IOException):
    """Another process has the file open in a way that excludes this one. The message names it and the remedy."""


class UnreadableFileError(duckdb.IOException):
    """DuckDB cannot open the file. The message names it and the remedy."""


@contextmanager
def open_database(
    path: Path, settings: Settings, *, read_only: bool = False, wait_s: float = 0
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB file with the limits of the settings and close it again.

    Args:
        path: the file; it is made if there is none, unless `read_only`.
        settings: memory, threads, and the home in which DuckDB spills what does not fit in memory.
        read_only: whether others may read the file meanwhile.
        wait_s: how long, in seconds, to wait for a process that holds the file.

    Raises:
        FileHeldError: another process holds the file.
        UnreadableFileError: DuckDB cannot open it.
    """
    if not read_only:
        path.parent.mkdir(parents=True, exist_ok=True)
    with _connection(path, settings, limits(settings), read_only=read_only, wait_s=wait_s) as con:
        yield con


def limits(settings: Settings) -> Config:
    """What DuckDB may use beside what else a build has in memory, and the folder in the home to which it spills."""
    return {
        **_limits(settings),
        "memory_limit": settings.memory_limit_of(_SHARE_OF_MEMORY),
        "temp_directory": str(settings.home / "tmp"),
        "allocator_background_threads": True,  # they give back what threads freed that wait now
    }


@contextmanager
def open_reader(path: Path, settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB file for queries that people write: they read this file and can reach nothing else.

    Read-only; no other file, no address, no extension, no variable of Python; the settings cannot be changed by SQL.
    What does not fit in memory is spilled to the system's temporary folder, so that the home may be read-only.

    Raises:
        FileHeldError: another process has the file open for writing.
        UnreadableFileError: DuckDB cannot open it.
    """
    spill: Config = {"temp_directory": str(Path(tempfile.gettempdir()) / f"ree-{os.getpid()}")}
    with _connection(path, settings, {**_limits(settings), **spill}, read_only=True) as con:
        find_by_name(con)
        con.execute("set enable_external_access = false")
        con.execute("set lock_configuration = true")
        yield con


def connect_reader(path: Path, settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file read-only for a person's own Python program, which may read other files as well.

    Without options, as DuckDB opens it: one process cannot open a file twice with different ones.

    Raises:
        FileHeldError: another process has the file open for writing.
        UnreadableFileError: DuckDB cannot open it.
    """
    con = _connect(path, settings, {}, read_only=True, wait_s=0)
    _settle(con)
    find_by_name(con)
    return con


def find_by_name(con: duckdb.DuckDBPyConnection) -> None:
    """Let queries name a published table without its schema: `mart_corridor`. Its names are unique."""
    found = con.execute("select schema_name from duckdb_schemas() where database_name = current_database()").fetchall()
    schemas = [schema for schema in _SEARCH_PATH if (schema,) in found]
    if schemas:
        con.execute(f"set search_path = '{','.join(schemas)}'")


@contextmanager
def explained(path: Path, settings: Settings) -> Iterator[None]:
    """Raise DuckDB's errors while a file is opened or prepared with the file's name and the remedy.

    Raises:
        FileHeldError: another process holds the file.
        UnreadableFileError: it is damaged.
    """
    try:
        yield
    except (FileHeldError, UnreadableFileError):
        raise
    except duckdb.Error as error:
        raise UnreadableFileError(_unreadable(path, settings, error)) from error


@contextmanager
def _connection(
    path: Path, settings: Settings, config: Config, *, read_only: bool, wait_s: float = 0
) -> Iterator[duckdb.DuckDBPyConnection]:
    con = _connect(path, settings, config, read_only=read_only, wait_s=wait_s)
    try:
        _settle(con)
        yield con
    finally:
        con.close()


def _settle(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("set enable_progress_bar = false")
    con.execute("set timezone = 'UTC'")


def _limits(settings: Settings) -> Config:
    return {"memory_limit": settings.memory_limit, "threads": settings.threads, **_NO_EXTENSIONS}


def _connect(
    path: Path, settings: Settings, config: Config, *, read_only: bool, wait_s: float
) -> duckdb.DuckDBPyConnection:
    until = time.monotonic() + wait_s
    while True:
        try:
            return duckdb.connect(str(path), read_only=read_only, config=config)
        except _UNREADABLE as error:
            conflict = _CONFLICT.search(str(error))
            if conflict is None:
                raise UnreadableFileError(_unreadable(path, settings, error)) from error
            if time.monotonic() >= until:
                raise FileHeldError(_held(path, settings, conflict[1] or conflict[2])) from error
            time.sleep(_RETRY_EVERY_S)


def _unreadable(path: Path, settings: Settings, error: duckdb.Error) -> str:
    if path == settings.work_file:
        remedy = f"run `ree doctor --fix`, or remove {path.parent}: the next build fills a new one from the landing."
    else:
        remedy = "`ree doctor` checks the release."
    return f"{path} cannot be opened: {str(error).splitlines()[0]} Remedy: {remedy}"


def _held(path: Path, settings: Settings, pid: str | None) -> str:
    rule = (
        "A build needs this file for itself."
        if path == settings.work_file
        else "Programs that only read must open it read-only."
    )
    return f"{path} is open in {_process(pid)}. Close it there, or end that process, and run the command again. {rule}"


def _process(pid: str | None) -> str:
    """A process by its number and, where the system shows it, its command: `process 4711 (python report.py)`."""
    if pid is None:
        return "another process"
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return f"process {pid}"
    command = "".join(c if c.isprintable() else " " for c in " ".join(words)).strip()
    return f"process {pid} ({command[:_SHOWN_COMMAND]})" if command else f"process {pid}"
