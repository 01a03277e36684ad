"""A small DuckDB file of views over a release's Parquet files at their public address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
from fsspec import AbstractFileSystem

from warehouse.release.store import resources
from warehouse.settings import DATABASE_FILE
from warehouse.storage.database import Config
from warehouse.storage.literals import literal, literals, read_parquet
from warehouse.storage.parquet_files import files_of, table_files

_ALONE: Config = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}


class _PublishedFiles(AbstractFileSystem):  # type: ignore[misc]
    """Answers for the public address with the files of the release here.

    DuckDB reads the columns of a Parquet file when it creates a view of it. The files at the address may not be
    reachable from this machine, and need no second transfer.
    """

    cachable = False

    def __init__(self, address: str, folder: Path) -> None:
        super().__init__()
        self.protocol = address.partition("://")[0]
        self._address = address
        self._folder = folder

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path

    def _here(self, path: str) -> Path:
        return self._folder / path.removeprefix(f"{self._address}/")

    def open(self, path: str, mode: str = "rb", **_: Any) -> BinaryIO:
        """The file here."""
        del mode
        return self._here(path).open("rb")

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Its size."""
        return {"name": path, "size": self._here(path).stat().st_size, "type": "file"}

    def glob(self, path: str, **_: Any) -> list[str]:
        """The path itself: an address has no wildcards."""
        return [path] if self._here(path).is_file() else []

    def modified(self, path: str) -> datetime:
        """When the file here was written."""
        return datetime.fromtimestamp(self._here(path).stat().st_mtime, UTC)


def write_views(file: Path, release: Path, address: str) -> None:
    """Write a database with a view of each table of a release over its Parquet files, with all descriptions.

    Its storage version is v1.2.0, so that DuckDB 1.2 and later read it.

    Args:
        file: the database, which must not exist.
        release: the folder of the release here.
        address: that of the folder for readers: `https://data.example.org/ree/releases/2026.11.27.1`, or a path.
    """
    described = resources(release)
    with duckdb.connect(config=_ALONE) as con:
        if "://" in address:
            con.register_filesystem(_PublishedFiles(address, release))
        con.execute(f"attach {literal(file)} as views (storage_version 'v1.2.0', block_size 16384)")
        for table, files in table_files(release / "parquet").items():
            paths = [file.relative_to(release).as_posix() for file in files]
            schema, name = table.split(".")
            view = f"views.{_quoted(schema)}.{_quoted(name)}"
            con.execute(f"create schema if not exists views.{_quoted(schema)}")
            query = _reading(address, paths)
            con.execute(f"create view {view} as {query}")
            _comment(con, view, described.get(paths[0], {}))
        _create_views_without_file(con, release)
        con.execute("detach views")


def _create_views_without_file(con: duckdb.DuckDBPyConnection, release: Path) -> None:
    """Create the views that a release has no file of, as its database has them: they read the others."""
    with duckdb.connect(str(release / DATABASE_FILE), read_only=True) as own:
        views = own.execute(
            "select schema_name, view_name, sql, comment from duckdb_views() where not internal"
        ).fetchall()
        columns = own.execute("select schema_name, table_name, column_name, comment from duckdb_columns()").fetchall()
    con.execute("use views")
    for schema, name, query, comment in views:
        if files_of(release / "parquet", f"{schema}.{name}"):
            continue
        con.execute(query)
        fields = [{"name": row[2], "description": row[3] or ""} for row in columns if row[:2] == (schema, name)]
        view = f"views.{_quoted(schema)}.{_quoted(name)}"
        _comment(con, view, {"title": comment, "schema": {"fields": fields}})
    con.execute("use memory")


def _reading(address: str, paths: Sequence[str]) -> str:
    """The query for files of the release at its address. An address of the web has no wildcards."""
    if "://" in address:
        return f"from read_parquet({literals(f'{address}/{path}' for path in paths)})"
    return f"from {read_parquet([Path(address) / path for path in paths])}"


def _comment(con: duckdb.DuckDBPyConnection, view: str, resource: Mapping[str, Any]) -> None:
    if resource.get("title"):
        con.execute(f"comment on view {view} is {literal(resource['title'])}")
    for field in resource.get("schema", {}).get("fields", ()):
        con.execute(f"comment on column {view}.{_quoted(field['name'])} is {literal(field['description'])}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
