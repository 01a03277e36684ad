-- Grain: India's imports of rare-earth compounds (HS 2846) from one partner in one month.
with flows as (
    select * from {{ ref('fct_trade_flow') }}
    where
        is_preferred
        and reporter_code = 'IND'
        and flow = 'import'
        and product_key = 'HS:2846'
        and period_type = 'month'
),

totals as (
    select * from {{ ref('fct_trade_total') }}
    where
        is_preferred
        and reporter_code = 'IND'
        and flow = 'import'
        and product_key = 'HS:2846'
        and period_type = 'month'
)

select
    flows.fact_id,
    flows.source_code,
    flows.period_type,
    flows.period_start,
    flows.period_end,
    strftime(flows.period_start, '%Y-%m') as period_label,
    flows.partner_code,
    areas.area_name as partner_name,
    flows.value_usd,
    flows.value_rounding_usd,
    flows.value_status,
    totals.value_usd as printed_total_usd,
    {{ exact_sum('flows.value_usd', over='same_month') }} as listed_partners_usd,
    {{ settled(share_of_sum('flows.value_usd', over='same_month')) }} as share_of_partners
from flows
inner join {{ ref('dim_area') }} as areas on flows.partner_code = areas.area_code
left join totals on flows.period_start = totals.period_start
window same_month as (partition by flows.period_start)
