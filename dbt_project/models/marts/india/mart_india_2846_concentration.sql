-- Grain: one month of India's imports of rare-earth compounds (HS 2846): total, China's share, concentration.
with partners as (
    select * from {{ ref('mart_india_2846_imports') }}
    where partner_status = 'listed'
),

shares as (
    select
        period_start,
        count(*) as n_partners,
        {{ exact_sum('value_usd') }} as listed_partners_usd,
        max(case when partner_code = 'CHN' then value_usd end) as china_usd,
        {{ settled(hhi('share_of_partners')) }} as hhi
    from partners
    group by period_start
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
    totals.fact_id,
    totals.source_code,
    totals.period_type,
    totals.period_start,
    totals.period_end,
    strftime(totals.period_start, '%Y-%m') as period_label,
    totals.value_usd as printed_total_usd,
    totals.value_rounding_usd,
    case when shares.period_start is null then 'quarantined' else 'listed' end as partner_status,
    cast(coalesce(shares.n_partners, 0) as integer) as n_partners,
    shares.listed_partners_usd,
    case when shares.period_start is not null then coalesce(shares.china_usd, 0) end as china_usd,
    case
        when shares.period_start is not null
            then {{ settled('coalesce(shares.china_usd, 0) / nullif(shares.listed_partners_usd, 0)') }}
    end as china_share,
    shares.hhi
from totals
left join shares on totals.period_start = shares.period_start
