"""The figures of loads in one form in which those of different tables can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

import duckdb
import polars as pl

from sources.registry import table_specs

_ROUNDED_AWAY = 5
"""A figure of fewer half-widths of its rounding says little about its size and is left out."""

YEARS_BESIDE = 2
"""How far away a neighbouring year may lie, where the one beside it is not held."""

MOST_FIGURES = 100_000
"""Figures that are compared at once: they and what is near them take some 400 MB."""

SMALL_TABLE = 20_000
"""Figures of a table below which it is not compared by itself."""

_DAYS_OF_MONTH = 30.4

_FLOW = (
    "concat_ws(' ', case when flow = 'export' then reporter_code else partner_code end || '>' ||"
    " case when flow = 'export' then partner_code else reporter_code end, {code}, code_country,"
    " case when is_partner_world then flow end)"
)
_TRADE = """
    select
        load_id,
        reporter_code as account,
        {thing} as thing,
        case when not is_partner_world then partner_code end as label,
        concat_ws(' ', flow, {code}, code_country) as kind,
        {code} as product,
        currency_code,
        period_start,
        period_end,
        sum(value_usd) filter (where value_usd > {rounded_away} * coalesce(value_rounding_usd, 0)) as value,
        sum(value_local) filter (where value_local > {rounded_away} * coalesce(value_rounding_local, 0)) as local,
        case when bool_and(weight_status = 'reported')
            then sum(net_weight_kg) filter (where net_weight_kg > {rounded_away} * coalesce(weight_rounding_kg, 0))
        end as weight
    from {table}
    where {condition}
    group by all
"""
_LINES = _TRADE.format(
    code="hs_code", thing=_FLOW.format(code="hs_code"), condition="true", table="{table}", rounded_away="{rounded_away}"
)
_ROLLED_UP = _TRADE.format(
    code="scope_code",
    thing=_FLOW.format(code="scope_code").replace("code_country", "null"),
    condition="scope_code <> hs_code",
    table="{table}",
    rounded_away="{rounded_away}",
).replace("concat_ws(' ', flow, scope_code, code_country)", "concat_ws(' ', flow, scope_code)")
_REFERENCE = """
    select
        load_id, 'reference' as account, concat_ws(' ', exporter_code || '>' || importer_code, hs_code) as thing,
        exporter_code || '>' || importer_code as label, hs_code as kind, hs_code as product,
        null as currency_code, period_start, period_end,
        case when value_usd > {rounded_away} * coalesce(value_rounding_usd, 0) then value_usd end as value,
        null::double as local,
        case when net_weight_kg > {rounded_away} * coalesce(weight_rounding_kg, 0) then net_weight_kg end as weight
    from {table}
"""
_MINERALS = """
    select
        load_id, 'all' as account, concat_ws('|', measure, scope, country_code, series, unit_basis) as thing,
        coalesce(country_code, scope) as label, measure as kind, measure as product,
        null as currency_code, period_start, period_end,
        value_t as value, null::double as local, null::double as weight
    from {table}
"""
_QUOTAS = """
    select
        load_id, 'all' as account, concat_ws('|', country_code, quota_type, earths, batch) as thing,
        null as label, quota_type as kind, quota_type as product,
        null as currency_code, make_date(year, 1, 1) as period_start, make_date(year, 12, 31) as period_end,
        value_t as value, null::double as local, null::double as weight
    from {table}
"""
_RESOURCES = """
    select
        load_id, 'all' as account, concat_ws('|', coalesce(region_code, country_code), deposit, substance) as thing,
        region_code as label, substance as kind, substance as product,
        null as currency_code, as_of_start as period_start, as_of_end as period_end,
        value_t as value, null::double as local, null::double as weight
    from {table}
"""
_SHARES = """
    select
        load_id, 'authority' as account,
        concat_ws(' ', share_measure, reporter_code, partner_code, flow, hs_code, code_country) as thing,
        null as label, concat_ws(' ', share_measure, hs_code) as kind, share_measure as product,
        null as currency_code, period_start, period_end,
        share as value, null::double as local, null::double as weight
    from {table}
