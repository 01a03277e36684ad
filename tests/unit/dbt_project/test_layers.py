"""Which model may read which: the folders of dbt's models are layers, and references point to earlier ones."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from tests.helpers.violators import assert_none
from warehouse.settings import Settings
from warehouse.transform.manifest import read_manifest

pytestmark = pytest.mark.thorough

LAYERS = ("staging", "statements", "mirror", "core", "meta", "marts", "bi")
"""Folders of `dbt_project/models`, each of which reads only itself and those before it."""

Model = tuple[str, PurePosixPath, list[str]]
"""Name, path below `models/`, names of the models it reads."""


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[Model]:
    nodes = read_manifest(Settings(home=tmp_path_factory.mktemp("manifest")))["nodes"]
    return [
        (
            node["name"],
            PurePosixPath(Path(node["path"]).as_posix()),
            [nodes[read]["name"] for read in node["depends_on"]["nodes"] if read.startswith("model.")],
        )
        for node in nodes.values()
        if node["resource_type"] == "model"
    ]


def violations(models: list[Model]) -> list[str]:
    """References that point to a later layer, or to another question's intermediate model."""
    paths = {name: path for name, path, _ in models}
    found = [f"{name} is in no known layer: {path}" for name, path, _ in models if path.parts[0] not in LAYERS]
    for name, path, reads in models:
        for read in reads:
            layer, read_layer = path.parts[0], paths[read].parts[0]
            if {layer, read_layer} <= set(LAYERS) and LAYERS.index(read_layer) > LAYERS.index(layer):
                found.append(f"{name} of {layer} reads {read} of {read_layer}")
            is_private = read_layer == "marts" and read.startswith("int_")
            if is_private and path.parts[:2] != paths[read].parts[:2]:
                found.append(f"{name} reads {read}, which belongs to {'/'.join(paths[read].parts[:2])}")
    return found


def test_a_model_reads_only_its_own_and_earlier_layers(models: list[Model]) -> None:
    assert len(models) > 80
    assert sum(len(reads) for *_, reads in models) > 100
    assert_none(violations(models))


@pytest.mark.parametrize(
    ("reader", "read"),
    [
        ("int_trade__stated", "fct_trade_flow"),
        ("fct_production", "mart_corridor"),
        ("int_mirror__reports", "fct_trade_mirror"),
        ("mart_corridor", "int_india_supply__sides"),
    ],
)
def test_a_reference_to_a_later_layer_or_a_foreign_intermediate_is_found(
    models: list[Model], reader: str, read: str
) -> None:
    changed = [(name, path, [*reads, read] if name == reader else reads) for name, path, reads in models]
    assert len(violations(changed)) == 1


def test_a_model_in_an_unknown_folder_is_found(models: list[Model]) -> None:
    assert violations([*models, ("extra", PurePosixPath("misc/extra.sql"), [])])
