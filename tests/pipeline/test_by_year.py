"""A release that was built step by step has the tables of one built in one go, in whatever order statements arrive.

Loads of the bundle come and go at random: first releases, revisions, withdrawals, files of many years and of one month.
After each step the tables and years that it touches are built onto what the step before left, and everything into an
empty file.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.helpers.homes import copy_home
from warehouse.release import basis
from warehouse.release.catalogue import described_tables
from warehouse.release.content import table_hashes
from warehouse.release.store import current_release, database
from warehouse.settings import Settings
from warehouse.storage.literals import literal
from warehouse.storage.work import open_work, write_as_of_day
from warehouse.transform.dbt import create_candidate, models_to_build, run_command
from warehouse.transform.manifest import is_made_by_year, relation_name


def by_year(settings: Settings) -> set[str]:
    """The published models that builds make by year: `{"core.fct_trade_flow"}`."""
    nodes = models_to_build(settings, None).values()
    return {relation_name(node) for node in nodes if is_made_by_year(node) and node["database"] != "work"}


def build(settings: Settings, release: Path | None, changed: Collection[str] | None) -> None:
    """Build what a change reaches onto a release, or everything into an empty file."""
    create_candidate(settings, release, changed)
    names = [node["name"] for node in models_to_build(settings, changed).values()]
    command = ["build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test", "--select", *names]
    failed = [node for node in run_command(settings, "building", command) if not node.ok]
    basis.models_ran(settings)
    assert not failed, failed


def differences(settings: Settings, one: Mapping[str, Path], other: Mapping[str, Path]) -> dict[str, int]:
    """Rows that only one of two builds has, by table. A build has a published and a work file.

    Of `load_order` only the order of numbers means something: they shift when a load comes between two others.
    """
    rows = "select columns(name -> name <> 'load_order') from"
    tables = {
        relation_name(node): "work" if node["database"] == "work" else "published"
        for node in models_to_build(settings, None).values()
        if node["resource_type"] == "model" and node["config"]["materialized"] != "view"
    }
    with duckdb.connect() as con:
        for name, files in (("one", one), ("other", other)):
            for kind, path in files.items():
                con.execute(f"attach {literal(path)} as {name}_{kind} (read_only)")
        counts = {
            table: con.execute(
                f"select count(*) from (({rows} one_{kind}.{table} except all {rows} other_{kind}.{table})"
                f" union all ({rows} other_{kind}.{table} except all {rows} one_{kind}.{table}))"
            ).fetchall()[0][0]
            for table, kind in tables.items()
        }
    assert len(counts) > 100
    return {table: count for table, count in counts.items() if count}


def change_loads(settings: Settings, chance: random.Random) -> None:
    """Take some loads away, or bring some back: of one raw table, or of all that have reports of trade."""
    with open_work(settings) as con:
        loaded = con.execute("select distinct table_name from ledger.loads order by table_name").fetchall()
        table = chance.choice([*(name for (name,) in loaded), "%trade"])
        loads = con.execute(
            "select load_id, status from ledger.loads where table_name like ? order by load_id", [table]
        ).fetchall()
        chosen = chance.sample(loads, min(len(loads), chance.choice([1, 2, 5, 12])))
        con.executemany(
            "update ledger.loads set status = ? where load_id = ?",
            [("loaded" if status == "refused" else "refused", load) for load, status in chosen],
        )


def step_by_step(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, steps: int, every: int = 1
) -> int:
    """Take steps; compare the last, and `every` n-th before it, with a build in one go, by turns in portions.

    Return how many steps kept tables of the step before.
    """
    chance = random.Random(seed)  # noqa: S311 (no secret)
    monkeypatch.setattr(basis, "damage", lambda *_: None)  # the release's file is replaced below
    monkeypatch.setattr(basis, "ROWS_PER_MB", 500 / settings.memory_limit_mb)
    release = current_release(settings)
    assert release is not None
    published = database(settings, release.version)
    kept = 0
    for left in reversed(range(steps)):
        change_loads(settings, chance)
        write_as_of_day(settings)
        base = basis.start_from(settings)
        build(settings, published if base else None, base.changed if base else None)
        kept += base is not None
        with duckdb.connect(str(settings.candidate_file), read_only=True) as con:
            sums = basis.sums_of_rows(settings, con, described_tables(settings).values())
            of_years = table_hashes(con, sums)
            assert {name: digest for name, digest in table_hashes(con).items() if name in sums} == {
                name: of_years[name] for name in sums
            }
        published.chmod(0o644)
        shutil.copyfile(settings.candidate_file, published)
        basis.published(settings, release.version, sums)
        if left % every:
            continue
        work = tmp_path / "work.duckdb"
        shutil.copyfile(settings.work_file, work)
        if left % 8 == 0:
            with open_work(settings) as con:
                basis.build_in_portions(con, settings)
                assert con.execute("select count(*) > 2 from ledger.year_portions").fetchone() == (True,)
        build(settings, None, None)
        in_one_go = {"published": settings.candidate_file, "work": settings.work_file}
        assert differences(settings, {"published": published, "work": work}, in_one_go) == {}, f"seed {seed}"
        work.replace(settings.work_file)
    return kept


@pytest.fixture
def home(warehouse: Settings, tmp_path: Path) -> Settings:
    """A copy of the warehouse of the bundled snapshot that a test may change."""
    return warehouse.model_copy(update={"home": copy_home(warehouse.home, tmp_path / "home")})


def test_steps_in_a_random_order_give_the_facts_of_one_go(
    copy_of_small: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert step_by_step(copy_of_small, tmp_path, monkeypatch, seed=11, steps=3, every=3) >= 2


@pytest.mark.slow
def test_so_do_steps_with_all_files_of_the_bundle(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert step_by_step(home, tmp_path, monkeypatch, seed=18, steps=2, every=2) >= 1


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
def test_twenty_other_orders_do_so_too(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    assert step_by_step(home, tmp_path, monkeypatch, seed, steps=5) >= 4


def test_a_candidate_starts_with_the_tables_made_by_year_alone(copy_of_small: Settings) -> None:
    create_candidate(copy_of_small, database(copy_of_small))
    with duckdb.connect(str(copy_of_small.candidate_file), read_only=True) as con:
        names = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
            " union all select schema_name || '.' || view_name from duckdb_views() where not internal"
        ).fetchall()
    assert {name for (name,) in names} == by_year(copy_of_small)


def test_a_year_that_is_added_while_a_model_runs_is_not_lost_from_it(
    copy_of_small: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`build_years_of_other_weights` adds years beside models that do not wait for it."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli import main

    def reports() -> list[tuple[int, int]]:
        with open_work(copy_of_small) as con:
            return con.execute(
                "select year(period_start), count(*) from intermediate.int_trade__reo group by all order by all"
            ).fetchall()

    def add_years(event: Any) -> None:
        if event.info.name == "NodeExecuting" and event.data.node_info.node_name == "int_trade__reo":
            add = "insert into work.ledger.years_to_build select 'trade', unnest(range(1990, 2030))"
            DuckDBConnectionManager.env().conn.cursor().execute(add)
            added.append(event)

    added: list[Any] = []
    monkeypatch.setattr(main, "dbtRunner", partial(main.dbtRunner, callbacks=[add_years]))
    before = reports()
    with open_work(copy_of_small) as con:
        con.execute("create or replace table ledger.years_to_build as select 'trade' as part, 2024 as year")
    create_candidate(copy_of_small, database(copy_of_small))
    ran = run_command(copy_of_small, "building", ["run", "--select", "+int_trade__reo"])
    assert ran
    assert all(node.ok for node in ran)
    assert added
    assert reports() == before


def years_to_build(settings: Settings) -> list[tuple[int | None]]:
    with open_work(settings) as con:
        return con.execute("select year from ledger.years_to_build order by year").fetchall()


def test_a_build_starts_from_the_release(copy_of_small: Settings) -> None:
    base = basis.start_from(copy_of_small)
    assert base is not None
    assert base.changed == set()
    assert years_to_build(copy_of_small) == []


@pytest.mark.parametrize("change", ["release = 'restated'", "content_sha256 = 'with another label'"])
def test_a_build_starts_from_what_changed(copy_of_small: Settings, change: str) -> None:
    with open_work(copy_of_small) as con:
        con.execute(f"update ledger.loads set {change} where partition like '%2846/2024' and status = 'loaded'")
    base = basis.start_from(copy_of_small)
    assert base is not None
    assert base.changed == {"raw.un_comtrade__trade", "raw.un_comtrade__trade_via"}
    assert years_to_build(copy_of_small) == [(2023,), (2024,)]


def test_a_change_of_prices_builds_no_table_of_trade(copy_of_small: Settings) -> None:
    with open_work(copy_of_small) as con:
        con.execute("update ledger.loads set release = 'restated' where table_name = 'usgs_mcs__prices'")
    base = basis.start_from(copy_of_small)
    assert base is not None
    assert base.changed == {"raw.usgs_mcs__prices"}
    built = {relation_name(node) for node in models_to_build(copy_of_small, base.changed).values()}
    assert "core.fct_price" in built
    assert not built & by_year(copy_of_small) - {"meta.lineage", "meta.failed_rules"}
    assert len(built) < 50


@pytest.mark.parametrize(
    "other",
    [
        "update ledger.built set code_version = 'another'",
        "update ledger.built set version = '2020.01.01.1'",
        "update ledger.built set is_current = false",
        "delete from ledger.built",
    ],
)
def test_every_year_is_built_where_the_work_file_is_not_that_of_the_release(
    copy_of_small: Settings, other: str
) -> None:
    with open_work(copy_of_small) as con:
        con.execute(other)
    assert basis.start_from(copy_of_small) is None
    assert years_to_build(copy_of_small) == [(None,)]


def test_every_year_is_built_after_one_whose_models_ran_and_that_published_nothing(copy_of_small: Settings) -> None:
    assert basis.start_from(copy_of_small) is not None
    assert basis.start_from(copy_of_small) is None


def test_every_year_is_built_on_a_damaged_release(copy_of_small: Settings) -> None:
    path = database(copy_of_small)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"\0")
    assert basis.start_from(copy_of_small) is None
