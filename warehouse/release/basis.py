"""What a build makes again, and from which release it takes the rest.

The work file keeps the intermediate tables of the last build, and its release has the published ones. A build starts
from both, where the current release was made from just these intermediate tables by the same code; else it makes
everything. It makes the tables downstream of what changed, and of the tables of trade, each a function of the reports
of its own years (dbt_project/macros/years.sql), the years of the reports that changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from sources.registry import table_specs
from warehouse.code_version import code_version
from warehouse.release.catalogue import Table
from warehouse.release.content import HASHED_SCHEMAS, RowSums, rows_hash, sums_of_years
from warehouse.release.store import Release, current_release, damage
from warehouse.settings import Settings
from warehouse.storage.work import FIRST_YEAR, LAST_YEAR, open_work, years_built
from warehouse.transform.manifest import LOADS

ROWS_PER_MB = 700
"""Reports of trade in a portion of years, for each MB of the memory limit.

DuckDB joins what is made of so many within its share of the limit (dbt_runner.py)."""

_TRADE = "trade"
_STATED = (
    "select loads.load_id, loads.table_name, md5(concat_ws('|', loads.source_code, loads.partition_name, loads.edition,"
    " loads.release, loads.known_from, loads.known_basis, loads.artifact_sha256, recorded.content_sha256,"
    " loads.next_release_from)) as stated"
    f" from staging.{LOADS} as loads inner join ledger.loads as recorded on loads.load_id = recorded.load_id"
)
"""The loads that models read, each with all that facts take from it. Its rows are others where a user corrected a
label. Numbers of `load_order` shift when a load comes between two others; only their order means something, and that is
of `known_from` and of the landing."""


@dataclass(frozen=True, slots=True)
class Basis:
    """The release that a build starts from, and what changed since.

    `changed` names raw tables of which loads came, went, have other rows or terms, and views of the ledger that have
    other rows: `{"raw.un_comtrade__trade", "staging.stg_ledger__artifacts"}`.
    """

    release: Release
    changed: frozenset[str]


def start_from(settings: Settings) -> Basis | None:
    """Decide what the models build, and which years (`ledger.years_to_build`).

    None where everything is built: the first release, other code, a damaged release, a release that was made current
    by hand, or a last build whose models ran and that published nothing.
    """
    release = current_release(settings)
    with open_work(settings) as con:
        if release is None or not _is_kept(con, release) or damage(settings, release):
            _build_every_year(con)
            build_in_portions(con, settings)
            basis = None
        else:
            years, tables = _changes(con)
            _build_years(con, years)
            basis = Basis(release, frozenset({*tables, *_changed_views(con)}))
        con.execute("update ledger.built set is_current = false")
    return basis


def models_ran(settings: Settings) -> None:
    """Note which years were built, after the models ran; whatever reads models next reads all years."""
    with open_work(settings) as con:
        con.execute("create or replace table ledger.years_built as from ledger.years_to_build")
        _build_every_year(con)


def unbuilt_years_from(settings: Settings, part: str) -> tuple[Release | None, list[int]]:
    """The release that has the years of a part that the candidate's models did not build, and the years they built.

    None where they built all.
    """
    with open_work(settings) as con:
        years = years_built(con, part)
        versions = {version for (version,) in con.execute("select version from ledger.built").fetchall()}
    current = current_release(settings)
    if years is None or current is None or current.version not in versions:
        return None, []
    return current, years


def sums_of_rows(
    settings: Settings, candidate: duckdb.DuckDBPyConnection, tables: Iterable[Table]
) -> dict[str, dict[int, RowSums]]:
    """The sums of each year of the hashed tables that are built by year (content.py).

    Years that were not built are as in the release that the build started from, and so are their sums.
    """
    found: dict[str, dict[int, RowSums]] = {}
    with open_work(settings) as con:
        for table in tables:
            if table.year is None or table.is_view or table.schema not in HASHED_SCHEMAS:
                continue
            name = f"{table.schema}.{table.name}"
            years = years_built(con, table.year_part)
            found[name] = sums_of_years(candidate, name, table.year, years)
            if years is not None:
                known = con.execute(
                    "select year, n_rows, lower_sum, upper_sum from ledger.built_sums"
                    " where table_name = ? and not list_contains(?::integer[], year)",
                    [name, years],
                ).fetchall()
                found[name] |= {year: (n, lower, upper) for year, n, lower, upper in known}
    return found


def published(settings: Settings, version: str, sums: Mapping[str, Mapping[int, RowSums]]) -> None:
    """Record what the release that was just published, and the intermediate tables, were made from.

    `sums` are those of `sums_of_rows`.
    """
    rows = [(table, year, *parts) for table, of_years in sums.items() for year, parts in of_years.items()]
    with open_work(settings) as con:
        con.execute("delete from ledger.built_sums")
        if rows:
            con.executemany("insert into ledger.built_sums values (?, ?, ?, ?::hugeint, ?::hugeint)", rows)
        con.execute("delete from ledger.built")
        con.execute("insert into ledger.built values (?, ?, true)", [version, code_version()])
        con.execute(
            "create or replace table ledger.built_loads as select loads.*, years.year"
            f" from ({_STATED}) as loads left join ({_years_of_loads()}) as years on loads.load_id = years.load_id"
        )
        con.execute("delete from ledger.built_views")
        con.executemany("insert into ledger.built_views values (?, ?)", list(_views(con).items()))


def kept(settings: Settings) -> None:
    """Record that the release stays current, since the models made the same figures again.

    The next build compares with what the release was made from, as this one did.
    """
    with open_work(settings) as con:
        con.execute("update ledger.built set is_current = true")


def _is_kept(con: duckdb.DuckDBPyConnection, basis: Release) -> bool:
    """Whether the intermediate tables are those that this release was made from, by the code that runs now."""
    found = con.execute("select version, code_version from ledger.built where is_current").fetchall()
    return found == [(basis.version, code_version())]


def _changes(con: duckdb.DuckDBPyConnection) -> tuple[list[int], set[str]]:
    """The years of trade and the raw tables of the loads that changed since the release was made.

    A load changed that came, went, or has other rows or terms.
    """
    con.execute(
        "create or replace temp table changed as"
        f" with was as (select distinct load_id, table_name, stated from ledger.built_loads), becomes as ({_STATED})"
        " (from was except from becomes) union all (from becomes except from was)"
    )
    changed = "load_id in (select load_id from changed)"
    years = con.execute(
        f"select year from ledger.built_loads where year is not null and {changed}"
        f" union select year from ({_years_of_loads(changed)}) order by year"
    ).fetchall()
    tables = con.execute("select distinct table_name from changed").fetchall()
    return [year for (year,) in years], {f"raw.{table}" for (table,) in tables}


def _changed_views(con: duckdb.DuckDBPyConnection) -> set[str]:
    """The views of the ledger that have other rows than when the release was made."""
    was = dict(con.execute("select view_name, rows_hash from ledger.built_views").fetchall())
    return {view for view, digest in _views(con).items() if was.get(view) != digest}


def _views(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The rows of each view of the ledger that models read, as a hash. Loads are compared one by one instead."""
    names = con.execute(
        "select schema_name || '.' || view_name from duckdb_views()"
        " where schema_name = 'staging' and starts_with(view_name, 'stg_ledger__') and view_name <> ?",
        [LOADS],
    ).fetchall()
    return {name: rows_hash(con, name) for (name,) in names}


