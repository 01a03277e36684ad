"""The parsed dbt project follows an edit, and parsing writes nothing to the project's folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from warehouse.settings import Settings, find_dbt_project
from warehouse.transform import dbt as transform
from warehouse.transform.dbt_runner import TransformError
from warehouse.transform.manifest import read_manifest


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the dbt project to edit, in a folder with a blank and an apostrophe."""
    folder = tmp_path_factory.mktemp("it's mine") / "dbt_project"
    shutil.copytree(find_dbt_project(), folder, ignore=shutil.ignore_patterns("target", "logs"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warehouse.settings.find_dbt_project", lambda: folder)
        yield folder


@pytest.fixture(scope="module")
def settings(project: Path) -> Settings:
    """A home beside the project, which keeps what dbt parsed."""
    home = project.parent / "it's the home"
    return Settings(home=home, dbt_cache=home / "cache")


def models(settings: Settings) -> set[str]:
    """Names of the models that Dagster would load."""
    nodes = read_manifest(settings)["nodes"].values()
    return {node["name"] for node in nodes if node["resource_type"] == "model"}


def test_seeds_are_loaded_from_and_into_a_folder_with_an_apostrophe(project: Path, settings: Settings) -> None:
    transform.create_candidate(settings)
    settings.work_file.parent.mkdir()
    seeded = transform.run_command(settings, "seeding", ["seed"])
    assert [seed.message for seed in seeded if not seed.ok] == []
    rows = (project / "seeds" / "seed_stage.csv").read_text(encoding="utf-8").splitlines()[1:]
    with duckdb.connect(str(settings.work_file), read_only=True) as con:
        found = con.execute("select schema_name from duckdb_tables() where table_name = 'seed_stage'").fetchall()
        assert len(found) == 1
        assert con.execute(f"select count(*) from {found[0][0]}.seed_stage").fetchall() == [(len(rows),)]


def test_the_manifest_follows_the_project_and_a_slip_is_named(project: Path, settings: Settings) -> None:
    before = models(settings)
    assert "mart_corridor" in before
    new = project / "models" / "statements" / "int_new.sql"
    new.write_text("select 1 as one", encoding="utf-8")
    assert models(settings) == before | {"int_new"}
    new.write_text("select * from {{ ref('no_such_model') }}", encoding="utf-8")
    with pytest.raises(TransformError, match="no_such_model"):
        models(settings)
    new.unlink()
    assert models(settings) == before
    written = {path.name for path in project.iterdir()}
    assert written == {"README.md", "dbt_project.yml", "profiles.yml", "macros", "models", "seeds", "tests"}
