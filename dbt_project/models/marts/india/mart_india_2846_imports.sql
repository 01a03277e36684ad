-- Grain: India's imports of rare-earth compounds (HS 2846) from one partner in one month. A month whose partners are in
-- quarantine has one row, of partner "unspecified", with its printed total: sums over partners stay whole.
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
),

listed as (
    select
        flows.fact_id,
        flows.source_code,
        flows.period_type,
        flows.period_start,
        flows.period_end,
        flows.partner_code,
        flows.value_usd,
        flows.value_rounding_usd,
        flows.value_status,
        totals.value_usd as printed_total_usd,
        {{ exact_sum('flows.value_usd', over='same_month') }} as listed_partners_usd,
        {{ settled(share_of_sum('flows.value_usd', over='same_month')) }} as share_of_partners,
        'listed' as partner_status,
        flows.failed_rules
    from flows
    left join totals on flows.period_start = totals.period_start
    window same_month as (partition by flows.period_start)
),

set_aside as (
    select
        fact_id,
        source_code,
        period_type,
        period_start,
        period_end,
        'XUNS' as partner_code,
        value_usd,
        value_rounding_usd,
        value_status,
        value_usd as printed_total_usd,
        cast(null as double) as listed_partners_usd,
        cast(null as double) as share_of_partners,
        'quarantined' as partner_status,
        failed_rules
    from totals
    where period_start not in (select flows.period_start from flows)
),

months as (
    select * from listed
    union all
    select * from set_aside
)

select
    months.fact_id,
    months.source_code,
    months.period_type,
    months.period_start,
    months.period_end,
    strftime(months.period_start, '%Y-%m') as period_label,
    months.partner_code,
    areas.area_name as partner_name,
    months.value_usd,
    months.value_rounding_usd,
    months.value_status,
    months.printed_total_usd,
    months.listed_partners_usd,
    months.share_of_partners,
    months.partner_status,
    months.failed_rules
from months
inner join {{ ref('dim_area') }} as areas on months.partner_code = areas.area_code
