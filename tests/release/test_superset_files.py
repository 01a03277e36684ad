"""What Superset imports (`deploy/superset/import`) fits the release; `tests/install/test_superset.py` starts it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none, assert_same
from warehouse.docs.superset_files import FOLDER, superset_files
from warehouse.settings import Settings

FILES = PROJECT / FOLDER
OPENED = {"read_only": True, "config": {"enable_external_access": False, "lock_configuration": True}}


def read(kind: str) -> dict[Path, dict[str, Any]]:
    """Every file of a kind: databases, datasets, charts, dashboards."""
    found = {path: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((FILES / kind).rglob("*.yaml"))}
    assert found
    return found


def name_of(path: Path) -> str:
    return path.relative_to(FILES).as_posix()


@pytest.fixture(scope="module")
def datasets() -> dict[str, dict[str, Any]]:
    return {dataset["uuid"]: dataset for dataset in read("datasets").values()}


def test_files_of_the_views_are_current(tmp_path: Path) -> None:
    """Renew them with `python -m warehouse.docs.superset_files`."""
    expected = superset_files(Settings(home=tmp_path))
    assert len(expected) == 24
    assert_same(expected, lambda path: (PROJECT / path).read_text(encoding="utf-8"))


def test_the_database_is_opened_read_only_locks_its_settings_and_is_not_cached() -> None:
    (database,) = read("databases").values()
    assert database["extra"]["engine_params"]["connect_args"] == OPENED
    assert database["cache_timeout"] == -1
    assert not any(database[may] for may in ("allow_dml", "allow_ctas", "allow_cvas", "allow_csv_upload"))


def test_every_dataset_has_the_columns_of_the_release_and_metrics_that_it_can_compute(published, datasets) -> None:
    def problems(dataset: dict[str, Any]):
        table = f"({dataset['sql']})" if dataset["sql"] else f"{dataset['schema']}.{dataset['table_name']}"
        held = {name: kind for name, kind, *_ in published.execute(f"describe select * from {table}").fetchall()}
        named = {column["column_name"]: column["type"] for column in dataset["columns"]}
        yield from set(named.items()) - set(held.items())
        if dataset["schema"] == "bi" and set(named) != set(held):
            yield f"{set(held) - set(named)} are left out"
        for metric in dataset["metrics"]:
            published.execute(f"select {metric['expression']} from {table}")
        if (axis := dataset["main_dttm_col"]) and named.get(axis) != "DATE":
            yield f"{axis} is no day"

    assert_none(f"{one['table_name']}: {problem}" for one in datasets.values() for problem in problems(one))


def test_every_chart_names_metrics_and_columns_of_its_dataset(datasets) -> None:
    def problems(chart: dict[str, Any]):
        dataset, params = datasets[chart["dataset_uuid"]], chart["params"]
        columns = {column["column_name"] for column in dataset["columns"]}
        metrics = {metric["metric_name"] for metric in dataset["metrics"]}
        asked = [params[key] for key in ("x_axis",) if key in params]
        asked += [*params.get("groupby", []), *params.get("all_columns", [])]
        asked += [one["subject"] for one in params["adhoc_filters"]]
        for metric in params.get("metrics", []):
            if isinstance(metric, str):
                yield from {metric} - metrics
            else:
                asked += re.findall(r"\((\w+)\)", metric["sqlExpression"])
        yield from set(asked) - columns
        if chart["viz_type"] != params["viz_type"]:
            yield f"{chart['viz_type']} is not {params['viz_type']}"

    assert_none(f"{name_of(path)}: {found}" for path, chart in read("charts").items() for found in problems(chart))


def test_the_dashboard_shows_five_charts_the_release_and_how_to_read_them() -> None:
    (dashboard,) = read("dashboards").values()
    charts = {chart["uuid"]: path.stem for path, chart in read("charts").items() if path.parent.name == "charts"}
    position = {key: one for key, one in dashboard["position"].items() if isinstance(one, dict)}
    shown = [charts[one["meta"]["uuid"]] for one in position.values() if one["type"] == "CHART"]
    assert sorted(shown) == sorted(charts.values())
    assert len(shown) == 6
    children = [child for one in position.values() for child in one.get("children", [])]
    assert sorted(children) == sorted(set(position) - {"ROOT_ID", "HEADER_ID"})
    notes = " ".join(one["meta"]["code"] for one in position.values() if one["type"] == "MARKDOWN")
    assert {"certainty", "source_name", "fact_id"} <= set(re.findall(r"`(\w+)`", notes))
    assert notes.count("Source") == 5


def test_identifiers_are_unique() -> None:
    files = [one for kind in ("databases", "datasets", "charts", "dashboards") for one in read(kind).values()]
    assert len({one["uuid"] for one in files}) == len(files)
