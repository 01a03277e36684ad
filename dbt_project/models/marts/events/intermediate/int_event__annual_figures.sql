-- Grain: China's exports of one code to one partner in one calendar year: the codes of event_annual_products and the
-- code they are compared with. Hong Kong and Macao pass goods on and are left out; an estimated weight is none.
with figures as (
    select * from {{ ref('int_trade__figures') }}
    where
        reporter_code = 'CHN'
        and flow = 'export'
        and period_type = 'calendar_year'
        and not is_partner_world
        and partner_code not in ('CHN', 'HKG', 'MAC')
        and value_usd is not null
        and product_key in ({{ quoted(var('event_annual_products') + [var('event_annual_comparison')]) }})
)

select
    source_code,
    product_key,
    partner_code,
    cast(year(period_start) as integer) as year,
    value_usd,
    case when weight_status = 'reported' then net_weight_kg end as net_weight_kg
from figures
-- of two reports of one flow the reported figure comes first
qualify row_number() over (
    partition by product_key, partner_code, period_start
    order by figure_basis <> 'reported', weight_status <> 'reported', source_code, fact_id
) = 1
