-- Grain: one importer's supply of one product in one period by one source's imports (source_code, figure_basis). Years
-- built from months are an account only where the source does not state the year itself. Shares are of the suppliers
-- listed; a listing of selected partners has none that means anything (has_selected_partners). Hubs of re-exports
-- (seed_trade_hub) are suppliers like others, and added up apart.
{{ config(materialized='incremental') }}
with figures as (
    select * from {{ of_years(ref('int_trade__figures')) }}
    where
        flow = 'import'
        and reporter_code <> partner_code
),

built_years as (
    select * from {{ of_years(ref('int_trade__built_years')) }}
    where
        flow = 'import'
        and not is_partner_world
        and reporter_code <> partner_code
),

reported_years as (
    select distinct
        source_code,
        reporter_code,
        product_key,
        period_type,
        period_start
    from figures
    where
        figure_basis = 'reported'
        or period_type = 'fiscal_year'
),

deliveries as (
    select
        source_code,
        figure_basis,
        cast(null as varchar) as supply_basis,
        reporter_code as importer_code,
        product_key,
        period_type,
        period_start,
        period_end,
        partner_code as supplier_code,
        value_usd,
        net_weight_kg,
        coalesce(value_usd > 0 and net_weight_kg is null, false) as lacks_weight,
        weight_status = 'estimated' as has_estimated_weights,
        valuation,
        source_code in ({{ quoted(var('sources_of_selected_partners')) }}) as has_selected_partners
    from figures
    where not is_partner_world
    union all
    select
        built_years.source_code,
        'built_from_months' as figure_basis,
        cast(null as varchar) as supply_basis,
        built_years.reporter_code as importer_code,
        built_years.product_key,
        built_years.period_type,
        built_years.period_start,
        built_years.period_end,
        built_years.partner_code as supplier_code,
        built_years.value_usd,
        built_years.net_weight_kg,
        coalesce(built_years.value_usd > 0 and built_years.net_weight_kg is null, false) as lacks_weight,
        built_years.weight_status = 'estimated' as has_estimated_weights,
        built_years.valuation,
        built_years.source_code in ({{ quoted(var('sources_of_selected_partners')) }}) as has_selected_partners
    from built_years
    left join reported_years
        on
            built_years.source_code = reported_years.source_code
            and built_years.reporter_code = reported_years.reporter_code
            and built_years.product_key = reported_years.product_key
            and built_years.period_type = reported_years.period_type
            and built_years.period_start = reported_years.period_start
    where reported_years.period_start is null
),

{{ supply_sums() }}

select * from sums
