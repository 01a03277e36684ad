"""Dagster's daemon in this process: its scheduler and its sensors, one iteration at a time, runs executed at once."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from heapq import merge
from itertools import takewhile
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run
from dagster._core.instance import InstanceRef
from dagster._core.launcher import LaunchRunContext
from dagster._core.launcher.sync_in_memory_run_launcher import SyncInMemoryRunLauncher
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.test_utils import create_test_daemon_workspace_context
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster._daemon.sensor import execute_sensor_iteration
from dagster._scheduler.scheduler import launch_scheduled_runs
from dagster._utils.schedules import cron_string_iterator

from orchestration.instance import prepare_instance
from tests.helpers.moved_clock import MovedClock
from warehouse.settings import Settings

DEFINITIONS = "orchestration.definitions"
IN_PROCESS = {
    "run_launcher": {"module": __name__, "class": "Launcher", "config": {}},
    "run_coordinator": {"module": "dagster._core.run_coordinator", "class": "DefaultRunCoordinator", "config": {}},
}
"""In the place of a queue and of a process for each run."""


@cache
def definitions_made_once() -> dg.Definitions:
    """The project's definitions, which a process that serves them makes once too."""
    from orchestration.definitions import defs

    return defs()


@cache
def _job_of(name: str) -> InMemoryJob:
    return InMemoryJob(definitions_made_once().resolve_job_def(name))


class Launcher(SyncInMemoryRunLauncher):
    """Executes a run in this process and at once."""

    def launch_run(self, context: LaunchRunContext) -> None:
        execute_run(_job_of(context.dagster_run.job_name), context.dagster_run, self._instance)


@dataclass
class Daemon:
    """The two loops of Dagster's daemon over the project's definitions, and the instance with its records."""

    instance: dg.DagsterInstance
    clock: MovedClock
    _workspace: Any
    _last_iterations: dict[str, Any] = field(default_factory=dict)

    def iterate(self) -> list[dg.DagsterRun]:
        """Evaluate what is due now, schedules first, and execute the runs that it starts; return these runs.

        Raises:
            AssertionError: a schedule or a sensor raised.
        """
        log = logging.getLogger("tests.daemon")
        before = {run.run_id for run in self.instance.get_runs(limit=1)}
        errors = [
            *launch_scheduled_runs(self._workspace, log, self.clock.now(), self._last_iterations),
            *execute_sensor_iteration(self._workspace, log, None, None),
        ]
        assert not any(errors), "\n".join(str(error) for error in errors if error)
        return [*takewhile(lambda run: run.run_id not in before, self.instance.get_runs(limit=20))]

    def firings(self) -> Iterator[datetime]:
        """The moments at which schedules fire from now on; a moment of two schedules comes twice."""
        start = self.clock.now().timestamp()
        found = []
        for schedule in definitions_made_once().schedules or ():
            crons = schedule.cron_schedule  # type: ignore[union-attr]
            found += [
                cron_string_iterator(start, cron, "UTC") for cron in ([crons] if isinstance(crons, str) else crons)
            ]
        return merge(*found)


@contextmanager
def daemon_of(settings: Settings, clock: MovedClock) -> Iterator[Daemon]:
    """The daemon of a home while the block lasts. Settings of its runs are read from the environment."""
    prepare_instance(settings)
    ref = InstanceRef.from_dir(str(settings.dagster_home), overrides=IN_PROCESS)
    target = LoadableTargetOrigin(executable_path=sys.executable, module_name=DEFINITIONS)
    origin = InProcessCodeLocationOrigin(target, location_name=DEFINITIONS)
    with (
        pytest.MonkeyPatch.context() as patch,
        dg.DagsterInstance.from_ref(ref) as instance,
        create_test_daemon_workspace_context(InProcessWorkspaceLoadTarget(origin), instance) as workspace,
    ):
        patch.setattr(f"{DEFINITIONS}.defs", definitions_made_once())
        yield Daemon(instance, clock, workspace)
