-- Grain: one yearly flow of permanent magnets (HS 8505.11, 8505.19) to or from India or China: what the exporter says,
-- what the importer says, and what the reference data set made of them. A year of a flow in the calendar
-- (mart_coverage_calendar) that none of them has a figure of has a row that says why.
with stated as (
    select
        reporter_code,
        partner_code,
        flow,
        product_key,
        cast(year(period_start) as integer) as year,
        valuation,
        value_usd,
        net_weight_kg,
        weight_status,
        false as is_built
    from {{ ref('trade_preferred_all_levels') }}
    where period_type = 'calendar_year'
    union all
    -- a year that a reporter does not state is the sum of its twelve months
    select
        reporter_code,
        partner_code,
        flow,
        product_key,
        cast(year(period_start) as integer) as year,
        valuation,
        value_usd,
        net_weight_kg,
        weight_status,
        true as is_built
    from {{ ref('int_trade__built_years') }}
    where
        period_type = 'calendar_year'
        and not is_partner_world
),

reports as (
    select
        case flow when 'export' then reporter_code else partner_code end as exporter_code,
        case flow when 'export' then partner_code else reporter_code end as importer_code,
        flow,
        product_key,
        year,
        valuation,
        value_usd,
        case when weight_status = 'reported' then net_weight_kg end as net_weight_kg
    from stated
    where
        product_key in ('HS:850511', 'HS:850519')
        and reporter_code <> partner_code
    qualify row_number() over (partition by reporter_code, partner_code, flow, product_key, year order by is_built) = 1
),

reference as (
    select
        exporter_code,
        importer_code,
        product_key,
        year(period_start) as year,
        value_usd,
        net_weight_kg,
        coverage
    from {{ ref('fct_trade_reference') }}
    where
        is_latest
        and product_key in ('HS:850511', 'HS:850519')
        and coverage <> 'world_total'
),

holdings as (
    select
        exporter_code,
        importer_code,
        product_key,
        cast(year(period_start) as integer) as year,
        holding_status
    from {{ ref('int_corridor__holdings') }}
    where
        product_key in ('HS:850511', 'HS:850519')
        and period_type = 'calendar_year'
),

flows as (
    select
        exporter_code,
        importer_code,
        product_key,
        year
    from reports
    union
    select
        exporter_code,
        importer_code,
        product_key,
        year
    from reference
    union
    select
        exporter_code,
        importer_code,
        product_key,
        year
    from holdings
)

select
    flows.exporter_code,
    exporters.area_name as exporter_name,
    flows.importer_code,
    importers.area_name as importer_name,
    flows.product_key,
    {{ calendar_year_columns('flows.year') }},
    cast(flows.year as integer) as year,
    exports.value_usd as exporter_fob_usd,
    case when coalesce(imports.valuation, 'CIF') <> 'FOB' then imports.value_usd end as importer_cif_usd,
    case when imports.valuation = 'FOB' then imports.value_usd end as importer_fob_usd,
    reference.value_usd as reference_fob_usd,
    exports.net_weight_kg as exporter_kg,
    imports.net_weight_kg as importer_kg,
    reference.net_weight_kg as reference_kg,
    reference.coverage as reference_coverage,
    cast((exports.value_usd is not null) as integer) + cast((imports.value_usd is not null) as integer)
    + cast((reference.value_usd is not null) as integer) as n_figures,
    case when coalesce(exports.year, imports.year, reference.year) is null then holdings.holding_status else 'held' end
        as holding_status
from flows
left join reports as exports
    on
        flows.exporter_code = exports.exporter_code
        and flows.importer_code = exports.importer_code
        and flows.product_key = exports.product_key
        and flows.year = exports.year
        and exports.flow = 'export'
left join reports as imports
    on
        flows.exporter_code = imports.exporter_code
        and flows.importer_code = imports.importer_code
        and flows.product_key = imports.product_key
        and flows.year = imports.year
        and imports.flow = 'import'
left join reference
    on
        flows.exporter_code = reference.exporter_code
        and flows.importer_code = reference.importer_code
        and flows.product_key = reference.product_key
        and flows.year = reference.year
left join holdings
    on
        flows.exporter_code = holdings.exporter_code
        and flows.importer_code = holdings.importer_code
        and flows.product_key = holdings.product_key
        and flows.year = holdings.year
inner join {{ ref('dim_area') }} as exporters on flows.exporter_code = exporters.area_code
inner join {{ ref('dim_area') }} as importers on flows.importer_code = importers.area_code
where
    flows.exporter_code in ('IND', 'CHN')
    or flows.importer_code in ('IND', 'CHN')
