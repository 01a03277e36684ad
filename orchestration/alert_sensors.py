"""Sensors that send alerts: a failed run, a failed critical check, an overdue publisher; and that each of them is over.

A fault is alerted once, when it begins, and once more when a run has succeeded without it (`open_faults.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import dagster as dg

from orchestration import alerts
from orchestration.alerts import Alert
from orchestration.open_faults import Fault, begin, end, forget, how_long
from sources.registry import sources, table_specs
from warehouse.ingest.fetch_plan import overdue
from warehouse.release.store import current_release
from warehouse.settings import Settings

_EVERY_S = 60
_DAILY_S = 86_400
_SHOWN_OF_A_FAULT = 300
"""Characters of a fault's text in the alert that it is over."""


def alert_sensors() -> list[dg.SensorDefinition]:
    """The three sensors, on by default if a webhook or a mail address is configured."""
    is_on = alerts.is_on(Settings())
    status = dg.DefaultSensorStatus.RUNNING if is_on else dg.DefaultSensorStatus.STOPPED
    return [_run_failed(status), _run_succeeded(status), _overdue(status)]


def _run_failed(status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    @dg.run_failure_sensor(
        name="alert_run_failed",
        minimum_interval_seconds=_EVERY_S,
        default_status=status,
        monitor_all_code_locations=True,
        description="An alert when a step begins to fail, in any job, with the error of our own code.",
    )
    def alert_run_failed(context: dg.RunFailureSensorContext) -> None:
        run = context.dagster_run
        steps = [(event.step_key or "", event.step_failure_data.error) for event in context.get_step_failure_events()]
        faults = [
            Fault("run_failed", f"step {step}", _publisher_of_step(step), _root_of(error))
            for step, error in steps
            if error is not None
        ]
        reason = context.failure_event.message or "No reason was recorded."
        send = partial(_send_faults, "run_failed", f"{run.job_name} failed", run.run_id)
        begin(Settings(), faults or [Fault("run_failed", "run", "", reason)], send)

    return alert_run_failed


def _run_succeeded(status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    @dg.run_status_sensor(
        run_status=dg.DagsterRunStatus.SUCCESS,
        name="alert_check_failed",
        minimum_interval_seconds=_EVERY_S,
        default_status=status,
        monitor_all_code_locations=True,
        description="An alert when a check of severity ERROR begins to fail in a run that ended well: a publisher that "
        "could not be fetched completely, or a critical rule. One alert when a run succeeds without a fault.",
    )
    def alert_check_failed(context: dg.RunStatusSensorContext) -> None:
        run = context.dagster_run
        checks = evaluated_checks(context.instance, run.run_id)
        failed = [Fault("check_failed", check.name, check.publisher, check.words) for check in checks if check.is_fault]
        begin(Settings(), failed, partial(_send_faults, "check_failed", f"{run.job_name}: checks failed", run.run_id))
        passed = {check.name for check in checks if check.passed}
        visited = {check.publisher for check in checks}

        def is_over(fault: Fault) -> bool:
            if fault.kind == "run_failed":
                return not fault.publisher or fault.publisher in visited
            return fault.what in passed

        end(Settings(), is_over, partial(_send_over, run.run_id))

    return alert_check_failed


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A check as a run evaluated it: `Evaluated("landing/usgs_mcs arrived", "usgs_mcs", False, True, "…")`.

    `is_fault` says that it failed with severity ERROR; `words` is its description.
    """

    name: str
    publisher: str
    passed: bool
    is_fault: bool
    words: str


def evaluated_checks(instance: dg.DagsterInstance, run_id: str) -> list[Evaluated]:
    """The checks that a run evaluated."""
    evaluated = (
        entry.dagster_event.asset_check_evaluation_data
        for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        if entry.dagster_event
    )
    return [
        Evaluated(
            name=f"{check.asset_key.to_user_string()} {check.check_name}",
            publisher=_publisher_of(check.asset_key),
            passed=check.passed,
            is_fault=not check.passed and check.severity is dg.AssetCheckSeverity.ERROR,
            words=check.description or "no reason was recorded",
        )
        for check in evaluated
    ]


def _overdue(status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    @dg.sensor(
        name="alert_overdue",
        minimum_interval_seconds=_DAILY_S,
        default_status=status,
        description="Once a day: one alert when a live publisher becomes overdue, and one when it is fetched again.",
    )
    def alert_overdue() -> dg.SkipReason:
        settings = Settings()
        if settings.sources != "live":
            forget(settings, lambda fault: fault.kind == "overdue")
            return dg.SkipReason("publishers are not live")
        found = [Fault("overdue", f"{code} overdue", code, words) for code, words in overdue(settings)]
        late = {fault.publisher for fault in found}
        begin(settings, found, _send_overdue)
        end(settings, lambda fault: fault.kind == "overdue" and fault.publisher not in late, partial(_send_over, None))
        return dg.SkipReason("\n".join(map(str, found)) or "no publisher is overdue")

    return alert_overdue


def _publisher_of(key: dg.AssetKey) -> str:
    """The publisher of a landing or raw asset; empty for any other."""
    if key.path[-1] in sources():
        return key.path[-1]
    spec = table_specs().get(key.path[-1])
    return next((code for code, source in sources().items() if spec in source.tables), "")


def _publisher_of_step(step: str) -> str:
    """The publisher of a step that lands or loads (`landing__usgs_mcs`, `raw_usgs_mcs`); empty for any other."""
    code = step.removeprefix("landing__").removeprefix("raw_")
    return code if code in sources() else ""


def _send_faults(kind: Any, title: str, run_id: str | None, faults: Iterable[Fault]) -> bool:
    return _send(kind, title, "\n".join(map(str, faults)), run_id)


def _send_overdue(faults: list[Fault]) -> bool:
    title = f"Overdue: {', '.join(fault.publisher for fault in faults)}"
    return _send_faults("overdue", title, None, faults)


def _send_over(run_id: str | None, faults: Iterable[Fault]) -> bool:
    over = list(faults)
    lines = [f"{fault.what}: {how_long(fault)}; it was: {fault.text[:_SHOWN_OF_A_FAULT]}" for fault in over]
    return _send("over", f"Over: {', '.join(fault.what for fault in over)}", "\n".join(lines), run_id)


def _send(kind: Any, title: str, text: str, run_id: str | None) -> bool:
    """Send an alert; return whether anyone received it."""
    settings = Settings()
    release = current_release(settings)
    version = release.version if release else None
    owner = ", ".join(settings.owners) or None
    return bool(alerts.send(settings, Alert(kind, title, text, datetime.now(UTC), run_id, version, owner)))


def _root_of(error: Any) -> str:
    """The message of our own code's error, without Dagster's errors around it and without a traceback."""
    while error.cause is not None and str(error.cls_name).startswith("Dagster"):
        error = error.cause
    return str(error.message).strip()
