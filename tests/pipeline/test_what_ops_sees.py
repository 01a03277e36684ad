"""What Dagster shows of a build of the command line: the run, numbers over runs, late figures, warnings, owners."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest

from orchestration.assets.freshness import CURRENT
from orchestration.code_location import DEFINITIONS
from orchestration.instance import open_instance
from tests.helpers.violators import assert_none
from warehouse.release.store import current_release
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def instance(revised: tuple[Settings, Any]) -> Iterator[dg.DagsterInstance]:
    with open_instance(revised[0]) as opened:
        yield opened


def newest(instance: dg.DagsterInstance, *key: str) -> dict[str, Any]:
    """The metadata of an asset's newest materialization."""
    event = instance.get_latest_materialization_event(dg.AssetKey(key))
    assert event is not None
    assert event.asset_materialization is not None
    return {name: value.value for name, value in event.asset_materialization.metadata.items()}


def evaluated(instance: dg.DagsterInstance) -> list[Any]:
    """The checks of the newest run."""
    run = instance.get_runs(limit=1)[0]
    logs = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    return [entry.dagster_event.asset_check_evaluation_data for entry in logs if entry.dagster_event]


def test_a_build_of_the_command_line_is_a_run_of_its_job_with_a_start_and_an_end(instance) -> None:
    record = instance.get_run_records(limit=1)[0]
    run = record.dagster_run
    assert run.job_name == "refresh_warehouse"
    assert run.remote_job_origin.repository_origin.get_label() == f"__repository__@{DEFINITIONS}"
    assert run.remote_job_origin.job_name == run.job_name
    assert run.tags["user"] == "ree build"
    assert 0 < record.start_time < record.end_time


def test_rows_bytes_and_changes_are_numbers_that_dagster_plots(instance, revised) -> None:
    raw = newest(instance, "raw", "un_comtrade__trade")
    assert raw["dagster/row_count"] > raw["rows added"] > 0, "of the body that was released again"
    assert raw["bytes landed"] > 10_000
    assert newest(instance, "raw", "usgs_mcs__world")["rows added"] == 0
    assert newest(instance, "core", "fct_trade_flow")["dagster/row_count"] > 100
    release = newest(instance, "release", "published")
    assert release["rows added"] > 0
    assert release["figures revised"] > 0
    assert release["bytes"] > release["dagster/row_count"] > 1000
    assert "fct_trade_flow" in release["changes"]
    folder = current_release(revised[0]).folder.name
    assert release["site"].endswith(f"{folder}/site/index.html")


def test_a_published_table_shows_its_size_and_what_the_release_changed_in_it(instance) -> None:
    event = instance.fetch_observations(dg.AssetKey(["core", "fct_trade_flow"]), limit=1).records[0].asset_observation
    numbers = {name: value.value for name, value in event.metadata.items()}
    assert numbers["bytes"] > 1000
    assert numbers["rows added"] > 0


def test_late_figures_are_warnings_that_name_the_period_and_the_day(instance) -> None:
    late = {check.asset_key.path[-1]: check for check in evaluated(instance) if check.check_name == CURRENT}
    assert late["usgs_mcs__world"].passed
    china = late["china_customs__trade"]
    assert (china.passed, china.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert china.description.startswith("newest month 20")
    assert " late, since 20" in china.description
    assert f"china_customs: {china.description}" in late["published"].description
    assert late["published"].metadata["publishers late"].value > 0


def test_a_warning_is_a_sentence_with_a_count_and_an_example(instance) -> None:
    failed = [check for check in evaluated(instance) if not check.passed]
    assert_none(f"{check.asset_key}: {check.description}" for check in failed if "{" in str(check.description))
    rules = [check for check in failed if check.check_name.startswith("gate_")]
    assert_none(
        f"{check.asset_key}: {line}"
        for check in rules
        for line in str(check.description).splitlines()
        if " found. " not in line
    )
    assert_none(str(check.asset_key) for check in failed if check.severity is not dg.AssetCheckSeverity.WARN)


def test_the_owner_of_the_settings_is_on_every_asset_and_job(monkeypatch) -> None:
    from orchestration.definitions import defs

    monkeypatch.setenv("REE_OWNER", "team:trade-desk, desk@example.org")
    owners = ["team:trade-desk", "desk@example.org"]
    made = defs()
    assert_none(spec.key for spec in made.resolve_all_asset_specs() if list(spec.owners) != owners)
    assert made.resolve_job_def("refresh_warehouse").owners == owners
