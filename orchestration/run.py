"""Running the job from the command line, as the UI would run it.

Belongs here: Dagster's instance under `REE_HOME`, one run in this process, and what it came to. Does not belong here:
how it is shown.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.jobs import REFRESH_WAREHOUSE
from orchestration.partitions import every_year
from warehouse.settings import Settings


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to."""

    run_id: str
    success: bool
    version: str | None
    is_new: bool
    checks: int
    failed_checks: int
    seconds_by_step: dict[str, float]
    errors: tuple[str, ...]


def prepare_instance(settings: Settings) -> None:
    """Make Dagster's home under the warehouse's, and point Dagster to it."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(__file__).parent / "dagster.yaml", settings.dagster_home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)


def refresh(settings: Settings, job_name: str = REFRESH_WAREHOUSE) -> Outcome:
    """Run a job for all years in this process and record it where the UI finds it."""
    from orchestration.definitions import defs

    prepare_instance(settings)
    job = defs().resolve_job_def(job_name)
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(
            instance=instance,
            tags=every_year(),
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    return _outcome(result)


def _message(error: Any) -> str:
    """What our own code raised, without Dagster's errors around it."""
    while error.cause is not None and str(error.cls_name).startswith("Dagster"):
        error = error.cause
    return str(error.message).strip()


def _outcome(result: dg.ExecuteInProcessResult) -> Outcome:
    checks = result.get_asset_check_evaluations()
    published = next(
        (
            event.materialization.metadata
            for event in result.get_asset_materialization_events()
            if event.asset_key == dg.AssetKey(["release", "published"])
        ),
        {},
    )
    seconds = {
        event.step_key: (event.step_success_data.duration_ms or 0) / 1000
        for event in result.all_node_events
        if event.is_step_success and event.step_key
    }
    failures = [event.event_specific_data for event in result.all_node_events if event.is_step_failure]
    if not failures and not result.success:
        failures = [event.event_specific_data for event in result.all_events]
    errors = [getattr(data, "error", None) for data in failures]
    return Outcome(
        run_id=result.run_id,
        success=result.success,
        version=str(published["version"].value) if published else None,
        is_new=bool(published["new"].value) if published else False,
        checks=len(checks),
        failed_checks=sum(not check.passed for check in checks),
        seconds_by_step=seconds,
        errors=tuple(dict.fromkeys(_message(error) for error in errors if error is not None)),
    )
