"""The warehouse as a Dagster resource: settings, the writer lock and the publishers' visits of one run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from pydantic import PrivateAttr

from orchestration.retention import prune_runs
from warehouse.ingest.visits import Visits
from warehouse.release.inputs import release_of_inputs
from warehouse.release.losses import require_no_loss
from warehouse.release.publish import refuse
from warehouse.release.store import Release
from warehouse.settings import Settings
from warehouse.settings_error import read_settings
from warehouse.storage.last_build import end_build, start_build
from warehouse.storage.lock import note_step, sole_writer
from warehouse.storage.work import open_work


class Warehouse(dg.ConfigurableResource["Warehouse"]):
    """Settings and the writer lock of one run. Settings are read from the environment when the run starts.

    A field that is not empty overrides the setting of its name for one run. The command line sets it in the run config,
    and so can a person in Dagster's launchpad.
    """

    sources: str = ""
    accept_drift: str = ""
    _settings: Settings = PrivateAttr()
    _build_id: str = PrivateAttr()
    _visits: Visits = PrivateAttr()
    _standing: Release | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Warehouse]:
        """Hold the writer's lock and record the build while the run lasts.

        Raises:
            HomeError: the home cannot be written.
            BusyError: another process is writing.
            LedgerError: the landing lost a line, or something that was loaded; the build is recorded as refused.
        """
        self._settings = read_settings(sources=self.sources, accept_drift=self.accept_drift)
        self._build_id = context.run.run_id if context.run else "unknown"
        with sole_writer(self._settings, f"run {self._build_id}"):
            start_build(self._settings, self._build_id)
            self._check_work_file()
            with self.step("the ledger of the landing"):
                require_no_loss(self._settings)
            if context.instance:
                prune_runs(context.instance, self._settings)
            with Visits(self._settings) as self._visits:
                yield self

    @property
    def settings(self) -> Settings:
        """Settings of this run."""
        return self._settings

    @property
    def visits(self) -> Visits:
        """The fetch runs of this run, side by side."""
        return self._visits

    @property
    def build_id(self) -> str:
        """The build's id: the run's."""
        return self._build_id

    def compare_inputs(self) -> Release | None:
        """After everything is loaded: the current release if this build's inputs are its own, so that it stands."""
        self._standing = release_of_inputs(self._settings)
        return self._standing

    @property
    def standing(self) -> Release | None:
        """The release that this build leaves as it is; None where it builds another."""
        return self._standing

    def _check_work_file(self) -> None:
        """Fail before the first step if another process holds the work file, or if it is damaged."""
        try:
            with open_work(self._settings):
                pass
        except Exception as error:
            end_build(self._settings, self._build_id, "refused", str(error))
            raise

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Record the step as the current one; when it fails, leave a page of the results so far and refuse the build.

        `name` is what `ree status` shows: `models`.
        """
        note_step(self._settings, name)
        try:
            yield
        except Exception as error:
            refuse(self._settings, self._build_id, str(error))
            raise
