"""Dagster's records of old runs are deleted, and those of recent ones are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from orchestration import retention
from orchestration.instance import open_instance, prepare_instance
from orchestration.retention import prune_runs
from warehouse.settings import Settings


@dg.asset
def figure() -> int:
    return 1


@pytest.fixture
def settings(tmp_path) -> Settings:
    settings = Settings(home=tmp_path / "home")
    prepare_instance(settings)
    return settings


def run(instance: dg.DagsterInstance) -> str:
    return dg.materialize([figure], instance=instance).run_id


def files_of(settings: Settings, run_id: str) -> list[Path]:
    return [path for path in settings.dagster_home.rglob("*") if run_id in path.name]


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + by

    monkeypatch.setattr(retention, "datetime", Later)


def test_runs_older_than_a_month_leave_neither_record_nor_file(settings, monkeypatch) -> None:
    with open_instance(settings) as instance:
        old = run(instance)
        assert prune_runs(instance, settings) == []
        assert files_of(settings, old)
        later(monkeypatch, timedelta(days=29))
        assert prune_runs(instance, settings) == []
        later(monkeypatch, timedelta(days=31))
        assert prune_runs(instance, settings) == [old]
        assert instance.get_runs() == []
    assert not files_of(settings, old)


def test_of_many_runs_the_newest_are_kept(settings, monkeypatch) -> None:
    monkeypatch.setattr(retention, "MOST_RUNS", 2)
    with open_instance(settings) as instance:
        runs = [run(instance) for _ in range(4)]
        assert prune_runs(instance, settings) == runs[:2]
        assert {record.run_id for record in instance.get_runs()} == set(runs[2:])
        assert instance.get_latest_materialization_event(dg.AssetKey("figure")) is not None
    assert not files_of(settings, runs[0])
    assert files_of(settings, runs[3])


def test_a_run_that_is_under_way_is_kept_whatever_its_age(settings, monkeypatch) -> None:
    with open_instance(settings) as instance:
        job = dg.Definitions(assets=[figure]).resolve_implicit_global_asset_job_def()
        under_way = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED).run_id
        later(monkeypatch, timedelta(days=400))
        assert prune_runs(instance, settings) == []
        assert [record.run_id for record in instance.get_runs()] == [under_way]
