-- Grain: one series of figures: fact table × source × reporter × flow × product × period type, with its gaps named.
-- noqa: disable=LT02
with statements as (
    {%- for table, about in stated_facts().items() %}
    select
        '{{ table }}' as table_name,
        source_code,
        {{ key_column(about, ['reporter_code']) }} as reporter_code,
        {{ key_column(about, ['flow']) }} as flow,
        {{ key_column(about, ['product_key']) }} as product_key,
        {{ about.series or 'cast(null as varchar)' }} as series,
        {{ 'true' if about.chosen_years else 'false' }} as has_chosen_years,
        {{ "'calendar_year' as period_type" if about.by_year else 'period_type' }},
        {{ 'make_date(year(period_end), 1, 1) as period_start' if about.by_year else 'period_start' }}
    from {{ ref(table) }}
    where is_latest
    {%- if not loop.last %}
    union all
    {%- endif %}
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
        bool_or(has_chosen_years) as has_chosen_years,
        count(*) as n_rows
    from statements
    group by table_name, source_code, reporter_code, flow, product_key, series, period_type, period_start
),

stepped as (
    select
        *,
        case
            when not has_chosen_years
                then
                    lag(period_start) over (
                        partition by table_name, source_code, reporter_code, flow, product_key, series, period_type
                        order by period_start
                    )
        end as previous_start,
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
),

published as (
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
)

{{ named('published', ['reporter_code']) }}
