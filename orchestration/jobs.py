"""Jobs and schedules: the whole warehouse, and one publisher at a time."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from orchestration.assets.publishers import landing_key, raw_key
from orchestration.partitions import every_year
from sources.registry import sources
from warehouse.settings import Settings

REFRESH_WAREHOUSE = "refresh_warehouse"


def refresh_job(source_code: str) -> str:
    """Name of the job that refreshes one publisher."""
    return f"refresh_{source_code}"


def source_jobs(owners: Sequence[str] = ()) -> dict[str, dg.UnresolvedAssetJobDefinition]:
    """One job per publisher: its bytes and rows, then models, gate 2 and release."""
    everything_after = dg.AssetSelection.assets(dg.AssetKey(["release", "published"])).upstream()
    publishers = dg.AssetSelection.key_prefixes(["landing"], ["raw"])
    return {
        code: dg.define_asset_job(
            refresh_job(code),
            selection=(everything_after - publishers)
            | dg.AssetSelection.assets(landing_key(code), *(raw_key(spec.name) for spec in source.tables)),
            executor_def=dg.in_process_executor,
            owners=owners,
            description=f"Refresh {source.about['title']} and release the warehouse.",
        )
        for code, source in sources().items()
    }


def refresh_warehouse(owners: Sequence[str] = ()) -> dg.UnresolvedAssetJobDefinition:
    """The job behind `ree build`: every publisher, models, gates and release."""
    return dg.define_asset_job(
        REFRESH_WAREHOUSE,
        selection=dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        owners=owners,
        description="Land, load, model, judge and release everything. Select all years in one run.",
    )


def _schedule(code: str, job: dg.UnresolvedAssetJobDefinition, *, is_on: bool) -> dg.ScheduleDefinition:
    on = sources()[code].about["schedule"]

    @dg.schedule(
        name=f"{job.name}_schedule",
        job=job,
        cron_schedule=on["cron"],
        execution_timezone="UTC",
        description=on["why"],
        default_status=dg.DefaultScheduleStatus.RUNNING if is_on else dg.DefaultScheduleStatus.STOPPED,
    )
    def on_time() -> dg.RunRequest:
        return dg.RunRequest(tags=every_year())

    return on_time


def schedules(jobs: dict[str, dg.UnresolvedAssetJobDefinition], settings: Settings) -> list[dg.ScheduleDefinition]:
    """One schedule per publisher, on its own calendar.

    With live publishers they are on by default; otherwise off until a person turns them on, since the snapshot
    does not change by itself.
    """
    return [_schedule(code, job, is_on=settings.sources == "live") for code, job in jobs.items()]