"""
_BY_FEED = {
    "trade": (_LINES, _ROLLED_UP),
    "trade_reference": (_REFERENCE,),
    "mineral_statistics": (_MINERALS,),
    "quotas": (_QUOTAS,),
    "resources": (_RESOURCES,),
    "published_shares": (_SHARES,),
}
"""How the figures of a feed are compared. Feeds that are not listed have nothing beside them to compare with."""

TABLE, LOADS, OF_YEARS = "compared_figures", "compared_loads", "compared_rates"
"""Temporary tables of `collect_figures`."""

SERIES = "compared_series"
"""The temporary table with the texts of figures. Loads, series, flows (account and thing) and things have numbers:
joins of texts take several times as long, and several times the memory."""

TEXTS = ("account", "thing", "label", "kind", "product", "currency_code")
_SAME_SERIES = " and ".join(f"figures.{name} is not distinct from series.{name}" for name in TEXTS)

_TAKE = f"""
    create or replace temp table figures_taken as {{figures}};
    create or replace temp table {SERIES} as
    select
        row_number() over (order by {", ".join(TEXTS)})::int as series,
        dense_rank() over (order by account, thing)::int as flow,
        dense_rank() over (order by thing)::int as thing_number,
        {", ".join(TEXTS)}
    from (select distinct {", ".join(TEXTS)} from figures_taken);
    create or replace temp table {LOADS} as
    select load_id, table_name, status, known_from, row_number() over (order by load_id)::int as load
    from ledger.loads
    where status <> 'refused';
    create or replace temp table {TABLE} as
    with logarithms as (
        select
            loads.load,
            series.series,
            series.flow,
            series.thing_number,
            figures.period_start,
            figures.period_end,
            case when figures.value > 0 then log10(figures.value) end as value,
            case when figures.local > 0 then log10(figures.local) end as local,
            case when figures.weight > 0 then log10(figures.weight) end as weight,
            year(figures.period_start)::int as year,
            log10(greatest(round((figures.period_end - figures.period_start) / {_DAYS_OF_MONTH}), 1)) as months
        from figures_taken as figures
        inner join {LOADS} as loads on figures.load_id = loads.load_id
        inner join {SERIES} as series on {_SAME_SERIES}
    )
    select *, row_number() over ()::int as row from logarithms
    where coalesce(value, local, weight) is not null
    order by year, load;
    drop table figures_taken
"""


def _of_all_tables(condition: str) -> str:
    """The query for the figures of every raw table, of those of its rows that a condition is true of."""
    return " union all by name ".join(
        query.format(table=f"(select * from raw.{spec.name} where {condition})", rounded_away=_ROUNDED_AWAY)
        for spec in table_specs().values()
        for query in _BY_FEED.get(spec.feed, ())
    )


def collect_figures(con: duckdb.DuckDBPyConnection, waiting_status: str) -> None:
    """Make the temporary tables of figures: those of the loads of this status, and all near them in time.

    `compared_figures` has one row a load, thing and period: `row`, `load`, `series`, `flow`, `thing_number` (numbers),
    `period_start`, `period_end`, `months` (a logarithm), `year`, and the decimal logarithms of the figures: `value`
    (US$, tonnes, or a share), `local` (money of `currency_code`), `weight` (kg, where all of it is reported), null if
    unknown or zero: 5.0 for 100,000 US$. Parts of a flow are added up; lines are also added up to the code they cover.

    `compared_series` has the texts of a series: `account` (who counts: a reporter; `all` where all publishers count the
    same thing), `thing` (what is counted: `CHN>IND 284690`), `label` (the partner or country, null for totals), `kind`
    (`export 284690`), `product`, `currency_code`. `compared_loads` has `load_id`, `table_name`, `status` and
    `known_from` of a load.
    """
    waiting = f"load_id in (select load_id from ledger.loads where status = '{waiting_status}')"
    span = con.execute(f"select min(period_start), max(period_start) from ({_of_all_tables(waiting)})").fetchall()[0]
    near = "true"
    if span[0] is not None:
        first, last = (
            f"make_date({day.year + years}, {end})"
            for day, years, end in ((span[0], -YEARS_BESIDE, "1, 1"), (span[1], YEARS_BESIDE, "12, 31"))
        )
        near = f"period_start between {first} and {last}"
    con.execute(_TAKE.format(figures=f"select * from ({_of_all_tables('true')}) where {near}"))
    collect_rates(con)


def collect_rates(con: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary table `compared_rates` from `compared_figures`: what the years beside a figure say.

    Of each flow and year it has the rates a month (`value`, `local`, `weight`) and the unit value (`unit`) of the first
    load that has one (`value_load`, `value_first`), and of the next (`value_second`); decimal logarithms. One year is
    computed after another, since DuckDB keeps all figures that a median is taken of in memory.
    """
    con.execute(f"create or replace temp table {OF_YEARS} as {_RATES.format(condition='false')}")
    for (year,) in con.execute(f"select distinct year from {TABLE} order by year").fetchall():
        _add_rates(con, f"year = {year}")


def _add_rates(con: duckdb.DuckDBPyConnection, condition: str) -> None:
    con.execute(f"insert into {OF_YEARS} {_RATES.format(condition=condition)}")


@dataclass(frozen=True, slots=True)
class Batch:
    """Loads that are compared together, and the years of their figures."""

    loads: list[int]
    first_year: int
    last_year: int

    def is_near(self, other: Batch) -> bool:
        """Whether figures of the one may be held against those of the other."""
        return self.first_year - YEARS_BESIDE <= other.last_year and other.first_year - YEARS_BESIDE <= self.last_year


