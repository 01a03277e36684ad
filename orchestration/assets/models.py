"""dbt models as Dagster assets, built together into a new candidate."""

import graphlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import dagster as dg
from dagster import AssetExecutionContext
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, build_dbt_asset_specs

from orchestration.assets.publishers import raw_key
from orchestration.resources import Warehouse
from sources.registry import table_specs
from warehouse.release.basis import models_ran, start_from
from warehouse.release.publish import RefusedError
from warehouse.release.store import database
from warehouse.storage.work import write_as_of_day
from warehouse.transform.dbt import NodeResult, create_candidate, models_to_build, row_counts, run_dbt

_CHECK = "dbt_tests"
LEDGER_TABLES = ("sources", "artifacts", "validation_results", "failed_rows", "as_of")


class Translator(DagsterDbtTranslator):
    """Asset keys are warehouse names: schema and table."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Name the asset as the warehouse does: `raw/usgs_mcs__world`, `core/fct_production`."""
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
    """The ledger's other tables, which models read together with raw. The raw assets fill them."""
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


def _tests(manifest: Mapping[str, Any]) -> dict[str, dg.AssetKey]:
    """The model each dbt test and unit test is about."""
    nodes = manifest["nodes"]
    return {
        unique_id: _TRANSLATOR.get_asset_key(nodes[node.get("attached_node") or node["depends_on"]["nodes"][0]])
        for unique_id, node in {**nodes, **manifest["unit_tests"]}.items()
        if node["resource_type"] in {"test", "unit_test"}
    }


def _in_order(nodes: Mapping[str, Any]) -> Iterable[str]:
    """The nodes of a manifest, each after those that it reads, as Dagster takes the results of a step."""
    reads = {unique_id: set(node["depends_on"].get("nodes", ())) & set(nodes) for unique_id, node in nodes.items()}
    return graphlib.TopologicalSorter(reads).static_order()


def model_assets(manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """Every seed and model of dbt's manifest as one step: they are built into one fresh file, all or none."""
    specs = build_dbt_asset_specs(manifest=manifest, dagster_dbt_translator=_TRANSLATOR)
    tested = _tests(manifest)
    checks = [
        dg.AssetCheckSpec(_CHECK, asset=key, description="Every dbt test and unit test of the model passes.")
        for key in sorted(set(tested.values()))
    ]
    key_of = {
        unique_id: _TRANSLATOR.get_asset_key(manifest["nodes"][unique_id])
        for unique_id in _in_order(manifest["nodes"])
        if manifest["nodes"][unique_id]["resource_type"] in {"model", "seed"}
    }

    @dg.multi_asset(name="models", specs=specs, check_specs=checks)
    def models(context: AssetExecutionContext, warehouse: Warehouse) -> Iterator[Any]:
        with warehouse.step("models"):
            standing = warehouse.compare_inputs()
        if standing is not None:
            context.log.info("nothing new since release %s: the models are not built again", standing.version)
            yield from _unchanged(standing.version, key_of.values(), [check.asset_key for check in checks])
            return
        with warehouse.step("models"):
            write_as_of_day(warehouse.settings)
            basis = start_from(warehouse.settings)
            release = database(warehouse.settings, basis.release.version) if basis else None
            changed = basis.changed if basis else None
            create_candidate(warehouse.settings, release, changed)
            try:
                results = run_dbt(warehouse.settings, changed)
            finally:
                models_ran(warehouse.settings)
            rows = row_counts(warehouse.settings)
        tests = {
            check.asset_key: [r for r in results if tested.get(r.unique_id) == check.asset_key] for check in checks
        }
        if basis is not None:
            rebuilt = models_to_build(warehouse.settings, changed)
            kept = [key for unique_id, key in key_of.items() if unique_id not in rebuilt]
            untested = [key for key in kept if tests.get(key) == []]
            yield from _unchanged(basis.release.version, kept, untested)
            for key in untested:
                del tests[key]
        for result in results:
            if result.unique_id in key_of and result.ok:
                key = key_of[result.unique_id]
                yield dg.MaterializeResult(
                    asset_key=key, metadata=_metadata(result, rows.get((key.path[0], key.path[1])))
                )
        for key, of_model in tests.items():
            yield _check_result(key, of_model)
        failed = [result for result in results if not (result.ok or result.was_skipped)]
        context.log.info("dbt: %d of %d nodes built or passed", len(results) - len(failed), len(results))
        with warehouse.step("models"):
            _require_none(failed, n_skipped=sum(result.was_skipped for result in results))

    return models


def _require_none(failed: Iterable[NodeResult], n_skipped: int) -> None:
    """Refuse the release if a node failed.

    Raises:
        RefusedError: names each of them.
    """
    lines = [f"- {result.unique_id}: {result.message}" for result in failed]
    if lines:
        why = "\n".join(lines)
        msg = f"dbt: {len(lines)} node(s) failed, {n_skipped} skipped; the last release stays current:\n{why}"
        raise RefusedError(msg)


def _unchanged(version: str, keys: Iterable[dg.AssetKey], tested: Iterable[dg.AssetKey]) -> Iterator[Any]:
    """What a build says of models whose inputs are those of the current release, and of their tests."""
    for key in keys:
        yield dg.MaterializeResult(asset_key=key, metadata={"unchanged since": version})
    for key in tested:
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=_CHECK,
            passed=True,
            description=f"Nothing new since release {version}, whose tests passed.",
        )


def _metadata(result: NodeResult, rows: int | None) -> dict[str, int | float]:
    """Seconds and rows of a model; a view has no count of its own."""
    counted = {} if rows is None else {"dagster/row_count": rows}
    return {**counted, "seconds": round(result.seconds, 3)}


def _check_result(key: dg.AssetKey, results: list[NodeResult]) -> dg.AssetCheckResult:
    failed = [result for result in results if not (result.ok or result.was_skipped)]
    names = "; ".join(f"{result.unique_id.split('.')[2]}: {result.message}" for result in failed)
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=_CHECK,
        passed=all(result.ok for result in results),
        description=names or f"{sum(result.ok for result in results)} of {len(results)} tests pass.",
        metadata={"tests": len(results), "failed": len(failed)},
    )
