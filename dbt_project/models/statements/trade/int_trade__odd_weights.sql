-- Grain: one current yearly report whose unit value lies far from those of the same flow in the years around it: its
-- weight looks off by ten. Of all years at once, since each is held against others (macros/years.sql).
{{ config(materialized='table', post_hook='{{ build_years_of_other_weights() }}') }}
{%- set limits = var('failed_rules') %}
with unit_values as (
    select
        fact_id,
        period_start,
        value_usd / net_weight_kg as unit_value,
        median(value_usd / net_weight_kg) over (
            partition by reporter_code, partner_code, flow, product_key
            order by period_start
            rows between {{ limits.unit_value_years }} preceding and {{ limits.unit_value_years }} following
        ) as usual
    from {{ ref('int_trade__resolved') }}
    where
        known_to is null
        and is_preferred
        and not is_partner_world
        and period_type = 'calendar_year'
        and weight_status = 'reported'
        and {{ exceeds('net_weight_kg', limits.unit_value_least_kg) }}
        and {{ exceeds('value_usd', limits.unit_value_least_usd) }}
)

select
    fact_id,
    period_start,
    'yearly_weights_do_not_fall_or_rise_tenfold_without_the_value' as rule,
    'implausible' as failure_kind,
    cast(null as varchar) as other_fact_id,
    {{ settled('unit_value / usual') }} as times,
    concat(
        {{ two_decimals('unit_value') }}, ' US$ per kg, where the years around it have ',
        {{ two_decimals('usual') }}, ' in the middle'
    ) as words
from unit_values
where
    {{ exceeds('unit_value', limits.unit_value_beyond_factor ~ ' * usual') }}
    or {{ exceeds('usual', limits.unit_value_beyond_factor ~ ' * unit_value') }}
