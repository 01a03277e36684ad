"""Sensors that send alerts: a failed run, a failed critical check, an overdue publisher. Each is sent once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from orchestration import alerts
from orchestration.alerts import Alert
from warehouse.ingest.fetch_plan import overdue
from warehouse.release.store import current_release
from warehouse.settings import Settings

_EVERY_S = 60
_DAILY_S = 86_400


def alert_sensors() -> list[dg.SensorDefinition]:
    """The three sensors, on by default if a webhook or a mail address is configured."""
    is_on = alerts.is_on(Settings())
    status = dg.DefaultSensorStatus.RUNNING if is_on else dg.DefaultSensorStatus.STOPPED
    return [_run_failed(status), _check_failed(status), _overdue(status)]


def _run_failed(status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    @dg.run_failure_sensor(
        name="alert_run_failed",
        minimum_interval_seconds=_EVERY_S,
        default_status=status,
        monitor_all_code_locations=True,
        description="An alert for each run that failed, of any job, with the error of our own code.",
    )
    def alert_run_failed(context: dg.RunFailureSensorContext) -> None:
        steps = [(event.step_key, event.step_failure_data.error) for event in context.get_step_failure_events()]
        errors = [f"{step}: {_root_of(error)}" for step, error in steps if error is not None]
        text = "\n".join(errors) or context.failure_event.message or "No reason was recorded."
        _send("run_failed", f"{context.dagster_run.job_name} failed", text, context.dagster_run.run_id)

    return alert_run_failed


def _check_failed(status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    @dg.run_status_sensor(
        run_status=dg.DagsterRunStatus.SUCCESS,
        name="alert_check_failed",
        minimum_interval_seconds=_EVERY_S,
        default_status=status,
        monitor_all_code_locations=True,
        description="An alert for each run that ended well although a check of severity ERROR failed in it: a "
        "publisher that could not be fetched completely, or a critical rule.",
    )
    def alert_check_failed(context: dg.RunStatusSensorContext) -> None:
        run = context.dagster_run
        failed = failed_checks(context.instance, run.run_id)
        if failed:
            text = "\n".join(f"{name}: {words}" for name, words in failed)
            _send("check_failed", f"{run.job_name}: {len(failed)} critical checks failed", text, run.run_id)

    return alert_check_failed


def failed_checks(instance: dg.DagsterInstance, run_id: str) -> list[tuple[str, str]]:
    """Names and descriptions of a run's failed checks of severity ERROR: `("landing/usgs_mcs arrived", "…")`."""
    evaluated = (
        entry.dagster_event.asset_check_evaluation_data
        for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        if entry.dagster_event
    )
    return [
        (f"{check.asset_key.to_user_string()} {check.check_name}", check.description or "no reason was recorded")
        for check in evaluated
        if not check.passed and check.severity is dg.AssetCheckSeverity.ERROR
    ]


def _overdue(status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    @dg.sensor(
        name="alert_overdue",
        minimum_interval_seconds=_DAILY_S,
        default_status=status,
        description="Once a day: one alert when a live publisher becomes overdue, until it is fetched again.",
    )
    def alert_overdue(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        settings = Settings()
        found = dict(overdue(settings)) if settings.sources == "live" else {}
        already_sent = set(json.loads(context.cursor)) if context.cursor else set()
        new = {code: words for code, words in found.items() if code not in already_sent}
        if new and _send("overdue", f"Overdue: {', '.join(new)}", _lines(new.items())):
            already_sent |= set(new)
        context.update_cursor(json.dumps(sorted(already_sent & set(found))))
        return dg.SkipReason(_lines(found.items()) or "no publisher is overdue")

    return alert_overdue


def _send(kind: Any, title: str, text: str, run_id: str | None = None) -> list[str]:
    settings = Settings()
    release = current_release(settings)
    return alerts.send(
        settings, Alert(kind, title, text, datetime.now(UTC), run_id, release.version if release else None)
    )


def _lines(pairs: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{code}: {words}" for code, words in pairs)


def _root_of(error: Any) -> str:
    """The message of our own code's error, without Dagster's errors around it and without a traceback."""
    while error.cause is not None and str(error.cls_name).startswith("Dagster"):
        error = error.cause
    return str(error.message).strip()
