"""From publisher to raw tables: two assets a source, landing and raw, the same for every publisher.

Belongs here: the factory that makes them. Does not belong here: anything about one publisher.
"""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg
from dagster import AssetExecutionContext

from orchestration.checks import results_of, specs_of
from orchestration.partitions import partitions_of, years_of
from orchestration.resources import Warehouse
from sources.contract import Source
from sources.registry import sources
from warehouse.expectations.suites import suite_of
from warehouse.ingest import Ingested, ingest, land

_ALL_YEARS_IN_ONE_RUN = dg.BackfillPolicy.single_run()


def landing_key(source_code: str) -> dg.AssetKey:
    """Key of a publisher's landed bytes."""
    return dg.AssetKey(["landing", source_code])


def raw_key(table: str) -> dg.AssetKey:
    """Key of a raw table."""
    return dg.AssetKey(["raw", table])


def _freshness(source: Source) -> dg.FreshnessPolicy:
    """Stale when the publisher's cadence has passed without a new look; a warning comes before."""
    days = source.about["fresh_for_days"]
    return dg.FreshnessPolicy.time_window(
        fail_window=timedelta(days=days), warn_window=timedelta(days=round(days * 0.8))
    )


def _landing_asset(source: Source) -> dg.AssetsDefinition:
    @dg.asset(
        key=landing_key(source.code),
        group_name=source.code,
        partitions_def=partitions_of(source),
        backfill_policy=_ALL_YEARS_IN_ONE_RUN if partitions_of(source) else None,
        freshness_policy=_freshness(source),
        kinds={"file"},
        tags={"cadence": source.about["cadence"]},
        description=f"Bytes of {source.about['publisher']}, {source.about['title']}, stored once by their hash.",
        metadata={
            "citation": source.about["citation"],
            "licence": source.about["licence"],
            "url": dg.MetadataValue.url(source.about["url"]),
        },
    )
    def landing(context: AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult[None]:
        with warehouse.refusing_on_failure():
            new, offered = land(warehouse.settings, source, years_of(context))
        return dg.MaterializeResult(metadata={"artifacts offered": offered, "artifacts new": new})

    return landing


def _raw_assets(source: Source) -> dg.AssetsDefinition:
    suites = {spec.name: suite_of(spec.name) for spec in source.tables}

    @dg.multi_asset(
        name=f"raw_{source.code}",
        specs=[
            dg.AssetSpec(
                raw_key(spec.name),
                deps=[landing_key(source.code)],
                group_name=source.code,
                kinds={"polars", "duckdb"},
                description=f"{source.about['measures']}: rows as parsed, judged at gate 1, every release kept.",
                tags={"layer": "raw"},
            )
            for spec in source.tables
        ],
        check_specs=[check for table, suite in suites.items() for check in specs_of(suite, raw_key(table))],
    )
    def raw(warehouse: Warehouse) -> Iterator[dg.MaterializeResult[None]]:
        with warehouse.refusing_on_failure():
            done = ingest(warehouse.settings, warehouse.build_id, source)
        for table, suite in suites.items():
            yield dg.MaterializeResult(
                asset_key=raw_key(table),
                metadata=_metadata(done),
                check_results=list(results_of(suite, raw_key(table), done.results)),
            )
        with warehouse.refusing_on_failure():
            done.raise_failures()

    return raw


def _metadata(done: Ingested) -> dict[str, int]:
    return {
        "artifacts loaded": len(done.loaded),
        "artifacts already loaded": done.already_loaded,
        "artifacts refused": len(done.failures),
        "rows loaded": done.rows_loaded,
        "rows in quarantine": done.rows_quarantined,
    }


def publisher_assets() -> list[dg.AssetsDefinition]:
    """Landing and raw assets of every publisher in the registry."""
    return [make(source) for source in sources().values() for make in (_landing_asset, _raw_assets)]
