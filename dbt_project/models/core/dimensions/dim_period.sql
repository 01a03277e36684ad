-- Grain: one period: every month, calendar year and Indian fiscal year from var first_period_year to the year that
-- the release ends in, and every other period that a publisher's figure is of: ranges of months, days, fiscal years
-- of other countries (Australia's begin in July).
-- noqa: disable=LT02
with years as (
    select unnest(generate_series({{ var('first_period_year') }}, year(as_of_day))) as year
    from {{ ref('stg_ledger__as_of') }}
),

months as (
    select make_date(year, unnest(generate_series(1, 12)), 1) as first_day
    from years
),

periods as (
    select
        'month' as period_type,
        first_day as period_start,
        last_day(first_day) as period_end
    from months
    union all
    select
        'calendar_year' as period_type,
        make_date(year, 1, 1) as period_start,
        make_date(year, 12, 31) as period_end
    from years
    union all
    select
        'fiscal_year' as period_type,
        make_date(year, 4, 1) as period_start,
        make_date(year + 1, 3, 31) as period_end
    from years
    {%- for model in [
        'int_mineral_statistics__stated', 'int_trade__stated', 'int_published_shares__stated', 'int_trade_reference__stated',
        'int_trade_via__stated', 'int_prices__stated', 'int_salient__stated', 'int_outlook__stated', 'int_deployment__stated',
    ] %}
    union
    select
        period_type,
        period_start,
        period_end
    from {{ ref(model) }}
    {%- endfor %}
    union
    select
        'day' as period_type,
        as_of_start as period_start,
        as_of_end as period_end
    from {{ ref('int_resources__stated') }}
    where as_of_start = as_of_end
)

select
    period_type,
    period_start,
    period_end,
    case
        when period_type = 'day' then strftime(period_start, '%Y-%m-%d')
        when period_type = 'month' then strftime(period_start, '%Y-%m')
        when period_type = 'calendar_year' then strftime(period_start, '%Y')
        when period_type = 'year_range' then strftime(period_start, '%Y') || '-' || strftime(period_end, '%y')
        when period_type = 'fiscal_year' then 'FY' || strftime(period_start, '%Y') || '-' || strftime(period_end, '%y')
        else strftime(period_start, '%Y-%m') || '/' || strftime(period_end, '%Y-%m')
    end as period_label,
    cast(year(period_start) as integer) as calendar_year,
    cast(year(period_start) - case when month(period_start) < 4 then 1 else 0 end as integer) as india_fiscal_year_start
from periods
