"""Gate 2 and the release: the last two steps of every run."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import dagster as dg
from dagster import AssetCheckExecutionContext, AssetExecutionContext

from orchestration.checks import results_of, specs_of
from orchestration.resources import Warehouse
from warehouse.quality.expectations.suites import gate_two
from warehouse.quality.gates import judge_candidate, store_results, stored_results
from warehouse.release.catalogue import PUBLISHED_SCHEMAS
from warehouse.release.diff import TableDiff
from warehouse.release.parquet import TableSize, export_parquet, table_sizes
from warehouse.release.publish import Publication, audit, keep, last_core, publish
from warehouse.storage.work import open_work

PUBLISHED = dg.AssetKey(["release", "published"])
_SHOWN_OF_CHANGES = 8_000
"""Characters of CHANGES.md in Dagster, which keeps them for each run."""


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
        if warehouse.standing is not None:
            with open_work(warehouse.settings) as con:
                results = stored_results(con, warehouse.standing.about["build_id"])
            for table, suite in gate_two().items():
                yield from results_of(suite, _fact_key(table), results)
            return
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
    def published(context: AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult[None]:
        with warehouse.step("publishing"):
            standing = warehouse.standing
            done = (
                keep(warehouse.settings, warehouse.build_id, standing)
                if standing
                else publish(warehouse.settings, warehouse.build_id)
            )
            sizes = table_sizes(done.release.folder)
        if done.is_new:
            for observation in _observations(sizes, done.changes):
                context.log_event(observation)
        return dg.MaterializeResult(metadata=_metadata(done, sizes))

    return published


def _metadata(done: Publication, sizes: Mapping[str, TableSize]) -> dict[str, Any]:
    """What a person wants to know of a release, and numbers that Dagster plots over runs."""
    folder = done.release.folder
    return {
        "version": done.release.version,
        "new": done.is_new,
        "as of": str(done.release.about["as_of_day"]),
        "changes": dg.MetadataValue.md(_changes(done)),
        "site": dg.MetadataValue.path(str(folder / "site" / "index.html")),
        "validation": dg.MetadataValue.path(str(folder / "validation.html")),
        "CHANGES.md": dg.MetadataValue.path(str(folder / "CHANGES.md")),
        "folder": dg.MetadataValue.path(str(folder)),
        "dagster/row_count": sum(size.rows for size in sizes.values()),
        "tables": len(sizes),
        "bytes": sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
        "rows added": sum(change.added for change in done.changes),
        "rows removed": sum(change.removed for change in done.changes),
        "rows changed": sum(change.changed for change in done.changes),
        "figures revised": sum(change.revised for change in done.changes),
    }


def _changes(done: Publication) -> str:
    """`CHANGES.md` of a new release, as long as a page shows it."""
    if not done.is_new:
        return f"Nothing changed: release {done.release.version} stays current."
    text = (done.release.folder / "CHANGES.md").read_text(encoding="utf-8")
    return text if len(text) <= _SHOWN_OF_CHANGES else f"{text[:_SHOWN_OF_CHANGES].rpartition(chr(10))[0]}\n\n…"


def _observations(sizes: Mapping[str, TableSize], changes: Iterable[TableDiff]) -> Iterator[dg.AssetObservation]:
    """Size and changes of each published table, which are known when the release is."""
    changed = {change.table: change for change in changes}
    for table, size in sizes.items():
        numbers = {"rows": size.rows, "bytes": size.bytes}
        if change := changed.get(table):
            numbers |= {"rows added": change.added, "rows removed": change.removed, "rows changed": change.changed}
        yield dg.AssetObservation(dg.AssetKey(table.split(".")), metadata=numbers)
