"""Whose figures a table holds, with licence and citation."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import duckdb

from warehouse.read.assistant.catalogue import Catalogue
from warehouse.release.site.lineage import upstream

_OF_ALL = "core.dim_source"
"""The table of all publishers, whose figures are elsewhere."""


@cache
def _upstream(names: tuple[str, ...]) -> dict[str, list[str]]:
    return upstream(names)


def sources_of(con: duckdb.DuckDBPyConnection, catalogue: Catalogue, tables: Iterable[str]) -> list[dict[str, str]]:
    """Publishers behind some tables, by code, as `core.dim_source` states their terms.

    A table that names its sources has those; any other has those of the tables it is made of.
    """
    above = _upstream(tuple(sorted(catalogue.tables)))
    waiting, seen = list(tables), set[str]()
    named = []
    while waiting:
        name = waiting.pop()
        if name in seen or name not in catalogue.tables:
            continue
        seen.add(name)
        if name == _OF_ALL:
            continue
        if "source_code" in catalogue.tables[name].columns:
            named.append(f"select source_code from {name}")
        else:
            waiting += above.get(name, ())
    if not named:
        return []
    rows = con.execute(
        "select source_code, publisher, citation, licence, redistribution from core.dim_source"
        f" where source_code in ({' union '.join(named)}) order by 1"
    ).fetchall()
    names = ("source_code", "publisher", "cite_as", "licence", "redistribution")
    return [dict(zip(names, row, strict=True)) for row in rows]
