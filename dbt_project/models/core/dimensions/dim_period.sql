-- Grain: one period that some fact speaks of.
with periods as (
    {%- for fact in [
        'fct_trade_flow', 'fct_trade_total', 'fct_trade_rollup', 'fct_trade_mirror', 'fct_trade_reference',
        'fct_published_share', 'fct_production',
    ] %}
    select
        period_type,
        period_start,
        period_end
    from {{ ref(fact) }}
    {%- if not loop.last %}
    union
    {%- endif %}
    {%- endfor %}
)

select
    period_type,
    period_start,
    period_end,
    case
        when period_type = 'month' then strftime(period_start, '%Y-%m')
        when period_type = 'calendar_year' then strftime(period_start, '%Y')
        when period_type = 'fiscal_year' then 'FY' || strftime(period_start, '%Y') || '-' || strftime(period_end, '%y')
        else strftime(period_start, '%Y-%m') || '/' || strftime(period_end, '%Y-%m')
    end as label,
    cast(year(period_start) as integer) as calendar_year,
    cast(year(period_start) - case when month(period_start) < 4 then 1 else 0 end as integer) as india_fiscal_year_start
from periods
