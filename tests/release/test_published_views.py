"""The views of a published place, read by HTTP, have the rows of the release's database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.web import serve
from tests.helpers.place_readers import duckdb_with_httpfs
from tests.helpers.violators import assert_none
from warehouse.release.place.folder import Folder
from warehouse.release.place.upload import publish_to
from warehouse.release.store import database
from warehouse.settings import Settings


@pytest.mark.slow
def test_every_table_is_a_view_with_the_same_rows_and_descriptions(warehouse: Settings, tmp_path: Path) -> None:
    www = tmp_path / "www"
    www.mkdir()
    with serve(www) as address, duckdb_with_httpfs() as con:
        publish_to(Folder.open(www, warehouse), warehouse, address=address)
        con.execute(f"attach '{address}/latest.duckdb' as place (read_only)")
        con.execute(f"attach '{database(warehouse)}' as home (read_only)")

        def described(name: str) -> list[tuple]:
            return con.execute(
                "select schema_name, table_name, column_name, comment from duckdb_columns()"
                f" where database_name = '{name}' and not internal order by all"
            ).fetchall()

        tables = sorted({row[:2] for row in described("home")})
        assert len(tables) > 50
        assert described("place") == described("home")

        def rows(name: str, table: tuple[str, str]) -> list[tuple]:
            return con.execute(f"select count(*), bit_xor(hash(t)) from {name}.{table[0]}.{table[1]} as t").fetchall()

        assert_none(".".join(table) for table in tables if rows("place", table) != rows("home", table))
