"""Landing and raw assets, the same two for every publisher."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import dagster as dg
from dagster import AssetExecutionContext

from orchestration.checks import results_of, specs_of
from orchestration.partitions import Span, partitions_of, window_of, years_of, years_of_run
from orchestration.resources import Warehouse
from sources.http.fetcher import Window
from sources.model.source import Source
from sources.registry import sources
from warehouse.ingest.acquire import Acquired, acquire, is_visited
from warehouse.ingest.fetch_run import refuse_partitions
from warehouse.ingest.ingest import Ingested, ingest
from warehouse.quality.expectations.suites import suite_of

ARRIVED = "arrived"
LOADED = "loaded"
_ALL_YEARS_IN_ONE_RUN = dg.BackfillPolicy.single_run()
_RETRIES = 2
_RETRY_AFTER_S = 20


def landing_key(source_code: str) -> dg.AssetKey:
    """Key of a publisher's landed bytes."""
    return dg.AssetKey(["landing", source_code])


def raw_key(table: str) -> dg.AssetKey:
    """Key of a raw table."""
    return dg.AssetKey(["raw", table])


def _freshness(source: Source) -> dg.FreshnessPolicy:
    """Stale if the landing asset has not run for `fresh_for_days`; a warning comes at 80 % of them."""
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
        check_specs=[
            dg.AssetCheckSpec(
                ARRIVED,
                asset=landing_key(source.code),
                description="Everything due was fetched and every inbox file landed. A failure stops no release.",
            )
        ],
        description=f"Bytes of {source.about['publisher']}, {source.about['title']}, stored once by their hash.",
        metadata={
            "citation": source.about["citation"],
            "licence": source.about["licence"],
            "url": dg.MetadataValue.url(source.about["url"]),
        },
    )
    def landing(
        context: AssetExecutionContext, warehouse: Warehouse, config: Span
    ) -> Iterator[dg.MaterializeResult[None]]:
        with warehouse.step(f"landing {source.code}"):
            warehouse.visits.start(_windows(context, warehouse, source, config))
            try:
                acquired = acquire(warehouse.settings, source, warehouse.visits, years_of(context))
            except OSError as error:  # a disk that is full or unavailable for a moment
                raise dg.RetryRequested(max_retries=_RETRIES, seconds_to_wait=_RETRY_AFTER_S) from error
        yield dg.MaterializeResult(
            metadata={
                "artifacts offered": acquired.offered,
                "artifacts new": acquired.new_artifacts,
                "failed": len(acquired.failures) + len(acquired.refused),
                "left for later": acquired.deferred,
            },
            check_results=[_check_of(acquired)],
        )

    return landing


def _windows(
    context: AssetExecutionContext, warehouse: Warehouse, source: Source, config: Span
) -> dict[str, Window | None]:
    """The windows of all publishers that this run visits; `config` is that of the step's own publisher.

    The first landing step of a run starts all visits, so that no publisher waits for another one's pauses.
    """
    spans = {code: _span_of(context, code) for code in _landed_in_run(context)} | {source.code: config}
    years = years_of_run(context.run.tags)
    return {
        code: window_of(warehouse.settings, years if partitions_of(sources()[code]) else None, span)
        for code, span in spans.items()
        if is_visited(warehouse.settings, code)
    }


def _landed_in_run(context: AssetExecutionContext) -> list[str]:
    """The publishers whose landing assets are steps of this run."""
    steps = context.run.step_keys_to_execute
    selected = context.job_def.asset_layer.executable_asset_keys
    return [
        code
        for code in sources()
        if landing_key(code) in selected and (steps is None or landing_key(code).to_python_identifier() in steps)
    ]


def _span_of(context: AssetExecutionContext, code: str) -> Span:
    """The span that the run config gives a publisher's landing step."""
    steps: dict[str, Any] = dict(context.run.run_config).get("ops", {})  # type: ignore[assignment]
    return Span(**steps.get(landing_key(code).to_python_identifier(), {}).get("config", {}))


def _check_of(acquired: Acquired) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=landing_key(acquired.source_code),
        check_name=ARRIVED,
        passed=not acquired.is_owed,
        severity=dg.AssetCheckSeverity.ERROR if acquired.failures or acquired.refused else dg.AssetCheckSeverity.WARN,
        description=acquired.summary(),
    )


def _loaded_spec(source: Source) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        LOADED,
        asset=raw_key(source.tables[0].name),
        description="Everything that landed could be read and passed gate 1. What did not is kept and not loaded.",
    )


def _loaded_check(source: Source, done: Ingested) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=raw_key(source.tables[0].name),
        check_name=LOADED,
        passed=not done.failures,
        severity=dg.AssetCheckSeverity.ERROR,
        description="\n".join(done.failures) or f"{len(done.loaded)} loads, {done.already_loaded} loaded before.",
    )


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
        check_specs=[
            _loaded_spec(source),
            *(check for table, suite in suites.items() for check in specs_of(suite, raw_key(table))),
        ],
    )
    def raw(warehouse: Warehouse) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        with warehouse.step(f"loading {source.code}"):
            done = ingest(warehouse.settings, warehouse.build_id, source)
            refuse_partitions(warehouse.settings, source, done.refused)
        for table, suite in suites.items():
            yield dg.MaterializeResult(
                asset_key=raw_key(table),
                metadata=_metadata(done, table),
                check_results=list(results_of(suite, raw_key(table), done.results)),
            )
        yield _loaded_check(source, done)
        with warehouse.step(f"loading {source.code}"):
            done.raise_failures()

    return raw


def _metadata(done: Ingested, table: str) -> dict[str, int]:
    """Numbers of one raw table, which Dagster plots over runs; those of artifacts are the publisher's."""
    loaded = [item for item in done.loaded if item.table_name == table]
    return {
        "dagster/row_count": done.rows_in_raw[table],
        "rows added": sum(item.rows_loaded for item in loaded),
        "rows in quarantine": sum(item.rows_quarantined for item in loaded),
        "bytes landed": done.bytes_landed,
        "artifacts loaded": len({item.partition for item in loaded}),
        "artifacts already loaded": done.already_loaded,
        "artifacts refused": len(done.failures),
    }


def publisher_assets() -> list[dg.AssetsDefinition]:
    """Landing and raw assets of every publisher in the registry."""
    return [make(source) for source in sources().values() for make in (_landing_asset, _raw_assets)]
