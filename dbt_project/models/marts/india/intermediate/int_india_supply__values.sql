-- Grain: one of India's flows with the whole world in US$: flow × code × year, calendar or fiscal. The printed total of
-- the year, else twelve printed months added up, else the year's partners added up.
with years as (
    select
        period_type,
        flow,
        product_key,
        cast(year(period_start) as integer) as year,
        case when is_partner_world then 1 else 3 end as preference,
        {{ exact_sum('value_usd') }} as value_usd
    from {{ ref('int_trade__figures') }}
    where
        reporter_code = 'IND'
        and period_type in ('calendar_year', 'fiscal_year')
        and product_key like 'HS:%'
    group by period_type, flow, product_key, year(period_start), is_partner_world, source_code, figure_basis
    having count(value_usd) = count(*)
),

months as (
    select
        'calendar_year' as period_type,
        flow,
        product_key,
        cast(year(period_start) as integer) as year,
        2 as preference,
        {{ exact_sum('value_usd') }} as value_usd
    from {{ ref('int_trade__months') }}
    where
        reporter_code = 'IND'
        and is_partner_world
        and product_key like 'HS:%'
    group by source_code, flow, product_key, year(period_start)
    having count(value_usd) = 12
),

figures as (
    select * from years
    union all
    select * from months
)

select
    period_type,
    flow,
    product_key,
    year,
    value_usd
from figures
qualify row_number() over (
    partition by period_type, flow, product_key, year order by preference, value_usd
) = 1
