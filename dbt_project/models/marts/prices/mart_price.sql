-- Grain: one price of one material in one calendar year, by the newest edition that prints it, or one material and year
-- without a price. Beside it the unit values of the code that the material is traded under: another thing than a price.
with materials as (
    select * from {{ ref('seed_priced_material') }}
),

prices as (
    select * from {{ ref('fct_price') }}
    where is_latest
),

flows as (
    select * from {{ ref('fct_trade_flow') }}
    where
        is_preferred
        and period_type = 'calendar_year'
        and reporter_code <> partner_code
        and weight_status = 'reported'
        and net_weight_kg > 0
        and value_usd > 0
),

years as (
    select distinct
        year,
        period_type,
        period_start,
        period_end
    from prices
),

unit_values as (
    select
        reporter_code,
        flow,
        product_key,
        period_start,
        {{ settled('sum(value_usd) / sum(net_weight_kg)') }} as usd_per_kg,
        cast(count(*) as integer) as n_flows
    from flows
    group by reporter_code, flow, product_key, period_start
),

published as (
    select
        materials.material_name,
        materials.elements,
        materials.form,
        prices.purity,
        prices.lot,
        prices.price_type,
        prices.price_terms,
        prices.unit_basis,
        prices.fact_id as price_fact_id,
        prices.source_code as price_source_code,
        prices.edition as price_edition,
        years.year,
        years.period_type,
        years.period_start,
        years.period_end,
        case
            when prices.fact_id is null then 'not_held'
            when prices.value_status in ('not_available', 'withheld') then 'not_available'
            else 'held'
        end as price_availability,
        prices.value_status as price_status,
        prices.price_usd_per_kg,
        prices.price_usd_per_kg_low,
        prices.price_usd_per_kg_high,
        materials.unit_value_product_key,
        case when indian.usd_per_kg is null then 'not_held' else 'held' end as india_import_availability,
        indian.usd_per_kg as india_import_usd_per_kg,
        coalesce(indian.n_flows, 0) as n_india_import_flows,
        case when chinese.usd_per_kg is null then 'not_held' else 'held' end as china_export_availability,
        chinese.usd_per_kg as china_export_usd_per_kg,
        coalesce(chinese.n_flows, 0) as n_china_export_flows
    from materials
    cross join years
    left join prices
        on
            materials.elements = prices.elements
            and materials.form = prices.form
            and years.year = prices.year
    left join unit_values as indian
        on
            materials.unit_value_product_key = indian.product_key
            and years.period_start = indian.period_start
            and indian.reporter_code = 'IND'
            and indian.flow = 'import'
    left join unit_values as chinese
        on
            materials.unit_value_product_key = chinese.product_key
            and years.period_start = chinese.period_start
            and chinese.reporter_code = 'CHN'
            and chinese.flow = 'export'
)

select * from published
