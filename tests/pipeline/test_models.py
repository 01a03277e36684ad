"""dbt unit tests. Builds skip them, since they test the models' logic, not the figures."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
import yaml

from tests.helpers.violators import assert_none
from warehouse.release.store import database
from warehouse.storage.literals import literal
from warehouse.transform import dbt as transform


def written(dbt_project: Path) -> list[str]:
    """The names of all unit tests that the project's YAML holds."""
    files = (dbt_project / "models").rglob("*.yml")
    contents = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in files]
    return sorted(test["name"] for content in contents for test in content.get("unit_tests", ()))


def test_every_unit_test_of_the_models_passes(copy_of_small) -> None:
    transform.create_candidate(copy_of_small)
    shutil.copyfile(database(copy_of_small).resolve(), copy_of_small.candidate_file)
    results = transform.test_models(copy_of_small)
    assert written(copy_of_small.dbt_project)
    assert sorted(result.unique_id.rpartition(".")[2] for result in results) == written(copy_of_small.dbt_project)
    assert_none(f"{result.unique_id}: {result.message}" for result in results if not result.ok)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        (
            "seed_trade_hub",
            "insert into work.seeds.seed_trade_hub from work.seeds.seed_trade_hub limit 1",
            "rule unique, columns area_code, found",
        ),
        (
            "seed_gap_spread_prior",
            "update work.seeds.seed_gap_spread_prior set family = null, figure_kind = null where rowid = 0",
            "rule never null, columns figure_kind, family",
        ),
        (
            "seed_gap_spread_prior",
            "update work.seeds.seed_gap_spread_prior set figure_kind = 'a guess' where rowid = 0",
            "rule known value, columns figure_kind, found a guess, n_rows 1",
        ),
    ],
)
def test_a_table_that_breaks_its_promise_fails_with_the_columns(copy_of_small, name, change, said) -> None:
    transform.create_candidate(copy_of_small)
    shutil.copyfile(database(copy_of_small).resolve(), copy_of_small.candidate_file)
    with duckdb.connect() as con:
        con.execute(f"attach {literal(copy_of_small.work_file)} as work")
        con.execute(change)
    [result] = transform.run_command(copy_of_small, "testing", ["test", "--select", f"{name},test_type:generic"])
    assert not result.ok
    assert said in str(result.message)


def test_a_model_that_fails_leaves_the_table_of_the_last_build(copy_of_small) -> None:
    """Tables are made in the place of earlier ones, each in one transaction."""
    transform.create_candidate(copy_of_small)
    shutil.copyfile(database(copy_of_small).resolve(), copy_of_small.candidate_file)
    count = "select count(*) from intermediate.int_mirror__panel"
    with duckdb.connect(str(copy_of_small.work_file)) as con:
        before = con.execute(count).fetchall()
        con.execute("drop view intermediate.int_mirror__paired")
    [result] = transform.run_command(copy_of_small, "building", ["run", "--select", "int_mirror__panel"])
    assert not result.ok
    with duckdb.connect(str(copy_of_small.work_file)) as con:
        assert con.execute(count).fetchall() == before
