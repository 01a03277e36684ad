"""The figures of loads in one form in which those of different tables can be compared."""

from __future__ import annotations

import duckdb
import polars as pl

from sources.registry import table_specs

_ROUNDED_AWAY = 5
"""A figure of fewer half-widths of its rounding says little about its size and is left out."""

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

_TAKEN = """
    select
        loads.source_code,
        loads.table_name,
        loads.partition,
        loads.year as partition_year,
        loads.status,
        loads.known_from,
        loads.landing_sequence,
        figures.*
    from figures
    inner join ledger.loads as loads on figures.load_id = loads.load_id and loads.status <> 'refused'
"""


def read_figures(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The figures of every load, one row a load, thing and period.

    Columns: the load's `source_code`, `table_name`, `partition`, `status`, `known_from`, `landing_sequence`, `load_id`;
    `account` (who counts: a reporter; `all` where all publishers count the same thing), `thing` (what is counted:
    `CHN>IND 284690`), `label` (the partner or country, null for totals), `kind` (`export 284690`), `product`,
    `currency_code`, `period_start`, `period_end`, `months`, `year`; and the decimal logarithms of the figures: `value`
    (US$, tonnes, or a share), `local` (money of `currency_code`), `weight` (kg, where all of it is reported), null if
    unknown or zero: 5.0 for 100,000 US$. Parts of a flow are added up; lines are also added up to the code they cover.
    """
    queries = [
        query.format(table=f"raw.{spec.name}", rounded_away=_ROUNDED_AWAY)
        for spec in table_specs().values()
        for query in _BY_FEED.get(spec.feed, ())
    ]
    figures = con.execute(f"with figures as ({' union all by name '.join(queries)}) {_TAKEN}").pl()
    days = (pl.col("period_end") - pl.col("period_start")).dt.total_days()
    return (
        figures.with_columns(
            pl.when(pl.col(name) > 0).then(pl.col(name).log10()).alias(name) for name in ("value", "local", "weight")
        )
        .filter(pl.any_horizontal(pl.col("value", "local", "weight").is_not_null()))
        .with_columns(
            year=pl.col("period_start").dt.year(), months=(days / 30.4).round().clip(1).cast(pl.Float64).log10()
        )
        .sort("load_id", "account", "thing", "period_start", "period_end")
        .with_row_index("row")
    )
