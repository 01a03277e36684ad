"""The dictionary: every published table and column, with warnings, upstream tables, and the publishers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

from warehouse.release.site.lineage import upstream
from warehouse.release.site.page import Page
from warehouse.release.site.tables import Row, Tables
from warehouse.release.site.wording import phrase
from warehouse.release.units import unit_of

_SCHEMAS = {
    "bi": "Narrow views that are safe to sum",
    "marts": "Answers to set questions",
    "core": "Facts and dimensions",
    "meta": "The release itself",
}


@dataclass(frozen=True, slots=True)
class Described:
    """A table as the dictionary shows it."""

    name: str
    description: str
    n_rows: int | None
    file: str | None
    warnings: list[Row]
    columns: list[Row]
    upstream: list[str]


def page(tables: Tables) -> Page:
    """The dictionary."""
    described = _tables(tables)
    groups = [
        (schema, _SCHEMAS.get(schema, schema), list(some))
        for schema, some in groupby(described, key=lambda table: table.name.partition(".")[0])
    ]
    return Page(
        path="dictionary.html",
        title="Dictionary",
        lead=(
            f"{len(described)} tables with every column: what it holds, in which unit, what to mind, and what it is "
            "made of. The same text stands in the database as comments."
        ),
        template="dictionary.html.j2",
        content={"groups": groups},
        search_text=" ".join(f"{table.name} {table.description}" for table in described),
    )


def _tables(tables: Tables) -> list[Described]:
    names = tables.rows(
        "select schema_name, table_name, comment, estimated_size as n from duckdb_tables()"
        " where database_name = current_database() union all"
        " select schema_name, view_name, comment, null from duckdb_views()"
        " where database_name = current_database() and not internal"
    )
    columns: dict[str, list[Row]] = {}
    for row in tables.rows(
        "select schema_name || '.' || table_name as name, column_name, data_type, description, is_key"
        " from meta.data_dictionary order by schema_name, table_name, column_position"
    ):
        columns.setdefault(row["name"], []).append(row | {"unit": unit_of(row["column_name"], row["data_type"]) or ""})
    warnings: dict[str, list[Row]] = {}
    for row in tables.rows(
        "select schema_name || '.' || table_name as name, warning, meaning from meta.usage_warnings"
    ):
        warnings.setdefault(row["name"], []).append(row | {"words": phrase(row["warning"])})
    above = upstream(columns)
    order = {schema: at for at, schema in enumerate(_SCHEMAS)}
    return [
        Described(
            name,
            re.sub(r"\s+", " ", row["comment"] or ""),
            _count(tables, name, row["n"]),
            tables.file_of(name),
            warnings.get(name, []),
            columns[name],
            above.get(name, []),
        )
        for row in sorted(names, key=lambda row: (order.get(row["schema_name"], len(order)), row["table_name"]))
        if (name := f"{row['schema_name']}.{row['table_name']}") in columns
    ]


def _count(tables: Tables, name: str, known: int | None) -> int | None:
    """Rows of a table; None of a view that is read for a row or a few, since counting it would make all of them."""
    if known is not None:
        return int(known)
    return int(tables.rows(f"select count(*) as n from {name}")[0]["n"]) if tables.file_of(name) else None
