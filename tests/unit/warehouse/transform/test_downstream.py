"""Which models a build makes after a change, on a small manifest."""

from __future__ import annotations

from typing import Any

import pytest

from warehouse.transform.manifest import downstream

LOADS = "source.ledger.loads"
READS = {
    "model.staging.stg_ledger__loads": [LOADS],
    "model.staging.stg_ledger__artifacts": ["source.ledger.artifacts"],
    "model.staging.stg_prices": ["source.raw.prices", "model.staging.stg_ledger__loads"],
    "model.staging.stg_trade": ["source.raw.trade", "model.staging.stg_ledger__loads"],
    "model.core.fct_price": ["model.staging.stg_prices", "seed.seeds.units"],
    "model.core.fct_trade": ["model.staging.stg_trade"],
    "model.core.editions": ["model.staging.stg_ledger__loads"],
    "model.meta.artifacts": ["model.staging.stg_ledger__artifacts"],
    "model.marts.mart_value": ["model.core.fct_price", "model.core.fct_trade"],
    "test.core.prices_are_positive": ["model.core.fct_price"],
    "seed.seeds.units": [],
}
SOURCES = [LOADS, "source.ledger.artifacts", "source.raw.prices", "source.raw.trade"]


def manifest() -> dict[str, Any]:
    """The parts of dbt's manifest that say what reads what."""

    def about(unique_id: str) -> dict[str, Any]:
        kind, schema, name = unique_id.split(".")
        return {
            "resource_type": kind,
            "schema": schema,
            "name": name,
            "depends_on": {"nodes": READS.get(unique_id, [])},
        }

    children: dict[str, list[str]] = {}
    for node, parents in READS.items():
        for parent in parents:
            children.setdefault(parent, []).append(node)
    return {
        "nodes": {node: about(node) for node in READS},
        "sources": {source: about(source) for source in SOURCES},
        "child_map": children,
    }


@pytest.mark.parametrize(
    ("changed", "built"),
    [
        (set(), set()),
        ({"raw.prices"}, {"stg_prices", "fct_price", "mart_value", "editions"}),
        ({"raw.trade"}, {"stg_trade", "fct_trade", "mart_value", "editions"}),
        (
            {"raw.trade", "staging.stg_ledger__artifacts"},
            {"stg_trade", "fct_trade", "mart_value", "editions", "stg_ledger__artifacts", "artifacts"},
        ),
    ],
)
def test_what_reads_a_change_is_built_and_nothing_else(changed: set[str], built: set[str]) -> None:
    assert {node["name"] for node in downstream(manifest(), changed).values()} == built
