-- Grain: one series of figures: fact table × source × reporter × flow × product × period type, with its gaps named.
with statements as (
    {%- for fact in ['fct_trade_flow', 'fct_trade_total', 'fct_trade_rollup', 'fct_published_share'] %}
    select
        '{{ fact }}' as table_name,
        source_code,
        reporter_code,
        flow,
        product_key,
        cast(null as varchar) as series,
        period_type,
        period_start
    from {{ ref(fact) }}
    where is_latest
    union all
    {%- endfor %}
    select
        'fct_trade_reference' as table_name,
        source_code,
        cast(null as varchar) as reporter_code,
        cast(null as varchar) as flow,
        product_key,
        coverage as series,
        period_type,
        period_start
    from {{ ref('fct_trade_reference') }}
    where is_latest
    {%- for fact, year, series in [
        ('fct_production', 'year', 'series'), ('fct_reserves', 'as_of_year', 'cast(null as varchar)'),
        ('fct_world_total', 'year', 'measure'), ('fct_quota', 'year', 'quota_type'),
        ('fct_resources', 'year(as_of_end)', 'substance'),
    ] %}
    union all
    select
        '{{ fact }}' as table_name,
        source_code,
        cast(null as varchar) as reporter_code,
        cast(null as varchar) as flow,
        cast(null as varchar) as product_key,
        {{ series }} as series,
        'calendar_year' as period_type,
        make_date({{ year }}, 1, 1) as period_start
    from {{ ref(fact) }}
    where is_latest
    {%- endfor %}
),

periods as (
    select
        table_name,
        source_code,
        reporter_code,
        flow,
        product_key,
        series,
        period_type,
        period_start,
        count(*) as n_rows
    from statements
    group by table_name, source_code, reporter_code, flow, product_key, series, period_type, period_start
),

stepped as (
    select
        *,
        lag(period_start) over (
            partition by table_name, source_code, reporter_code, flow, product_key, series, period_type
            order by period_start
        ) as previous_start,
        case when period_type in ('month', 'month_range') then 1 else 12 end as step_months,
        case when period_type in ('month', 'month_range') then 7 else 4 end as label_length
    from periods
),

counted as (
    select
        *,
        coalesce(date_diff('month', previous_start, period_start) / step_months - 1, 0) as n_missing
    from stepped
),

gapped as (
    select
        *,
        case
            when date_diff('month', previous_start, period_start) > step_months
                then
                    left(strftime(previous_start + to_months(step_months), '%Y-%m'), label_length)
                    || case
                        when n_missing > 1
                            then '…' || left(strftime(period_start - to_months(step_months), '%Y-%m'), label_length)
                        else ''
                    end
        end as gap
    from counted
)

select
    table_name,
    source_code,
    reporter_code,
    flow,
    product_key,
    series,
    period_type,
    min(period_start) as first_period_start,
    max(period_start) as last_period_start,
    cast(count(*) as integer) as n_periods,
    cast(sum(n_missing) as integer) as n_missing_periods,
    string_agg(gap, ', ' order by period_start) as missing_periods,
    cast(sum(n_rows) as integer) as n_rows
from gapped
group by table_name, source_code, reporter_code, flow, product_key, series, period_type
