-- Grain: one statement or roll-up whose weight is known, in tonnes of rare-earth oxide. Bounds hold the rounding of
-- the weight and the range of the factor. A roll-up is the sum of its lines, each by its own factor; a line printed as
-- 0 kg counts as 0 within its rounding. The central figure is null where a factor has none.
{{ config(materialized='incremental') }}
with factors as (
    select * from {{ ref('int_products__reo_factors') }}
),

statements as (
    select * from {{ of_years(ref('int_trade__resolved')) }}
),

members as (
    select * from {{ of_years(ref('int_trade__rollup_members')) }}
),

reports as (
    select
        statements.fact_id,
        statements.period_start,
        factors.reo_factor_id,
        {{ settled(
            'greatest(statements.net_weight_kg - coalesce(statements.weight_rounding_kg, 0), 0) / 1000 * factors.factor_low'
        ) }} as reo_tonnes_low,
        {{ settled('statements.net_weight_kg / 1000 * factors.factor_central') }} as reo_tonnes_central,
        {{ settled(
            '(statements.net_weight_kg + coalesce(statements.weight_rounding_kg, 0)) / 1000 * factors.factor_high'
        ) }} as reo_tonnes_high
    from statements
    inner join factors on statements.product_key = factors.product_key
    where
        statements.net_weight_kg is not null
        and factors.reo_factor_id is not null
),

lines as (
    select
        members.rollup_fact_id,
        members.period_start,
        factors.reo_factor_id is not null
        and (members.net_weight_kg is not null or members.weight_status = 'at_most') as is_weighed,
        greatest(coalesce(members.net_weight_kg, 0) - coalesce(members.weight_rounding_kg, 0), 0) / 1000
        * factors.factor_low as reo_tonnes_low,
        case
            when members.weight_status = 'at_most' then 0
            else members.net_weight_kg / 1000 * factors.factor_central
        end as reo_tonnes_central,
        (coalesce(members.net_weight_kg, 0) + coalesce(members.weight_rounding_kg, 0)) / 1000 * factors.factor_high
            as reo_tonnes_high
    from members
    left join factors on members.product_key = factors.product_key
),

rollups as (
    select
        rollup_fact_id as fact_id,
        period_start,
        'lines_added_up' as reo_factor_id,
        {{ settled(exact_sum('reo_tonnes_low', scale=9)) }} as reo_tonnes_low,
        {{ settled(complete_sum('reo_tonnes_central', scale=9)) }} as reo_tonnes_central,
        {{ settled(exact_sum('reo_tonnes_high', scale=9)) }} as reo_tonnes_high
    from lines
    group by rollup_fact_id, period_start
    having bool_and(is_weighed)
)

select
    fact_id,
    period_start,
    reo_tonnes_low,
    reo_tonnes_central,
    reo_tonnes_high,
    reo_factor_id
from reports
union all
select
    fact_id,
    period_start,
    reo_tonnes_low,
    reo_tonnes_central,
    reo_tonnes_high,
    reo_factor_id
from rollups
