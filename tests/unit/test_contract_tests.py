"""Every published table has the contract tests that its columns call for, and a description has one home."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
import yaml

from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none
from warehouse.closed_lists import closed_lists
from warehouse.settings import Settings, find_dbt_project
from warehouse.transform.manifest import parsed_project

SCHEMAS = ("core", "marts", "bi", "meta")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory) -> dict[str, Any]:
    """What dbt parses."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    return json.loads(parsed_project(settings).manifest.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def published(manifest) -> dict[str, dict[str, Any]]:
    """Published tables by name; a view has the tests of the table it reads."""
    nodes = manifest["nodes"].values()
    models = [node for node in nodes if node["resource_type"] == "model" and node["schema"] in SCHEMAS]
    return {node["name"]: node for node in models if node["config"]["materialized"] != "view"}


@pytest.fixture(scope="module")
def tested(manifest) -> set[tuple[str, str, str]]:
    """Model, column (or columns of a key) and test."""
    tests = [node for node in manifest["nodes"].values() if node.get("test_metadata")]
    return {
        (
            str(node["attached_node"]).rpartition(".")[2],
            node["column_name"] or ", ".join(node["test_metadata"]["kwargs"].get("columns", ())),
            node["test_metadata"]["name"],
        )
        for node in tests
    }


def variables() -> dict[str, Any]:
    return yaml.safe_load((find_dbt_project() / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]


def test_every_table_with_a_closed_list_or_a_dimension_is_tested_against_it(published, tested) -> None:
    references = variables()["references"]
    own = {(dimension, key) for dimension, columns in references.items() for key in columns.values()}
    named = set(closed_lists()) | {column for columns in references.values() for column in columns}
    untested = {
        table: {column for column in named & set(node["columns"]) if (table, column) not in own}
        for table, node in published.items()
        if (table, "", "codes_are_known") not in tested
    }
    assert_none(f"{table} has no test codes_are_known of {sorted(names)}" for table, names in untested.items() if names)


def test_every_published_key_is_tested(published, tested) -> None:
    def has_test(table: str, key: list[str]) -> bool:
        return (table, ", ".join(key), "unique_key") in tested or (
            len(key) == 1 and (table, key[0], "unique") in tested
        )

    assert_none(
        f"{table}: no test that {key} is a key"
        for table, node in published.items()
        if not has_test(table, key := node["config"]["meta"]["key"])
    )


def test_no_closed_list_or_reference_is_left_without_a_column(published) -> None:
    columns = {column for node in published.values() for column in node["columns"]}
    internal = {
        "scope",
        "unit_basis",
        "interval_basis",
        "reconciled_basis",
        "public_basis",
    }  # of intermediate models alone
    pointing = {column for listed in variables()["references"].values() for column in listed}
    assert set(closed_lists()) - columns - internal == set()
    assert pointing - columns == set()


def test_no_description_of_a_column_is_written_twice() -> None:
    written = Counter(
        (column["name"], column["description"])
        for path in (PROJECT / "dbt_project" / "models").rglob("*.yml")
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", ())
        for column in model.get("columns", ())
        if "doc(" not in column["description"]
    )
    assert_none(f"{name}: {text}" for (name, text), n in written.items() if n > 1)
