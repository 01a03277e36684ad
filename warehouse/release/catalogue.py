"""Descriptions of tables and columns from dbt's manifest: data dictionary, usage warnings, datapackage.json."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from warehouse.settings import Settings
from warehouse.storage.file_hash import file_sha256
from warehouse.storage.literals import literal
from warehouse.storage.parquet_files import table_of_file
from warehouse.transform.manifest import is_made_by_year, parsed_project

PUBLISHED_SCHEMAS = ("core", "marts", "bi", "meta")
USAGE_WARNINGS = {
    "estimated_values": "Some figures are estimates: read value_status, and weight_status for weights.",
    "withheld_values": "Some figures are withheld by the publisher: null there is not zero.",
    "aggregation_hazard": "Rows overlap: filter one product level, kind of period and edition before adding up.",
    "revised_later": "Publishers revise published figures: pick is_latest, or a day, before adding up.",
    "mixed_basket_code": "Some codes are baskets (dim_product.caveat) without a centre in oxide: sum the bounds.",
    "circular_estimate": "Some figures are estimated from China's imports (basis_code): no independent check of them.",
    "fiscal_year": "India's fiscal years run April to March and do not match calendar years.",
    "known_discrepancy": "A fault of the publisher is on record for part of this table: see docs.",
    "partial_coverage": "Not every reporter, partner or period is here: see mart_coverage.",
}
"""The closed vocabulary of usage warnings."""

_FRICTIONLESS_TYPES = {
    "varchar": "string",
    "double": "number",
    "integer": "integer",
    "bigint": "integer",
    "boolean": "boolean",
    "date": "date",
    "timestamp with time zone": "datetime",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A published table as it is described.

    Attributes:
        sums: of a view of `bi`, which of its numbers may be added up (docs/bi-views.md).
        has_file: whether the release has it as Parquet too; not so of a view that is read for one row or a few.
        year: of a table that builds make by year, and of a view over one, the SQL expression for the year of a row
            (macros/years.sql).
        is_view: whether it is made when it is read.
        year_part: which years of it a build makes: `trade`, or `mirror`.
    """

    schema: str
    name: str
    description: str
    grain: str
    key: tuple[str, ...]
    cadence: str
    usage_warnings: tuple[str, ...]
    columns: dict[str, str]
    question: str | None = None
    answer: str | None = None
    sums: Mapping[str, Any] = field(default_factory=dict)
    has_file: bool = True
    year: str | None = None
    is_view: bool = False
    year_part: str = "trade"


def _meta_tables() -> Iterator[Table]:
    """The tables the pipeline itself writes into `meta`."""
    described = tomllib.loads((Path(__file__).parent / "meta_tables.toml").read_text(encoding="utf-8"))
    for name, about in described.items():
        yield Table(
            schema="meta",
            name=name,
            description=about["description"],
            grain=about["grain"],
            key=tuple(about["key"]),
            cadence="with every release",
            usage_warnings=(),
            columns=about["columns"],
        )


def described_tables(settings: Settings) -> dict[str, Table]:
    """Every published table by `schema.name`, as dbt's manifest and `meta_tables.toml` describe it.

    Raises:
        ValueError: a model without description, grain or key, or with a usage warning that is not in the vocabulary.
    """
    return dict(_described(parsed_project(settings).manifest))


@lru_cache(maxsize=1)
def _described(manifest: Path) -> Mapping[str, Table]:
    """The tables of a manifest, whose path names its content (manifest.py)."""
    tables = {f"meta.{table.name}": table for table in _meta_tables()}
    for node in json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values():
        if node["resource_type"] != "model" or node["schema"] not in PUBLISHED_SCHEMAS:
            continue
        about = node["config"]["meta"]
        by_year = is_made_by_year(node) or "year_column" in about
        missing = [entry for entry in ("grain", "key", "cadence", "usage_warnings") if entry not in about]
        unknown = set(about.get("usage_warnings", ())) - set(USAGE_WARNINGS)
        if missing or unknown or not node["description"]:
            msg = f"{node['name']}: missing {missing or 'description'}, unknown warnings {sorted(unknown)}"
            raise ValueError(msg)
        tables[f"{node['schema']}.{node['name']}"] = Table(
            schema=node["schema"],
            name=node["name"],
            description=node["description"],
            grain=about["grain"],
            key=tuple(about["key"]),
            cadence=about["cadence"],
            usage_warnings=tuple(about["usage_warnings"]),
            columns={name: column["description"] for name, column in node["columns"].items()},
            question=about.get("question"),
            answer=about.get("answer"),
            sums=about.get("sums", {}),
            has_file=about.get("has_file", True),
            year=_year(about.get("year_column", "period_start")) if by_year else None,
            is_view=node["config"]["materialized"] == "view",
            year_part=about.get("year_part", "trade"),
        )
    return tables


def _year(column: str) -> str:
    """The year of a row: the column itself where it is a year, else that of its date."""
    return column if column.endswith("year") else f"cast(year({column}) as integer)"


