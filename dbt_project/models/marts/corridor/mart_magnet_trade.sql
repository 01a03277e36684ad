-- Grain: one flow of magnets to or from India or China in one period: what the exporter says, what the importer
-- says, and what the reference data set made of them, for a six-digit code or a national line under it. A flow of
-- the calendar (mart_coverage_calendar) that none of them has a figure of has a row that says why. China's own
-- yearly reports, where whole, are in columns that are null in every other row, which are safe to sum over the whole
-- table; the other columns are of whichever reporters are held in the period (reporters_held).
with reports as (
    select * from {{ ref('int_magnet__reports') }}
),

products as (
    select * from {{ ref('int_magnet__products') }}
),

china_listings as (
    select * from {{ ref('int_magnet__china_listings') }}
),

reference as (
    select * from {{ ref('fct_trade_reference') }}
    where
        is_latest
        and product_key in ({{ quoted(var('magnet_codes')) }})
        and coverage <> 'world_total'
        and (exporter_code in ('IND', 'CHN') or importer_code in ('IND', 'CHN'))
),

holdings as (
    select calendar.*
    from {{ ref('int_corridor__holdings') }} as calendar
    inner join products on calendar.product_key = products.product_key
    where calendar.exporter_code in ('IND', 'CHN') or calendar.importer_code in ('IND', 'CHN')
),

flows as (
    select
        exporter_code,
        importer_code,
        product_key,
        period_type,
        period_start,
        period_end
    from reports
    union
    select
        exporter_code,
        importer_code,
        product_key,
        period_type,
        period_start,
        period_end
    from reference
    union
    select
        exporter_code,
        importer_code,
        product_key,
        period_type,
        period_start,
        period_end
    from holdings
),

lines as (
    select
        reports.exporter_code,
        reports.importer_code,
        products.scope_code,
        reports.period_type,
        reports.period_start,
        reports.period_end,
        string_agg(distinct reports.product_key, ', ' order by reports.product_key) as held_lines
    from reports
    inner join products on reports.product_key = products.product_key
    where reports.product_key not like 'HS:%'
    group by
        reports.exporter_code, reports.importer_code, products.scope_code, reports.period_type, reports.period_start,
        reports.period_end
),

reporters as (
    select
        product_key,
        period_type,
        period_start,
        period_end,
        count(distinct reporter_code) as n_reporters,
        bool_and(reporter_code = 'CHN') as is_china_alone
    from reports
    group by product_key, period_type, period_start, period_end
)

select
    flows.exporter_code,
    exporters.area_name as exporter_name,
    flows.importer_code,
    importers.area_name as importer_name,
    case
        when flows.exporter_code = 'CHN' then 'china_exports'
        when flows.importer_code = 'CHN' then 'china_imports'
        when flows.exporter_code = 'IND' then 'india_exports'
        else 'india_imports'
    end as trade_direction,
    flows.product_key,
    products.scope_code,
    products.product_scope,
    flows.period_type,
    flows.period_start,
    flows.period_end,
    periods.period_label,
    cast(year(flows.period_start) as integer) as year,
    case
        when reporters.n_reporters is null then 'none'
        when reporters.is_china_alone then 'china_alone'
        when reporters.n_reporters < {{ var('least_exporters') }} then 'few'
        else 'many'
    end as reporters_held,
    case when china_listings.has_values then exports.value_usd end as china_exports_fob_usd,
    case when china_listings.has_weights then exports.net_weight_kg end as china_exports_kg,
    exports.value_usd as exporter_fob_usd,
    case when imports.valuation <> 'FOB' then imports.value_usd end as importer_cif_usd,
    case when imports.valuation = 'FOB' then imports.value_usd end as importer_fob_usd,
    imports.valuation as importer_valuation,
    reference.value_usd as reference_fob_usd,
    exports.value_local as exporter_value_local,
    exports.currency_code as exporter_currency_code,
    imports.value_local as importer_value_local,
    imports.currency_code as importer_currency_code,
    exports.net_weight_kg as exporter_kg,
    imports.net_weight_kg as importer_kg,
    reference.net_weight_kg as reference_kg,
    reference.coverage as reference_coverage,
    cast((coalesce(exports.value_usd, exports.value_local) is not null) as integer)
    + cast((coalesce(imports.value_usd, imports.value_local) is not null) as integer)
    + cast((reference.value_usd is not null) as integer) as n_figures,
    case when flows.product_key like 'HS:%' then lines.held_lines end as held_lines,
    case
        when coalesce(exports.product_key, imports.product_key, reference.product_key) is null
            then holdings.holding_status
        else 'held'
    end as holding_status,
    nullif(concat_ws('; ', exports.failed_rules, imports.failed_rules), '') as failed_rules
from flows
left join reports as exports
    on
        flows.exporter_code = exports.exporter_code
        and flows.importer_code = exports.importer_code
        and flows.product_key = exports.product_key
        and flows.period_type = exports.period_type
        and flows.period_start = exports.period_start
        and flows.period_end = exports.period_end
        and exports.flow = 'export'
left join reports as imports
    on
        flows.exporter_code = imports.exporter_code
        and flows.importer_code = imports.importer_code
        and flows.product_key = imports.product_key
        and flows.period_type = imports.period_type
        and flows.period_start = imports.period_start
        and flows.period_end = imports.period_end
        and imports.flow = 'import'
left join reference
    on
        flows.exporter_code = reference.exporter_code
        and flows.importer_code = reference.importer_code
        and flows.product_key = reference.product_key
        and flows.period_type = reference.period_type
        and flows.period_start = reference.period_start
        and flows.period_end = reference.period_end
left join holdings
    on
        flows.exporter_code = holdings.exporter_code
        and flows.importer_code = holdings.importer_code
        and flows.product_key = holdings.product_key
        and flows.period_type = holdings.period_type
        and flows.period_start = holdings.period_start
        and flows.period_end = holdings.period_end
left join china_listings
    on
        flows.exporter_code = 'CHN'
        and flows.product_key = china_listings.product_key
        and flows.period_type = 'calendar_year'
        and flows.period_start = china_listings.period_start
inner join products on flows.product_key = products.product_key
left join lines
    on
        flows.exporter_code = lines.exporter_code
        and flows.importer_code = lines.importer_code
        and products.scope_code = lines.scope_code
        and flows.period_type = lines.period_type
        and flows.period_start = lines.period_start
        and flows.period_end = lines.period_end
left join reporters
    on
        flows.product_key = reporters.product_key
        and flows.period_type = reporters.period_type
        and flows.period_start = reporters.period_start
        and flows.period_end = reporters.period_end
inner join {{ ref('dim_area') }} as exporters on flows.exporter_code = exporters.area_code
inner join {{ ref('dim_area') }} as importers on flows.importer_code = importers.area_code
inner join {{ ref('dim_period') }} as periods
    on
        flows.period_type = periods.period_type
        and flows.period_start = periods.period_start
        and flows.period_end = periods.period_end
