"""Jobs and schedules: the whole warehouse, and one publisher at a time.

Belongs here: what a run is made of and when it starts. Does not belong here: the steps.
"""

from __future__ import annotations

import dagster as dg

from orchestration.assets.publishers import landing_key, raw_key
from orchestration.partitions import every_year
from sources.registry import sources

REFRESH_WAREHOUSE = "refresh_warehouse"
_CRON = {
    "usgs_mcs": ("0 6 10 2 *", "10 February: editions appear at the end of January and are mended soon after."),
    "un_comtrade": ("0 6 5 * *", "The 5th of each month: reporters release all month long."),
    "india_tradestat": ("0 6 20 * *", "The 20th of each month: the month before appears around the 15th."),
}


def source_jobs() -> dict[str, dg.UnresolvedAssetJobDefinition]:
    """One job a publisher: its bytes and rows, then models, gate 2 and release."""
    everything_after = dg.AssetSelection.assets(dg.AssetKey(["release", "published"])).upstream()
    publishers = dg.AssetSelection.key_prefixes(["landing"], ["raw"])
    return {
        code: dg.define_asset_job(
            f"refresh_{code}",
            selection=(everything_after - publishers)
            | dg.AssetSelection.assets(landing_key(code), *(raw_key(spec.name) for spec in source.tables)),
            executor_def=dg.in_process_executor,
            description=f"Refresh {source.about['title']} and release the warehouse.",
        )
        for code, source in sources().items()
    }


def refresh_warehouse() -> dg.UnresolvedAssetJobDefinition:
    """The job behind `ree build`: every publisher, models, gates and release."""
    return dg.define_asset_job(
        REFRESH_WAREHOUSE,
        selection=dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        description="Land, load, model, judge and release everything. Ask for all years in one run.",
    )


def _schedule(code: str, job: dg.UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    cron, why = _CRON[code]

    @dg.schedule(name=f"{job.name}_schedule", job=job, cron_schedule=cron, execution_timezone="UTC", description=why)
    def on_time() -> dg.RunRequest:
        return dg.RunRequest(tags=every_year())

    return on_time


def schedules(jobs: dict[str, dg.UnresolvedAssetJobDefinition]) -> list[dg.ScheduleDefinition]:
    """One schedule a publisher, on its own calendar; off until a person turns it on."""
    return [_schedule(code, job) for code, job in jobs.items()]
