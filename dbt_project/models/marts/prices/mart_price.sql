-- Grain: one price of one material in one calendar year, by the newest edition that prints it, or one material and year
-- without a price. Beside it the unit values of the code that the material is traded under, another thing than a price.
-- They leave out flows whose unit value is an outlier, and are null where too much of the value is in such flows.
with materials as (
    select * from {{ ref('seed_priced_material') }}
),

prices as (
    select * from {{ ref('fct_price') }}
    where is_latest
),

flows as (
    select
        facts.reporter_code,
        facts.flow,
        facts.product_key,
        facts.period_start,
        facts.value_usd,
        facts.net_weight_kg,
        coalesce(flags.unit_value_flag = 'outlier', false) as is_outlier
    from {{ ref('fct_trade_flow') }} as facts
    left join {{ ref('mart_unit_value') }} as flags on facts.fact_id = flags.fact_id
    where
        facts.is_preferred
        and facts.period_type = 'calendar_year'
        and facts.reporter_code <> facts.partner_code
        and facts.weight_status = 'reported'
        and facts.net_weight_kg > 0
        and facts.value_usd > 0
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
        {{ exact_sum('value_usd', where='not is_outlier') }} as kept_usd,
        {{ exact_sum('net_weight_kg', where='not is_outlier') }} as kept_kg,
        {{ settled('1 - coalesce(kept_usd, 0) / ' ~ exact_sum('value_usd')) }} as outlier_share,
        outlier_share > {{ var('unit_value_most_outliers') }} as is_withheld,
        case when not is_withheld then {{ settled('kept_usd / kept_kg') }} end as usd_per_kg,
        cast(count(*) filter (where not is_outlier) as integer) as n_flows
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
        case
            when indian.is_withheld is null then 'not_held'
            when indian.is_withheld then 'outlier'
            else 'held'
        end as india_import_availability,
        indian.usd_per_kg as india_import_usd_per_kg,
        indian.outlier_share as india_import_outlier_share,
        coalesce(indian.n_flows, 0) as n_india_import_flows,
        case
            when chinese.is_withheld is null then 'not_held'
            when chinese.is_withheld then 'outlier'
            else 'held'
        end as china_export_availability,
        chinese.usd_per_kg as china_export_usd_per_kg,
        chinese.outlier_share as china_export_outlier_share,
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
