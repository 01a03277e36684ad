"""The ledger of loads: complete when every load of a run was compared with its neighbours."""

from collections.abc import Iterator

import dagster as dg

from orchestration.assets.publishers import raw_key
from orchestration.resources import Warehouse
from sources.registry import sources, table_specs
from warehouse.ingest.comparison import compare
from warehouse.ingest.fetch_run import refuse_partitions
from warehouse.quality.neighbours.compare import RULES

COMPARED = "compared"
LOADS = dg.AssetKey(["ledger", "loads"])


def loads_asset() -> dg.AssetsDefinition:
    """Compare what was loaded with its neighbours, after every publisher's raw tables and before any model."""

    @dg.asset(
        key=LOADS,
        deps=[raw_key(name) for name in table_specs()],
        group_name="ledger",
        kinds={"duckdb"},
        description="Ledger of the work file: loads, each compared with its neighbours.",
        check_specs=[
            dg.AssetCheckSpec(
                COMPARED,
                asset=LOADS,
                description="No load fits its neighbours better when it is read in another unit or exchanged.",
                metadata=RULES,
            )
        ],
    )
    def loads(warehouse: Warehouse) -> Iterator[dg.MaterializeResult[None]]:
        with warehouse.step("comparison with neighbours"):
            done = compare(warehouse.settings, warehouse.build_id)
            for code, partitions in done.refused.items():
                refuse_partitions(warehouse.settings, sources()[code], partitions)
        yield dg.MaterializeResult(
            metadata={"loads compared": done.loads, "loads refused": len(done.failures)},
            check_results=[
                dg.AssetCheckResult(
                    asset_key=LOADS,
                    check_name=COMPARED,
                    passed=not done.results,
                    severity=dg.AssetCheckSeverity.ERROR if done.failures else dg.AssetCheckSeverity.WARN,
                    description="\n".join(done.failures or done.accepted) or f"{done.loads} loads compared.",
                )
            ],
        )
        with warehouse.step("comparison with neighbours"):
            done.raise_failures()

    return loads
