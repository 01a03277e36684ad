"""Every model of a build has a counterpart in Spark's SQL, and the raw tables lie as Spark reads them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.helpers.violators import assert_none
from warehouse.settings import Settings
from warehouse.spark.dialect import UntranslatableError, to_spark
from warehouse.spark.models import NotCompiledError, compiled, needed_for, of_every_year
from warehouse.spark.raw import RawError, export, exported


def test_every_model_has_a_counterpart_with_the_same_columns(warehouse: Settings) -> None:
    with duckdb.connect(str(warehouse.work_file), read_only=True) as con:
        built = dict(
            con.execute(
                "select schema_name || '.' || table_name, list(column_name order by column_index)"
                " from duckdb_columns() where database_name = 'work' group by all"
            ).fetchall()
        )
    columns = {name: tuple(names) for name, names in built.items()}
    wrong = []
    for node in compiled(warehouse):
        if node.kind not in {"table", "view"}:
            continue
        try:
            columns[node.name] = to_spark(node.code, columns)[1]
        except UntranslatableError as error:
            wrong.append(f"{node.name}: {error}")
            continue
        if list(columns[node.name]) != built.get(node.name, list(columns[node.name])):
            wrong.append(f"{node.name} has the columns {columns[node.name]}")
        if node.contract and sorted(node.contract.types) != sorted(columns[node.name]):
            wrong.append(f"{node.name} has not the columns of its contract")
    assert_none(wrong)


def test_a_model_comes_after_what_it_reads(small: Settings) -> None:
    nodes = compiled(small)
    place = {node.name: number for number, node in enumerate(nodes)}
    assert_none(
        f"{node.name} comes before {other}"
        for node in nodes
        for other in node.reads
        if place.get(other, -1) > place[node.name]
    )


def test_a_table_brings_what_it_rests_on_and_its_tests(small: Settings) -> None:
    nodes = needed_for(compiled(small), ["core.fct_quota"])
    models = {node.name for node in nodes if node.kind != "test"}
    assert models >= {"core.fct_quota", "core.dim_area", "intermediate.int_quotas__stated"}
    assert "core.fct_trade_mirror" not in models
    assert any(node.kind == "test" and "core.fct_quota" in node.reads for node in nodes)


def test_models_that_duckdb_fills_in_portions_of_years_are_made_whole() -> None:
    """As `is_of_portion` of dbt_project/macros/years.sql writes them."""
    portion = "make_date(getvariable('first_year'), 1, 1) and make_date(getvariable('last_year') + 1, 12, 31)"
    query = of_every_year(f"select 1 as a where current_date between {portion}")
    assert "between make_date(1, 1, 1) and make_date(9998 + 1, 12, 31)" in to_spark(query, {})[0].lower()


def test_a_home_that_was_not_built_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotCompiledError, match="build first"):
        compiled(Settings(home=tmp_path))
    with pytest.raises(RawError, match="build first"):
        export(Settings(home=tmp_path), tmp_path / "to")
    with pytest.raises(RawError, match="ree spark --to"):
        exported(tmp_path)


def test_reports_lie_in_folders_of_publisher_reporter_and_year(small: Settings, tmp_path: Path) -> None:
    tables = {table.name: table for table in export(small, tmp_path)}
    assert list(tables.values()) == exported(tmp_path)
    folder = tmp_path / "raw" / "trade" / "publisher=un_comtrade" / "reporter=CHN" / "year=2024"
    reports = f"read_parquet('{folder}/*.parquet', hive_partitioning = false)"
    with duckdb.connect(str(small.work_file), read_only=True) as con:
        assert [row[0] for row in con.execute(f"describe select * from {reports}").fetchall()] == list(
            tables["raw.un_comtrade__trade"].columns
        )
        unknown = f"select count(*) from (from {reports} except all from raw.un_comtrade__trade)"
        assert con.execute(unknown).fetchone() == (0,)
        [written] = con.execute(f"select count(*) from {reports}").fetchall()
        of_china = "reporter_code = 'CHN' and year(period_start) = 2024"
        assert [written] == con.execute(f"select count(*) from raw.un_comtrade__trade where {of_china}").fetchall()
        assert_none(
            f"{name} has {held} rows and {n_written} in its files"
            for name, table in tables.items()
            for held in con.execute(f"select count(*) from {name}").fetchall()[0]
            if held != (n_written := rows_in(con, tmp_path / table.folder))
        )


def rows_in(con: duckdb.DuckDBPyConnection, folder: Path) -> int:
    """Rows in the files below a folder; an empty table may have none."""
    if not any(folder.rglob("*.parquet")):
        return 0
    [(rows,)] = con.execute(f"select count(*) from read_parquet('{folder}/**/*.parquet')").fetchall()
    return rows