def batches(con: duckdb.DuckDBPyConnection, waiting_status: str) -> list[Batch]:
    """The waiting loads in batches: all small tables together, and each other table in parts of years that follow."""
    loads = con.execute(
        f"select table_name, load, min(year), max(year), count(*) from {TABLE} inner join {LOADS} using (load)"
        " where status = ? group by table_name, load order by table_name, min(year), max(year), load",
        [waiting_status],
    ).fetchall()
    if _size(loads) <= MOST_FIGURES:
        return [_batch(loads)] if loads else []
    by_table = [list(some) for _, some in groupby(loads, key=lambda load: load[0])]
    small = [load for some in by_table for load in some if _size(some) <= SMALL_TABLE]
    found = [_batch(small)] if small else []
    for some in by_table:
        together: list[tuple[Any, ...]] = []
        for load in some if _size(some) > SMALL_TABLE else ():
            if together and _size(together) + load[4] > MOST_FIGURES:
                found.append(_batch(together))
                together = []
            together.append(load)
        if together:
            found.append(_batch(together))
    return found


def leave_out(con: duckdb.DuckDBPyConnection, load_id: str) -> Batch:
    """Take the figures of a load out of the comparison; return it as a batch of its own, with their years."""
    load = con.execute(f"select load from {LOADS} where load_id = ?", [load_id]).fetchall()[0][0]
    first, last = con.execute(f"select min(year), max(year) from {TABLE} where load = ?", [load]).fetchall()[0]
    con.execute(
        f"create or replace temp table flows_of_load as select distinct flow from {TABLE} where load = ?", [load]
    )
    con.execute(f"delete from {TABLE} where load = ?", [load])
    of_load = f"year between {first} and {last} and flow in (select flow from flows_of_load)"
    con.execute(f"delete from {OF_YEARS} where {of_load}")
    _add_rates(con, of_load)
    return Batch([load], first, last)


def _size(loads: list[tuple[Any, ...]]) -> int:
    return sum(load[4] for load in loads)


def _batch(loads: list[tuple[Any, ...]]) -> Batch:
    return Batch([load[1] for load in loads], min(load[2] for load in loads), max(load[3] for load in loads))


class Figures(NamedTuple):
    """The figures of a batch, and what they can be held against: of the same things, in their years and those beside.

    Attributes:
        rows: figures of the batch: `compared_figures` with the columns of their series and load.
        near: figures of any load in the same years, `rows` among them: numbers of load, flow and thing, period, year,
            and figures.
        rates: `compared_rates` of the same flows (see `collect_rates`).
    """

    rows: pl.DataFrame
    near: pl.DataFrame
    rates: pl.DataFrame


def read_batch(con: duckdb.DuckDBPyConnection, batch: Batch) -> Figures:
    """The figures of a batch and what is near them."""
    con.execute(
        "create or replace temp table figures_of_batch as"
        f" select * from {TABLE} where year between ? and ? and load in (select unnest(?::int[]))",
        [batch.first_year, batch.last_year, batch.loads],
    )
    con.execute(
        "create or replace temp table figures_near as"
        f" select * exclude (series, row) from {TABLE}"
        " where year between ? and ? and thing_number in (select thing_number from figures_of_batch)",
        [batch.first_year, batch.last_year],
    )
    of_loads = f"inner join {LOADS} as loads on figures.load = loads.load"
    found = Figures(
        con.execute(
            "select figures.* exclude (series), series.* exclude (series, flow, thing_number), load_id, known_from"
            f" from figures_of_batch as figures {of_loads}"
            f" inner join {SERIES} as series on figures.series = series.series"
            " order by figures.load, account, thing, period_start, period_end"
        ).pl(),
        con.execute(f"select figures.*, known_from from figures_near as figures {of_loads}").pl(),
        con.execute(
            f"from {OF_YEARS} where year between ? and ? and flow in (select flow from figures_of_batch)",
            [batch.first_year - YEARS_BESIDE, batch.last_year + YEARS_BESIDE],
        ).pl(),
    )
    con.execute("drop table figures_of_batch; drop table figures_near")
    return found


RATES = ("value", "local", "weight", "unit")
_FIRST_AND_SECOND = ", ".join(
    f"arg_min({name}, load, 2) as {name}_rates, min(load) filter (where {name} is not null) as {name}_load"
    for name in RATES
)
_RATES = f"""
    with of_loads as (
        select
            load,
            flow,
            year,
            median(value - months) as value,
            median(local - months) as local,
            median(weight - months) as weight,
            median(value - weight) as unit
        from {TABLE}
        where {{condition}}
        group by load, flow, year
    ),
    of_flows as (select flow, year, {_FIRST_AND_SECOND} from of_loads group by flow, year)
    select
        flow, year,
        {", ".join(f"{n}_load, {n}_rates[1] as {n}_first, {n}_rates[2] as {n}_second" for n in RATES)}
    from of_flows
"""
