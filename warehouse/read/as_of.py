"""The release as it was known on a day: a database of its own, made of the published one.

Belongs here: which tables can be seen from a day, and what of them must be worked out anew. Does not belong here: the
rules by which facts begin and end (dbt), or showing an answer.

Each fact is held against one predicate. What is worked out from the latest statements only, and cannot be worked out
anew from the facts of that day here, is left out and listed in `meta.left_out`: a stale figure is worse than none.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import yaml

from warehouse.read.query import QueryError, QueryResult
from warehouse.release.store import database
from warehouse.settings import Settings
from warehouse.storage.literals import literal
from warehouse.storage.work import open_database

KNOWN = "known_from <= date '{day}' and (known_to is null or date '{day}' < known_to)"
"""What was known on a day, on every fact."""
_NOT_ANEW = "worked out from the release, not anew for the day"
_META = ("lineage", "artifacts", "loads", "quarantine", "data_dictionary", "usage_warnings")
_FLOW = "reporter_code, partner_code, flow, product_key, period_type, period_start, period_end"
_PREFERRED_FLOW = (
    f"row_number() over (partition by {_FLOW} order by value_usd is null, value_rounding_usd, net_weight_kg is null,"
    " source_code, fact_id) = 1"
)
_OXIDES = "series not like 'rare_earth_minerals%'"


@dataclass(frozen=True, slots=True)
class AsOf:
    """What was written: rows and statements of each table, and what was left out and why."""

    path: Path
    facts: list[tuple[str, int, int]]
    left_out: list[tuple[str, str]]


def write_as_of(settings: Settings, day: date, path: Path) -> AsOf:
    """Write a database of what was known on a day: core's facts and dimensions, with where they come from.

    Facts are those the predicate lets through. Seen from that day nothing had ended yet, so `known_to` is null and
    `is_latest` true; `is_preferred` and `is_current` are worked out among what was known. Marts and the mirror are
    left out.

    Raises:
        LookupError: nothing is published.
        FileExistsError: there is a file in that place already.
    """
    published = database(settings)
    if path.exists():
        msg = f"{path} is there already: name another file, or remove it"
        raise FileExistsError(msg)
    with open_database(path, settings) as con:
        con.execute(f"attach {literal(published.resolve())} as published (read_only)")
        for schema in ("core", "meta"):
            con.execute(f"create schema {schema}")
        facts, left_out = _write_core(con, settings, day)
        _write_meta(con, day, left_out)
        con.execute("detach published")
    return AsOf(path, facts, left_out)


def _tables(con: duckdb.DuckDBPyConnection, schema: str) -> list[tuple[str, list[str]]]:
    """Tables and views of the published file with their columns."""
    return con.execute(
        "select table_name, list(column_name order by column_index) from duckdb_columns()"
        " where database_name = 'published' and schema_name = ? group by 1 order by 1",
        [schema],
    ).fetchall()


def _write_core(
    con: duckdb.DuckDBPyConnection, settings: Settings, day: date
) -> tuple[list[tuple[str, int, int]], list[tuple[str, str]]]:
    facts, left_out = [], []
    for table, columns in _tables(con, "core"):
        if table == "trade_best":
            continue
        if "known_to" in columns:
            con.execute(f"create table core.{table} as {known(settings, f'published.core.{table}', columns, day)}")
            facts.append((table, _count(con, f"core.{table}"), _count(con, f"published.core.{table}")))
        elif table.startswith("fct_"):
            left_out.append((f"core.{table}", _NOT_ANEW))
        else:
            where = f" where known_from <= date '{day}'" if "known_from" in columns else ""
            con.execute(f"create table core.{table} as select * from published.core.{table}{where}")
    con.execute("create view core.trade_best as select * from core.fct_trade_flow where is_preferred")
    left_out += [(f"marts.{table}", _NOT_ANEW) for table, _ in _tables(con, "marts")]
    return facts, left_out


def known(settings: Settings, table: str, columns: list[str], day: date) -> str:
    """The query for what a fact's table held on a day, as it looked then; `table` is its name where it is attached."""
    anew = {"known_to": "null::date", "is_latest": "true"}
    anew |= _worked_out_anew(settings, table.rpartition(".")[2], columns)
    replaced = ", ".join(f"{expression} as {column}" for column, expression in anew.items())
    return f"select * replace ({replaced}) from (select * from {table} where {KNOWN.format(day=day)})"


