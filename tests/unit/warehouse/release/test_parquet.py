"""Large tables as Parquet by year: what is written, and what is the last release's file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from warehouse.release import parquet
from warehouse.release.catalogue import Table
from warehouse.release.store import Release
from warehouse.settings import Settings
from warehouse.storage.parquet_files import files_of

FLOWS = "core.fct_trade_flow"
TABLE = Table(
    schema="core", name="fct_trade_flow", description="flows", grain="one", key=("period_start",), cadence="monthly",
    usage_warnings=(), columns={"period_start": "day", "value_usd": "US$"}, year="cast(year(period_start) as integer)",
)  # fmt: skip
DAYS = ("2022-05-01", "2023-05-01", "2023-06-01", "2024-05-01", None)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(parquet, "described_tables", lambda _: {FLOWS: TABLE})
    monkeypatch.setattr(parquet, "ROWS_OF_ONE_FILE", len(DAYS) - 1)
    return Settings(home=tmp_path / "home")


@pytest.fixture
def export(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Make a release of flows: all years, or these onto the release before."""

    def of(version: str, usd: float, last: Path | None = None, built: tuple[int, ...] = (), days=DAYS) -> Path:
        release = Release("2026.11.28.1", last, is_current=True, about={}) if last else None
        monkeypatch.setattr(parquet, "unbuilt_years_from", lambda *_: (release, list(built)))
        settings.candidate.mkdir(parents=True)
        with duckdb.connect(str(settings.candidate_file)) as con:
            con.execute("create schema core; create table core.fct_trade_flow (period_start date, value_usd double)")
            con.executemany("insert into core.fct_trade_flow values (?, ?)", [(day, usd) for day in days])
        parquet.export_parquet(settings, ("core",), version)
        return settings.candidate.rename(settings.home / version)

    return of


def usd_by_year(release: Path) -> dict[str, set[float]]:
    with duckdb.connect() as con:
        return {
            file.stem: {usd for (usd,) in con.execute("select value_usd from read_parquet(?)", [str(file)]).fetchall()}
            for file in files_of(release / "parquet", FLOWS)
        }


def test_a_table_of_few_rows_is_one_file(export) -> None:
    assert [file.name for file in files_of(export("1", 1.0, days=DAYS[:4]) / "parquet", FLOWS)] == [
        "fct_trade_flow.parquet"
    ]


def test_a_large_table_has_a_file_of_each_year_and_one_of_rows_without(export) -> None:
    first = export("1", 1.0)
    assert usd_by_year(first) == {"2022": {1.0}, "2023": {1.0}, "2024": {1.0}, "no_year": {1.0}}
    assert parquet.table_sizes(first)[FLOWS].rows == len(DAYS)


def test_years_that_were_not_built_are_the_last_releases_files(export) -> None:
    first = export("1", 1.0)
    second = export("2", 2.0, last=first, built=(2023,))
    assert usd_by_year(second) == {"2022": {1.0}, "2023": {2.0}, "2024": {1.0}, "no_year": {2.0}}
    shared = {
        file.stem: file.samefile(first / file.relative_to(second)) for file in files_of(second / "parquet", FLOWS)
    }
    assert shared == {"2022": True, "2023": False, "2024": True, "no_year": False}
    assert usd_by_year(first)["2023"] == {1.0}, "the release before keeps its own"


def test_each_file_names_the_release_that_wrote_it(export) -> None:
    second = export("2", 2.0, last=export("1", 1.0), built=(2023,))
    with duckdb.connect() as con:
        written_for = {
            file.stem: con.execute(
                "select decode(value) from parquet_kv_metadata(?) where decode(key) = 'release'", [str(file)]
            ).fetchall()
            for file in files_of(second / "parquet", FLOWS)
        }
    assert written_for == {"2022": [("1",)], "2023": [("2",)], "2024": [("1",)], "no_year": [("2",)]}


def test_a_year_that_the_last_release_did_not_have_is_written(export) -> None:
    second = export("2", 2.0, last=export("1", 1.0), built=(), days=(*DAYS, "2025-01-01"))
    assert usd_by_year(second)["2025"] == {2.0}


def test_without_hard_links_every_year_is_written(export, monkeypatch) -> None:
    first = export("1", 1.0)

    def no_links(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    assert usd_by_year(export("2", 2.0, last=first, built=(2023,))) == {year: {2.0} for year in usd_by_year(first)}


def test_an_export_that_is_repeated_never_writes_into_a_file_of_the_last_release(export, settings, monkeypatch) -> None:
    first = export("1", 1.0)
    second = export("2", 2.0, last=first, built=(2023,))
    second.rename(settings.candidate)
    with duckdb.connect(str(settings.candidate_file)) as con:
        con.execute("update core.fct_trade_flow set value_usd = 3.0")
    monkeypatch.setattr(parquet, "unbuilt_years_from", lambda *_: (None, []))
    parquet.export_parquet(settings, ("core",), "3")
    assert usd_by_year(settings.candidate) == {year: {3.0} for year in usd_by_year(first)}
    assert usd_by_year(first) == {year: {1.0} for year in usd_by_year(first)}
