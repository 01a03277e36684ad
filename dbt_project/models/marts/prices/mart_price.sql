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
        product_key,
        period_start,
        {%- for side, (reporter, flow) in {'india_import': ('IND', 'import'), 'china_export': ('CHN', 'export')}.items() %}
        {%- set own = "reporter_code = '" ~ reporter ~ "' and flow = '" ~ flow ~ "'" %}
        {{ settled('sum(value_usd) filter (where ' ~ own ~ ') / sum(net_weight_kg) filter (where ' ~ own ~ ')') }}
            as {{ side }}_usd_per_kg,
        cast(count(*) filter (where {{ own }}) as integer) as n_{{ side }}_flows{{ "," if not loop.last }}
        {%- endfor %}
    from flows
    group by product_key, period_start
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
        case when unit_values.india_import_usd_per_kg is null then 'not_held' else 'held' end as india_import_availability,
        unit_values.india_import_usd_per_kg,
        coalesce(unit_values.n_india_import_flows, 0) as n_india_import_flows,
        case when unit_values.china_export_usd_per_kg is null then 'not_held' else 'held' end as china_export_availability,
        unit_values.china_export_usd_per_kg,
        coalesce(unit_values.n_china_export_flows, 0) as n_china_export_flows
    from materials
    cross join years
    left join prices
        on
            materials.elements = prices.elements
            and materials.form = prices.form
            and years.year = prices.year
    left join unit_values
        on
            materials.unit_value_product_key = unit_values.product_key
            and years.period_start = unit_values.period_start
)

select * from published
