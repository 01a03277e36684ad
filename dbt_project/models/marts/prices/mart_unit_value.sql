-- Grain: one current flow of India or China with a value and a reported weight: US$ per kg, and how far it lies from
-- the median of its reporter, flow, product and year on the log scale, in median absolute deviations.
{%- set least_outlier = var('outlier_z') ~ ' * ' ~ var('mad_scale') ~ ' * mad_log' %}
with priced as (
    select
        fact_id,
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        period_type,
        period_start,
        period_end,
        value_usd,
        net_weight_kg,
        {{ settled('value_usd / net_weight_kg') }} as unit_value_usd_per_kg,
        {{ settled('ln(value_usd / net_weight_kg)') }} as log_unit_value
    from {{ ref('int_trade__figures') }}
    where
        not is_partner_world
        and reporter_code in ('IND', 'CHN')
        and reporter_code <> partner_code
        and weight_status = 'reported'
        and net_weight_kg > 0
        and value_usd > 0
),

centred as (
    select
        *,
        {{ settled('median(log_unit_value) over (same_year)') }} as median_log,
        count(*) over (same_year) as n_flows
    from priced
    window same_year as (
        partition by source_code, reporter_code, flow, product_key, period_type, year(period_start)
    )
),

spread as (
    select
        *,
        {{ settled('median(abs(log_unit_value - median_log)) over (same_year)') }} as mad_log
    from centred
    window same_year as (
        partition by source_code, reporter_code, flow, product_key, period_type, year(period_start)
    )
),

published as (
    select
        fact_id,
        source_code,
        reporter_code,
        partner_code,
        flow,
        product_key,
        period_type,
        period_start,
        period_end,
        value_usd,
        net_weight_kg,
        unit_value_usd_per_kg,
        {{ settled('exp(median_log)') }} as median_usd_per_kg,
        cast(n_flows as integer) as n_flows,
        case
            when n_flows >= {{ var('unit_value_least_flows') }} and mad_log > 0
                then {{ settled(robust_z('log_unit_value', 'median_log', 'mad_log')) }}
        end as robust_z,
        case
            when n_flows < {{ var('unit_value_least_flows') }} or mad_log = 0 then 'too_few_flows'
            when {{ exceeds('abs(log_unit_value - median_log)', least_outlier) }} then 'outlier'
            else 'normal'
        end as unit_value_flag
    from spread
)

{{ named('published', ['reporter_code', 'partner_code']) }}
