"""dbt unit tests. Builds skip them, since they test the models' logic, not the figures."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from tests.helpers.violators import assert_none
from warehouse.release.store import database
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
