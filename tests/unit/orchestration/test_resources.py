"""The warehouse as a resource: settings of the environment, with overrides of one run."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from orchestration.resources import Warehouse


@pytest.mark.parametrize(
    ("given", "sources", "accept_drift"),
    [
        ({}, "live", ""),
        ({"sources": "landing"}, "landing", ""),
        ({"sources": "snapshot", "accept_drift": "a new method"}, "snapshot", "a new method"),
    ],
)
def test_a_field_of_the_run_config_overrides_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], sources: str, accept_drift: str
) -> None:
    monkeypatch.setenv("REE_HOME", str(tmp_path))
    monkeypatch.setenv("REE_SOURCES", "live")
    with Warehouse(**given).yield_for_execution(dg.build_init_resource_context()) as warehouse:
        assert (warehouse.settings.sources, warehouse.settings.accept_drift) == (sources, accept_drift)
        assert warehouse.settings.home == tmp_path
