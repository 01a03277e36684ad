"""The registry of facts and the models agree: none is missing, none is left over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none
from warehouse.facts import facts
from warehouse.quality.expectations.suites import gate_two
from warehouse.settings import Settings
from warehouse.transform.manifest import read_manifest

RELEASED = ("source_code", "edition", "release", "known_from")
"""Parts of a model's key that say who states a fact when."""


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> dict[str, dict]:
    """The models of core as dbt parses them, by name."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    nodes = read_manifest(settings)["nodes"].values()
    return {node["name"]: node for node in nodes if node["resource_type"] == "model" and node["schema"] == "core"}


def test_every_table_of_facts_is_registered_and_every_registered_one_is_a_model(models) -> None:
    assert {name for name in models if name.startswith("fct_")} == set(facts())


def test_every_fact_has_a_suite_of_gate_two_and_no_other_table_has() -> None:
    modules = {path.stem for path in (PROJECT / "warehouse" / "quality" / "facts").glob("fct_*.py")}
    assert set(gate_two()) == set(facts()) == modules


def test_keys_figures_and_marks_are_columns_of_the_model(models) -> None:
    assert_none(
        f"{fact.table} has no column {column}"
        for fact in facts().values()
        for column in (*fact.key, *fact.figures, *fact.marks)
        if column not in models[fact.table]["columns"]
    )


def test_the_registered_key_is_part_of_the_models_key(models) -> None:
    assert_none(
        f"{fact.table}: {part} is not in its model's key"
        for fact in facts().values()
        for part in fact.key
        if part not in models[fact.table]["config"]["meta"]["key"]
    )


def test_no_module_or_model_lists_the_facts_again() -> None:
    """Two facts of one feed beside each other is a rule of theirs; five in one file is a second registry."""
    homes = {"dbt_project/dbt_project.yml"}
    files = [path for part in ("warehouse", "dbt_project") for path in (PROJECT / part).rglob("*")]
    named = {
        path.relative_to(PROJECT).as_posix(): sum(f'"{table}"' in text or f"'{table}'" in text for table in facts())
        for path in files
        if path.suffix in {".py", ".sql"} and (text := Path(path).read_text(encoding="utf-8"))
    }
    assert_none(f"{file} names {n} facts" for file, n in named.items() if n > 4 and file not in homes)
