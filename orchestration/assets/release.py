"""Gate 2 and the release: the last two steps of every run."""

from collections.abc import Iterator

import dagster as dg
from dagster import AssetCheckExecutionContext

from orchestration.checks import results_of, specs_of
from orchestration.resources import Warehouse
from warehouse.quality.expectations.suites import gate_two
from warehouse.quality.gates import judge_candidate, store_results
from warehouse.release.catalogue import PUBLISHED_SCHEMAS
from warehouse.release.parquet import export_parquet
from warehouse.release.publish import audit, last_core, publish
from warehouse.storage.work import open_work

PUBLISHED = dg.AssetKey(["release", "published"])


def _fact_key(table: str) -> dg.AssetKey:
    return dg.AssetKey(["core", table])


def gate_two_checks() -> dg.AssetChecksDefinition:
    """Judge every published fact, also against the last release. A critical rule that fails blocks the release."""

    @dg.multi_asset_check(
        name="gate_2",
        specs=[
            check._replace(blocking=True)
            for table, suite in gate_two().items()
            for check in specs_of(suite, _fact_key(table))
        ],
    )
    def gate_2(context: AssetCheckExecutionContext, warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
        with warehouse.step("gate 2"):
            parquet = export_parquet(warehouse.settings, PUBLISHED_SCHEMAS)
            results = judge_candidate(warehouse.settings, parquet, last_core(warehouse.settings))
            with open_work(warehouse.settings) as con:
                store_results(con, warehouse.build_id, results)
        passed = sum(result.success for result in results)
        context.log.info("gate 2: %d of %d rules passed", passed, len(results))
        for table, suite in gate_two().items():
            yield from results_of(suite, _fact_key(table), results)
        audit(warehouse.settings, warehouse.build_id)

    return gate_2


def release_asset(published_models: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """The published release, after every published model and gate 2."""

    @dg.asset(
        key=PUBLISHED,
        deps=published_models,
        group_name="release",
        kinds={"duckdb", "parquet"},
        description="What analysts and BI tools read: the database, Parquet, data package and reports of one release.",
    )
    def published(warehouse: Warehouse) -> dg.MaterializeResult[None]:
        with warehouse.step("publishing"):
            release, is_new = publish(warehouse.settings, warehouse.build_id)
        return dg.MaterializeResult(
            metadata={
                "version": release.version,
                "new": is_new,
                "folder": dg.MetadataValue.path(str(release.folder)),
            }
        )

    return published
