"""dbt's models as assets, built together into a fresh candidate.

Belongs here: how models and their tests appear in Dagster, and the step that builds them. Does not belong here: SQL.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster import AssetExecutionContext
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, build_dbt_asset_specs

from orchestration.assets.publishers import raw_key
from orchestration.resources import Warehouse
from sources.registry import table_specs
from warehouse.release import RefusedError
from warehouse.transform import NodeResult, create_candidate, run_dbt

LEDGER_TABLES = ("loads", "sources")


class Translator(DagsterDbtTranslator):
    """Asset keys are warehouse names: schema and table."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """`raw/usgs_mcs__world`, `core/fct_production`, …"""
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Models are grouped by layer."""
        return str(dbt_resource_props["schema"])

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The model's description, or the grain on the first line of its SQL."""
        first_line = dbt_resource_props.get("raw_code", "").partition("\n")[0].removeprefix("-- ")
        return str(dbt_resource_props.get("description") or first_line or dbt_resource_props["name"])


_TRANSLATOR = Translator(settings=DagsterDbtTranslatorSettings(enable_asset_checks=False))


def ledger_specs() -> list[dg.AssetSpec]:
    """The ledger's tables, which models read beside raw: filled by the raw assets."""
    return [
        dg.AssetSpec(
            dg.AssetKey(["ledger", table]),
            group_name="ledger",
            deps=[raw_key(name) for name in table_specs()],
            description=f"Ledger of the work file: {table}.",
            kinds={"duckdb"},
        )
        for table in LEDGER_TABLES
    ]


def _tests(manifest: Mapping[str, Any]) -> dict[str, dg.AssetCheckSpec]:
    """One check for each dbt test, on the model it is attached to; unit tests too."""
    specs: dict[str, dg.AssetCheckSpec] = {}
    nodes = manifest["nodes"]
    for unique_id, node in {**nodes, **manifest["unit_tests"]}.items():
        if node["resource_type"] not in {"test", "unit_test"}:
            continue
        parents = [parent for parent in node["depends_on"]["nodes"] if parent in nodes]
        tested = nodes[node.get("attached_node") or parents[0]]
        specs[unique_id] = dg.AssetCheckSpec(
            node["name"],
            asset=_TRANSLATOR.get_asset_key(tested),
            description=node.get("description") or f"dbt {node['resource_type'].replace('_', ' ')}.",
        )
    return specs


def model_assets(manifest_file: Path) -> dg.AssetsDefinition:
    """Every seed and model as one step: they are built into one fresh file, all or none."""
    manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
    specs = build_dbt_asset_specs(manifest=manifest, dagster_dbt_translator=_TRANSLATOR)
    checks = _tests(manifest)
    key_of = {
        unique_id: _TRANSLATOR.get_asset_key(node)
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in {"model", "seed"}
    }

    @dg.multi_asset(name="models", specs=specs, check_specs=list(checks.values()))
    def models(context: AssetExecutionContext, warehouse: Warehouse) -> Iterator[Any]:
        with warehouse.refusing_on_failure():
            create_candidate(warehouse.settings)
            results = run_dbt(warehouse.settings)
        for result in results:
            if result.unique_id in key_of and result.ok:
                yield dg.MaterializeResult(
                    asset_key=key_of[result.unique_id], metadata={"seconds": round(result.seconds, 3)}
                )
        for result in results:
            if result.unique_id in checks:
                yield _check_result(checks[result.unique_id], result)
        failed = [result for result in results if not result.ok]
        context.log.info(f"dbt: {len(results) - len(failed)} of {len(results)} nodes built or passed")
        with warehouse.refusing_on_failure():
            if failed:
                why = "\n".join(f"- {result.unique_id}: {result.message}" for result in failed)
                msg = f"dbt: {len(failed)} node(s) failed; the last release stays up:\n{why}"
                raise RefusedError(msg)

    return models


def _check_result(spec: dg.AssetCheckSpec, result: NodeResult) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=result.ok,
        description=result.message or "Holds.",
        metadata={"failures": result.failures or 0},
    )
