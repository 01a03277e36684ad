"""Every published table has the contract tests that its columns call for, and a description has one home."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import yaml

from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none
from warehouse.closed_lists import closed_lists
from warehouse.settings import Settings, find_dbt_project
from warehouse.transform.manifest import read_manifest

SCHEMAS = ("core", "marts", "bi", "meta")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory) -> dict[str, Any]:
    """What dbt parses."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    return read_manifest(settings)


@pytest.fixture(scope="module")
def published(manifest) -> dict[str, dict[str, Any]]:
    """Published tables by name; a view has the tests of the table it reads."""
    nodes = manifest["nodes"].values()
    models = [node for node in nodes if node["resource_type"] == "model" and node["schema"] in SCHEMAS]
    return {node["name"]: node for node in models if node["config"]["materialized"] != "view"}


@pytest.fixture(scope="module")
def tests(manifest) -> dict[str, set[str]]:
    """The generic tests of each model and seed: `{"fct_price": {"contract"}}`."""
    found: dict[str, set[str]] = {}
    for node in manifest["nodes"].values():
        if about := node.get("test_metadata"):
            found.setdefault(node["attached_node"].rpartition(".")[2], set()).add(about["name"])
    return found


def variables() -> dict[str, Any]:
    return yaml.safe_load((find_dbt_project() / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]


def test_every_table_with_a_closed_list_or_a_dimension_is_tested_against_it(published, tests) -> None:
    references = variables()["references"]
    own = {(dimension, key) for dimension, columns in references.items() for key in columns.values()}
    named = set(closed_lists()) | {column for columns in references.values() for column in columns}
    untested = {
        table: {column for column in named & set(node["columns"]) if (table, column) not in own}
        for table, node in published.items()
        if "contract" not in tests[table]
    }
    assert_none(f"{table} has no test contract of {sorted(names)}" for table, names in untested.items() if names)


def test_every_published_table_has_a_key_that_is_tested(published, tests) -> None:
    assert_none(table for table, node in published.items() if not node["config"]["meta"]["key"] or not tests.get(table))


def test_whatever_promises_something_is_tested(manifest, tests) -> None:
    assert_none(
        node["name"]
        for node in manifest["nodes"].values()
        if {"key", "also_unique", "never_null"} & set(node["config"]["meta"])
        and node["config"]["materialized"] not in {"view", "test"}
        and not tests.get(node["name"])
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