def _worked_out_anew(settings: Settings, table: str, columns: list[str]) -> dict[str, str]:
    """Marks among what was known on the day, by the rules of the models; a test holds them against the release."""
    if table == "fct_reserves":
        newest = "max_by(coalesce(edition, ''), (known_from, edition)) over (partition by source_code)"
        return {"is_current": f"coalesce(edition, '') = {newest}"}
    if table == "fct_resources":
        thing = "source_code, country_code, region_name, deposit, substance"
        return {"is_current": f"as_of_end = max(as_of_end) over (partition by {thing})"}
    if "is_preferred" not in columns:
        return {}
    if "reporter_code" in columns:
        return {"is_preferred": _PREFERRED_FLOW}
    year = "measure, year" if table == "fct_world_total" else "year"
    rank = _source_rank(settings)
    first = f"min(case when {_OXIDES} then {rank} end) over (partition by {year})"
    return {"is_preferred": f"coalesce({_OXIDES} and {rank} = {first}, false)"}


def _source_rank(settings: Settings) -> str:
    """Rank of a source of production figures, by the project's own list."""
    project = yaml.safe_load((settings.dbt_project / "dbt_project.yml").read_text(encoding="utf-8"))
    ranked = enumerate(project["vars"]["production_sources"], start=1)
    return "case source_code " + " ".join(f"when '{source}' then {rank}" for rank, source in ranked) + " else 99 end"


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(con.execute(f"select count(*) from {table}").fetchall()[0][0])


def _write_meta(con: duckdb.DuckDBPyConnection, day: date, left_out: list[tuple[str, str]]) -> None:
    facts = [table for table, columns in _tables(con, "core") if "fact_id" in columns and "known_to" in columns]
    known = " union all ".join(f"select fact_id from core.{table}" for table in facts if table != "trade_best")
    where = {
        "lineage": f"fact_id in ({known})",
        "artifacts": f"known_from <= date '{day}'",
        "loads": f"known_from <= date '{day}'",
        "quarantine": "artifact_sha256 in (select sha256 from meta.artifacts)",
        "data_dictionary": "schema_name = 'core' and table_name in (select table_name from duckdb_tables())",
        "usage_warnings": "schema_name = 'core' and table_name in (select table_name from duckdb_tables())",
    }
    for table in sorted(_META):
        con.execute(f"create table meta.{table} as select * from published.meta.{table} where {where[table]}")
    con.execute(f"create table meta.release as select *, date '{day}' as as_of from published.meta.release")
    con.execute("create table meta.left_out (table_name varchar, why varchar)")
    con.execute("insert into meta.left_out values ('meta.validation_results', 'judges the release, not the day')")
    con.executemany("insert into meta.left_out values (?, ?)", left_out)


@contextmanager
def _database_as_of(settings: Settings, day: date) -> Iterator[duckdb.DuckDBPyConnection]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "as_of.duckdb"
        write_as_of(settings, day, path)
        with open_database(path, settings, read_only=True) as con:
            yield con


def ask_as_of(settings: Settings, day: date, query: str, limit: int = 0) -> QueryResult:
    """Run one query on what was known on a day; a limit of 0 gives all rows.

    Raises:
        QueryError: nothing is published, or DuckDB does not accept the query.
    """
    try:
        with _database_as_of(settings, day) as con:
            cursor = con.execute(query)
            columns = [column[0] for column in cursor.description or ()]
            rows: list[tuple[Any, ...]] = cursor.fetchmany(limit + 1) if limit else cursor.fetchall()
    except (LookupError, duckdb.Error) as error:
        raise QueryError(str(error)) from error
    return QueryResult(columns, rows[:limit] if limit else rows, has_more=bool(limit) and len(rows) > limit)
