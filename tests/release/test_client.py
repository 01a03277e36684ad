"""The Python client: the release as relations and frames, by the rules of the command line."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl
import pytest

import warehouse as ree
from warehouse.read.as_of import query_as_of
from warehouse.read.client import connect
from warehouse.read.why import WhyError, explain
from warehouse.release.publish import publish
from warehouse.release.store import current_release
from warehouse.settings import Settings
from warehouse.settings_error import InvalidSettingError

FACT = {"country_code": "CHN", "year": 2023, "edition": "MCS 2024"}
CHINAS_2023 = "from core.fct_production where country_code = 'CHN' and year = 2023 and is_preferred"


@pytest.fixture
def home(warehouse: Settings, at) -> Settings:
    at(warehouse)
    return warehouse


def test_a_table_is_a_relation_with_or_without_its_schema(home: Settings) -> None:
    frame = ree.table("mart_corridor").filter("exporter_code = 'CHN'").pl()
    assert isinstance(frame, pl.DataFrame)
    assert frame.height == ree.table("marts.mart_corridor").filter("exporter_code = 'CHN'").df().shape[0] > 500
    assert ree.table("core.dim_area").arrow().read_all().num_rows > 200
    with pytest.raises(duckdb.CatalogException, match="no_such_table"):
        ree.table("no_such_table")


def test_a_connection_writes_nothing_and_reads_files_of_ones_own(home: Settings, tmp_path) -> None:
    pl.DataFrame({"area_code": ["CHN"]}).write_csv(tmp_path / "mine.csv")
    with ree.connect() as con:
        joined = f"select area_name from dim_area inner join read_csv('{tmp_path / 'mine.csv'}') using (area_code)"
        assert con.sql(joined).fetchall() == [("China",)]
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            con.execute("delete from core.dim_area")


def test_why_is_what_the_command_shows_and_leaves_other_connections_as_they_are(home: Settings, tmp_path) -> None:
    with ree.connect() as con:
        found = ree.why("fct_production", **FACT)
        pl.DataFrame({"a": [1]}).write_csv(tmp_path / "mine.csv")
        assert con.sql(f"from '{tmp_path / 'mine.csv'}'").fetchall() == [(1,)], "it is not locked down"
    shown = explain(home, ["fct_production", *(f"{name}={value}" for name, value in FACT.items())])
    assert {title: frame.rows() for title, frame in found.items()} == {
        section.title: section.result.rows for section in shown
    }
    assert found["Statements, oldest first"]["figure_value"].to_list() == [240_000, 255_000]
    with pytest.raises(WhyError, match=r"facts of core\.fct_production fit; name one"):
        ree.why("fct_production", year=2023)


@pytest.mark.parametrize("day", ["2024-12-31", date(2025, 12, 31)])
def test_as_of_is_what_the_command_answers(home: Settings, day) -> None:
    columns = f"select production_t_reo, known_from, known_to {CHINAS_2023}"
    with ree.as_of(day) as con:
        assert con.sql(columns).fetchall() == query_as_of(home, date.fromisoformat(str(day)), columns).rows
        assert con.sql("select count(*) from left_out").fetchall()[0][0] > 10


def test_a_day_that_is_none_is_refused(home: Settings) -> None:
    with pytest.raises(ValueError, match="isoformat"):
        ree.as_of("last year")


def test_a_release_is_the_current_one_or_the_one_that_is_named(copy_of_small: Settings, candidate, at) -> None:
    at(copy_of_small)
    first = current_release(copy_of_small)
    publish(copy_of_small, candidate(copy_of_small, "update core.dim_stage set description = 'changed'"))

    def stages(**which: str) -> set[str]:
        return set(ree.table("dim_stage", **which).pl()["description"])

    assert stages() == {"changed"}
    assert stages(release=first.version) != {"changed"}
    assert stages(path=str(first.folder / "rare_earths.duckdb")) == stages(release=first.version)
    with pytest.raises(LookupError, match=f"on disk are {first.version}, "):
        connect("2020.01.01.1")
    with pytest.raises(ValueError, match="mutually exclusive"):
        connect(first.version, path="a.duckdb")


def test_what_cannot_be_opened_is_named(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("REE_HOME", str(tmp_path / "empty"))
    with pytest.raises(LookupError, match="ree build"):
        connect()
    with pytest.raises(FileNotFoundError, match="name a DuckDB file"):
        connect(path=tmp_path / "nothing.duckdb")
    monkeypatch.setenv("REE_THREADS", "x")
    with pytest.raises(InvalidSettingError, match="REE_THREADS"):
        connect()
