"""The explorer: tables to filter, sort, sum where that is right, and download, without a server."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from warehouse.release.site.page import Page
from warehouse.release.site.tables import Tables
from warehouse.release.site.wording import phrase
from warehouse.settings import find_dbt_project

_DECLARED = Path(__file__).parents[1] / "explorer.toml"
_GROUPS = (("Narrow tables that are safe to sum", True), ("Wider tables", False))
_FIRST = ("corridor_year", "corridor_month", "import_dependence", "magnet_imports", "supply_balance", "production")
"""Tables of `bi` that the list begins with."""
_MOST_ROWS = 6_000
"""Rows of a table that a page loads at once; larger ones are in the release as Parquet."""


def page(tables: Tables, folder: Path) -> Page:
    """The explorer; its tables are written as scripts, since browsers load no other data from the file system."""
    (folder / "data").mkdir(exist_ok=True)
    listed = []
    for about in [*_safe_to_sum(tables), *tomllib.loads(_DECLARED.read_text(encoding="utf-8"))["table"]]:
        script = f"data/{about['name']}.js"
        rows = _write(tables, about, folder / script)
        listed.append({"name": about["name"], "title": about["title"], "script": script, "rows": rows})
    groups = [
        (words, [one for one in listed if str(one["name"]).startswith("bi.") is is_bi]) for words, is_bi in _GROUPS
    ]
    return Page(
        path="explorer.html",
        title="Explorer",
        lead=(
            "Filter, sort and download the tables that answer most questions. A sum is shown only while what is "
            "left may be added up. Larger tables are in the release as Parquet and in the database."
        ),
        template="explorer.html.j2",
        content={"groups": groups},
        search_text=" ".join(str(about["title"]) for about in listed),
    )


def _safe_to_sum(tables: Tables) -> list[dict[str, Any]]:
    """The tables of `bi`, whose additive columns dbt declares (`meta.sums`); none in a release without them."""
    names = tables.rows(
        "select table_name, comment from duckdb_tables() where database_name = current_database() and "
        "schema_name = 'bi'"
        " and estimated_size <= ? order by table_name",
        [_MOST_ROWS],
    )
    declared = {
        model["name"]: model["config"]["meta"].get("sums", {})
        for file in sorted((find_dbt_project() / "models" / "bi").glob("*.yml"))
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
    }
    found = []
    place = {name: at for at, name in enumerate(_FIRST)}
    for row in sorted(names, key=lambda row: place.get(row["table_name"], len(place))):
        columns = tables.columns(name := f"bi.{row['table_name']}")
        sums = declared.get(row["table_name"], {})
        found.append(
            {
                "name": name,
                "title": phrase(row["table_name"]).capitalize(),
                "columns": [column for column in columns if not _is_code(column, columns)],
                "order": [f"{sums['period']} desc"] if sums.get("period") in columns else [],
                "sums": [column for column in sums.get("additive", ()) if column in columns],
                "within": [sums["period"]] if sums.get("period") in columns else [],
            }
        )
    return found


def _is_code(column: str, columns: Collection[str]) -> bool:
    """Whether a column is an id, or a code that has its name beside it."""
    return column.endswith("_id") or (column.endswith("_code") and column.removesuffix("_code") + "_name" in columns)


def _write(tables: Tables, about: dict[str, Any], script: Path) -> int:
    """Write one table by columns, texts as positions in a list of their distinct values; return its rows."""
    columns = about["columns"]
    rows = tables.rows(
        f"select {', '.join(columns)} from {about['name']} where {about.get('where', 'true')}"
        f" order by {', '.join([*about['order'], *columns])}"
    )
    types = tables.columns(about["name"])
    described = {
        row["column_name"]: row["description"]
        for row in tables.rows(
            "select column_name, description from meta.data_dictionary where schema_name || '.' || table_name = ?",
            [about["name"]],
        )
    }
    content = {
        "name": about["name"],
        "file": tables.file_of(about["name"]),
        "sums": about["sums"],
        "within": about["within"],
        "columns": [
            {"name": name, "type": types[name], "about": described.get(name, "")}
            | _packed([_plain(row[name]) for row in rows], is_text=types[name] in ("varchar", "date", "boolean"))
            for name in columns
        ],
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    script.write_text(f"window.EXPLORER_TABLE({text});\n", encoding="utf-8")
    return len(rows)


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


def _packed(values: list[Any], *, is_text: bool) -> dict[str, Any]:
    if not is_text:
        return {"values": values}
    words = sorted({value for value in values if value is not None})
    place = {word: at for at, word in enumerate(words)}
    return {"words": words, "values": [None if value is None else place[value] for value in values]}
