"""Runs the job `refresh_warehouse` in this process, as `ree build` does."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError  # not among the public errors

from orchestration.assets.comparison import COMPARED
from orchestration.assets.freshness import CURRENT
from orchestration.assets.publishers import ARRIVED, LOADED
from orchestration.code_location import show_with
from orchestration.instance import events_kept_open, open_instance, prepare_instance
from orchestration.jobs import REFRESH_WAREHOUSE, refresh_job
from orchestration.partitions import every_year
from warehouse.settings import Settings

_ERROR = dg.AssetCheckSeverity.ERROR
_OWED = {ARRIVED, LOADED, COMPARED}
"""Checks of what is due. `ARRIVED` is a warning where a quota defers the rest: it is owed, and nobody has to act."""
_BY_HAND = {"user": "ree build", "dagster/max_retries": "0"}
"""Who launched the run, as Dagster shows it; and that `ree serve` does not repeat what a person started and stopped."""
_INTERRUPTIONS = {DagsterExecutionInterruptedError.__name__, KeyboardInterrupt.__name__}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of a run.

    `missing` has, per publisher, what did not arrive or load without stopping the run; `warnings` has, per table, the
    rules that failed without stopping it; `late` names the publishers whose figures are late. Checks of lateness are
    not among `checks`: a build cannot do anything about them.
    """

    run_id: str
    success: bool
    version: str | None
    is_new: bool
    checks: int
    failed_checks: int
    seconds_by_step: dict[str, float]
    errors: tuple[str, ...]
    missing: tuple[str, ...]
    warnings: tuple[str, ...]
    late: tuple[str, ...] = ()


def refresh(settings: Settings, source_code: str | None = None, first: str = "", last: str = "") -> Outcome:
    """Run the job of one publisher, or of all, in this process, recorded in Dagster's instance.

    All years are selected. `first` and `last` ("2019", "2019-04") narrow what is fetched from the one publisher.

    Raises:
        KeyboardInterrupt: Ctrl-C ended the run.
    """
    from orchestration.definitions import defs

    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)  # Ctrl-C while it closes a connection is no news
    prepare_instance(settings)
    name = refresh_job(source_code) if source_code else REFRESH_WAREHOUSE
    job = defs().resolve_job_def(name)
    config: dict[str, Any] = {
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        "resources": {
            "warehouse": {"config": {"sources": settings.sources, "accept_drift": settings.accept_drift}},
        },
    }
    if source_code:
        config["ops"] = {f"landing__{source_code}": {"config": {"first": first, "last": last}}}
    try:
        with open_instance(settings) as instance, events_kept_open():
            result = job.execute_in_process(
                instance=show_with(instance, name),
                tags={**every_year(), **_BY_HAND},
                raise_on_error=False,
                run_config=config,
            )
    except DagsterExecutionInterruptedError:
        raise KeyboardInterrupt from None
    if _was_interrupted(result):
        raise KeyboardInterrupt
    return _outcome(result)


def _was_interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Whether Ctrl-C ended a step, which Dagster records as the step's failure."""
    errors = [event.step_failure_data.error for event in result.all_node_events if event.is_step_failure]
    return any(str(error.cls_name) in _INTERRUPTIONS for error in errors if error is not None)


def _message(error: Any) -> str:
    """The message of our own code's error, without Dagster's errors around it."""
    while error.cause is not None and str(error.cls_name).startswith("Dagster"):
        error = error.cause
    return str(error.message).strip()


def _outcome(result: dg.ExecuteInProcessResult) -> Outcome:
    evaluated = result.get_asset_check_evaluations()
    checks = [check for check in evaluated if check.check_name != CURRENT]
    failed = [check for check in checks if not check.passed]
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
        failed_checks=len(failed),
        seconds_by_step=seconds,
        missing=tuple(
            f"{check.asset_key.path[-1]}:\n{check.description}"
            for check in failed
            if check.check_name in _OWED and (check.check_name == ARRIVED or check.severity is _ERROR)
        ),
        warnings=tuple(
            f"{check.asset_key.path[-1]}: {line}"
            for check in failed
            if check.severity is dg.AssetCheckSeverity.WARN and check.check_name != ARRIVED
            for line in str(check.description).splitlines()
        ),
        late=tuple(
            check.asset_key.path[-1].partition("__")[0]
            for check in evaluated
            if check.check_name == CURRENT and not check.passed and check.asset_key.path[0] == "raw"
        ),
        errors=tuple(dict.fromkeys(_message(error) for error in errors if error is not None)),
    )
