-- trade_preferred_all_levels counts each flow once: no flow without a preferred report, none with two.
with reports as (
    select * from {{ as_built(ref('fct_trade_flow')) }}
    union all
    select * from {{ as_built(ref('fct_trade_total')) }}
)

select
    reporter_code,
    partner_code,
    flow,
    product_key,
    period_type,
    period_start,
    period_end,
    sum(case when is_preferred then 1 else 0 end) as n_preferred
from reports
where is_latest
group by reporter_code, partner_code, flow, product_key, period_type, period_start, period_end
having sum(case when is_preferred then 1 else 0 end) <> 1
