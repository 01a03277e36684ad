-- Grain: one current flow of India or China with a value and a reported weight: US$ per kg, and how far it lies from
-- what the trade of its product and year is worth: the value-weighted median over all flows in the data, on the log
-- scale, in value-weighted median absolute deviations, which have a floor.
{{ config(materialized='incremental') }}
{%- set same_trade = 'partition by product_key, period_type, year(period_start)' %}
{%- set least_outlier = var('outlier_z') ~ ' * ' ~ var('mad_scale') ~ ' * mad_log' %}
with figures as (
    select
        *,
        year(period_start) as year
    from {{ of_years(ref('int_trade__figures')) }}
    where
        not is_partner_world
        and reporter_code <> partner_code
        and weight_status = 'reported'
        and net_weight_kg > 0
        and value_usd > 0
),

-- only what India or China trade is published, so only that is compared
followed as (
    select distinct
        product_key,
        period_type,
        year
    from figures
    where reporter_code in ('IND', 'CHN')
),

priced as (
    select
        figures.fact_id,
        figures.source_code,
        figures.reporter_code,
        figures.partner_code,
        figures.flow,
        figures.product_key,
        figures.period_type,
        figures.period_start,
        figures.period_end,
        figures.value_usd,
        figures.net_weight_kg,
        {{ settled('figures.value_usd / figures.net_weight_kg') }} as unit_value_usd_per_kg,
        {{ settled('ln(figures.value_usd / figures.net_weight_kg)') }} as log_unit_value
    from figures
    inner join followed
        on
            figures.product_key = followed.product_key
            and figures.period_type = followed.period_type
            and figures.year = followed.year
),

ordered as (
    select
        *,
        {{ exact_sum('value_usd', over='(' ~ same_trade ~ ' order by log_unit_value, fact_id)') }} as value_up_to,
        {{ exact_sum('value_usd', over='(' ~ same_trade ~ ')') }} as value_of_all,
        count(*) over ({{ same_trade }}) as n_flows
    from priced
),

centred as (
    select
        *,
        min(log_unit_value) filter (where value_up_to >= value_of_all - value_up_to) over ({{ same_trade }})
            as median_log,
        {{ settled('abs(log_unit_value - median_log)') }} as deviation
    from ordered
),

by_deviation as (
    select
        *,
        {{ exact_sum('value_usd', over='(' ~ same_trade ~ ' order by deviation, fact_id)') }} as value_within
    from centred
),

spread as (
    select
        *,
        greatest(
            min(deviation) filter (where value_within >= value_of_all - value_within) over ({{ same_trade }}),
            {{ var('unit_value_least_mad') }}
        ) as mad_log
    from by_deviation
),

failures as (
    {{ failed_rules_by_fact(of_years(ref('int_trade__failed_rules'))) }}
),

published as (
    select
        spread.fact_id,
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
            when n_flows >= {{ var('unit_value_least_flows') }}
                then {{ settled(robust_z('log_unit_value', 'median_log', 'mad_log')) }}
        end as robust_z,
        case
            when n_flows < {{ var('unit_value_least_flows') }} then 'too_few_flows'
            when {{ exceeds('deviation', least_outlier) }} then 'outlier'
            else 'normal'
        end as unit_value_flag,
        failures.failed_rules
    from spread
    left join failures on spread.fact_id = failures.fact_id
    where reporter_code in ('IND', 'CHN')
)

{{ named('published', ['reporter_code', 'partner_code']) }}
