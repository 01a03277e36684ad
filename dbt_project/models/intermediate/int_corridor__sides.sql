-- Grain: one side's figure of one India–China flow: exporter or importer, product and period. A calendar year the
-- side reports as such comes before one built from its months.
with reported as (
    select
        fact_id,
        reporter_code,
        partner_code,
        flow,
        product_key,
        hs_code,
        period_type,
        period_start,
        period_end,
        valuation,
        value_usd,
        coalesce(value_low_usd, value_usd - value_rounding_usd) as value_low_usd,
        coalesce(value_high_usd, value_usd + value_rounding_usd) as value_high_usd,
        net_weight_kg,
        net_weight_kg - coalesce(weight_rounding_kg, 0) as weight_low_kg,
        net_weight_kg + coalesce(weight_rounding_kg, 0) as weight_high_kg,
        weight_status,
        known_from,
        'reported' as period_basis,
        1 as preference
    from {{ ref('int_trade__resolved') }}
    where
        is_preferred
        and not is_partner_world
),

built as (
    select
        cast(null as varchar) as fact_id,
        reporter_code,
        partner_code,
        flow,
        product_key,
        hs_code,
        'calendar_year' as period_type,
        make_date(year, 1, 1) as period_start,
        make_date(year, 12, 31) as period_end,
        valuation,
        value_usd,
        value_low_usd,
        value_high_usd,
        net_weight_kg,
        net_weight_kg as weight_low_kg,
        net_weight_kg as weight_high_kg,
        weight_status,
        known_from,
        'built_from_months' as period_basis,
        2 as preference
    from {{ ref('int_trade__built_years') }}
),

corridor as (
    select * from reported
    union all
    select * from built
),

chosen as (
    select
        *,
        case when flow = 'export' then reporter_code else partner_code end as exporter_code,
        case when flow = 'export' then partner_code else reporter_code end as importer_code
    from corridor
    where
        reporter_code in ('IND', 'CHN')
        and partner_code in ('IND', 'CHN')
        and reporter_code <> partner_code
    qualify row_number() over (
        partition by reporter_code, partner_code, flow, product_key, period_type, period_start
        order by preference, value_high_usd - value_low_usd, fact_id
    ) = 1
)

select * from chosen
