"""Views of a release over its Parquet files, also of a table that has a file for each year."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.helpers.small_releases import MINED, add_release
from warehouse.release.place.views import write_views
from warehouse.settings import Settings


@pytest.mark.parametrize("address", ["https://data.example.org/ree/releases/2026.11.01.1", None])
def test_a_table_with_a_file_for_each_year_is_one_view(tmp_path: Path, address: str | None) -> None:
    release = add_release(Settings(home=tmp_path / "home"), "2026.11.01.1")
    file = release / "parquet" / "core" / "fct_production.parquet"
    rows = pl.read_parquet(file, glob=False)
    file.unlink()
    file.with_suffix("").mkdir()
    for (year,), of_year in rows.group_by("year"):
        of_year.write_parquet(file.with_suffix("") / f"{year}.parquet")
    views = tmp_path / "views.duckdb"
    write_views(views, release, address or str(release))
    with duckdb.connect(str(views), read_only=True) as con:
        text = con.execute("select sql from duckdb_views() where view_name = 'fct_production'").fetchall()[0][0]
        assert [f"{year}.parquet" in text for year in MINED] == [True] * len(MINED)
        if address is None:
            found = dict(con.execute("select year, t from core.fct_production").fetchall())
            assert found == MINED
        else:
            assert text.count(address) == len(MINED)
