"""Writes Superset's dataset and first chart of each view of `bi`: `python -m warehouse.docs.superset_files`.

They go to `deploy/superset/import`, in the format that Superset exports. What may be added up gets a metric that adds
up; what is one line each gets a metric that is empty where it would add up (docs/bi-views.md).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import yaml

from warehouse.release.catalogue import USAGE_WARNINGS
from warehouse.release.units import unit_of
from warehouse.settings import Settings
from warehouse.transform.manifest import read_manifest

FOLDER = Path("deploy", "superset", "import")
DATABASE = "rare_earths"
_GRAINS = {
    "day": ("P1Y", "%Y"),
    "month": ("P1M", "%Y-%m"),
    "calendar_year": ("P1Y", "%Y"),
    "fiscal_year": ("P1Y", "%Y"),
}
"""Time grain of a first chart, as Superset writes it, and the format of its axis, by kind of period."""
_NAMES = {"china": "China", "india": "India", "fob": "FOB", "cif": "CIF"}
_UNIT = re.compile(r"_(usd_per_kg|usd|kg|t_reo)(?=_|$)")
"""Units as they stand in names of columns of `bi`; the label has them in words, at its end."""


def uuid_of(name: str) -> UUID:
    """The identifier of a database, dataset, chart or dashboard by its name, the same on every machine.

    Superset overwrites what it has under an identifier: `uuid_of("dataset bi.production")`.
    """
    return uuid5(NAMESPACE_URL, f"rare-earth-warehouse {name}")


def superset_files(settings: Settings) -> dict[Path, str]:
    """The YAML of each view's dataset and first chart, by its path in the checkout.

    Raises:
        TransformError: the dbt project does not compile.
    """
    manifest = read_manifest(settings)
    views = [node for node in manifest["nodes"].values() if node["resource_type"] == "model" and node["schema"] == "bi"]
    files = {}
    for view in views:
        dataset = _dataset(view)
        files[FOLDER / "datasets" / DATABASE / f"{view['name']}.yaml"] = dataset
        files[FOLDER / "charts" / "bi" / f"{view['name']}.yaml"] = _chart(view, dataset)
    return {
        path: yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=118) for path, content in files.items()
    }


def _dataset(view: Mapping[str, Any]) -> dict[str, Any]:
    about = view["config"]["meta"]
    period = about["sums"]["period"]
    warnings = [USAGE_WARNINGS[warning] for warning in about["usage_warnings"]]
    columns = view["columns"].values()
    return {
        "table_name": view["name"],
        "main_dttm_col": period,
        "description": f"{view['description']} A row: {about['grain']}",
        "schema": "bi",
        "sql": None,
        "extra": {"warning_markdown": " ".join(warnings)} if warnings else None,
        "uuid": str(uuid_of(f"dataset bi.{view['name']}")),
        "metrics": list(_metrics(about["sums"], {column["name"]: column for column in columns})),
        "columns": [_column(column) for column in sorted(columns, key=lambda column: column["name"] != period)],
        "version": "1.0.0",
        "database_uuid": str(uuid_of(f"database {DATABASE}")),
    }


def _metrics(sums: Mapping[str, Any], columns: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The first is the one of a new chart: a sum, or the number of rows where nothing may be added up."""
    for name in sums.get("additive", {}):
        yield _metric(f"sum_{name}", f"SUM({name})", columns[name])
    if not sums.get("additive"):
        yield {"metric_name": "count", "verbose_name": "Number of rows", "expression": "COUNT(*)"}
    things = " and ".join(sums["things"])
    for name in sums.get("by_thing", ()):
        expression = f"CASE WHEN COUNT({name}) = 1 THEN MAX({name}) END"
        advice = f"One value for each {things}, never added up: empty until they are dimensions or filters."
        yield _metric(f"one_{name}", expression, columns[name]) | {"warning_text": advice}


def _metric(name: str, expression: str, column: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "metric_name": name,
        "verbose_name": label_of(column["name"], column["data_type"]),
        "expression": expression,
        "description": column["description"],
        "d3format": ".1%" if unit_of(column["name"], column["data_type"]) == "share of 1" else None,
    }


def label_of(column: str, data_type: str) -> str:
    """The words of a column's name and its unit: `Flow value low, US$` of `flow_value_low_usd`."""
    unit = unit_of(column, data_type)
    stem = _UNIT.sub("", column).removeprefix("n_")
    words = " ".join(_NAMES.get(word, word) for word in stem.split("_"))
    return words[0].upper() + words[1:] + (f", {unit}" if unit and unit != "share of 1" else "")


def _chart(view: Mapping[str, Any], dataset: Mapping[str, Any]) -> dict[str, Any]:
    """All sums of a view by period; of a view without sums the first of its other figures, a line each thing."""
    sums = view["config"]["meta"]["sums"]
    grain, label = _GRAINS[sums["period_type"]]
    names = [metric["metric_name"] for metric in dataset["metrics"]]
    lines = [name for name in names if name.startswith("one_")]
    is_lines = bool(lines) and not sums.get("additive")
    kind = "echarts_timeseries_line" if is_lines else "echarts_timeseries_bar"
    return {
        "slice_name": f"bi.{view['name']}",
        "description": dataset["description"],
        "viz_type": kind,
        "params": {
            "viz_type": kind,
            "x_axis": sums["period"],
            "time_grain_sqla": grain,
            "x_axis_time_format": label,
            "metrics": lines[:1] if is_lines else [name for name in names if name not in lines],
            "groupby": list(sums["things"]) if is_lines else [],
            "adhoc_filters": [],
            "row_limit": 10000,
            "show_legend": True,
            "rich_tooltip": True,
        },
        "uuid": str(uuid_of(f"chart bi.{view['name']}")),
        "version": "1.0.0",
        "dataset_uuid": dataset["uuid"],
    }


def _column(column: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "column_name": column["name"],
        "type": column["data_type"].upper(),
        "is_dttm": column["data_type"] == "date",
        "groupby": True,
        "filterable": True,
        "description": column["description"],
    }


def main() -> None:
    """Write the files of the checkout that is the current folder; those that are written by hand stay."""
    if not FOLDER.is_dir():
        sys.exit(f"There is no folder {FOLDER} here: run this at the top of a checkout.")
    files = superset_files(Settings())
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(files)} files written to {FOLDER}\n")


if __name__ == "__main__":
    main()
