"""The warehouse as a Dagster resource: settings, and the writer lock for the length of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from pydantic import PrivateAttr

from warehouse.release.publish import refuse
from warehouse.settings import Settings
from warehouse.settings_error import read_settings
from warehouse.storage.build_ledger import start_build
from warehouse.storage.lock import sole_writer


class Warehouse(dg.ConfigurableResource["Warehouse"]):
    """Settings and the writer lock of one run. Settings are read from the environment when the run starts.

    A field that is not empty overrides the setting of its name for one run. The command line sets it in the run config,
    and so can a person in Dagster's launchpad.
    """

    sources: str = ""
    accept_drift: str = ""
    _settings: Settings = PrivateAttr()
    _build_id: str = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Warehouse]:
        """Hold the writer's lock and record the build while the run lasts."""
        self._settings = read_settings(sources=self.sources, accept_drift=self.accept_drift)
        self._build_id = context.run.run_id if context.run else "unknown"
        with sole_writer(self._settings, f"run {self._build_id}"):
            start_build(self._settings, self._build_id)
            yield self

    @property
    def settings(self) -> Settings:
        """Settings of this run."""
        return self._settings

    @property
    def build_id(self) -> str:
        """The build's id: the run's."""
        return self._build_id

    @contextmanager
    def refusing_on_failure(self) -> Iterator[None]:
        """When the step fails, leave a page of the results so far and record the build as refused."""
        try:
            yield
        except Exception as error:
            refuse(self._settings, self._build_id, str(error))
            raise