def _years_of_loads(condition: str = "true") -> str:
    """The query for the years of each load: those in which the periods of its trade reports begin."""
    return " union ".join(
        f"select load_id, cast(year(period_start) as integer) as year from raw.{table} where {condition}"
        for table in _trade_tables()
    )


def _trade_tables() -> list[str]:
    return [spec.name for spec in table_specs().values() if spec.feed == _TRADE]


def _build_years(con: duckdb.DuckDBPyConnection, years: list[int]) -> None:
    """Note these years, and those before them: a fiscal year belongs to the year in which it begins."""
    con.execute("create or replace table ledger.years_to_build (part varchar, year integer)")
    for year in sorted({*years, *(year - 1 for year in years)}):
        con.execute("insert into ledger.years_to_build values (?, ?)", [_TRADE, year])


def _build_every_year(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create or replace table ledger.years_to_build as select ? as part, null::integer as year", [_TRADE])
    con.execute("delete from ledger.year_portions")


def build_in_portions(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Note the portions in which every year is built; none where all reports are few enough for one."""
    at_once = int(ROWS_PER_MB * settings.memory_limit_mb)
    reports = " union all ".join(f"select period_start from raw.{table}" for table in _trade_tables())
    counted = con.execute(
        f"select year(period_start)::integer as year, count(*) as n_reports from ({reports}) group by year"
    ).fetchall()
    for first, last in portions_of(dict(counted), at_once):
        con.execute("insert into ledger.year_portions values (?, ?)", [first, last])


def portions_of(reports: Mapping[int, int], at_once: int) -> list[tuple[int, int]]:
    """Portions of all years, from FIRST_YEAR to LAST_YEAR: `[(1, 2015), (2016, 9998)]`.

    Each has as many whole years as have at most `at_once` reports together, and at least one. None for one portion.
    """
    starts: list[int] = []
    taken = 0
    for year, n_reports in sorted(reports.items()):
        taken += n_reports
        if not starts or taken > at_once:
            starts.append(year)
            taken = n_reports
    firsts = [FIRST_YEAR, *starts[1:]]
    lasts = [*(year - 1 for year in starts[1:]), LAST_YEAR]
    return list(zip(firsts, lasts, strict=True)) if len(starts) > 1 else []
