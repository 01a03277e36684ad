-- Grain: one calendar year of which something of India's production or trade is known × one stage of the chain, with
-- the mine production of the year at the stage of ore. No source states India's output at any later stage.
with production as (
    select * from {{ ref('fct_production') }}
    where
        country_code = 'IND'
        and is_preferred
        and period_type = 'calendar_year'
),

years as (
    select year from production
    union
    select year from {{ ref('int_india_supply__figures') }}
    union
    select year from {{ ref('int_india_supply__values') }}
    union
    select cast(year(period_start) as integer) as year
    from {{ ref('int_trade__figures') }}
    where reporter_code = 'IND'
)

select
    stages.stage_code,
    stages.stage_name,
    stages.stage_order,
    stages.stage_code = 'ore' as is_mined,
    years.year,
    production.fact_id as production_fact_id,
    production.source_code as production_source_code,
    production.value_status as production_status,
    production.reo_tonnes_low,
    production.reo_tonnes_central,
    production.reo_tonnes_high
from years
cross join {{ ref('dim_stage') }} as stages
left join production
    on
        years.year = production.year
        and stages.stage_code = 'ore'