def write_dictionary(con: duckdb.DuckDBPyConnection, tables: dict[str, Table]) -> None:
    """Write `meta.data_dictionary` and `meta.usage_warnings` for the tables at hand.

    Raises:
        ValueError: a published column or table that nothing describes.
    """
    con.execute(
        "create or replace table meta.data_dictionary (schema_name varchar, table_name varchar, column_name varchar,"
        " column_position integer, data_type varchar, description varchar, is_key boolean)"
    )
    con.execute(
        "create or replace table meta.usage_warnings"
        " (schema_name varchar, table_name varchar, warning varchar, meaning varchar)"
    )
    columns = con.execute(
        "select schema_name, table_name, column_name, column_index, lower(data_type) from duckdb_columns()"
        " where database_name = current_database() and list_contains(?::varchar[], schema_name) order by all",
        [list(PUBLISHED_SCHEMAS)],
    ).fetchall()
    undescribed = [
        f"{schema}.{table}.{column}"
        for schema, table, column, _, _ in columns
        if column not in tables.get(f"{schema}.{table}", _NOTHING).columns
    ]
    if undescribed:
        msg = f"published but not described: {undescribed}"
        raise ValueError(msg)
    dictionary = pl.DataFrame(  # noqa: F841 - read by name
        [
            (
                schema, table, column, position, data_type,
                tables[f"{schema}.{table}"].columns[column], column in tables[f"{schema}.{table}"].key,
            )
            for schema, table, column, position, data_type in columns
        ],
        orient="row",
    )  # fmt: skip
    con.execute("insert into meta.data_dictionary from dictionary")
    cautions = pl.DataFrame(  # noqa: F841 - read by name
        [
            (table.schema, table.name, warning, USAGE_WARNINGS[warning])
            for table in tables.values()
            for warning in table.usage_warnings
        ],
        orient="row",
    )
    con.execute("insert into meta.usage_warnings from cautions")


def write_comments(con: duckdb.DuckDBPyConnection, tables: dict[str, Table]) -> None:
    """Put every description into the database itself, where BI tools and `describe` show it."""
    published = con.execute(
        "select schema_name, table_name, 'table' from duckdb_tables() where database_name = current_database()"
        " union all select schema_name, view_name, 'view' from duckdb_views()"
        " where database_name = current_database() and not internal"
    ).fetchall()
    con.begin()  # a commit for each comment would take longer than all comments
    for schema, name, kind in published:
        if table := tables.get(f"{schema}.{name}"):
            con.execute(f"comment on {kind} {schema}.{name} is {literal(table.description)}")
            for column, description in table.columns.items():
                con.execute(f"comment on column {schema}.{name}.{column} is {literal(description)}")
    con.commit()


_NOTHING = Table("", "", "", "", (), "", (), {})


def datapackage(
    folder: Path,
    con: duckdb.DuckDBPyConnection,
    tables: dict[str, Table],
    about: Mapping[str, Any],
    content_hashes: Mapping[str, str],
) -> dict[str, Any]:
    """Describe a release's files as a Frictionless data package: hashes, bytes, fields, licences.

    `about` is the row of `meta.release`. The content hash of the release, and of each table, are listed
    too: two builds of the same figures have the same content hashes on any machine.

    Files are described as they are on disk: call this after all of them are written.
    """
    sources = con.execute(
        "select title, publisher, url, licence, redistribution, citation from core.dim_source"
    ).fetchall()
    fields = _fields(con)
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "datapackage.json"]
    return {
        "profile": "data-package",
        "name": "rare-earth-warehouse",
        "title": "Rare earths between India and China: production, reserves and customs trade",
        "version": about["version"],
        "content_hash": f"sha256:{about['content_hash']}",
        "as_of_day": str(about["as_of_day"]),
        "licenses": [
            {"name": "other", "title": f"{title}: {licence}. Redistribution: {redistribution}.", "path": url}
            for title, _, url, licence, redistribution, _ in sources
        ],
        "sources": [
            {"title": f"{publisher}: {title}. Cite as: {citation}", "path": url}
            for title, publisher, url, _, _, citation in sources
        ],
        "resources": [_resource(folder, path, tables, fields, content_hashes) for path in files],
    }


def _fields(con: duckdb.DuckDBPyConnection) -> dict[str, list[dict[str, str]]]:
    """Frictionless fields of each table by `schema.name`, in the order of its columns."""
    dictionary = con.execute(
        "select schema_name, table_name, column_name, data_type, description from meta.data_dictionary"
        " order by schema_name, table_name, column_position"
    ).fetchall()
    fields: dict[str, list[dict[str, str]]] = {}
    for schema, table, column, data_type, description in dictionary:
        kind = _FRICTIONLESS_TYPES.get(data_type, "any")
        fields.setdefault(f"{schema}.{table}", []).append({"name": column, "type": kind, "description": description})
    return fields


def _resource(
    folder: Path,
    path: Path,
    tables: Mapping[str, Table],
    fields: Mapping[str, list[dict[str, str]]],
    content_hashes: Mapping[str, str],
) -> dict[str, Any]:
    """One file of a release as a Frictionless resource; Parquet and CSV files with their schema."""
    resource: dict[str, Any] = {
        "name": path.relative_to(folder).as_posix().replace("/", ".").lower(),
        "path": path.relative_to(folder).as_posix(),
        "bytes": path.stat().st_size,
        "hash": f"sha256:{file_sha256(path)}",
        "format": path.suffix.removeprefix("."),
    }
    table = _table_of(path.relative_to(folder))
    if table is not None:
        resource["title"] = tables[table].description
        resource["schema"] = {"fields": fields[table], "primaryKey": list(tables[table].key)}
        if table in content_hashes:
            resource["content_hash"] = f"sha256:{content_hashes[table]}"
        if tables[table].sums:
            resource["sums"] = dict(tables[table].sums)
    return resource


def _table_of(path: Path) -> str | None:
    """The table that a file of a release has rows of: `core.dim_area` of `parquet/core/dim_area.parquet`.

    None of any other file, such as the rows of one chart of the site, `site/csv/prices.csv`.
    """
    if path.parts[0] == "parquet":
        return table_of_file(path.relative_to("parquet"))
    return f"bi.{path.stem}" if path.parts[0] == "csv" else None
